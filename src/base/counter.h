/* SPDX-License-Identifier: ISC
 * counter: a named number that only grows; each part keeps an array of its own, status shows them
 * all. */
#ifndef BASE_COUNTER_H
#define BASE_COUNTER_H

#include <stddef.h>
#include <stdint.h>

/* `name` is a static string in lower case with hyphens ("malformed"). */
struct counter {
	const char *name;
	uint64_t value;
};

/* A part's counters, borrowed; `group` is the part's name ("ssdp"). */
struct counter_group {
	const char *group;
	const struct counter *counters;
	size_t count;
};

#endif

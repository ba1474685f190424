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

/* Gives an array of counters their names, and zeros. */
static inline void counters_init(struct counter *counters, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		counters[i] = (struct counter){names[i], 0};
}

/* A part's counters, borrowed; `group` is the part's name ("table"). */
struct counter_group {
	const char *group;
	const struct counter *counters;
	size_t count;
};

#endif

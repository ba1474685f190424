/* SPDX-License-Identifier: ISC
 * hook_environment: the environment of a program that is run for an event. */
#ifndef HISTORY_HOOK_ENVIRONMENT_H
#define HISTORY_HOOK_ENVIRONMENT_H

#include "history/facts.h"

#include <stdint.h>

/* All is borrowed; texts that are not known are NULL. */
struct hook_event {
	const char *kind; /* "new", "added", "removed", "moved" */
	const struct facts *facts;
	const char *alias;
	const char *old_address; /* of "moved" */
	int64_t at, first_seen;  /* seconds since 1970 */
};

/* The strings "NAME=value" and a NULL behind them, for one free(): PATH, LANG, and DISCOVERD_…,
 * which is empty where it is not known; nothing of this process. NULL: out of memory. */
char **hook_environment_new(const struct hook_event *event);

#endif

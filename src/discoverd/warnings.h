/* SPDX-License-Identifier: ISC
 * warnings: sentences that say why devices may be missing, for the log and for `status`. */
#ifndef DISCOVERD_WARNINGS_H
#define DISCOVERD_WARNINGS_H

#include <stddef.h>

enum { WARNING_MAX = 160, WARNINGS_MAX = 16 };

/* All zero is empty. */
struct warnings {
	char texts[WARNINGS_MAX][WARNING_MAX];
	size_t count, more; /* `more`: beyond those */
};

/* Beyond WARNINGS_MAX the last one says how many more there are. */
void warnings_add(struct warnings *warnings, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Logs each that is new, and each that is over. */
void warnings_log_news(const struct warnings *before, const struct warnings *after);

#endif

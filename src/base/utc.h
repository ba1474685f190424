/* SPDX-License-Identifier: ISC
 * utc: moments of the wall clock as text. */
#ifndef BASE_UTC_H
#define BASE_UTC_H

#include "base/slice.h"

enum { UTC_TEXT_MAX = sizeof("-292277-01-09T04:00:54Z") };

/* The day of the last text, which most of the next ones are of, too; all zero at first. */
struct utc_day {
	int64_t number; /* since 1970 */
	size_t len;     /* of "2026-01-02T"; 0: none yet */
	char text[UTC_TEXT_MAX];
};

/* RFC 3339 with whole seconds, "2026-01-02T03:04:05Z", of microseconds since 1970; written to the
 * buffer. */
struct slice utc_text(struct utc_day *day, int64_t wall_us, char buffer[UTC_TEXT_MAX]);

#endif

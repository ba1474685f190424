/* SPDX-License-Identifier: ISC
 * utc: moments of the wall clock as text. */
#ifndef BASE_UTC_H
#define BASE_UTC_H

#include "base/slice.h"

enum { UTC_TEXT_MAX = sizeof("-292277-01-09T04:00:54Z") };

/* RFC 3339 with whole seconds, "2026-01-02T03:04:05Z", of microseconds since 1970; written to the
 * buffer. Each 400 years have the same number of days, so there are no tables. */
struct slice utc_text(int64_t wall_us, char buffer[UTC_TEXT_MAX]);

#endif

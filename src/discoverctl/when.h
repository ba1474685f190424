/* SPDX-License-Identifier: ISC
 * when: moments and durations as people read them. */
#ifndef DISCOVERCTL_WHEN_H
#define DISCOVERCTL_WHEN_H

#include "base/writer.h"

/* Milliseconds of "10", "0.5" or "2.250" seconds: above 0 and at most `max` seconds; -EINVAL. What
 * is finer than a millisecond is dropped. */
int when_parse_duration(const char *text, uint32_t max, int64_t *milliseconds);
/* Seconds since 1970 of the moment that was "45m", "12h", "7d" or "4w" before `now`, or of the
 * beginning of "2026-01-31" in this machine's time zone; also as utc_parse(). -EINVAL. */
int when_parse_since(const char *text, int64_t now, int64_t *seconds);
void when_format_utc(int64_t seconds, struct writer *w);
/* In this machine's time zone: "12:00:00", "2026-01-31", and "2026-01-31 12:00:00". */
void when_format_clock(int64_t seconds, struct writer *w);
void when_format_date(int64_t seconds, struct writer *w);
void when_format_local(int64_t seconds, struct writer *w);
/* Days since 1970-01-01 of this machine's time zone. */
int64_t when_local_day(int64_t seconds);
/* One unit, rounded down: "45s", "12m", "3h", "5d". */
void when_format_duration(int64_t seconds, struct writer *w);

#endif

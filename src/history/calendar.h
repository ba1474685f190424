/* SPDX-License-Identifier: ISC
 * calendar: the dates of what is recorded, on a machine whose clock may be wrong until it is set.
 */
#ifndef HISTORY_CALENDAR_H
#define HISTORY_CALENDAR_H

#include "base/instant.h"

/* Dates are seconds since 1970. They never lie before those of an earlier run: a clock that does is
 * not believed, and the dates go on from there, until the clock is set or has run for
 * CALENDAR_SETTLED. */
struct calendar {
	int64_t floor;               /* the last date of an earlier run; 0: none */
	int64_t begun;               /* no date of this run is before */
	int64_t offset_us;           /* from an instant to a date, as it is recorded */
	int64_t clock_us;            /* from an instant to the time of the machine's clock */
	struct instant steady_since; /* the machine's clock was not set since then */
};

#define CALENDAR_SETTLED SECONDS(3600)

/* `wall_us`: the machine's clock, in microseconds since 1970. */
void calendar_init(struct calendar *calendar, int64_t floor, int64_t wall_us, struct instant now);
/* Looks at the machine's clock again. By so many seconds the dates of this run, which are not
 * before *from, have to be moved; 0 unless the clock was set. */
int64_t calendar_update(
    struct calendar *calendar, int64_t wall_us, struct instant now, int64_t *from);
int64_t calendar_date(const struct calendar *calendar, struct instant moment);
/* Whether ages can be computed from dates: the clock was not set for a while, and is believed. */
bool calendar_is_settled(const struct calendar *calendar, struct instant now);

#endif

/* SPDX-License-Identifier: ISC
 * calendar: the dates of what is recorded, on a machine whose clock may be wrong until it is set.
 */
#include "history/calendar.h"

#include <stdlib.h>

/* A smaller difference is that of a clock which is adjusted slowly, or of the reading. */
#define STEP SECONDS(2)

static int64_t seconds(int64_t us)
{
	return us / SECONDS(1);
}

void calendar_init(struct calendar *calendar, int64_t floor, int64_t wall_us, struct instant now)
{
	/* Dates of this run, which are moved when the clock is set, differ from those before. */
	int64_t believed = seconds(wall_us) <= floor ? SECONDS(floor + 1) : wall_us;

	*calendar = (struct calendar){
	    .floor = floor,
	    .begun = seconds(believed),
	    .offset_us = believed - now.us,
	    .clock_us = wall_us - now.us,
	    .steady_since = now,
	};
}

static bool is_steady(const struct calendar *calendar, struct instant now)
{
	return instant_since(now, calendar->steady_since) >= CALENDAR_SETTLED;
}

int64_t calendar_update(
    struct calendar *calendar, int64_t wall_us, struct instant now, int64_t *from)
{
	int64_t clock_us = wall_us - now.us;

	if (llabs(clock_us - calendar->clock_us) >= STEP)
		calendar->steady_since = now;
	calendar->clock_us = clock_us;
	*from = calendar->begun;
	if (seconds(wall_us) < calendar->floor && !is_steady(calendar, now))
		return 0;
	int64_t difference = clock_us - calendar->offset_us;
	if (llabs(difference) < STEP)
		return 0;
	difference = seconds(difference);
	calendar->offset_us += SECONDS(difference);
	calendar->begun += difference;
	return difference;
}

int64_t calendar_date(const struct calendar *calendar, struct instant moment)
{
	return seconds(moment.us + calendar->offset_us);
}

bool calendar_is_settled(const struct calendar *calendar, struct instant now)
{
	return is_steady(calendar, now) && llabs(calendar->clock_us - calendar->offset_us) < STEP;
}

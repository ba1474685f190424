/* SPDX-License-Identifier: ISC
 * instant: a moment on the clock that goes on while the machine sleeps; passed in, never read here.
 */
#ifndef BASE_INSTANT_H
#define BASE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

/* Microseconds of CLOCK_BOOTTIME, wrapped so that the compiler tells it from a duration. */
struct instant {
	int64_t us;
};

/* Durations are plain int64_t in microseconds, built with these. */
#define MILLISECONDS(n) ((int64_t)(n)*1000)
#define SECONDS(n)      ((int64_t)(n)*1000000)

/* Later than every other moment: "no deadline". */
#define INSTANT_NEVER ((struct instant){INT64_MAX})

/* The sum and the difference stay within what int64_t holds. */
static inline struct instant instant_add(struct instant t, int64_t us)
{
	struct instant sum;

	if (__builtin_add_overflow(t.us, us, &sum.us))
		sum.us = us > 0 ? INT64_MAX : INT64_MIN;
	return sum;
}

/* Microseconds from `from` to `to`; negative when `to` is earlier. */
static inline int64_t instant_since(struct instant to, struct instant from)
{
	int64_t difference;

	if (__builtin_sub_overflow(to.us, from.us, &difference))
		difference = from.us < 0 ? INT64_MAX : INT64_MIN;
	return difference;
}

static inline bool instant_before(struct instant a, struct instant b)
{
	return a.us < b.us;
}

/* True when `deadline` is now or past. */
static inline bool instant_due(struct instant deadline, struct instant now)
{
	return deadline.us <= now.us;
}

static inline bool instant_is_never(struct instant t)
{
	return t.us == INT64_MAX;
}

static inline struct instant instant_earlier(struct instant a, struct instant b)
{
	return a.us < b.us ? a : b;
}

static inline struct instant instant_later(struct instant a, struct instant b)
{
	return a.us > b.us ? a : b;
}

#endif

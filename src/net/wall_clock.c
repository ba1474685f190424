/* SPDX-License-Identifier: ISC
 * wall_clock: see wall_clock.h. */
#include "net/wall_clock.h"
#include "base/instant.h"
#include <time.h>

int64_t wall_clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return SECONDS(now.tv_sec) + now.tv_nsec / 1000;
}

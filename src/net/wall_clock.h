/* SPDX-License-Identifier: ISC
 * wall_clock: the time of the machine's clock, which may be set at any moment. */
#ifndef NET_WALL_CLOCK_H
#define NET_WALL_CLOCK_H

#include <stdint.h>

/* Microseconds since 1970. */
int64_t wall_clock_us(void);

#endif

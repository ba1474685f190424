/* SPDX-License-Identifier: ISC
 * utc_parse: reads moments as utc writes them. */
#ifndef BASE_UTC_PARSE_H
#define BASE_UTC_PARSE_H

#include <stdint.h>

/* Seconds since 1970 of "2026-01-31T12:00:00Z". 0, or -EINVAL: also for NULL. */
int utc_parse(const char *text, int64_t *seconds);

#endif

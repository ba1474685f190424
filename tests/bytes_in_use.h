/* SPDX-License-Identifier: ISC
 * bytes_in_use: what malloc has given out. */
#ifndef TESTS_BYTES_IN_USE_H
#define TESTS_BYTES_IN_USE_H

#include <stddef.h>

/* 0 where that is not known: another C library, or a sanitizer. */
size_t bytes_in_use(void);

#endif

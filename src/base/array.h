/* SPDX-License-Identifier: ISC
 * array: how many elements an array has. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

/* Of an array, not of a pointer. */
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif

/* SPDX-License-Identifier: ISC
 * library: loads a shared library when it is needed. */
#ifndef DISCOVERD_LIBRARY_H
#define DISCOVERD_LIBRARY_H

#include <stddef.h>

/* Writes the addresses of `count` functions to `functions`, a structure of as many pointers in the
 * order of their names. The library stays loaded. NULL, or why it failed: valid until the next
 * call. */
const char *library_load(
    const char *file, const char *const names[], size_t count, void *functions);

#endif

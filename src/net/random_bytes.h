/* SPDX-License-Identifier: ISC
 * random_bytes: random numbers of the kernel, for seeds and keys. */
#ifndef NET_RANDOM_BYTES_H
#define NET_RANDOM_BYTES_H

#include <stddef.h>

/* 0 or a negative errno. Waits until the kernel has collected enough after its start. */
int random_bytes(void *bytes, size_t len);

#endif

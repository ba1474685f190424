/* SPDX-License-Identifier: ISC
 * siphash: the keyed hash of every table that the network can fill. */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include "base/slice.h"

struct siphash_key {
	uint64_t half[2];
};

/* SipHash-2-4 (Aumasson, Bernstein 2012) of the bytes. */
uint64_t siphash(const struct siphash_key *key, struct slice bytes);
/* Likewise of a word, lowest byte first, with the bytes behind it. */
uint64_t siphash_after(const struct siphash_key *key, uint64_t first, struct slice bytes);

#endif

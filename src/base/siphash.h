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
/* SipHash-1-3 of a word, lowest byte first, with the bytes behind it: half the work, for tables in
 * memory alone, where no hash is shown. */
uint64_t siphash_quick(const struct siphash_key *key, uint64_t first, struct slice bytes);

#endif

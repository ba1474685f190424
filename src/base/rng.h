/* SPDX-License-Identifier: ISC
 * rng: random numbers from a seed that is passed in, so that a test can repeat them. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

/* xoshiro256**. Not for secrets: keys come from the kernel (discoverd/identity). */
struct rng {
	uint64_t state[4];
};

/* Any seed, zero too. */
void rng_init(struct rng *rng, uint64_t seed);
uint64_t rng_u64(struct rng *rng);
/* Uniform in 0 … limit-1; limit 0 gives 0. */
uint64_t rng_below(struct rng *rng, uint64_t limit);
/* Uniform in from … to, both included. */
int64_t rng_between(struct rng *rng, int64_t from, int64_t to);
/* Uniform within a fifth around `middle`, so that hosts that began together drift apart. */
int64_t rng_around(struct rng *rng, int64_t middle);

#endif

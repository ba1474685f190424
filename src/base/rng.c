/* SPDX-License-Identifier: ISC
 * rng: xoshiro256** (Blackman, Vigna 2018), its state filled by splitmix64. */
#include "base/rng.h"

static uint64_t rotate_left(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

void rng_init(struct rng *rng, uint64_t seed)
{
	for (unsigned i = 0; i < 4; i++) {
		seed += 0x9e3779b97f4a7c15;
		uint64_t z = seed;
		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
		z = (z ^ z >> 27) * 0x94d049bb133111eb;
		rng->state[i] = z ^ z >> 31;
	}
}

uint64_t rng_u64(struct rng *rng)
{
	uint64_t *s = rng->state;
	uint64_t result = rotate_left(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate_left(s[3], 45);
	return result;
}

uint64_t rng_below(struct rng *rng, uint64_t limit)
{
	uint64_t x;

	if (limit == 0)
		return 0;
	/* The lowest 2^64 mod limit values would make some remainders likelier than others. */
	uint64_t unfair = -limit % limit;
	do
		x = rng_u64(rng);
	while (x < unfair);
	return x % limit;
}

int64_t rng_between(struct rng *rng, int64_t from, int64_t to)
{
	if (to <= from)
		return from;
	uint64_t count = (uint64_t)to - (uint64_t)from + 1; /* 0: all of them */
	uint64_t offset = count ? rng_below(rng, count) : rng_u64(rng);
	return (int64_t)((uint64_t)from + offset);
}

int64_t rng_around(struct rng *rng, int64_t middle)
{
	return rng_between(rng, middle / 5 * 4, middle / 5 * 6);
}

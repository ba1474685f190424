/* SPDX-License-Identifier: ISC
 * siphash: SipHash-2-4 and SipHash-1-3 as published: words are little-endian, so that every machine
 * gets the same hash. */
#include "base/siphash.h"
#include <endian.h>
#include <string.h>

struct state {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate_left(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static inline struct state mix(struct state s)
{
	s.v0 += s.v1;
	s.v2 += s.v3;
	s.v1 = rotate_left(s.v1, 13) ^ s.v0;
	s.v3 = rotate_left(s.v3, 16) ^ s.v2;
	s.v0 = rotate_left(s.v0, 32);
	s.v2 += s.v1;
	s.v0 += s.v3;
	s.v1 = rotate_left(s.v1, 17) ^ s.v2;
	s.v3 = rotate_left(s.v3, 21) ^ s.v0;
	s.v2 = rotate_left(s.v2, 32);
	return s;
}

/* Rounds for each word, and for the end. */
struct rounds {
	unsigned word, end;
};

static inline struct state mix_times(struct state s, unsigned times)
{
	for (unsigned i = 0; i < times; i++)
		s = mix(s);
	return s;
}

static inline struct state absorb(struct state s, uint64_t word, unsigned times)
{
	s.v3 ^= word;
	s = mix_times(s, times);
	s.v0 ^= word;
	return s;
}

static inline struct state begin(const struct siphash_key *key)
{
	return (struct state){
	    key->half[0] ^ 0x736f6d6570736575,
	    key->half[1] ^ 0x646f72616e646f6d,
	    key->half[0] ^ 0x6c7967656e657261,
	    key->half[1] ^ 0x7465646279746573,
	};
}

/* `len` bytes were absorbed before. Inline, so that the numbers of rounds are constants. */
static inline __attribute__((always_inline)) uint64_t finish(
    struct state s, struct slice bytes, size_t len, struct rounds rounds)
{
	uint64_t word, last = (uint64_t)(len + bytes.len) << 56;
	const char *at = bytes.bytes;
	size_t left = bytes.len;

	for (; left >= sizeof(word); left -= sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		s = absorb(s, le64toh(word), rounds.word);
	}
	for (size_t i = 0; i < left; i++)
		last |= (uint64_t)(unsigned char)at[i] << 8 * i;
	s = absorb(s, last, rounds.word);
	s.v2 ^= 0xff;
	s = mix_times(s, rounds.end);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t siphash(const struct siphash_key *key, struct slice bytes)
{
	return finish(begin(key), bytes, 0, (struct rounds){2, 4});
}

uint64_t siphash_quick(const struct siphash_key *key, uint64_t first, struct slice bytes)
{
	const struct rounds rounds = {1, 3};

	return finish(absorb(begin(key), first, rounds.word), bytes, sizeof(first), rounds);
}

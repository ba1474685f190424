/* SPDX-License-Identifier: ISC
 * siphash: SipHash-2-4 as published, byte by byte so that every machine gets the same hash. */
#include "base/siphash.h"

static uint64_t rotate_left(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

/* Up to eight bytes, the first one lowest. */
static uint64_t load(const char *bytes, size_t len)
{
	uint64_t word = 0;
	for (size_t i = 0; i < len; i++)
		word |= (uint64_t)(unsigned char)bytes[i] << 8 * i;
	return word;
}

static void rounds(uint64_t v[4], unsigned count)
{
	while (count--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate_left(v[1], 13) ^ v[0];
		v[3] = rotate_left(v[3], 16) ^ v[2];
		v[0] = rotate_left(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate_left(v[1], 17) ^ v[2];
		v[3] = rotate_left(v[3], 21) ^ v[0];
		v[2] = rotate_left(v[2], 32);
	}
}

static void absorb(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	rounds(v, 2);
	v[0] ^= word;
}

uint64_t siphash(const struct siphash_key *key, struct slice bytes)
{
	uint64_t v[4] = {
	    key->half[0] ^ 0x736f6d6570736575,
	    key->half[1] ^ 0x646f72616e646f6d,
	    key->half[0] ^ 0x6c7967656e657261,
	    key->half[1] ^ 0x7465646279746573,
	};
	size_t at = 0;

	for (; bytes.len - at >= 8; at += 8)
		absorb(v, load(bytes.bytes + at, 8));
	uint64_t tail = bytes.len > at ? load(bytes.bytes + at, bytes.len - at) : 0;
	absorb(v, (uint64_t)bytes.len << 56 | tail);
	v[2] ^= 0xff;
	rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* SPDX-License-Identifier: ISC
 * string_pool: equal strings kept once, counted by how many hold them. */
#ifndef BASE_STRING_POOL_H
#define BASE_STRING_POOL_H

#include "base/hashmap.h"

/* Two strings of one pool are equal exactly when their pointers are. */
struct string_pool {
	struct hashmap strings;
	size_t bytes; /* allocated for strings that are held */
};

/* 0 or -ENOMEM. The key should be random where the network chooses the strings. */
int string_pool_init(struct string_pool *pool, const struct siphash_key *key);
/* Frees every string, also those that are still held. */
void string_pool_fini(struct string_pool *pool);
/* A NUL-terminated string equal to `text` (without a NUL inside) that the caller holds until it
 * puts it back; NULL when out of memory. */
const char *string_pool_get(struct string_pool *pool, struct slice text);
/* A string of the pool, which the caller holds, too. */
const char *string_pool_hold(const char *string);
/* A hash of a string of the pool, under its key: it need not be read. */
uint32_t string_pool_hash(const char *string);
/* The string that is equal to `text`, not held for the caller; NULL where there is none. */
const char *string_pool_find(const struct string_pool *pool, struct slice text);
/* Gives one hold up; the last one frees the string. NULL does nothing. */
void string_pool_put(struct string_pool *pool, const char *string);

#endif

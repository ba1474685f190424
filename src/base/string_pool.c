/* SPDX-License-Identifier: ISC
 * string_pool: equal strings kept once, counted by how many hold them.
 *
 * A hash table of its own: with 32 bits of hash beside the count, a string costs 16 bytes beyond
 * its text. */
#include "base/string_pool.h"
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BUCKETS = 8, PER_BUCKET = 2, SHRINK_BELOW = 4 };

struct pooled {
	struct pooled *next;
	uint32_t hash, holders;
	char text[];
};

static struct pooled *pooled_of(const char *string)
{
	return (struct pooled *)((char *)(uintptr_t)string - offsetof(struct pooled, text));
}

int string_pool_init(struct string_pool *pool, const struct siphash_key *key)
{
	*pool = (struct string_pool){.key = *key};
	pool->buckets = calloc(FIRST_BUCKETS, sizeof(*pool->buckets));
	if (!pool->buckets)
		return -ENOMEM;
	pool->mask = FIRST_BUCKETS - 1;
	return 0;
}

void string_pool_fini(struct string_pool *pool)
{
	for (size_t i = 0; pool->buckets && i <= pool->mask; i++)
		for (struct pooled *pooled; (pooled = pool->buckets[i]);) {
			pool->buckets[i] = pooled->next;
			free(pooled);
		}
	free(pool->buckets);
	pool->buckets = NULL;
}

static uint32_t hash_of(const struct string_pool *pool, struct slice text)
{
	return (uint32_t)siphash(&pool->key, text);
}

static struct pooled *find(const struct string_pool *pool, struct slice text, uint32_t hash)
{
	struct pooled *pooled = pool->buckets[hash & pool->mask];

	while (pooled && (pooled->hash != hash || !slice_equal(slice_of(pooled->text), text)))
		pooled = pooled->next;
	return pooled;
}

const char *string_pool_find(const struct string_pool *pool, struct slice text)
{
	struct pooled *pooled = find(pool, text, hash_of(pool, text));

	return pooled ? pooled->text : NULL;
}

static void push(struct pooled **buckets, size_t mask, struct pooled *pooled)
{
	struct pooled **bucket = &buckets[pooled->hash & mask];

	pooled->next = *bucket;
	*bucket = pooled;
}

/* Where there is no memory for it, the chains get longer. */
static void grow(struct string_pool *pool)
{
	size_t count = pool->mask + 1;
	struct pooled **buckets = calloc(count, 2 * sizeof(*buckets));

	if (!buckets)
		return;
	for (size_t i = 0; i < count; i++)
		for (struct pooled *pooled; (pooled = pool->buckets[i]);) {
			pool->buckets[i] = pooled->next;
			push(buckets, 2 * count - 1, pooled);
		}
	free(pool->buckets);
	pool->buckets = buckets;
	pool->mask = 2 * count - 1;
}

const char *string_pool_get(struct string_pool *pool, struct slice text)
{
	uint32_t hash = hash_of(pool, text);
	struct pooled *pooled = find(pool, text, hash);

	if (!pooled) {
		if (pool->count >= PER_BUCKET * (pool->mask + 1))
			grow(pool);
		pooled = malloc(sizeof(*pooled) + text.len + 1);
		if (!pooled)
			return NULL;
		pooled->hash = hash;
		pooled->holders = 0;
		memcpy(pooled->text, text.len ? text.bytes : "", text.len);
		pooled->text[text.len] = '\0';
		push(pool->buckets, pool->mask, pooled);
		pool->count++;
		pool->bytes += sizeof(*pooled) + text.len + 1;
	}
	pooled->holders++;
	return pooled->text;
}

static void shrink(struct string_pool *pool)
{
	size_t count = (pool->mask + 1) / 2;

	for (size_t i = 0; i < count; i++) {
		struct pooled **end = &pool->buckets[i];
		while (*end)
			end = &(*end)->next;
		*end = pool->buckets[count + i];
	}
	pool->mask = count - 1;
	struct pooled **buckets = reallocarray(pool->buckets, count, sizeof(*buckets));
	if (buckets)
		pool->buckets = buckets;
}

const char *string_pool_hold(const char *string)
{
	pooled_of(string)->holders++;
	return string;
}

uint32_t string_pool_hash(const char *string)
{
	return pooled_of(string)->hash;
}

void string_pool_put(struct string_pool *pool, const char *string)
{
	if (!string)
		return;
	struct pooled *pooled = pooled_of(string);
	if (--pooled->holders > 0)
		return;
	struct pooled **link = &pool->buckets[pooled->hash & pool->mask];
	while (*link != pooled)
		link = &(*link)->next;
	*link = pooled->next;
	pool->count--;
	pool->bytes -= sizeof(*pooled) + strlen(pooled->text) + 1;
	free(pooled);
	if (pool->mask >= FIRST_BUCKETS && pool->count < (pool->mask + 1) / SHRINK_BELOW)
		shrink(pool);
}

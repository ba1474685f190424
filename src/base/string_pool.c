/* SPDX-License-Identifier: ISC
 * string_pool: equal strings kept once, counted by how many hold them. */
#include "base/string_pool.h"
#include <stdlib.h>
#include <string.h>

struct pooled {
	struct hashmap_node by_text;
	uint32_t holders;
	char text[];
};

static struct pooled *pooled_of(const char *string)
{
	return CONTAINER_OF((uintptr_t)string, struct pooled, text);
}

int string_pool_init(struct string_pool *pool, const struct siphash_key *key)
{
	pool->bytes = 0;
	return hashmap_init(&pool->strings, key);
}

static void free_pooled(struct hashmap_node *node)
{
	free(CONTAINER_OF(node, struct pooled, by_text));
}

void string_pool_fini(struct string_pool *pool)
{
	hashmap_empty(&pool->strings, free_pooled);
	hashmap_fini(&pool->strings);
}

static struct pooled *find(const struct string_pool *pool, struct slice text, uint64_t hash)
{
	struct hashmap_node *node = hashmap_first(&pool->strings, hash);

	for (; node; node = hashmap_next(node)) {
		struct pooled *pooled = CONTAINER_OF(node, struct pooled, by_text);
		if (slice_equal(slice_of(pooled->text), text))
			return pooled;
	}
	return NULL;
}

const char *string_pool_find(const struct string_pool *pool, struct slice text)
{
	struct pooled *pooled = find(pool, text, hashmap_hash(&pool->strings, text));

	return pooled ? pooled->text : NULL;
}

static size_t size_of(size_t len)
{
	return sizeof(struct pooled) + len + 1;
}

static struct pooled *add(struct string_pool *pool, struct slice text, uint64_t hash)
{
	struct pooled *pooled = malloc(size_of(text.len));

	if (!pooled)
		return NULL;
	pooled->holders = 0;
	memcpy(pooled->text, text.len ? text.bytes : "", text.len);
	pooled->text[text.len] = '\0';
	hashmap_insert(&pool->strings, &pooled->by_text, hash);
	pool->bytes += size_of(text.len);
	return pooled;
}

const char *string_pool_get(struct string_pool *pool, struct slice text)
{
	uint64_t hash = hashmap_hash(&pool->strings, text);
	struct pooled *pooled = find(pool, text, hash);

	if (!pooled)
		pooled = add(pool, text, hash);
	if (!pooled)
		return NULL;
	pooled->holders++;
	return pooled->text;
}

const char *string_pool_hold(const char *string)
{
	pooled_of(string)->holders++;
	return string;
}

uint32_t string_pool_hash(const char *string)
{
	return (uint32_t)pooled_of(string)->by_text.hash;
}

void string_pool_put(struct string_pool *pool, const char *string)
{
	if (!string)
		return;
	struct pooled *pooled = pooled_of(string);
	if (--pooled->holders > 0)
		return;
	hashmap_remove(&pool->strings, &pooled->by_text);
	pool->bytes -= size_of(strlen(string));
	free(pooled);
}

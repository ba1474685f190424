/* SPDX-License-Identifier: ISC
 * string_pool: see string_pool.h. */
#include "registry/string_pool.h"
#include <stdlib.h>
#include <string.h>

struct pooled {
	struct hashmap_node by_text;
	size_t holders;
	char text[];
};

static struct pooled *pooled_of(const char *string)
{
	return CONTAINER_OF((char *)(uintptr_t)string, struct pooled, text);
}

int string_pool_init(struct string_pool *pool, const struct siphash_key *key)
{
	pool->bytes = 0;
	return hashmap_init(&pool->strings, key);
}

static void free_node(struct hashmap_node *node)
{
	free(CONTAINER_OF(node, struct pooled, by_text));
}

void string_pool_fini(struct string_pool *pool)
{
	hashmap_empty(&pool->strings, free_node);
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

const char *string_pool_get(struct string_pool *pool, struct slice text)
{
	uint64_t hash = hashmap_hash(&pool->strings, text);
	struct pooled *pooled = find(pool, text, hash);

	if (!pooled) {
		pooled = malloc(sizeof(*pooled) + text.len + 1);
		if (!pooled)
			return NULL;
		pooled->holders = 0;
		memcpy(pooled->text, text.len ? text.bytes : "", text.len);
		pooled->text[text.len] = '\0';
		hashmap_insert(&pool->strings, &pooled->by_text, hash);
		pool->bytes += sizeof(*pooled) + text.len + 1;
	}
	pooled->holders++;
	return pooled->text;
}

const char *string_pool_share(const char *string)
{
	if (string)
		pooled_of(string)->holders++;
	return string;
}

void string_pool_put(struct string_pool *pool, const char *string)
{
	if (!string)
		return;
	struct pooled *pooled = pooled_of(string);
	if (--pooled->holders > 0)
		return;
	hashmap_remove(&pool->strings, &pooled->by_text);
	pool->bytes -= sizeof(*pooled) + strlen(pooled->text) + 1;
	free(pooled);
}

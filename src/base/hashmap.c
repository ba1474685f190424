/* SPDX-License-Identifier: ISC
 * hashmap: an intrusive, keyed hash table with chained buckets. */
#include "base/hashmap.h"
#include <errno.h>
#include <stdlib.h>

enum { FIRST_BUCKETS = 8, MERGED_AT_ONCE = 2 };

int hashmap_init(struct hashmap *map, const struct siphash_key *key)
{
	*map = (struct hashmap){.key = *key};
	map->buckets = calloc(FIRST_BUCKETS, sizeof(*map->buckets));
	if (!map->buckets)
		return -ENOMEM;
	map->size = map->capacity = FIRST_BUCKETS;
	map->mask = FIRST_BUCKETS - 1;
	return 0;
}

void hashmap_fini(struct hashmap *map)
{
	free(map->buckets);
	map->buckets = NULL;
	map->size = map->capacity = map->mask = map->count = 0;
}

uint64_t hashmap_hash(const struct hashmap *map, struct slice bytes)
{
	return hashmap_hash_behind(map, 0, bytes);
}

uint64_t hashmap_hash_behind(const struct hashmap *map, uint64_t first, struct slice bytes)
{
	return siphash_quick(&map->key, first, bytes);
}

/* A bucket that is not in use yet is a part of the one that it will be split from. */
static struct hashmap_node **bucket_of(const struct hashmap *map, uint64_t hash)
{
	size_t at = (size_t)hash & map->mask;

	return &map->buckets[at < map->size ? at : at & map->mask >> 1];
}

static struct hashmap_node *skip_others(struct hashmap_node *node, uint64_t hash)
{
	while (node && node->hash != hash)
		node = node->next;
	return node;
}

struct hashmap_node *hashmap_first(const struct hashmap *map, uint64_t hash)
{
	return skip_others(*bucket_of(map, hash), hash);
}

struct hashmap_node *hashmap_next(const struct hashmap_node *node)
{
	return skip_others(node->next, node->hash);
}

static bool resize(struct hashmap *map, size_t capacity)
{
	struct hashmap_node **buckets =
	    reallocarray(map->buckets, capacity, sizeof(struct hashmap_node *));

	if (!buckets)
		return false;
	map->buckets = buckets;
	map->capacity = capacity;
	return true;
}

/* One bucket more. The nodes of one hash stay in their order, for walks that change the map. */
static void split(struct hashmap *map)
{
	if (map->size == map->capacity && !resize(map, 2 * map->capacity))
		return;
	if (map->size > map->mask)
		map->mask = 2 * map->mask + 1;
	size_t at = map->size++;
	struct hashmap_node **from = &map->buckets[at & map->mask >> 1], **to = &map->buckets[at];
	while (*from) {
		struct hashmap_node *node = *from;
		if (((size_t)node->hash & map->mask) == at) {
			*from = node->next;
			*to = node;
			to = &node->next;
		} else {
			from = &node->next;
		}
	}
	*to = NULL;
}

/* One bucket less. */
static void merge(struct hashmap *map)
{
	size_t at = --map->size;
	struct hashmap_node **end = &map->buckets[at & map->mask >> 1];

	while (*end)
		end = &(*end)->next;
	*end = map->buckets[at];
	if (map->size <= map->mask / 2 + 1)
		map->mask >>= 1;
	if (map->size <= map->capacity / 4)
		resize(map, map->capacity / 2);
}

void hashmap_insert(struct hashmap *map, struct hashmap_node *node, uint64_t hash)
{
	if (map->count >= map->size)
		split(map);
	struct hashmap_node **bucket = bucket_of(map, hash);
	node->hash = hash;
	node->next = *bucket;
	*bucket = node;
	map->count++;
}

void hashmap_remove(struct hashmap *map, struct hashmap_node *node)
{
	struct hashmap_node **link = bucket_of(map, node->hash);

	while (*link && *link != node)
		link = &(*link)->next;
	if (!*link)
		return;
	*link = node->next;
	node->next = NULL;
	map->count--;
	for (int i = 0; i < MERGED_AT_ONCE; i++)
		if (map->size > FIRST_BUCKETS && map->count < map->size / 2)
			merge(map);
}

void hashmap_empty(struct hashmap *map, void (*free_node)(struct hashmap_node *node))
{
	for (size_t i = 0; i < map->size; i++) {
		while (map->buckets[i]) {
			struct hashmap_node *node = map->buckets[i];
			map->buckets[i] = node->next;
			free_node(node);
		}
	}
	map->count = 0;
}

void hashmap_each(
    const struct hashmap *map, void (*fn)(void *context, struct hashmap_node *node), void *context)
{
	for (size_t i = 0; i < map->size; i++)
		for (struct hashmap_node *node = map->buckets[i]; node; node = node->next)
			fn(context, node);
}

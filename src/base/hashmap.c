/* SPDX-License-Identifier: ISC
 * hashmap: an intrusive, keyed hash table with chained buckets. */
#include "base/hashmap.h"
#include <errno.h>
#include <stdlib.h>

enum { FIRST_BUCKETS = 8, PER_BUCKET = 2, SHRINK_BELOW = 4 };

int hashmap_init(struct hashmap *map, const struct siphash_key *key)
{
	*map = (struct hashmap){.key = *key};
	map->buckets = calloc(FIRST_BUCKETS, sizeof(*map->buckets));
	if (!map->buckets)
		return -ENOMEM;
	map->mask = FIRST_BUCKETS - 1;
	return 0;
}

void hashmap_fini(struct hashmap *map)
{
	free(map->buckets);
	map->buckets = NULL;
	map->mask = map->count = 0;
}

uint64_t hashmap_hash(const struct hashmap *map, struct slice bytes)
{
	return siphash(&map->key, bytes);
}

static struct hashmap_node *skip_others(struct hashmap_node *node, uint64_t hash)
{
	while (node && node->hash != hash)
		node = node->next;
	return node;
}

struct hashmap_node *hashmap_first(const struct hashmap *map, uint64_t hash)
{
	return skip_others(map->buckets[hash & map->mask], hash);
}

struct hashmap_node *hashmap_next(const struct hashmap_node *node)
{
	return skip_others(node->next, node->hash);
}

static void push(struct hashmap_node **buckets, size_t mask, struct hashmap_node *node)
{
	struct hashmap_node **bucket = &buckets[node->hash & mask];
	node->next = *bucket;
	*bucket = node;
}

static void grow(struct hashmap *map)
{
	size_t old_count = map->mask + 1;
	struct hashmap_node **buckets =
	    old_count <= SIZE_MAX / 2 ? calloc(2 * old_count, sizeof(*buckets)) : NULL;

	if (!buckets)
		return;
	for (size_t i = 0; i < old_count; i++) {
		struct hashmap_node *next;
		for (struct hashmap_node *node = map->buckets[i]; node; node = next) {
			next = node->next;
			push(buckets, 2 * old_count - 1, node);
		}
	}
	free(map->buckets);
	map->buckets = buckets;
	map->mask = 2 * old_count - 1;
}

void hashmap_insert(struct hashmap *map, struct hashmap_node *node, uint64_t hash)
{
	if (map->count >= PER_BUCKET * (map->mask + 1))
		grow(map);
	node->hash = hash;
	push(map->buckets, map->mask, node);
	map->count++;
}

/* Half as many buckets. Those of one hash stay in their order, for a walk that removes them. */
static void shrink(struct hashmap *map)
{
	size_t count = (map->mask + 1) / 2;

	for (size_t i = 0; i < count; i++) {
		struct hashmap_node **end = &map->buckets[i];
		while (*end)
			end = &(*end)->next;
		*end = map->buckets[count + i];
	}
	map->mask = count - 1;
	struct hashmap_node **buckets = reallocarray(map->buckets, count, sizeof(*buckets));
	if (buckets)
		map->buckets = buckets;
}

void hashmap_remove(struct hashmap *map, struct hashmap_node *node)
{
	struct hashmap_node **link = &map->buckets[node->hash & map->mask];

	while (*link && *link != node)
		link = &(*link)->next;
	if (!*link)
		return;
	*link = node->next;
	node->next = NULL;
	map->count--;
	if (map->mask >= FIRST_BUCKETS && map->count < (map->mask + 1) / SHRINK_BELOW)
		shrink(map);
}

void hashmap_empty(struct hashmap *map, void (*free_node)(struct hashmap_node *node))
{
	for (size_t i = 0; map->buckets && i <= map->mask; i++) {
		while (map->buckets[i]) {
			struct hashmap_node *node = map->buckets[i];
			map->buckets[i] = node->next;
			free_node(node);
		}
	}
	map->count = 0;
}

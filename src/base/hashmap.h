/* SPDX-License-Identifier: ISC
 * hashmap: an intrusive, keyed hash table; the caller's structs carry the node and own their
 * memory. */
#ifndef BASE_HASHMAP_H
#define BASE_HASHMAP_H

#include "base/siphash.h"

struct hashmap_node {
	struct hashmap_node *next;
	uint64_t hash;
};

/* Chained buckets that are split and merged one by one (linear hashing, Litwin 1980), so that no
 * insertion or removal has to move all nodes. There is one for each node; below half as many nodes
 * two are merged with each that goes. */
struct hashmap {
	struct hashmap_node **buckets;
	size_t size, capacity; /* buckets in use, and those that are allocated */
	size_t mask;           /* the smallest power of two that is not below `size`, less one */
	size_t count;
	struct siphash_key key;
};

/* 0 or -ENOMEM. The key should be random where the network chooses what goes in. */
int hashmap_init(struct hashmap *map, const struct siphash_key *key);
/* Frees the buckets, not the nodes. */
void hashmap_fini(struct hashmap *map);
uint64_t hashmap_hash(const struct hashmap *map, struct slice bytes);
/* Of a word with the bytes behind it. */
uint64_t hashmap_hash_behind(const struct hashmap *map, uint64_t first, struct slice bytes);
/* The first node with this hash, and the one after it; NULL at the end. The caller compares. */
struct hashmap_node *hashmap_first(const struct hashmap *map, uint64_t hash);
struct hashmap_node *hashmap_next(const struct hashmap_node *node);
/* Cannot fail: when growing finds no memory the chains get longer. */
void hashmap_insert(struct hashmap *map, struct hashmap_node *node, uint64_t hash);
void hashmap_remove(struct hashmap *map, struct hashmap_node *node);
/* Takes every node out, and hands each to `free_node`. One of zeros has none. */
void hashmap_empty(struct hashmap *map, void (*free_node)(struct hashmap_node *node));
/* Calls `fn` for every node; the map must not be changed from within. */
void hashmap_each(
    const struct hashmap *map, void (*fn)(void *context, struct hashmap_node *node), void *context);

/* The struct that carries `member`. */
#define CONTAINER_OF(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#endif

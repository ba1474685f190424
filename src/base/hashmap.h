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

/* Chained buckets, a power of two of them, doubled when there are two nodes for each: hashes are
 * compared before anything else, so a longer chain costs less than more buckets. Halved when there
 * is one node for four of them. */
struct hashmap {
	struct hashmap_node **buckets;
	size_t mask;
	size_t count;
	struct siphash_key key;
};

/* 0 or -ENOMEM. The key should be random where the network chooses what goes in. */
int hashmap_init(struct hashmap *map, const struct siphash_key *key);
/* Frees the buckets, not the nodes. */
void hashmap_fini(struct hashmap *map);
uint64_t hashmap_hash(const struct hashmap *map, struct slice bytes);
/* The first node with this hash, and the one after it; NULL at the end. The caller compares. */
struct hashmap_node *hashmap_first(const struct hashmap *map, uint64_t hash);
struct hashmap_node *hashmap_next(const struct hashmap_node *node);
/* Cannot fail: when growing finds no memory the chains get longer. */
void hashmap_insert(struct hashmap *map, struct hashmap_node *node, uint64_t hash);
void hashmap_remove(struct hashmap *map, struct hashmap_node *node);
/* Takes every node out, and hands each to `free_node`. One of zeros has none. */
void hashmap_empty(struct hashmap *map, void (*free_node)(struct hashmap_node *node));

/* The struct that carries `member`. */
#define CONTAINER_OF(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#endif

/* SPDX-License-Identifier: ISC
 * fair_set: a limited number of entries that the network can cause: when there is no room, the
 * oldest entry of the holder with most of them is removed. */
#ifndef MODEL_FAIR_SET_H
#define MODEL_FAIR_SET_H

#include "base/hashmap.h"
#include "base/heap.h"

struct fair_group;

/* Carried by the caller's structs, which own their memory. */
struct fair_node {
	struct hashmap_node by_key;
	struct fair_group *group;
	struct fair_node *older, *newer; /* those of one group */
	uint32_t round; /* of fair_set_begin, in which it was last inserted or touched */
};

/* The entries of one holder (a link, a port); exists while there are any. */
struct fair_group {
	struct hashmap_node by_holder;
	struct heap_node by_count;
	struct fair_group *next, *previous;
	struct fair_node *oldest, *newest;
	uint32_t holder, count;
};

struct fair_set {
	struct hashmap nodes, by_holder;
	struct heap by_count; /* groups, the largest on top */
	struct fair_group *groups;
	size_t max;
	uint32_t round;
};

typedef void fair_set_free_fn(struct fair_node *node);

/* 0 or -ENOMEM. */
int fair_set_init(struct fair_set *set, const struct siphash_key *key, size_t max);
/* Hands every node to `free_node`. */
void fair_set_fini(struct fair_set *set, fair_set_free_fn *free_node);
/* The node that has to go before another one of this holder can come; NULL while there is room. */
struct fair_node *fair_set_victim(const struct fair_set *set, uint32_t holder);
/* Hash and comparison are the caller's, with set->nodes. 0 or -ENOMEM. */
int fair_set_insert(struct fair_set *set, struct fair_node *node, uint64_t hash, uint32_t holder);
void fair_set_remove(struct fair_set *set, struct fair_node *node);
/* It was heard again: it becomes its holder's newest. */
void fair_set_touch(struct fair_set *set, struct fair_node *node);
/* Around a reading of everything: what was neither inserted nor touched between the two calls is
 * removed by the second one, and handed to `free_node`. Returns how many these were. */
void fair_set_begin(struct fair_set *set);
size_t fair_set_sweep(struct fair_set *set, fair_set_free_fn *free_node);

#endif

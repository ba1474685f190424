/* SPDX-License-Identifier: ISC
 * heap: an intrusive binary heap; the smallest key (a deadline, a rank) is on top. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAP_OUTSIDE SIZE_MAX

struct heap_node {
	int64_t key;
	size_t index; /* HEAP_OUTSIDE while in no heap */
};

struct heap {
	struct heap_node **nodes;
	size_t count;
	size_t capacity;
};

void heap_init(struct heap *heap);
/* Frees the array, not the nodes. */
void heap_fini(struct heap *heap);
static inline void heap_node_init(struct heap_node *node)
{
	node->index = HEAP_OUTSIDE;
}
static inline bool heap_contains(const struct heap_node *node)
{
	return node->index != HEAP_OUTSIDE;
}
/* 0 or -ENOMEM. */
int heap_insert(struct heap *heap, struct heap_node *node, int64_t key);
/* Gives a node that is inside another key. */
void heap_update(struct heap *heap, struct heap_node *node, int64_t key);
/* Does nothing when the node is outside. */
void heap_remove(struct heap *heap, struct heap_node *node);
/* The node with the smallest key, or NULL. */
struct heap_node *heap_top(const struct heap *heap);

#endif

/* SPDX-License-Identifier: ISC
 * heap: an intrusive binary heap in one array of pointers. */
#include "base/heap.h"
#include <errno.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 2, SHRINK_BELOW = 4 };

void heap_init(struct heap *heap)
{
	*heap = (struct heap){0};
}

void heap_fini(struct heap *heap)
{
	free(heap->nodes);
	heap_init(heap);
}

static void put(struct heap *heap, size_t at, struct heap_node *node)
{
	heap->nodes[at] = node;
	node->index = at;
}

/* Puts `node` where a hole is, after moving the hole up past all that is greater. */
static void sift_up(struct heap *heap, size_t hole, struct heap_node *node)
{
	while (hole > 0) {
		size_t parent = (hole - 1) / 2;
		if (heap->nodes[parent]->key <= node->key)
			break;
		put(heap, hole, heap->nodes[parent]);
		hole = parent;
	}
	put(heap, hole, node);
}

static void sift_down(struct heap *heap, size_t hole, struct heap_node *node)
{
	for (;;) {
		size_t child = 2 * hole + 1;
		if (child >= heap->count)
			break;
		if (child + 1 < heap->count &&
		    heap->nodes[child + 1]->key < heap->nodes[child]->key)
			child++;
		if (heap->nodes[child]->key >= node->key)
			break;
		put(heap, hole, heap->nodes[child]);
		hole = child;
	}
	put(heap, hole, node);
}

static void settle(struct heap *heap, size_t hole, struct heap_node *node)
{
	if (hole > 0 && node->key < heap->nodes[(hole - 1) / 2]->key)
		sift_up(heap, hole, node);
	else
		sift_down(heap, hole, node);
}

static int resize(struct heap *heap, size_t capacity)
{
	struct heap_node **nodes = reallocarray(heap->nodes, capacity, sizeof(struct heap_node *));

	if (!nodes)
		return -ENOMEM;
	heap->nodes = nodes;
	heap->capacity = capacity;
	return 0;
}

/* By half of what it holds: all nodes of a heap that only grows stay for long. */
static int grow(struct heap *heap)
{
	return resize(heap, heap->capacity + heap->capacity / 2 + FIRST_CAPACITY);
}

int heap_insert(struct heap *heap, struct heap_node *node, int64_t key)
{
	if (heap->count == heap->capacity && grow(heap) < 0)
		return -ENOMEM;
	node->key = key;
	sift_up(heap, heap->count++, node);
	return 0;
}

void heap_update(struct heap *heap, struct heap_node *node, int64_t key)
{
	node->key = key;
	settle(heap, node->index, node);
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
	if (!heap_contains(node))
		return;
	size_t hole = node->index;
	struct heap_node *last = heap->nodes[--heap->count];
	node->index = HEAP_OUTSIDE;
	if (last != node)
		settle(heap, hole, last);
	/* where that fails, it keeps what it has */
	if (heap->count < heap->capacity / SHRINK_BELOW && heap->capacity > FIRST_CAPACITY)
		resize(heap, heap->capacity / 2);
}

struct heap_node *heap_top(const struct heap *heap)
{
	return heap->count ? heap->nodes[0] : NULL;
}

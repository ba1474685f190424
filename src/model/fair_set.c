/* SPDX-License-Identifier: ISC
 * fair_set: a limited number of entries that the network can cause: when there is no room, the
 * oldest entry of the holder with most of them is removed. */
#include "model/fair_set.h"
#include <errno.h>
#include <stdlib.h>

int fair_set_init(struct fair_set *set, const struct siphash_key *key, size_t max)
{
	*set = (struct fair_set){.max = max};
	heap_init(&set->by_count);
	int error = hashmap_init(&set->nodes, key);
	if (error < 0)
		return error;
	error = hashmap_init(&set->by_holder, key);
	if (error < 0)
		hashmap_fini(&set->nodes);
	return error;
}

static uint64_t hash_holder(const struct fair_set *set, uint32_t holder)
{
	return hashmap_hash(&set->by_holder, (struct slice){(const char *)&holder, sizeof(holder)});
}

static struct fair_group *find_group(const struct fair_set *set, uint32_t holder)
{
	struct hashmap_node *node = hashmap_first(&set->by_holder, hash_holder(set, holder));

	for (; node; node = hashmap_next(node)) {
		struct fair_group *group = CONTAINER_OF(node, struct fair_group, by_holder);
		if (group->holder == holder)
			return group;
	}
	return NULL;
}

static struct fair_group *add_group(struct fair_set *set, uint32_t holder)
{
	struct fair_group *group = calloc(1, sizeof(*group));

	if (!group)
		return NULL;
	group->holder = holder;
	heap_node_init(&group->by_count);
	if (heap_insert(&set->by_count, &group->by_count, 0) < 0) {
		free(group);
		return NULL;
	}
	hashmap_insert(&set->by_holder, &group->by_holder, hash_holder(set, holder));
	group->next = set->groups;
	if (set->groups)
		set->groups->previous = group;
	set->groups = group;
	return group;
}

static void remove_group(struct fair_set *set, struct fair_group *group)
{
	*(group->previous ? &group->previous->next : &set->groups) = group->next;
	if (group->next)
		group->next->previous = group->previous;
	heap_remove(&set->by_count, &group->by_count);
	hashmap_remove(&set->by_holder, &group->by_holder);
	free(group);
}

static void append(struct fair_group *group, struct fair_node *node)
{
	node->newer = NULL;
	node->older = group->newest;
	*(group->newest ? &group->newest->newer : &group->oldest) = node;
	group->newest = node;
}

static void take_out(struct fair_group *group, struct fair_node *node)
{
	*(node->older ? &node->older->newer : &group->oldest) = node->newer;
	*(node->newer ? &node->newer->older : &group->newest) = node->older;
}

struct fair_node *fair_set_victim(const struct fair_set *set, uint32_t holder)
{
	if (set->nodes.count < set->max)
		return NULL;
	const struct heap_node *top = heap_top(&set->by_count);
	if (!top)
		return NULL;
	const struct fair_group *largest = CONTAINER_OF(top, struct fair_group, by_count);
	const struct fair_group *own = find_group(set, holder);
	/* With the newcomer its own group would be the largest. */
	return own && own->count == largest->count ? own->oldest : largest->oldest;
}

int fair_set_insert(struct fair_set *set, struct fair_node *node, uint64_t hash, uint32_t holder)
{
	struct fair_group *group = find_group(set, holder);

	if (!group)
		group = add_group(set, holder);
	if (!group)
		return -ENOMEM;
	node->group = group;
	node->round = set->round;
	append(group, node);
	group->count++;
	heap_update(&set->by_count, &group->by_count, -(int64_t)group->count);
	hashmap_insert(&set->nodes, &node->by_key, hash);
	return 0;
}

void fair_set_remove(struct fair_set *set, struct fair_node *node)
{
	struct fair_group *group = node->group;

	take_out(group, node);
	hashmap_remove(&set->nodes, &node->by_key);
	group->count--;
	heap_update(&set->by_count, &group->by_count, -(int64_t)group->count);
	if (group->count == 0)
		remove_group(set, group);
}

void fair_set_touch(struct fair_set *set, struct fair_node *node)
{
	node->round = set->round;
	take_out(node->group, node);
	append(node->group, node);
}

void fair_set_begin(struct fair_set *set)
{
	set->round++;
}

size_t fair_set_sweep(struct fair_set *set, fair_set_free_fn *free_node)
{
	size_t before = set->nodes.count;
	struct fair_group *next_group;

	for (struct fair_group *group = set->groups; group; group = next_group) {
		next_group = group->next;
		/* What was touched is newer than all that was not. The group goes with its last. */
		for (uint32_t left = group->count; left > 0; left--) {
			struct fair_node *node = group->oldest;
			if (node->round == set->round)
				break;
			fair_set_remove(set, node);
			free_node(node);
		}
	}
	return before - set->nodes.count;
}

void fair_set_fini(struct fair_set *set, fair_set_free_fn *free_node)
{
	if (!set->nodes.buckets)
		return;
	fair_set_begin(set);
	fair_set_sweep(set, free_node);
	hashmap_fini(&set->nodes);
	hashmap_fini(&set->by_holder);
	heap_fini(&set->by_count);
}

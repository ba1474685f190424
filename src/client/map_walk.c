/* SPDX-License-Identifier: ISC
 * map_walk: visits the objects of the tree of map_tree from the top. */
#include "client/map_walk.h"
#include "base/array.h"
#include "client/field.h"

/* The children of an object, in the order in which they are shown. */
static const struct branch {
	enum map_kind above;
	const char *key;
	enum map_kind kind;
} BRANCHES[] = {
    {MAP_ROOT, "interfaces", MAP_INTERFACE},
    {MAP_ROOT, "devices", MAP_DEVICE},
    {MAP_INTERFACE, "networks", MAP_NETWORK},
    {MAP_INTERFACE, "devices", MAP_DEVICE},
    {MAP_INTERFACE, "ports", MAP_INTERFACE},
    {MAP_NETWORK, "devices", MAP_DEVICE},
};

static size_t length_of(const struct map_level *level, const struct branch *branch)
{
	if (branch->above != level->kind)
		return 0;
	return field_length(field_get(level->object, branch->key));
}

static void enter(struct map_walk *walk, enum map_kind kind, struct json_object *object)
{
	struct map_level *level = &walk->levels[walk->depth++];
	*level = (struct map_level){.kind = kind, .object = object, .number = walk->count++};
	for (size_t i = 0; i < COUNT_OF(BRANCHES) && walk->depth < MAP_DEPTH_MAX; i++)
		level->total += length_of(level, &BRANCHES[i]);
}

void map_walk_init(struct map_walk *walk, struct json_object *tree)
{
	walk->depth = walk->count = 0;
	enter(walk, MAP_ROOT, tree);
}

bool map_walk_next(struct map_walk *walk)
{
	while (walk->depth) {
		struct map_level *level = &walk->levels[walk->depth - 1];
		size_t at = level->taken, i = 0;
		if (at == level->total) {
			walk->depth--;
			continue;
		}
		while (at >= length_of(level, &BRANCHES[i]))
			at -= length_of(level, &BRANCHES[i++]);
		level->taken++;
		enter(walk, BRANCHES[i].kind,
		    field_entry(field_get(level->object, BRANCHES[i].key), at));
		return true;
	}
	return false;
}

/* SPDX-License-Identifier: ISC
 * map_walk: visits the objects of the tree of map_tree from the top. */
#ifndef CLIENT_MAP_WALK_H
#define CLIENT_MAP_WALK_H

#include <json-c/json.h>
#include <stdbool.h>

enum map_kind { MAP_ROOT, MAP_INTERFACE, MAP_NETWORK, MAP_DEVICE };

/* An object on the path from the root to the current one. */
struct map_level {
	enum map_kind kind;
	struct json_object *object;
	size_t number; /* in the order of the walk; the root is 0 */
	size_t taken;  /* of what is below it, how many were seen, … */
	size_t total;  /* … and how many there are */
};

/* Deeper than any tree that map_tree makes. */
enum { MAP_DEPTH_MAX = 16 };

struct map_walk {
	struct map_level levels[MAP_DEPTH_MAX];
	size_t depth; /* levels in use; the last one holds the current object */
	size_t count;
};

/* Starts at the root. */
void map_walk_init(struct map_walk *walk, struct json_object *tree);
/* Goes on to the next object, those below one before those beside it; false at the end. */
bool map_walk_next(struct map_walk *walk);

#endif

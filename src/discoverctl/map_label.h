/* SPDX-License-Identifier: ISC
 * map_label: the text of an object of the map. */
#ifndef DISCOVERCTL_MAP_LABEL_H
#define DISCOVERCTL_MAP_LABEL_H

#include "client/map_walk.h"
#include "discoverctl/output.h"

/* The text of an object, in parts, escaped for a terminal. */
enum { MAP_PARTS_MAX = 8, MAP_PART_MAX = 1024 };
struct map_label {
	char text[MAP_PARTS_MAX * MAP_PART_MAX];
	struct map_part {
		struct slice text;
		const char *paint; /* an SGR sequence, or NULL */
	} parts[MAP_PARTS_MAX];
	size_t count;
};
void map_label_get(const struct map_walk *walk, struct map_label *label);

#endif

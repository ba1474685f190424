/* SPDX-License-Identifier: ISC
 * map_text: the tree of map_tree, drawn for a terminal, or as a graph for Graphviz (FORMAT_DOT). */
#ifndef DISCOVERCTL_MAP_TEXT_H
#define DISCOVERCTL_MAP_TEXT_H

#include "discoverctl/output.h"

/* A line per object, cut where the terminal ends. */
void map_text(struct output *output, struct json_object *tree);

#endif

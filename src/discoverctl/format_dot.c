/* SPDX-License-Identifier: ISC
 * format_dot: the tree of map_tree as a graph for Graphviz. */
#include "base/text.h"
#include "discoverctl/formats.h"
#include "discoverctl/map_walk.h"

static const char *const ATTRIBUTES[] = {
    [MAP_ROOT] = "shape=box3d",
    [MAP_INTERFACE] = "shape=component",
    [MAP_NETWORK] = "shape=ellipse",
    [MAP_HOST] = "shape=box",
    [MAP_DEVICE] = "shape=note",
};

/* Inside a quoted string of the DOT language, where a label knows escapes of its own ("\n", "\N")
 * and takes "&…;" for a character of HTML. */
static void put_quoted(FILE *stream, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.bytes[i];
		if (c == '&')
			fputs("&amp;", stream);
		else
			fprintf(stream, "%s%c", c == '"' || c == '\\' ? "\\" : "", c);
	}
}

static void put_node(FILE *stream, const struct map_walk *walk)
{
	const struct map_level *level = &walk->levels[walk->depth - 1];
	struct map_label label;

	map_walk_label(walk, &label);
	fprintf(stream, "    n%zu [%s, label=\"", level->number, ATTRIBUTES[level->kind]);
	for (size_t i = 0; i < label.count; i++) {
		fputs(i ? "\\n" : "", stream);
		put_quoted(stream, label.parts[i].text);
	}
	fputs("\"];\n", stream);
	if (walk->depth > 1)
		fprintf(stream, "    n%zu -- n%zu;\n", level[-1].number, level->number);
}

static void dot_one(struct output *output, struct json_object *tree)
{
	struct map_walk walk;

	fputs("graph discoverd {\n    graph [rankdir=LR];\n", output->stream);
	map_walk_init(&walk, tree);
	do
		put_node(output->stream, &walk);
	while (map_walk_next(&walk));
	fputs("}\n", output->stream);
}

static void nothing(struct output *output)
{
	(void)output;
}

static void no_record(struct output *output, struct json_object *record)
{
	(void)output;
	(void)record;
}

const struct format FORMAT_DOT = {"dot", nothing, no_record, nothing, dot_one};

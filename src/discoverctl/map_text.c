/* SPDX-License-Identifier: ISC
 * map_text: see map_text.h. */
#include "discoverctl/map_text.h"
#include "discoverctl/cell.h"
#include "discoverctl/formats.h"
#include "discoverctl/map_label.h"

enum { STEP_WIDTH = 4, GAP = 2 };

/* What precedes a line, STEP_WIDTH wide each. */
struct strokes {
	const char *branch, *last;   /* before the object */
	const char *passing, *blank; /* below one that has others after it, and below the last */
};

static const struct strokes BOXES = {"├── ", "└── ", "│   ", "    "};
static const struct strokes ASCII = {"|-- ", "`-- ", "|   ", "    "};

static void put_strokes(struct output *output, const struct map_walk *walk)
{
	const struct strokes *strokes = output->ascii ? &ASCII : &BOXES;
	for (size_t i = 0; i + 1 < walk->depth; i++) {
		const struct map_level *level = &walk->levels[i];
		bool last = level->taken == level->total, own = i + 2 == walk->depth;
		fputs(own    ? last ? strokes->last : strokes->branch
		      : last ? strokes->blank
			     : strokes->passing,
		    output->stream);
	}
}

/* Prints up to `room` terminal columns of it; SIZE_MAX: all. */
static void put_label(struct output *output, const struct map_label *label, size_t room)
{
	for (size_t i = 0; i < label->count; i++) {
		const struct map_part *part = &label->parts[i];
		size_t gap = i ? GAP : 0, width = cell_width(part->text);
		struct cell_style style = {.paint = output->color ? part->paint : NULL};
		if (room <= gap)
			return;
		room -= gap;
		if (width > room)
			style.width = room, style.cut = true;
		fprintf(output->stream, "%*s", (int)gap, "");
		cell_print(output->stream, part->text, &style);
		if (style.cut)
			return;
		room -= width;
	}
}

void map_text(struct output *output, struct json_object *tree)
{
	struct map_label label;
	struct map_walk walk;

	map_walk_init(&walk, tree);
	do {
		size_t drawn = (walk.depth - 1) * STEP_WIDTH;
		size_t room = output->terminal > drawn ? output->terminal - drawn : 1;
		put_strokes(output, &walk);
		map_label_get(&walk, &label);
		put_label(output, &label, output->terminal ? room : SIZE_MAX);
		fputc('\n', output->stream);
	} while (map_walk_next(&walk));
}

static const char *const ATTRIBUTES[] = {
    [MAP_ROOT] = "shape=box3d",
    [MAP_INTERFACE] = "shape=component",
    [MAP_NETWORK] = "shape=ellipse",
    [MAP_DEVICE] = "shape=box",
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

	map_label_get(walk, &label);
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

const struct format FORMAT_DOT = {
    .name = "dot",
    .one = dot_one,
};

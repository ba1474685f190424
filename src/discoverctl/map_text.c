/* SPDX-License-Identifier: ISC
 * map_text: see map_text.h. */
#include "discoverctl/map_text.h"
#include "discoverctl/cell.h"
#include "discoverctl/map_walk.h"

enum { STEP_WIDTH = 4, GAP = 2 };

/* What stands in front of a line, STEP_WIDTH wide each. */
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

/* Up to `room` columns of it; SIZE_MAX where nothing is cut. */
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
		map_walk_label(&walk, &label);
		put_label(output, &label, output->terminal ? room : SIZE_MAX);
		fputc('\n', output->stream);
	} while (map_walk_next(&walk));
}

/* SPDX-License-Identifier: ISC
 * format_table: rows and columns for people, as wide as what is in them, or fixed where rows come
 * one by one. */
#include "discoverctl/cell.h"
#include "discoverctl/formats.h"
#include <stdlib.h>

enum { GAP = 2, INDENT = 2, SHRUNK_MIN = 8 };

static struct slice shown(struct slice text)
{
	return text.len ? text : SLICE("-");
}

static void print_cell(
    struct output *output, int i, struct slice text, size_t width, const char *paint)
{
	const struct column *column = output->chosen[i].column;
	bool last = i + 1 == output->chosen_count;
	struct cell_style style = {
	    .width = width,
	    .cut = output->terminal && column->shrinks,
	    .right = column->right,
	    .paint = paint,
	};
	/* no blanks at the line's end */
	if (last && !column->right && cell_width(text) <= width)
		style.width = 0, style.cut = false;
	cell_print(output->stream, text, &style);
	fprintf(output->stream, "%*s", last ? 0 : GAP, "");
	if (last)
		fputc('\n', output->stream);
}

/* Below a title. */
static void print_indent(const struct output *output)
{
	fprintf(output->stream, "%*s", output->title_count ? INDENT : 0, "");
}

static void print_headings(struct output *output, const size_t widths[CHOSEN_MAX])
{
	if (output->legend)
		print_indent(output);
	for (int i = 0; i < output->chosen_count && output->legend; i++)
		print_cell(output, i, slice_of(output->chosen[i].column->header), widths[i],
		    output->color ? "\033[1m" : NULL);
}

static void print_text(struct output *output, int i, struct slice text, size_t width)
{
	const struct column *column = output->chosen[i].column;
	const char *paint = output->color && column->paint ? column->paint(text) : NULL;
	print_cell(output, i, shown(text), width, paint);
}

static void fixed_widths(const struct output *output, size_t widths[CHOSEN_MAX])
{
	for (int i = 0; i < output->chosen_count; i++)
		widths[i] = output->chosen[i].column->width;
}

static void table_begin(struct output *output)
{
	size_t widths[CHOSEN_MAX];
	fixed_widths(output, widths);
	if (output->streamed)
		print_headings(output, widths);
}

/* Keeps one row's text; the whole output goes without a cell that finds no memory. */
static void keep_cell(struct output *output, struct slice text)
{
	if (output->cell_count == output->cell_capacity) {
		size_t capacity = output->cell_capacity ? 2 * output->cell_capacity : 64;
		char **cells = realloc(output->cells, capacity * sizeof(*cells));
		if (!cells)
			return;
		output->cells = cells;
		output->cell_capacity = capacity;
	}
	output->cells[output->cell_count++] = slice_dup(text);
}

static void table_row(struct output *output, struct json_object *record)
{
	char buffer[OUTPUT_CELL_MAX];
	size_t widths[CHOSEN_MAX];

	fixed_widths(output, widths);
	for (int i = 0; i < output->chosen_count; i++) {
		struct slice text = output_cell(output, &output->chosen[i], record, buffer);
		if (output->streamed)
			print_text(output, i, text, widths[i]);
		else
			keep_cell(output, text);
	}
}

static void table_record(struct output *output, struct json_object *record)
{
	output_spread(output, record, table_row);
}

static void widest(const struct output *output, size_t widths[CHOSEN_MAX])
{
	size_t columns = (size_t)output->chosen_count;
	for (size_t i = 0; i < columns; i++)
		widths[i] =
		    output->legend ? cell_width(slice_of(output->chosen[i].column->header)) : 0;
	for (size_t i = 0; i < output->cell_count; i++) {
		size_t width = cell_width(shown(slice_of(output->cells[i])));
		if (width > widths[i % columns])
			widths[i % columns] = width;
	}
}

/* Takes from the widest column that may shrink, one by one, until the terminal holds the row. */
static void shrink(const struct output *output, size_t widths[CHOSEN_MAX])
{
	size_t total = (size_t)(output->chosen_count - 1) * GAP;
	total += output->title_count ? INDENT : 0;
	for (int i = 0; i < output->chosen_count; i++)
		total += widths[i];
	while (output->terminal && total > output->terminal) {
		int most = -1;
		for (int i = 0; i < output->chosen_count; i++)
			if (output->chosen[i].column->shrinks && widths[i] > SHRUNK_MIN &&
			    (most < 0 || widths[i] > widths[most]))
				most = i;
		if (most < 0)
			return;
		widths[most]--;
		total--;
	}
}

/* Those that stand above the row that begins with this cell. */
static size_t print_titles(const struct output *output, size_t first, size_t cell)
{
	for (; first < output->title_count && output->titles[first].cell == cell; first++) {
		struct slice text = slice_of(output->titles[first].text);
		struct cell_style style = {.paint = output->color ? "\033[1m" : NULL};
		if (output->terminal && cell_width(text) > output->terminal)
			style.width = output->terminal, style.cut = true;
		cell_print(output->stream, text, &style);
		fputc('\n', output->stream);
	}
	return first;
}

static void print_rows(struct output *output)
{
	size_t columns = (size_t)output->chosen_count, widths[CHOSEN_MAX], titles = 0;

	if (!output->cell_count)
		return;
	widest(output, widths);
	shrink(output, widths);
	print_headings(output, widths);
	for (size_t i = 0; i < output->cell_count; i++) {
		if (i % columns == 0) {
			titles = print_titles(output, titles, i);
			print_indent(output);
		}
		print_text(
		    output, (int)(i % columns), slice_of(output->cells[i]), widths[i % columns]);
	}
}

static void table_end(struct output *output)
{
	if (!output->streamed)
		print_rows(output);
	if (!output->legend)
		return;
	const char *noun = output->records == 1 ? output->set->noun : output->set->nouns;
	fprintf(output->stream, "%s%zu %s", output->records || output->streamed ? "\n" : "",
	    output->records, noun);
	if (output->groups)
		fprintf(output->stream, " on %zu %s", output->groups, output->group_noun);
	fprintf(output->stream, "%s\n", output->summary ? output->summary : "");
}

/* Only where columns were asked for: a row of them, without a last line. */
static void table_one(struct output *output, struct json_object *object)
{
	table_record(output, object);
	print_rows(output);
}

const struct format FORMAT_TABLE = {"table", table_begin, table_record, table_end, table_one};

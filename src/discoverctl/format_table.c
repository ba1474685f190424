/* SPDX-License-Identifier: ISC
 * format_table: rows and columns for people, with widths that fit the cells, or fixed widths where
 * rows are printed one by one. */
#include "base/utc_parse.h"
#include "client/field.h"
#include "discoverctl/cell.h"
#include "discoverctl/formats.h"
#include "discoverctl/when.h"
#include <stdlib.h>

enum { GAP = 2, INDENT = 2 };

static struct slice shown(struct slice text)
{
	return text.len ? text : SLICE("-");
}

/* True where all following columns are hidden. */
static bool is_last(const struct output *output, int i)
{
	while (++i < output->chosen_count)
		if (!output->hidden[i])
			return false;
	return true;
}

/* Prints one cell. A cell that is wider than its column and may not be cut shifts the following
 * ones to the right by *shift terminal columns; they drop blanks until the shift is 0 again. */
static void print_cell(
    struct output *output, int i, struct slice text, size_t width, const char *paint, size_t *shift)
{
	const struct column *column = output->chosen[i].column;
	bool last = is_last(output, i);
	size_t needed = cell_width(text);
	struct cell_style style = {
	    .width = width,
	    .cut = output->terminal && column->weight,
	    .right = column->right,
	    .paint = paint,
	};

	if (output->hidden[i])
		return;
	if (needed > width && !style.cut)
		*shift += needed - width;
	else if (needed < width) {
		size_t given = *shift < width - needed ? *shift : width - needed;
		style.width -= given;
		*shift -= given;
	}
	/* no blanks at the end of the line */
	if (last && !column->right && needed <= width)
		style.width = 0, style.cut = false;
	cell_print(output->stream, text, &style);
	fprintf(output->stream, "%*s", last ? 0 : GAP, "");
	if (last)
		fputc('\n', output->stream);
}

/* Rows below a title are indented. */
static void print_indent(const struct output *output)
{
	fprintf(output->stream, "%*s", output->title_count ? INDENT : 0, "");
}

static void print_headings(struct output *output, const size_t widths[])
{
	char heading[HEADING_MAX];
	size_t shift = 0;

	if (!output->legend)
		return;
	print_indent(output);
	for (int i = 0; i < output->chosen_count; i++)
		print_cell(output, i, column_heading(output->chosen[i].column, heading), widths[i],
		    output->color ? "\033[1m" : NULL, &shift);
}

static void print_text(struct output *output, int i, struct slice text, size_t width, size_t *shift)
{
	const struct column *column = output->chosen[i].column;
	const char *paint = output->color && column->paint ? column->paint(text) : NULL;
	print_cell(output, i, shown(text), width, paint, shift);
}

static size_t total_of(const struct output *output, const size_t widths[])
{
	size_t total = output->title_count ? INDENT : 0;
	for (int i = 0; i < output->chosen_count; i++)
		if (!output->hidden[i])
			total += widths[i] + (is_last(output, i) ? 0 : GAP);
	return total;
}

/* Hides optional columns, the last one first, until the row fits the terminal. */
static void hide(struct output *output, const size_t widths[])
{
	for (int i = output->chosen_count - 1; i >= 0; i--)
		if (output->chosen[i].optional &&
		    (!output->terminal || total_of(output, widths) > output->terminal))
			output->hidden[i] = true;
}

/* Narrows the columns that may be cut, each time the one that is widest for its weight, until the
 * row fits the terminal. */
static void shrink(const struct output *output, size_t widths[])
{
	size_t total = total_of(output, widths);

	for (; output->terminal && total > output->terminal; total--) {
		int most = -1;
		for (int i = 0; i < output->chosen_count; i++) {
			const struct column *column = output->chosen[i].column;
			if (output->hidden[i] || !column->weight || widths[i] <= column->least)
				continue;
			if (most < 0 || widths[i] * output->chosen[most].column->weight >
					    widths[most] * column->weight)
				most = i;
		}
		if (most < 0)
			return;
		widths[most]--;
	}
}

/* Distributes the remaining width of the terminal to the columns that may be cut, to each up to a
 * maximum that increases with its weight; the last column gets the rest. */
static void grow(const struct output *output, size_t widths[])
{
	size_t total = total_of(output, widths);

	for (bool grown = true; grown && total < output->terminal;) {
		grown = false;
		for (int i = 0; i < output->chosen_count && total < output->terminal; i++) {
			const struct column *column = output->chosen[i].column;
			size_t most = column->width + column->width * column->weight / 8;
			if (output->hidden[i] || widths[i] >= most)
				continue;
			widths[i]++;
			total++;
			grown = true;
		}
	}
	for (int i = 0; i < output->chosen_count && total < output->terminal; i++)
		if (is_last(output, i) && !output->hidden[i] && output->chosen[i].column->weight) {
			widths[i] += output->terminal - total;
			return;
		}
}

/* Widths that do not depend on the records. */
static void fixed_widths(struct output *output, size_t widths[])
{
	char heading[HEADING_MAX];

	for (int i = 0; i < output->chosen_count; i++) {
		const struct column *column = output->chosen[i].column;
		widths[i] = column_heading(column, heading).len;
		if (widths[i] < column->width)
			widths[i] = column->width;
	}
	hide(output, widths);
	shrink(output, widths);
	grow(output, widths);
}

static void table_begin(struct output *output)
{
	if (!output->streamed)
		return;
	fixed_widths(output, output->widths);
	print_headings(output, output->widths);
}

/* Without a stream the cells wait until the widths are known. */
static void table_row(struct output *output, struct json_object *record)
{
	char buffer[OUTPUT_CELL_MAX];
	size_t shift = 0;

	if (!output->streamed)
		rows_begin(&output->rows, output->keys);
	for (int i = 0; i < output->chosen_count; i++) {
		struct slice text = output_cell(output, &output->chosen[i], record, buffer);
		if (output->streamed) {
			print_text(output, i, text, output->widths[i], &shift);
		} else {
			rows_put(&output->rows, text);
			rows_put(&output->rows, (struct slice){"", 1});
		}
	}
	if (!output->streamed)
		rows_end(&output->rows);
}

/* Prints the date where it differs from that of the row before. */
static void print_date(struct output *output, struct json_object *record)
{
	int64_t moment;
	char text[64];
	struct writer w;

	if (!output->set->dated || !output->streamed ||
	    utc_parse(json_object_get_string(field_get(record, output->set->dated)), &moment) < 0)
		return;
	int64_t day = when_local_day(moment);
	if (output->day && day != output->day) {
		writer_init(&w, text, sizeof(text));
		when_format_date(moment, &w);
		fprintf(output->stream, "%s%.*s%s\n", output_bold(output),
		    SLICE_ARGS(writer_result(&w)), output_plain(output));
	}
	output->day = day;
}

static void table_record(struct output *output, struct json_object *record)
{
	print_date(output, record);
	output_spread(output, record, table_row);
}

/* The next cell of a row. */
static struct slice next_cell(struct slice *row)
{
	struct slice cell = SLICE_NONE;

	slice_cut(row, '\0', &cell);
	return cell;
}

static void widest(const struct output *output, size_t widths[])
{
	char heading[HEADING_MAX];

	for (int k = 0; k < output->chosen_count; k++)
		widths[k] =
		    output->legend ? column_heading(output->chosen[k].column, heading).len : 0;
	for (size_t i = 0; i < output->rows.count; i++) {
		struct slice row = row_text(&output->rows.rows[i]);
		for (int k = 0; k < output->chosen_count; k++) {
			size_t width = cell_width(shown(next_cell(&row)));
			widths[k] = width > widths[k] ? width : widths[k];
		}
	}
}

/* Prints the titles above this row; the index of the first one after them. */
static size_t print_titles(const struct output *output, size_t first, size_t row)
{
	for (; first < output->title_count && output->titles[first].row == row; first++) {
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
	size_t widths[PREPENDED_MAX + CHOSEN_MAX], titles = 0;

	if (!output->rows.count)
		return;
	widest(output, widths);
	hide(output, widths);
	shrink(output, widths);
	print_headings(output, widths);
	for (size_t i = 0; i < output->rows.count; i++) {
		struct slice row = row_text(&output->rows.rows[i]);
		size_t shift = 0;
		titles = print_titles(output, titles, i);
		print_indent(output);
		for (int k = 0; k < output->chosen_count; k++)
			print_text(output, k, next_cell(&row), widths[k], &shift);
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
		fprintf(output->stream, " on %zu interface%s", output->groups,
		    output->groups == 1 ? "" : "s");
	fprintf(output->stream, "%s\n", output->summary ? output->summary : "");
}

/* With --columns: one row of them, without a last line. */
static void table_one(struct output *output, struct json_object *object)
{
	table_record(output, object);
	print_rows(output);
}

const struct format FORMAT_TABLE = {
    .name = "table",
    .begin = table_begin,
    .record = table_record,
    .end = table_end,
    .one = table_one,
    .is_table = true,
};

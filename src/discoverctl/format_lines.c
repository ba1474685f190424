/* SPDX-License-Identifier: ISC
 * format_lines: kv, with "name=value" per line, and csv (RFC 4180, with line feeds alone). */
#include "base/text.h"
#include "discoverctl/flatten.h"
#include "discoverctl/formats.h"
#include <string.h>

static void nothing(struct output *output)
{
	(void)output;
}

static void put_pair(void *stream, struct slice path, struct slice value)
{
	output_escaped(stream, path);
	fputc('=', stream);
	output_escaped(stream, value);
	fputc('\n', stream);
}

static void kv_record(struct output *output, struct json_object *record)
{
	char buffer[OUTPUT_CELL_MAX];

	if (output->records)
		fputc('\n', output->stream);
	if (!output->columns_given) {
		flatten(record, put_pair, output->stream);
		return;
	}
	for (int i = 0; i < output->chosen_count; i++) {
		struct slice text = output_cell(output, &output->chosen[i], record, buffer);
		fprintf(
		    output->stream, "%s=%.*s\n", output->chosen[i].column->name, SLICE_ARGS(text));
	}
}

const struct format FORMAT_KV = {"kv", nothing, kv_record, nothing, kv_record};

/* RFC 4180 2: quoted where it must be, a quote doubled. Line ends cannot be in it, they have been
 * escaped. */
static void put_value(FILE *stream, struct slice text)
{
	bool quoted = slice_find(text, ',') < text.len || slice_find(text, '"') < text.len ||
		      slice_trim(text).len < text.len;
	if (quoted)
		fputc('"', stream);
	for (size_t i = 0; i < text.len; i++) {
		if (text.bytes[i] == '"')
			fputc('"', stream);
		fputc(text.bytes[i], stream);
	}
	if (quoted)
		fputc('"', stream);
}

static void csv_begin(struct output *output)
{
	for (int i = 0; i < output->chosen_count && output->legend; i++)
		fprintf(output->stream, "%s%s", i ? "," : "", output->chosen[i].column->name);
	if (output->legend)
		fputc('\n', output->stream);
}

static void csv_row(struct output *output, struct json_object *record)
{
	char buffer[OUTPUT_CELL_MAX];
	for (int i = 0; i < output->chosen_count; i++) {
		if (i)
			fputc(',', output->stream);
		put_value(output->stream, output_cell(output, &output->chosen[i], record, buffer));
	}
	fputc('\n', output->stream);
}

static void csv_record(struct output *output, struct json_object *record)
{
	output_spread(output, record, csv_row);
}

static void put_escaped_value(FILE *stream, struct slice text)
{
	char buffer[OUTPUT_CELL_MAX];
	struct writer w;
	writer_init(&w, buffer, sizeof(buffer));
	text_escape(text, &w);
	put_value(stream, writer_result(&w));
}

static void put_row(void *stream, struct slice path, struct slice value)
{
	put_escaped_value(stream, path);
	fputc(',', stream);
	put_escaped_value(stream, value);
	fputc('\n', stream);
}

/* What has no columns becomes rows of a name and a value. */
static void csv_one(struct output *output, struct json_object *object)
{
	if (output->set) {
		csv_begin(output);
		csv_record(output, object);
		return;
	}
	if (output->legend)
		fputs("name,value\n", output->stream);
	flatten(object, put_row, output->stream);
}

const struct format FORMAT_CSV = {"csv", csv_begin, csv_record, nothing, csv_one};

/* SPDX-License-Identifier: ISC
 * format_lines: kv, with "name=value" per line, and csv (RFC 4180, with line feeds alone). */
#include "base/text.h"
#include "client/field.h"
#include "discoverctl/cell.h"
#include "discoverctl/formats.h"
#include <string.h>

typedef void flatten_fn(void *context, struct slice path, struct slice value);

enum { DEPTH_MAX = 24, PATH_MAX_LEN = 512 };

/* A position in one array or object, and the length of the path that names it. */
struct level {
	struct json_object *value;
	struct json_object_iterator member, end; /* of an object */
	size_t next;                             /* of an array */
	size_t path_len;
};

static void enter(struct level *level, struct json_object *value, size_t path_len)
{
	*level = (struct level){.value = value, .path_len = path_len};
	if (!json_object_is_type(value, json_type_object))
		return;
	level->member = json_object_iter_begin(value);
	level->end = json_object_iter_end(value);
}

/* The next value of this level, its name appended to the path; false at its end. */
static bool step(struct level *level, struct writer *path, struct json_object **value)
{
	path->len = level->path_len;
	if (path->len)
		writer_char(path, '.');
	if (json_object_is_type(level->value, json_type_array)) {
		if (level->next >= field_length(level->value))
			return false;
		*value = field_entry(level->value, level->next);
		writer_u64(path, level->next++);
		return true;
	}
	if (json_object_iter_equal(&level->member, &level->end))
		return false;
	writer_text(path, json_object_iter_peek_name(&level->member));
	*value = json_object_iter_peek_value(&level->member);
	json_object_iter_next(&level->member);
	return true;
}

static bool has_parts(struct json_object *value)
{
	if (json_object_is_type(value, json_type_object))
		return json_object_object_length(value) > 0;
	return field_length(value) > 0;
}

static struct slice scalar(struct json_object *value)
{
	bool container = json_object_is_type(value, json_type_object) ||
			 json_object_is_type(value, json_type_array);
	return container ? SLICE_NONE : field_text(value);
}

/* Calls `fn` for every text, number and truth in an object, named by where it is, as in
 * "addresses.0.mac"; with an empty value for null and for an empty array or object. Omits what is
 * nested deeper than DEPTH_MAX. */
static void flatten(struct json_object *object, flatten_fn *fn, void *context)
{
	struct level levels[DEPTH_MAX];
	char buffer[PATH_MAX_LEN];
	struct writer path;
	size_t depth = 1;

	writer_init(&path, buffer, sizeof(buffer));
	enter(&levels[0], object, 0);
	while (depth) {
		struct json_object *value;
		path.error = 0; /* a path that is too long is cut */
		if (!step(&levels[depth - 1], &path, &value))
			depth--;
		else if (!has_parts(value))
			fn(context, writer_result(&path), scalar(value));
		else if (depth < DEPTH_MAX)
			enter(&levels[depth++], value, path.len);
	}
}

static void put_pair(void *stream, struct slice path, struct slice value)
{
	cell_print_escaped(stream, path);
	fputc('=', stream);
	cell_print_escaped(stream, value);
	fputc('\n', stream);
}

static void kv_separate(struct output *output)
{
	if (output->records)
		fputc('\n', output->stream);
}

static void kv_record(struct output *output, struct json_object *record)
{
	char buffer[OUTPUT_CELL_MAX];

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

const struct format FORMAT_KV = {
    .name = "kv",
    .separate = kv_separate,
    .record = kv_record,
    .one = kv_record,
};

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

/* An object without columns is printed as rows of a name and a value. */
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

const struct format FORMAT_CSV = {
    .name = "csv",
    .begin = csv_begin,
    .record = csv_record,
    .one = csv_one,
};

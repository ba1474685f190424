/* SPDX-License-Identifier: ISC
 * format_json: json, one array with a record per line, and jsonl, the lines alone. */
#include "base/text.h"
#include "discoverctl/formats.h"

static void put_utf16(FILE *stream, int32_t code_point)
{
	if (code_point <= 0xffff)
		fprintf(stream, "\\u%04x", (unsigned)code_point);
	else
		fprintf(stream, "\\u%04x\\u%04x",
		    0xd800U + (unsigned)((code_point - 0x10000) >> 10),
		    0xdc00U + (unsigned)(code_point & 0x3ff));
}

/* The bytes of ASCII in front, but for DEL. */
static size_t plain_head(struct slice text)
{
	size_t len = 0;

	while (len < text.len && (unsigned char)text.bytes[len] < 0x7f)
		len++;
	return len;
}

/* Prints JSON. Control characters, which a terminal might interpret, are escaped: outside ASCII
 * they occur in strings only, where \u means the same. */
static void put(FILE *stream, struct json_object *object, int how)
{
	size_t len;
	const char *text =
	    json_object_to_json_string_length(object, how | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	struct slice rest = {text, text ? len : 0};

	while (rest.len) {
		int32_t code_point;
		size_t plain = plain_head(rest), used;
		fwrite(rest.bytes, 1, plain, stream);
		rest = slice_skip(rest, plain);
		if (!rest.len)
			break;
		used = text_decode(rest, &code_point);
		if (code_point >= 0x7f && !text_is_clean(slice_head(rest, used)))
			put_utf16(stream, code_point);
		else
			fwrite(rest.bytes, 1, used, stream);
		rest = slice_skip(rest, used);
	}
}

static void json_begin(struct output *output)
{
	fputc('[', output->stream);
}

static void json_separate(struct output *output)
{
	fputs(output->records ? ",\n" : "\n", output->stream);
}

static void json_record(struct output *output, struct json_object *record)
{
	put(output->stream, record, JSON_C_TO_STRING_PLAIN);
}

static void json_end(struct output *output)
{
	fputs(output->records ? "\n]\n" : "]\n", output->stream);
}

static void json_one(struct output *output, struct json_object *object)
{
	put(output->stream, object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED);
	fputc('\n', output->stream);
}

const struct format FORMAT_JSON = {
    .name = "json",
    .begin = json_begin,
    .separate = json_separate,
    .record = json_record,
    .end = json_end,
    .one = json_one,
    .is_json = true,
};

static void jsonl_record(struct output *output, struct json_object *record)
{
	put(output->stream, record, JSON_C_TO_STRING_PLAIN);
	fputc('\n', output->stream);
}

const struct format FORMAT_JSONL = {
    .name = "jsonl",
    .record = jsonl_record,
    .one = jsonl_record,
    .is_json = true,
};

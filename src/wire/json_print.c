/* SPDX-License-Identifier: ISC
 * json_print: see json_print.h. */
#include "wire/json_print.h"
#include <inttypes.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the text goes; without room it is only measured. */
struct sink {
	char *text;
	size_t len;
	bool refused;
};

/* The user data of a value that lacks a part. */
static const char REFUSED[] = "";

static void put(struct sink *sink, const char *bytes, size_t len)
{
	if (sink->text)
		memcpy(sink->text + sink->len, bytes, len);
	sink->len += len;
}

static void put_text(struct sink *sink, const char *text)
{
	put(sink, text, strlen(text));
}

/* RFC 8259, 7. */
static void put_string(struct sink *sink, const char *bytes, size_t len)
{
	static const char SHORT[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	put(sink, "\"", 1);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];
		const char *entry = SHORT;
		char escape[8];

		while (*entry && *entry != bytes[i])
			entry += 2;
		if (*entry)
			snprintf(escape, sizeof(escape), "\\%c", entry[1]);
		else if (c < ' ')
			snprintf(escape, sizeof(escape), "\\u%04x", c);
		if (*entry || c < ' ')
			put_text(sink, escape);
		else
			put(sink, &bytes[i], 1);
	}
	put(sink, "\"", 1);
}

static void put_value(struct sink *sink, struct json_object *value);

static void put_array(struct sink *sink, struct json_object *array)
{
	size_t count = json_object_array_length(array);

	put(sink, "[", 1);
	for (size_t i = 0; i < count; i++) {
		if (i)
			put(sink, ",", 1);
		put_value(sink, json_object_array_get_idx(array, i));
	}
	put(sink, "]", 1);
}

static void put_object(struct sink *sink, struct json_object *object)
{
	bool first = true;

	put(sink, "{", 1);
	json_object_object_foreach(object, key, value)
	{
		if (!first)
			put(sink, ",", 1);
		first = false;
		put_string(sink, key, strlen(key));
		put(sink, ":", 1);
		put_value(sink, value);
	}
	put(sink, "}", 1);
}

/* A fraction, or what is above INT64_MAX. The library prints it into memory that it has before it
 * begins, so a number is never cut. */
static void put_number(struct sink *sink, struct json_object *value)
{
	const char *text = json_object_to_json_string(value);

	sink->refused = sink->refused || !text;
	put_text(sink, text ? text : "");
}

/* As deep as the value, which is one of ours. */
static void put_value(struct sink *sink, struct json_object *value)
{
	const char *given = value ? json_object_get_userdata(value) : NULL;
	char number[24];

	if (given) {
		sink->refused = sink->refused || given == REFUSED;
		put_text(sink, given);
		return;
	}
	switch (json_object_get_type(value)) {
	case json_type_object:
		put_object(sink, value);
		break;
	case json_type_array:
		put_array(sink, value);
		break;
	case json_type_string:
		put_string(
		    sink, json_object_get_string(value), (size_t)json_object_get_string_len(value));
		break;
	case json_type_boolean:
		put_text(sink, json_object_get_boolean(value) ? "true" : "false");
		break;
	case json_type_int:
		if (json_object_get_int64(value) == INT64_MAX) {
			put_number(sink, value);
			break;
		}
		snprintf(number, sizeof(number), "%" PRId64, json_object_get_int64(value));
		put_text(sink, number);
		break;
	case json_type_double:
		put_number(sink, value);
		break;
	default:
		put_text(sink, "null");
	}
}

char *json_print(struct json_object *value, size_t *len)
{
	struct sink sink = {0};

	put_value(&sink, value);
	char *text = sink.refused ? NULL : malloc(sink.len + 1);
	if (!text)
		return NULL;
	*len = sink.len;
	sink = (struct sink){.text = text};
	put_value(&sink, value);
	text[*len] = '\0';
	return text;
}

void json_print_refuse(struct json_object *value)
{
	json_object_set_userdata(value, (void *)(uintptr_t)REFUSED, NULL);
}

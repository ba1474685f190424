/* SPDX-License-Identifier: ISC
 * json_print: see json_print.h. */
#include "wire/json_print.h"
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

/* The user data of a value that lacks a part. */
static const char REFUSED[] = "";

static void put_array(struct json_writer *w, struct json_object *array)
{
	size_t count = json_object_array_length(array);

	json_writer_open(w, '[');
	for (size_t i = 0; i < count; i++)
		json_print_into(w, json_object_array_get_idx(array, i));
	json_writer_close(w, ']');
}

static void put_object(struct json_writer *w, struct json_object *object)
{
	json_writer_open(w, '{');
	json_object_object_foreach(object, key, value)
	{
		json_writer_name_escaped(w, slice_of(key));
		json_print_into(w, value);
	}
	json_writer_close(w, '}');
}

/* A fraction, or what is above INT64_MAX. The library prints it into memory that it has before it
 * begins, so a number is never cut. */
static void put_number(struct json_writer *w, struct json_object *value)
{
	const char *number = json_object_to_json_string(value);

	w->failed = w->failed || !number;
	json_writer_raw(w, slice_of(number ? number : ""));
}

/* As deep as the value, which is one of ours. */
void json_print_into(struct json_writer *w, struct json_object *value)
{
	const char *given = value ? json_object_get_userdata(value) : NULL;

	if (given) {
		w->failed = w->failed || given == REFUSED;
		json_writer_raw(w, slice_of(given));
		return;
	}
	switch (json_object_get_type(value)) {
	case json_type_object:
		put_object(w, value);
		break;
	case json_type_array:
		put_array(w, value);
		break;
	case json_type_string:
		json_writer_slice(w, (struct slice){json_object_get_string(value),
					 (size_t)json_object_get_string_len(value)});
		break;
	case json_type_boolean:
		json_writer_truth(w, json_object_get_boolean(value));
		break;
	case json_type_int:
		if (json_object_get_int64(value) == INT64_MAX)
			put_number(w, value);
		else
			json_writer_number(w, json_object_get_int64(value));
		break;
	case json_type_double:
		put_number(w, value);
		break;
	default:
		json_writer_null(w);
	}
}

char *json_print(struct json_object *value, size_t *len)
{
	struct json_writer w = {0};

	json_print_into(&w, value);
	*len = w.len;
	json_writer_bytes(&w, (struct slice){"", 1});
	if (w.failed)
		json_writer_fini(&w);
	return w.bytes;
}

void json_print_refuse(struct json_object *value)
{
	json_object_set_userdata(value, (void *)(uintptr_t)REFUSED, NULL);
}

/* SPDX-License-Identifier: ISC
 * field: see field.h. */
#include "client/field.h"

struct json_object *field_get(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;
	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, key, &value);
	return value;
}

struct slice field_text(struct json_object *value)
{
	if (json_object_is_type(value, json_type_string))
		return (struct slice){
		    json_object_get_string(value), (size_t)json_object_get_string_len(value)};
	return value ? slice_of(json_object_get_string(value)) : SLICE_NONE;
}

struct slice field_text_of(struct json_object *object, const char *key)
{
	return field_text(field_get(object, key));
}

size_t field_length(struct json_object *array)
{
	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

struct json_object *field_entry(struct json_object *array, size_t i)
{
	return i < field_length(array) ? json_object_array_get_idx(array, i) : NULL;
}

bool field_has_text(struct json_object *array, struct slice text)
{
	for (size_t i = 0; i < field_length(array); i++)
		if (slice_equal(field_text(field_entry(array, i)), text))
			return true;
	return false;
}

/* json-c ends the process where there is no object. */
bool field_add(struct json_object *object, const char *key, struct json_object *value)
{
	bool added = object && json_object_object_add(object, key, value) == 0;

	if (!added)
		json_object_put(value);
	return added;
}

bool field_append(struct json_object *array, struct json_object *value)
{
	bool added = array && json_object_array_add(array, value) == 0;

	if (!added)
		json_object_put(value);
	return added;
}

void field_add_text(struct json_object *object, const char *key, const char *text)
{
	if (text)
		field_add(object, key, json_object_new_string(text));
}

/* SPDX-License-Identifier: ISC
 * saved_json: members of JSON objects, and moments in them. */
#include "core/saved_table_internal.h"
#include "wire/json_print.h"
#include <string.h>

/* After another boot it is not known how long the host was off, and while it ran lifetimes were
 * extended that were not written: they are all this long at most, or at least. */
#define UNSURE_LIFETIME SECONDS(300)
#define LIFETIME_MAX    SECONDS(86400)
/* Of moments, so that nothing overflows. */
#define MOMENT_MAX ((int64_t)1 << 60)

/* A file that lacks what there was no memory for would take the place of a whole one. */
static void refuse(struct json_object *where, struct json_object *value)
{
	json_object_put(value);
	if (where)
		json_print_refuse(where);
}

void saved_put(struct json_object *object, const char *key, struct json_object *value)
{
	if (!object || !value ||
	    json_object_object_add_ex(object, key, value,
		JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_KEY_IS_CONSTANT) < 0)
		refuse(object, value);
}

void saved_put_text(struct json_object *object, const char *key, const char *text)
{
	if (text)
		saved_put(object, key, json_object_new_string(text));
}

void saved_put_number(struct json_object *object, const char *key, int64_t number)
{
	if (number)
		saved_put(object, key, json_object_new_int64(number));
}

void saved_put_true(struct json_object *object, const char *key, bool value)
{
	if (value)
		saved_put(object, key, json_object_new_boolean(true));
}

void saved_append(struct json_object *array, struct json_object *value)
{
	if (!array || !value || json_object_array_add(array, value) < 0)
		refuse(array, value);
}

struct json_object *saved_get(struct json_object *object, const char *key, enum json_type type)
{
	struct json_object *value;

	return json_object_is_type(object, json_type_object) &&
		       json_object_object_get_ex(object, key, &value) &&
		       json_object_is_type(value, type)
		   ? value
		   : NULL;
}

const char *saved_get_text(struct json_object *object, const char *key)
{
	struct json_object *value = saved_get(object, key, json_type_string);

	return value ? json_object_get_string(value) : NULL;
}

int64_t saved_get_number(struct json_object *object, const char *key, int64_t min, int64_t max)
{
	struct json_object *value = saved_get(object, key, json_type_int);
	int64_t number = value ? json_object_get_int64(value) : 0;

	return number < min ? min : number > max ? max : number;
}

bool saved_get_true(struct json_object *object, const char *key)
{
	struct json_object *value = saved_get(object, key, json_type_boolean);

	return value && json_object_get_boolean(value);
}

size_t saved_length(struct json_object *array, size_t max)
{
	size_t length = array ? json_object_array_length(array) : 0;

	return length < max ? length : max;
}

/* The time that the host was off counts for nothing. */
struct instant saved_past(
    const struct saved_times *times, struct json_object *object, const char *key)
{
	struct instant then = {saved_get_number(object, key, -MOMENT_MAX, MOMENT_MAX)};
	int64_t shift = times->same_boot ? 0 : instant_since(times->now, times->written);

	return instant_earlier(instant_add(then, shift), times->now);
}

int64_t saved_wall(const struct saved_times *times, struct json_object *object)
{
	int64_t wall = saved_get_number(object, "first_seen_wall", 0, MOMENT_MAX);
	int64_t seen = saved_get_number(object, "first_seen", -MOMENT_MAX, MOMENT_MAX);

	return wall || times->same_boot ? wall : seen + times->wall_offset;
}

struct instant saved_end(
    const struct saved_times *times, struct json_object *object, const char *key)
{
	struct instant end = {saved_get_number(object, key, -MOMENT_MAX, MOMENT_MAX)};

	if (!saved_get(object, key, json_type_int))
		return INSTANT_NEVER;
	int64_t left = instant_since(end, times->same_boot ? times->now : times->written);
	if (!times->same_boot && left > UNSURE_LIFETIME)
		left = UNSURE_LIFETIME;
	if (times->running && left < UNSURE_LIFETIME)
		left = UNSURE_LIFETIME;
	return instant_add(times->now, left < LIFETIME_MAX ? left : LIFETIME_MAX);
}

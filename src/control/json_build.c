/* SPDX-License-Identifier: ISC
 * json_build: see json_build.h. */
#include "control/json_build.h"
#include "base/mac.h"
#include "base/utc.h"
#include "wire/json_print.h"
#include <stdlib.h>
#include <string.h>

static bool add(
    struct json_object *object, const char *key, struct json_object *value, unsigned how)
{
	bool added = object && json_object_object_add_ex(object, key, value, how) == 0;
	if (!added)
		json_object_put(value);
	if (!added && object)
		json_print_refuse(object);
	return added;
}

void json_add(struct json_object *object, const char *key, struct json_object *value)
{
	add(object, key, value, JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_KEY_IS_CONSTANT);
}

void json_add_copy(struct json_object *object, const char *key, struct json_object *value)
{
	add(object, key, value, 0);
}

struct json_object *json_member(struct json_object *object, const char *key)
{
	struct json_object *member = json_object_object_get(object, key);
	if (member)
		return member;
	member = json_object_new_object();
	return member && add(object, key, member, 0) ? member : NULL;
}

void json_append(struct json_object *array, struct json_object *value)
{
	if (array && value && json_object_array_add(array, value) == 0)
		return;
	json_object_put(value);
	if (array)
		json_print_refuse(array);
}

struct json_object *json_written(struct json_writer *w)
{
	struct json_object *value = json_object_new_boolean(true);

	json_writer_bytes(w, (struct slice){"", 1});
	if (!value || w->failed) {
		json_writer_fini(w);
		json_object_put(value);
		return NULL;
	}
	json_object_set_serializer(
	    value, json_object_userdata_to_json_string, w->bytes, json_object_free_userdata);
	*w = (struct json_writer){0};
	return value;
}

struct json_object *json_flat(struct json_object *value)
{
	struct json_writer w = {0};
	struct json_object *flat;

	json_print_into(&w, value);
	flat = json_written(&w);
	if (flat)
		json_object_put(value);
	return flat ? flat : value;
}

struct json_object *json_text(const char *text)
{
	return text ? json_object_new_string(text) : NULL;
}

struct json_object *json_slice(struct slice text)
{
	return text.bytes ? json_object_new_string_len(text.bytes, (int)text.len) : NULL;
}

struct slice json_to_slice(struct json_object *string)
{
	return (struct slice){
	    json_object_get_string(string), (size_t)json_object_get_string_len(string)};
}

struct json_object *json_address(const struct address *address)
{
	char text[ADDRESS_TEXT_MAX];
	return address_is_none(address) ? NULL : json_text(address_text(address, text));
}

struct json_object *json_mac(const struct mac *mac)
{
	char text[MAC_TEXT_MAX];
	return mac->known ? json_slice(mac_text(mac, text)) : NULL;
}

struct json_object *json_time(int64_t wall_us)
{
	char text[UTC_TEXT_MAX];
	struct utc_day day = {0};

	return json_slice(utc_text(&day, wall_us, text));
}

struct json_object *json_count(uint64_t value)
{
	return json_object_new_int64(value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

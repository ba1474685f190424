/* SPDX-License-Identifier: ISC
 * fleet_filter: see fleet_filter.h. */
#include "mqtt/fleet_filter.h"
#include "base/array.h"
#include "client/device_record.h"
#include "client/field.h"
#include "client/pattern.h"
#include <string.h>

static bool matches(struct slice pattern, struct json_object *text)
{
	return pattern_match(pattern, field_text(text)) == PATTERN_WHOLE;
}

static bool matches_via(struct json_object *device, struct slice pattern)
{
	struct json_object *endpoints = field_get(device, "endpoints");

	for (size_t i = 0; i < field_length(endpoints); i++)
		if (matches(pattern, field_get(field_entry(endpoints, i), "protocol")))
			return true;
	return false;
}

static bool matches_of_address(struct json_object *device, struct slice pattern, const char *member)
{
	struct json_object *addresses = field_get(device, "addresses");

	for (size_t i = 0; i < field_length(addresses); i++)
		if (matches(pattern, field_get(field_entry(addresses, i), member)))
			return true;
	return false;
}

static bool matches_interface(struct json_object *device, struct slice pattern)
{
	return matches_of_address(device, pattern, "interface");
}

static bool matches_address(struct json_object *device, struct slice pattern)
{
	return matches_of_address(device, pattern, "address");
}

static bool matches_kind(struct json_object *device, struct slice pattern)
{
	return matches(pattern, field_get(device, "kind"));
}

static bool matches_name(struct json_object *device, struct slice pattern)
{
	return matches(pattern, field_get(device, "name"));
}

static const struct {
	const char *key;
	bool (*matches)(struct json_object *device, struct slice pattern);
} KEYS[] = {
    {"type", device_record_has_type},
    {"via", matches_via},
    {"interface", matches_interface},
    {"kind", matches_kind},
    {"name", matches_name},
    {"address", matches_address},
};

static bool is_known(const char *key, struct json_object *value)
{
	if (!strcmp(key, "neighbours"))
		return !value || json_object_is_type(value, json_type_boolean);
	for (size_t i = 0; i < COUNT_OF(KEYS); i++)
		if (!strcmp(key, KEYS[i].key))
			return !value || json_object_is_type(value, json_type_string);
	return false;
}

const char *fleet_filter_wrong(struct json_object *filter)
{
	if (!filter)
		return NULL;
	if (!json_object_is_type(filter, json_type_object))
		return "";
	json_object_object_foreach(filter, key, value)
	{
		if (!is_known(key, value))
			return key;
	}
	return NULL;
}

bool fleet_filter_matches(struct json_object *filter, struct json_object *device)
{
	struct json_object *kind = field_get(filter, "kind");
	struct slice neighbour = SLICE("neighbour");
	bool neighbours = json_object_get_boolean(field_get(filter, "neighbours")) ||
			  (kind && pattern_match(field_text(kind), neighbour) == PATTERN_WHOLE);

	if (!neighbours && slice_equal(field_text_of(device, "kind"), neighbour))
		return false;
	for (size_t i = 0; i < COUNT_OF(KEYS); i++) {
		struct json_object *pattern = field_get(filter, KEYS[i].key);
		if (pattern && !KEYS[i].matches(device, field_text(pattern)))
			return false;
	}
	return true;
}

/* SPDX-License-Identifier: ISC
 * filter: see filter.h. */
#include "control/filter.h"
#include "control/device_json.h"
#include "wire/usn.h"
#include <errno.h>
#include <fnmatch.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

static bool glob(const char *pattern, const char *text)
{
	return fnmatch(pattern, text, FNM_CASEFOLD) == 0;
}

/* The whole URN, or what stands in it after "device:" or "service:", with its version or not. */
static bool glob_urn(const char *pattern, const char *urn)
{
	if (glob(pattern, urn))
		return true;
	struct slice base = urn_split_version(slice_of(urn)).base;
	size_t from = base.len;
	while (from && base.bytes[from - 1] != ':')
		from--;
	if (!from)
		return false;
	if (glob(pattern, urn + from))
		return true;
	char *name = slice_dup(slice_skip(base, from));
	bool matches = name && glob(pattern, name);
	free(name);
	return matches;
}

static bool matches_type(
    const char *pattern, const struct link_set *links, const struct device *device)
{
	(void)links;
	if (device->facts[DEVICE_TYPE] && glob_urn(pattern, device->facts[DEVICE_TYPE]))
		return true;
	for (size_t i = 0; i < device->service_count; i++)
		if (glob_urn(pattern, device->services[i].type))
			return true;
	return false;
}

static bool matches_via(
    const char *pattern, const struct link_set *links, const struct device *device)
{
	(void)links;
	for (size_t i = 0; i < device->presence_count; i++)
		if (glob(pattern, device->presences[i].protocol))
			return true;
	return false;
}

static bool matches_interface(
    const char *pattern, const struct link_set *links, const struct device *device)
{
	char name[LINK_TEXT_MAX];
	for (size_t i = 0; i < device->presence_count; i++)
		if (glob(pattern, link_text(links, device->presences[i].link, name)))
			return true;
	return false;
}

static bool matches_kind(
    const char *pattern, const struct link_set *links, const struct device *device)
{
	(void)links;
	return glob(pattern, device_kind_name(device->kind));
}

static bool matches_name(
    const char *pattern, const struct link_set *links, const struct device *device)
{
	char address[ADDRESS_TEXT_MAX];
	(void)links;
	return glob(pattern, device_shown_name(device, address));
}

/* In the order of enum filter_key. */
static const struct {
	const char *key;
	bool (*matches)(
	    const char *pattern, const struct link_set *links, const struct device *device);
} KEYS[FILTER_KEYS] = {
    [FILTER_TYPE] = {"type", matches_type},
    [FILTER_VIA] = {"via", matches_via},
    [FILTER_INTERFACE] = {"interface", matches_interface},
    [FILTER_KIND] = {"kind", matches_kind},
    [FILTER_NAME] = {"name", matches_name},
};

static size_t key_index(const char *key)
{
	size_t i = 0;
	while (i < FILTER_KEYS && strcmp(KEYS[i].key, key))
		i++;
	return i;
}

int filter_parse(struct filter *filter, struct json_object *object, const char **offending)
{
	*filter = (struct filter){0};
	if (!object)
		return 0;
	json_object_object_foreach(object, key, value)
	{
		size_t i = key_index(key);
		bool is_text = !value || json_object_is_type(value, json_type_string);
		if (i == FILTER_KEYS || !is_text) {
			*offending = key;
			filter_fini(filter);
			return -EINVAL;
		}
		if (!value)
			continue;
		filter->patterns[i] = strdup(json_object_get_string(value));
		if (!filter->patterns[i]) {
			filter_fini(filter);
			return -ENOMEM;
		}
	}
	return 0;
}

void filter_fini(struct filter *filter)
{
	for (size_t i = 0; i < FILTER_KEYS; i++)
		free(filter->patterns[i]);
	*filter = (struct filter){0};
}

bool filter_matches(
    const struct filter *filter, const struct link_set *links, const struct device *device)
{
	for (size_t i = 0; i < FILTER_KEYS; i++)
		if (filter->patterns[i] && !KEYS[i].matches(filter->patterns[i], links, device))
			return false;
	return true;
}

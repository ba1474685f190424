/* SPDX-License-Identifier: ISC
 * filter: see filter.h. */
#include "control/filter.h"
#include "base/glob.h"
#include "control/endpoint_json.h"
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

static bool glob_text(const struct glob *glob, const char *text)
{
	return glob_matches(glob, slice_of(text));
}

/* Where the part before the one that begins at `end` begins; NULL where there is none. */
static const char *part_before(const char *text, const char *end)
{
	if (end == text)
		return NULL;
	end--;
	while (end > text && end[-1] != ':')
		end--;
	return end;
}

/* The whole, its last two parts, or the last but one: of "urn:schemas-upnp-org:device:Basic:1" also
 * "Basic:1" and "Basic", of "_ipp._tcp" also "ipp". */
static bool glob_type(const struct glob *glob, const char *type)
{
	const char *last, *name;

	if (!type)
		return false;
	if (glob_text(glob, type))
		return true;
	if (*type == '_')
		return glob_matches(glob, (struct slice){type + 1, strcspn(type + 1, ".")});
	last = part_before(type, type + strlen(type) + 1);
	name = part_before(type, last);
	return name && (glob_text(glob, name) ||
			   glob_matches(glob, (struct slice){name, (size_t)(last - 1 - name)}));
}

static bool page_has_type(const struct glob *glob, const struct device_page *page)
{
	for (size_t i = 0; page && i < page->device_count; i++)
		if (glob_type(glob, page->devices[i].type))
			return true;
	for (size_t i = 0; page && i < page->service_count; i++)
		if (glob_type(glob, page->services[i].type))
			return true;
	return false;
}

static bool matches_type(
    const struct glob *glob, const struct link_set *links, const struct endpoint *endpoint)
{
	(void)links;
	if (glob_type(glob, endpoint_fact(endpoint, FACT_TYPE)) ||
	    page_has_type(glob, endpoint->page))
		return true;
	for (size_t i = 0; i < endpoint->service_count; i++)
		if (glob_type(glob, endpoint->services[i].type))
			return true;
	return false;
}

static bool matches_via(
    const struct glob *glob, const struct link_set *links, const struct endpoint *endpoint)
{
	(void)links;
	return glob_text(glob, endpoint->protocol->name);
}

static bool matches_interface(
    const struct glob *glob, const struct link_set *links, const struct endpoint *endpoint)
{
	char name[LINK_TEXT_MAX];

	return glob_text(glob, link_text(links, endpoint->link, name));
}

static bool matches_address(
    const struct glob *glob, const struct link_set *links, const struct endpoint *endpoint)
{
	const struct presence *presence;
	char text[ADDRESS_TEXT_MAX];
	(void)links;

	STAILQ_FOREACH(presence, &endpoint->presences, next)
	if (glob_text(glob, address_text(&presence->address, text)))
		return true;
	return false;
}

static bool matches_kind(const struct glob *glob, const struct device *device)
{
	return glob_text(glob, device_kind_name(device_kind(device)));
}

static bool matches_name(const struct glob *glob, const struct device *device)
{
	char address[ADDRESS_TEXT_MAX];

	return glob_text(glob, device_name(device, address));
}

/* In the order of enum filter_key. One endpoint that matches is enough; NULL: the device itself is
 * looked at. */
static const struct {
	const char *key;
	bool (*endpoint_matches)(
	    const struct glob *glob, const struct link_set *links, const struct endpoint *endpoint);
	bool (*device_matches)(const struct glob *glob, const struct device *device);
} KEYS[FILTER_KEYS] = {
    [FILTER_TYPE] = {"type", matches_type, NULL},
    [FILTER_VIA] = {"via", matches_via, NULL},
    [FILTER_INTERFACE] = {"interface", matches_interface, NULL},
    [FILTER_KIND] = {"kind", NULL, matches_kind},
    [FILTER_NAME] = {"name", NULL, matches_name},
    [FILTER_ADDRESS] = {"address", matches_address, NULL},
};

/* 0, -EINVAL or -ENOMEM. */
static int take_member(struct filter *filter, const char *key, struct json_object *value)
{
	bool is_flag = !strcmp(key, "neighbours");
	size_t i = 0;

	while (i < FILTER_KEYS && strcmp(KEYS[i].key, key) != 0)
		i++;
	if (i == FILTER_KEYS && !is_flag)
		return -EINVAL;
	if (!value)
		return 0;
	if (!json_object_is_type(value, is_flag ? json_type_boolean : json_type_string))
		return -EINVAL;
	if (is_flag) {
		filter->neighbours = json_object_get_boolean(value);
		return 0;
	}
	int result = glob_new(json_object_get_string(value), &filter->globs[i]);
	return result == -E2BIG ? -EINVAL : result;
}

int filter_parse(
    struct filter *filter, struct json_object *object, bool neighbours, const char **offending)
{
	*filter = (struct filter){.neighbours = neighbours};
	if (!object)
		return 0;
	json_object_object_foreach(object, key, value)
	{
		int result = take_member(filter, key, value);
		if (!result)
			continue;
		*offending = key;
		filter_fini(filter);
		return result;
	}
	const struct glob *kind = filter->globs[FILTER_KIND];
	if (kind && glob_text(kind, device_kind_name(DEVICE_KIND_NEIGHBOUR)))
		filter->neighbours = true;
	return 0;
}

void filter_fini(struct filter *filter)
{
	for (size_t i = 0; i < FILTER_KEYS; i++)
		glob_free(filter->globs[i]);
	*filter = (struct filter){0};
}

static bool key_matches(const struct filter *filter, enum filter_key key,
    const struct link_set *links, const struct device *device)
{
	const struct glob *glob = filter->globs[key];
	const struct endpoint *endpoint;

	if (!glob)
		return true;
	if (KEYS[key].device_matches)
		return KEYS[key].device_matches(glob, device);
	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	if (KEYS[key].endpoint_matches(glob, links, endpoint))
		return true;
	return false;
}

bool filter_matches(
    const struct filter *filter, const struct link_set *links, const struct device *device)
{
	if (!device->reported ||
	    (!filter->neighbours && device_kind(device) == DEVICE_KIND_NEIGHBOUR))
		return false;
	for (size_t i = 0; i < FILTER_KEYS; i++)
		if (!key_matches(filter, (enum filter_key)i, links, device))
			return false;
	return true;
}

/* SPDX-License-Identifier: ISC
 * device_json: see device_json.h. */
#include "control/device_json.h"
#include "base/array.h"
#include "base/mac.h"
#include "control/attachment.h"
#include "control/endpoint_json.h"
#include "control/json_build.h"
#include "control/page_walk.h"
#include <stdio.h>
#include <string.h>

const char *device_shown_id(
    const struct link_set *links, const struct device *device, char buffer[DEVICE_SHOWN_ID_MAX])
{
	struct slice rest = slice_of(device->id), head;
	char name[LINK_TEXT_MAX];
	uint64_t index;

	if (!slice_starts_with(rest, SLICE("address:")) || !slice_cut(&rest, '%', &head) ||
	    slice_to_u64(rest, UINT32_MAX, &index) < 0)
		return device->id;
	int len = snprintf(buffer, DEVICE_SHOWN_ID_MAX, "%.*s%%%s", SLICE_ARGS(head),
	    link_text(links, (uint32_t)index, name));
	return len < DEVICE_SHOWN_ID_MAX ? buffer : device->id;
}

/* Appends a text that is not in the array yet. */
static void append_once(struct json_object *array, const char *text)
{
	for (size_t i = 0; array && i < json_object_array_length(array); i++)
		if (!strcmp(json_object_get_string(json_object_array_get_idx(array, i)), text))
			return;
	json_append(array, json_text(text));
}

/* The keys of all that is shown under "endpoints", but for the id. */
static struct json_object *ids(const struct device *device)
{
	struct json_object *array = json_object_new_array_ext(2);
	struct page_walk walk = {.device = device};
	const struct endpoint *endpoint;
	char text[KEY_TEXT_MAX];

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	{
		key_format(&endpoint->key, text);
		if (endpoint->key.kind != KEY_ADDRESS && strcmp(text, device->id) != 0)
			append_once(array, text);
	}
	while (page_walk_next(&walk)) {
		struct key key = key_of_id(slice_of(walk.endpoint->page->devices[walk.index].udn));
		key_format(&key, text);
		append_once(array, text);
	}
	return array;
}

static struct json_object *protocols(const struct device *device)
{
	struct json_object *array = json_object_new_array_ext(2);
	const struct endpoint *endpoint = NULL;

	while ((endpoint = device_next_endpoint(device, endpoint)))
		append_once(array, endpoint->protocol->name);
	return array;
}

static struct json_object *host_names(const struct device *device)
{
	struct json_object *array = json_object_new_array_ext(1);
	const struct endpoint *endpoint;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	if (endpoint->facts[FACT_HOST_NAME])
		append_once(array, endpoint->facts[FACT_HOST_NAME]);
	return array;
}

static void append_address(struct json_object *array, const struct control_host *host,
    const struct device *device, const struct presence *presence)
{
	uint32_t link = presence->endpoint->link;
	struct mac mac = device_mac(device, &presence->address, link);

	json_append(array, endpoint_json_address(host, &presence->address, link, &mac));
}

/* One entry per address and link; the one that the device is shown by comes first. */
static struct json_object *addresses(const struct control_host *host, const struct device *device)
{
	struct json_object *array = json_object_new_array_ext(2);
	const struct presence *shown = device_main_presence(device), *presence = NULL;

	append_address(array, host, device, shown);
	while ((presence = device_next_place(device, presence)))
		if (presence->endpoint->link != shown->endpoint->link ||
		    !address_equal(&presence->address, &shown->address))
			append_address(array, host, device, presence);
	return array;
}

static struct json_object *reachable(const struct device *device)
{
	return device->reachable == DEVICE_REACHABLE_UNKNOWN
		   ? NULL
		   : json_object_new_boolean(device->reachable == DEVICE_REACHABLE_YES);
}

static struct json_object *flags(const struct device *device)
{
	static const struct {
		enum device_flag flag;
		const char *name;
	} FLAGS[] = {
	    {DEVICE_DUPLICATE_UUID, "duplicate-uuid"},
	    {DEVICE_REFLECTED, "reflected"},
	    {DEVICE_RESTORED, "restored"},
	};
	struct json_object *array = json_object_new_array_ext(1);

	for (size_t i = 0; i < COUNT_OF(FLAGS); i++)
		if (device->flags & FLAGS[i].flag)
			json_append(array, json_text(FLAGS[i].name));
	return array;
}

/* Each as its text: a router may have a hundred of them. */
static struct json_object *endpoints(
    const struct control_host *host, struct instant now, const struct device *device)
{
	struct json_object *array = json_object_new_array_ext((int)device->endpoint_count);
	struct page_walk walk = {.device = device};
	const struct endpoint *endpoint;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	json_append(array, json_flat(endpoint_json_new(host, now, endpoint)));
	while (page_walk_next(&walk))
		json_append(
		    array, json_flat(endpoint_json_embedded(host, now, walk.endpoint, walk.index)));
	return array;
}

/* What the device shows of its endpoints. */
static void add_facts(struct json_object *object, const struct device *device)
{
	static const struct {
		const char *key;
		enum endpoint_fact fact;
	} SHOWN[] = {
	    {"type", FACT_TYPE},
	    {"manufacturer", FACT_MANUFACTURER},
	    {"model", FACT_MODEL},
	    {"model_number", FACT_MODEL_NUMBER},
	    {"serial", FACT_SERIAL},
	    {"presentation_url", FACT_PRESENTATION_URL},
	    {"icon_url", FACT_ICON_URL},
	};

	for (size_t i = 0; i < COUNT_OF(SHOWN); i++)
		json_add(object, SHOWN[i].key, json_text(device_fact(device, SHOWN[i].fact)));
}

struct json_object *device_json_new(
    const struct control_host *host, struct instant now, const struct device *device)
{
	char address[ADDRESS_TEXT_MAX], id[DEVICE_SHOWN_ID_MAX];
	struct json_object *object = json_object_new_object();

	json_add(object, "id", json_text(device_shown_id(host->links, device, id)));
	json_add(object, "ids", ids(device));
	json_add(object, "name", json_text(device_name(device, address)));
	add_facts(object, device);
	json_add(object, "kind", json_text(device_kind_name(device_kind(device))));
	json_add(object, "protocols", protocols(device));
	json_add(object, "addresses", addresses(host, device));
	json_add(object, "host_names", host_names(device));
	json_add(object, "attached_to", attachment_json(host, device));
	json_add(object, "reachable", reachable(device));
	json_add(object, "first_seen",
	    endpoint_json_first_seen(host, device->first_seen, device->first_seen_wall));
	json_add(
	    object, "last_seen", json_time(host->wall_clock(host->context, device->last_seen)));
	json_add(object, "expires_in", endpoint_json_seconds_left(device_expires(device), now));
	json_add(object, "flags", flags(device));
	json_add(object, "endpoints", endpoints(host, now, device));
	return object;
}

struct json_object *device_json_candidate(const struct link_set *links, const struct device *device)
{
	char address[ADDRESS_TEXT_MAX], id[DEVICE_SHOWN_ID_MAX];
	struct json_object *object = json_object_new_object();
	const struct presence *shown = device_main_presence(device);

	json_add(object, "id", json_text(device_shown_id(links, device, id)));
	json_add(object, "name", json_text(device_name(device, address)));
	json_add(object, "address", json_address(&shown->address));
	return object;
}

/* SPDX-License-Identifier: ISC
 * device_json: see device_json.h. */
#include "control/device_json.h"
#include "control/attachment.h"
#include "control/json_build.h"
#include <stdio.h>
#include <string.h>

const char *device_kind_name(enum device_kind kind)
{
	return kind == DEVICE_KIND_CONTROL_POINT ? "control-point" : "device";
}

const char *device_shown_name(const struct device *device, char buffer[ADDRESS_TEXT_MAX])
{
	const char *name = device_name(device);
	if (name)
		return name;
	const struct device_presence *shown = device_main_presence(device);
	if (!address_is_none(&device->shown_as))
		return address_text(&device->shown_as, buffer);
	return shown ? address_text(&shown->address, buffer) : device->id;
}

const char *link_text(const struct link_set *links, uint32_t index, char buffer[LINK_TEXT_MAX])
{
	const struct link *link = link_set_find(links, index);
	if (link)
		return link->name;
	snprintf(buffer, LINK_TEXT_MAX, "%u", (unsigned)index);
	return buffer;
}

const char *device_shown_id(
    const struct link_set *links, const struct device *device, char buffer[DEVICE_SHOWN_ID_MAX])
{
	struct slice rest = slice_of(device->id), head;
	char name[LINK_TEXT_MAX];
	uint64_t index;

	if (!slice_starts_with(rest, SLICE("host:")) || !slice_cut(&rest, '%', &head) ||
	    slice_to_u64(rest, UINT32_MAX, &index) < 0)
		return device->id;
	int len = snprintf(buffer, DEVICE_SHOWN_ID_MAX, "%.*s%%%s", SLICE_ARGS(head),
	    link_text(links, (uint32_t)index, name));
	return len < DEVICE_SHOWN_ID_MAX ? buffer : device->id;
}

/* One entry per different protocol, in the order they were met. */
static struct json_object *protocols(const struct device *device)
{
	struct json_object *array = json_object_new_array_ext(2);
	for (size_t i = 0; i < device->presence_count; i++) {
		size_t j = 0;
		while (strcmp(device->presences[j].protocol, device->presences[i].protocol))
			j++;
		if (j == i)
			json_append(array, json_text(device->presences[i].protocol));
	}
	return array;
}

static bool same_place(const struct device_presence *a, const struct device_presence *b)
{
	return a->link == b->link && address_equal(&a->address, &b->address);
}

static struct json_object *address_entry(const struct control_host *host,
    const struct device *device, const struct device_presence *presence)
{
	struct json_object *entry = json_object_new_object();
	struct mac mac = device_mac(device, &presence->address, presence->link);
	char name[LINK_TEXT_MAX];

	json_add(entry, "address", json_address(&presence->address));
	json_add(entry, "interface", json_text(link_text(host->links, presence->link, name)));
	json_add(entry, "mac", json_mac(&mac));
	json_add(
	    entry, "vendor", host->vendor ? json_text(host->vendor(host->context, &mac)) : NULL);
	return entry;
}

/* One entry per address and link, whatever protocols it was seen by. The one that the device is
 * shown by comes first. */
static struct json_object *addresses(const struct control_host *host, const struct device *device)
{
	struct json_object *array = json_object_new_array_ext(2);
	const struct device_presence *shown = device_main_presence(device);

	if (shown)
		json_append(array, address_entry(host, device, shown));
	for (size_t i = 0; i < device->presence_count; i++) {
		const struct device_presence *presence = &device->presences[i];
		size_t j = 0;
		while (!same_place(&device->presences[j], presence))
			j++;
		if (j == i && !same_place(presence, shown))
			json_append(array, address_entry(host, device, presence));
	}
	return array;
}

/* Whole seconds that are left, rounded up so that 0 means over; null where there is no end. */
static struct json_object *seconds_left(struct instant end, struct instant now)
{
	if (instant_is_never(end))
		return NULL;
	int64_t left = instant_due(end, now) ? 0 : instant_since(end, now);
	return json_object_new_int64(left / SECONDS(1) + (left % SECONDS(1) != 0));
}

static struct json_object *services(const struct device *device, struct instant now)
{
	struct json_object *array =
	    json_object_new_array_ext(device->service_count ? (int)device->service_count : 1);
	for (size_t i = 0; i < device->service_count; i++) {
		const struct device_service *service = &device->services[i];
		struct json_object *entry = json_object_new_object();
		json_add(entry, "type", json_text(service->type));
		json_add(entry, "usn", json_text(service->usn));
		json_add(entry, "expires_in", seconds_left(service->expires, now));
		json_append(array, entry);
	}
	return array;
}

static struct json_object *reachable(enum device_reachable reachable)
{
	return reachable == DEVICE_REACHABLE_UNKNOWN
		   ? NULL
		   : json_object_new_boolean(reachable == DEVICE_REACHABLE_YES);
}

static struct json_object *number(bool known, uint32_t value)
{
	return known ? json_object_new_int64(value) : NULL;
}

struct json_object *device_json_new(
    const struct control_host *host, struct instant now, const struct device *device)
{
	char address[ADDRESS_TEXT_MAX], id[DEVICE_SHOWN_ID_MAX];
	char *const *facts = device->facts;
	struct json_object *object = json_object_new_object();

	json_add(object, "id", json_text(device_shown_id(host->links, device, id)));
	json_add(object, "name", json_text(device_shown_name(device, address)));
	json_add(object, "kind", json_text(device_kind_name(device->kind)));
	json_add(object, "type", json_text(facts[DEVICE_TYPE]));
	json_add(object, "manufacturer", json_text(facts[DEVICE_MANUFACTURER]));
	json_add(object, "model", json_text(facts[DEVICE_MODEL]));
	json_add(object, "serial", json_text(facts[DEVICE_SERIAL]));
	json_add(object, "presentation_url", json_text(facts[DEVICE_PRESENTATION_URL]));
	json_add(object, "server", json_text(facts[DEVICE_SERVER]));
	json_add(object, "protocols", protocols(device));
	json_add(object, "addresses", addresses(host, device));
	json_add(object, "location", json_text(facts[DEVICE_LOCATION]));
	json_add(object, "services", services(device, now));
	json_add(object, "boot_id", number(device->has_boot_id, device->boot_id));
	json_add(object, "config_id", number(device->has_config_id, device->config_id));
	json_add(
	    object, "first_seen", json_time(host->wall_clock(host->context, device->first_seen)));
	json_add(
	    object, "last_seen", json_time(host->wall_clock(host->context, device->last_seen)));
	json_add(object, "expires_in", seconds_left(device_expires(device), now));
	json_add(object, "reachable", reachable(device->reachable));
	json_add(object, "attached_to", attachment_json(host, device));
	return object;
}

struct json_object *device_json_candidate(const struct link_set *links, const struct device *device)
{
	char address[ADDRESS_TEXT_MAX], id[DEVICE_SHOWN_ID_MAX];
	struct json_object *object = json_object_new_object();
	json_add(object, "id", json_text(device_shown_id(links, device, id)));
	json_add(object, "name", json_text(device_shown_name(device, address)));
	const struct device_presence *shown = device_main_presence(device);
	json_add(object, "address", shown ? json_address(&shown->address) : NULL);
	return object;
}

/* SPDX-License-Identifier: ISC
 * device_json: see device_json.h. */
#include "control/device_json.h"
#include "base/array.h"
#include "base/mac.h"
#include "control/attachment.h"
#include "control/json_build.h"
#include "control/page_walk.h"
#include <stdio.h>
#include <string.h>

const char *device_shown_id(
    const struct link_set *links, const struct device *device, char buffer[DEVICE_SHOWN_ID_MAX])
{
	const char *id = device_id(device, buffer);
	struct slice rest = slice_of(id), head;
	char name[LINK_TEXT_MAX];
	uint64_t index;

	if (!slice_starts_with(rest, SLICE("address:")) || !slice_cut(&rest, '%', &head) ||
	    slice_to_u64(rest, UINT32_MAX, &index) < 0)
		return id;
	int len = snprintf(buffer, DEVICE_SHOWN_ID_MAX, "%.*s%%%s", SLICE_ARGS(head),
	    link_text(links, (uint32_t)index, name));
	return len < DEVICE_SHOWN_ID_MAX ? buffer : id;
}

/* Behind the string that begins here. */
static size_t string_end(const char *bytes, size_t at)
{
	while (bytes[++at] != '"')
		at += bytes[at] == '\\';
	return at + 1;
}

/* Writes a string, unless it stands already in this array of strings, which begins at `start`. */
static void put_once(struct json_writer *w, size_t start, const char *string)
{
	size_t before = w->len, from = before + w->comma, at = start, end;
	bool comma = w->comma;

	json_writer_string(w, string);
	if (w->failed)
		return;
	for (; at < before; at = end + 1) {
		end = string_end(w->bytes, at);
		if (end - at != w->len - from ||
		    memcmp(w->bytes + at, w->bytes + from, end - at) != 0)
			continue;
		w->len = before;
		w->comma = comma;
		return;
	}
}

/* The keys of all that is shown under "endpoints", but for the id. */
static void put_ids(struct json_writer *w, const struct device *device)
{
	struct page_walk walk = {.device = device};
	const struct endpoint *endpoint;
	char key_text[KEY_TEXT_MAX];

	json_writer_name(w, JSON_ARRAY("ids"));
	size_t start = w->len;
	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	{
		if (endpoint->key.kind == KEY_ADDRESS || device_id_is(device, &endpoint->key))
			continue;
		key_format(&endpoint->key, key_text);
		put_once(w, start, key_text);
	}
	while (page_walk_next(&walk)) {
		struct key key = key_of_id(slice_of(walk.endpoint->page->devices[walk.index].udn));
		key_format(&key, key_text);
		put_once(w, start, key_text);
	}
	json_writer_close(w, ']');
}

static void put_protocols(struct json_writer *w, const struct device *device)
{
	const struct endpoint *endpoint = NULL;

	json_writer_name(w, JSON_ARRAY("protocols"));
	size_t start = w->len;
	while ((endpoint = device_next_endpoint(device, endpoint)))
		put_once(w, start, endpoint->protocol->name);
	json_writer_close(w, ']');
}

static void put_host_names(struct json_writer *w, const struct device *device)
{
	const struct endpoint *endpoint;

	json_writer_name(w, JSON_ARRAY("host_names"));
	size_t start = w->len;
	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	if (endpoint_fact(endpoint, FACT_HOST_NAME))
		put_once(w, start, endpoint_fact(endpoint, FACT_HOST_NAME));
	json_writer_close(w, ']');
}

static void put_address(struct json_writer *w, struct json_view *view, const struct device *device,
    const struct presence *presence)
{
	struct mac mac = device_mac(device, &presence->address, presence->endpoint->link);

	endpoint_json_write_presence(w, view, presence, &mac);
}

/* One entry per address and link; the one that the device is shown by comes first. */
static void put_addresses(
    struct json_writer *w, struct json_view *view, const struct device *device)
{
	const struct presence *shown = device_main_presence(device), *presence = NULL;

	json_writer_name(w, JSON_ARRAY("addresses"));
	put_address(w, view, device, shown);
	while ((presence = device_next_place(device, presence)))
		if (presence->endpoint->link != shown->endpoint->link ||
		    !address_equal(&presence->address, &shown->address))
			put_address(w, view, device, presence);
	json_writer_close(w, ']');
}

static void put_flags(struct json_writer *w, const struct device *device)
{
	static const struct {
		enum device_flag flag;
		const char *name;
	} FLAGS[] = {
	    {DEVICE_DUPLICATE_UUID, "duplicate-uuid"},
	    {DEVICE_REFLECTED, "reflected"},
	    {DEVICE_RESTORED, "restored"},
	};

	json_writer_name(w, JSON_ARRAY("flags"));
	for (size_t i = 0; i < COUNT_OF(FLAGS); i++)
		if (device->flags & FLAGS[i].flag)
			json_writer_string(w, FLAGS[i].name);
	json_writer_close(w, ']');
}

static void put_endpoints(
    struct json_writer *w, struct json_view *view, const struct device *device)
{
	struct page_walk walk = {.device = device};
	const struct endpoint *endpoint;

	json_writer_name(w, JSON_ARRAY("endpoints"));
	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	endpoint_json_write(w, view, endpoint);
	while (page_walk_next(&walk))
		endpoint_json_write_embedded(w, view, walk.endpoint, walk.index);
	json_writer_close(w, ']');
}

/* What the device shows of its endpoints; most of it none of them says. */
static void put_facts(struct json_writer *w, const struct device *device)
{
	const struct endpoint *endpoint;
	const char *facts[FACTS] = {0};
	unsigned set = 0;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	set |= endpoint->fact_set;
	for (; set; set &= set - 1) {
		enum endpoint_fact fact = (enum endpoint_fact)__builtin_ctz(set);
		facts[fact] = device_fact(device, fact);
	}
	json_writer_text(w, JSON_NAME("type"), facts[FACT_TYPE]);
	json_writer_text(w, JSON_NAME("manufacturer"), facts[FACT_MANUFACTURER]);
	json_writer_text(w, JSON_NAME("model"), facts[FACT_MODEL]);
	json_writer_text(w, JSON_NAME("model_number"), facts[FACT_MODEL_NUMBER]);
	json_writer_text(w, JSON_NAME("serial"), facts[FACT_SERIAL]);
	json_writer_text(w, JSON_NAME("presentation_url"), facts[FACT_PRESENTATION_URL]);
	json_writer_text(w, JSON_NAME("icon_url"), facts[FACT_ICON_URL]);
}

void device_json_write(struct json_writer *w, struct json_view *view, const struct device *device)
{
	char address[ADDRESS_TEXT_MAX], id[DEVICE_SHOWN_ID_MAX], attachment[ATTACHMENT_TEXT_MAX];
	struct json_seen seen = {.first = device->first_seen,
	    .last = device->last_seen,
	    .end = device_expires(device),
	    .first_wall = device->first_seen_wall};

	json_writer_text(w, JSON_FIRST("id"), device_shown_id(view->host->links, device, id));
	put_ids(w, device);
	json_writer_text(w, JSON_NAME("name"), device_name(device, address));
	put_facts(w, device);
	json_writer_text(w, JSON_NAME("kind"), device_kind_name(device_kind(device)));
	put_protocols(w, device);
	put_addresses(w, view, device);
	put_host_names(w, device);
	json_writer_name(w, JSON_NAME("attached_to"));
	json_writer_slice(w, attachment_text(view->host, device, attachment));
	json_writer_known(w, JSON_NAME("reachable"), device->reachable != DEVICE_REACHABLE_UNKNOWN,
	    device->reachable == DEVICE_REACHABLE_YES);
	endpoint_json_write_seen(w, view, &seen);
	put_flags(w, device);
	put_endpoints(w, view, device);
	json_writer_close(w, '}');
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

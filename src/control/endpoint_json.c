/* SPDX-License-Identifier: ISC
 * endpoint_json: an endpoint with its services as io.discoverd shows it. */
#include "control/endpoint_json.h"
#include "base/mac.h"
#include "base/text.h"
#include "control/json_build.h"
#include "control/page_walk.h"
#include "model/protocol_id.h"
#include <stdio.h>
#include <string.h>

const char *link_text(const struct link_set *links, uint32_t index, char buffer[LINK_TEXT_MAX])
{
	const struct link *link = link_set_find(links, index);
	if (link)
		return link->name;
	snprintf(buffer, LINK_TEXT_MAX, "%u", (unsigned)index);
	return buffer;
}

struct json_object *endpoint_json_first_seen(
    const struct control_host *host, struct instant seen, int64_t wall)
{
	return json_time(wall ? wall : host->wall_clock(host->context, seen));
}

struct json_object *endpoint_json_seconds_left(struct instant end, struct instant now)
{
	if (instant_is_never(end))
		return NULL;
	int64_t left = instant_due(end, now) ? 0 : instant_since(end, now);
	return json_object_new_int64(left / SECONDS(1) + (left % SECONDS(1) != 0));
}

enum { SHOWN_KEY_MAX = KEY_TEXT_MAX + LINK_NAME_MAX };

/* Its canonical key, "ADDRESS%INTERFACE" where it has none, in the buffer. */
static const char *shown_key(
    const struct link_set *links, const struct endpoint *endpoint, char buffer[SHOWN_KEY_MAX])
{
	char address[ADDRESS_TEXT_MAX], name[LINK_TEXT_MAX];

	if (endpoint->key.kind == KEY_ADDRESS)
		snprintf(buffer, SHOWN_KEY_MAX, "%s%%%s",
		    address_text(&STAILQ_FIRST(&endpoint->presences)->address, address),
		    link_text(links, endpoint->link, name));
	else
		key_format(&endpoint->key, buffer);
	return buffer;
}

struct json_object *endpoint_json_address(const struct control_host *host,
    const struct address *address, uint32_t link, const struct mac *mac)
{
	/* IEEE 802, 8.4: the second bit of the first byte says that it is locally administered. */
	bool local = mac->bytes[0] & 2;
	const char *vendor = host->vendor ? host->vendor(host->context, mac) : NULL;
	struct json_object *entry = json_object_new_object();
	char name[LINK_TEXT_MAX];

	json_add(entry, "address", json_address(address));
	json_add(entry, "interface", json_text(link_text(host->links, link, name)));
	json_add(entry, "mac", json_mac(mac));
	json_add(entry, "vendor", json_text(vendor));
	json_add(entry, "random_mac", mac->known ? json_object_new_boolean(local) : NULL);
	return entry;
}

static struct json_object *addresses(
    const struct control_host *host, const struct endpoint *endpoint)
{
	struct json_object *array = json_object_new_array_ext(endpoint->presence_count);
	const struct presence *presence;

	STAILQ_FOREACH(presence, &endpoint->presences, next)
	json_append(
	    array, endpoint_json_address(host, &presence->address, endpoint->link, &presence->mac));
	return array;
}

/* Each byte that is no UTF-8 becomes three. */
enum { CLEAN_PAIR_MAX = 3 * UINT8_MAX + 1 };

/* A key that stands there twice has its first value (RFC 6763, 6.4). */
static struct json_object *txt_pairs(const struct service *service)
{
	struct json_object *object = json_object_new_object();
	struct slice rest = {service->txt, service->txt_len};
	char name[CLEAN_PAIR_MAX], value[CLEAN_PAIR_MAX];

	while (rest.len > 0) {
		size_t len = (unsigned char)rest.bytes[0];
		struct slice pair = slice_head(slice_skip(rest, 1), len), key;
		rest = slice_skip(rest, 1 + len);
		slice_cut(&pair, '=', &key);
		if (text_clean(key, name, sizeof(name)) == 0 ||
		    json_object_object_get_ex(object, name, NULL))
			continue;
		text_clean(pair, value, sizeof(value));
		json_add_copy(object, name, json_text(value));
	}
	return object;
}

static struct json_object *number(bool known, uint32_t value)
{
	return known ? json_object_new_int64(value) : NULL;
}

/* What was announced, what the page says, or both; one of them may be NULL. */
static struct json_object *service_json(
    const struct service *service, const struct page_service *page, struct instant now)
{
	static const struct service NONE = {.expires = {INT64_MAX}};
	static const struct page_service NOWHERE = {0};
	struct json_object *entry = json_object_new_object();

	if (!service)
		service = &NONE;
	if (!page)
		page = &NOWHERE;
	bool is_path = service->url && service->url[0] == '/';
	json_add(entry, "key", json_text(service->key ? service->key : page->id));
	json_add(entry, "type", json_text(service->type ? service->type : page->type));
	json_add(entry, "name", json_text(service->name));
	json_add(entry, "port", number(service->port, service->port));
	json_add(entry, "path", json_text(is_path ? service->url : NULL));
	json_add(entry, "url", json_text(is_path ? NULL : service->url));
	json_add(entry, "txt", txt_pairs(service));
	json_add(entry, "expires_in", endpoint_json_seconds_left(service->expires, now));
	json_add(entry, "scpd_url", json_text(page->scpd_url));
	json_add(entry, "control_url", json_text(page->control_url));
	json_add(entry, "event_url", json_text(page->event_url));
	return entry;
}

static bool is_same_service(const struct service *service, const struct page_service *page)
{
	return page->type && strcmp(service->type, page->type) == 0 &&
	       (!service->key || !page->id || strcmp(service->key, page->id) == 0);
}

/* What the page of the endpoint says of this service of its own; NULL where it says nothing. */
static const struct page_service *find_in_page(
    const struct endpoint *endpoint, const struct service *service)
{
	const struct device_page *page = endpoint->page;

	for (size_t i = 0; page && i < page->service_count; i++)
		if (page->services[i].device == 0 && is_same_service(service, &page->services[i]))
			return &page->services[i];
	return NULL;
}

/* True when a service of the endpoint is shown with what the page says there. */
static bool is_merged(const struct endpoint *endpoint, const struct page_service *page)
{
	for (size_t i = 0; i < endpoint->service_count; i++)
		if (find_in_page(endpoint, &endpoint->services[i]) == page)
			return true;
	return false;
}

/* Those of the page's device alone, but for those that are shown already. */
static void append_page_services(
    struct json_object *array, const struct endpoint *endpoint, unsigned device, struct instant now)
{
	const struct device_page *page = endpoint->page;

	for (size_t i = 0; page && i < page->service_count; i++) {
		const struct page_service *service = &page->services[i];
		if (service->device == device && service->type &&
		    !(device == 0 && is_merged(endpoint, service)))
			json_append(array, service_json(NULL, service, now));
	}
}

static struct json_object *services(const struct endpoint *endpoint, struct instant now)
{
	struct json_object *array = json_object_new_array_ext(endpoint->service_count + 1);

	for (size_t i = 0; i < endpoint->service_count; i++) {
		const struct service *service = &endpoint->services[i];
		json_append(array, service_json(service, find_in_page(endpoint, service), now));
	}
	append_page_services(array, endpoint, 0, now);
	return array;
}

static struct json_object *icon_json(const struct page_icon *icon)
{
	struct json_object *entry = json_object_new_object();

	json_add(entry, "url", json_text(icon->url));
	json_add(entry, "mimetype", json_text(icon->mimetype));
	json_add(entry, "width", number(icon->width, icon->width));
	json_add(entry, "height", number(icon->height, icon->height));
	json_add(entry, "depth", number(icon->depth, icon->depth));
	return entry;
}

/* Those of the page's device; without any, the one that the protocol named. */
static struct json_object *icons(const struct endpoint *endpoint, unsigned device)
{
	struct json_object *array = json_object_new_array_ext(1);
	const struct device_page *page = endpoint->page;
	struct page_icon named = {.url = endpoint->facts[FACT_ICON_URL]};

	for (size_t i = 0; page && i < page->icon_count; i++)
		if (page->icons[i].device == device && page->icons[i].url)
			json_append(array, icon_json(&page->icons[i]));
	if (device == 0 && named.url && json_object_array_length(array) == 0)
		json_append(array, icon_json(&named));
	return array;
}

static const char *kind_name(const struct endpoint *endpoint)
{
	enum device_kind kind =
	    endpoint->is_device ? DEVICE_KIND_DEVICE : DEVICE_KIND_CONTROL_POINT;

	return device_kind_name(
	    endpoint->protocol->rank == PROTOCOL_RANK_NEIGHBOUR ? DEVICE_KIND_NEIGHBOUR : kind);
}

/* The texts of an endpoint, and of a device of a page. */
struct texts {
	const char *key, *kind, *parent, *server;
	const struct page_device *device;
};

/* Where and when is the same for an endpoint and what is embedded in it. */
static struct json_object *build(const struct control_host *host, struct instant now,
    const struct endpoint *endpoint, unsigned device, const struct texts *texts)
{
	const struct page_device *facts = texts->device;
	struct json_object *object = json_object_new_object(), *offered;

	json_add(object, "protocol", json_text(endpoint->protocol->name));
	json_add(object, "key", json_text(texts->key));
	json_add(object, "kind", json_text(texts->kind));
	json_add(object, "name", json_text(facts->name));
	json_add(object, "type", json_text(facts->type));
	json_add(object, "manufacturer", json_text(facts->manufacturer));
	json_add(object, "model", json_text(facts->model));
	json_add(object, "model_number", json_text(facts->model_number));
	json_add(object, "model_description", json_text(facts->model_description));
	json_add(object, "serial", json_text(facts->serial));
	json_add(object, "server", json_text(texts->server));
	json_add(object, "url", json_text(endpoint->url));
	json_add(object, "presentation_url", json_text(facts->presentation_url));
	json_add(object, "icons", icons(endpoint, device));
	json_add(object, "parent", json_text(texts->parent));
	json_add(object, "addresses", addresses(host, endpoint));
	json_add(object, "epoch", number(endpoint->has_epoch, endpoint->epoch));
	json_add(object, "revision", number(endpoint->has_revision, endpoint->revision));
	json_add(object, "verified", json_object_new_boolean(endpoint->verified));
	json_add(object, "first_seen",
	    endpoint_json_first_seen(host, endpoint->first_seen, endpoint->first_seen_wall));
	json_add(
	    object, "last_seen", json_time(host->wall_clock(host->context, endpoint->last_seen)));
	json_add(object, "expires_in", endpoint_json_seconds_left(endpoint_expires(endpoint), now));
	offered = device ? json_object_new_array_ext(1) : services(endpoint, now);
	if (device)
		append_page_services(offered, endpoint, device, now);
	json_add(object, "services", offered);
	return object;
}

struct json_object *endpoint_json_new(
    const struct control_host *host, struct instant now, const struct endpoint *endpoint)
{
	const char *const *facts = endpoint->facts;
	char key[SHOWN_KEY_MAX], parent[KEY_TEXT_MAX];
	struct page_device device = {
	    .name = facts[FACT_NAME],
	    .type = facts[FACT_TYPE],
	    .manufacturer = facts[FACT_MANUFACTURER],
	    .model = facts[FACT_MODEL],
	    .model_number = facts[FACT_MODEL_NUMBER],
	    .model_description = facts[FACT_MODEL_DESCRIPTION],
	    .serial = facts[FACT_SERIAL],
	    .presentation_url = facts[FACT_PRESENTATION_URL],
	};
	struct texts texts = {
	    .key = shown_key(host->links, endpoint, key),
	    .kind = kind_name(endpoint),
	    .parent = page_parent_key(endpoint, parent) ? parent : NULL,
	    .server = facts[FACT_SERVER],
	    .device = &device,
	};

	return build(host, now, endpoint, 0, &texts);
}

struct json_object *endpoint_json_embedded(const struct control_host *host, struct instant now,
    const struct endpoint *endpoint, unsigned index)
{
	const struct page_device *device = &endpoint->page->devices[index];
	struct key key = key_of_id(slice_of(device->udn));
	struct key parent = key_of_id(slice_of(endpoint->page->devices[device->parent].udn));
	char text[KEY_TEXT_MAX], parent_text[SHOWN_KEY_MAX];
	struct texts texts = {.key = text,
	    .kind = device_kind_name(DEVICE_KIND_DEVICE),
	    .parent = parent_text,
	    .device = device};

	key_format(&key, text);
	if (device->parent)
		key_format(&parent, parent_text);
	else
		shown_key(host->links, endpoint, parent_text);
	return build(host, now, endpoint, index, &texts);
}

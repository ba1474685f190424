/* SPDX-License-Identifier: ISC
 * saved_endpoint: an endpoint with its presences and services, as JSON and back. */
#include "base/array.h"
#include "core/core.h"
#include "core/saved_table_internal.h"
#include "model/protocol_id.h"
#include <errno.h>
#include <string.h>

static const char *const FACT_KEYS[FACTS] = {
    [FACT_NAME] = "name",
    [FACT_TYPE] = "type",
    [FACT_MANUFACTURER] = "manufacturer",
    [FACT_MODEL] = "model",
    [FACT_MODEL_NUMBER] = "model_number",
    [FACT_MODEL_DESCRIPTION] = "model_description",
    [FACT_SERIAL] = "serial",
    [FACT_PRESENTATION_URL] = "presentation_url",
    [FACT_ICON_URL] = "icon_url",
    [FACT_HOST_NAME] = "host_name",
    [FACT_SERVER] = "server",
};

static const char HEX[] = "0123456789abcdef";

static void write_txt(struct json_object *object, const struct service *service)
{
	char text[2 * ENDPOINT_TXT_MAX];

	for (size_t i = 0; i < service->txt_len; i++) {
		uint8_t byte = (uint8_t)service->txt[i];
		text[2 * i] = HEX[byte >> 4];
		text[2 * i + 1] = HEX[byte & 15];
	}
	if (service->txt_len)
		saved_put(object, "txt", json_object_new_string_len(text, 2 * service->txt_len));
}

static struct json_object *write_service(const struct service *service)
{
	struct json_object *object = json_object_new_object();

	saved_put_text(object, "type", service->type);
	saved_put_text(object, "key", service->key);
	saved_put_text(object, "name", service->name);
	saved_put_text(object, "url", service->url);
	saved_put_number(object, "port", service->port);
	saved_put_true(object, "described", service->described);
	if (!instant_is_never(service->expires))
		saved_put_number(object, "expires", service->expires.us);
	write_txt(object, service);
	return object;
}

static void put_mac(struct json_object *object, const struct mac *mac)
{
	char text[18];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	mac_format(mac, &w);
	if (mac->known)
		saved_put(object, "mac", json_object_new_string_len(text, (int)w.len));
}

/* What it is being asked for now shortens its lifetime, until it answers. */
static struct json_object *write_presence(const struct presence *presence)
{
	struct json_object *object = json_object_new_object();
	bool asked = instant_is_never(presence->reconfirmable);
	char address[ADDRESS_TEXT_MAX];

	saved_put_text(object, "address", address_text(&presence->address, address));
	put_mac(object, &presence->mac);
	saved_put_true(object, "unsure", presence->unsure);
	saved_put_number(object, "network", presence->network);
	saved_put_number(object, "port", presence->port);
	saved_put_text(object, "url", presence->url);
	saved_put_number(object, "expires", asked ? presence->promised.us : presence->expires.us);
	return object;
}

static void put_key(struct json_object *object, const struct endpoint *endpoint)
{
	char text[KEY_TEXT_MAX];

	if (endpoint->key.kind == KEY_ADDRESS)
		return;
	saved_put_text(object, endpoint->key.kind == KEY_NAME ? "host" : "id",
	    endpoint_key_text(endpoint, text));
}

static void put_state(struct json_object *object, const struct endpoint *endpoint)
{
	saved_put_true(object, "verified", endpoint->verified);
	saved_put_true(object, "described", endpoint->described);
	saved_put_true(object, "primary", endpoint->primary);
	saved_put_true(object, "guest", endpoint->guest);
	saved_put_true(object, "reflected", endpoint->reflected);
	saved_put_true(object, "type_settled", endpoint->type_settled);
	saved_put_true(object, "renumbered", endpoint->renumbered);
	saved_put_number(object, "claim", endpoint->claim);
	saved_put_number(object, "first_seen", endpoint->first_seen.us);
	saved_put_number(object, "first_seen_wall", endpoint->first_seen_wall);
	saved_put_number(object, "last_seen", endpoint->last_seen.us);
	if (endpoint->has_epoch) {
		saved_put(object, "epoch", json_object_new_int64(endpoint->epoch));
		saved_put_number(object, "epoch_since", endpoint->epoch_since.us);
		saved_put_number(object, "former_epoch", endpoint->former_epoch);
	}
	if (endpoint->has_revision)
		saved_put(object, "revision", json_object_new_int64(endpoint->revision));
}

struct json_object *saved_endpoint_write(
    const struct endpoint *endpoint, const struct link_set *links)
{
	const struct link *link = link_set_find(links, endpoint->link);
	struct json_object *object = json_object_new_object();
	struct json_object *presences = json_object_new_array(), *services;
	const struct presence *presence;

	saved_put_text(object, "protocol", endpoint->protocol->name);
	saved_put_text(object, "interface", link ? link->name : NULL);
	put_key(object, endpoint);
	put_state(object, endpoint);
	for (size_t i = 0; i < FACTS; i++)
		saved_put_text(
		    object, FACT_KEYS[i], endpoint_fact(endpoint, (enum endpoint_fact)i));
	saved_put_text(object, "url", endpoint->url);
	saved_put_text(object, "next_url", endpoint->next_url);
	saved_put_number(object, "url_expires", endpoint->url_expires.us);
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	saved_append(presences, write_presence(presence));
	saved_put(object, "presences", presences);
	services = json_object_new_array();
	for (size_t i = 0; i < endpoint->service_count; i++)
		saved_append(services, write_service(&endpoint->services[i]));
	saved_put(object, "services", services);
	if (endpoint->page)
		saved_put(object, "page", saved_page_write(endpoint->page));
	return object;
}

/* -1 for what is no hexadecimal digit in lower case. */
static int digit(char c)
{
	const char *at = c ? strchr(HEX, c) : NULL;

	return at ? (int)(at - HEX) : -1;
}

static uint16_t read_txt(const char *text, char txt[ENDPOINT_TXT_MAX])
{
	uint16_t len = 0;

	for (; text && len < ENDPOINT_TXT_MAX; text += 2) {
		int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);
		if (low < 0)
			break;
		txt[len++] = (char)(high << 4 | low);
	}
	return len;
}

/* False when it is over. */
static bool read_service(struct json_object *object, const struct saved_times *times,
    struct service *service, char txt[ENDPOINT_TXT_MAX])
{
	*service = (struct service){
	    .type = saved_get_text(object, "type"),
	    .key = saved_get_text(object, "key"),
	    .name = saved_get_text(object, "name"),
	    .url = saved_get_text(object, "url"),
	    .port = (uint16_t)saved_get_number(object, "port", 0, UINT16_MAX),
	    .described = saved_get_true(object, "described"),
	    .expires = saved_end(times, object, "expires"),
	    .txt = txt,
	    .txt_len = read_txt(saved_get_text(object, "txt"), txt),
	};
	if (instant_due(service->expires, times->now))
		service->expires = INSTANT_NEVER;
	return service->described || !instant_is_never(service->expires);
}

/* False when it is over, or none. */
static bool read_presence(
    struct json_object *object, const struct saved_times *times, struct presence *presence)
{
	const char *mac = saved_get_text(object, "mac");

	*presence = (struct presence){
	    .url = saved_get_text(object, "url"),
	    .expires = saved_end(times, object, "expires"),
	    .network = (uint8_t)saved_get_number(object, "network", 0, 32),
	    .port = (uint16_t)saved_get_number(object, "port", 0, UINT16_MAX),
	    .unsure = saved_get_true(object, "unsure"),
	};
	if (mac && mac_parse(slice_of(mac), &presence->mac) < 0)
		return false;
	return address_parse(slice_of(saved_get_text(object, "address")), &presence->address) ==
		   0 &&
	       address_is_unicast(&presence->address) && !instant_is_never(presence->expires) &&
	       !instant_due(presence->expires, times->now);
}

static const struct protocol_id *find_protocol(const char *name)
{
	for (size_t i = 0; CORE_ENGINES[i]; i++)
		if (slice_equal(slice_of(CORE_ENGINES[i]->id.name), slice_of(name)))
			return &CORE_ENGINES[i]->id;
	return NULL;
}

/* The interface of this name, where it has the MAC that it had; NULL where it is gone. */
static const struct link *find_link(
    struct json_object *former, const char *name, const struct link_set *links)
{
	const struct link *link = name ? link_set_find_name(links, slice_of(name)) : NULL;
	const char *text = name ? saved_get_text(former, name) : NULL;
	struct mac mac = {0};

	if (!link || !text || (*text && mac_parse(slice_of(text), &mac) < 0))
		return NULL;
	return mac.known == link->mac.known && (!mac.known || mac_equal(&mac, &link->mac)) ? link
											   : NULL;
}

static void read_state(
    struct json_object *object, const struct saved_times *times, struct endpoint *endpoint)
{
	endpoint->is_device = true; /* nothing else is saved */
	endpoint->verified = saved_get_true(object, "verified");
	endpoint->described = saved_get_true(object, "described");
	endpoint->primary = saved_get_true(object, "primary");
	endpoint->guest = saved_get_true(object, "guest");
	endpoint->reflected = saved_get_true(object, "reflected");
	endpoint->type_settled = saved_get_true(object, "type_settled");
	endpoint->renumbered = saved_get_true(object, "renumbered");
	endpoint->claim = (uint8_t)saved_get_number(object, "claim", 0, UINT8_MAX);
	endpoint->first_seen = saved_past(times, object, "first_seen");
	endpoint->first_seen_wall = saved_wall(times, object);
	endpoint->last_seen = saved_past(times, object, "last_seen");
	endpoint->has_epoch = saved_get(object, "epoch", json_type_int) != NULL;
	endpoint->epoch = (uint32_t)saved_get_number(object, "epoch", 0, UINT32_MAX);
	endpoint->epoch_since = saved_past(times, object, "epoch_since");
	endpoint->former_epoch = (uint16_t)saved_get_number(object, "former_epoch", 0, UINT16_MAX);
	endpoint->has_revision = saved_get(object, "revision", json_type_int) != NULL;
	endpoint->revision = (uint32_t)saved_get_number(object, "revision", 0, UINT32_MAX);
}

static void read_key(struct json_object *object, struct endpoint *endpoint)
{
	const char *host = saved_get_text(object, "host"), *id = saved_get_text(object, "id");

	if (host && *host)
		endpoint->key = key_of_name(slice_of(host));
	else
		endpoint->key = key_of_id(slice_of(id));
}

static void read_lists(
    struct json_object *object, const struct saved_times *times, struct saved_endpoint *saved)
{
	struct json_object *presences = saved_get(object, "presences", json_type_array);
	struct json_object *services = saved_get(object, "services", json_type_array);
	struct endpoint *endpoint = &saved->endpoint;

	for (size_t i = 0; i < saved_length(presences, ENDPOINT_PRESENCES_MAX); i++) {
		struct presence *presence = &saved->presences[endpoint->presence_count];
		if (!read_presence(json_object_array_get_idx(presences, i), times, presence))
			continue;
		STAILQ_INSERT_TAIL(&endpoint->presences, presence, next);
		endpoint->presence_count++;
	}
	endpoint->services = saved->services;
	for (size_t i = 0; i < saved_length(services, ENDPOINT_SERVICES_MAX); i++) {
		size_t at = endpoint->service_count;
		if (read_service(json_object_array_get_idx(services, i), times,
			&saved->services[at], saved->txt[at]))
			endpoint->service_count++;
	}
}

static void read_facts(struct json_object *object, struct saved_endpoint *saved)
{
	struct endpoint *endpoint = &saved->endpoint;
	size_t count = 0;

	endpoint->fact_texts = saved->facts;
	for (size_t i = 0; i < FACTS; i++) {
		saved->facts[count] = saved_get_text(object, FACT_KEYS[i]);
		if (!saved->facts[count])
			continue;
		endpoint->fact_set |= (uint16_t)(1u << i);
		count++;
	}
}

int saved_endpoint_read(struct json_object *object, const struct saved_times *times,
    struct json_object *former, const struct link_set *links, struct saved_endpoint *saved)
{
	const char *name = saved_get_text(object, "protocol");
	const struct link *link = find_link(former, saved_get_text(object, "interface"), links);
	struct endpoint *endpoint = &saved->endpoint;

	if (!name)
		return -EBADMSG;
	*endpoint = (struct endpoint){.protocol = find_protocol(name)};
	STAILQ_INIT(&endpoint->presences);
	if (!endpoint->protocol)
		return -ENOENT;
	read_key(object, endpoint);
	if (!link)
		return 0;
	endpoint->link = link->index;
	read_state(object, times, endpoint);
	read_facts(object, saved);
	endpoint->url = saved_get_text(object, "url");
	endpoint->next_url = saved_get_text(object, "next_url");
	if (endpoint->url)
		endpoint->url_expires = saved_end(times, object, "url_expires");
	read_lists(object, times, saved);
	if (saved_page_read(saved_get(object, "page", json_type_object), &saved->page))
		endpoint->page = &saved->page.page;
	return endpoint->presence_count ? 0 : -ENOENT;
}

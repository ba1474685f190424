/* SPDX-License-Identifier: ISC
 * endpoint_json: an endpoint with its services as io.discoverd shows it. */
#include "control/endpoint_json.h"
#include "base/array.h"
#include "base/text.h"
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

struct json_view json_view_at(const struct control_host *host, struct instant now)
{
	int64_t wall = host->wall_clock(host->context, (struct instant){0});

	return (struct json_view){.host = host, .now = now, .wall = wall};
}

static inline void put_number(struct json_writer *w, struct slice name, bool known, uint32_t value)
{
	json_writer_literal(w, name, !known, !known);
	if (known)
		json_writer_number(w, value);
}

/* Keeps what was written from here on. */
static void keep(struct json_copy *copy, const struct json_writer *w, size_t from)
{
	size_t len = w->len - from;

	copy->len = !w->failed && len <= sizeof(copy->text) ? len : 0;
	memcpy(copy->text, w->bytes + from, copy->len);
}

/* Writes what was kept; false where nothing was. */
static bool put_kept(struct json_writer *w, const struct json_copy *copy)
{
	if (copy->len)
		json_writer_raw(w, (struct slice){copy->text, copy->len});
	return copy->len;
}

static inline void put_time(
    struct json_writer *w, struct json_view *view, struct slice name, int64_t wall)
{
	char buffer[UTC_TEXT_MAX];

	json_writer_name(w, name);
	json_writer_plain(w, utc_text(&view->day, wall, buffer));
}

/* Whole seconds, rounded up so that 0 means over; null where there is no end. */
static void put_seconds_left(struct json_writer *w, struct instant end, struct instant now)
{
	int64_t left = instant_due(end, now) ? 0 : instant_since(end, now);

	if (instant_is_never(end)) {
		json_writer_member(w, JSON_MEMBER("expires_in", "null"));
		return;
	}
	json_writer_name(w, JSON_NAME("expires_in"));
	json_writer_number(w, left / SECONDS(1) + (left % SECONDS(1) != 0));
}

static bool is_seen_alike(const struct json_seen *a, const struct json_seen *b)
{
	return a->first.us == b->first.us && a->last.us == b->last.us && a->end.us == b->end.us &&
	       a->first_wall == b->first_wall;
}

void endpoint_json_write_seen(
    struct json_writer *w, struct json_view *view, const struct json_seen *seen)
{
	int64_t first = seen->first_wall ? seen->first_wall : view->wall + seen->first.us;
	size_t from = w->len + w->comma;

	if (is_seen_alike(seen, &view->seen) && put_kept(w, &view->seen_text))
		return;
	put_time(w, view, JSON_NAME("first_seen"), first);
	put_time(w, view, JSON_NAME("last_seen"), view->wall + seen->last.us);
	put_seconds_left(w, seen->end, view->now);
	keep(&view->seen_text, w, from);
	view->seen = *seen;
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

void endpoint_json_write_address(struct json_writer *w, const struct control_host *host,
    const struct address *address, uint32_t link, const struct mac *mac)
{
	/* IEEE 802, 8.4: the second bit of the first byte says that it is locally administered. */
	bool local = mac->bytes[0] & 2;
	const char *vendor = host->vendor ? host->vendor(host->context, mac) : NULL;
	char shown[ADDRESS_TEXT_MAX], name[LINK_TEXT_MAX], digits[MAC_TEXT_MAX];

	json_writer_text(w, JSON_FIRST("address"),
	    address_is_none(address) ? NULL : address_text(address, shown));
	json_writer_text(w, JSON_NAME("interface"), link_text(host->links, link, name));
	json_writer_name(w, JSON_NAME("mac"));
	if (mac->known)
		json_writer_plain(w, mac_text(mac, digits));
	else
		json_writer_null(w);
	json_writer_text(w, JSON_NAME("vendor"), vendor);
	json_writer_known(w, JSON_NAME("random_mac"), mac->known, local);
	json_writer_close(w, '}');
}

void endpoint_json_write_presence(struct json_writer *w, struct json_view *view,
    const struct presence *presence, const struct mac *mac)
{
	const struct address *address = &presence->address;
	uint32_t link = presence->endpoint->link;
	size_t from = w->len + w->comma;

	if (view->link == link && address_equal(&view->address, address) &&
	    mac_equal(&view->mac, mac) && put_kept(w, &view->address_text))
		return;
	endpoint_json_write_address(w, view->host, address, link, mac);
	keep(&view->address_text, w, from);
	view->address = *address;
	view->link = link;
	view->mac = *mac;
}

static void put_addresses(
    struct json_writer *w, struct json_view *view, const struct endpoint *endpoint)
{
	const struct presence *presence;

	json_writer_name(w, JSON_ARRAY("addresses"));
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	endpoint_json_write_presence(w, view, presence, &presence->mac);
	json_writer_close(w, ']');
}

/* Each byte that is no UTF-8 becomes three; a pair takes two bytes at least. */
enum { CLEAN_PAIR_MAX = 3 * UINT8_MAX + 1, PAIRS_MAX = ENDPOINT_TXT_MAX / 2 };

/* The names of an object that is being written, as they stand in its text. */
struct written_names {
	struct {
		size_t from, len;
		uint32_t hash;
	} rows[PAIRS_MAX];
	size_t count;
};

/* FNV-1a: a quick test whether two names may be alike. */
static uint32_t hash(const char *bytes, size_t len)
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 16777619U;
	return hash;
}

/* Writes the name of a member, unless there is one of this name already: false. */
static bool put_new_name(struct json_writer *w, struct written_names *names, struct slice name)
{
	size_t before = w->len, from = before + w->comma, len;
	bool comma = w->comma;
	uint32_t mark;

	json_writer_name_escaped(w, name);
	if (w->failed || names->count == PAIRS_MAX)
		return false;
	len = w->len - from;
	mark = hash(w->bytes + from, len);
	for (size_t i = 0; i < names->count; i++)
		if (names->rows[i].hash == mark && names->rows[i].len == len &&
		    memcmp(w->bytes + names->rows[i].from, w->bytes + from, len) == 0) {
			w->len = before;
			w->comma = comma;
			return false;
		}
	names->rows[names->count].from = from;
	names->rows[names->count].len = len;
	names->rows[names->count++].hash = mark;
	return true;
}

/* A key that stands there twice has its first value (RFC 6763, 6.4). */
static void put_txt(struct json_writer *w, const struct service *service)
{
	struct slice rest = {service->txt, service->txt_len};
	char name[CLEAN_PAIR_MAX], value[CLEAN_PAIR_MAX];
	struct written_names names;

	if (!rest.len) {
		json_writer_member(w, JSON_MEMBER("txt", "{}"));
		return;
	}
	names.count = 0;
	json_writer_name(w, JSON_NAME("txt"));
	json_writer_open(w, '{');
	while (rest.len > 0) {
		size_t len = (unsigned char)rest.bytes[0];
		struct slice pair = slice_head(slice_skip(rest, 1), len), key;
		rest = slice_skip(rest, 1 + len);
		slice_cut(&pair, '=', &key);
		if (text_clean(key, name, sizeof(name)) == 0 ||
		    !put_new_name(w, &names, slice_of(name)))
			continue;
		text_clean(pair, value, sizeof(value));
		json_writer_string(w, value);
	}
	json_writer_close(w, '}');
}

/* What was announced, what the page says, or both; one of them may be NULL. */
static void put_service(struct json_writer *w, const struct service *service,
    const struct page_service *page, struct instant now)
{
	static const struct service NONE = {.expires = {INT64_MAX}};
	static const struct page_service NOWHERE = {0};

	if (!service)
		service = &NONE;
	if (!page)
		page = &NOWHERE;
	bool is_path = service->url && service->url[0] == '/';
	json_writer_text(w, JSON_FIRST("key"), service->key ? service->key : page->id);
	json_writer_text(w, JSON_NAME("type"), service->type ? service->type : page->type);
	json_writer_text(w, JSON_NAME("name"), service->name);
	put_number(w, JSON_NAME("port"), service->port, service->port);
	json_writer_text(w, JSON_NAME("path"), is_path ? service->url : NULL);
	json_writer_text(w, JSON_NAME("url"), is_path ? NULL : service->url);
	put_txt(w, service);
	put_seconds_left(w, service->expires, now);
	json_writer_text(w, JSON_NAME("scpd_url"), page->scpd_url);
	json_writer_text(w, JSON_NAME("control_url"), page->control_url);
	json_writer_text(w, JSON_NAME("event_url"), page->event_url);
	json_writer_close(w, '}');
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
static void put_page_services(
    struct json_writer *w, const struct endpoint *endpoint, unsigned device, struct instant now)
{
	const struct device_page *page = endpoint->page;

	for (size_t i = 0; page && i < page->service_count; i++) {
		const struct page_service *service = &page->services[i];
		if (service->device == device && service->type &&
		    !(device == 0 && is_merged(endpoint, service)))
			put_service(w, NULL, service, now);
	}
}

static void put_services(
    struct json_writer *w, const struct endpoint *endpoint, unsigned device, struct instant now)
{
	json_writer_name(w, JSON_ARRAY("services"));
	for (size_t i = 0; device == 0 && i < endpoint->service_count; i++) {
		const struct service *service = &endpoint->services[i];
		put_service(w, service, find_in_page(endpoint, service), now);
	}
	put_page_services(w, endpoint, device, now);
	json_writer_close(w, ']');
}

static void put_icon(struct json_writer *w, const struct page_icon *icon)
{
	json_writer_text(w, JSON_FIRST("url"), icon->url);
	json_writer_text(w, JSON_NAME("mimetype"), icon->mimetype);
	put_number(w, JSON_NAME("width"), icon->width, icon->width);
	put_number(w, JSON_NAME("height"), icon->height, icon->height);
	put_number(w, JSON_NAME("depth"), icon->depth, icon->depth);
	json_writer_close(w, '}');
}

/* Those of the page's device; without any, the one that the protocol named. */
static void put_icons(struct json_writer *w, const struct endpoint *endpoint, unsigned device)
{
	const struct device_page *page = endpoint->page;
	struct page_icon named = {.url = endpoint_fact(endpoint, FACT_ICON_URL)};
	bool any = false;

	json_writer_name(w, JSON_ARRAY("icons"));
	for (size_t i = 0; page && i < page->icon_count; i++)
		if (page->icons[i].device == device && page->icons[i].url) {
			put_icon(w, &page->icons[i]);
			any = true;
		}
	if (device == 0 && named.url && !any)
		put_icon(w, &named);
	json_writer_close(w, ']');
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

static void put_facts(
    struct json_writer *w, const struct endpoint *endpoint, const struct texts *texts)
{
	const struct page_device *facts = texts->device;

	json_writer_text(w, JSON_FIRST("protocol"), endpoint->protocol->name);
	json_writer_text(w, JSON_NAME("key"), texts->key);
	json_writer_text(w, JSON_NAME("kind"), texts->kind);
	json_writer_text(w, JSON_NAME("name"), facts->name);
	json_writer_text(w, JSON_NAME("type"), facts->type);
	json_writer_text(w, JSON_NAME("manufacturer"), facts->manufacturer);
	json_writer_text(w, JSON_NAME("model"), facts->model);
	json_writer_text(w, JSON_NAME("model_number"), facts->model_number);
	json_writer_text(w, JSON_NAME("model_description"), facts->model_description);
	json_writer_text(w, JSON_NAME("serial"), facts->serial);
	json_writer_text(w, JSON_NAME("server"), texts->server);
	json_writer_text(w, JSON_NAME("url"), endpoint->url);
	json_writer_text(w, JSON_NAME("presentation_url"), facts->presentation_url);
}

/* Where and when is the same for an endpoint and what is embedded in it. */
static void put_endpoint(struct json_writer *w, struct json_view *view,
    const struct endpoint *endpoint, unsigned device, const struct texts *texts)
{
	struct json_seen seen = {.first = endpoint->first_seen,
	    .last = endpoint->last_seen,
	    .end = endpoint_expires(endpoint),
	    .first_wall = endpoint->first_seen_wall};

	put_facts(w, endpoint, texts);
	put_icons(w, endpoint, device);
	json_writer_text(w, JSON_NAME("parent"), texts->parent);
	put_addresses(w, view, endpoint);
	put_number(w, JSON_NAME("epoch"), endpoint->has_epoch, endpoint->epoch);
	put_number(w, JSON_NAME("revision"), endpoint->has_revision, endpoint->revision);
	json_writer_name(w, JSON_NAME("verified"));
	json_writer_truth(w, endpoint->verified);
	endpoint_json_write_seen(w, view, &seen);
	put_services(w, endpoint, device, view->now);
	json_writer_close(w, '}');
}

/* Each fact of the endpoint; NULL where it is not known. */
static void list_facts(const struct endpoint *endpoint, const char *facts[FACTS])
{
	const char **text = endpoint->fact_texts;

	for (size_t i = 0; i < FACTS; i++)
		facts[i] = endpoint->fact_set & 1U << i ? *text++ : NULL;
}

void endpoint_json_write(
    struct json_writer *w, struct json_view *view, const struct endpoint *endpoint)
{
	char key[SHOWN_KEY_MAX], parent[KEY_TEXT_MAX];
	const char *facts[FACTS];

	list_facts(endpoint, facts);
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
	    .key = shown_key(view->host->links, endpoint, key),
	    .kind = kind_name(endpoint),
	    .parent = page_parent_key(endpoint, parent) ? parent : NULL,
	    .server = facts[FACT_SERVER],
	    .device = &device,
	};

	put_endpoint(w, view, endpoint, 0, &texts);
}

void endpoint_json_write_embedded(
    struct json_writer *w, struct json_view *view, const struct endpoint *endpoint, unsigned index)
{
	const struct page_device *device = &endpoint->page->devices[index];
	struct key key = key_of_id(slice_of(device->udn));
	struct key parent = key_of_id(slice_of(endpoint->page->devices[device->parent].udn));
	char key_text[KEY_TEXT_MAX], parent_text[SHOWN_KEY_MAX];
	struct texts texts = {.key = key_text,
	    .kind = device_kind_name(DEVICE_KIND_DEVICE),
	    .parent = parent_text,
	    .device = device};

	key_format(&key, key_text);
	if (device->parent)
		key_format(&parent, parent_text);
	else
		shown_key(view->host->links, endpoint, parent_text);
	put_endpoint(w, view, endpoint, index, &texts);
}

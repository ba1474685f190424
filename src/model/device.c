/* SPDX-License-Identifier: ISC
 * device: what is shown of a device is chosen from its endpoints. */
#include "model/device.h"
#include "base/mac.h"
#include "base/string_pool.h"
#include "model/protocol_id.h"
#include <string.h>

const char *const DEVICE_FIELD_NAMES[DEVICE_FIELDS] = {
    [FIELD_NAME] = "name",
    [FIELD_TYPE] = "type",
    [FIELD_MANUFACTURER] = "manufacturer",
    [FIELD_MODEL] = "model",
    [FIELD_MODEL_NUMBER] = "model_number",
    [FIELD_SERIAL] = "serial",
    [FIELD_PRESENTATION_URL] = "presentation_url",
    [FIELD_ICON_URL] = "icon_url",
    [FIELD_KIND] = "kind",
    [FIELD_PROTOCOLS] = "protocols",
    [FIELD_ADDRESSES] = "addresses",
    [FIELD_HOST_NAMES] = "host_names",
    [FIELD_REACHABLE] = "reachable",
    [FIELD_FLAGS] = "flags",
    [FIELD_ENDPOINTS] = "endpoints",
};

/* True when `a` is to be shown rather than `b`, which came first. */
static bool ranks_before(const struct endpoint *a, const struct endpoint *b)
{
	if (a->is_device != b->is_device)
		return a->is_device;
	if (a->protocol->rank != b->protocol->rank)
		return a->protocol->rank < b->protocol->rank;
	if (a->primary != b->primary)
		return a->primary;
	return a->verified && !b->verified;
}

const char *device_fact(const struct device *device, enum endpoint_fact fact)
{
	const struct endpoint *endpoint, *best = NULL;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	if (endpoint_fact(endpoint, fact) && (!best || ranks_before(endpoint, best)))
		best = endpoint;
	return best ? endpoint_fact(best, fact) : NULL;
}

const struct presence *device_main_presence(const struct device *device)
{
	const struct endpoint *endpoint, *best = NULL;
	const struct presence *presence, *first = NULL;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	{
		const struct presence *ipv4 = NULL;
		STAILQ_FOREACH(presence, &endpoint->presences, next)
		if (!ipv4 && presence->address.family == ADDRESS_IPV4)
			ipv4 = presence;
		bool better = !best || (ipv4 && first->address.family != ADDRESS_IPV4) ||
			      (!ipv4 == (first->address.family != ADDRESS_IPV4) &&
				  ranks_before(endpoint, best));
		if (!better || STAILQ_EMPTY(&endpoint->presences))
			continue;
		best = endpoint;
		first = ipv4 ? ipv4 : STAILQ_FIRST(&endpoint->presences);
	}
	return first;
}

/* NULL where none of them says what could be its name. */
static const char *said_name(const struct device *device)
{
	static const enum endpoint_fact FALLBACKS[] = {
	    FACT_NAME, FACT_HOST_NAME, FACT_MODEL, FACT_MANUFACTURER};

	for (size_t i = 0; i < sizeof(FALLBACKS) / sizeof(FALLBACKS[0]); i++) {
		const char *name = device_fact(device, FALLBACKS[i]);
		if (name)
			return name;
	}
	return NULL;
}

const char *device_id(const struct device *device, char buffer[KEY_UUID_TEXT_MAX])
{
	return device->id_is_uuid ? key_format_uuid(device->id_uuid, buffer) : device->id_text;
}

bool device_id_is(const struct device *device, const struct key *key)
{
	if (device->id_is_uuid)
		return key->kind == KEY_UUID &&
		       memcmp(device->id_uuid, key->uuid, sizeof(key->uuid)) == 0;
	return key->kind != KEY_UUID && slice_equal(slice_of(device->id_text), key->text);
}

const char *device_name(const struct device *device, char buffer[ADDRESS_TEXT_MAX])
{
	const char *name = said_name(device);
	const struct presence *presence = name ? NULL : device_main_presence(device);

	if (presence)
		return address_text(&presence->address, buffer);
	return name ? name : device_id(device, buffer);
}

enum device_kind device_kind(const struct device *device)
{
	enum device_kind kind = DEVICE_KIND_NEIGHBOUR;
	const struct endpoint *endpoint;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	{
		if (endpoint->protocol->rank == PROTOCOL_RANK_NEIGHBOUR)
			continue;
		if (endpoint->is_device)
			return DEVICE_KIND_DEVICE;
		kind = DEVICE_KIND_CONTROL_POINT;
	}
	return kind;
}

const char *device_kind_name(enum device_kind kind)
{
	static const char *const NAMES[] = {[DEVICE_KIND_DEVICE] = "device",
	    [DEVICE_KIND_CONTROL_POINT] = "control-point",
	    [DEVICE_KIND_NEIGHBOUR] = "neighbour"};

	return NAMES[kind];
}

struct instant device_expires(const struct device *device)
{
	const struct endpoint *endpoint;
	struct instant latest = {0}, neighbour = {0};

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	{
		struct instant *of =
		    endpoint->protocol->rank == PROTOCOL_RANK_NEIGHBOUR ? &neighbour : &latest;
		*of = instant_later(*of, endpoint_expires(endpoint));
	}
	return latest.us ? latest : neighbour;
}

static const struct presence *find_place(
    const struct device *device, const struct address *address, uint32_t link)
{
	const struct endpoint *endpoint;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	{
		const struct presence *presence =
		    endpoint->link == link ? endpoint_find_presence(endpoint, address) : NULL;
		if (presence)
			return presence;
	}
	return NULL;
}

bool device_has_address(const struct device *device, const struct address *address, uint32_t link)
{
	return find_place(device, address, link) != NULL;
}

struct mac device_mac(const struct device *device, const struct address *address, uint32_t link)
{
	const struct endpoint *endpoint;
	const struct presence *presence;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	{
		presence =
		    endpoint->link == link ? endpoint_find_presence(endpoint, address) : NULL;
		if (presence && presence->mac.known)
			return presence->mac;
	}
	return (struct mac){0};
}

bool device_has_key(const struct device *device, const struct key *key)
{
	const struct endpoint *endpoint;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	if (key_equal(&endpoint->key, key))
		return true;
	return false;
}

static const struct presence *next_presence(const struct presence *presence)
{
	const struct presence *next = STAILQ_NEXT(presence, next);
	const struct endpoint *endpoint = presence->endpoint;

	while (!next && (endpoint = TAILQ_NEXT(endpoint, of_device)))
		next = STAILQ_FIRST(&endpoint->presences);
	return next;
}

const struct presence *device_next_place(const struct device *device, const struct presence *after)
{
	const struct endpoint *first = TAILQ_FIRST(&device->endpoints);
	const struct presence *presence =
	    after ? next_presence(after) : STAILQ_FIRST(&first->presences);

	while (presence &&
	       find_place(device, &presence->address, presence->endpoint->link) != presence)
		presence = next_presence(presence);
	return presence;
}

static const struct endpoint *next_endpoint(
    const struct device *device, const struct endpoint *after, bool all)
{
	const struct endpoint *endpoint =
	    after ? TAILQ_NEXT(after, of_device) : TAILQ_FIRST(&device->endpoints);

	while (!all && endpoint && endpoint->protocol->rank == PROTOCOL_RANK_NEIGHBOUR &&
	       device_kind(device) != DEVICE_KIND_NEIGHBOUR)
		endpoint = TAILQ_NEXT(endpoint, of_device);
	return endpoint;
}

const struct endpoint *device_next_endpoint(
    const struct device *device, const struct endpoint *after)
{
	return next_endpoint(device, after, false);
}

/* Mixes one piece into a hash, by its kind, so that what is absent need not be mixed. Pieces are
 * keyed hashes, or numbers of ours. */
static void mix(uint64_t *hash, unsigned kind, uint64_t piece)
{
	*hash = (*hash ^ (piece << 8 | kind)) * 0x9e3779b97f4a7c15;
	*hash ^= *hash >> 32;
}

/* A string of the table's pool. */
static void mix_text(uint64_t *hash, unsigned kind, const char *text)
{
	if (text)
		mix(hash, kind, string_pool_hash(text));
}

/* Everything of the endpoints that is shown, but for what the device shows itself. */
static uint64_t hash_endpoints(const struct device *device, const struct siphash_key *key)
{
	enum { NUMBER = FACTS, EPOCH, URL, TYPE, KEY, NAME, SERVICE_URL, TXT, PORT };
	const struct endpoint *endpoint = NULL;
	uint64_t hash = 0;

	while ((endpoint = device_next_endpoint(device, endpoint))) {
		mix(&hash, NUMBER, endpoint_number(endpoint));
		mix(&hash, EPOCH, endpoint->epoch);
		mix_text(&hash, URL, endpoint->url);
		const char **text = endpoint->fact_texts;
		for (unsigned set = endpoint->fact_set; set; set &= set - 1)
			mix_text(&hash, (unsigned)__builtin_ctz(set), *text++);
		for (size_t i = 0; i < endpoint->service_count; i++) {
			const struct service *service = &endpoint->services[i];
			mix_text(&hash, TYPE, service->type);
			mix_text(&hash, KEY, service->key);
			mix_text(&hash, NAME, service->name);
			mix_text(&hash, SERVICE_URL, service->url);
			if (service->txt)
				mix(&hash, TXT,
				    siphash(key, (struct slice){service->txt, service->txt_len}));
			mix(&hash, PORT, service->port);
		}
	}
	return hash;
}

static uint64_t hash_addresses(const struct device *device, const struct siphash_key *key)
{
	enum { LINK, ADDRESS, MAC };
	const struct presence *presence = NULL;
	uint64_t hash = 0;

	while ((presence = device_next_place(device, presence))) {
		uint32_t link = presence->endpoint->link;
		struct mac mac = device_mac(device, &presence->address, link);
		struct slice bytes = {(const char *)mac.bytes, sizeof(mac.bytes)};
		mix(&hash, LINK, (uint64_t)link << 8 | presence->address.family);
		mix(&hash, ADDRESS, presence->by_address.hash);
		if (mac.known)
			mix(&hash, MAC, siphash_quick(key, 0, bytes));
	}
	return hash;
}

/* What the endpoints have of it, each once, in the order they came; 0: nothing. `all`: also what
 * only the kernel's neighbour says. */
static uint64_t hash_each(
    const struct device *device, uint64_t (*piece_of)(const struct endpoint *endpoint), bool all)
{
	const struct endpoint *endpoint = NULL, *before;
	uint64_t hash = 0;

	while ((endpoint = next_endpoint(device, endpoint, all))) {
		uint64_t piece = piece_of(endpoint);
		before = endpoint;
		while (piece && (before = TAILQ_PREV(before, endpoint_list, of_device)))
			if (piece_of(before) == piece)
				break;
		if (piece && !before)
			mix(&hash, 0, piece);
	}
	return hash;
}

static uint64_t protocol_of(const struct endpoint *endpoint)
{
	return (uintptr_t)endpoint->protocol;
}

static uint64_t host_name_of(const struct endpoint *endpoint)
{
	const char *name = endpoint_fact(endpoint, FACT_HOST_NAME);

	return name ? string_pool_hash(name) | UINT64_C(1) << 32 : 0;
}

static uint64_t hash_number(unsigned number)
{
	uint64_t hash = 0;

	mix(&hash, 0, number + 1u);
	return hash;
}

static uint64_t hash_fact(const struct device *device, enum endpoint_fact fact)
{
	uint64_t hash = 0;

	mix_text(&hash, 0, device_fact(device, fact));
	return hash;
}

/* Of what device_name() shows: an address needs not be written for it. */
static uint64_t hash_name(const struct device *device, const struct siphash_key *key)
{
	const char *name = said_name(device);
	const struct presence *presence = name ? NULL : device_main_presence(device);
	char text[KEY_UUID_TEXT_MAX];
	uint64_t hash = 0;

	if (presence)
		return presence->by_address.hash + presence->address.family;
	if (!name)
		return siphash(key, slice_of(device_id(device, text)));
	mix_text(&hash, 0, name);
	return hash;
}

void device_hash_fields(
    const struct device *device, const struct siphash_key *key, uint32_t hashes[DEVICE_FIELDS])
{
	static const enum endpoint_fact FACT_OF[] = {
	    [FIELD_TYPE] = FACT_TYPE,
	    [FIELD_MANUFACTURER] = FACT_MANUFACTURER,
	    [FIELD_MODEL] = FACT_MODEL,
	    [FIELD_MODEL_NUMBER] = FACT_MODEL_NUMBER,
	    [FIELD_SERIAL] = FACT_SERIAL,
	    [FIELD_PRESENTATION_URL] = FACT_PRESENTATION_URL,
	    [FIELD_ICON_URL] = FACT_ICON_URL,
	};
	const struct endpoint *endpoint;
	unsigned said = 0;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	said |= endpoint->fact_set;
	hashes[FIELD_NAME] = (uint32_t)hash_name(device, key);
	for (size_t i = FIELD_TYPE; i <= FIELD_ICON_URL; i++)
		hashes[i] = said & 1u << FACT_OF[i] ? (uint32_t)hash_fact(device, FACT_OF[i]) : 0;
	hashes[FIELD_KIND] = (uint32_t)hash_number(device_kind(device));
	hashes[FIELD_PROTOCOLS] = (uint32_t)hash_each(device, protocol_of, false);
	hashes[FIELD_ADDRESSES] = (uint32_t)hash_addresses(device, key);
	hashes[FIELD_HOST_NAMES] = (uint32_t)hash_each(device, host_name_of, true);
	hashes[FIELD_REACHABLE] = (uint32_t)hash_number(device->reachable);
	hashes[FIELD_FLAGS] = (uint32_t)hash_number(device->flags);
	hashes[FIELD_ENDPOINTS] = (uint32_t)hash_endpoints(device, key);
}

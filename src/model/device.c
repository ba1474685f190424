/* SPDX-License-Identifier: ISC
 * device: what is shown of a device is chosen from its endpoints. */
#include "model/device.h"
#include "base/mac.h"
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

const char *device_name(const struct device *device, char buffer[ADDRESS_TEXT_MAX])
{
	static const enum endpoint_fact FALLBACKS[] = {
	    FACT_NAME, FACT_HOST_NAME, FACT_MODEL, FACT_MANUFACTURER};

	for (size_t i = 0; i < sizeof(FALLBACKS) / sizeof(FALLBACKS[0]); i++) {
		const char *name = device_fact(device, FALLBACKS[i]);
		if (name)
			return name;
	}
	const struct presence *presence = device_main_presence(device);
	return presence ? address_text(&presence->address, buffer) : device->id;
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

/* A hash of several pieces, one after the other. */
struct mix {
	const struct siphash_key *key;
	uint64_t value;
};

static void mix_bytes(struct mix *mix, const void *bytes, size_t len)
{
	struct siphash_key key = {{mix->key->half[0], mix->key->half[1] ^ mix->value}};

	mix->value = siphash(&key, (struct slice){bytes, len}) + 1;
}

static void mix_text(struct mix *mix, const char *text)
{
	mix_bytes(mix, text ? text : "", text ? strlen(text) + 1 : 0);
}

/* Everything of the endpoints that is shown, but for what the device shows itself. */
static uint64_t hash_endpoints(const struct device *device, const struct siphash_key *key)
{
	struct mix mix = {key, 0};
	const struct endpoint *endpoint = NULL;

	while ((endpoint = device_next_endpoint(device, endpoint))) {
		mix_bytes(&mix, &endpoint->number, sizeof(endpoint->number));
		mix_bytes(&mix, &endpoint->epoch, sizeof(endpoint->epoch));
		mix_text(&mix, endpoint->url);
		for (size_t i = 0; i < FACTS; i++)
			mix_text(&mix, endpoint_fact(endpoint, i));
		for (size_t i = 0; i < endpoint->service_count; i++) {
			const struct service *service = &endpoint->services[i];
			mix_text(&mix, service->type);
			mix_text(&mix, service->key);
			mix_text(&mix, service->name);
			mix_text(&mix, service->url);
			mix_bytes(&mix, service->txt ? service->txt : "", service->txt_len);
			mix_bytes(&mix, &service->port, sizeof(service->port));
		}
	}
	return mix.value;
}

static uint64_t hash_addresses(const struct device *device, const struct siphash_key *key)
{
	struct mix mix = {key, 0};
	const struct presence *presence = NULL;

	while ((presence = device_next_place(device, presence))) {
		struct mac mac = device_mac(device, &presence->address, presence->endpoint->link);
		mix_bytes(&mix, presence->address.bytes, sizeof(presence->address.bytes));
		mix_bytes(&mix, &presence->endpoint->link, sizeof(presence->endpoint->link));
		mix_bytes(&mix, mac.bytes, mac.known ? sizeof(mac.bytes) : 0);
	}
	return mix.value;
}

/* Each name once, in the order they came. `all`: also what only the kernel's neighbour says. */
static uint64_t hash_names(const struct device *device, const struct siphash_key *key,
    const char *(*name_of)(const struct endpoint *endpoint), bool all)
{
	struct mix mix = {key, 0};
	const struct endpoint *endpoint = NULL, *before;

	while ((endpoint = next_endpoint(device, endpoint, all))) {
		const char *name = name_of(endpoint);
		before = endpoint;
		while (name && (before = TAILQ_PREV(before, endpoint_list, of_device)))
			if (name_of(before) == name)
				break;
		if (name && !before)
			mix_text(&mix, name);
	}
	return mix.value;
}

static const char *protocol_of(const struct endpoint *endpoint)
{
	return endpoint->protocol->name;
}

static const char *host_name_of(const struct endpoint *endpoint)
{
	return endpoint_fact(endpoint, FACT_HOST_NAME);
}

static uint64_t hash_number(uint64_t number, const struct siphash_key *key)
{
	struct mix mix = {key, 0};

	mix_bytes(&mix, &number, sizeof(number));
	return mix.value;
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
	char buffer[ADDRESS_TEXT_MAX];
	struct mix name = {key, 0};

	mix_text(&name, device_name(device, buffer));
	hashes[FIELD_NAME] = (uint32_t)name.value;
	for (size_t i = FIELD_TYPE; i <= FIELD_ICON_URL; i++) {
		struct mix mix = {key, 0};
		mix_text(&mix, device_fact(device, FACT_OF[i]));
		hashes[i] = (uint32_t)mix.value;
	}
	hashes[FIELD_KIND] = (uint32_t)hash_number(device_kind(device), key);
	hashes[FIELD_PROTOCOLS] = (uint32_t)hash_names(device, key, protocol_of, false);
	hashes[FIELD_ADDRESSES] = (uint32_t)hash_addresses(device, key);
	hashes[FIELD_HOST_NAMES] = (uint32_t)hash_names(device, key, host_name_of, true);
	hashes[FIELD_REACHABLE] = (uint32_t)hash_number(device->reachable, key);
	hashes[FIELD_FLAGS] = (uint32_t)hash_number(device->flags, key);
	hashes[FIELD_ENDPOINTS] = (uint32_t)hash_endpoints(device, key);
}

/* SPDX-License-Identifier: ISC
 * registry_endpoint: what an endpoint consists of: its presences, facts and services, each of which
 * counts against the memory of its source. */
#include "base/array.h"
#include "base/text.h"
#include "registry/registry_internal.h"
#include <stdlib.h>
#include <string.h>

/* Until its description was read. */
enum { UNVERIFIED_SERVICES_MAX = 8 };

/* A key that has no text of its own is known by the address that it was seen at. */
uint64_t registry_endpoint_hash_key(const struct registry *registry, const struct key *key,
    const struct address *from, uint32_t link)
{
	char text[KEY_TEXT_MAX];
	size_t len = key_canonical(key, text);

	if (key->kind == KEY_ADDRESS) {
		memcpy(text + len, &link, sizeof(link));
		len += sizeof(link);
		memcpy(text + len, from->bytes, sizeof(from->bytes));
		len += sizeof(from->bytes);
	}
	return hashmap_hash(&registry->by_key, (struct slice){text, len});
}

/* The one that was heard at this address, else the one that has this MAC. */
struct endpoint *registry_endpoint_identify(
    const struct registry *registry, const struct sighting *sighting, uint64_t *hash)
{
	struct endpoint *by_mac = NULL;

	*hash =
	    registry_endpoint_hash_key(registry, &sighting->key, &sighting->from, sighting->link);
	struct hashmap_node *node = hashmap_first(&registry->by_key, *hash);
	for (; node; node = hashmap_next(node)) {
		struct endpoint *endpoint = CONTAINER_OF(node, struct endpoint, by_key);
		if (endpoint->protocol != sighting->protocol || endpoint->link != sighting->link ||
		    !key_equal(&endpoint->key, &sighting->key))
			continue;
		if (endpoint_find_presence(endpoint, &sighting->from))
			return endpoint;
		if (sighting->key.kind != KEY_ADDRESS && sighting->mac.known &&
		    endpoint_has_mac(endpoint, &sighting->mac))
			by_mac = endpoint;
	}
	return by_mac;
}

static void hold_string(struct registry *registry, struct endpoint *endpoint, const char *string)
{
	if (string)
		registry_source_charge(registry, endpoint, (int64_t)strlen(string) + 1);
}

static void drop_string(struct registry *registry, struct endpoint *endpoint, const char **place)
{
	if (!*place)
		return;
	registry_source_charge(registry, endpoint, -(int64_t)strlen(*place) - 1);
	string_pool_put(&registry->strings, *place);
	*place = NULL;
}

bool registry_set_string(struct registry *registry, struct endpoint *endpoint, const char **place,
    struct slice value, size_t capacity)
{
	char text[ENDPOINT_URL_MAX];
	struct slice old = slice_of(*place);

	if (value.len == 0 || slice_equal(old, value))
		return false;
	capacity = capacity < sizeof(text) ? capacity : sizeof(text);
	struct slice clean = {text, text_clean(value, text, capacity)};
	if (clean.len == 0 || slice_equal(old, clean))
		return false;
	if (clean.len > old.len &&
	    registry_source_make_room(registry, endpoint, clean.len - old.len) < 0)
		return false;
	const char *string = string_pool_get(&registry->strings, clean);
	if (!string) {
		registry_counted(registry, COUNT_OUT_OF_MEMORY);
		return false;
	}
	drop_string(registry, endpoint, place);
	*place = string;
	hold_string(registry, endpoint, string);
	return true;
}

uint64_t registry_hash_address(const struct registry *registry, const struct address *address)
{
	char bytes[sizeof(address->bytes)];

	memcpy(bytes, address->bytes, sizeof(bytes));
	return hashmap_hash(&registry->by_address, (struct slice){bytes, sizeof(bytes)});
}

struct presence *registry_presence_add(
    struct registry *registry, struct endpoint *endpoint, const struct sighting *sighting)
{
	struct presence *presence;

	if (endpoint->presence_count == ENDPOINT_PRESENCES_MAX) {
		struct presence *soonest = STAILQ_FIRST(&endpoint->presences);
		STAILQ_FOREACH(presence, &endpoint->presences, next)
		if (instant_before(presence->expires, soonest->expires))
			soonest = presence;
		registry_presence_remove(registry, endpoint, soonest);
	}
	presence = calloc(1, sizeof(*presence));
	if (!presence)
		return NULL;
	presence->endpoint = endpoint;
	presence->address = sighting->from;
	presence->network = sighting->network;
	presence->port = sighting->port;
	presence->mac = sighting->mac;
	STAILQ_INSERT_TAIL(&endpoint->presences, presence, next);
	endpoint->presence_count++;
	hashmap_insert(&registry->by_address, &presence->by_address,
	    registry_hash_address(registry, &sighting->from));
	registry_source_charge(registry, endpoint, sizeof(*presence));
	return presence;
}

void registry_presence_remove(
    struct registry *registry, struct endpoint *endpoint, struct presence *presence)
{
	STAILQ_REMOVE(&endpoint->presences, presence, presence, next);
	endpoint->presence_count--;
	hashmap_remove(&registry->by_address, &presence->by_address);
	drop_string(registry, endpoint, &presence->group);
	drop_string(registry, endpoint, &presence->url);
	registry_source_charge(registry, endpoint, -(int64_t)sizeof(*presence));
	free(presence);
}

void registry_presence_says(
    struct registry *registry, struct presence *presence, const struct sighting *sighting)
{
	registry_set_string(
	    registry, presence->endpoint, &presence->group, sighting->group, ENDPOINT_URL_MAX);
	registry_set_string(
	    registry, presence->endpoint, &presence->url, sighting->url, ENDPOINT_URL_MAX);
}

static struct endpoint *endpoint_new(const struct key *key)
{
	struct endpoint *endpoint = calloc(1, sizeof(*endpoint) + key->text.len + 1);

	if (!endpoint)
		return NULL;
	STAILQ_INIT(&endpoint->presences);
	heap_node_init(&endpoint->by_expiry);
	endpoint->key = *key;
	if (key->text.len > 0) {
		char *text = memcpy(endpoint + 1, key->text.bytes, key->text.len);
		endpoint->key.text.bytes = text;
	}
	return endpoint;
}

struct endpoint *registry_endpoint_add(struct registry *registry, const struct sighting *sighting,
    uint64_t hash, struct instant expires)
{
	struct endpoint *endpoint = endpoint_new(&sighting->key);

	if (!endpoint)
		return NULL;
	endpoint->protocol = sighting->protocol;
	endpoint->link = sighting->link;
	endpoint->number = ++registry->last_number;
	endpoint->first_seen = endpoint->last_seen = registry->now;
	registry_source_charge(
	    registry, endpoint, (int64_t)(sizeof(*endpoint) + sighting->key.text.len + 1));
	TAILQ_INSERT_TAIL(&registry->unverified, endpoint, of_unverified);
	hashmap_insert(&registry->by_key, &endpoint->by_key, hash);
	hashmap_insert(&registry->by_number, &endpoint->by_number, endpoint->number);
	registry->endpoint_count++;
	struct presence *presence = registry_presence_add(registry, endpoint, sighting);
	if (!presence ||
	    registry_source_join(registry, endpoint, &sighting->mac, &sighting->from) < 0 ||
	    heap_insert(&registry->by_expiry, &endpoint->by_expiry, expires.us) < 0) {
		registry_endpoint_free(registry, endpoint);
		return NULL;
	}
	presence->expires = expires;
	return endpoint;
}

void registry_endpoint_free(struct registry *registry, struct endpoint *endpoint)
{
	registry_services_clear(registry, endpoint);
	while (!STAILQ_EMPTY(&endpoint->presences))
		registry_presence_remove(registry, endpoint, STAILQ_FIRST(&endpoint->presences));
	for (size_t i = 0; i < FACTS; i++)
		drop_string(registry, endpoint, &endpoint->facts[i]);
	drop_string(registry, endpoint, &endpoint->url);
	drop_string(registry, endpoint, &endpoint->next_url);
	if (endpoint->source)
		registry_source_leave(registry, endpoint);
	if (!endpoint->verified)
		TAILQ_REMOVE(&registry->unverified, endpoint, of_unverified);
	hashmap_remove(&registry->by_key, &endpoint->by_key);
	hashmap_remove(&registry->by_number, &endpoint->by_number);
	heap_remove(&registry->by_expiry, &endpoint->by_expiry);
	registry->endpoint_count--;
	registry->memory -= endpoint->charge;
	free(endpoint);
}

static const size_t FACT_CAPACITY[FACTS] = {
    [FACT_NAME] = 256,
    [FACT_TYPE] = ENDPOINT_TEXT_MAX,
    [FACT_MANUFACTURER] = 256,
    [FACT_MODEL] = 256,
    [FACT_MODEL_NUMBER] = 256,
    [FACT_MODEL_DESCRIPTION] = 256,
    [FACT_SERIAL] = 256,
    [FACT_PRESENTATION_URL] = ENDPOINT_URL_MAX,
    [FACT_ICON_URL] = ENDPOINT_URL_MAX,
    [FACT_HOST_NAME] = 256,
    [FACT_SERVER] = 256,
};

/* Messages say these as well: a description that does not mention them takes nothing back. */
static bool is_said_by_messages(enum endpoint_fact fact)
{
	return fact == FACT_TYPE || fact == FACT_SERVER || fact == FACT_HOST_NAME;
}

static bool takes_fact(
    const struct endpoint *endpoint, const struct sighting *sighting, enum endpoint_fact fact)
{
	bool known = endpoint->facts[fact] != NULL;

	/* Programs on one host ask by different names: the first one stays. */
	if (sighting->event == SIGHTING_ASKED)
		return !known;
	if (sighting->event == SIGHTING_DESCRIBED)
		return !sighting->partial || !known || !endpoint->described;
	/* A device that announces its embedded devices under its own key names several types: the
	 * first one stays until the description tells. */
	return fact != FACT_TYPE || !known || (!endpoint->type_settled && !endpoint->described);
}

bool registry_facts_take(
    struct registry *registry, struct endpoint *endpoint, const struct sighting *sighting)
{
	bool described = sighting->event == SIGHTING_DESCRIBED;
	bool takes_back = described && !sighting->partial;
	bool changed = sighting->primary && !endpoint->primary;

	endpoint->primary |= sighting->primary;
	for (size_t i = 0; i < FACTS; i++) {
		enum endpoint_fact fact = (enum endpoint_fact)i;
		const char **place = &endpoint->facts[i];
		if (sighting->facts[i].len > 0) {
			if (takes_fact(endpoint, sighting, fact))
				changed |= registry_set_string(registry, endpoint, place,
				    sighting->facts[i], FACT_CAPACITY[i]);
		} else if (takes_back && *place && !is_said_by_messages(fact)) {
			drop_string(registry, endpoint, place);
			changed = true;
		}
	}
	if (described && !sighting->partial)
		endpoint->described = true;
	endpoint->type_settled |= sighting->facts[FACT_TYPE].len > 0;
	return changed;
}

static void service_fini(
    struct registry *registry, struct endpoint *endpoint, struct service *service)
{
	drop_string(registry, endpoint, &service->type);
	drop_string(registry, endpoint, &service->key);
	drop_string(registry, endpoint, &service->name);
	drop_string(registry, endpoint, &service->url);
	registry_source_charge(registry, endpoint, -(int64_t)(sizeof(*service) + service->txt_len));
	free(service->txt);
}

static void remove_service(struct registry *registry, struct endpoint *endpoint, size_t at)
{
	struct service *gone = &endpoint->services[at];

	service_fini(registry, endpoint, gone);
	endpoint->service_count--;
	memmove(gone, gone + 1, (endpoint->service_count - at) * sizeof(*gone));
}

void registry_services_clear(struct registry *registry, struct endpoint *endpoint)
{
	while (endpoint->service_count > 0)
		remove_service(registry, endpoint, endpoint->service_count - 1u);
	free(endpoint->services);
	endpoint->services = NULL;
}

/* A zeroed one at the end; NULL when there may be no more. */
static struct service *append_service(struct registry *registry, struct endpoint *endpoint)
{
	size_t max = endpoint->verified || endpoint->described ? ENDPOINT_SERVICES_MAX
							       : UNVERIFIED_SERVICES_MAX;

	if (endpoint->service_count >= max ||
	    registry_source_make_room(registry, endpoint, sizeof(struct service)) < 0) {
		registry_counted(registry, COUNT_SERVICES_REFUSED);
		return NULL;
	}
	struct service *services =
	    reallocarray(endpoint->services, endpoint->service_count + 1u, sizeof(*services));
	if (!services) {
		registry_counted(registry, COUNT_OUT_OF_MEMORY);
		return NULL;
	}
	endpoint->services = services;
	registry_source_charge(registry, endpoint, sizeof(*services));
	services[endpoint->service_count] = (struct service){.expires = INSTANT_NEVER};
	return &services[endpoint->service_count++];
}

static bool set_txt(
    struct registry *registry, struct endpoint *endpoint, struct service *service, struct slice txt)
{
	size_t len = txt.len < ENDPOINT_TXT_MAX ? txt.len : ENDPOINT_TXT_MAX;

	if (len == 0 || (len == service->txt_len && memcmp(service->txt, txt.bytes, len) == 0))
		return false;
	if (len > service->txt_len &&
	    registry_source_make_room(registry, endpoint, len - service->txt_len) < 0)
		return false;
	char *copy = malloc(len);
	if (!copy) {
		registry_counted(registry, COUNT_OUT_OF_MEMORY);
		return false;
	}
	memcpy(copy, txt.bytes, len);
	free(service->txt);
	registry_source_charge(registry, endpoint, (int64_t)len - service->txt_len);
	service->txt = copy;
	service->txt_len = (uint16_t)len;
	return true;
}

static bool fill_service(struct registry *registry, struct endpoint *endpoint,
    struct service *service, const struct sighted_service *seen)
{
	bool changed = seen->port && service->port != seen->port;

	if (seen->port)
		service->port = seen->port;
	changed |=
	    registry_set_string(registry, endpoint, &service->type, seen->type, ENDPOINT_TEXT_MAX);
	changed |=
	    registry_set_string(registry, endpoint, &service->key, seen->key, ENDPOINT_TEXT_MAX);
	changed |=
	    registry_set_string(registry, endpoint, &service->name, seen->name, ENDPOINT_TEXT_MAX);
	changed |=
	    registry_set_string(registry, endpoint, &service->url, seen->url, ENDPOINT_URL_MAX);
	return set_txt(registry, endpoint, service, seen->txt) || changed;
}

static bool take_service(struct registry *registry, struct endpoint *endpoint,
    const struct sighted_service *seen, bool described, struct instant expires)
{
	char text[ENDPOINT_TEXT_MAX];
	struct service *service = endpoint_find_service(endpoint, seen->type, seen->key);
	bool is_new = false;

	if (!service) {
		struct slice clean = {text, text_clean(seen->type, text, sizeof(text))};
		if (clean.len == 0)
			return false;
		service = endpoint_find_service(endpoint, clean, seen->key);
		is_new = !service;
	}
	if (!service)
		service = append_service(registry, endpoint);
	if (!service)
		return false;
	bool changed = fill_service(registry, endpoint, service, seen);
	if (!service->type) { /* its text was refused */
		remove_service(registry, endpoint, endpoint->service_count - 1u);
		return false;
	}
	if (described)
		service->described = true;
	else if (instant_is_never(service->expires) && !is_new && service->described)
		service->expires = expires; /* announced from now on */
	else
		service->expires = is_new || instant_is_never(service->expires)
				       ? expires
				       : instant_later(service->expires, expires);
	return changed || is_new;
}

/* What an earlier description named and this one does not. */
static bool forget_undescribed(struct registry *registry, struct endpoint *endpoint)
{
	bool changed = false;

	for (size_t i = endpoint->service_count; i-- > 0;) {
		struct service *service = &endpoint->services[i];
		if (instant_is_never(service->expires) && !service->described) {
			remove_service(registry, endpoint, i);
			changed = true;
		}
	}
	return changed;
}

bool registry_services_take(struct registry *registry, struct endpoint *endpoint,
    const struct sighting *sighting, struct instant expires)
{
	bool described = sighting->event == SIGHTING_DESCRIBED, changed = false;
	bool whole = described && !sighting->partial;

	for (size_t i = 0; whole && i < endpoint->service_count; i++)
		endpoint->services[i].described = false;
	for (size_t i = 0; i < sighting->service_count; i++)
		changed |=
		    take_service(registry, endpoint, &sighting->services[i], described, expires);
	return (whole && forget_undescribed(registry, endpoint)) || changed;
}

bool registry_services_leave(
    struct registry *registry, struct endpoint *endpoint, const struct sighting *sighting)
{
	bool changed = false;

	for (size_t i = 0; i < sighting->service_count; i++) {
		struct service *service = endpoint_find_service(
		    endpoint, sighting->services[i].type, sighting->services[i].key);
		if (!service)
			continue;
		remove_service(registry, endpoint, (size_t)(service - endpoint->services));
		changed = true;
	}
	return changed;
}

bool registry_services_expire(
    struct registry *registry, struct endpoint *endpoint, struct instant now)
{
	size_t before = endpoint->service_count;

	for (size_t i = endpoint->service_count; i-- > 0;) {
		struct service *service = &endpoint->services[i];
		if (!instant_due(service->expires, now))
			continue;
		if (service->described)
			service->expires = INSTANT_NEVER;
		else
			remove_service(registry, endpoint, i);
	}
	return endpoint->service_count != before;
}

void registry_endpoint_absorb(
    struct registry *registry, struct endpoint *endpoint, struct endpoint *other)
{
	for (struct presence *presence; (presence = STAILQ_FIRST(&other->presences));) {
		STAILQ_REMOVE_HEAD(&other->presences, next);
		other->presence_count--;
		presence->endpoint = endpoint;
		STAILQ_INSERT_TAIL(&endpoint->presences, presence, next);
		endpoint->presence_count++;
		int64_t charge = (int64_t)sizeof(*presence) +
				 (presence->group ? (int64_t)strlen(presence->group) + 1 : 0) +
				 (presence->url ? (int64_t)strlen(presence->url) + 1 : 0);
		registry_source_charge(registry, other, -charge);
		registry_source_charge(registry, endpoint, charge);
	}
	if (!endpoint->described && other->described)
		for (size_t i = 0; i < FACTS; i++)
			if (other->facts[i])
				registry_set_string(registry, endpoint, &endpoint->facts[i],
				    slice_of(other->facts[i]), FACT_CAPACITY[i]);
	for (size_t i = 0; i < other->service_count; i++) {
		const struct service *service = &other->services[i];
		struct sighted_service seen = {slice_of(service->key), slice_of(service->type),
		    slice_of(service->name), slice_of(service->url),
		    {service->txt, service->txt_len}, service->port};
		take_service(registry, endpoint, &seen, service->described, service->expires);
	}
	endpoint->described |= other->described;
	endpoint->is_device |= other->is_device;
	endpoint->primary |= other->primary;
	endpoint->first_seen = instant_earlier(endpoint->first_seen, other->first_seen);
	endpoint->last_seen = instant_later(endpoint->last_seen, other->last_seen);
	if (other->verified)
		registry_source_verify(registry, endpoint);
}

void registry_endpoint_settle(struct registry *registry, struct endpoint *endpoint)
{
	const struct presence *presence;
	struct instant deadline = INSTANT_NEVER;

	STAILQ_FOREACH(presence, &endpoint->presences, next)
	deadline = instant_earlier(deadline, presence->expires);
	for (size_t i = 0; i < endpoint->service_count; i++)
		deadline = instant_earlier(deadline, endpoint->services[i].expires);
	if (endpoint->by_expiry.key != deadline.us)
		heap_update(&registry->by_expiry, &endpoint->by_expiry, deadline.us);
}

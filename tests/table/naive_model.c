/* SPDX-License-Identifier: ISC
 * naive_model: what sightings do to endpoints, in lists that are searched from end to end. */
#include "naive_model.h"
#include "base/mac.h"
#include "model/protocol_id.h"
#include <stdlib.h>
#include <string.h>

void naive_init(struct naive *naive, const struct table_limits *limits)
{
	*naive = (struct naive){.limits = limits};
	naive->endpoints = calloc(NAIVE_ENDPOINTS, sizeof(*naive->endpoints));
}

void naive_fini(struct naive *naive)
{
	free(naive->endpoints);
}

static struct naive_presence *presence_at(
    struct naive_endpoint *endpoint, const struct address *address)
{
	for (size_t i = 0; i < endpoint->presence_count; i++)
		if (address_equal(&endpoint->presences[i].address, address))
			return &endpoint->presences[i];
	return NULL;
}

static bool has_sure_mac(const struct naive_endpoint *endpoint, const struct mac *mac)
{
	for (size_t i = 0; i < endpoint->presence_count; i++) {
		const struct naive_presence *presence = &endpoint->presences[i];
		if (presence->mac.known && !presence->unsure && mac_equal(&presence->mac, mac))
			return true;
	}
	return false;
}

static bool same_thing(const struct naive_endpoint *endpoint, const struct sighting *sighting)
{
	return endpoint->protocol == sighting->protocol && endpoint->link == sighting->link &&
	       key_equal(&endpoint->key, &sighting->key);
}

/* By address, else by a MAC that is confirmed on both sides. */
static struct naive_endpoint *identify(struct naive *naive, const struct sighting *sighting)
{
	bool sure = sighting->mac.known && !sighting->mac_unsure;

	for (size_t i = 0; i < naive->count; i++)
		if (same_thing(&naive->endpoints[i], sighting) &&
		    presence_at(&naive->endpoints[i], &sighting->from))
			return &naive->endpoints[i];
	for (size_t i = 0; sure && sighting->key.kind != KEY_ADDRESS && i < naive->count; i++)
		if (same_thing(&naive->endpoints[i], sighting) &&
		    has_sure_mac(&naive->endpoints[i], &sighting->mac))
			return &naive->endpoints[i];
	return NULL;
}

static void remove_endpoint(struct naive *naive, struct naive_endpoint *endpoint)
{
	size_t at = (size_t)(endpoint - naive->endpoints);

	naive->count--;
	memmove(endpoint, endpoint + 1, (naive->count - at) * sizeof(*endpoint));
}

/* True when the endpoint went with its last presence. */
static bool leave(
    struct naive *naive, struct naive_endpoint *endpoint, struct naive_presence *presence)
{
	size_t at = (size_t)(presence - endpoint->presences);

	if (endpoint->presence_count == 1) {
		remove_endpoint(naive, endpoint);
		return true;
	}
	endpoint->presence_count--;
	memmove(presence, presence + 1, (endpoint->presence_count - at) * sizeof(*presence));
	return false;
}

static void remove_service(struct naive_endpoint *endpoint, size_t at)
{
	endpoint->service_count--;
	memmove(&endpoint->services[at], &endpoint->services[at + 1],
	    (endpoint->service_count - at) * sizeof(endpoint->services[0]));
}

static struct naive_service *service_of(struct naive_endpoint *endpoint, struct slice type)
{
	for (size_t i = 0; i < endpoint->service_count; i++)
		if (slice_equal(endpoint->services[i].type, type))
			return &endpoint->services[i];
	return NULL;
}

/* A described one stays while its description stands, an announced one for its lifetime. */
static void take_service(
    struct naive_endpoint *endpoint, struct slice type, bool described, struct instant expires)
{
	struct naive_service *service = service_of(endpoint, type);

	if (!service) {
		service = &endpoint->services[endpoint->service_count++];
		*service = (struct naive_service){type, INSTANT_NEVER, false};
	}
	if (described)
		service->described = true;
	else if (instant_is_never(service->expires))
		service->expires = expires;
	else
		service->expires = instant_later(service->expires, expires);
}

static void take_services(
    struct naive_endpoint *endpoint, const struct sighting *sighting, struct instant expires)
{
	bool described = sighting->event == SIGHTING_DESCRIBED;
	bool whole = described && !sighting->partial;

	for (size_t i = 0; whole && i < endpoint->service_count; i++)
		endpoint->services[i].described = false;
	for (size_t i = 0; i < sighting->service_count; i++)
		take_service(endpoint, sighting->services[i].type, described, expires);
	for (size_t i = endpoint->service_count; whole && i-- > 0;)
		if (!endpoint->services[i].described &&
		    instant_is_never(endpoint->services[i].expires))
			remove_service(endpoint, i);
}

static void expire_services(struct naive_endpoint *endpoint, struct instant now, bool all)
{
	for (size_t i = endpoint->service_count; i-- > 0;) {
		struct naive_service *service = &endpoint->services[i];
		if (!all && !instant_due(service->expires, now))
			continue;
		if (service->described)
			service->expires = INSTANT_NEVER;
		else
			remove_service(endpoint, i);
	}
}

static bool is_said_by_messages(size_t fact)
{
	return fact == FACT_TYPE || fact == FACT_SERVER || fact == FACT_HOST_NAME;
}

static void take_fact(struct naive_endpoint *endpoint, const struct sighting *sighting, size_t fact)
{
	struct slice said = sighting->facts[fact], *kept = &endpoint->facts[fact];

	switch (sighting->event) {
	case SIGHTING_ASKED:
		if (kept->len == 0)
			*kept = said;
		return;
	case SIGHTING_DESCRIBED:
		if (said.len == 0 && !sighting->partial && !is_said_by_messages(fact))
			*kept = SLICE_NONE;
		else if (said.len > 0 &&
			 (!sighting->partial || kept->len == 0 || !endpoint->described))
			*kept = said;
		return;
	default:
		if (said.len == 0)
			return;
		if (fact != FACT_TYPE || kept->len == 0 ||
		    (!endpoint->type_settled && !endpoint->described))
			*kept = said;
	}
}

/* It was announced to another endpoint that is the same machine. */
static bool is_announced(
    const struct naive *naive, const struct naive_endpoint *endpoint, uint32_t epoch)
{
	for (size_t i = 0; i < naive->count && key_joins(&endpoint->key); i++) {
		const struct naive_endpoint *other = &naive->endpoints[i];
		if (other != endpoint && other->renumbered && other->epoch == epoch &&
		    key_equal(&other->key, &endpoint->key) && other->claim == endpoint->claim)
			return true;
	}
	return false;
}

static void take_numbers(
    struct naive *naive, struct naive_endpoint *endpoint, const struct sighting *sighting)
{
	bool renumbers = sighting->event == SIGHTING_RENUMBERS && sighting->next_epoch.known;
	bool done =
	    renumbers && endpoint->has_epoch && endpoint->epoch == sighting->next_epoch.value;
	uint32_t former = sighting->epoch.known ? sighting->epoch.value : endpoint->epoch;

	if (!renumbers && endpoint->renumbered && sighting->epoch.known &&
	    sighting->epoch.value == endpoint->former_epoch)
		return; /* it was under way */
	if (sighting->epoch.known && endpoint->has_epoch && !done &&
	    endpoint->epoch != sighting->epoch.value &&
	    !is_announced(naive, endpoint, sighting->epoch.value)) {
		expire_services(endpoint, (struct instant){0}, true);
		endpoint->described = endpoint->type_settled = false;
	}
	if (renumbers || sighting->epoch.known) {
		uint32_t epoch = renumbers ? sighting->next_epoch.value : sighting->epoch.value;
		if (!endpoint->has_epoch || endpoint->epoch != epoch)
			endpoint->renumbered = false;
		endpoint->has_epoch = true;
		endpoint->epoch = epoch;
	}
	if (renumbers && !endpoint->renumbered)
		endpoint->former_epoch = former;
	endpoint->renumbered |= renumbers;
}

static void take_facts(struct naive_endpoint *endpoint, const struct sighting *sighting)
{
	for (size_t i = 0; i < FACTS; i++)
		take_fact(endpoint, sighting, i);
	endpoint->type_settled |= sighting->facts[FACT_TYPE].len > 0;
	endpoint->described |= sighting->event == SIGHTING_DESCRIBED && !sighting->partial;
}

/* All that is being asked at this place of its device is there. */
static void confirmed(
    struct naive *naive, const struct naive_endpoint *by, const struct naive_presence *presence)
{
	for (size_t i = 0; i < naive->count; i++) {
		struct naive_endpoint *other = &naive->endpoints[i];
		struct naive_presence *there = presence_at(other, &presence->address);
		if (!there || other->link != by->link || there == presence ||
		    other->device != by->device || !there->asked)
			continue;
		there->asked = false;
		there->expires = there->promised;
	}
}

/* What was unconfirmed there is the same host. */
static void make_sure(
    struct naive *naive, const struct naive_endpoint *by, const struct naive_presence *presence)
{
	for (size_t i = 0; i < naive->count; i++) {
		struct naive_endpoint *other = &naive->endpoints[i];
		struct naive_presence *there = presence_at(other, &presence->address);
		if (!there || other->link != by->link || there == presence)
			continue;
		if (there->unsure && !presence->unsure) {
			there->unsure = there->taken = false;
			there->mac = presence->mac;
		}
	}
}

static void answered(
    struct naive *naive, const struct naive_endpoint *by, const struct naive_presence *presence)
{
	confirmed(naive, by, presence);
	make_sure(naive, by, presence);
}

static void described_at(
    struct naive *naive, struct naive_endpoint *endpoint, const struct address *address)
{
	struct naive_presence *presence = presence_at(endpoint, address);

	if (!presence || !presence->asked)
		return;
	presence->asked = false;
	presence->expires = presence->promised;
	confirmed(naive, endpoint, presence);
}

static bool is_same_identity(const struct naive_endpoint *a, const struct naive_endpoint *b)
{
	if (a == b || a->protocol != b->protocol || a->link != b->link ||
	    a->key.kind == KEY_ADDRESS || !key_equal(&a->key, &b->key))
		return false;
	for (size_t i = 0; i < a->presence_count; i++)
		if (a->presences[i].mac.known && !a->presences[i].unsure &&
		    has_sure_mac(b, &a->presences[i].mac))
			return true;
	return false;
}

/* `endpoint` takes in `other`, which is the same thing: what was described counts, then what it
 * said itself. */
static void absorb(
    struct naive *naive, struct naive_endpoint *endpoint, struct naive_endpoint *other)
{
	bool takes_facts = !endpoint->described && other->described;

	for (size_t i = 0; i < other->presence_count; i++)
		endpoint->presences[endpoint->presence_count++] = other->presences[i];
	for (size_t i = 0; i < FACTS; i++)
		if (other->facts[i].len > 0 && (takes_facts || endpoint->facts[i].len == 0))
			endpoint->facts[i] = other->facts[i];
	for (size_t i = 0; i < other->service_count; i++) {
		const struct naive_service *service = &other->services[i];
		if (service->described)
			take_service(endpoint, service->type, true, INSTANT_NEVER);
		if (!instant_is_never(service->expires))
			take_service(endpoint, service->type, false, service->expires);
	}
	if (!endpoint->has_epoch) {
		endpoint->has_epoch = other->has_epoch;
		endpoint->epoch = other->epoch;
	}
	endpoint->described |= other->described;
	endpoint->is_device |= other->is_device;
	endpoint->verified |= other->verified;
	endpoint->type_settled |= other->type_settled;
	remove_endpoint(naive, other);
}

/* Of two that turn out to be one, that survives whose MAC has become known: the one at this place.
 */
static void absorb_all(struct naive *naive, uint32_t link, const struct address *address)
{
	for (size_t i = 0; i < naive->count; i++) {
		struct naive_endpoint *at = &naive->endpoints[i];
		if (at->link != link || !presence_at(at, address))
			continue;
		for (size_t j = 0; j < naive->count; j++)
			if (is_same_identity(at, &naive->endpoints[j])) {
				absorb(naive, at, &naive->endpoints[j]);
				absorb_all(naive, link, address);
				return;
			}
	}
}

static struct naive_endpoint *newcomer(struct naive *naive, const struct sighting *sighting)
{
	struct naive_endpoint *endpoint = &naive->endpoints[naive->count++];

	*endpoint = (struct naive_endpoint){
	    .protocol = sighting->protocol, .key = sighting->key, .link = sighting->link};
	return endpoint;
}

static struct instant expiry_of(const struct naive *naive, const struct sighting *sighting)
{
	int64_t lifetime = sighting->lifetime;

	if (lifetime < naive->limits->lifetime_min)
		lifetime = naive->limits->lifetime_min;
	if (lifetime > naive->limits->lifetime_max)
		lifetime = naive->limits->lifetime_max;
	return instant_add(naive->now, lifetime);
}

static struct naive_presence *refresh_presence(
    struct naive *naive, struct naive_endpoint *endpoint, const struct sighting *sighting)
{
	struct naive_presence *presence = presence_at(endpoint, &sighting->from);
	struct instant expires = expiry_of(naive, sighting);
	bool is_new = !presence;

	if (is_new) {
		presence = &endpoint->presences[endpoint->presence_count++];
		*presence = (struct naive_presence){
		    .address = sighting->from,
		    .mac = sighting->mac,
		    .unsure = sighting->mac.known && sighting->mac_unsure,
		};
	} else if (presence->asked) {
		presence->asked = false;
		answered(naive, endpoint, presence);
	}
	if (is_new || sighting->event != SIGHTING_ASKED)
		presence->expires = expires;
	else
		presence->expires = instant_later(presence->expires, expires);
	if (sighting->url.len > 0)
		presence->url = sighting->url;
	return presence;
}

/* Something at this place is not confirmed: another machine may have taken it. */
static bool is_displaced(
    struct naive *naive, const struct naive_endpoint *endpoint, const struct naive_presence *at)
{
	for (size_t i = 0; i < naive->count; i++) {
		const struct naive_presence *there =
		    presence_at(&naive->endpoints[i], &at->address);
		if (there && there != at && naive->endpoints[i].link == endpoint->link &&
		    there->unsure && !there->taken)
			return true;
	}
	return false;
}

static void displace_others(
    struct naive *naive, uint32_t link, struct address address, const struct mac *mac)
{
	for (size_t i = naive->count; i-- > 0;) {
		struct naive_endpoint *endpoint = &naive->endpoints[i];
		struct naive_presence *there = presence_at(endpoint, &address);
		if (endpoint->link == link && there && there->mac.known && !there->unsure &&
		    !mac_equal(&there->mac, mac))
			leave(naive, endpoint, there);
	}
}

/* What the kernel says of the MAC at a presence, by itself or with a message. By itself it may
 * cause a question instead. True when an endpoint may have gone. */
static bool learn_at(struct naive *naive, struct naive_endpoint *endpoint,
    struct naive_presence *presence, const struct mac *mac, bool confirmed, bool by_kernel)
{
	bool another = presence->mac.known && !mac_equal(&presence->mac, mac);

	if (!mac->known || (presence->mac.known && !confirmed))
		return false;
	if (another && !presence->unsure &&
	    (endpoint->presence_count > 1 || is_displaced(naive, endpoint, presence)))
		return leave(naive, endpoint, presence);
	if (by_kernel && another && !presence->unsure && presence->asked &&
	    endpoint->protocol->rank != PROTOCOL_RANK_NEIGHBOUR) {
		presence->unsure = presence->taken = true;
		return false;
	}
	if (by_kernel && presence->taken && another)
		return false;
	bool takes_over = presence->unsure && !presence->taken && confirmed;
	presence->mac = *mac;
	presence->unsure = !confirmed;
	bool said_so = another && presence->taken;
	presence->taken = false;
	if (takes_over)
		displace_others(naive, endpoint->link, presence->address, mac);
	if (said_so)
		make_sure(naive, endpoint, presence);
	return takes_over;
}

/* Another machine speaks from an address of an endpoint that has others. */
static void leave_to_another(struct naive *naive, const struct sighting *sighting)
{
	struct naive_endpoint *endpoint = identify(naive, sighting);
	struct naive_presence *presence = endpoint ? presence_at(endpoint, &sighting->from) : NULL;

	if (presence && endpoint->presence_count > 1 && sighting->mac.known &&
	    !sighting->mac_unsure && !mac_equal(&presence->mac, &sighting->mac))
		leave(naive, endpoint, presence);
}

static void take_presence(struct naive *naive, const struct sighting *sighting)
{
	leave_to_another(naive, sighting);
	struct naive_endpoint *endpoint = identify(naive, sighting);
	bool is_new = !endpoint || !presence_at(endpoint, &sighting->from);
	if (!endpoint)
		endpoint = newcomer(naive, sighting);
	struct naive_presence *presence = refresh_presence(naive, endpoint, sighting);
	endpoint->is_device |= sighting->event == SIGHTING_ALIVE;
	take_numbers(naive, endpoint, sighting);
	take_facts(endpoint, sighting);
	take_services(endpoint, sighting, presence->expires);
	if (!is_new)
		learn_at(naive, endpoint, presence, &sighting->mac, !sighting->mac_unsure, false);
	absorb_all(naive, sighting->link, &sighting->from);
}

static void take_leaving(struct naive *naive, const struct sighting *sighting)
{
	struct naive_endpoint *endpoint = identify(naive, sighting);
	struct naive_presence *presence = endpoint ? presence_at(endpoint, &sighting->from) : NULL;

	if (!presence)
		return;
	if (sighting->scope == SCOPE_SERVICE) {
		for (size_t i = 0; i < sighting->service_count; i++) {
			struct naive_service *service =
			    service_of(endpoint, sighting->services[i].type);
			if (service)
				remove_service(endpoint, (size_t)(service - endpoint->services));
		}
		return;
	}
	struct slice url = presence->url;
	leave(naive, endpoint, presence);
	for (size_t i = naive->count; url.len > 0 && sighting->scope == SCOPE_GROUP && i-- > 0;) {
		endpoint = &naive->endpoints[i];
		presence = presence_at(endpoint, &sighting->from);
		if (presence && endpoint->protocol == sighting->protocol &&
		    endpoint->link == sighting->link && slice_equal(presence->url, url))
			leave(naive, endpoint, presence);
	}
}

void naive_observe(struct naive *naive, struct instant now, const struct sighting *sighting)
{
	struct naive_endpoint *endpoint;

	naive->now = now;
	switch (sighting->event) {
	case SIGHTING_ALIVE:
	case SIGHTING_ASKED:
		take_presence(naive, sighting);
		return;
	case SIGHTING_LEFT:
		take_leaving(naive, sighting);
		return;
	case SIGHTING_RENUMBERS:
		endpoint = identify(naive, sighting);
		if (endpoint && presence_at(endpoint, &sighting->from))
			take_numbers(naive, endpoint, sighting);
		return;
	case SIGHTING_DESCRIBED:
		endpoint = identify(naive, sighting);
		if (!endpoint)
			return;
		endpoint->verified = true;
		described_at(naive, endpoint, &sighting->from);
		take_facts(endpoint, sighting);
		take_services(endpoint, sighting, INSTANT_NEVER);
		return;
	}
}

void naive_neighbour(struct naive *naive, struct instant now, const struct protocol_id *protocol,
    uint32_t link, const struct address *address, const struct mac *mac)
{
	naive_observe(naive, now,
	    &(struct sighting){.event = SIGHTING_ALIVE,
		.protocol = protocol,
		.from = *address,
		.link = link,
		.mac = *mac,
		.lifetime = SECONDS(600)});
}

void naive_learn(struct naive *naive, struct instant now, uint32_t link,
    const struct address *address, const struct mac *mac, bool confirmed)
{
	naive->now = now;
	for (size_t i = 0; i < naive->count; i++) {
		struct naive_endpoint *endpoint = &naive->endpoints[i];
		struct naive_presence *presence = presence_at(endpoint, address);
		if (endpoint->link == link && presence &&
		    learn_at(naive, endpoint, presence, mac, confirmed, true))
			i = SIZE_MAX; /* from the beginning: it changes nothing twice */
	}
	absorb_all(naive, link, address);
}

void naive_drop_link(struct naive *naive, struct instant now, uint32_t link)
{
	naive->now = now;
	for (size_t i = naive->count; i-- > 0;)
		if (naive->endpoints[i].link == link)
			remove_endpoint(naive, &naive->endpoints[i]);
}

static bool expire_endpoint(struct naive *naive, struct naive_endpoint *endpoint)
{
	for (size_t i = endpoint->presence_count; i-- > 0;)
		if (instant_due(endpoint->presences[i].expires, naive->now) &&
		    leave(naive, endpoint, &endpoint->presences[i]))
			return true;
	expire_services(endpoint, naive->now, false);
	return false;
}

void naive_advance(struct naive *naive, struct instant now)
{
	naive->now = now;
	for (size_t i = naive->count; i-- > 0;)
		expire_endpoint(naive, &naive->endpoints[i]);
}

void naive_asked(
    struct naive *naive, const struct endpoint *endpoint, const struct presence *presence)
{
	/* What leaves is asked, too, and nothing of it is kept. */
	if (!instant_is_never(presence->reconfirmable))
		return;
	for (size_t i = 0; i < naive->count; i++) {
		struct naive_endpoint *mine = &naive->endpoints[i];
		struct naive_presence *asked = presence_at(mine, &presence->address);
		if (!asked || asked->asked || mine->protocol != endpoint->protocol ||
		    mine->link != endpoint->link || !key_equal(&mine->key, &endpoint->key))
			continue;
		asked->asked = true;
		asked->promised = asked->expires;
		asked->expires = presence->expires;
	}
}

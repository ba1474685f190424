/* SPDX-License-Identifier: ISC
 * registry_observe: what each kind of sighting does to the registry; one function per kind. */
#include "registry/registry_internal.h"
#include <errno.h>
#include <stdlib.h>

/* What is not verified lives no longer than this while its source or the registry is crowded. */
#define CROWDED_LIFETIME SECONDS(300)
/* Between the first message and the report of what has a description to read. */
#define DESCRIPTION_TIME MILLISECONDS(300)
/* How long a host is listed after the kernel last confirmed that it answers. */
#define NEIGHBOUR_LIFETIME SECONDS(600)

static int64_t clamp_lifetime(const struct registry_limits *limits, int64_t lifetime)
{
	if (lifetime < limits->lifetime_min)
		return limits->lifetime_min;
	return lifetime < limits->lifetime_max ? lifetime : limits->lifetime_max;
}

static struct instant expiry_of(const struct registry *registry, const struct endpoint *endpoint,
    const struct sighting *sighting)
{
	int64_t lifetime = clamp_lifetime(&registry->limits, sighting->lifetime);

	if (endpoint && !endpoint->verified && lifetime > CROWDED_LIFETIME &&
	    registry_source_is_crowded(registry, endpoint))
		lifetime = CROWDED_LIFETIME;
	return instant_add(registry->now, lifetime);
}

static size_t newcomer_charge(const struct sighting *sighting)
{
	size_t charge =
	    sizeof(struct endpoint) + sizeof(struct presence) + sighting->key.text.len + 1;

	for (size_t i = 0; i < FACTS; i++)
		charge += sighting->facts[i].len;
	return charge + sighting->url.len + sighting->group.len;
}

/* It was restarted: what it announced is unknown again, and its description is to be read. What
 * that told stays until then: the message before the restart may have been lost. */
static void restart(struct registry *registry, struct endpoint *endpoint)
{
	registry_counted(registry, COUNT_RESTARTS);
	for (size_t i = 0; i < endpoint->service_count; i++)
		endpoint->services[i].expires =
		    endpoint->services[i].described ? INSTANT_NEVER : registry->now;
	registry_services_expire(registry, endpoint, registry->now);
	endpoint->described = false;
	endpoint->type_settled = false;
	endpoint->url_expires = registry->now;
}

static void take_epoch(struct registry *registry, struct endpoint *endpoint, uint32_t epoch)
{
	if (endpoint->has_epoch && endpoint->epoch == epoch)
		return;
	endpoint->has_epoch = true;
	endpoint->epoch = epoch;
	endpoint->epoch_since = registry->now;
}

/* An announced change of the epoch is no restart; the same announcement comes once per link, so the
 * second one names a number that is past (UDA 2.0, 1.2.4). */
static void take_numbers(
    struct registry *registry, struct endpoint *endpoint, const struct sighting *sighting)
{
	const struct sighting_number *epoch = &sighting->epoch, *next = &sighting->next_epoch;
	bool renumbers = sighting->event == SIGHTING_RENUMBERS && next->known;
	bool taken_over = renumbers && endpoint->has_epoch && endpoint->epoch == next->value;

	if (epoch->known && endpoint->has_epoch && endpoint->epoch != epoch->value && !taken_over)
		restart(registry, endpoint);
	if (renumbers)
		take_epoch(registry, endpoint, next->value);
	else if (epoch->known)
		take_epoch(registry, endpoint, epoch->value);
	if (sighting->revision.known) {
		endpoint->has_revision = true;
		endpoint->revision = sighting->revision.value;
	}
}

static int admit(struct registry *registry, const struct sighting *sighting, uint64_t hash,
    struct endpoint **endpoint)
{
	int error = registry_source_admit(registry, sighting, newcomer_charge(sighting));

	if (error < 0)
		return error;
	*endpoint =
	    registry_endpoint_add(registry, sighting, hash, expiry_of(registry, NULL, sighting));
	if (!*endpoint) {
		registry_counted(registry, COUNT_OUT_OF_MEMORY);
		return -ENOMEM;
	}
	struct presence *presence = STAILQ_FIRST(&(*endpoint)->presences);
	presence->unsure = sighting->mac_unsure;
	presence->expires = expiry_of(registry, *endpoint, sighting);
	registry_counted(registry, COUNT_ENDPOINTS_ADDED);
	return 0;
}

/* Returns the presence like the sighting, added (*is_new) or refreshed; NULL when out of memory. */
static struct presence *refresh_presence(struct registry *registry, struct endpoint *endpoint,
    const struct sighting *sighting, bool *is_new)
{
	struct presence *presence = endpoint_find_presence(endpoint, &sighting->from);
	struct instant expires = expiry_of(registry, endpoint, sighting);

	*is_new = !presence;
	if (!presence) {
		presence = registry_presence_add(registry, endpoint, sighting);
		if (!presence) {
			registry_counted(registry, COUNT_OUT_OF_MEMORY);
			return NULL;
		}
		presence->expires = expires;
		presence->unsure = sighting->mac_unsure && !sighting->mac.known;
		return presence;
	}
	registry_reconfirm_answered(registry, presence);
	/* A question promises nothing, so it shortens no promise. */
	if (sighting->event == SIGHTING_ASKED) {
		presence->expires = instant_later(presence->expires, expires);
	} else {
		presence->expires = expires;
		presence->port = sighting->port;
	}
	return presence;
}

/* What the message says of the endpoint. True when something changed. */
static bool take_content(struct registry *registry, struct endpoint *endpoint,
    struct presence *presence, const struct sighting *sighting)
{
	bool changed = sighting->event == SIGHTING_ALIVE && !endpoint->is_device;

	endpoint->is_device |= sighting->event == SIGHTING_ALIVE;
	endpoint->last_seen = registry->now;
	if (endpoint->device)
		endpoint->device->last_seen = registry->now;
	take_numbers(registry, endpoint, sighting);
	registry_presence_says(registry, presence, sighting);
	registry_url_take(registry, endpoint, presence, sighting);
	changed |= registry_facts_take(registry, endpoint, sighting);
	changed |= registry_services_take(registry, endpoint, sighting, presence->expires);
	return changed;
}

static int take_newcomer(struct registry *registry, const struct sighting *sighting, uint64_t hash,
    struct endpoint **endpoint)
{
	int error = admit(registry, sighting, hash, endpoint);

	if (error < 0)
		return error;
	take_content(registry, *endpoint, STAILQ_FIRST(&(*endpoint)->presences), sighting);
	registry_endpoint_settle(registry, *endpoint);
	error = registry_ties_place(registry, *endpoint, (*endpoint)->url ? DESCRIPTION_TIME : 0);
	if (error < 0) {
		registry_counted(registry, COUNT_OUT_OF_MEMORY);
		registry_endpoint_free(registry, *endpoint);
		*endpoint = NULL;
		return error;
	}
	registry_reconfirm_rivals(registry, sighting, hash);
	return 0;
}

/* SIGHTING_ALIVE and SIGHTING_ASKED. */
static int take_presence(struct registry *registry, const struct sighting *sighting, uint64_t hash,
    struct endpoint **found)
{
	struct endpoint *endpoint = *found;
	bool new_place;

	if (!endpoint)
		return take_newcomer(registry, sighting, hash, found);
	struct presence *presence = refresh_presence(registry, endpoint, sighting, &new_place);
	if (!presence)
		return -ENOMEM;
	bool changed = take_content(registry, endpoint, presence, sighting) || new_place;
	registry_endpoint_settle(registry, endpoint);
	if (!new_place && sighting->mac.known &&
	    registry_ties_learn_mac(registry, presence, &sighting->mac, !sighting->mac_unsure))
		*found = NULL;
	if (*found && new_place) {
		registry_ties_update(registry, endpoint);
		registry_ties_address_came(registry, presence);
	}
	if (*found && registry_claims_check(registry, endpoint))
		registry_ties_update(registry, endpoint);
	if (!changed)
		registry_counted(registry, COUNT_REFRESHED);
	else if (*found)
		registry_report_change(registry, endpoint->device);
	return 0;
}

static int take_renumbering(struct registry *registry, const struct sighting *sighting,
    uint64_t hash, struct endpoint **found)
{
	struct endpoint *endpoint = *found;
	(void)hash;

	if (!endpoint)
		return -ENOENT;
	if (!endpoint_find_presence(endpoint, &sighting->from))
		return -EPERM;
	endpoint->last_seen = endpoint->device->last_seen = registry->now;
	take_numbers(registry, endpoint, sighting);
	registry_endpoint_settle(registry, endpoint);
	registry_report_change(registry, endpoint->device);
	return 0;
}

static int take_description(struct registry *registry, const struct sighting *sighting,
    uint64_t hash, struct endpoint **found)
{
	struct endpoint *endpoint = *found;
	(void)hash;

	if (!endpoint)
		return -ENOENT;
	endpoint->last_seen = endpoint->device->last_seen = registry->now;
	registry_source_verify(registry, endpoint);
	registry_facts_take(registry, endpoint, sighting);
	registry_services_take(registry, endpoint, sighting, INSTANT_NEVER);
	if (sighting->revision.known && !endpoint->has_revision) {
		endpoint->has_revision = true;
		endpoint->revision = sighting->revision.value;
	}
	endpoint->device->reachable = DEVICE_REACHABLE_YES;
	registry_endpoint_settle(registry, endpoint);
	if (registry_claims_check(registry, endpoint))
		registry_ties_update(registry, endpoint);
	if (!endpoint->device->predecessor)
		registry_report_now(registry, endpoint->device);
	registry_report_change(registry, endpoint->device);
	return 0;
}

/* The first other endpoint of the device that shares protocol, link and group at this address. */
static struct endpoint *find_group_member(
    const struct endpoint *endpoint, const struct address *address, const char *group)
{
	struct endpoint *other;

	TAILQ_FOREACH(other, &endpoint->device->endpoints, of_device)
	{
		if (other == endpoint || other->protocol != endpoint->protocol ||
		    other->link != endpoint->link)
			continue;
		const struct presence *presence = endpoint_find_presence(other, address);
		if (presence && presence->group == group)
			return other;
	}
	return NULL;
}

/* One goodbye takes the whole group away (UDA 2.0, 1.2.3). */
static void leave_with_group(
    struct registry *registry, struct endpoint *endpoint, const struct presence *presence)
{
	struct endpoint *other;

	while (presence->group &&
	       (other = find_group_member(endpoint, &presence->address, presence->group)))
		registry_leave(registry, other, endpoint_find_presence(other, &presence->address));
}

static int take_leaving(struct registry *registry, const struct sighting *sighting, uint64_t hash,
    struct endpoint **found)
{
	struct endpoint *endpoint = *found;
	struct presence *presence =
	    endpoint ? endpoint_find_presence(endpoint, &sighting->from) : NULL;

	/* The other addresses of the network are asked: it may have left all of them. */
	bool asked =
	    sighting->scope != SCOPE_SERVICE && registry_reconfirm_rivals(registry, sighting, hash);
	if (!presence) {
		registry_counted(registry, COUNT_BYES_REFUSED);
		return asked ? 0 : endpoint ? -EPERM : -ENOENT;
	}
	registry_counted(registry, COUNT_BYES);
	if (sighting->scope == SCOPE_SERVICE) {
		if (registry_services_leave(registry, endpoint, sighting))
			registry_report_change(registry, endpoint->device);
		registry_endpoint_settle(registry, endpoint);
		return 0;
	}
	if (sighting->scope == SCOPE_GROUP)
		leave_with_group(registry, endpoint, presence);
	if (registry_leave(registry, endpoint, presence))
		*found = NULL;
	return 0;
}

/* Takes one kind of sighting in: 0 or a negative errno. *found is the endpoint that it is about,
 * NULL while there is none. */
typedef int take_fn(struct registry *registry, const struct sighting *sighting, uint64_t hash,
    struct endpoint **found);

static take_fn *const TAKE[] = {
    [SIGHTING_ALIVE] = take_presence,
    [SIGHTING_RENUMBERS] = take_renumbering,
    [SIGHTING_LEFT] = take_leaving,
    [SIGHTING_ASKED] = take_presence,
    [SIGHTING_DESCRIBED] = take_description,
};

int registry_observe(struct registry *registry, struct instant now, const struct sighting *sighting,
    const struct endpoint **endpoint)
{
	uint64_t hash;

	registry->now = now;
	if (sighting->is_ourselves_elsewhere)
		registry_counted(registry, COUNT_OURS_ELSEWHERE);
	struct endpoint *found = registry_endpoint_identify(registry, sighting, &hash);
	int error = TAKE[sighting->event](registry, sighting, hash, &found);
	registry_report_due(registry);
	if (endpoint)
		*endpoint = error < 0 ? NULL : found;
	return error;
}

static bool is_named(const struct endpoint *endpoint, const struct key *named, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (key_equal(&endpoint->key, &named[i]))
			return true;
	return false;
}

/* True when one of its presences announces this description. */
static struct presence *announcer(const struct endpoint *endpoint, const char *url)
{
	struct presence *presence;

	STAILQ_FOREACH(presence, &endpoint->presences, next)
	if (presence->url && presence->url == url)
		return presence;
	return NULL;
}

void registry_described(struct registry *registry, struct instant now, uint64_t number,
    const struct key *named, size_t count)
{
	const struct endpoint *about = registry_find_endpoint(registry, number);
	struct endpoint *endpoint;
	bool known = false;

	registry->now = now;
	if (!about || !about->url)
		return;
	TAILQ_FOREACH(endpoint, &about->device->endpoints, of_device)
	known |= endpoint->protocol == about->protocol && announcer(endpoint, about->url) &&
		 is_named(endpoint, named, count);
	if (!known)
		return;
	TAILQ_FOREACH(endpoint, &about->device->endpoints, of_device)
	{
		struct presence *presence = announcer(endpoint, about->url);
		if (endpoint->protocol == about->protocol && presence &&
		    !is_named(endpoint, named, count))
			registry_reconfirm(registry, presence, SECONDS(3));
	}
}

/* More than the kernel's word is known of a host at this address. */
static bool is_known_there(
    const struct registry *registry, uint32_t link, const struct address *address)
{
	struct hashmap_node *node =
	    hashmap_first(&registry->by_address, registry_hash_address(registry, address));

	for (; node; node = hashmap_next(node)) {
		const struct presence *presence = CONTAINER_OF(node, struct presence, by_address);
		if (presence->endpoint->link == link &&
		    presence->endpoint->protocol->rank != PROTOCOL_RANK_NEIGHBOUR &&
		    address_equal(&presence->address, address))
			return true;
	}
	return false;
}

int registry_neighbour(struct registry *registry, struct instant now,
    const struct protocol_id *protocol, uint32_t link, const struct address *address,
    const struct mac *mac)
{
	if (is_known_there(registry, link, address))
		return 0;
	return registry_observe(registry, now,
	    &(struct sighting){.event = SIGHTING_ALIVE,
		.protocol = protocol,
		.from = *address,
		.link = link,
		.mac = *mac,
		.lifetime = NEIGHBOUR_LIFETIME},
	    NULL);
}

/* By number, for what is learned may join and remove endpoints. */
static void learn_macs_of(
    struct registry *registry, uint64_t number, registry_mac_fn *find_mac, void *context)
{
	struct hashmap_node *node = hashmap_first(&registry->by_number, number);
	struct endpoint *endpoint = node ? CONTAINER_OF(node, struct endpoint, by_number) : NULL;
	struct presence *presence;

	if (!endpoint)
		return;
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	{
		bool confirmed = false;
		struct mac mac = find_mac(context, endpoint->link, &presence->address, &confirmed);
		if (registry_ties_learn_mac(registry, presence, &mac, confirmed))
			return;
	}
}

void registry_learn_macs(
    struct registry *registry, struct instant now, registry_mac_fn *find_mac, void *context)
{
	size_t count;
	uint64_t *numbers = registry_numbers(registry, &count);

	registry->now = now;
	for (size_t i = 0; i < count; i++)
		learn_macs_of(registry, numbers[i], find_mac, context);
	free(numbers);
	registry_report_due(registry);
}

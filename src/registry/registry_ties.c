/* SPDX-License-Identifier: ISC
 * registry_ties: which endpoints are one device; the rules are in registry.h. */
#include "base/array.h"
#include "registry/registry_internal.h"
#include <errno.h>
#include <stdlib.h>

/* A host that changed its address does not answer at the old one. */
#define MOVE_TIME SECONDS(1)
/* A second claim on a key is told apart by then (see registry_claims.c). */
#define CLAIM_TIME SECONDS(3)

static bool is_ipv4(const struct presence *presence)
{
	return presence->address.family == ADDRESS_IPV4;
}

/* Wi-Fi repeaters and proxies answer with one MAC for several hosts. The `newcomer`, where it is
 * IPv4 and in no device yet, may turn out to be another one. */
static bool mac_is_shared(
    const struct registry *registry, const struct mac *mac, const struct presence *newcomer)
{
	const struct registry_source *source = registry_source_of_mac(registry, mac);
	const struct device *first = NULL;
	const struct endpoint *endpoint;
	const struct presence *presence;

	if (!source)
		return false;
	if (newcomer && (!is_ipv4(newcomer) || newcomer->endpoint->device))
		newcomer = NULL;
	TAILQ_FOREACH(endpoint, &source->endpoints, of_source)
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	{
		if (!is_ipv4(presence) || presence->unsure || !endpoint->device ||
		    endpoint->device->predecessor || !mac_equal(&presence->mac, mac))
			continue;
		if (first && first != endpoint->device)
			return true;
		if (newcomer && !address_equal(&newcomer->address, &presence->address))
			return true;
		first = endpoint->device;
	}
	return false;
}

static bool places_tie(
    const struct registry *registry, const struct presence *a, const struct presence *b)
{
	bool same =
	    a->endpoint->link == b->endpoint->link && address_equal(&a->address, &b->address);

	/* An unconfirmed MAC says nothing: another host may have the address by now. */
	if (a->unsure || b->unsure)
		return same && a->unsure && b->unsure;
	if (!a->mac.known || !b->mac.known)
		return same;
	if (!mac_equal(&a->mac, &b->mac))
		return false;
	if (is_ipv4(a) && is_ipv4(b))
		return address_equal(&a->address, &b->address);
	return !mac_is_shared(registry, &a->mac, is_ipv4(a) ? a : b);
}

static bool are_tied(
    const struct registry *registry, const struct endpoint *a, const struct endpoint *b)
{
	const struct presence *p, *q;

	if (key_joins(&a->key) && a->claim == b->claim && key_equal(&a->key, &b->key))
		return true;
	STAILQ_FOREACH(p, &a->presences, next)
	STAILQ_FOREACH(q, &b->presences, next)
	if (places_tie(registry, p, q))
		return true;
	return false;
}

/* Calls `fn` for every endpoint that shares a key, an address or a MAC with this one, until it says
 * true. */
typedef bool near_fn(struct registry *registry, struct endpoint *endpoint, struct endpoint *near);

static bool for_each_near(struct registry *registry, struct endpoint *endpoint, near_fn *fn)
{
	struct endpoint *near = NULL;
	const struct presence *presence;

	while (key_joins(&endpoint->key) && (near = registry_claims_next(registry, endpoint, near)))
		if (fn(registry, endpoint, near))
			return true;
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	{
		struct hashmap_node *node =
		    hashmap_first(&registry->by_address, presence->by_address.hash);
		for (; node; node = hashmap_next(node)) {
			near = CONTAINER_OF(node, struct presence, by_address)->endpoint;
			if (near != endpoint && fn(registry, endpoint, near))
				return true;
		}
		struct registry_source *source = registry_source_of_mac(registry, &presence->mac);
		if (!source)
			continue;
		TAILQ_FOREACH(near, &source->endpoints, of_source)
		if (near != endpoint && fn(registry, endpoint, near))
			return true;
	}
	return false;
}

static void merge(struct registry *registry, struct device *into, struct device *from)
{
	registry_counted(registry, COUNT_JOINED);
	if (from->reported)
		registry_report_removed(registry, from, into->id);
	for (struct endpoint *endpoint; (endpoint = TAILQ_FIRST(&from->endpoints));)
		registry_device_take(registry, into, endpoint);
	if (from->reachable != DEVICE_REACHABLE_UNKNOWN &&
	    into->reachable == DEVICE_REACHABLE_UNKNOWN)
		into->reachable = from->reachable;
	registry_device_free(registry, from);
	registry_device_name_again(registry, into);
	registry_report_change(registry, into);
}

/* The one that was reported or seen first keeps its id. */
static bool join_near(struct registry *registry, struct endpoint *endpoint, struct endpoint *near)
{
	struct device *a = endpoint->device, *b = near->device;

	if (!b || a == b || !are_tied(registry, endpoint, near))
		return false;
	if (!a) {
		registry_device_take(registry, b, endpoint);
		return false;
	}
	bool a_first = a->reported != b->reported ? a->reported
						  : !instant_before(b->first_seen, a->first_seen);
	merge(registry, a_first ? a : b, a_first ? b : a);
	return true;
}

/* Joining frees devices and moves endpoints, so it begins again after each. */
static void join(struct registry *registry, struct endpoint *endpoint)
{
	while (for_each_near(registry, endpoint, join_near))
		;
}

/* Which of the endpoints hang together: marks those that do with the first, in `together`. */
static void mark_component(
    const struct registry *registry, struct endpoint **endpoints, bool *together, size_t count)
{
	bool grown = true;

	together[0] = true;
	while (grown) {
		grown = false;
		for (size_t i = 0; i < count; i++)
			for (size_t j = 0; together[i] && j < count; j++)
				if (!together[j] &&
				    are_tied(registry, endpoints[i], endpoints[j])) {
					together[j] = true;
					grown = true;
				}
	}
}

/* Moves what does not hang together with the oldest endpoint into a new device; NULL where there is
 * nothing of it. */
static struct device *split_once(struct registry *registry, struct device *device)
{
	size_t count = device->endpoint_count, i = 0;
	struct endpoint **endpoints = calloc(count, sizeof(*endpoints)), *endpoint;
	bool *together = calloc(count, sizeof(*together));
	struct device *rest = NULL;

	if (endpoints && together) {
		TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
		endpoints[i++] = endpoint;
		mark_component(registry, endpoints, together, count);
	}
	for (i = 0; endpoints && together && i < count; i++) {
		if (together[i])
			continue;
		if (rest)
			registry_device_take(registry, rest, endpoints[i]);
		else if (!(rest = registry_device_new(registry, endpoints[i])))
			break;
	}
	free(endpoints);
	free(together);
	return rest;
}

static void split(struct registry *registry, struct device *device)
{
	struct device *rest = device;

	while (rest->endpoint_count > 1 && (rest = split_once(registry, rest))) {
		registry_counted(registry, COUNT_SPLIT);
		registry_report_new(registry, rest, 0);
		registry_report_change(registry, device);
	}
}

/* Asks at every place of the device that `test` picks. True when one is being asked. */
static bool ask_places(struct registry *registry, struct device *device,
    const struct presence *like,
    bool (*test)(const struct presence *presence, const struct presence *like))
{
	struct endpoint *endpoint;
	struct presence *presence;
	bool asked = false;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	if (presence != like && endpoint->link == like->endpoint->link && test(presence, like))
		asked |= registry_reconfirm(registry, presence, MOVE_TIME);
	return asked;
}

static bool is_former_address(const struct presence *presence, const struct presence *like)
{
	return is_ipv4(presence) && !address_equal(&presence->address, &like->address) &&
	       (!presence->mac.known || mac_equal(&presence->mac, &like->mac));
}

static bool is_same_address(const struct presence *presence, const struct presence *like)
{
	return address_equal(&presence->address, &like->address) && !presence->unsure;
}

void registry_ties_address_came(struct registry *registry, const struct presence *presence)
{
	struct device *device = presence->endpoint->device;

	if (is_ipv4(presence) && ask_places(registry, device, presence, is_former_address))
		device->quiet_until = instant_add(registry->now, MOVE_TIME);
}

/* One endpoint that was known by two addresses: the older one takes the other in. */
static bool absorb_near(struct registry *registry, struct endpoint *endpoint, struct endpoint *near)
{
	const struct presence *presence;
	bool same = false;

	if (near->protocol != endpoint->protocol || near->link != endpoint->link ||
	    near->device != endpoint->device || endpoint->key.kind == KEY_ADDRESS ||
	    !key_equal(&near->key, &endpoint->key))
		return false;
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	same |= presence->mac.known && !presence->unsure && endpoint_has_mac(near, &presence->mac);
	if (!same)
		return false;
	const struct endpoint *newer = near->number > endpoint->number ? near : endpoint;
	presence = STAILQ_FIRST(&newer->presences);
	registry_endpoint_absorb(registry, endpoint, near);
	if (registry->listener.forgotten)
		registry->listener.forgotten(registry->listener.context, near);
	TAILQ_REMOVE(&near->device->endpoints, near, of_device);
	near->device->endpoint_count--;
	registry_endpoint_free(registry, near);
	registry_endpoint_settle(registry, endpoint);
	registry_ties_address_came(registry, presence);
	return true;
}

void registry_ties_update(struct registry *registry, struct endpoint *endpoint)
{
	if (endpoint->device->endpoint_count > 1)
		split(registry, endpoint->device);
	join(registry, endpoint);
	while (for_each_near(registry, endpoint, absorb_near))
		;
}

/* IPv6 addresses join by their MAC only while that is the MAC of one host. */
static void tie_ipv6_again(struct registry *registry, const struct mac *mac)
{
	struct registry_source *source = registry_source_of_mac(registry, mac);
	struct endpoint *endpoint, *next;

	for (endpoint = source ? TAILQ_FIRST(&source->endpoints) : NULL; endpoint;
	     endpoint = next) {
		next = TAILQ_NEXT(endpoint, of_source);
		if (!is_ipv4(STAILQ_FIRST(&endpoint->presences)) &&
		    endpoint->device->endpoint_count > 1)
			split(registry, endpoint->device);
	}
}

/* The only device with an IPv4 address on this MAC and link; NULL where there are several. */
static struct device *former_device(
    const struct registry *registry, const struct presence *presence)
{
	const struct registry_source *source = registry_source_of_mac(registry, &presence->mac);
	struct device *former = NULL;
	struct endpoint *endpoint;
	const struct presence *other;

	if (!source)
		return NULL;
	TAILQ_FOREACH(endpoint, &source->endpoints, of_source)
	{
		if (endpoint->link != presence->endpoint->link || !endpoint->device ||
		    endpoint->device == presence->endpoint->device)
			continue;
		STAILQ_FOREACH(other, &endpoint->presences, next)
		{
			if (!is_ipv4(other) || other->unsure ||
			    !mac_equal(&other->mac, &presence->mac))
				continue;
			if (former && former != endpoint->device)
				return NULL;
			former = endpoint->device;
		}
	}
	return former;
}

/* The host with this MAC may have another address now: it is asked at the old one. */
static bool is_held_as_successor(struct registry *registry, struct endpoint *endpoint)
{
	struct presence *presence = STAILQ_FIRST(&endpoint->presences);

	if (!is_ipv4(presence) || !presence->mac.known || presence->unsure)
		return false;
	struct device *former = former_device(registry, presence), *device = endpoint->device;
	if (!former || former->successor || device->predecessor || former->predecessor)
		return false;
	if (!ask_places(registry, former, presence, is_former_address))
		return false;
	former->successor = device;
	device->predecessor = former;
	return true;
}

/* Something else is known at this address, under a MAC that the kernel has not confirmed lately. */
static bool is_held_as_unsure(struct registry *registry, struct endpoint *endpoint)
{
	struct presence *presence = STAILQ_FIRST(&endpoint->presences);
	struct hashmap_node *node = hashmap_first(&registry->by_address, presence->by_address.hash);

	if (!presence->unsure)
		return false;
	for (; node; node = hashmap_next(node)) {
		struct presence *other = CONTAINER_OF(node, struct presence, by_address);
		if (other->endpoint->device && other->endpoint->device != endpoint->device &&
		    other->endpoint->link == endpoint->link &&
		    address_equal(&other->address, &presence->address))
			return ask_places(
			    registry, other->endpoint->device, presence, is_same_address);
	}
	return false;
}

int registry_ties_place(struct registry *registry, struct endpoint *endpoint, int64_t hold)
{
	bool claimed = registry_claims_enter(registry, endpoint);

	join(registry, endpoint);
	if (endpoint->device) {
		registry_report_change(registry, endpoint->device);
		return 0;
	}
	struct device *device = registry_device_new(registry, endpoint);
	if (!device)
		return -ENOMEM;
	if (claimed)
		hold = CLAIM_TIME;
	else if (is_held_as_unsure(registry, endpoint) || is_held_as_successor(registry, endpoint))
		hold = MOVE_TIME;
	const struct presence *presence = STAILQ_FIRST(&endpoint->presences);
	if (is_ipv4(presence) && mac_is_shared(registry, &presence->mac, NULL))
		tie_ipv6_again(registry, &presence->mac);
	registry_report_new(registry, device, hold);
	return 0;
}

/* All that was being asked at this place of its device is there as well. */
static void confirm_place(struct registry *registry, struct presence *answered)
{
	struct endpoint *endpoint;
	struct presence *presence;

	TAILQ_FOREACH(endpoint, &answered->endpoint->device->endpoints, of_device)
	{
		presence = endpoint_find_presence(endpoint, &answered->address);
		if (!presence || presence == answered ||
		    endpoint->link != answered->endpoint->link ||
		    !instant_is_never(presence->reconfirmable))
			continue;
		presence->expires = presence->promised;
		presence->reconfirmable = answered->reconfirmable;
		registry_endpoint_settle(registry, endpoint);
	}
}

/* What was unsure there is the same host. */
static struct endpoint *make_sure(struct registry *registry, const struct presence *answered)
{
	struct hashmap_node *node = hashmap_first(&registry->by_address, answered->by_address.hash);

	for (; node; node = hashmap_next(node)) {
		struct presence *other = CONTAINER_OF(node, struct presence, by_address);
		if (!other->unsure || other->endpoint->link != answered->endpoint->link ||
		    !address_equal(&other->address, &answered->address))
			continue;
		other->unsure = false;
		other->mac = answered->mac;
		return other->endpoint;
	}
	return NULL;
}

void registry_ties_answered(struct registry *registry, struct presence *presence)
{
	struct device *device = presence->endpoint->device, *successor = device->successor;
	struct endpoint *endpoint;

	confirm_place(registry, presence);
	if (successor && is_ipv4(presence)) {
		device->successor = NULL;
		successor->predecessor = NULL;
		registry_report_now(registry, successor);
		tie_ipv6_again(registry, &presence->mac);
	}
	while (!presence->unsure && (endpoint = make_sure(registry, presence)))
		registry_ties_update(registry, endpoint);
}

/* Another machine is known at this place by now, which the kernel has just confirmed. */
static bool is_displaced(const struct registry *registry, const struct presence *presence)
{
	struct hashmap_node *node = hashmap_first(&registry->by_address, presence->by_address.hash);

	for (; node; node = hashmap_next(node)) {
		const struct presence *other = CONTAINER_OF(node, struct presence, by_address);
		if (other != presence && other->unsure &&
		    other->endpoint->link == presence->endpoint->link &&
		    address_equal(&other->address, &presence->address))
			return true;
	}
	return false;
}

bool registry_ties_learn_mac(
    struct registry *registry, struct presence *presence, const struct mac *mac, bool confirmed)
{
	struct endpoint *endpoint = presence->endpoint;
	bool another = !presence->mac.known || !mac_equal(&presence->mac, mac);

	if (!mac->known || (!another && (!presence->unsure || !confirmed)))
		return false;
	if (presence->mac.known && another && !confirmed)
		return false;
	if (presence->mac.known && another && !presence->unsure && is_displaced(registry, presence))
		return registry_leave(registry, endpoint, presence);
	presence->mac = *mac;
	presence->unsure = !confirmed;
	if (!endpoint->by_mac || another)
		registry_source_learn_mac(registry, endpoint, mac);
	registry_ties_update(registry, endpoint);
	if (!endpoint->device->reported)
		registry_device_name_again(registry, endpoint->device);
	is_held_as_successor(registry, endpoint);
	registry_report_change(registry, endpoint->device);
	return false;
}

bool registry_ties_succeed(struct registry *registry, struct device *device)
{
	struct device *successor = device->successor;

	if (!successor)
		return false;
	device->successor = NULL;
	successor->predecessor = NULL;
	merge(registry, device, successor);
	return true;
}

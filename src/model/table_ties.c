/* SPDX-License-Identifier: ISC
 * table_ties: which endpoints are one device; the rules are in table.h. */
#include "base/mac.h"
#include "model/protocol_id.h"
#include "model/table_internal.h"
#include <errno.h>
#include <stdlib.h>

/* By then it is known whether a second claim on a key is another machine (see table_claims.c). */
#define CLAIM_TIME SECONDS(3)
/* In one call: the ties of each MAC are looked at again when those of another have changed. */
enum { RETIES_MAX = 64 };

/* One is in a device that may be the new place of another one. */
static bool is_held_apart(const struct presence *a, const struct presence *b)
{
	const struct device *one = a->endpoint->device, *other = b->endpoint->device;

	return one && other && one != other && (one->held || other->held);
}

/* Several devices answer with this MAC, or this one and a `newcomer`. */
static bool find_sharers(
    struct table *table, const struct mac *mac, const struct presence *newcomer)
{
	const struct endpoint *endpoint = table_source_first(table, mac);
	const struct device *first = NULL;
	const struct presence *presence;

	for (; endpoint; endpoint = table_source_next(endpoint))
		STAILQ_FOREACH(presence, &endpoint->presences, next)
		{
			if (!presence_is_ipv4(presence) || !presence_has_sure_mac(presence) ||
			    !endpoint->device || endpoint->device->held || endpoint->guest ||
			    !mac_equal(&presence->mac, mac))
				continue;
			if (first && first != endpoint->device)
				return true;
			if (newcomer && !address_equal(&newcomer->address, &presence->address))
				return true;
			first = endpoint->device;
		}
	return false;
}

/* Wi-Fi repeaters and proxies answer with one MAC for several hosts. The `newcomer`, where it is
 * IPv4 and in no device yet, may turn out to be another one. */
static bool mac_is_shared(
    struct table *table, const struct mac *mac, const struct presence *newcomer)
{
	if (presence_is_ipv4(newcomer) && !newcomer->endpoint->device)
		return find_sharers(table, mac, newcomer);
	if (!mac_equal(&table->shared.mac, mac)) {
		table->shared.mac = *mac;
		table->shared.is_shared = find_sharers(table, mac, NULL);
	}
	return table->shared.is_shared;
}

static bool places_tie(struct table *table, const struct presence *a, const struct presence *b)
{
	bool same_address = address_equal(&a->address, &b->address);

	/* An unconfirmed MAC says nothing, but the address may have gone from the host of a
	 * confirmed one to another. */
	if (!presence_has_sure_mac(a) || !presence_has_sure_mac(b)) {
		bool contradict = (a->unsure && presence_has_sure_mac(b)) ||
				  (b->unsure && presence_has_sure_mac(a));
		return same_address && a->endpoint->link == b->endpoint->link && !contradict;
	}
	if (!mac_equal(&a->mac, &b->mac))
		return false;
	if (same_address || (presence_is_ipv4(a) && presence_is_ipv4(b)))
		return same_address;
	return !is_held_apart(a, b) && !mac_is_shared(table, &a->mac, presence_is_ipv4(a) ? a : b);
}

/* They are one endpoint, which was known by two addresses before the MAC. */
static bool are_one(const struct endpoint *a, const struct endpoint *b)
{
	const struct presence *p, *q;

	if (a->protocol != b->protocol || a->link != b->link || a->key.kind == KEY_ADDRESS ||
	    !key_equal(&a->key, &b->key))
		return false;
	STAILQ_FOREACH(p, &a->presences, next)
	STAILQ_FOREACH(q, &b->presences, next)
	if (presence_has_sure_mac(p) && presence_has_sure_mac(q) && mac_equal(&p->mac, &q->mac))
		return true;
	return false;
}

static bool are_tied(struct table *table, const struct endpoint *a, const struct endpoint *b)
{
	const struct presence *p, *q;

	if (key_joins(&a->key) && a->claim == b->claim && key_equal(&a->key, &b->key))
		return true;
	if (are_one(a, b))
		return true;
	if (a->guest || b->guest)
		return false;
	STAILQ_FOREACH(p, &a->presences, next)
	STAILQ_FOREACH(q, &b->presences, next)
	if (places_tie(table, p, q))
		return true;
	return false;
}

/* Calls `fn` for every endpoint that shares a key, an address or a MAC with this one, until it says
 * true. */
typedef bool near_fn(struct table *table, struct endpoint *endpoint, struct endpoint *near);

static bool for_each_near(struct table *table, struct endpoint *endpoint, near_fn *fn)
{
	struct endpoint *near = NULL;
	const struct presence *presence;

	table->shared.mac = (struct mac){0}; /* nothing changes until `fn` says true */
	while (
	    key_joins(&endpoint->key) && (near = table_endpoint_next_of_key(table, endpoint, near)))
		if (fn(table, endpoint, near))
			return true;
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	{
		struct hashmap_node *node =
		    hashmap_first(&table->by_address, presence->by_address.hash);
		for (; node; node = hashmap_next(node)) {
			near = CONTAINER_OF(node, struct presence, by_address)->endpoint;
			if (near != endpoint && fn(table, endpoint, near))
				return true;
		}
		near = table_source_first(table, &presence->mac);
		for (; near; near = table_source_next(near))
			if (near != endpoint && fn(table, endpoint, near))
				return true;
	}
	return false;
}

void table_ties_merge(struct table *table, struct device *into, struct device *from)
{
	table_counted(table, COUNT_JOINED);
	table_moves_transfer(table, into, from);
	/* What is reported of it now is not named again. */
	if (from->reported) {
		char text[KEY_UUID_TEXT_MAX];
		table_device_name_again(table, into);
		table_report_removed(table, from, device_id(into, text));
	}
	for (struct endpoint *endpoint; (endpoint = TAILQ_FIRST(&from->endpoints));)
		table_device_take(table, into, endpoint);
	if (from->reachable != DEVICE_REACHABLE_UNKNOWN &&
	    into->reachable == DEVICE_REACHABLE_UNKNOWN)
		into->reachable = from->reachable;
	into->first_seen = instant_earlier(into->first_seen, from->first_seen);
	if (!into->first_seen_wall ||
	    (from->first_seen_wall && from->first_seen_wall < into->first_seen_wall))
		into->first_seen_wall = from->first_seen_wall;
	bool named = from->reported;
	table_device_free(table, from);
	if (!named)
		table_device_name_again(table, into);
	table_report_change(table, into);
}

/* Its id is made from what the kernel alone knows: a MAC or an address, not a key. */
static bool is_nameless_neighbour(const struct device *device)
{
	struct slice id = device->id_is_uuid ? SLICE_NONE : slice_of(device->id_text);
	bool by_place =
	    slice_starts_with(id, SLICE("mac:")) || slice_starts_with(id, SLICE("address:"));

	return by_place && device_kind(device) == DEVICE_KIND_NEIGHBOUR;
}

/* True when the device is to take the id of this endpoint. */
static bool gives_way(const struct device *device, const struct endpoint *endpoint)
{
	return endpoint->key.kind != KEY_ADDRESS && is_nameless_neighbour(device);
}

/* The one that was reported or seen first keeps its id, except that an id made from what the kernel
 * alone knows gives way to a key that the device itself announces. */
static bool comes_first(const struct device *a, const struct device *b)
{
	bool gives_a = gives_way(a, TAILQ_FIRST(&b->endpoints));
	bool gives_b = gives_way(b, TAILQ_FIRST(&a->endpoints));

	if (gives_a != gives_b)
		return gives_b;
	if (a->reported != b->reported)
		return a->reported;
	return !instant_before(b->first_seen, a->first_seen);
}

static bool join_near(struct table *table, struct endpoint *endpoint, struct endpoint *near)
{
	struct device *a = endpoint->device, *b = near->device;

	if (!b || a == b || !are_tied(table, endpoint, near))
		return false;
	if (a) {
		bool a_first = comes_first(a, b);
		table_ties_merge(table, a_first ? a : b, a_first ? b : a);
		return true;
	}
	/* the device of its own that it gets takes the neighbour in (table_ties_place) */
	if (gives_way(b, endpoint))
		return false;
	table_device_take(table, b, endpoint);
	return true;
}

/* Joining frees devices and moves endpoints, so it begins again after each. */
static void join(struct table *table, struct endpoint *endpoint)
{
	while (for_each_near(table, endpoint, join_near))
		;
}

/* Goes on from it, when it is of the same device and tied to one that was reached. True when all of
 * the device are reached. */
static bool reach_near(struct table *table, struct endpoint *endpoint, struct endpoint *near)
{
	if (near->reached || near->device != endpoint->device || !are_tied(table, endpoint, near))
		return false;
	near->reached = true;
	table->reached[table->reached_count++] = near;
	return table->reached_count == near->device->endpoint_count;
}

/* Marks those of its device that hang together with this one: what may be tied is found by key,
 * address and MAC, for a flood may make one device of thousands. False when out of memory. */
static bool reach(struct table *table, struct endpoint *first)
{
	table->reached = calloc(first->device->endpoint_count, sizeof(struct endpoint *));
	if (!table->reached) {
		table_counted(table, COUNT_OUT_OF_MEMORY);
		return false;
	}
	first->reached = true;
	table->reached[0] = first;
	table->reached_count = 1;
	for (size_t i = 0; i < table->reached_count; i++)
		if (for_each_near(table, table->reached[i], reach_near))
			break;
	free(table->reached);
	table->reached = NULL;
	return true;
}

/* It is asked wherever it is: it may go in a moment. */
static bool is_being_asked(const struct endpoint *endpoint)
{
	const struct presence *presence;

	STAILQ_FOREACH(presence, &endpoint->presences, next)
	if (!instant_is_never(presence->reconfirmable))
		return false;
	return true;
}

/* The endpoint that keeps the device and its id: the oldest whose key the id is, else the oldest
 * that is more than the kernel's word and not being asked, else the oldest. */
static struct endpoint *find_keeper(const struct device *device)
{
	struct endpoint *endpoint, *keeper = NULL;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	{
		if (device_id_is(device, &endpoint->key))
			return endpoint;
		if (!keeper && endpoint->protocol->rank != PROTOCOL_RANK_NEIGHBOUR &&
		    !is_being_asked(endpoint))
			keeper = endpoint;
	}
	return keeper ? keeper : TAILQ_FIRST(&device->endpoints);
}

/* Moves what does not hang together with the endpoint that keeps the device into a new one; NULL
 * where there is nothing of it, or no memory. */
static struct device *split_once(struct table *table, struct device *device)
{
	struct device *rest = NULL;
	struct endpoint *endpoint, *next;
	bool failed = false;

	if (!reach(table, find_keeper(device)))
		return NULL;
	for (endpoint = TAILQ_FIRST(&device->endpoints); endpoint; endpoint = next) {
		next = TAILQ_NEXT(endpoint, of_device);
		if (endpoint->reached || failed)
			endpoint->reached = false;
		else if (rest)
			table_device_take(table, rest, endpoint);
		else if (!(rest = table_device_new(table, endpoint)))
			failed = true;
	}
	return rest;
}

/* What leaves is not reported before `hold` has gone by. */
static void split(struct table *table, struct device *device, int64_t hold)
{
	struct device *rest = device;

	while (rest->endpoint_count > 1 && (rest = split_once(table, rest))) {
		table_counted(table, COUNT_SPLIT);
		/* what leaves a device that is held is held apart no more */
		if (device->held)
			table_device_retie(table, rest);
		table_report_new(table, rest, hold);
		table_report_change(table, device);
	}
}

/* Returns true when the other one went. Callers hold presences of the endpoint: where there are too
 * many, those of the other one give way. */
static bool absorb_near(struct table *table, struct endpoint *endpoint, struct endpoint *near)
{
	if (near->device != endpoint->device || !are_one(endpoint, near))
		return false;
	table_presences_trim(table, near, ENDPOINT_PRESENCES_MAX - endpoint->presence_count);
	const struct presence *came = STAILQ_FIRST(&near->presences);
	if (endpoint_number(near) < endpoint_number(endpoint))
		came = STAILQ_FIRST(&endpoint->presences);
	table_claims_unite(table, endpoint, near);
	near->busy = true; /* room that is made meanwhile is not to be its own */
	table_endpoint_absorb(table, endpoint, near);
	if (table->listener.forgotten)
		table->listener.forgotten(table->listener.context, near);
	TAILQ_REMOVE(&near->device->endpoints, near, of_device);
	near->device->endpoint_count--;
	table_endpoint_free(table, near);
	table_endpoint_settle(table, endpoint);
	if (came)
		table_moves_address_came(table, came);
	return true;
}

void table_ties_update(struct table *table, struct endpoint *endpoint)
{
	do {
		table_ties_broken(table, endpoint->device);
		join(table, endpoint);
	} while (for_each_near(table, endpoint, absorb_near));
}

void table_ties_broken(struct table *table, struct device *device)
{
	if (device->endpoint_count > 1)
		split(table, device, 0);
}

static bool has_ipv6(const struct endpoint *endpoint)
{
	const struct presence *presence;

	STAILQ_FOREACH(presence, &endpoint->presences, next)
	if (!presence_is_ipv4(presence))
		return true;
	return false;
}

void table_ties_epoch_came(struct table *table, struct endpoint *endpoint)
{
	bool asked;

	if (table_claims_doubt(table, endpoint, &asked) && endpoint->device->endpoint_count > 1)
		split(table, endpoint->device, asked ? CLAIM_TIME : 0);
}

/* IPv6 addresses join by their MAC only while that is the MAC of one host. */
static void tie_ipv6_again(struct table *table, const struct mac *mac)
{
	struct endpoint *endpoint = table_source_first(table, mac);

	for (; endpoint; endpoint = table_source_next(endpoint)) {
		if (!endpoint->device || !has_ipv6(endpoint))
			continue;
		/* What splits later on is noted, and comes in another round. */
		if (endpoint->device->round != table->round) {
			table_ties_broken(table, endpoint->device);
			endpoint->device->round = table->round;
		}
		join(table, endpoint);
	}
}

/* A MAC is taken out before it is tied again, for that may note it once more. */
void table_ties_settle(struct table *table)
{
	for (size_t left = table->retied_count + RETIES_MAX; table->retied_count > 0 && left > 0;
	     left--) {
		struct mac mac = table->retied[--table->retied_count];
		table->round++;
		tie_ipv6_again(table, &mac);
	}
	table->retied_count = 0;
}

/* What has its key elsewhere, and has answered nothing, ties by that key alone from now on. */
static void make_guests(struct table *table, struct endpoint *verified)
{
	struct endpoint *other = NULL;

	while (key_joins(&verified->key) &&
	       (other = table_endpoint_next_of_key(table, verified, other))) {
		if (other->guest || !table_claims_is_guest(table, other))
			continue;
		other->guest = true;
		table_device_retie(table, other->device); /* it shares no MAC any more */
		table_ties_broken(table, other->device);
	}
}

void table_ties_verified(struct table *table, struct endpoint *endpoint)
{
	make_guests(table, endpoint);
	if (!endpoint->guest || endpoint->reflected)
		return;
	endpoint->guest = false;
	table_ties_update(table, endpoint);
}

int table_ties_place(struct table *table, struct endpoint *endpoint, int64_t hold)
{
	bool claimed = table_claims_enter(table, endpoint);

	join(table, endpoint);
	if (endpoint->device) {
		/* Others at its place have followed its claim. */
		if (endpoint->claim > 0)
			table_ties_broken(table, endpoint->device);
		/* By its key: it may have left where it was on another link. */
		table_moves_address_came(table, STAILQ_FIRST(&endpoint->presences));
		table_report_change(table, endpoint->device);
		return 0;
	}
	struct device *device = table_device_new(table, endpoint);
	if (!device)
		return -ENOMEM;
	table_former_name(table, device, endpoint);
	join(table, endpoint);
	device = endpoint->device;
	int64_t move = table_moves_hold(table, STAILQ_FIRST(&endpoint->presences));
	if (claimed)
		hold = CLAIM_TIME;
	else if (move > 0)
		hold = move;
	table_report_new(table, device, hold);
	return 0;
}

/* SPDX-License-Identifier: ISC
 * table_moves: devices that may have another address now, and are held until that is known. */
#include "base/mac.h"
#include "model/table_internal.h"

/* A host that changed its address does not answer at the old one. */
#define MOVE_TIME SECONDS(1)

/* Asks at every place of the device that `test` picks. True when one is being asked. */
static bool ask_places(struct table *table, struct device *device, const struct presence *like,
    bool (*test)(const struct presence *presence, const struct presence *like))
{
	struct endpoint *endpoint;
	struct presence *presence;
	bool asked = false;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	if (presence != like && test(presence, like))
		asked |= table_reconfirm(table, presence, MOVE_TIME);
	return asked;
}

/* A MAC is the same host on every link. */
static bool is_former_address(const struct presence *presence, const struct presence *like)
{
	if (!presence_is_ipv4(presence) || address_equal(&presence->address, &like->address))
		return false;
	if (!presence->mac.known)
		return presence->endpoint->link == like->endpoint->link;
	return mac_equal(&presence->mac, &like->mac);
}

static bool is_sure_there(const struct presence *presence, const struct presence *like)
{
	return presence_same_place(presence, like) && !presence->unsure;
}

void table_moves_address_came(struct table *table, const struct presence *presence)
{
	struct device *device = presence->endpoint->device;

	if (presence_is_ipv4(presence) && ask_places(table, device, presence, is_former_address))
		device->quiet_until = instant_add(table->now, MOVE_TIME);
}

/* The only other device with an IPv4 address on this MAC; NULL where there are several. */
static struct device *former_device(struct table *table, const struct presence *presence)
{
	struct device *former = NULL;
	const struct endpoint *endpoint = table_source_first(table, &presence->mac);
	const struct presence *other;

	for (; endpoint; endpoint = table_source_next(endpoint)) {
		if (!endpoint->device || endpoint->guest ||
		    endpoint->device == presence->endpoint->device)
			continue;
		STAILQ_FOREACH(other, &endpoint->presences, next)
		{
			if (!presence_is_ipv4(other) || other->unsure ||
			    !mac_equal(&other->mac, &presence->mac))
				continue;
			if (former && former != endpoint->device)
				return NULL;
			former = endpoint->device;
		}
	}
	return former;
}

/* The device is known at this place alone. */
static bool is_all_there(const struct device *device, const struct presence *presence)
{
	const struct endpoint *endpoint;
	const struct presence *other;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	STAILQ_FOREACH(other, &endpoint->presences, next)
	if (!presence_same_place(other, presence))
		return false;
	return true;
}

/* Something was heard from the former address after the newcomer: these are two hosts behind one
 * MAC. */
static bool is_heard_since(const struct device *former, const struct presence *newcomer)
{
	struct instant came = newcomer->endpoint->first_seen;
	const struct endpoint *endpoint;

	TAILQ_FOREACH(endpoint, &former->endpoints, of_device)
	if (endpoint->presence_count == 1 && instant_before(came, endpoint->last_seen) &&
	    is_former_address(STAILQ_FIRST(&endpoint->presences), newcomer))
		return true;
	return false;
}

/* What came and what was there announce different ids by one protocol: a device that moves keeps
 * its id, so these are two. */
static bool are_two_by_id(const struct device *former, const struct endpoint *came)
{
	const struct endpoint *endpoint;
	bool differs = false;

	if (!key_joins(&came->key))
		return false;
	TAILQ_FOREACH(endpoint, &former->endpoints, of_device)
	{
		if (key_equal(&endpoint->key, &came->key))
			return false;
		differs |= endpoint->protocol == came->protocol && key_joins(&endpoint->key);
	}
	return differs;
}

bool table_moves_hold_successor(struct table *table, const struct presence *presence)
{
	if (!presence_is_ipv4(presence) || !presence->mac.known || presence->unsure)
		return false;
	if (!is_all_there(presence->endpoint->device, presence))
		return false;
	struct device *former = former_device(table, presence);
	struct device *device = presence->endpoint->device;
	if (!former || former->other || device->other || is_heard_since(former, presence) ||
	    are_two_by_id(former, presence->endpoint))
		return false;
	if (!ask_places(table, former, presence, is_former_address))
		return false;
	former->other = device;
	device->other = former;
	device->held = true;
	table_device_retie(table, device);
	return true;
}

/* Something else is known at this address, under a MAC that the kernel has not confirmed lately. */
static bool is_held_as_unsure(struct table *table, const struct presence *presence)
{
	struct hashmap_node *node = hashmap_first(&table->by_address, presence->by_address.hash);

	if (!presence->unsure)
		return false;
	for (; node; node = hashmap_next(node)) {
		struct presence *other = CONTAINER_OF(node, struct presence, by_address);
		struct device *device = other->endpoint->device;
		if (device && device != presence->endpoint->device && !other->unsure &&
		    presence_same_place(other, presence))
			return ask_places(table, device, presence, is_sure_there);
	}
	return false;
}

int64_t table_moves_hold(struct table *table, const struct presence *presence)
{
	bool held =
	    is_held_as_unsure(table, presence) || table_moves_hold_successor(table, presence);

	return held ? MOVE_TIME : 0;
}

void table_moves_release(struct table *table, struct device *successor)
{
	successor->other->other = NULL;
	successor->other = NULL;
	successor->held = false;
	table_device_retie(table, successor);
}

bool table_moves_is_pending(const struct device *device)
{
	const struct endpoint *came = TAILQ_FIRST(&table_successor(device)->endpoints);
	const struct presence *successor = STAILQ_FIRST(&came->presences);
	const struct endpoint *endpoint;
	const struct presence *presence;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	if (instant_is_never(presence->reconfirmable) && is_former_address(presence, successor))
		return true;
	return false;
}

void table_moves_transfer(struct table *table, struct device *into, struct device *from)
{
	struct device *successor = table_successor(from);

	if (from->held)
		table_moves_release(table, from);
	if (!successor)
		return;
	if (successor == into || into->other) {
		table_moves_release(table, successor);
		table_report_now(table, successor);
		return;
	}
	from->other = NULL;
	into->other = successor;
	successor->other = into;
}

/* SPDX-License-Identifier: ISC
 * table_address: which machine is at an address, as its answers and the kernel say. */
#include "base/mac.h"
#include "model/protocol_id.h"
#include "model/table_internal.h"

/* All that was being asked at this place of its device is there as well. */
static void confirm_place(struct table *table, struct presence *answered)
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
		table_endpoint_settle(table, endpoint);
	}
}

/* What was unsure there is the same host. */
static struct endpoint *make_sure(struct table *table, const struct presence *answered)
{
	struct hashmap_node *node = hashmap_first(&table->by_address, answered->by_address.hash);

	for (; node; node = hashmap_next(node)) {
		struct presence *other = CONTAINER_OF(node, struct presence, by_address);
		if (!other->unsure || !presence_same_place(other, answered))
			continue;
		other->unsure = other->taken = false;
		other->mac = answered->mac;
		if (other->mac.known)
			table_source_learn_mac(table, other->endpoint, &other->mac);
		table_presence_touch(table, other);
		return other->endpoint;
	}
	return NULL;
}

void table_address_confirmed(struct table *table, struct presence *presence)
{
	struct device *successor = table_successor(presence->endpoint->device);

	confirm_place(table, presence);
	if (successor && presence_is_ipv4(presence)) {
		table_moves_release(table, successor);
		table_report_now(table, successor);
	}
}

static void make_all_sure(struct table *table, struct presence *answered)
{
	struct endpoint *endpoint;
	bool busy = answered->endpoint->busy;

	answered->endpoint->busy = true; /* room that is made meanwhile is not to be its own */
	while (!answered->unsure && (endpoint = make_sure(table, answered)))
		table_ties_update(table, endpoint);
	answered->endpoint->busy = busy;
}

void table_address_answered(struct table *table, struct presence *presence)
{
	table_address_confirmed(table, presence);
	make_all_sure(table, presence);
}

/* Another machine is known at this place by now, which the kernel has just confirmed. */
static bool is_displaced(const struct table *table, const struct presence *presence)
{
	struct hashmap_node *node = hashmap_first(&table->by_address, presence->by_address.hash);

	for (; node; node = hashmap_next(node)) {
		const struct presence *other = CONTAINER_OF(node, struct presence, by_address);
		if (other != presence && other->unsure && !other->taken &&
		    presence_same_place(other, presence))
			return true;
	}
	return false;
}

/* The host of this MAC has taken the address from those that are known there under another one. */
static void displace_others(
    struct table *table, const struct presence *presence, const struct mac *mac)
{
	struct hashmap_node *next,
	    *node = hashmap_first(&table->by_address, presence->by_address.hash);

	for (; node; node = next) {
		struct presence *other = CONTAINER_OF(node, struct presence, by_address);
		next = hashmap_next(node);
		if (other != presence && other->mac.known && !other->unsure &&
		    !mac_equal(&other->mac, mac) && presence_same_place(other, presence))
			table_leave(table, other->endpoint, other);
	}
}

/* The kernel has confirmed that this MAC is at the address of the presence. Where that is not the
 * MAC of the presence, another host may have the address by now, or the same one another MAC: true,
 * and it is being asked. */
static bool is_taken(struct table *table, struct presence *presence, const struct mac *mac)
{
	const struct endpoint *endpoint = presence->endpoint;

	if (presence->taken && !mac_equal(&presence->mac, mac))
		return true;
	if (!presence->mac.known || presence->unsure || mac_equal(&presence->mac, mac) ||
	    endpoint->presence_count > 1 || is_displaced(table, presence) ||
	    endpoint->protocol->rank == PROTOCOL_RANK_NEIGHBOUR ||
	    !table_reconfirm(table, presence, SECONDS(3)))
		return false;
	table_presence_touch(table, presence);
	presence->unsure = presence->taken = true;
	table_presence_touch(table, presence);
	table_ties_update(table, presence->endpoint);
	return true;
}

bool table_address_learn_mac(
    struct table *table, struct presence *presence, const struct mac *mac, bool confirmed)
{
	struct endpoint *endpoint = presence->endpoint;
	bool known = presence->mac.known, another = known && !mac_equal(&presence->mac, mac);

	if (!mac->known || (known && !confirmed) || (known && !another && !presence->unsure))
		return false;
	if (another && !presence->unsure &&
	    (endpoint->presence_count > 1 || is_displaced(table, presence)))
		return table_leave(table, endpoint, presence);
	if (presence->unsure && !presence->taken && confirmed)
		displace_others(table, presence, mac);
	bool answered = another && presence->taken; /* it has said so itself */
	if (another && endpoint->device->held)
		table_moves_release(table, endpoint->device);
	table_presence_touch(table, presence);
	presence->mac = *mac;
	presence->unsure = !confirmed;
	presence->taken = false;
	table_presence_touch(table, presence);
	table_source_learn_mac(table, endpoint, mac);
	if (answered)
		make_all_sure(table, presence);
	table_ties_update(table, endpoint);
	table_leave_succeed(table, endpoint->device);
	table_device_name_again(table, endpoint->device);
	table_moves_hold_successor(table, presence);
	table_report_change(table, endpoint->device);
	return false;
}

void table_learn_mac(struct table *table, struct instant now, uint32_t link,
    const struct address *address, const struct mac *mac, bool confirmed)
{
	struct presence *presence;
	uint64_t number = 0;

	table->now = now;
	while (mac->known && (presence = table_presence_next_at(table, link, address, number))) {
		number = endpoint_number(presence->endpoint);
		if (!confirmed || !is_taken(table, presence, mac))
			table_address_learn_mac(table, presence, mac, confirmed);
	}
	table_settle(table);
}

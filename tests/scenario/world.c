/* SPDX-License-Identifier: ISC
 * world: the clock, and what the switches do with a datagram. */
#include "world.h"
#include "host.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

/* One copy of a datagram on its way to one link of one host. */
struct flight {
	struct heap_node node;
	struct host *receiver;
	struct datagram datagram; /* its bytes stand behind this struct */
	uint16_t port;
};

/* A cable, and the way up and down two stacks. */
static const int64_t SHORTEST_DELAY = 100;

struct world *world_new(uint64_t seed, unsigned engines)
{
	struct world *world = calloc(1, sizeof(*world));
	ck_assert_ptr_nonnull(world);
	rng_init(&world->rng, seed);
	heap_init(&world->flights);
	outbox_init(&world->outbox);
	world->now = (struct instant){SECONDS(100)};
	world->engines = engines;
	return world;
}

void world_free(struct world *world)
{
	struct heap_node *node;
	for (size_t i = 0; i < world->host_count; i++)
		host_free(world->hosts[i]);
	while ((node = heap_top(&world->flights))) {
		heap_remove(&world->flights, node);
		free(CONTAINER_OF(node, struct flight, node));
	}
	heap_fini(&world->flights);
	outbox_fini(&world->outbox);
	free(world);
}

static bool happens(struct world *world, unsigned percent)
{
	return rng_below(&world->rng, 100) < percent;
}

static void fly(struct world *world, struct host *receiver, uint32_t link,
    const struct outbox_send *send, const struct address_port *from)
{
	struct flight *flight = calloc(1, sizeof(*flight) + send->bytes.len);
	ck_assert_ptr_nonnull(flight);
	char *bytes = (char *)(flight + 1);
	memcpy(bytes, send->bytes.bytes, send->bytes.len);
	heap_node_init(&flight->node);
	flight->receiver = receiver;
	flight->port = send->to.port;
	flight->datagram = (struct datagram){
	    .link = link,
	    .from = *from,
	    .to = send->to.address,
	    .bytes = {bytes, send->bytes.len},
	};
	int64_t delay = SHORTEST_DELAY + rng_between(&world->rng, 0, world->conditions.delay);
	ck_assert_int_eq(
	    heap_insert(&world->flights, &flight->node, instant_add(world->now, delay).us), 0);
}

static bool is_for_many(const struct link *link, const struct address *to)
{
	if (address_is_multicast(to) || address_is_limited_broadcast(to))
		return true;
	for (size_t i = 0; i < link->address_count; i++)
		if (address_equal(&link->addresses[i].broadcast, to))
			return true;
	return false;
}

static bool has_address(const struct link *link, const struct address *address)
{
	for (size_t i = 0; i < link->address_count; i++)
		if (address_equal(&link->addresses[i].prefix.address, address))
			return true;
	return false;
}

/* One receiving port: the sender's own kernel hands it what is for many without fail. */
static void send_to_port(struct world *world, struct host *receiver, const struct host_port *port,
    const struct outbox_send *send, const struct address_port *from, bool loops_back)
{
	const struct link *link = link_set_find(&receiver->links, port->link);
	bool many = is_for_many(link, &send->to.address);

	if (!many && !has_address(link, &send->to.address))
		return;
	if (loops_back && many)
		fly(world, receiver, port->link, send, from);
	if (loops_back && !world->conditions.reflects)
		return;
	if (happens(world, world->conditions.loss))
		return;
	fly(world, receiver, port->link, send, from);
	if (happens(world, world->conditions.duplication))
		fly(world, receiver, port->link, send, from);
}

void world_send(struct world *world, const struct host *sender, const struct outbox_send *send,
    const struct address_port *from)
{
	const struct host_port *out = host_port_of(sender, send->link);

	world->sent++;
	if (!out)
		return;
	for (size_t i = 0; i < world->host_count; i++) {
		struct host *receiver = world->hosts[i];
		for (size_t j = 0; j < receiver->port_count; j++) {
			const struct host_port *port = &receiver->ports[j];
			if (port->network == out->network)
				send_to_port(world, receiver, port, send, from, port == out);
		}
	}
}

static void land(struct world *world, struct heap_node *node)
{
	struct flight *flight = CONTAINER_OF(node, struct flight, node);
	heap_remove(&world->flights, node);
	host_receive(flight->receiver, &flight->datagram, flight->port);
	free(flight);
}

static struct host *next_host(const struct world *world)
{
	struct host *next = NULL;
	for (size_t i = 0; i < world->host_count; i++)
		if (!next || instant_before(world->hosts[i]->deadline, next->deadline))
			next = world->hosts[i];
	return next;
}

void world_run(struct world *world, int64_t duration)
{
	struct instant end = instant_add(world->now, duration);
	for (;;) {
		struct heap_node *node = heap_top(&world->flights);
		struct host *host = next_host(world);
		struct instant flight_due = node ? (struct instant){node->key} : INSTANT_NEVER;
		struct instant host_due = host ? host->deadline : INSTANT_NEVER;
		struct instant due = instant_earlier(flight_due, host_due);
		if (instant_before(end, due))
			break;
		world->now = instant_later(due, world->now);
		if (node && instant_due(flight_due, world->now))
			land(world, node);
		else
			host_advance(host);
	}
	world->now = end;
}

bool world_is_complete(const struct world *world)
{
	for (size_t i = 0; i < world->host_count; i++)
		for (size_t j = 0; j < world->host_count; j++)
			if (i != j && world->hosts[i]->table && world->hosts[j]->table &&
			    !host_sees(world->hosts[i], world->hosts[j]))
				return false;
	return true;
}

bool world_nobody_lists_himself(const struct world *world)
{
	for (size_t i = 0; i < world->host_count; i++)
		if (host_lists_itself(world->hosts[i]))
			return false;
	return true;
}

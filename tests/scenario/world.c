/* SPDX-License-Identifier: ISC
 * world: the clock, and what the switches do with a datagram or a fetch. */
#include "world.h"
#include "host.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

/* One copy of a datagram on its way to one link of one host, or a page that was asked for. */
struct flight {
	struct heap_node node;
	struct host *receiver;
	const struct host *sender;
	uint32_t tag;
	struct datagram datagram; /* its bytes stand behind this struct */
	uint16_t port;
	uint64_t fetch;  /* it is the answer to this fetch, a page, instead; 0: to none */
	unsigned starts; /* of the host that asked for the page, or that sent the datagram */
	const struct page_form *form; /* in which it did */
};

/* A cable, and the way up and down two stacks. */
static const int64_t SHORTEST_DELAY = 100;
static const int64_t FETCH_TIME = 2000, FETCH_TIMEOUT = SECONDS(3);

struct world *world_new(uint64_t seed, unsigned engines)
{
	struct world *world = calloc(1, sizeof(*world));
	ck_assert_ptr_nonnull(world);
	rng_init(&world->rng, seed);
	heap_init(&world->flights);
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
	free(world);
}

/* An assertion of Check writes to a file each time: too slow for each datagram. */
static void must(bool holds)
{
	if (!holds)
		ck_abort();
}

static struct flight *new_flight(size_t bytes)
{
	struct flight *flight = calloc(1, sizeof(*flight) + bytes);

	must(flight);
	heap_node_init(&flight->node);
	return flight;
}

static void take_off(struct world *world, struct flight *flight, struct instant due)
{
	must(heap_insert(&world->flights, &flight->node, due.us) == 0);
}

static bool happens(struct world *world, unsigned percent)
{
	return rng_below(&world->rng, 100) < percent;
}

static void fly(struct world *world, const struct host *sender, struct host *receiver,
    uint32_t link, const struct outbox_send *send, const struct address_port *from)
{
	struct flight *flight = new_flight(send->bytes.len);
	char *bytes = (char *)(flight + 1);
	memcpy(bytes, send->bytes.bytes, send->bytes.len);
	flight->receiver = receiver;
	flight->sender = sender;
	flight->starts = sender->starts;
	flight->tag = world->tag;
	flight->port = send->to.port;
	flight->datagram = (struct datagram){
	    .link = link,
	    .from = *from,
	    .to = send->to.address,
	    .bytes = {bytes, send->bytes.len},
	};
	int64_t delay = SHORTEST_DELAY + rng_between(&world->rng, 0, world->conditions.delay);
	if (world->conditions.reordering && happens(world, world->conditions.reordering))
		delay += rng_between(&world->rng, 0, world->conditions.lateness);
	take_off(world, flight, instant_add(world->now, delay));
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
static void send_to_port(struct world *world, const struct host *sender, struct host *receiver,
    const struct host_port *port, const struct outbox_send *send, const struct address_port *from,
    bool loops_back)
{
	const struct link *link = link_set_find(&receiver->links, port->link);
	bool many = is_for_many(link, &send->to.address);

	if (!many && !has_address(link, &send->to.address))
		return;
	if (loops_back && many)
		fly(world, sender, receiver, port->link, send, from);
	if (loops_back && !world->conditions.reflects)
		return;
	if (happens(world, world->conditions.loss))
		return;
	fly(world, sender, receiver, port->link, send, from);
	if (happens(world, world->conditions.duplication))
		fly(world, sender, receiver, port->link, send, from);
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
				send_to_port(
				    world, sender, receiver, port, send, from, port == out);
		}
	}
}

/* The host that has this address in a network of `asking`; NULL where there is none. */
static struct host *find_host(
    const struct world *world, const struct host *asking, const struct address *address)
{
	for (size_t i = 0; i < world->host_count; i++) {
		struct host *host = world->hosts[i];
		for (size_t j = 0; j < host->port_count; j++) {
			const struct link *link = link_set_find(&host->links, host->ports[j].link);
			for (size_t k = 0; k < asking->port_count; k++)
				if (asking->ports[k].network == host->ports[j].network &&
				    has_address(link, address))
					return host;
		}
	}
	return NULL;
}

/* What is served there: NULL where nothing answers, "" where it has no such page. */
static const char *find_page(const struct world *world, const struct host *asking,
    const struct address_port *at, const char *path, int64_t *time)
{
	for (size_t i = 0; i < world->page_count; i++) {
		const struct world_page *page = &world->pages[i];
		if (address_port_equal(&page->at, at) && strcmp(page->path, path) == 0)
			return page->text;
	}
	struct host *host = find_host(world, asking, &at->address);
	if (host && host->program && host->program->page && !host->asleep)
		return host->program->page(host, at, path, time);
	if (!host || !host->core || host->asleep)
		return NULL;
	const char *text = at->port == 5006 ? host_document(host, path) : NULL;
	return text ? text : "";
}

void world_fetch(struct world *world, struct host *host, const struct enrichment_fetch *fetch)
{
	int64_t time = 0;
	const char *text = find_page(world, host, &fetch->to, fetch->path, &time);
	size_t len = text ? strlen(text) : 0;
	struct flight *flight = new_flight(len + 1);

	if (text)
		flight->datagram.bytes = (struct slice){memcpy(flight + 1, text, len), len};
	flight->receiver = host;
	flight->fetch = fetch->number;
	flight->form = fetch->form;
	flight->starts = host->starts;
	if (time == 0)
		time = text ? FETCH_TIME : FETCH_TIMEOUT;
	take_off(world, flight, instant_add(world->now, time));
}

static void receive(struct flight *flight)
{
	struct host *host = flight->receiver;
	const struct world_observer *observer = host->world->observer;

	/* What a kernel hands back to its own host reaches the sockets that are open then. */
	if (flight->sender == host && flight->starts != host->starts)
		return;
	if (observer)
		observer->arrived(
		    host, flight->sender, flight->tag, &flight->datagram, flight->port);
	if (host->program)
		host->program->receive(host, &flight->datagram, flight->port);
	else
		host_receive(host, &flight->datagram, flight->port);
}

static void land(struct world *world, struct heap_node *node)
{
	struct flight *flight = CONTAINER_OF(node, struct flight, node);
	heap_remove(&world->flights, node);
	if (flight->fetch && flight->receiver->asleep) {
		/* It ends when the host wakes up. */
		take_off(world, flight, instant_add(world->now, SECONDS(1)));
		return;
	}
	if (flight->fetch && flight->starts == flight->receiver->starts)
		host_fetched(
		    flight->receiver, flight->fetch, flight->form, flight->datagram.bytes.bytes);
	else if (!flight->fetch && !flight->receiver->asleep)
		receive(flight);
	free(flight);
}

static struct host *next_host(const struct world *world, struct instant *due)
{
	struct host *next = NULL;

	*due = INSTANT_NEVER;
	for (size_t i = 0; i < world->host_count; i++) {
		struct instant deadline = host_deadline(world->hosts[i]);
		if (next && !instant_before(deadline, *due))
			continue;
		next = world->hosts[i];
		*due = deadline;
	}
	return next;
}

void world_run(struct world *world, int64_t duration)
{
	struct instant end = instant_add(world->now, duration);
	for (;;) {
		struct heap_node *node = heap_top(&world->flights);
		struct instant host_due;
		struct host *host = next_host(world, &host_due);
		struct instant flight_due = node ? (struct instant){node->key} : INSTANT_NEVER;
		struct instant due = instant_earlier(flight_due, host_due);
		if (instant_before(end, due))
			break;
		world->now = instant_later(due, world->now);
		world->steps++;
		if (node && instant_due(flight_due, world->now))
			land(world, node);
		else
			host_advance(host);
	}
	world->now = end;
}

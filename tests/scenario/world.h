/* SPDX-License-Identifier: ISC
 * world: hosts with their engines and tables on switches in memory, under one clock that tests
 * move. */
#ifndef TESTS_SCENARIO_WORLD_H
#define TESTS_SCENARIO_WORLD_H

#include "base/heap.h"
#include "engine/engine.h"
#include "model/table.h"

enum { WORLD_HOSTS_MAX = 64, WORLD_PORTS_MAX = 4, WORLD_ENGINES = 2 };
/* Which engines run. */
enum { WITH_SSDP = 1, WITH_BROADCAST = 2, WITH_BOTH = 3 };

struct world;

/* Where a link of a host is plugged in. */
struct host_port {
	uint32_t link;
	unsigned network;
};

/* Owned by its world. */
struct host {
	struct world *world;
	unsigned number;
	struct config config;
	struct announcement announcement;
	struct link_set links;
	struct host_port ports[WORLD_PORTS_MAX];
	size_t port_count;
	struct engine_context context;
	struct engine *engines[WORLD_ENGINES]; /* NULL while it does not run */
	struct table *table;
	struct instant deadline;
	unsigned events[TABLE_REMOVED + 1]; /* by enum table_event, all hosts it heard of */
	unsigned questions;                 /* that its table had asked */
	struct instant last_event;          /* when something but a refresh happened last */
};

/* What the network does to the datagrams on it. */
struct conditions {
	unsigned loss, duplication; /* percent of the copies */
	int64_t delay;              /* each copy takes up to this long, so they overtake */
	bool reflects;              /* what a port sends comes back to it */
};

struct world {
	struct instant now;
	struct rng rng;
	unsigned engines;
	struct conditions conditions;
	struct host *hosts[WORLD_HOSTS_MAX];
	size_t host_count;
	struct heap flights;
	struct outbox outbox;
	uint64_t sent;        /* datagrams that left a host */
	size_t largest_burst; /* datagrams that one host sent in one go */
};

struct world *world_new(uint64_t seed, unsigned engines);
void world_free(struct world *world);
void world_run(struct world *world, int64_t duration);

/* A host that is off and plugged in nowhere. */
struct host *world_add_host(struct world *world);
/* Host N, as 10.NETWORK.0.N/24 on link 2 of network 1, and running. */
struct host *world_add_running_host(struct world *world);
/* Plugs a link in (and out); a running host notices. */
void host_plug(struct host *host, uint32_t link, unsigned network, const char *address);
void host_unplug(struct host *host, uint32_t link);
/* Another address instead of all that this link has. */
void host_renumber(struct host *host, uint32_t link, const char *address);
/* A datagram of the test's own making, from that address and link 2 of the host, to the group of
 * SSDP or, where it does not begin as SSDP does, to everybody by broadcast. */
void host_forge(struct host *host, const char *from, const char *text);
/* A new start: greater BOOTID, new instance. */
void host_start(struct host *host);
/* With a goodbye, and without one. */
void host_stop(struct host *host);
void host_die(struct host *host);

/* The row of `other` in the table of `host`, or NULL. */
const struct device *host_row_of(const struct host *host, const struct host *other);
bool host_sees(const struct host *host, const struct host *other);
/* A row with its uuid, or one that is known by an address of its own. */
bool host_lists_itself(const struct host *host);
uint64_t host_table_counter(const struct host *host, const char *name);
/* Every running host sees every other one. */
bool world_is_complete(const struct world *world);
bool world_nobody_lists_himself(const struct world *world);

#endif

/* SPDX-License-Identifier: ISC
 * world: whole daemons (cores) on switches in memory, under one clock that tests move. */
#ifndef TESTS_SCENARIO_WORLD_H
#define TESTS_SCENARIO_WORLD_H

#include "base/heap.h"
#include "base/mac.h"
#include "core/core.h"
#include "core/core_offers.h"
#include "model/table.h"
#include "model/table_cursor.h"

enum {
	WORLD_HOSTS_MAX = 64,
	WORLD_PORTS_MAX = 4,
	WORLD_NEIGHBOURS_MAX = 512,
	WORLD_PAGES_MAX = 32,
	WORLD_TOLD_MAX = 8192
};
/* Which engines run. */
enum { WITH_SSDP = 1, WITH_BROADCAST = 2, WITH_BOTH = 3, WITH_MDNS = 4, WITH_WSD = 8 };

struct host;
struct world;

/* What runs on a host that is no discoverd. */
struct host_program {
	/* A datagram to this UDP port. */
	void (*receive)(struct host *host, const struct datagram *datagram, uint16_t port);
	/* host->due has come, which is never unless it says so. May be NULL. */
	void (*advance)(struct host *host);
	/* What it serves there, "": no such page, NULL: nothing answers. *time is how long that
	 * takes, unless it is as usual. May be NULL. */
	const char *(*page)(
	    struct host *host, const struct address_port *at, const char *path, int64_t *time);
};

/* Where a link of a host is plugged in. */
struct host_port {
	uint32_t link;
	unsigned network;
};

/* Owned by its world. */
struct host {
	struct world *world;
	unsigned number;
	char udn[UDN_TEXT_MAX];
	char *config; /* the text of its configuration, beyond name and engines; NULL: none */
	uint32_t epoch;
	struct kept_names names; /* kept over its starts */
	char *saved;      /* what the next start reads of the devices of this one; NULL: nothing */
	int restored;     /* what core_restore() gave at the last start that read it */
	unsigned answers; /* of devices to its searches, of this start */
	unsigned sightings; /* of messages that were read */
	char resolved[256]; /* "name=address@link ": host addresses that it has heard */
	struct link_set links;
	struct host_port ports[WORLD_PORTS_MAX];
	size_t port_count;
	struct core *core;                  /* NULL while it does not run */
	const struct host_program *program; /* what runs instead of a core; NULL: nothing */
	void *context;                      /* of the program */
	struct instant due;                 /* of the program */
	bool asleep; /* it is suspended: nothing that comes is received, nothing is done */
	unsigned events[TABLE_REMOVED + 1]; /* by enum table_event, of this start */
	char told[WORLD_TOLD_MAX]; /* "+id ~id(name,addresses) -id -id>id ": what was reported */
	struct instant last_event;
	unsigned starts;
	unsigned fetches;       /* that it began */
	unsigned fetching;      /* of these, those that have not ended */
	uint64_t sent;          /* datagrams */
	uint64_t sent_together; /* calls of core_host.send */
	unsigned publications;  /* of descriptions that it serves */
};

/* What the network does to the datagrams on it. */
struct conditions {
	unsigned loss, duplication; /* percent of the copies */
	int64_t delay;              /* each copy takes up to this long, so they overtake */
	unsigned reordering;        /* percent of the copies that take up to `lateness` more */
	int64_t lateness;
	bool reflects; /* what a port sends comes back to it */
	bool no_macs;  /* no kernel knows a MAC */
};

/* What the kernels know of an address. */
struct world_neighbour {
	unsigned network;
	struct address address;
	struct mac mac;
	bool stale; /* not confirmed lately */
};

/* A page that is served by what is no host of the world. */
struct world_page {
	struct address_port at;
	const char *path, *text; /* NULL: it does not answer */
};

/* What tests may hear of as it happens. */
struct world_observer {
	/* A datagram arrives that this host has sent, with the tag that the world had then. */
	void (*arrived)(struct host *host, const struct host *sender, uint32_t tag,
	    const struct datagram *datagram, uint16_t port);
	void (*changed)(struct host *host, const struct table_change *change);
};

struct world {
	struct instant now;
	const struct world_observer *observer; /* or NULL */
	uint32_t tag;                          /* of what is sent */
	struct rng rng;
	unsigned engines;
	struct conditions conditions;
	struct host *hosts[WORLD_HOSTS_MAX];
	size_t host_count;
	struct world_neighbour neighbours[WORLD_NEIGHBOURS_MAX];
	size_t neighbour_count;
	uint32_t mac_changes; /* of them */
	struct world_page pages[WORLD_PAGES_MAX];
	size_t page_count;
	struct heap flights;
	uint64_t sent;        /* datagrams that left a host */
	size_t largest_burst; /* datagrams that one host sent without time going by */
	size_t largest_spin;  /* how often a host was due without time going by */
	uint64_t steps;       /* datagrams and pages that arrived, and times that a host was due */
};

struct world *world_new(uint64_t seed, unsigned engines);
void world_free(struct world *world);
void world_run(struct world *world, int64_t duration);

/* A host that is off and plugged in nowhere. */
struct host *world_add_host(struct world *world);
/* Host N, as 10.1.0.N/24 on link 2 of network 1, and running. */
struct host *world_add_running_host(struct world *world);
/* Plugs a link in, or adds an address to it; plugs it out. A running host notices. The kernels know
 * the addresses by the MAC 02:00:00:00:N:LINK, unless told otherwise. */
void host_plug(struct host *host, uint32_t link, unsigned network, const char *address);
void host_unplug(struct host *host, uint32_t link);
/* Another address instead of all that this link has. */
void host_renumber(struct host *host, uint32_t link, const char *address);
/* More lines of the configuration, before it starts or for a reload while it runs. */
void host_configure(struct host *host, const char *text);
/* A datagram of the test's own making, from that address and link 2 of the host, to the group of
 * SSDP or, where it does not begin as SSDP does, to all hosts by broadcast. */
void host_forge(struct host *host, const char *from, const char *text);
/* Likewise by SSDP: an alive or byebye of this target ("upnp:rootdevice", or the UDN itself) of
 * this device. */
struct forged {
	const char *from, *udn, *target, *location;
	uint32_t boot_id; /* 0: none */
};
void host_forge_alive(struct host *host, const struct forged *forged);
void host_forge_byebye(struct host *host, const struct forged *forged);
/* A new start: greater epoch, new instance. */
void host_start(struct host *host);
/* Keeps the devices that it knows for its next start. */
void host_save(struct host *host);
/* With a goodbye, and without one. */
void host_stop(struct host *host);
void host_die(struct host *host);

/* From now on the kernels know this MAC (its last two bytes) at this address; hosts hear of it with
 * world_learn_macs() or the next message. `mac` 0: they know none. */
void world_set_mac(
    struct world *world, unsigned network, const char *address, uint16_t mac, bool stale);
void world_learn_macs(struct world *world);
void host_learn_macs(struct host *host);
/* The kernel of this host has confirmed that a host answers there. */
void host_confirms(struct host *host, uint32_t link, const char *address);
/* Serves a description there, besides those of the hosts; `text` NULL: nothing answers. */
void world_serve(
    struct world *world, const char *address, uint16_t port, const char *path, const char *text);

/* The device of `other` in the table of `host`, by its UUID; NULL where there is none or more than
 * one. */
const struct device *host_row_of(const struct host *host, const struct host *other);
/* True where one of its endpoints is of this protocol. */
bool device_heard_by(const struct device *device, const char *protocol);
/* The only device with this id or key; NULL where there is none or more than one. */
const struct device *host_device(const struct host *host, const char *key);
/* How many devices have this key. */
size_t host_devices_of(const struct host *host, const char *key);
/* The device that has this address on any link; NULL where there is none. */
const struct device *host_device_at(const struct host *host, const char *address);
/* Its first endpoint of this protocol with this key; NULL where there is none. */
const struct endpoint *device_endpoint(
    const struct device *device, const char *protocol, const char *key);
/* The endpoint of `other` in the table of `host`, by its UUID: of the protocol that ranks first;
 * NULL where there is none. */
const struct endpoint *host_endpoint_of(const struct host *host, const struct host *other);
size_t host_count(const struct host *host);
bool host_sees(const struct host *host, const struct host *other);
/* What was reported since the last call; good until the next one. */
const char *host_told(struct host *host, char told[WORLD_TOLD_MAX]);
/* A device with its uuid, or one with an address of its own. */
bool host_lists_itself(const struct host *host);
uint64_t host_table_counter(const struct host *host, const char *name);
/* Of any group that core_counters() gives. */
uint64_t host_core_counter(const struct host *host, const char *group, const char *name);
/* Its own BOOTID. */
uint32_t host_epoch(const struct host *host);
/* Every running host sees every other one. */
bool world_is_complete(const struct world *world);
bool world_no_host_lists_itself(const struct world *world);

#endif

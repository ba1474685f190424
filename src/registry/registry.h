/* SPDX-License-Identifier: ISC
 * registry: every device that is known; what enters it, who may hold how much, and what is
 * reported.
 *
 * Which endpoints are one device:
 *  - the same confirmed MAC and IPv4 address on any link; while the MAC is not known, the same
 *    address on the same link;
 *  - the same MAC for IPv6 addresses, unless several IPv4 hosts answer with that MAC;
 *  - the same UUID or opaque id, over any protocol and link, unless something proves two machines:
 *    epochs that are both confirmed, or descriptions with another serial number, host name, type,
 *    manufacturer or model. Then each claim on the key is a device of its own, flagged.
 *
 * Who may hold what: a source is a MAC, or else an address on a link. An endpoint is verified once
 * it answered what was sent to it. Caps apply to what is not verified. At its cap the newcomer of a
 * source replaces that source's oldest unverified endpoint. In a full registry the oldest
 * unverified endpoint of the source that holds most gives way, or the oldest of all; nothing that
 * is younger than 5 s, is being fetched, or is verified. */
#ifndef REGISTRY_REGISTRY_H
#define REGISTRY_REGISTRY_H

#include "base/counter.h"
#include "registry/registry_device.h"

struct registry;

struct registry_limits {
	size_t endpoints;                   /* 4096 */
	size_t endpoints_per_source;        /* 32, of those that are not verified */
	size_t memory;                      /* bytes, 8 MiB */
	size_t memory_per_source;           /* bytes, 256 KiB */
	int64_t lifetime_min, lifetime_max; /* microseconds: 30 s, 86400 s */
};
extern const struct registry_limits REGISTRY_LIMITS_DEFAULT;

enum registry_event { REGISTRY_ADDED, REGISTRY_UPDATED, REGISTRY_REMOVED };

struct registry_change {
	enum registry_event event;
	const struct device *device; /* of REMOVED for the last time, with the endpoints it had */
	uint32_t changed;            /* of UPDATED: bits 1 << enum device_field, at least one */
	const char *merged_into;     /* of REMOVED: the id of the device that it turned out to be */
};

/* Called while the registry changes; it must not be changed from within. */
struct registry_listener {
	void *context;
	/* Something that people see has changed. A device is reported as added when its description
	 * has been read, or 300 ms after the first message, or at once where there is nothing to
	 * read; a change at most 300 ms after it happened. */
	void (*changed)(void *context, const struct registry_change *change);
	/* This presence is to be asked, by its own protocol and unicast, for a sign of life. With
	 * `insist` it has answered before: if unicast fails, search once by multicast. */
	void (*question)(void *context, const struct endpoint *endpoint,
	    const struct presence *presence, bool insist);
	/* The description in force is to be read again, to see whether it still answers. */
	void (*check_url)(void *context, const struct endpoint *endpoint);
	/* The endpoint goes. */
	void (*forgotten)(void *context, const struct endpoint *endpoint);
};

/* NULL when out of memory. The caller owns the registry. */
struct registry *registry_new(const struct registry_limits *limits, const struct siphash_key *key);
void registry_free(struct registry *registry);
/* Copied. Without one nothing is reported and nothing is asked. */
void registry_listen(struct registry *registry, const struct registry_listener *listener);
/* Takes effect for what comes. */
void registry_set_limits(struct registry *registry, const struct registry_limits *limits);

/* Takes a sighting in. 0; -ENOMEM; -ENOSPC: refused by a cap; -ENOENT: says something of an
 * endpoint that is not known; -EPERM: says so from an address where it is not. *endpoint (where not
 * NULL) is the one that it went to and that is still there, or NULL. */
int registry_observe(struct registry *registry, struct instant now, const struct sighting *sighting,
    const struct endpoint **endpoint);
/* A description that was fetched for the endpoint `number` has been read whole, and names these
 * keys. Endpoints that announce the same description there and are not named are asked, and go
 * when they are silent, provided that one that is named announces it too. */
void registry_described(struct registry *registry, struct instant now, uint64_t number,
    const struct key *named, size_t count);
/* Whether a fetch or a probe found the endpoint or device answering. 0 or -ENOENT. */
int registry_set_reachable(
    struct registry *registry, struct instant now, uint64_t number, bool reachable);
int registry_set_device_reachable(
    struct registry *registry, struct instant now, struct slice id, bool reachable);
/* A fetch of its description begins or has ended: meanwhile it is not evicted. */
void registry_set_busy(struct registry *registry, uint64_t number, bool busy);
/* The kernel has confirmed that a host answers at this address. Where nothing else is known of it,
 * it becomes an endpoint of `protocol` for 10 min. 0 or a negative errno. */
int registry_neighbour(struct registry *registry, struct instant now,
    const struct protocol_id *protocol, uint32_t link, const struct address *address,
    const struct mac *mac);
/* Removes what has expired and reports what is due. */
void registry_advance(struct registry *registry, struct instant now);
/* When registry_advance is due; INSTANT_NEVER for a registry in which nothing is. */
struct instant registry_deadline(const struct registry *registry);
/* Forgets every presence on a link that is gone. */
void registry_drop_link(struct registry *registry, struct instant now, uint32_t link);

/* The MAC of an address on a link, as the kernel knows it; `confirmed` where it has verified it
 * lately (not STALE). Not known where the kernel has none. */
typedef struct mac registry_mac_fn(
    void *context, uint32_t link, const struct address *address, bool *confirmed);
/* To be called when `find_mac` has news: looks every presence up. */
void registry_learn_macs(
    struct registry *registry, struct instant now, registry_mac_fn *find_mac, void *context);

size_t registry_device_count(const struct registry *registry);
size_t registry_endpoint_count(const struct registry *registry);
/* Bytes that count against the limit. */
size_t registry_memory(const struct registry *registry);
/* By id, without regard to the case of letters; NULL where there is none. */
const struct device *registry_find(const struct registry *registry, struct slice id);
/* The devices that have this key, the oldest claim first; how many there are, of which `max` are
 * written. */
size_t registry_find_key(const struct registry *registry, const struct key *key,
    const struct device **devices, size_t max);
const struct endpoint *registry_find_endpoint(const struct registry *registry, uint64_t number);
struct counter_group registry_counters(const struct registry *registry);

#endif

/* SPDX-License-Identifier: ISC
 * table: every device that is known; what enters it, how much each source may hold, and what
 * is reported.
 *
 * An endpoint is (protocol, key, link, MAC or else address). What is said at another place is
 * another endpoint and changes nothing of this one. Only the kernel says what the MAC is, and one
 * that it has not confirmed lately (STALE) counts as unknown, except that it is not tied to a
 * confirmed one.
 *
 * Which endpoints are one device, as soon and as long as it is so:
 *  - those of the same MAC and IPv4 address on any link; without a MAC, of the same address and
 *    link;
 *  - those of the same MAC by IPv6, unless devices at several IPv4 addresses answer with that MAC;
 *  - those of the same UUID or opaque id, over any protocol and link, unless something proves two
 *    machines: epochs that are both confirmed, or descriptions with another serial number, host
 *    name, type, manufacturer or model. Then each claim on the key is a device of its own, flagged.
 * An endpoint with the key of a verified one elsewhere ties by that key alone until it answers:
 * anything may announce the key of another host. Where the kernel confirms another MAC at an
 * address, what is known there is asked, and no tie of the newcomer until it answers.
 * Of two that become one, the one reported first keeps its id, except that what the kernel alone
 * knows takes the id that the device announces; of one that falls apart, the part with the oldest
 * endpoint.
 *
 * What may have moved: a new IPv4 address under the MAC of one device is held for 1 s while the old
 * address is asked. Silence: it moved, and is one device; an answer, or another id by the same
 * protocol: they are two. What has the same key is joined at once, and asked there.
 *
 * What leaves: a service, an endpoint at an address, or all of one description there; at once when
 * said from that address, after 3 s without an answer when said from elsewhere. Any host can forge
 * that address, so what was verified is asked once when it has gone; where it answers, its goodbyes
 * of the next 10 min are believed after 5 s without an answer, too. So are those of what was asked
 * and has answered by its page alone, which is read then. What is announced ends
 * with its lifetime (30 s to a day), what was described with its description, all with the last
 * address. What has answered is asked 10 s before its lifetime ends (as RFC 6762, 5.2).
 *
 * Admission: a source is a MAC, or else an address on a link. An endpoint is verified once
 * it answered what was sent to it. Caps apply to what is not verified. At its cap a newcomer
 * replaces the oldest unverified endpoint of its source, or of its key. In a full table the oldest
 * unverified endpoint of the source that holds most gives way, sources without a MAC first, or the
 * oldest of all; nothing that is younger than 5 s, is being fetched, or is verified. While their
 * source or the table is over half full, unverified ones have 8 services, and 5 min to live.
 *
 * What is reported: a device when its description was read, after 300 ms, or at once where there is
 * nothing to read, unless it gives no id and its MAC may become known; then each change of what is
 * shown, at most 300 ms later, as one event. */
#ifndef MODEL_TABLE_H
#define MODEL_TABLE_H

#include "base/counter.h"
#include "base/mac.h"
#include "model/device.h"
#include "model/protocol_id.h"

struct table;

struct table_limits {
	size_t endpoints;                   /* 4096 */
	size_t endpoints_per_source;        /* 32, of those that are not verified */
	size_t memory;                      /* bytes, 8 MiB */
	size_t memory_per_source;           /* bytes, 256 KiB */
	int64_t lifetime_min, lifetime_max; /* microseconds: 30 s, 86400 s */
};
extern const struct table_limits TABLE_LIMITS_DEFAULT;

enum table_event { TABLE_ADDED, TABLE_UPDATED, TABLE_REMOVED };

struct table_change {
	enum table_event event;
	const struct device *device;  /* of REMOVED for the last time, with the endpoints it had */
	uint32_t changed;             /* of UPDATED: bits 1 << enum device_field, at least one */
	enum device_kind former_kind; /* as it was last reported; not of ADDED */
	/* With UPDATED: after this only the kernel will know it. Reported while it still shows what
	 * it said; the change itself follows. */
	bool leaving;
	const char *merged_into; /* of REMOVED: the id of the device that it turned out to be */
};

/* Called while the table changes; it must not be changed from within. */
struct table_listener {
	void *context;
	/* Something that people see has changed. A device is reported as added when its description
	 * has been read, or 300 ms after the first message, or at once where there is nothing to
	 * wait for; a change at most 300 ms after it happened. */
	void (*changed)(void *context, const struct table_change *change);
	/* This presence is to be asked, by its own protocol and unicast, for a sign of life. With
	 * `insist` it has answered before: if unicast fails, search once by multicast. Where the
	 * presence is `departing`, it may still answer for a moment. */
	void (*question)(void *context, const struct endpoint *endpoint,
	    const struct presence *presence, bool insist);
	/* The description in force is to be read again: to see whether it still answers, or because
	 * another one is in force. */
	void (*check_url)(void *context, const struct endpoint *endpoint);
	/* The endpoint goes. */
	void (*forgotten)(void *context, const struct endpoint *endpoint);
};

/* NULL when out of memory. The caller owns the table. */
struct table *table_new(const struct table_limits *limits, const struct siphash_key *key);
void table_free(struct table *table);
/* Copied. Without one nothing is reported and nothing is asked. */
void table_listen(struct table *table, const struct table_listener *listener);
/* Takes effect for what comes. */
void table_set_limits(struct table *table, const struct table_limits *limits);

/* Takes a sighting in. 0; -ENOMEM; -ENOSPC: refused by a cap; -ENOENT: says something of an
 * endpoint that is not known; -EPERM: says so from an address where it is not. *endpoint (where not
 * NULL) is the one that it went to and that is still there, or NULL. */
int table_observe(struct table *table, struct instant now, const struct sighting *sighting,
    const struct endpoint **endpoint);
/* A description that was fetched for the endpoint `number` has been read whole, and names these
 * keys. Endpoints that announce the same description there and are not named are asked, and go
 * when they are silent, provided that one that is named announces it too. */
void table_described(struct table *table, struct instant now, uint64_t number,
    const struct key *named, size_t count);
/* Whether a fetch or a probe found the endpoint or device answering. 0 or -ENOENT. */
int table_set_reachable(struct table *table, struct instant now, uint64_t number, bool reachable);
int table_set_device_reachable(
    struct table *table, struct instant now, struct slice id, bool reachable);
/* A fetch of its description begins or has ended: meanwhile it is not evicted. */
void table_set_busy(struct table *table, uint64_t number, bool busy);
/* The kernel has confirmed that a host answers at this address: an endpoint of `protocol` for
 * 10 min, with this host name unless it is empty. 0 or a negative errno. */
int table_neighbour(struct table *table, struct instant now, const struct protocol_id *protocol,
    uint32_t link, const struct address *address, const struct mac *mac, struct slice name);
/* What is known from a former start, before anything else enters the table: an endpoint as it was,
 * of the device with this id. It is not confirmed until something is heard of it. The strings are
 * borrowed and need not be clean; of the device, `id`, `first_seen`, `last_seen` and `reachable`
 * count. An endpoint without a presence is only remembered for 5 min: what announces its key then
 * has that id. 0; -EEXIST, -ENOSPC or -ENOMEM. *restored is the endpoint that it became, or NULL.
 */
int table_restore(struct table *table, struct instant now, const struct device *device,
    const struct endpoint *endpoint, const struct endpoint **restored);
/* After the last table_restore: its devices are known to watchers. */
void table_restored(struct table *table);
/* Removes what has expired and reports what is due, a portion of it: the rest is due at once. */
void table_advance(struct table *table, struct instant now);
/* When table_advance is due; INSTANT_NEVER for a table in which nothing is. */
struct instant table_deadline(const struct table *table);
/* Forgets every presence on a link that is gone. */
void table_drop_link(struct table *table, struct instant now, uint32_t link);

/* The kernel has news of an address on a link: this MAC, `confirmed` where it has verified it
 * lately (not STALE); nothing while it is not known. */
void table_learn_mac(struct table *table, struct instant now, uint32_t link,
    const struct address *address, const struct mac *mac, bool confirmed);

/* The host name of a MAC; NULL where none is known. Valid until the next call. */
typedef const char *table_name_fn(void *context, const struct mac *mac);
/* To be called when `find_name` has news: looks the name of every neighbour up. */
void table_learn_names(
    struct table *table, struct instant now, table_name_fn *find_name, void *context);

/* Devices of a former start of which nothing has been heard yet. */
size_t table_unconfirmed_count(const struct table *table);
size_t table_device_count(const struct table *table);
/* Those that were reported and are more than a neighbour. */
size_t table_shown_count(const struct table *table);
size_t table_endpoint_count(const struct table *table);
/* Bytes that count against the limit. */
size_t table_memory(const struct table *table);
/* By id, without regard to the case of letters; NULL where there is none. */
const struct device *table_find(const struct table *table, struct slice id);
/* The devices that have this key, the oldest claim first; how many there are, of which `max` are
 * written. */
size_t table_find_key(
    const struct table *table, const struct key *key, const struct device **devices, size_t max);
const struct endpoint *table_find_endpoint(const struct table *table, uint64_t number);
struct counter_group table_counters(const struct table *table);

#endif

/* SPDX-License-Identifier: ISC
 * enrichment: decides which description to fetch and when, remembers failures and backs off. */
#ifndef ENGINE_ENRICHMENT_H
#define ENGINE_ENRICHMENT_H

#include "base/counter.h"
#include "base/instant.h"
#include "base/rng.h"
#include "base/siphash.h"
#include "model/link.h"

enum {
	ENRICHMENT_ACTIVE_MAX = 4,
	ENRICHMENT_DESTINATIONS_MAX = 256,
	ENRICHMENT_PORTS_MAX = 3, /* per destination and hour */
	ENRICHMENT_ID_MAX = 256,
	ENRICHMENT_URL_MAX = 512,
};

/* From the beginning of a fetch to the next one from the same destination. */
#define ENRICHMENT_PAUSE SECONDS(10)

/* How it is used: enrichment_consider for every device that has a LOCATION, as often as it is
 * heard; enrichment_next whenever the deadline is due, after each consider and after each done,
 * until it says false; enrichment_done once for every fetch that next gave out, also for one that
 * could not begin.
 *
 * A root device and the devices embedded in it announce one LOCATION: all subjects with the same
 * LOCATION wait for one fetch. When it has succeeded, every device of the description for which
 * enrichment_vouches is true gets its facts, and only those: a description must not speak for
 * somebody who did not announce it. */
struct enrichment;

/* One fetch to be made; valid until the next call. `number` names it in enrichment_done. */
struct enrichment_fetch {
	uint64_t number;
	const char *id;       /* of one device that it is for, "uuid:…" */
	const char *location; /* as announced */
	struct endpoint to;   /* numeric, equal to the address that announced it */
	uint32_t link;        /* scope of a link-local address, else 0 */
	const char *path;     /* path and query */
};

/* What is known of a device that has a LOCATION. Read again only when LOCATION, BOOTID or CONFIGID
 * changes; a number that was not known before is learnt and no change. */
struct enrichment_subject {
	struct slice id, location;
	struct address from; /* who announced it */
	uint32_t link;
	bool has_boot_id, has_config_id;
	uint32_t boot_id, config_id;
};

/* Owned by the caller; NULL when out of memory. At most `capacity` subjects (as many as the table
 * has devices). `rng` is lent. */
struct enrichment *enrichment_new(size_t capacity, const struct siphash_key *key, struct rng *rng);
void enrichment_free(struct enrichment *enrichment);
/* Nobody is thrown out where it becomes less. */
void enrichment_set_capacity(struct enrichment *enrichment, size_t capacity);
/* Considers a device that was added, updated or refreshed. 0 (wanted, or read already), or why it
 * will not be fetched: -EINVAL (no http URL with a numeric host), -EPERM (another host than the
 * announcing one, loopback, multicast, ourselves), -ENOSPC (as many subjects as there may be),
 * -ENOMEM. What was known before stays then. Costs no allocation when nothing is new.
 *
 * `own` are the links of this host, `own_port` is where our own description is served (0: nowhere).
 * Other programs on this host may be fetched from: only they can announce a LOCATION from an IPv4
 * address of ours, because the kernel drops what comes in from outside with such a source. It does
 * not promise that for IPv6, so there an address of ours is always refused. */
int enrichment_consider(struct enrichment *enrichment, struct instant now,
    const struct enrichment_subject *subject, const struct link_set *own, uint16_t own_port);
/* The device is gone, and its failures are forgotten. A running fetch that nobody else waits for is
 * ignored when done. */
void enrichment_forget(struct enrichment *enrichment, struct slice id);
/* The next fetch that may begin now, of what was never tried the newest first: at most 4 at once, 1
 * per source, one in 10 s and 3 ports an hour per destination (source and destination are the same
 * host by the rule above). 256 destinations are remembered; a stranger waits rather than push out
 * one whose 10 s are not over, but the hour of its ports may be cut short so. */
bool enrichment_next(
    struct enrichment *enrichment, struct instant now, struct enrichment_fetch *fetch);
/* True when this device, in whatever case of letters, announced the LOCATION that the running fetch
 * `number` reads. */
bool enrichment_vouches(const struct enrichment *enrichment, uint64_t number, struct slice id);
/* What the description that the running fetch `number` reads says of itself. It stands for the
 * CONFIGID as long as no message has named one: a different one then means: read it again. */
void enrichment_config_id(struct enrichment *enrichment, uint64_t number, uint32_t config_id);
/* How the fetch ended; a failure is tried again after 30 s, then twice that, up to an hour (±20 %).
 * False when nobody waits for it any more. */
bool enrichment_done(
    struct enrichment *enrichment, struct instant now, uint64_t number, bool success);
/* When enrichment_next is worth a call; never while 4 fetches run. */
struct instant enrichment_deadline(const struct enrichment *enrichment);
struct counter_group enrichment_counters(const struct enrichment *enrichment);

#endif

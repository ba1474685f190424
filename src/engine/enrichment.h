/* SPDX-License-Identifier: ISC
 * enrichment: decides which description to fetch and when, remembers failures and backs off. */
#ifndef ENGINE_ENRICHMENT_H
#define ENGINE_ENRICHMENT_H

#include "base/counter.h"
#include "base/instant.h"
#include "base/rng.h"
#include "base/siphash.h"
#include "model/link.h"

enum { ENRICHMENT_ACTIVE_MAX = 4, ENRICHMENT_ID_MAX = 256, ENRICHMENT_URL_MAX = 512 };

struct enrichment;

/* One fetch to be made; valid until the next call. `number` names it in enrichment_done. */
struct enrichment_fetch {
	uint64_t number;
	const char *id;       /* of the device that it is for, "uuid:…" */
	const char *location; /* as announced */
	struct endpoint to;   /* numeric, equal to the address that announced it */
	uint32_t link;        /* scope of a link-local address */
	const char *path;     /* path and query */
};

/* What is known of a device that has a LOCATION. Fetched again only when one of these changes. */
struct enrichment_subject {
	struct slice id, location;
	struct address from; /* who announced it */
	uint32_t link;
	bool has_boot_id, has_config_id;
	uint32_t boot_id, config_id;
};

/* Owned by the caller; NULL when out of memory. At most `capacity` subjects (as many as the table has devices). */
struct enrichment *enrichment_new(size_t capacity, const struct siphash_key *key, struct rng *rng);
void enrichment_free(struct enrichment *enrichment);
/* Considers a device that was added, updated or refreshed. 0 (wanted, or read already), or why it will not be fetched: -EINVAL
 * (no http URL with a numeric host), -EPERM (another host than the announcing one, loopback, multicast, ourselves). `own` is the set of our own
 * links. */
int enrichment_consider(struct enrichment *enrichment, struct instant now, const struct enrichment_subject *subject, const struct link_set *own);
/* The device is gone. A running fetch for it goes on and is ignored when done. */
void enrichment_forget(struct enrichment *enrichment, struct slice id);
/* The next fetch that may begin now: at most 4 at once, 1 per source, one in 10 s and 3 ports an hour per destination. */
bool enrichment_next(struct enrichment *enrichment, struct instant now, struct enrichment_fetch *fetch);
/* How the fetch ended; a failure is tried again after a growing pause. False when nobody waits for it any more. */
bool enrichment_done(struct enrichment *enrichment, struct instant now, uint64_t number, bool success);
struct instant enrichment_deadline(const struct enrichment *enrichment);
struct counter_group enrichment_counters(const struct enrichment *enrichment);

#endif

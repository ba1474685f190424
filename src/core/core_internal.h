/* SPDX-License-Identifier: ISC
 * core_internal: what the files of the core share, and nothing else includes. */
#ifndef CORE_CORE_INTERNAL_H
#define CORE_CORE_INTERNAL_H

#include "core/core.h"
#include "model/link_change.h"
#include "model/offers.h"

enum { CORE_PATH_MAX = 48 };

/* An offer of a source. It gets another number in `offers` when its URL changes. */
struct core_source {
	uint64_t number;          /* for the source */
	uint64_t offer;           /* in `offers` */
	char path[CORE_PATH_MAX]; /* where its description is served; "": elsewhere */
};

enum core_restored_counter {
	CORE_RESTORED_DEVICES,
	CORE_RESTORED_LEFT_OUT,
	CORE_RESTORED_QUESTIONS,
	CORE_RESTORED_COUNTERS
};

struct core {
	struct core_host host;
	struct config config;
	struct core_identity identity;
	struct rng rng;
	struct engine_context context;
	struct engine *engines[CORE_ENGINES_MAX]; /* NULL while it does not run */
	struct outbox outbox; /* between calls it holds datagrams that wait for core_advance */
	size_t sender;        /* the engine that they are of */
	/* Of an engine that was not called since: so a datagram of one protocol costs nothing in
	 * those of the others, whatever they keep for each link. */
	struct core_engine_deadline {
		struct instant at;
		bool known;
	} deadlines[CORE_ENGINES_MAX];
	struct table *table;
	struct enrichment *enrichment;
	/* Endpoints that are kept from eviction while their page is being fetched. */
	struct core_fetch {
		uint64_t number; /* of the fetch; 0: none */
		uint64_t *endpoints;
		size_t count;
	} fetches[ENRICHMENT_ACTIVE_MAX];
	struct link_set all, usable;
	const struct link_set *shown_all, *shown_usable; /* see core_links() */
	struct offers offers;
	struct core_source *sources;
	size_t source_count;
	struct {
		uint64_t endpoint, last; /* the next to be asked, by its number, and the last */
		unsigned presence;       /* of it, likewise */
		struct instant due;
		struct counter counters[CORE_RESTORED_COUNTERS];
	} restored;
	struct instant crowd_search; /* when devices may be searched for again in a flood */
	struct instant now;          /* of the running call */
	uint32_t generation;         /* counts changes of links, offers, sockets, configuration */
	uint64_t hash;               /* of the datagram that an engine has read, or 0 */
};

/* core_engines.c */

/* True where engines may have something due. */
void core_engines_advance(struct core *core, struct instant now);
struct instant core_engines_deadline(struct core *core);
/* An engine was called, so its deadline may be another one. */
static inline void core_engine_called(struct core *core, size_t engine)
{
	core->deadlines[engine].known = false;
}
void core_engines_tell_link(
    struct core *core, struct instant now, const struct link_change *change);
void core_engines_tell_offer(
    struct core *core, struct instant now, const struct offer_change *change);
/* core->config has changed from `before`. */
void core_engines_reconfigured(struct core *core, struct instant now, const struct config *before);
/* Passes a question of the table to the engine of the endpoint's protocol. */
void core_engines_question(struct core *core, const struct endpoint *endpoint,
    const struct presence *presence, bool insist);
/* Tells the engine of its protocol that the table holds it no more. */
void core_engines_forgotten(struct core *core, const struct endpoint *endpoint);
/* As core_start_engine, where this host's own offer is built. */
int core_engines_start(
    struct core *core, struct instant now, size_t engine, const uint16_t ports[FAMILIES]);

/* core_observe.c */

/* Puts a sighting into the table, with the MAC of its sender. The endpoint that it went to and that
 * is still there, or NULL. */
const struct endpoint *core_observe(
    struct core *core, struct instant now, const struct sighting *sighting);

/* core_pages.c */

/* The endpoint was heard: its page is read if that has not been done. */
void core_pages_consider(struct core *core, struct instant now, const struct endpoint *endpoint,
    const struct sighting *sighting);
/* Likewise, by a message from there that is known to announce the URL that counts. */
void core_pages_heard(struct core *core, struct instant now, const struct endpoint *endpoint,
    const struct address *from);
/* The URL that counts is to be read again, or another one counts now. */
void core_pages_check(struct core *core, struct instant now, const struct endpoint *endpoint);
/* The page of an endpoint of a former start was read there, and is not until it changes. */
void core_pages_known(struct core *core, struct instant now, const struct endpoint *endpoint);
/* Where pages may be fetched from now on, all that are announced are. */
void core_pages_reconfigured(struct core *core, struct instant now, const struct config *before);
void core_pages_advance(struct core *core, struct instant now);
/* Pages that wait for the MAC of this address may be read now. */
void core_pages_learn_mac(
    struct core *core, struct instant now, uint32_t link, const struct address *address);
struct instant core_pages_deadline(const struct core *core);
void core_pages_fini(struct core *core);

/* core_repeats.c */

/* Hash of a datagram for this engine; 0: it is read in any case. */
uint64_t core_repeats_hash(const struct core *core, size_t engine, const struct datagram *datagram);
/* Where the datagram repeats one that was noted: does what that does, then true. */
bool core_repeats_take(
    struct core *core, struct instant now, size_t engine, const struct datagram *datagram);
/* A sighting that is in the outbox went to this endpoint. */
void core_repeats_note(struct core *core, const struct endpoint *endpoint);

/* core_restored.c */

void core_restored_init(struct core *core);
/* Asks, from the first one on, what was not heard since the former start. */
void core_restored_ask(struct core *core);
void core_restored_advance(struct core *core, struct instant now);
struct instant core_restored_deadline(const struct core *core);
struct counter_group core_restored_counters(const struct core *core);

#endif

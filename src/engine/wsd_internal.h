/* SPDX-License-Identifier: ISC
 * wsd_internal: what the files of the WS-Discovery engine share. */
#ifndef ENGINE_WSD_INTERNAL_H
#define ENGINE_WSD_INTERNAL_H

#include "engine/engine.h"
#include "wire/wsd_message.h"
#include <sys/queue.h>

enum { WSD_PORT = 3702 };
/* Endpoints of the last minute whose XAddrs are not asked for again. */
enum { WSD_RESOLVED_MAX = 64 };

enum wsd_counter {
	WSD_RECEIVED,
	WSD_OVERSIZED,
	WSD_MALFORMED,
	WSD_SURPLUS,
	WSD_OWN,
	WSD_OFF_LINK,
	WSD_IGNORED,
	WSD_ANNOUNCEMENTS,
	WSD_GOODBYES,
	WSD_ANSWERS,
	WSD_QUESTIONS,
	WSD_PROBES_SENT,
	WSD_RESOLVES_SENT,
	WSD_RESOLVES_DROPPED,
	WSD_RECONFIRMS,
	WSD_COUNTERS
};

struct wsd_config {
	bool enabled;
	uint32_t search_interval; /* seconds */
};

/* A question that is multicast on one link, and then repeated. */
struct wsd_query;
TAILQ_HEAD(wsd_queries, wsd_query);

struct wsd {
	struct engine engine;
	const struct engine_context *context;
	struct instant round; /* when all links are asked again */
	struct wsd_queries queries;
	struct instant resolves_full; /* when the bucket of those for an endpoint is full again */
	struct wsd_resolved {
		uint64_t endpoint; /* hash of its address */
		struct instant until;
	} resolved[WSD_RESOLVED_MAX]; /* a ring */
	size_t resolved_next;
	struct reconfirm_queue reconfirms;
	struct wsd_message *message; /* that was received last, or NULL; owned */
	struct counter counters[WSD_COUNTERS];
};

static inline void wsd_counted(struct wsd *wsd, enum wsd_counter counter)
{
	wsd->counters[counter].value++;
}

static inline const struct wsd_config *wsd_values(const struct wsd *wsd)
{
	return config_values(wsd->context->config, wsd->engine.type->section);
}

/* wsd_query.c */

void wsd_query_init(struct wsd *wsd);
void wsd_query_fini(struct wsd *wsd);
/* Asks all endpoints on this link, the first time at `due`. */
void wsd_query_probe(struct wsd *wsd, struct instant due, uint32_t link);
/* Asks for the types and XAddrs of an endpoint, at most once a minute. */
void wsd_query_resolve(struct wsd *wsd, struct instant now, uint32_t link, enum wsd_dialect dialect,
    struct slice address);
/* Sends what is due. */
void wsd_query_advance(struct wsd *wsd, struct instant now, struct outbox *outbox);
struct instant wsd_query_deadline(const struct wsd *wsd);
/* The link is gone. */
void wsd_query_drop(struct wsd *wsd, uint32_t link);

/* A random "urn:uuid:…" (RFC 4122, 4.4). */
void wsd_query_write_id(struct rng *rng, struct writer *w);

/* wsd_listen.c */

void wsd_listen(
    struct wsd *wsd, struct instant now, const struct datagram *datagram, struct outbox *outbox);

#endif

/* SPDX-License-Identifier: ISC
 * engine: what every way of discovery gives to the core; a protocol is one struct engine_type. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "base/counter.h"
#include "base/instant.h"
#include "base/rng.h"
#include "base/siphash.h"
#include "engine/outbox.h"
#include "engine/page_form.h"
#include "engine/reconfirm_queue.h"
#include "engine/sockets.h"
#include "model/announced_name.h"
#include "model/config.h"
#include "model/endpoint.h"
#include "model/kept_names.h"
#include "model/link.h"
#include "model/link_change.h"
#include "model/offer.h"
#include "model/offers.h"
#include "model/protocol_id.h"

/* Lent to every engine for its whole life; the core changes what they point to and then calls
 * link_changed, offer_changed or reconfigured. */
struct engine_context {
	const struct config *config;
	const struct offers *offers;
	const struct link_set *links; /* the usable ones only */
	struct rng *rng;              /* all jitter */
	struct siphash_key key;       /* for tables that other hosts fill */
	/* Microseconds that wall-clock time (since 1970) is ahead of an instant; set at each
	 * wake-up. */
	int64_t wall_offset;
	bool watched;             /* a program is notified of changes as they happen */
	struct kept_names *names; /* outlive the engines; NULL: none are kept */
};

struct engine;

/* One way of discovery. No function blocks, sends or reads a clock; effects go to the outbox. */
struct engine_type {
	/* As devices show it in "protocols". Of several protocols the facts of the lowest rank are
	 * shown first; those that there are have gaps between them. */
	struct protocol_id id;
	const struct config_section *section; /* of its configuration */
	bool (*enabled)(const struct config *config);
	/* Writes those of each port that it needs; returns how many. Datagrams name them by their
	 * place here (`row`). A difference means that all are opened anew. */
	size_t (*sockets)(
	    const struct config *config, struct engine_sockets sockets[ENGINE_SOCKETS_MAX]);
	/* What of its configuration this build cannot do, a sentence for people; NULL: nothing. The
	 * member may be NULL, too. */
	const char *(*lacks)(const struct config *config);
	/* NULL when out of memory. The context outlives the engine. */
	struct engine *(*create)(const struct engine_context *context);
	void (*destroy)(struct engine *engine);
	void (*start)(struct engine *engine, struct instant now, struct outbox *outbox);
	void (*input)(struct engine *engine, struct instant now, const struct datagram *datagram,
	    struct outbox *outbox);
	/* A datagram is byte by byte one that set outbox.repeatable to `kind`, and the table would
	 * only refresh what that refreshed: does the rest of what `input` does, and counts it. The
	 * sighting is taken in by the table, without `observed`. False: it has to be read after
	 * all. NULL: each is read. */
	bool (*repeated)(struct engine *engine, struct instant now, const struct datagram *datagram,
	    uint8_t kind, struct outbox *outbox);
	/* Does everything that is due. */
	void (*advance)(struct engine *engine, struct instant now, struct outbox *outbox);
	struct instant (*deadline)(const struct engine *engine);
	/* One call per difference, after context->links has become the new set. */
	void (*link_changed)(struct engine *engine, struct instant now,
	    const struct link_change *change, struct outbox *outbox);
	/* One call per difference, after context->offers has become the new one. */
	void (*offer_changed)(struct engine *engine, struct instant now,
	    const struct offer_change *change, struct outbox *outbox);
	/* Searches the network now; for all devices where the target is empty, or the protocol has
	 * no targets. */
	void (*search)(struct engine *engine, struct instant now, struct slice target,
	    unsigned seconds, struct outbox *outbox);
	/* True for a target that means nothing in any other protocol. NULL: there is none. */
	bool (*owns_target)(struct slice target);
	/* True when an answer of this endpoint is one to a search for this target. */
	bool (*matches)(const struct endpoint *endpoint, struct slice target);
	/* Writes the whole name of a host that this protocol may ask for: "printer.local" for
	 * "printer". False for any other. NULL: it asks for none. */
	bool (*host_name)(struct slice name, struct writer *whole);
	/* Asks the network now for the addresses of a host, and puts those that are answered within
	 * so many seconds into the outbox. False for a name that it does not ask for. NULL: it asks
	 * for none. */
	bool (*resolve)(struct engine *engine, struct instant now, struct slice name,
	    unsigned seconds, struct outbox *outbox);
	/* context->config has changed from what is given. What was announced under longer
	 * intervals must not delay what comes. Other sockets are the caller's to open. */
	void (*reconfigured)(struct engine *engine, struct instant now, const struct config *before,
	    struct outbox *outbox);
	/* Queues a unicast query, which the next advance sends: this may be called while the outbox
	 * is carried out. The answer is a sighting like any other. */
	void (*reconfirm)(
	    struct engine *engine, struct instant now, const struct engine_reconfirm *reconfirm);
	/* What became of one of its sightings: the endpoint that it went to, with what the table
	 * holds of it; NULL: the table has refused it, or nothing is there any more. Not of
	 * interest to all: NULL. */
	void (*observed)(struct engine *engine, const struct sighting *sighting,
	    const struct endpoint *endpoint);
	/* The table does not take a renewal: there is something new, so all of it is to be said.
	 * NULL: it renews nothing. */
	void (*unrenewed)(struct engine *engine, struct instant now, const struct renewal *renewal,
	    struct outbox *outbox);
	/* An endpoint of its protocol goes, for whatever reason. NULL: likewise. */
	void (*forgotten)(struct engine *engine, const struct endpoint *endpoint);
	/* Says goodbye; what it puts in the outbox is the last that is sent. */
	void (*stop)(struct engine *engine, struct instant now, struct outbox *outbox);
	struct counter_group (*counters)(const struct engine *engine);
	/* Of the pages that its endpoints announce; NULL: UPnP descriptions, by GET. */
	const struct page_form *page_form;
	/* The names that it announces, one after the other; false at the end. NULL: none. */
	bool (*announced)(
	    const struct engine *engine, size_t index, struct announced_name *announced);
};

/* First member of every engine's struct. */
struct engine {
	const struct engine_type *type;
	/* That the CHANNEL_SHARED sockets of the first row are really bound to, 0: no socket of
	 * this family. Set before `start`. */
	uint16_t ports[FAMILIES];
};

/* All defaults (see config_init), also of the sections of these engines; NULL ends the list. 0 or
 * -ENOMEM. */
int engine_config_init(struct config *config, const struct engine_type *const *engines);
/* See engine_type.lacks; NULL for an engine that is switched off. */
const char *engine_lacks(const struct engine_type *type, const struct config *config);
/* True when a host that receives from `source` on this link can fetch the description of the offer:
 * the host of its URL is "*", a name, or a numeric address of the same family and scope that is
 * ours on the link or in one of its networks (UDA 2.0, 1.2.2). */
bool engine_url_reaches(
    const struct offer *offer, const struct link *link, const struct address *source);
/* True where that is so on every link: the host is "*". */
bool engine_url_reaches_all(const struct offer *offer);
/* Writes that URL with `source` in the place of "*"; without a zone (UDA 2.0, A.4). Errors are the
 * writer's. */
void engine_url_write(const struct offer *offer, const struct address *source, struct writer *w);

#endif

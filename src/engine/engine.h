/* SPDX-License-Identifier: ISC
 * engine: what every way of discovery offers to the hub; a protocol is one struct engine_type. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "base/counter.h"
#include "base/instant.h"
#include "base/rng.h"
#include "base/siphash.h"
#include "engine/outbox.h"
#include "model/announcement.h"
#include "model/config.h"
#include "model/link.h"

/* Lent to every engine for its whole life; the hub changes what they point to and then calls
 * link_changed or announcement_changed. */
struct engine_context {
	const struct config *config;
	const struct announcement *announcement;
	const struct link_set *links; /* the usable ones only */
	struct rng *rng;              /* all jitter */
	struct siphash_key key;       /* for tables that strangers fill */
	/* Microseconds that wall-clock time (since 1970) is ahead of an instant; set at each
	 * wake-up. */
	int64_t wall_offset;
};

struct datagram {
	enum channel channel;
	uint32_t link; /* index of the link it came in by */
	struct address_port from;
	struct address to; /* as sent: ours, a group, a broadcast */
	uint16_t own_port; /* port that our CHANNEL_OWN socket of its family is bound to */
	bool truncated;    /* longer than the receive buffer */
	struct slice bytes;
};

/* The socket needs of a protocol. */
struct engine_port {
	uint16_t port;
	bool ipv6;                    /* speaks IPv6 besides IPv4, where the host has it */
	bool may_move;                /* does with another port where this one is not to be had */
	bool broadcast;               /* SO_BROADCAST, and receives broadcasts */
	const struct address *groups; /* joined on every usable link */
	size_t group_count;
};

/* What differs between the two families; an index of arrays. */
enum family { FAMILY_IPV4, FAMILY_IPV6, FAMILIES };
static inline enum family family_of(const struct address *address)
{
	return address->family == ADDRESS_IPV6 ? FAMILY_IPV6 : FAMILY_IPV4;
}

struct engine;

/* Somebody who is to be asked, unicast, whether he is still there. */
struct engine_question {
	struct slice id; /* "uuid:…" */
	struct address address;
	uint32_t link;
	uint16_t port; /* 0: the protocol's own */
	bool insist;   /* he has been there in truth: if he is silent, ask everybody for him once */
};

/* One way of discovery. No function blocks, sends or reads a clock; effects go to the outbox. */
struct engine_type {
	const char *name; /* as devices show it in "protocols" */
	bool (*enabled)(const struct config *config);
	struct engine_port (*port)(const struct config *config);
	/* NULL when out of memory. The context outlives the engine. */
	struct engine *(*create)(const struct engine_context *context);
	void (*destroy)(struct engine *engine);
	void (*start)(struct engine *engine, struct instant now, struct outbox *outbox);
	void (*input)(struct engine *engine, struct instant now, const struct datagram *datagram,
	    struct outbox *outbox);
	/* Does everything that is due. */
	void (*advance)(struct engine *engine, struct instant now, struct outbox *outbox);
	struct instant (*deadline)(const struct engine *engine);
	/* One call per difference, after context->links has become the new set. */
	void (*link_changed)(struct engine *engine, struct instant now,
	    const struct link_change *change, struct outbox *outbox);
	/* One call per difference, after context->announcement has become the new one. */
	void (*announcement_changed)(struct engine *engine, struct instant now,
	    const struct announcement_change *change, struct outbox *outbox);
	/* Asks the network now; target as in SSDP's ST ("ssdp:all"), a protocol without targets
	 * asks everybody. */
	void (*search)(struct engine *engine, struct instant now, struct slice target,
	    unsigned seconds, struct outbox *outbox);
	/* Takes a question in, which leaves with the next advance: it may come up while what is in
	 * the outbox is being carried out. An answer is a sighting like any other. */
	void (*question)(
	    struct engine *engine, struct instant now, const struct engine_question *question);
	/* Says goodbye; what it puts in the outbox is the last that is sent. */
	void (*stop)(struct engine *engine, struct instant now, struct outbox *outbox);
	struct counter_group (*counters)(const struct engine *engine);
};

/* First member of every engine's struct. */
struct engine {
	const struct engine_type *type;
	/* That the CHANNEL_SHARED sockets are really bound to, 0: no socket of this family. Set
	 * before `start`. */
	uint16_t ports[FAMILIES];
};

extern const struct engine_type SSDP_ENGINE;      /* engine/ssdp.c */
extern const struct engine_type BROADCAST_ENGINE; /* engine/broadcast.c */

#endif

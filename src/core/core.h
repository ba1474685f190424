/* SPDX-License-Identifier: ISC
 * core: the whole daemon without I/O: engines, table, offers and links behind one border.
 * Datagrams, changes of links and neighbours, fetched descriptions, offers and time go in;
 * datagrams to send, fetches and events of the table come out as calls of struct core_host. */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include "base/mac.h"
#include "core/core_identity.h"
#include "engine/engine.h"
#include "engine/enrichment.h"
#include "model/link_change.h"
#include "model/offers.h"
#include "model/table.h"
#include "wire/description.h"

struct core;

/* One row per way of discovery; NULL ends the list. An engine is named by its index in it. */
extern const struct engine_type *const CORE_ENGINES[];
enum { CORE_ENGINES_MAX = 8 };

/* What the core has done for it. All functions return at once; none enters the core again, except
 * by what takes a const core, or reads the table. `now` is that of the call that caused it. Those
 * that say so may be NULL. */
struct core_host {
	void *context;
	/* From sockets of this engine, in this order. */
	void (*send)(void *context, size_t engine, const struct outbox_send sends[], size_t count);
	/* Begins a fetch; what becomes of it comes by core_fetched. 0 or a negative errno. */
	int (*fetch)(void *context, const struct enrichment_fetch *fetch);
	/* Gives a fetch up that has not connected yet: then true, and core_fetched is not called.
	 * NULL: none is. */
	bool (*unfetch)(void *context, uint64_t number);
	/* The MAC of an address on a link, as the kernel knows it now; `confirmed` where it has
	 * verified it lately (not STALE). Not known where the kernel has none. */
	struct mac (*find_mac)(
	    void *context, uint32_t link, const struct address *address, bool *confirmed);
	/* Counts changes of what that gives of addresses of others; 0: not counted. May be NULL. */
	uint32_t (*count_macs)(void *context);
	/* The host name of a MAC, as a DHCP server knows it. May be NULL. */
	table_name_fn *find_name;
	/* A number that is greater than any before, also than those of earlier starts (31 bits). */
	uint32_t (*next_epoch)(void *context);
	/* Serves a description at this path, or the new text in the place of the old one. 0 or
	 * -ENOMEM. */
	int (*publish)(
	    void *context, const char *path, const struct offer *offer, const char *text);
	void (*unpublish)(void *context, const char *path);
	/* Puts into this host's own offer what files add to it: devices and services. 0 or a
	 * negative errno. May be NULL. */
	int (*extend)(void *context, struct offer *own);
	/* A device was added, updated or removed. May be NULL. */
	void (*changed)(void *context, struct instant now, const struct table_change *change);
	/* It answered a question of ours: a search, say. May be NULL. */
	void (*answered)(void *context, struct instant now, const struct endpoint *endpoint);
	/* A host has answered with an address, see core_resolve(). May be NULL. */
	void (*resolved)(void *context, struct instant now, const struct host_address *address);
	/* A sighting, with the result of table_observe(): for the log. Below level debug not of
	 * messages that repeat earlier ones. May be NULL. */
	void (*sighted)(
	    void *context, struct instant now, const struct sighting *sighting, int result);
	/* A link that is used came, went, or has other addresses; before the engines hear of it.
	 * May be NULL. */
	void (*link_changed)(void *context, const struct link_change *change);
};

/* How a fetch ended. */
struct core_fetched {
	uint64_t number;  /* of the enrichment_fetch */
	int error;        /* 0, or a negative errno: then `description` has what came before it */
	bool answered;    /* the host sent anything */
	const char *path; /* where a redirect led to; NULL: nowhere */
	const struct description *description; /* NULL: nothing could be read */
};

/* `config` is taken over also on failure, `identity` is copied, `random` seeds what others must not
 * guess. There are no links, no engine runs, nothing is served, and this host's own offer is built
 * later: by core_set_http_port(), core_renew_own() or the first engine. 0 or -ENOMEM. */
int core_new(const struct core_host *host, struct config *config,
    const struct core_identity *identity, const uint64_t random[3], struct instant now,
    struct core **core);
/* Says nothing on the network: core_stop_engine does. */
void core_free(struct core *core);

/* Writes the sockets that this engine needs; returns how many rows, 0 when the configuration has it
 * switched off. */
size_t core_engine_wants(
    const struct core *core, size_t engine, struct engine_sockets sockets[ENGINE_SOCKETS_MAX]);
/* Its sockets are open: `ports` are what those of CHANNEL_SHARED of the first row are bound to, 0
 * for a family without one. Begins to announce and search. 0, -EALREADY (it runs), -ENOMEM, or what
 * building this host's own offer gave. */
int core_start_engine(
    struct core *core, struct instant now, size_t engine, const uint16_t ports[FAMILIES]);
/* Says goodbye; what it sends is the last. Does nothing where it does not run. */
void core_stop_engine(struct core *core, struct instant now, size_t engine);
bool core_engine_runs(const struct core *core, size_t engine);
struct counter_group core_engine_counters(const struct core *core, size_t engine);
/* The names that the engines announce, one after the other; false at the end. */
bool core_announced(const struct core *core, size_t index, struct announced_name *announced);

/* A datagram for this engine. What it has the engine send leaves with the next core_advance, which
 * is due at once, so that what many cause leaves together. False when nothing was taken from it:
 * malformed, too long, not from a host on its link, not meant for this socket, or the engine does
 * not run. */
bool core_input(
    struct core *core, struct instant now, size_t engine, const struct datagram *datagram);
/* All links of this host, used or not; copied. 0 or -ENOMEM: then nothing has changed. */
int core_set_links(struct core *core, struct instant now, const struct link_set *links);
/* find_mac has news of this address. */
void core_learn_mac(
    struct core *core, struct instant now, uint32_t link, const struct address *address);
/* find_name has news. */
void core_learn_names(struct core *core, struct instant now);
/* The kernel has confirmed that a host answers there. Ignored for addresses of this host and on
 * links that are not used. */
void core_neighbour(struct core *core, struct instant now, uint32_t link,
    const struct address *address, const struct mac *mac);
/* A fetch has ended. */
void core_fetched(struct core *core, struct instant now, const struct core_fetched *fetched);
/* Does what is due and begins fetches. `wall_offset`: microseconds that wall-clock time since 1970
 * is ahead. */
void core_advance(struct core *core, struct instant now, int64_t wall_offset);
struct instant core_deadline(struct core *core);
/* Another configuration, taken over. Limits, links and intervals are in force at once; the caller
 * stops and starts engines that need other sockets (core_engine_wants), and has this host's own
 * offer built again (core_renew_own, or core_set_http_port after a change of [HTTP]). 0 or -ENOMEM:
 * then the links that are used are those of before. */
int core_reconfigure(struct core *core, struct instant now, struct config *config);
/* A server of descriptions was opened on this port, 0: closed. Publishes all of them there and
 * announces anew what has another URL now, this host's own offer included. 0, -ENOMEM, or what
 * building that gave. */
int core_set_http_port(struct core *core, struct instant now, uint16_t port);
/* Whether a program watches; see engine_context. Changes what is due. */
void core_set_watched(struct core *core, bool watched);
/* Asks the network now, over the protocols that know the target; see engine_type.search. */
void core_search(struct core *core, struct instant now, struct slice target, unsigned seconds);
/* True when an answer of this endpoint is one to this target. */
bool core_matches(const struct core *core, const struct endpoint *endpoint, struct slice target);
/* The whole name of a host that a protocol may ask for; see engine_type.host_name. */
bool core_host_name(struct slice name, struct writer *whole);
/* Asks the network for the addresses of a host; see engine_type.resolve. False when no engine that
 * runs asks for such a name. */
bool core_resolve(struct core *core, struct instant now, struct slice name, unsigned seconds);
/* Whether a device answered a probe. */
void core_set_reachable(struct core *core, struct instant now, struct slice id, bool reachable);

const struct config *core_config(const struct core *core);
/* The table, to read, to look up and to walk with cursors. */
struct table *core_table(struct core *core);
/* All links, and those that are used. While what was known on a link that is gone is removed, they
 * are those of before. */
const struct link_set *core_links(const struct core *core);
const struct link_set *core_usable_links(const struct core *core);
const struct offers *core_offers(const struct core *core);
/* Of the table and of the decisions to fetch: one group after the other, false at the end. */
bool core_counters(const struct core *core, size_t index, struct counter_group *group);

#endif

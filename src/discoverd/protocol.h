/* SPDX-License-Identifier: ISC
 * protocol: the sockets of one engine: carries datagrams to the core and from it. */
#ifndef DISCOVERD_PROTOCOL_H
#define DISCOVERD_PROTOCOL_H

#include "control/session.h"
#include "core/core.h"
#include "discoverd/echoes.h"
#include "model/link_change.h"
#include "net/loop.h"
#include "net/udp.h"

/* What every protocol borrows; outlives them. */
struct protocol_host {
	struct loop *loop;
	struct core *core;
	struct rng *rng;
	/* A group could be joined or not, or our own multicasts come back or not, other than
	 * before. */
	void (*warned)(void *context);
	void *context;
};

struct protocol {
	size_t engine; /* index in CORE_ENGINES */
	const struct engine_type *type;
	const struct protocol_host *host;
	bool open;
	struct engine_sockets needs;               /* as they are open */
	struct udp *sockets[FAMILIES][CHANNELS];   /* NULL: not wanted, or no IPv6 there */
	char socket_names[FAMILIES][CHANNELS][24]; /* of their counters */
	struct counter elsewhere;                  /* datagrams by links that are not ours to use */
	struct echoes echoes;
	uint64_t drops[FAMILIES]; /* of the shared sockets, when it was last looked at `echoes` */
	struct instant retry;     /* when groups are to be joined that failed */
};

/* Closed. `engine` is an index in CORE_ENGINES. */
void protocol_init(struct protocol *protocol, size_t engine, const struct protocol_host *host);
/* Opens the sockets, joins the groups and starts the engine. A failure is logged with what to do
 * about it; 0 or a negative errno. */
int protocol_open(struct protocol *protocol);
/* Has the engine say goodbye and closes. Does nothing when closed already. */
void protocol_close(struct protocol *protocol);
/* The rest do nothing while closed. */
void protocol_send(struct protocol *protocol, struct instant now, const struct outbox_send *send);
void protocol_advance(struct protocol *protocol, struct instant now);
struct instant protocol_deadline(const struct protocol *protocol);
/* A link that is used came, went or has other addresses: joins and leaves groups. */
void protocol_link_changed(struct protocol *protocol, const struct link_change *change);
/* Counters of engine and sockets, by index from 0. Beyond them false, and *index is less by as many
 * as there are. */
bool protocol_counters(const struct protocol *protocol, size_t *index, struct counter_group *group);
/* Adds datagrams and groups of a link. */
void protocol_traffic(
    const struct protocol *protocol, uint32_t link, struct control_link_traffic *traffic);
/* Which of the protocol's groups are joined on a link; returns how many were put into `groups`,
 * which has room for `max`. */
size_t protocol_groups(
    const struct protocol *protocol, uint32_t link, struct address *groups, size_t max);
/* Why a group could not be joined on a link, and which: a negative errno, or 0. */
int protocol_group_error(const struct protocol *protocol, uint32_t link, struct address *group);
/* True when the configuration wants another socket for this engine than the one that is open, or
 * one where none is, or none. */
bool protocol_is_outdated(const struct protocol *protocol, const struct config *config);

#endif

/* SPDX-License-Identifier: ISC
 * protocol: the sockets of one engine: carries datagrams to the core and from it. */
#ifndef DISCOVERD_PROTOCOL_H
#define DISCOVERD_PROTOCOL_H

#include "discoverd/protocol_port.h"

struct protocol {
	size_t engine; /* index in CORE_ENGINES */
	const struct engine_type *type;
	const struct protocol_host *host;
	bool open;
	struct protocol_port *ports; /* as they are open; owned */
	size_t port_count;
	struct counter elsewhere; /* datagrams by links that are not ours to use */
};

/* Closed. `engine` is an index in CORE_ENGINES. */
void protocol_init(struct protocol *protocol, size_t engine, const struct protocol_host *host);
/* Opens the sockets, joins the groups and starts the engine. A failure is logged with what to do
 * about it; 0 or a negative errno. */
int protocol_open(struct protocol *protocol);
/* Has the engine say goodbye and closes. Does nothing when closed already. */
void protocol_close(struct protocol *protocol);
/* The rest do nothing while closed. */
void protocol_send(
    struct protocol *protocol, struct instant now, const struct outbox_send sends[], size_t count);
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
/* True when the configuration wants other sockets for this engine than those that are open, or some
 * where none are, or none. */
bool protocol_is_outdated(const struct protocol *protocol, const struct config *config);

#endif

/* SPDX-License-Identifier: ISC
 * protocol: one engine with its sockets: carries datagrams in, and sends and sightings out. */
#ifndef DISCOVERD_PROTOCOL_H
#define DISCOVERD_PROTOCOL_H

#include "discoverd/echoes.h"
#include "engine/engine.h"
#include "net/loop.h"
#include "net/udp.h"

/* What every protocol borrows from the hub; outlives them. */
struct protocol_host {
	struct loop *loop;
	const struct engine_context *engine;
	struct outbox *outbox; /* empty between calls */
	void (*sighted)(void *context, struct instant now, const struct sighting *sighting);
	/* All trees want another BOOTID. */
	void (*renumber)(void *context);
	/* A group could be joined or not, or our own multicasts come back or not, other than
	 * before. */
	void (*warned)(void *context);
	void *context;
};

struct protocol {
	const struct engine_type *type;
	const struct protocol_host *host;
	struct engine *engine; /* NULL while closed */
	struct engine_port port;
	struct udp *sockets[FAMILIES][CHANNELS];   /* NULL: no IPv6 wanted, or none there */
	char socket_names[FAMILIES][CHANNELS][24]; /* of their counters */
	struct counter elsewhere;                  /* datagrams by links that are not ours to use */
	struct echoes echoes;
	uint64_t drops[FAMILIES]; /* of the shared sockets, when it was last looked at `echoes` */
	struct instant retry;     /* when groups are to be joined that failed */
};

/* Opens the sockets, joins the groups and starts the engine. A failure is logged with what to do
 * about it; 0 or a negative errno. */
int protocol_open(
    struct protocol *protocol, const struct engine_type *type, const struct protocol_host *host);
/* Says goodbye on the network and closes. Does nothing when closed already. */
void protocol_close(struct protocol *protocol);
/* The rest do nothing while closed. */
void protocol_advance(struct protocol *protocol, struct instant now);
struct instant protocol_deadline(const struct protocol *protocol);
void protocol_link_changed(
    struct protocol *protocol, struct instant now, const struct link_change *change);
void protocol_announcement_changed(
    struct protocol *protocol, struct instant now, const struct announcement_change *change);
void protocol_search(
    struct protocol *protocol, struct instant now, struct slice target, unsigned seconds);
/* Which of the protocol's groups are joined on a link; returns how many were put into `groups`,
 * which has room for `max`. */
size_t protocol_groups(
    const struct protocol *protocol, uint32_t link, struct address *groups, size_t max);
/* Why a group could not be joined on a link, and which: a negative errno, or 0. */
int protocol_group_error(const struct protocol *protocol, uint32_t link, struct address *group);
/* May be called from within `sighted`: it is sent at the next protocol_advance(). */
void protocol_question(
    struct protocol *protocol, struct instant now, const struct engine_question *question);
/* True when the configuration wants another socket for this engine than the one that is open, or
 * one where none is, or none. */
bool protocol_is_outdated(
    const struct protocol *protocol, const struct engine_type *type, const struct config *config);

#endif

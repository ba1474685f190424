/* SPDX-License-Identifier: ISC
 * protocol_port: the sockets that one engine has for one UDP port, and their multicast groups. */
#ifndef DISCOVERD_PROTOCOL_PORT_H
#define DISCOVERD_PROTOCOL_PORT_H

#include "control/session.h"
#include "core/core.h"
#include "discoverd/echoes.h"
#include "model/link_change.h"
#include "model/starvation.h"
#include "net/loop.h"
#include "net/udp.h"

/* What every protocol borrows; outlives them. */
struct protocol_host {
	struct loop *loop;
	struct core *core;
	struct rng *rng;
	struct starvation *starvation; /* of all protocols together */
	struct udp_memory *memory;     /* likewise */
	/* A group could be joined or not, our own multicasts come back or not, or a link starves or
	 * not, other than before. */
	void (*warned)(void *context);
	void *context;
	unsigned descriptors_end; /* see struct udp_options */
};

struct protocol;

struct protocol_port {
	struct protocol *protocol; /* that it belongs to */
	const struct protocol_host *host;
	const char *name;                          /* of the protocol */
	uint8_t row;                               /* of the engine's sockets */
	struct engine_sockets needs;               /* as they are open */
	struct udp *sockets[FAMILIES][CHANNELS];   /* NULL: not wanted, or no IPv6 there */
	char socket_names[FAMILIES][CHANNELS][32]; /* of their counters */
	struct echoes echoes;
	uint64_t drops[FAMILIES]; /* of the shared sockets, when it was last looked at `echoes` */
	struct instant retry;     /* when groups are to be joined that failed */
};

/* Opens its sockets; the caller has set the members down to `needs`. `only` when the engine has no
 * other row. `fn` is called with the port. A failure is logged with what to do about it; 0 or a
 * negative errno, and then nothing is open. */
int protocol_port_open(struct protocol_port *port, bool only, udp_receive_fn *fn);
void protocol_port_close(struct protocol_port *port);
/* The socket at this place of 0 to FAMILIES * CHANNELS - 1, or NULL. */
const struct udp *protocol_port_socket(const struct protocol_port *port, size_t index);

/* Joins the groups on every usable link. What fails is tried again later. */
void protocol_port_join(struct protocol_port *port);
/* A link that is used came, went or has other addresses: joins and leaves groups. */
void protocol_port_link_changed(struct protocol_port *port, const struct link_change *change);
/* Adds its multicast groups that are joined on a link to those of other ports: each address once.
 */
void protocol_port_groups(
    const struct protocol_port *port, uint32_t link, struct control_link_traffic *traffic);
/* Why a group could not be joined on a link, and which: a negative errno, or 0. */
int protocol_port_group_error(
    const struct protocol_port *port, uint32_t link, struct address *group);

/* True: there is something else to warn of. */
bool protocol_port_advance(struct protocol_port *port, struct instant now);
struct instant protocol_port_deadline(const struct protocol_port *port);

#endif

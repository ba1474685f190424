/* SPDX-License-Identifier: ISC
 * host: what the world needs of its hosts, and they of it. */
#ifndef TESTS_SCENARIO_HOST_H
#define TESTS_SCENARIO_HOST_H

#include "world.h"

void host_free(struct host *host);
/* The port that this link is plugged into, or NULL. */
const struct host_port *host_port_of(const struct host *host, uint32_t link);
/* A datagram to this UDP port arrives; what its channel and own port are is filled in here. */
void host_receive(struct host *host, struct datagram *datagram, uint16_t port);
/* Does what is due. */
void host_advance(struct host *host);

/* Sends from a link of this host to everybody in its network whom it is for. */
void world_send(struct world *world, const struct host *sender, const struct outbox_send *send,
    const struct address_port *from);

#endif

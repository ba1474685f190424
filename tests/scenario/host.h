/* SPDX-License-Identifier: ISC
 * host: what the world needs of its hosts, and they of it. */
#ifndef TESTS_SCENARIO_HOST_H
#define TESTS_SCENARIO_HOST_H

#include "base/mac.h"
#include "world.h"

void host_free(struct host *host);
/* The port that this link is plugged into, or NULL. */
const struct host_port *host_port_of(const struct host *host, uint32_t link);
/* A datagram to this UDP port arrives; what its channel and own port are is filled in here. */
void host_receive(struct host *host, struct datagram *datagram, uint16_t port);
struct instant host_deadline(const struct host *host);
/* Does what is due. */
void host_advance(struct host *host);
/* What it serves at this path; NULL: nothing. */
const char *host_document(const struct host *host, const char *path);

/* Sends from a link of this host to each host of its network that it is for. */
void world_send(struct world *world, const struct host *sender, const struct outbox_send *send,
    const struct address_port *from);
/* Asks for a page; host_fetched() is called when that has ended. */
void world_fetch(struct world *world, struct host *host, const struct enrichment_fetch *fetch);
/* `form` as it was asked for; `text` NULL: nothing answered; "": there is no such page. */
void host_fetched(
    struct host *host, uint64_t number, const struct page_form *form, const char *text);
/* What the kernels know of this address. */
struct mac world_find_mac(
    const struct world *world, unsigned network, const struct address *address, bool *confirmed);

#endif

/* SPDX-License-Identifier: ISC
 * outbox: what an engine wants done, as values: datagrams to send, sightings and renewals to take
 * in, and addresses that were asked for. */
#ifndef ENGINE_OUTBOX_H
#define ENGINE_OUTBOX_H

#include "base/address.h"
#include "model/host_address.h"
#include "model/renewal.h"
#include "model/sighting.h"

/* The sockets of an engine, for each address family it uses. */
enum channel {
	CHANNEL_SHARED, /* bound to the protocol's well-known port, shared with other programs */
	CHANNEL_OWN,    /* an ephemeral port, ours alone: answers to queries from it reach us */
	CHANNELS
};

struct outbox_send {
	uint8_t row; /* of the engine's sockets, see engine_type.sockets */
	enum channel channel;
	uint32_t link;         /* out of this link */
	struct address source; /* with this address of ours; ADDRESS_NONE: the kernel chooses */
	struct address_port to;
	uint8_t ttl; /* of a multicast; 0: the socket's default */
	struct slice bytes;
};

/* Bytes that entries point to; they never move. */
struct outbox_arena {
	struct outbox_chunk *chunks;
	struct outbox_chunk *filling; /* the one that takes the next bytes */
};

/* Owns copies of everything put in; reset keeps the memory, so a steady state allocates nothing. */
struct outbox {
	struct outbox_send *sends;
	size_t send_count, send_capacity;
	struct sighting *sightings;
	size_t sighting_count, sighting_capacity;
	struct renewal *renewals;
	size_t renewal_count, renewal_capacity;
	struct host_address *addresses;
	size_t address_count, address_capacity;
	struct outbox_arena sent, taken; /* bytes of sends, and of the rest */
	uint64_t dropped;                /* entries lost for want of memory */
	/* Our addresses have changed: all offers need another epoch (UDA 2.0, 1.2.4). */
	bool renumber;
	/* Nothing was taken from the datagram: it is malformed, too long, not from a host on its
	 * link, or not meant for this socket. Not set for messages of our own. */
	bool refused;
	/* Set by an engine with `repeated` where the only sighting is all that the datagram does,
	 * as long as offers, links and configuration stay; any number but 0. */
	uint8_t repeatable;
};

void outbox_init(struct outbox *outbox);
void outbox_fini(struct outbox *outbox);
void outbox_reset(struct outbox *outbox);
/* Empties it of datagrams alone, or of all else. */
void outbox_reset_sends(struct outbox *outbox);
void outbox_reset_rest(struct outbox *outbox);
/* Copies the bytes. When out of memory the entry is dropped and counted. */
void outbox_send(struct outbox *outbox, const struct outbox_send *send);
/* Copies every slice, and the services; a page is lent to the end. */
void outbox_sighting(struct outbox *outbox, const struct sighting *sighting);
void outbox_renewal(struct outbox *outbox, const struct renewal *renewal);
/* Copies the name. */
void outbox_address(struct outbox *outbox, const struct host_address *address);

#endif

/* SPDX-License-Identifier: ISC
 * sockets: the sockets that an engine needs, and what they receive. */
#ifndef ENGINE_SOCKETS_H
#define ENGINE_SOCKETS_H

#include "engine/outbox.h"

/* What differs between the two families; an index of arrays. */
enum family { FAMILY_IPV4, FAMILY_IPV6, FAMILIES };
static inline enum family family_of(const struct address *address)
{
	return address->family == ADDRESS_IPV6 ? FAMILY_IPV6 : FAMILY_IPV4;
}

/* UDP ports that one engine may need. */
enum { ENGINE_SOCKETS_MAX = 12 };

/* The sockets that an engine needs for one UDP port: for IPv4, and with `ipv6` as many for IPv6
 * where the host has it. */
struct engine_sockets {
	uint16_t port;         /* of CHANNEL_SHARED */
	uint16_t datagram_max; /* bytes; of a longer datagram the rest is cut off */
	uint8_t ttl;           /* of what is sent; 0: the kernel's. See outbox_send.ttl */
	/* Joined on every usable link. With by_group, 255.255.255.255 is one, too: then broadcasts
	 * to it are heard, but no unicast is taken from programs on this host. */
	const struct address *groups;
	size_t group_count;
	bool by_group;  /* CHANNEL_SHARED hears its groups alone: unicast is left to other programs.
			 * It sends only while a group is joined, IPv6 only on that link */
	bool ephemeral; /* has CHANNEL_OWN, too */
	bool ipv6;
	bool may_move;  /* does with another port where this one is not to be had */
	bool broadcast; /* sends broadcasts, and receives them: by_group, those of its groups */
};

/* True when sockets that serve one serve the other. */
bool engine_sockets_equal(const struct engine_sockets *a, const struct engine_sockets *b);

struct datagram {
	uint8_t row; /* which of the engine's sockets received it */
	enum channel channel;
	uint32_t link; /* index of the link it came in by */
	struct address_port from;
	struct address to; /* as sent: ours, a group, a broadcast */
	uint16_t own_port; /* port that our CHANNEL_OWN socket of its family is bound to */
	bool truncated;    /* longer than the receive buffer */
	struct slice bytes;
	/* Keyed, of the bytes and what else decides what they mean but `link` and `from`. Set by
	 * the core for an engine that has `repeated`; 0: the datagram is to be read. */
	uint64_t hash;
};

#endif

/* SPDX-License-Identifier: ISC
 * udp_socket: one UDP socket of the kernel: how it is set up, and datagrams with the link and the
 * addresses that they came or go by. */
#ifndef NET_UDP_SOCKET_H
#define NET_UDP_SOCKET_H

#include "base/address.h"
#include "base/slice.h"

enum { UDP_BATCH_MAX = 32 };

struct udp_memory;

struct udp_options {
	const char *name;      /* of the counters' group; a static string */
	uint8_t family;        /* ADDRESS_IPV4 or ADDRESS_IPV6 */
	uint16_t port;         /* 0: an ephemeral one */
	uint16_t datagram_max; /* bytes; of a longer datagram the rest is cut off */
	uint8_t ttl;           /* of what is sent; 0: the kernel's, 1 for multicasts */
	bool shared;           /* SO_REUSEADDR */
	bool broadcast;
	/* Bound to the groups that are joined, IPv6 ones on each link: hears nothing else, and
	 * sends only where a group is joined. 255.255.255.255 may be one of them. `port` is not 0.
	 */
	bool by_group;
	/* Where groups are joined on many links, further sockets take no descriptor from this
	 * number on, so that enough are left to others; 0: any. */
	unsigned descriptors_end;
	struct udp_memory *memory; /* shared by all sockets of a loop; outlives them */
};

struct udp_datagram {
	struct address_port from;
	struct address to;
	uint32_t link;
	bool truncated;     /* MSG_TRUNC */
	struct slice bytes; /* at most datagram_max, borrowed during the call */
};

struct udp_send {
	uint32_t link;
	struct address source; /* ADDRESS_NONE: the kernel chooses */
	struct address_port to;
	uint8_t ttl; /* of a multicast; 0: that of the socket */
	struct slice bytes;
	int error; /* 0: it was sent; else a negative errno */
};

/* Opens and binds to this address and options->port; `link` scopes a link-local IPv6 address, and
 * the socket then sends by that link alone. Gives the descriptor, or a negative errno. */
int udp_socket_open(
    const struct udp_options *options, const struct address *address, uint32_t link);
/* The port that it is bound to. */
uint16_t udp_socket_port(int fd);
/* Joins or leaves; a broadcast address needs neither. 0 or a negative errno. */
int udp_socket_join(int fd, const struct address *group, uint32_t link);
int udp_socket_leave(int fd, const struct address *group, uint32_t link);
/* Where datagrams are put that are taken off a queue together. */
struct udp_batch {
	char *bytes;     /* of the first one */
	size_t distance; /* from there to those of the next one */
	uint16_t datagram_max;
	unsigned count; /* UDP_BATCH_MAX at most */
};
/* Takes as many datagrams off the queue as there are, or have a place. `drops` becomes the kernel's
 * count of those that found the queue full (it wraps), where that is told. How many; -EAGAIN: there
 * is none; another negative errno: what an ICMP message left was taken off. */
int udp_socket_receive(
    int fd, const struct udp_batch *batch, struct udp_datagram datagrams[], uint32_t *drops);
/* True where the kernel can cut a buffer into datagrams. */
bool udp_socket_can_segment(int fd);
/* Sends in this order, and sets `error` of each. Several to one host leave as one buffer where
 * *segments; it becomes false where that fails. */
void udp_socket_send(int fd, struct udp_send sends[], size_t count, bool *segments);
/* Datagrams that found the queue full, as the kernel counts them now. */
uint32_t udp_socket_drops(int fd);

#endif

/* SPDX-License-Identifier: ISC
 * udp_inbox: datagrams that were read from one socket and wait to be handled: a burst is taken off
 * the queue of the kernel, which is short, before any of it is parsed. */
#ifndef NET_UDP_INBOX_H
#define NET_UDP_INBOX_H

#include "net/udp_socket.h"

/* What all inboxes of a loop hold, in bytes; each may hold a chunk of 128 KiB beyond it, so that a
 * flood of one socket does not silence another. */
enum { UDP_MEMORY_MAX = 2 * 1024 * 1024 };

/* The memory of all inboxes of a loop: at rest it is one chunk. */
struct udp_memory {
	size_t used; /* bytes that inboxes hold */
	struct udp_chunk *spare;
	bool large; /* udp_memory_give_back() has something to give back */
};

/* 0 or -ENOMEM. */
int udp_memory_init(struct udp_memory *memory);
/* After all inboxes. */
void udp_memory_fini(struct udp_memory *memory);
/* Gives back what a burst has left in use, all but 16 KiB. It costs the next burst time, so it is
 * for a second without one. */
void udp_memory_give_back(struct udp_memory *memory);

struct udp_inbox {
	struct udp_memory *memory;
	struct udp_chunk *first, *last; /* the oldest, and the one that is filled */
};

/* `memory` is borrowed. */
void udp_inbox_init(struct udp_inbox *inbox, struct udp_memory *memory);
void udp_inbox_fini(struct udp_inbox *inbox);
/* Takes datagrams off the queue of a socket, until it is empty or there is no room left. `drops` as
 * in udp_socket_receive(). 0, or a negative errno: what an ICMP message left was taken off, and
 * there may be more. */
int udp_inbox_fill(struct udp_inbox *inbox, int fd, uint16_t datagram_max, uint32_t *drops);
/* Takes the oldest one out; NULL: there is none. It is valid until the next call. */
const struct udp_datagram *udp_inbox_next(struct udp_inbox *inbox);
/* True when there is one. Gives back the memory of those that were taken out. */
bool udp_inbox_waits(struct udp_inbox *inbox);

#endif

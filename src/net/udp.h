/* SPDX-License-Identifier: ISC
 * udp: one shared or own UDP socket that knows by which link each datagram came and chooses the one
 * by which it goes. */
#ifndef NET_UDP_H
#define NET_UDP_H

#include "base/counter.h"
#include "net/loop.h"
#include "net/udp_socket.h"

struct udp;

typedef void udp_receive_fn(void *context, struct udp *udp, const struct udp_datagram *datagram);

/* Opens, binds and listens; with by_group later, when a group is joined. 0 or a negative errno
 * (-EADDRINUSE, -EACCES, …). Takes all datagrams into memory, handles at most 64 per
 * round. `fn` must not close the socket
 * that calls it, nor leave a group. */
int udp_open(struct loop *loop, const struct udp_options *options, udp_receive_fn *fn,
    void *context, struct udp **udp);
void udp_close(struct udp *udp);
/* The port that it is bound to. */
uint16_t udp_port(const struct udp *udp);
/* Joins or leaves a group on a link. Further sockets are opened for that: one for 20 links by IPv4,
 * and by IPv6 one for each link where they are bound to groups. 0 or a negative errno (-EMFILE: no
 * further one may be opened, -ENODEV, …). Joining twice is fine; after a failure it is tried
 * again. A link that is gone must be left too: its index may come back as another link, on which
 * nothing is joined. */
int udp_join(struct udp *udp, const struct address *group, uint32_t link);
void udp_leave(struct udp *udp, const struct address *group, uint32_t link);
/* 0: joined. Else what udp_join said last, or -ENOENT where it was not called since the link was
 * left. */
int udp_membership(const struct udp *udp, const struct address *group, uint32_t link);
/* Datagrams that the kernel had no room for, as it counts them now: the counter of this learns of
 * them with the next datagram only. */
uint64_t udp_drops(const struct udp *udp);
/* Descriptors that it has at present. */
size_t udp_sockets(const struct udp *udp);

/* Sends in this order and never waits. Sets `error` of each (-ENOTCONN: by_group, and no group is
 * joined there); a failure is counted, and what follows is sent all the same. */
void udp_send(struct udp *udp, struct udp_send sends[], size_t count);
struct counter_group udp_counters(const struct udp *udp);
struct udp_traffic {
	uint64_t received, sent;
	uint64_t dropped; /* of those received, as noted */
};
/* Notes that nothing was taken from a datagram that came by this link. */
void udp_note_drop(struct udp *udp, uint32_t link);
/* Adds the datagrams that came and went by this link. Kept for the 64 busiest links. */
void udp_link_traffic(const struct udp *udp, uint32_t link, struct udp_traffic *sum);

#endif

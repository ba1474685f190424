/* SPDX-License-Identifier: ISC
 * netlink: keeps the link set as the kernel has it, by notification (rtnetlink through libmnl). */
#ifndef NET_NETLINK_H
#define NET_NETLINK_H

#include "base/counter.h"
#include "model/link.h"
#include "net/loop.h"

struct netlink;

/* Opens, subscribes and reads the present state (waits for the kernel, at start only). What the
 * kernel tells later only says that something changed: 100 ms after the last word of a burst, 1 s
 * after its first at the latest, everything is read anew, without waiting, and `fn` is called. 0 or
 * a negative errno. */
int netlink_open(struct loop *loop, loop_fn *fn, void *context, struct netlink **netlink);
void netlink_close(struct netlink *netlink);
/* Reads everything anew in a second: for a caller that could not take the links over. */
void netlink_retry(struct netlink *netlink);
/* The links as last read; valid until the next round of the loop. */
const struct link_set *netlink_links(const struct netlink *netlink);
struct counter_group netlink_counters(const struct netlink *netlink);

#endif

/* SPDX-License-Identifier: ISC
 * rtnetlink: reads the kernel's messages about links, addresses, routes and neighbours
 * (rtnetlink(7)). */
#ifndef NET_RTNETLINK_H
#define NET_RTNETLINK_H

#include "base/mac.h"
#include "model/link.h"
#include "model/neighbours.h"

struct nlmsghdr;

/* RTM_NEWLINK: everything but generation, gateway and addresses. `kind` stays empty for an
 * Ethernet-like device of which the kernel says no more. 0 or -EBADMSG. */
int rtnetlink_link(const struct nlmsghdr *message, struct link *link);
/* True when the message says something of a link itself: not of its place in a bridge, not of a
 * wireless scan. */
bool rtnetlink_is_about_link(const struct nlmsghdr *message);
/* RTM_NEWADDR. 0 or -EBADMSG. */
int rtnetlink_address(const struct nlmsghdr *message, uint32_t *link, struct link_address *address);
/* RTM_NEWNEIGH, RTM_DELNEIGH: what the kernel knows of a host on a link. */
struct rtnetlink_neighbour {
	bool forwarded; /* an entry of a bridge: `link` is the port that `mac` is behind */
	uint32_t link;
	uint32_t bridge;            /* of a forwarded one */
	uint16_t vlan;              /* of a forwarded one; 0: the bridge has none */
	struct address address;     /* of one that is not forwarded */
	struct mac mac;             /* may be unknown in RTM_DELNEIGH */
	enum neighbour_state state; /* of one that is not forwarded, in RTM_NEWNEIGH */
};
/* 0, -ENOENT for what says nothing about other hosts (our own addresses, groups, hosts that did not
 * answer), or -EBADMSG. */
int rtnetlink_neighbour(const struct nlmsghdr *message, struct rtnetlink_neighbour *neighbour);
/* RTM_NEWROUTE: the gateway of a default route in the main table. 0, -ENOENT for another route, or
 * -EBADMSG. */
int rtnetlink_gateway(const struct nlmsghdr *message, uint32_t *link, struct address *gateway);
/* True for a default route of the main table: cheap, for storms of routes. */
bool rtnetlink_is_default_route(const struct nlmsghdr *message);

#endif

/* SPDX-License-Identifier: ISC
 * link: the network interfaces of this host and their addresses, as one set that can be compared
 * with the next. */
#ifndef MODEL_LINK_H
#define MODEL_LINK_H

#include "base/address.h"
#include "base/mac.h"

enum { LINK_NAME_MAX = 16, LINK_KIND_MAX = 16 };

struct link_address {
	struct prefix prefix; /* our address and the prefix length of its network */
	/* The other end of a point-to-point link: then the network is the one that this is in. */
	struct address peer;
	struct address broadcast;
	bool usable;    /* not tentative, not a failed duplicate, not deprecated */
	bool temporary; /* a privacy address (RFC 8981) */
};

/* One interface. Keyed by index, generation and name: an index that the kernel gives out again is
 * another link, and one that was renamed is too (filters go by name). */
struct link {
	uint32_t index;
	uint32_t generation;
	char name[LINK_NAME_MAX];
	/* "ethernet", "wifi", "loopback", or the kernel's kind: "bridge", "veth", … */
	char kind[LINK_KIND_MAX];
	struct mac mac;
	struct mac permanent_mac; /* of the hardware, where the kernel knows it */
	uint32_t mtu;
	bool up;         /* administratively up and with a carrier */
	bool no_carrier; /* administratively up only */
	bool loopback, broadcast, multicast, point_to_point;
	uint32_t master;    /* index, 0 without one */
	uint32_t peer;      /* index of a veth's other end, 0 where unknown */
	int32_t peer_netns; /* the peer's namespace by the numbers of ours, -1 where unknown */
	uint32_t lower;     /* index of the device below a VLAN, 0 for other kinds */
	uint16_t vlan;      /* of a VLAN; 0 for other kinds */
	struct address gateway, gateway6; /* of the default routes of IPv4 and IPv6 */
	struct link_address *addresses;   /* owned by the set */
	size_t address_count;
};

struct link_place; /* see link.c */

/* Sorted by index. Owns its links and their addresses. */
struct link_set {
	struct link *links;
	size_t count, capacity;
	uint32_t generation;       /* of the link added last; a copy goes on counting from there */
	struct link_place *places; /* sorted by address; NULL unless link_set_index made them */
	size_t place_count;
};

void link_set_init(struct link_set *set);
void link_set_fini(struct link_set *set);
/* Adds a link (index and a generation never used in this set before are set, the rest is zero,
 * peer_netns is -1) or returns the one that is there, which keeps its generation; NULL when out of
 * memory. Earlier pointers become invalid. */
struct link *link_set_add(struct link_set *set, uint32_t index);
void link_set_remove(struct link_set *set, uint32_t index);
/* NULL where there is none. Valid until a link is added or removed. */
struct link *link_set_find(const struct link_set *set, uint32_t index);
struct link *link_set_find_name(const struct link_set *set, struct slice name);
/* The network of one of our addresses. */
struct prefix link_address_network(const struct link_address *address);
/* Adds or replaces the address of this prefix (address and length are its key). 0 or -ENOMEM. */
int link_add_address(struct link *link, const struct link_address *address);
void link_remove_address(struct link *link, const struct prefix *prefix);
/* The one of this prefix, or NULL. */
const struct link_address *link_find_address(const struct link *link, const struct prefix *prefix);
/* Appends a deep copy of a link, of its addresses the usable ones only or all. 0 or -ENOMEM. */
int link_set_append(struct link_set *set, const struct link *link, bool only_usable);
/* Sorts the addresses of a set that does not change any more, so that finding one does not depend
 * on the number of links. 0 or -ENOMEM. */
int link_set_index(struct link_set *set);
/* A deep copy, generations and index included, into a set that holds nothing; 0 or -ENOMEM (*copy
 * is then empty). */
int link_set_copy(const struct link_set *set, struct link_set *copy);

/* Our first usable address of this family on the link, or NULL; `like`, where given, prefers one
 * whose prefix holds it. */
const struct link_address *link_source(
    const struct link *link, uint8_t family, const struct address *like);
/* True when `address` lies in a prefix of one of the link's addresses, or is IPv6 link-local. */
bool link_is_on_link(const struct link *link, const struct address *address);
/* Length of the prefix of one of the link's addresses that holds `address`; 0 where none does. */
uint8_t link_network_len(const struct link *link, const struct address *address);
/* True when `address` can be that of another host on the link: unicast, on link, no broadcast
 * address of one of its networks. No other source is believed or answered, so that a
 * forged one cannot make us answer into another network. */
bool link_has_neighbour(const struct link *link, const struct address *address);
/* The link that has `address` as its own, the first where several have; or NULL. */
const struct link *link_set_find_address(const struct link_set *set, const struct address *address);
/* True when `address` is one of the set's own. */
bool link_set_has_address(const struct link_set *set, const struct address *address);

#endif

/* SPDX-License-Identifier: ISC
 * rtnetlink: reads the kernel's messages about links, addresses, routes and neighbours
 * (rtnetlink(7)). */
#include "net/rtnetlink.h"
#include "base/mac.h"
#include "net/sockaddr.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

enum { ATTRIBUTE_MAX = 64 };

/* The attributes of a message by their type; only those that the policy names, each of the right
 * form. */
struct attributes {
	/* enum mnl_attr_data_type by attribute type; MNL_TYPE_UNSPEC: not wanted */
	const uint8_t *policy;
	const struct nlattr *at[ATTRIBUTE_MAX];
};

static const uint8_t LINK_POLICY[ATTRIBUTE_MAX] = {
    [IFLA_ADDRESS] = MNL_TYPE_BINARY,
    [IFLA_IFNAME] = MNL_TYPE_NUL_STRING,
    [IFLA_MTU] = MNL_TYPE_U32,
    [IFLA_LINK] = MNL_TYPE_U32,
    [IFLA_MASTER] = MNL_TYPE_U32,
    [IFLA_WIRELESS] = MNL_TYPE_BINARY,
    [IFLA_LINKINFO] = MNL_TYPE_NESTED,
    [IFLA_LINK_NETNSID] = MNL_TYPE_U32,
    [IFLA_PERM_ADDRESS] = MNL_TYPE_BINARY,
};
static const uint8_t LINKINFO_POLICY[ATTRIBUTE_MAX] = {
    [IFLA_INFO_KIND] = MNL_TYPE_STRING,
    [IFLA_INFO_DATA] = MNL_TYPE_NESTED,
};
static const uint8_t VLAN_POLICY[ATTRIBUTE_MAX] = {
    [IFLA_VLAN_ID] = MNL_TYPE_U16,
};
static const uint8_t ADDRESS_POLICY[ATTRIBUTE_MAX] = {
    [IFA_ADDRESS] = MNL_TYPE_BINARY,
    [IFA_LOCAL] = MNL_TYPE_BINARY,
    [IFA_BROADCAST] = MNL_TYPE_BINARY,
    [IFA_FLAGS] = MNL_TYPE_U32,
};
static const uint8_t ROUTE_POLICY[ATTRIBUTE_MAX] = {
    [RTA_OIF] = MNL_TYPE_U32,
    [RTA_GATEWAY] = MNL_TYPE_BINARY,
};

static const uint8_t NEIGHBOUR_POLICY[ATTRIBUTE_MAX] = {
    [NDA_DST] = MNL_TYPE_BINARY,
    [NDA_LLADDR] = MNL_TYPE_BINARY,
    [NDA_VLAN] = MNL_TYPE_U16,
    [NDA_MASTER] = MNL_TYPE_U32,
};

static int take_attribute(const struct nlattr *attribute, void *context)
{
	struct attributes *attributes = context;
	uint16_t type = mnl_attr_get_type(attribute);
	if (type >= ATTRIBUTE_MAX || attributes->policy[type] == MNL_TYPE_UNSPEC)
		return MNL_CB_OK;
	if (mnl_attr_validate(attribute, attributes->policy[type]) < 0)
		return MNL_CB_ERROR;
	attributes->at[type] = attribute;
	return MNL_CB_OK;
}

/* The message's fixed part, its attributes taken apart; NULL when something is malformed. */
static const void *take_apart(const struct nlmsghdr *message, size_t fixed, const uint8_t *policy,
    struct attributes *attributes)
{
	memset(attributes, 0, sizeof(*attributes));
	attributes->policy = policy;
	if (mnl_nlmsg_get_payload_len(message) < fixed ||
	    mnl_attr_parse(message, (unsigned)fixed, take_attribute, attributes) < 0)
		return NULL;
	return mnl_nlmsg_get_payload(message);
}

static uint32_t get_u32(const struct attributes *attributes, unsigned type, uint32_t otherwise)
{
	const struct nlattr *attribute = attributes->at[type];
	return attribute ? mnl_attr_get_u32(attribute) : otherwise;
}

static uint16_t get_u16(const struct attributes *attributes, unsigned type)
{
	const struct nlattr *attribute = attributes->at[type];
	return attribute ? mnl_attr_get_u16(attribute) : 0;
}

static struct mac get_mac(const struct attributes *attributes, unsigned type)
{
	struct mac mac = {0};
	const struct nlattr *attribute = attributes->at[type];
	if (attribute && mnl_attr_get_payload_len(attribute) == sizeof(mac.bytes)) {
		static const uint8_t ZERO[sizeof(mac.bytes)];
		memcpy(mac.bytes, mnl_attr_get_payload(attribute), sizeof(mac.bytes));
		mac.known = memcmp(mac.bytes, ZERO, sizeof(ZERO)) != 0;
	}
	return mac;
}

/* ADDRESS_NONE where the attribute is missing or of another length than the family's. */
static struct address get_address(const struct attributes *attributes, unsigned type, int family)
{
	struct address address = {0};
	const struct nlattr *attribute = attributes->at[type];
	size_t len = family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
	if (attribute && len > 0 && mnl_attr_get_payload_len(attribute) == len) {
		address.family = family == AF_INET ? ADDRESS_IPV4 : ADDRESS_IPV6;
		memcpy(address.bytes, mnl_attr_get_payload(attribute), len);
	}
	return address;
}

static void copy_text(char *out, size_t capacity, const struct nlattr *attribute)
{
	size_t len = strnlen(mnl_attr_get_payload(attribute), mnl_attr_get_payload_len(attribute));
	if (len > capacity - 1)
		len = capacity - 1;
	memcpy(out, mnl_attr_get_payload(attribute), len);
	out[len] = '\0';
}

/* What only one kind of link has. */
static int read_particulars(
    struct link *link, const struct attributes *attributes, const struct nlattr *data)
{
	struct attributes vlan = {.policy = VLAN_POLICY};
	uint32_t other = get_u32(attributes, IFLA_LINK, 0);

	if (strcmp(link->kind, "veth") == 0)
		link->peer = other;
	if (strcmp(link->kind, "vlan") != 0 || !data)
		return 0;
	if (mnl_attr_parse_nested(data, take_attribute, &vlan) < 0)
		return -EBADMSG;
	link->vlan = get_u16(&vlan, IFLA_VLAN_ID);
	/* in another namespace it would be another one's index */
	link->lower = link->peer_netns < 0 ? other : 0;
	return 0;
}

static int read_kind(
    struct link *link, unsigned short device_type, const struct attributes *attributes)
{
	struct attributes info = {.policy = LINKINFO_POLICY};
	const struct nlattr *linkinfo = attributes->at[IFLA_LINKINFO];
	if (linkinfo && mnl_attr_parse_nested(linkinfo, take_attribute, &info) < 0)
		return -EBADMSG;
	if (info.at[IFLA_INFO_KIND])
		copy_text(link->kind, sizeof(link->kind), info.at[IFLA_INFO_KIND]);
	else if (device_type == ARPHRD_LOOPBACK)
		strcpy(link->kind, "loopback");
	else if (device_type != ARPHRD_ETHER)
		strcpy(link->kind, "other");
	return read_particulars(link, attributes, info.at[IFLA_INFO_DATA]);
}

int rtnetlink_link(const struct nlmsghdr *message, struct link *link)
{
	struct attributes attributes;
	const struct ifinfomsg *info = take_apart(message, sizeof(*info), LINK_POLICY, &attributes);
	if (!info || info->ifi_index <= 0 || !attributes.at[IFLA_IFNAME])
		return -EBADMSG;
	*link = (struct link){
	    .index = (uint32_t)info->ifi_index,
	    .mac = get_mac(&attributes, IFLA_ADDRESS),
	    .permanent_mac = get_mac(&attributes, IFLA_PERM_ADDRESS),
	    .mtu = get_u32(&attributes, IFLA_MTU, 0),
	    /* The kernel counts an unknown carrier as running. */
	    .up = (info->ifi_flags & IFF_UP) && (info->ifi_flags & IFF_RUNNING),
	    .no_carrier = (info->ifi_flags & IFF_UP) && !(info->ifi_flags & IFF_RUNNING),
	    .loopback = info->ifi_flags & IFF_LOOPBACK,
	    .broadcast = info->ifi_flags & IFF_BROADCAST,
	    .multicast = info->ifi_flags & IFF_MULTICAST,
	    .point_to_point = info->ifi_flags & IFF_POINTOPOINT,
	    .master = get_u32(&attributes, IFLA_MASTER, 0),
	    .peer_netns = (int32_t)get_u32(&attributes, IFLA_LINK_NETNSID, (uint32_t)-1),
	};
	copy_text(link->name, sizeof(link->name), attributes.at[IFLA_IFNAME]);
	return read_kind(link, info->ifi_type, &attributes);
}

bool rtnetlink_is_about_link(const struct nlmsghdr *message)
{
	struct attributes attributes;
	const struct ifinfomsg *info = take_apart(message, sizeof(*info), LINK_POLICY, &attributes);
	return info && info->ifi_family == AF_UNSPEC && !attributes.at[IFLA_WIRELESS];
}

int rtnetlink_address(const struct nlmsghdr *message, uint32_t *link, struct link_address *address)
{
	struct attributes attributes;
	const struct ifaddrmsg *info =
	    take_apart(message, sizeof(*info), ADDRESS_POLICY, &attributes);
	if (!info)
		return -EBADMSG;
	*link = info->ifa_index;
	/* On a point-to-point link IFA_ADDRESS is the other end. */
	bool has_local = attributes.at[IFA_LOCAL];
	uint32_t flags = get_u32(&attributes, IFA_FLAGS, info->ifa_flags);
	*address = (struct link_address){
	    .prefix = {get_address(
			   &attributes, has_local ? IFA_LOCAL : IFA_ADDRESS, info->ifa_family),
		info->ifa_prefixlen},
	    .broadcast = get_address(&attributes, IFA_BROADCAST, info->ifa_family),
	    .usable = !(flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_DEPRECATED)),
	    /* of an IPv4 address the same bit means that it is not the first of its network */
	    .temporary = info->ifa_family == AF_INET6 && (flags & IFA_F_TEMPORARY),
	};
	struct address other = get_address(&attributes, IFA_ADDRESS, info->ifa_family);
	if (has_local && !address_equal(&other, &address->prefix.address))
		address->peer = other;
	return address_is_none(&address->prefix.address) ? -EBADMSG : 0;
}

/* States in which the kernel has a MAC. */
enum { NUD_TELLING = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT };

/* In NUD_DELAY and NUD_PROBE the kernel has not verified the MAC since it was stale. */
static enum neighbour_state state_of(uint16_t nud)
{
	if (nud & NUD_REACHABLE)
		return NEIGHBOUR_REACHABLE;
	return nud & (NUD_PERMANENT | NUD_NOARP) ? NEIGHBOUR_CONFIGURED : NEIGHBOUR_UNCONFIRMED;
}

/* A bridge also lists what is its own (permanent), and there are tables of single interfaces, which
 * have no master. What was configured (static) is NUD_NOARP here. */
static int read_forwarded(const struct nlmsghdr *message, const struct attributes *attributes,
    struct rtnetlink_neighbour *neighbour)
{
	const struct ndmsg *info = mnl_nlmsg_get_payload(message);

	neighbour->forwarded = true;
	neighbour->bridge = get_u32(attributes, NDA_MASTER, 0);
	neighbour->vlan = get_u16(attributes, NDA_VLAN);
	if (neighbour->bridge == 0 || !neighbour->mac.known || neighbour->bridge == neighbour->link)
		return -ENOENT;
	return message->nlmsg_type == RTM_NEWNEIGH && (info->ndm_state & NUD_PERMANENT) ? -ENOENT
											: 0;
}

int rtnetlink_neighbour(const struct nlmsghdr *message, struct rtnetlink_neighbour *neighbour)
{
	struct attributes attributes;
	const struct ndmsg *info =
	    take_apart(message, sizeof(*info), NEIGHBOUR_POLICY, &attributes);
	if (!info || info->ndm_ifindex <= 0)
		return -EBADMSG;
	*neighbour = (struct rtnetlink_neighbour){
	    .link = (uint32_t)info->ndm_ifindex,
	    .mac = get_mac(&attributes, NDA_LLADDR),
	    .state = state_of(info->ndm_state),
	};
	bool is_group = neighbour->mac.known && (neighbour->mac.bytes[0] & 1);
	if (info->ndm_family == AF_BRIDGE && !is_group)
		return read_forwarded(message, &attributes, neighbour);
	neighbour->address = get_address(&attributes, NDA_DST, info->ndm_family);
	if (address_is_none(&neighbour->address) || is_group)
		return -ENOENT;
	if (message->nlmsg_type == RTM_DELNEIGH)
		return 0;
	bool tells = neighbour->mac.known && (info->ndm_state & NUD_TELLING) &&
		     !(info->ndm_flags & NTF_PROXY);
	return tells ? 0 : -ENOENT;
}

bool rtnetlink_is_default_route(const struct nlmsghdr *message)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(message);
	return mnl_nlmsg_get_payload_len(message) >= sizeof(*info) && info->rtm_dst_len == 0 &&
	       info->rtm_table == RT_TABLE_MAIN && info->rtm_type == RTN_UNICAST;
}

int rtnetlink_gateway(const struct nlmsghdr *message, uint32_t *link, struct address *gateway)
{
	if (!rtnetlink_is_default_route(message))
		return -ENOENT;
	struct attributes attributes;
	const struct rtmsg *info = take_apart(message, sizeof(*info), ROUTE_POLICY, &attributes);
	if (!info)
		return -EBADMSG;
	*link = get_u32(&attributes, RTA_OIF, 0);
	*gateway = get_address(&attributes, RTA_GATEWAY, info->rtm_family);
	return *link == 0 || address_is_none(gateway) ? -ENOENT : 0;
}

/* SPDX-License-Identifier: ISC
 * Tests of net/rtnetlink on messages as the kernel writes them; test_netlink.c and
 * test_neighbour_feed.c have the kernel itself write some. */
#include "base/array.h"
#include "net/rtnetlink.h"
#include "suites.h"
#include <check.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

static char buffer[1024] __attribute__((aligned(NLMSG_ALIGNTO)));

static const uint8_t MAC[6] = {2, 0, 0, 0, 0, 9};
static const uint8_t GROUP[6] = {1, 0, 0x5e, 0, 0, 9};
static const uint8_t IPV4[4] = {10, 1, 2, 3};

static struct nlmsghdr *neighbour(uint16_t type, uint8_t family, uint16_t state, uint8_t flags)
{
	memset(buffer, 0, sizeof(buffer));
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	message->nlmsg_type = type;
	struct ndmsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));
	info->ndm_family = family;
	info->ndm_ifindex = 7;
	info->ndm_state = state;
	info->ndm_flags = flags;
	return message;
}

static struct nlmsghdr *at_address(uint16_t type, uint16_t state, uint8_t flags)
{
	struct nlmsghdr *message = neighbour(type, AF_INET, state, flags);
	mnl_attr_put(message, NDA_DST, sizeof(IPV4), IPV4);
	return message;
}

static int read_with_mac(
    struct nlmsghdr *message, const uint8_t *mac, struct rtnetlink_neighbour *n)
{
	mnl_attr_put(message, NDA_LLADDR, 6, mac);
	return rtnetlink_neighbour(message, n);
}

START_TEST(a_neighbour_is_told_in_every_state_with_a_mac)
{
	static const uint16_t TELLING[] = {
	    NUD_REACHABLE, NUD_STALE, NUD_DELAY, NUD_PROBE, NUD_PERMANENT};
	static const uint16_t SILENT[] = {NUD_NONE, NUD_INCOMPLETE, NUD_FAILED, NUD_NOARP};
	struct rtnetlink_neighbour n;
	for (size_t i = 0; i < COUNT_OF(TELLING); i++) {
		struct nlmsghdr *message = at_address(RTM_NEWNEIGH, TELLING[i], 0);
		ck_assert_int_eq(read_with_mac(message, MAC, &n), 0);
		ck_assert_uint_eq(n.link, 7);
		ck_assert(!n.forwarded && n.mac.known && memcmp(n.mac.bytes, MAC, 6) == 0);
		struct address address = address_ipv4(10, 1, 2, 3);
		ck_assert(address_equal(&n.address, &address));
	}
	for (size_t i = 0; i < COUNT_OF(SILENT); i++)
		ck_assert_int_eq(
		    read_with_mac(at_address(RTM_NEWNEIGH, SILENT[i], 0), MAC, &n), -ENOENT);
}
END_TEST

START_TEST(only_what_was_verified_or_configured_is_confirmed)
{
	static const struct {
		uint16_t nud;
		enum neighbour_state state;
	} STATES[] = {
	    {NUD_REACHABLE, NEIGHBOUR_REACHABLE},
	    {NUD_PERMANENT, NEIGHBOUR_CONFIGURED},
	    {NUD_STALE, NEIGHBOUR_UNCONFIRMED},
	    {NUD_DELAY, NEIGHBOUR_UNCONFIRMED},
	    {NUD_PROBE, NEIGHBOUR_UNCONFIRMED},
	};
	struct rtnetlink_neighbour n;
	for (size_t i = 0; i < COUNT_OF(STATES); i++) {
		struct nlmsghdr *message = at_address(RTM_NEWNEIGH, STATES[i].nud, 0);
		ck_assert_int_eq(read_with_mac(message, MAC, &n), 0);
		ck_assert_int_eq(n.state, STATES[i].state);
	}
}
END_TEST

START_TEST(entries_that_cannot_be_used_are_not_reported)
{
	struct rtnetlink_neighbour n;
	struct nlmsghdr *message = at_address(RTM_NEWNEIGH, NUD_REACHABLE, 0);
	ck_assert_int_eq(rtnetlink_neighbour(message, &n), -ENOENT);
	message = at_address(RTM_NEWNEIGH, NUD_PERMANENT, NTF_PROXY);
	ck_assert_int_eq(read_with_mac(message, MAC, &n), -ENOENT);
	message = at_address(RTM_NEWNEIGH, NUD_PERMANENT, 0);
	ck_assert_int_eq(read_with_mac(message, GROUP, &n), -ENOENT);
	message = neighbour(RTM_NEWNEIGH, AF_INET, NUD_REACHABLE, 0);
	ck_assert_int_eq(read_with_mac(message, MAC, &n), -ENOENT);
	/* A hardware address of eight bytes (IP over InfiniBand has twenty). */
	message = at_address(RTM_NEWNEIGH, NUD_REACHABLE, 0);
	mnl_attr_put(message, NDA_LLADDR, 8, "\2\0\0\0\0\0\0\1");
	ck_assert_int_eq(rtnetlink_neighbour(message, &n), -ENOENT);
	/* One that goes needs no MAC. */
	ck_assert_int_eq(rtnetlink_neighbour(at_address(RTM_DELNEIGH, NUD_FAILED, 0), &n), 0);
	ck_assert(!n.mac.known);
}
END_TEST

static struct nlmsghdr *behind_port(uint16_t type, uint16_t state, uint32_t bridge)
{
	struct nlmsghdr *message = neighbour(type, AF_BRIDGE, state, 0);
	if (bridge)
		mnl_attr_put_u32(message, NDA_MASTER, bridge);
	mnl_attr_put_u16(message, NDA_VLAN, 42);
	return message;
}

START_TEST(a_bridge_tells_ports)
{
	struct rtnetlink_neighbour n;
	ck_assert_int_eq(read_with_mac(behind_port(RTM_NEWNEIGH, NUD_REACHABLE, 3), MAC, &n), 0);
	ck_assert(n.forwarded && n.mac.known);
	ck_assert_uint_eq(n.bridge, 3);
	ck_assert_uint_eq(n.link, 7);
	ck_assert_uint_eq(n.vlan, 42);
	/* A configured entry. */
	ck_assert_int_eq(read_with_mac(behind_port(RTM_NEWNEIGH, NUD_NOARP, 3), MAC, &n), 0);
	/* Its own, an interface's own table, a group, the bridge itself. */
	ck_assert_int_eq(
	    read_with_mac(behind_port(RTM_NEWNEIGH, NUD_PERMANENT, 3), MAC, &n), -ENOENT);
	ck_assert_int_eq(
	    read_with_mac(behind_port(RTM_NEWNEIGH, NUD_REACHABLE, 0), MAC, &n), -ENOENT);
	ck_assert_int_eq(
	    read_with_mac(behind_port(RTM_NEWNEIGH, NUD_REACHABLE, 3), GROUP, &n), -ENOENT);
	ck_assert_int_eq(
	    read_with_mac(behind_port(RTM_NEWNEIGH, NUD_REACHABLE, 7), MAC, &n), -ENOENT);
	ck_assert_int_eq(read_with_mac(behind_port(RTM_DELNEIGH, NUD_PERMANENT, 3), MAC, &n), 0);
}
END_TEST

START_TEST(what_is_cut_off_is_malformed)
{
	struct rtnetlink_neighbour n;
	struct nlmsghdr *message = at_address(RTM_NEWNEIGH, NUD_REACHABLE, 0);
	message->nlmsg_len = NLMSG_HDRLEN + sizeof(struct ndmsg) - 1;
	ck_assert_int_eq(rtnetlink_neighbour(message, &n), -EBADMSG);
	message = at_address(RTM_NEWNEIGH, NUD_REACHABLE, 0);
	((struct ndmsg *)mnl_nlmsg_get_payload(message))->ndm_ifindex = 0;
	ck_assert_int_eq(read_with_mac(message, MAC, &n), -EBADMSG);
	message = behind_port(RTM_NEWNEIGH, NUD_REACHABLE, 0);
	mnl_attr_put_u8(message, NDA_MASTER, 1);
	ck_assert_int_eq(read_with_mac(message, MAC, &n), -EBADMSG);
}
END_TEST

static int read_vlan(int32_t netns, struct link *link)
{
	memset(buffer, 0, sizeof(buffer));
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	message->nlmsg_type = RTM_NEWLINK;
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));
	info->ifi_index = 9;
	info->ifi_type = ARPHRD_ETHER;
	mnl_attr_put_strz(message, IFLA_IFNAME, "br0.42");
	mnl_attr_put_u32(message, IFLA_LINK, 3);
	if (netns >= 0)
		mnl_attr_put_u32(message, IFLA_LINK_NETNSID, (uint32_t)netns);
	struct nlattr *linkinfo = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_str(message, IFLA_INFO_KIND, "vlan");
	struct nlattr *data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
	mnl_attr_put_u16(message, IFLA_VLAN_ID, 42);
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, linkinfo);
	return rtnetlink_link(message, link);
}

START_TEST(a_vlan_tells_its_number_and_what_is_below)
{
	struct link link;
	ck_assert_int_eq(read_vlan(-1, &link), 0);
	ck_assert_str_eq(link.kind, "vlan");
	ck_assert_uint_eq(link.vlan, 42);
	ck_assert_uint_eq(link.lower, 3);
	ck_assert_uint_eq(link.peer, 0);
	ck_assert_int_eq(read_vlan(1, &link), 0);
	ck_assert_uint_eq(link.lower, 0);
}
END_TEST

Suite *rtnetlink_suite(void)
{
	Suite *suite = suite_create("net/rtnetlink");
	TCase *tcase = tcase_create("rtnetlink");
	tcase_add_test(tcase, a_neighbour_is_told_in_every_state_with_a_mac);
	tcase_add_test(tcase, only_what_was_verified_or_configured_is_confirmed);
	tcase_add_test(tcase, entries_that_cannot_be_used_are_not_reported);
	tcase_add_test(tcase, a_bridge_tells_ports);
	tcase_add_test(tcase, what_is_cut_off_is_malformed);
	tcase_add_test(tcase, a_vlan_tells_its_number_and_what_is_below);
	suite_add_tcase(suite, tcase);
	return suite;
}

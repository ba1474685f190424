/* SPDX-License-Identifier: ISC
 * Tests of net/udp. */
#include "base/array.h"
#include "harness.h"
#include "net/sockaddr.h"
#include "net/udp.h"
#include "net/udp_inbox.h"
#include "suites.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 47005
enum { DATAGRAM_MAX = 9000 };

static struct udp_memory memory;

/* What a socket under test heard: how many, and the last one. */
struct heard {
	unsigned count, wanted;
	struct udp_datagram last;
	char text[DATAGRAM_MAX];
};

static void hear(void *context, struct udp *udp, const struct udp_datagram *datagram)
{
	(void)udp;
	struct heard *heard = context;
	heard->count++;
	heard->last = *datagram;
	ck_assert_uint_le(datagram->bytes.len, DATAGRAM_MAX);
	memcpy(heard->text, datagram->bytes.bytes, datagram->bytes.len);
	heard->last.bytes.bytes = heard->text;
}

static bool heard_all(void *context)
{
	struct heard *heard = context;
	return heard->count >= heard->wanted;
}

static void wait_for(struct loop *loop, struct heard *heard, unsigned wanted)
{
	heard->wanted = wanted;
	ck_assert(run_until(loop, heard_all, heard, NULL));
	ck_assert_uint_eq(heard->count, wanted);
}

static struct udp *open_udp(struct loop *loop, uint8_t family, uint16_t port, struct heard *heard)
{
	struct udp_options options = {.name = "test",
	    .family = family,
	    .port = port,
	    .memory = &memory,
	    .datagram_max = DATAGRAM_MAX,
	    .shared = port != 0,
	    .broadcast = true};
	struct udp *udp;
	ck_assert_int_eq(udp_open(loop, &options, hear, heard, &udp), 0);
	return udp;
}

static struct address_port to(const char *address, uint16_t port)
{
	struct address_port endpoint = {.port = port};
	ck_assert_int_eq(address_parse(slice_of(address), &endpoint.address), 0);
	return endpoint;
}

static uint64_t counter(const struct udp *udp, const char *name)
{
	struct counter_group group = udp_counters(udp);
	for (size_t i = 0; i < group.count; i++)
		if (strcmp(group.counters[i].name, name) == 0)
			return group.counters[i].value;
	ck_abort_msg("no counter %s", name);
	return 0;
}

static void check_text(const struct address *address, const char *expected)
{
	char text[ADDRESS_TEXT_MAX];
	ck_assert_str_eq(address_text(address, text), expected);
}

static int send_one(struct udp *udp, struct udp_send send)
{
	udp_send(udp, &send, 1);
	return send.error;
}

static int send_text(struct udp *udp, uint32_t link, struct address_port endpoint, const char *text)
{
	struct udp_send send = {.link = link, .to = endpoint, .bytes = slice_of(text)};
	return send_one(udp, send);
}

/* The two hosts, one socket on the well-known port here and one on an own port there. */
struct wire {
	struct two_hosts hosts;
	struct loop *loop;
	struct heard heard, heard_there;
	struct udp *here, *there;
	uint32_t link, link_there;
};

static bool wire_up(struct wire *wire, const char *test, uint8_t family)
{
	memset(wire, 0, sizeof(*wire));
	if (!two_hosts_enter(test, &wire->hosts))
		return false;
	wire->loop = loop_new();
	wire->link = link_index("eth0");
	wire->here = open_udp(wire->loop, family, PORT, &wire->heard);
	go_to(wire->hosts.there);
	wire->link_there = link_index("eth0");
	wire->there = open_udp(wire->loop, family, 0, &wire->heard_there);
	go_to(wire->hosts.here);
	return true;
}

static void wire_down(struct wire *wire)
{
	udp_close(wire->here);
	udp_close(wire->there);
	loop_free(wire->loop);
	two_hosts_leave(&wire->hosts);
}

START_TEST(a_broadcast_goes_out_of_its_link_without_any_route)
{
	struct wire wire;
	if (!wire_up(&wire, "a_broadcast_goes_out_of_its_link_without_any_route", ADDRESS_IPV4))
		return;
	struct address_port all = to("255.255.255.255", PORT);
	ck_assert_int_eq(send_text(wire.there, 0, all, "x"), -ENETUNREACH);
	ck_assert_uint_eq(counter(wire.there, "send-errors"), 1);
	ck_assert_int_eq(send_text(wire.there, wire.link_there, all, "DISCOVER"), 0);
	wait_for(wire.loop, &wire.heard, 1);
	ck_assert(slice_equal(wire.heard.last.bytes, SLICE("DISCOVER")));
	ck_assert_uint_eq(wire.heard.last.link, wire.link);
	ck_assert_uint_eq(wire.heard.last.from.port, udp_port(wire.there));
	check_text(&wire.heard.last.from.address, "10.9.0.2");
	check_text(&wire.heard.last.to, "255.255.255.255");
	wire_down(&wire);
}
END_TEST

START_TEST(the_source_is_the_one_that_was_chosen)
{
	struct wire wire;
	if (!wire_up(&wire, "the_source_is_the_one_that_was_chosen", ADDRESS_IPV4))
		return;
	go_to(wire.hosts.there);
	command("ip addr add 10.9.0.77/24 dev eth0");
	struct udp_send send = {
	    .link = wire.link_there,
	    .source = to("10.9.0.77", 0).address,
	    .to = to("10.9.0.255", PORT),
	    .bytes = SLICE("x"),
	};
	ck_assert_int_eq(send_one(wire.there, send), 0);
	wait_for(wire.loop, &wire.heard, 1);
	check_text(&wire.heard.last.from.address, "10.9.0.77");
	/* An address that is not ours is refused and counted, no more. */
	send.source = to("10.9.0.78", 0).address;
	ck_assert_int_lt(send_one(wire.there, send), 0);
	ck_assert_uint_eq(counter(wire.there, "send-errors"), 1);
	wire_down(&wire);
}
END_TEST

static void multicast(const char *test, uint8_t family, const char *group, const char *unicast)
{
	struct wire wire;
	if (!wire_up(&wire, test, family))
		return;
	struct address_port all = to(group, PORT), one = to(unicast, PORT);
	/* Another program's membership is not ours. */
	struct heard neighbour_heard = {0};
	struct udp *neighbour = open_udp(wire.loop, family, PORT, &neighbour_heard);
	ck_assert_int_eq(udp_join(neighbour, &all.address, wire.link), 0);
	ck_assert_int_eq(send_text(wire.there, wire.link_there, all, "first"), 0);
	wait_for(wire.loop, &neighbour_heard, 1);
	ck_assert_uint_eq(wire.heard.count, 0);
	ck_assert_int_eq(udp_join(wire.here, &all.address, wire.link), 0);
	ck_assert_int_eq(udp_join(wire.here, &all.address, wire.link), 0);
	ck_assert_int_eq(send_text(wire.there, wire.link_there, all, "second"), 0);
	wait_for(wire.loop, &wire.heard, 1);
	ck_assert(slice_equal(wire.heard.last.bytes, SLICE("second")));
	check_text(&wire.heard.last.to, group);
	ck_assert_uint_eq(wire.heard.last.link, wire.link);
	wait_for(wire.loop, &neighbour_heard, 2);
	udp_close(neighbour);
	udp_leave(wire.here, &all.address, wire.link);
	ck_assert_int_eq(send_text(wire.there, wire.link_there, all, "third"), 0);
	ck_assert_int_eq(send_text(wire.there, wire.link_there, one, "fourth"), 0);
	wait_for(wire.loop, &wire.heard, 2);
	ck_assert(slice_equal(wire.heard.last.bytes, SLICE("fourth")));
	check_text(&wire.heard.last.to, unicast);
	wire_down(&wire);
}

START_TEST(a_multicast_is_heard_where_it_was_joined)
{
	multicast("a_multicast_is_heard_where_it_was_joined", ADDRESS_IPV4, "239.255.255.250",
	    "10.9.0.1");
}
END_TEST

START_TEST(ipv6_works_the_same_way)
{
	multicast("ipv6_works_the_same_way", ADDRESS_IPV6, "ff02::c", "fd09::1");
}
END_TEST

/* How far the next datagram on a plain socket could have gone. */
static int received_ttl(int fd)
{
	char byte, control[256];
	struct iovec iov = {&byte, 1};
	struct msghdr message = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = control,
	    .msg_controllen = sizeof(control)};
	ck_assert_int_eq(recvmsg(fd, &message, 0), 1);
	int ttl;
	ck_assert_ptr_nonnull(CMSG_FIRSTHDR(&message));
	memcpy(&ttl, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(ttl));
	return ttl;
}

static int plain_receiver(uint8_t family, const struct address_port *group, uint32_t link)
{
	bool ipv6 = family == ADDRESS_IPV6;
	int level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, yes = 1;
	int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct group_req request = {.gr_interface = link};
	struct timeval limit = {.tv_sec = 5};
	socklen_t len = sockaddr_from_endpoint(group, link, &request.gr_group);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, level, ipv6 ? IPV6_RECVHOPLIMIT : IP_RECVTTL, &yes, sizeof(yes));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&request.gr_group, len), 0);
	if (address_is_multicast(&group->address))
		ck_assert_int_eq(
		    setsockopt(fd, level, MCAST_JOIN_GROUP, &request, sizeof(request)), 0);
	return fd;
}

static void check_ttl(const char *test, uint8_t family, const char *group)
{
	struct wire wire;
	if (!wire_up(&wire, test, family))
		return;
	struct address_port all = to(group, PORT + 1);
	int fd = plain_receiver(family, &all, wire.link);
	struct udp_send send = {.link = wire.link_there, .to = all, .bytes = SLICE("x")};
	static const uint8_t TTLS[][2] = {{0, 1}, {2, 2}, {4, 4}, {0, 1}, {255, 255}};
	for (size_t i = 0; i < COUNT_OF(TTLS); i++) {
		send.ttl = TTLS[i][0];
		ck_assert_int_eq(send_one(wire.there, send), 0);
		ck_assert_int_eq(received_ttl(fd), TTLS[i][1]);
	}
	close(fd);
	wire_down(&wire);
}

START_TEST(the_ttl_of_a_multicast_is_set_by_message)
{
	check_ttl("the_ttl_of_a_multicast_is_set_by_message", ADDRESS_IPV4, "239.255.255.250");
	check_ttl("the_ttl_of_a_multicast_is_set_by_message", ADDRESS_IPV6, "ff02::c");
}
END_TEST

START_TEST(an_index_that_comes_back_can_be_joined_again)
{
	struct wire wire;
	if (!wire_up(&wire, "an_index_that_comes_back_can_be_joined_again", ADDRESS_IPV4))
		return;
	struct address_port all = to("239.255.255.250", PORT);
	for (int i = 0; i < 30; i++) {
		command(
		    "ip link add name v0 index 4242 type veth peer name v1 && ip link set v0 up");
		ck_assert_int_eq(udp_join(wire.here, &all.address, 4242), 0);
		command("ip link del v0");
		udp_leave(wire.here, &all.address, 4242);
	}
	ck_assert_int_eq(udp_join(wire.here, &all.address, 4242), -ENODEV);
	wire_down(&wire);
}
END_TEST

enum { NETWORKS = 45 };

/* Bridges without a port: what is sent there comes back by the kernel's own loop. */
static void add_networks(void)
{
	command("for i in $(seq %d); do echo link add b$i type bridge; echo addr add 10.$i.0.1/24 "
		"dev b$i; echo link set b$i up; done | ip -batch -",
	    NETWORKS);
}

static uint32_t network_link(unsigned number)
{
	char name[16];
	snprintf(name, sizeof(name), "b%u", number);
	return link_index(name);
}

static void join_all(struct udp *udp, const struct address *group)
{
	for (unsigned i = 1; i <= NETWORKS; i++) {
		ck_assert_int_eq(udp_join(udp, group, network_link(i)), 0);
		ck_assert_int_eq(udp_membership(udp, group, network_link(i)), 0);
	}
}

static void leave_all(struct udp *udp, const struct address *group)
{
	for (unsigned i = 1; i <= NETWORKS; i++) {
		udp_leave(udp, group, network_link(i));
		ck_assert_int_eq(udp_membership(udp, group, network_link(i)), -ENOENT);
	}
}

/* Sends by `udp`, and it is heard once. */
static void check_heard_once(
    struct wire *wire, struct udp *udp, uint32_t link, struct address_port to)
{
	ck_assert_int_eq(send_text(udp, link, to, "x"), 0);
	wait_for(wire->loop, &wire->heard, wire->heard.count + 1);
	ck_assert(address_equal(&wire->heard.last.to, &to.address));
}

/* Another copy would have arrived before what is sent after it. */
static void check_all_heard_once(struct wire *wire, struct udp *sender, struct address_port group)
{
	for (unsigned i = 1; i <= NETWORKS; i++) {
		check_heard_once(wire, sender, network_link(i), group);
		ck_assert_uint_eq(wire->heard.last.link, network_link(i));
	}
	check_heard_once(wire, wire->there, wire->link_there, to("10.9.0.1", PORT));
	check_heard_once(wire, wire->there, wire->link_there, to("10.9.0.255", PORT));
	run_for(wire->loop, MILLISECONDS(50));
	ck_assert_uint_eq(wire->heard.count, wire->heard.wanted);
}

START_TEST(more_links_than_a_socket_may_join_take_more_sockets)
{
	struct wire wire;
	if (!wire_up(&wire, "more_links_than_a_socket_may_join_take_more_sockets", ADDRESS_IPV4))
		return;
	struct heard nothing = {0};
	struct udp *sender = open_udp(wire.loop, ADDRESS_IPV4, 0, &nothing);
	struct address_port group = to("239.255.255.250", PORT), other = to("239.1.1.1", PORT);
	add_networks();
	join_all(wire.here, &group.address);
	ck_assert_uint_eq(udp_sockets(wire.here), 3);
	check_all_heard_once(&wire, sender, group);
	ck_assert_int_eq(udp_join(wire.here, &other.address, wire.link), 0);
	check_heard_once(&wire, wire.there, wire.link_there, other);
	udp_leave(wire.here, &other.address, wire.link);
	leave_all(wire.here, &group.address);
	ck_assert_uint_eq(udp_sockets(wire.here), 1);
	for (int i = 0; i < 50; i++) {
		join_all(wire.here, &group.address);
		ck_assert_uint_eq(udp_sockets(wire.here), 3);
		leave_all(wire.here, &group.address);
	}
	ck_assert_uint_eq(udp_sockets(wire.here), 1);
	udp_close(sender);
	wire_down(&wire);
}
END_TEST

static struct address ipv6_group(unsigned number)
{
	struct address group = {.family = ADDRESS_IPV6, .bytes = {0xff, 2}};
	group.bytes[14] = (uint8_t)(1 + number / 256);
	group.bytes[15] = (uint8_t)number;
	return group;
}

/* There optmem_max is the limit, and a group counts like a link. */
START_TEST(ipv6_memberships_are_as_many_as_are_wanted)
{
	struct wire wire;
	if (!wire_up(&wire, "ipv6_memberships_are_as_many_as_are_wanted", ADDRESS_IPV6))
		return;
	unsigned count = 0;
	for (; count < 20000 && udp_sockets(wire.here) < 2; count++) {
		struct address group = ipv6_group(count);
		ck_assert_int_eq(udp_join(wire.here, &group, wire.link), 0);
	}
	ck_assert_uint_eq(udp_sockets(wire.here), 2);
	const unsigned sent[] = {0, count / 2, count - 2, count - 1};
	for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++)
		check_heard_once(&wire, wire.there, wire.link_there,
		    (struct address_port){ipv6_group(sent[i]), PORT});
	check_heard_once(&wire, wire.there, wire.link_there, to("fd09::1", PORT));
	run_for(wire.loop, MILLISECONDS(50));
	ck_assert_uint_eq(wire.heard.count, wire.heard.wanted);
	wire_down(&wire);
}
END_TEST

START_TEST(a_group_that_cannot_be_joined_is_known)
{
	struct wire wire;
	if (!wire_up(&wire, "a_group_that_cannot_be_joined_is_known", ADDRESS_IPV4))
		return;
	struct address group = to("239.255.255.250", 0).address;
	command("echo 0 >/proc/sys/net/ipv4/igmp_max_memberships");
	ck_assert_int_eq(udp_join(wire.here, &group, wire.link), -ENOBUFS);
	ck_assert_int_eq(udp_membership(wire.here, &group, wire.link), -ENOBUFS);
	ck_assert_uint_eq(udp_sockets(wire.here), 1);
	command("echo 20 >/proc/sys/net/ipv4/igmp_max_memberships");
	ck_assert_int_eq(udp_join(wire.here, &group, wire.link), 0);
	ck_assert_int_eq(udp_membership(wire.here, &group, wire.link), 0);
	wire_down(&wire);
}
END_TEST

static const uint16_t LONGEST[] = {512, 8192, 9000};

START_TEST(what_is_too_long_is_marked)
{
	if (!enter_namespace("what_is_too_long_is_marked"))
		return;
	struct loop *loop = loop_new();
	struct heard heard = {0};
	struct udp_options options = {.name = "test",
	    .family = ADDRESS_IPV4,
	    .port = PORT,
	    .datagram_max = LONGEST[_i],
	    .memory = &memory};
	struct udp *udp;
	ck_assert_int_eq(udp_open(loop, &options, hear, &heard, &udp), 0);
	char bytes[DATAGRAM_MAX + 1];
	memset(bytes, 'a', sizeof(bytes));
	struct udp_send send = {.to = to("127.0.0.1", PORT), .bytes = {bytes, LONGEST[_i]}};
	ck_assert_int_eq(send_one(udp, send), 0);
	wait_for(loop, &heard, 1);
	ck_assert(!heard.last.truncated);
	send.bytes.len++;
	ck_assert_int_eq(send_one(udp, send), 0);
	wait_for(loop, &heard, 2);
	ck_assert(heard.last.truncated);
	ck_assert_uint_eq(heard.last.bytes.len, LONGEST[_i]);
	ck_assert_uint_eq(counter(udp, "truncated"), 1);
	send.bytes.len = 0;
	ck_assert_int_eq(send_one(udp, send), 0);
	wait_for(loop, &heard, 3);
	ck_assert_uint_eq(heard.last.bytes.len, 0);
	udp_close(udp);
	loop_free(loop);
}
END_TEST

/* A socket that is bound to its groups, and what another program's socket on its port hears. */
static const struct group_case {
	uint8_t family;
	const char *group, *other, *here, *there;
} GROUPS[] = {
    {ADDRESS_IPV4, "224.0.0.251", "224.0.0.250", "10.9.0.1", "10.9.0.2"},
    {ADDRESS_IPV6, "ff02::fb", "ff02::fa", "fd09::1", "fd09::2"},
    {ADDRESS_IPV6, "ff05::fb", "ff05::fa", "fd09::1", "fd09::2"},
};

START_TEST(a_socket_bound_to_its_group_leaves_unicast_to_others)
{
	const struct group_case *at = &GROUPS[_i];
	struct wire wire;
	if (!wire_up(&wire, "a_socket_bound_to_its_group_leaves_unicast_to_others", at->family))
		return;
	struct address_port group = to(at->group, PORT), other = to(at->other, PORT);
	struct udp_options options = {.name = "test",
	    .family = at->family,
	    .port = PORT,
	    .memory = &memory,
	    .datagram_max = DATAGRAM_MAX,
	    .shared = true,
	    .by_group = true};
	struct heard heard = {0};
	struct udp *bound;
	/* the other program comes first, so that of two equal sockets the later one would hear */
	ck_assert_int_eq(udp_open(wire.loop, &options, hear, &heard, &bound), 0);
	ck_assert_uint_eq(udp_port(bound), PORT);
	ck_assert_int_eq(send_text(bound, wire.link, group, "too early"), -ENOTCONN);
	ck_assert_int_eq(udp_join(bound, &group.address, wire.link), 0);
	ck_assert_int_eq(udp_join(bound, &group.address, link_index("lo")), 0);
	ck_assert_uint_eq(udp_sockets(bound), at->family == ADDRESS_IPV6 ? 2 : 1);

	ck_assert_int_eq(send_text(wire.there, wire.link_there, to(at->here, PORT), "unicast"), 0);
	wait_for(wire.loop, &wire.heard, 1);
	ck_assert_int_eq(send_text(wire.there, wire.link_there, other, "other group"), 0);
	ck_assert_int_eq(send_text(wire.there, wire.link_there, group, "group"), 0);
	wait_for(wire.loop, &heard, 1);
	ck_assert(slice_equal(heard.last.bytes, SLICE("group")));
	ck_assert_uint_eq(heard.last.link, wire.link);
	ck_assert_uint_eq(wire.heard.count, 1);

	/* it sends from its port, to a host and to the group */
	ck_assert_int_eq(
	    send_text(bound, wire.link, to(at->there, udp_port(wire.there)), "answer"), 0);
	wait_for(wire.loop, &wire.heard_there, 1);
	ck_assert_uint_eq(wire.heard_there.last.from.port, PORT);
	check_text(&wire.heard_there.last.from.address, at->here);
	ck_assert_int_eq(send_text(bound, wire.link, group, "again"), 0);
	wait_for(wire.loop, &heard, 2);

	udp_leave(bound, &group.address, wire.link);
	udp_leave(bound, &group.address, link_index("lo"));
	ck_assert_uint_eq(udp_sockets(bound), 0);
	ck_assert_int_eq(send_text(bound, wire.link, group, "too late"), -ENOTCONN);
	udp_close(bound);
	wire_down(&wire);
}
END_TEST

/* The first socket is there in any case. */
START_TEST(further_sockets_leave_descriptors_to_others)
{
	struct wire wire;
	if (!wire_up(&wire, "further_sockets_leave_descriptors_to_others", ADDRESS_IPV6))
		return;
	struct address group = to("ff02::fb", PORT).address;
	struct udp_options options = {.name = "test",
	    .family = ADDRESS_IPV6,
	    .port = PORT,
	    .memory = &memory,
	    .datagram_max = DATAGRAM_MAX,
	    .shared = true,
	    .by_group = true,
	    .descriptors_end = 1};
	struct heard heard = {0};
	struct udp *bound;
	ck_assert_int_eq(udp_open(wire.loop, &options, hear, &heard, &bound), 0);
	ck_assert_int_eq(udp_join(bound, &group, wire.link), 0);
	ck_assert_int_eq(udp_join(bound, &group, link_index("lo")), -EMFILE);
	ck_assert_uint_eq(udp_sockets(bound), 1);
	udp_leave(bound, &group, wire.link);
	ck_assert_int_eq(udp_join(bound, &group, link_index("lo")), 0);
	udp_close(bound);
	wire_down(&wire);
}
END_TEST

START_TEST(a_socket_bound_to_the_broadcast_address_leaves_unicast_to_others)
{
	struct wire wire;
	if (!wire_up(&wire, "a_socket_bound_to_the_broadcast_address_leaves_unicast_to_others",
		ADDRESS_IPV4))
		return;
	struct address_port all = to("255.255.255.255", PORT);
	struct udp_options options = {.name = "test",
	    .family = ADDRESS_IPV4,
	    .port = PORT,
	    .memory = &memory,
	    .datagram_max = DATAGRAM_MAX,
	    .shared = true,
	    .by_group = true};
	struct heard heard = {0};
	struct udp *bound;
	ck_assert_int_eq(udp_open(wire.loop, &options, hear, &heard, &bound), 0);
	ck_assert_int_eq(udp_join(bound, &all.address, wire.link), 0);
	ck_assert_int_eq(udp_join(bound, &all.address, link_index("lo")), 0);
	ck_assert_uint_eq(udp_sockets(bound), 1);
	ck_assert_int_eq(udp_membership(bound, &all.address, wire.link), 0);

	ck_assert_int_eq(
	    send_text(wire.there, wire.link_there, to("10.9.0.1", PORT), "unicast"), 0);
	wait_for(wire.loop, &wire.heard, 1);
	ck_assert_int_eq(send_text(wire.there, wire.link_there, all, "broadcast"), 0);
	wait_for(wire.loop, &heard, 1);
	ck_assert(slice_equal(heard.last.bytes, SLICE("broadcast")));
	ck_assert_uint_eq(heard.last.link, wire.link);
	wait_for(wire.loop, &wire.heard, 2);

	udp_leave(bound, &all.address, wire.link);
	ck_assert_uint_eq(udp_sockets(bound), 1);
	udp_leave(bound, &all.address, link_index("lo"));
	ck_assert_uint_eq(udp_sockets(bound), 0);
	udp_close(bound);
	wire_down(&wire);
}
END_TEST

START_TEST(the_ttl_of_a_socket_holds_for_all_that_it_sends)
{
	const struct group_case *at = &GROUPS[_i];
	struct wire wire;
	if (!wire_up(&wire, "the_ttl_of_a_socket_holds_for_all_that_it_sends", at->family))
		return;
	struct address_port group = to(at->group, PORT + 1), one = to(at->here, PORT + 1);
	int fd = plain_receiver(at->family, &group, wire.link);
	int unicast = plain_receiver(at->family, &one, 0);
	struct udp_options options = {.name = "test",
	    .family = at->family,
	    .port = PORT,
	    .memory = &memory,
	    .datagram_max = DATAGRAM_MAX,
	    .ttl = 255,
	    .shared = true,
	    .by_group = true};
	struct heard nothing = {0};
	struct udp *udp;
	go_to(wire.hosts.there);
	ck_assert_int_eq(udp_open(wire.loop, &options, hear, &nothing, &udp), 0);
	ck_assert_int_eq(udp_join(udp, &group.address, wire.link_there), 0);
	struct udp_send send = {.link = wire.link_there, .to = group, .bytes = SLICE("x")};
	ck_assert_int_eq(send_one(udp, send), 0);
	ck_assert_int_eq(received_ttl(fd), 255);
	send.ttl = 3;
	ck_assert_int_eq(send_one(udp, send), 0);
	ck_assert_int_eq(received_ttl(fd), 3);
	send.to = one;
	ck_assert_int_eq(send_one(udp, send), 0);
	ck_assert_int_eq(received_ttl(unicast), 255);
	go_to(wire.hosts.here);
	udp_close(udp);
	close(fd);
	close(unicast);
	wire_down(&wire);
}
END_TEST

START_TEST(a_full_queue_is_read_in_shares_and_its_losses_counted)
{
	if (!enter_namespace("a_full_queue_is_read_in_shares_and_its_losses_counted"))
		return;
	struct loop *loop = loop_new();
	struct heard heard = {0}, nothing = {0};
	struct udp *udp = open_udp(loop, ADDRESS_IPV4, PORT, &heard);
	struct udp *sender = open_udp(loop, ADDRESS_IPV4, 0, &nothing);
	const unsigned burst = 10000;
	for (unsigned i = 0; i < burst; i++)
		ck_assert_int_eq(send_text(sender, 0, to("127.0.0.1", PORT), "x"), 0);
	unsigned rounds;
	heard.wanted = 130;
	ck_assert(run_until(loop, heard_all, &heard, &rounds));
	/* The first round is the one before sleeping. */
	ck_assert_uint_eq(rounds, 4);
	ck_assert_uint_eq(heard.count, 3 * 64);
	run_ready(loop);
	ck_assert_uint_lt(heard.count, burst);
	/* The kernel tells of its losses with the next datagram that finds room. */
	unsigned lost = burst - heard.count;
	ck_assert_uint_eq(udp_drops(udp), lost);
	ck_assert_int_eq(send_text(sender, 0, to("127.0.0.1", PORT), "y"), 0);
	wait_for(loop, &heard, heard.count + 1);
	ck_assert_uint_eq(counter(udp, "kernel-drops"), lost);
	udp_close(udp);
	udp_close(sender);
	loop_free(loop);
}
END_TEST

START_TEST(an_unreachable_peer_does_not_disturb)
{
	if (!enter_namespace("an_unreachable_peer_does_not_disturb"))
		return;
	struct loop *loop = loop_new();
	struct heard heard = {0};
	struct udp *udp = open_udp(loop, ADDRESS_IPV4, PORT, &heard);
	/* No program listens at the next port: an ICMP message comes back for each. */
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(send_text(udp, 0, to("127.0.0.1", PORT + 1), "x"), 0);
	ck_assert_int_eq(send_text(udp, 0, to("127.0.0.1", PORT), "x"), 0);
	wait_for(loop, &heard, 1);
	udp_close(udp);
	loop_free(loop);
}
END_TEST

START_TEST(a_port_that_is_not_shared_is_refused)
{
	if (!enter_namespace("a_port_that_is_not_shared_is_refused"))
		return;
	struct loop *loop = loop_new();
	struct heard heard = {0};
	struct udp_options options = {.name = "test",
	    .family = ADDRESS_IPV4,
	    .port = PORT,
	    .memory = &memory,
	    .datagram_max = DATAGRAM_MAX};
	struct udp *udp, *second;
	ck_assert_int_eq(udp_open(loop, &options, hear, &heard, &udp), 0);
	ck_assert_uint_eq(udp_port(udp), PORT);
	ck_assert_int_eq(udp_open(loop, &options, hear, &heard, &second), -EADDRINUSE);
	ck_assert_int_eq(send_text(udp, 0, to("::1", PORT), "x"), -EAFNOSUPPORT);
	struct address_port group = to("ff02::c", 0);
	ck_assert_int_eq(udp_join(udp, &group.address, 1), -EAFNOSUPPORT);
	udp_close(udp);
	loop_free(loop);
}
END_TEST

/* Notes the first bytes of what comes. */
static void hear_order(void *context, struct udp *udp, const struct udp_datagram *datagram)
{
	struct heard *heard = context;
	(void)udp;
	ck_assert_uint_gt(datagram->bytes.len, 0);
	heard->text[heard->count++] = datagram->bytes.bytes[0];
}

static struct udp *open_listener(struct loop *loop, uint16_t port, struct heard *heard)
{
	struct udp_options options = {.name = "test",
	    .family = ADDRESS_IPV4,
	    .port = port,
	    .memory = &memory,
	    .datagram_max = DATAGRAM_MAX};
	struct udp *udp;
	ck_assert_int_eq(udp_open(loop, &options, hear_order, heard, &udp), 0);
	return udp;
}

START_TEST(what_cannot_be_sent_stops_nothing_else)
{
	if (!enter_namespace("what_cannot_be_sent_stops_nothing_else"))
		return;
	static char huge[70000];
	struct loop *loop = loop_new();
	struct heard heard = {0}, nothing = {0};
	struct udp *udp = open_listener(loop, PORT, &heard), *sender;
	sender = open_udp(loop, ADDRESS_IPV4, 0, &nothing);
	struct address_port here = to("127.0.0.1", PORT);
	struct udp_send sends[] = {
	    {.to = here, .bytes = SLICE("a")},
	    {.to = here, .bytes = {huge, sizeof(huge)}},
	    {.to = to("10.1.2.3", PORT), .bytes = SLICE("x")},
	    {.to = here, .bytes = SLICE("b")},
	    {.to = to("::1", PORT), .bytes = SLICE("x")},
	    {.to = here, .bytes = SLICE("c")},
	    {.to = to("10.1.2.3", PORT), .bytes = SLICE("x")},
	    {.to = to("10.1.2.3", PORT), .bytes = SLICE("x")},
	};
	const int errors[] = {
	    0, -EMSGSIZE, -ENETUNREACH, 0, -EAFNOSUPPORT, 0, -ENETUNREACH, -ENETUNREACH};
	udp_send(sender, sends, COUNT_OF(sends));
	for (size_t i = 0; i < COUNT_OF(sends); i++)
		ck_assert_int_eq(sends[i].error, errors[i]);
	run_ready(loop);
	ck_assert_str_eq(heard.text, "abc");
	ck_assert_uint_eq(counter(sender, "sent"), 3);
	ck_assert_uint_eq(counter(sender, "send-errors"), 5);
	udp_close(udp);
	udp_close(sender);
	loop_free(loop);
}
END_TEST

START_TEST(many_arrive_in_the_order_in_which_they_were_sent)
{
	if (!enter_namespace("many_arrive_in_the_order_in_which_they_were_sent"))
		return;
	enum { COUNT = 200 };
	struct loop *loop = loop_new();
	struct heard heard = {0}, nothing = {0};
	struct udp *udp = open_listener(loop, PORT, &heard), *sender;
	struct udp_send sends[COUNT];
	char bytes[COUNT][3];
	sender = open_udp(loop, ADDRESS_IPV4, 0, &nothing);
	for (size_t i = 0; i < COUNT; i++) {
		memset(bytes[i], (int)i + 1, sizeof(bytes[i]));
		/* runs of one length, of others, and of ever shorter ones */
		size_t len = i < 80 ? 2 : 1 + (i < 140 ? i % 3 : 2 - i % 3);
		sends[i] = (struct udp_send){.to = to("127.0.0.1", PORT), .bytes = {bytes[i], len}};
	}
	udp_send(sender, sends, COUNT);
	run_ready(loop);
	ck_assert_uint_eq(heard.count, COUNT);
	for (size_t i = 0; i < COUNT; i++) {
		ck_assert_int_eq(sends[i].error, 0);
		ck_assert_int_eq((unsigned char)heard.text[i], (int)i + 1);
	}
	ck_assert_uint_eq(counter(sender, "sent"), COUNT);
	udp_close(udp);
	udp_close(sender);
	loop_free(loop);
}
END_TEST

/* Sends three of 1000 bytes and a shorter one. */
static void send_run(struct udp *sender)
{
	static const char bytes[1000];
	struct udp_send sends[4];
	for (size_t i = 0; i < COUNT_OF(sends); i++)
		sends[i] = (struct udp_send){
		    .to = to("127.0.0.1", PORT), .bytes = {bytes, i < 3 ? sizeof(bytes) : 300}};
	udp_send(sender, sends, COUNT_OF(sends));
	for (size_t i = 0; i < COUNT_OF(sends); i++)
		ck_assert_int_eq(sends[i].error, 0);
	ck_assert_uint_eq(counter(sender, "sent"), 4);
}

START_TEST(equally_long_ones_to_one_host_leave_as_segments)
{
	if (!enter_namespace("equally_long_ones_to_one_host_leave_as_segments"))
		return;
	struct loop *loop = loop_new();
	struct heard nothing = {0};
	struct address_port here = to("127.0.0.1", PORT);
	int fd = plain_receiver(ADDRESS_IPV4, &here, 0), one = 1;
	struct udp *sender = open_udp(loop, ADDRESS_IPV4, 0, &nothing);
	char bytes[DATAGRAM_MAX];
	/* what came as segments is read at once */
	if (setsockopt(fd, IPPROTO_UDP, 104 /* UDP_GRO */, &one, sizeof(one)) == 0) {
		send_run(sender);
		ck_assert_int_eq(recv(fd, bytes, sizeof(bytes), 0), 3300);
	}
	close(fd);
	udp_close(sender);
	loop_free(loop);
}
END_TEST

START_TEST(segments_that_do_not_fit_leave_one_by_one)
{
	if (!enter_namespace("segments_that_do_not_fit_leave_one_by_one"))
		return;
	struct loop *loop = loop_new();
	struct heard heard = {0}, nothing = {0};
	struct udp *udp = open_udp(loop, ADDRESS_IPV4, PORT, &heard);
	struct udp *sender = open_udp(loop, ADDRESS_IPV4, 0, &nothing);
	command("ip link set lo mtu 600");
	send_run(sender);
	wait_for(loop, &heard, 4);
	ck_assert_uint_eq(heard.last.bytes.len, 300);
	udp_close(udp);
	udp_close(sender);
	loop_free(loop);
}
END_TEST

START_TEST(traffic_is_counted_by_link)
{
	struct wire wire;
	if (!wire_up(&wire, "traffic_is_counted_by_link", ADDRESS_IPV4))
		return;
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(
		    send_text(wire.there, wire.link_there, to("10.9.0.1", PORT), "x"), 0);
	wait_for(wire.loop, &wire.heard, 3);
	ck_assert_int_eq(send_text(wire.here, wire.link, wire.heard.last.from, "y"), 0);
	wait_for(wire.loop, &wire.heard_there, 1);
	udp_note_drop(wire.here, wire.link);
	udp_note_drop(wire.here, 4711);
	struct udp_traffic sum = {.received = 10, .sent = 20, .dropped = 30};
	udp_link_traffic(wire.here, wire.link, &sum);
	ck_assert_uint_eq(sum.received, 13);
	ck_assert_uint_eq(sum.sent, 21);
	ck_assert_uint_eq(sum.dropped, 31);
	udp_link_traffic(wire.here, 4711, &sum);
	ck_assert_uint_eq(sum.received, 13);
	ck_assert_uint_eq(sum.dropped, 31);
	wire_down(&wire);
}
END_TEST

static void set_up(void)
{
	ck_assert_int_eq(udp_memory_init(&memory), 0);
}

static void tear_down(void)
{
	ck_assert_uint_eq(memory.used, 0);
	udp_memory_fini(&memory);
}

Suite *udp_suite(void)
{
	Suite *suite = suite_create("net/udp");
	TCase *tcase = tcase_create("udp");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_broadcast_goes_out_of_its_link_without_any_route);
	tcase_add_test(tcase, the_source_is_the_one_that_was_chosen);
	tcase_add_test(tcase, a_multicast_is_heard_where_it_was_joined);
	tcase_add_test(tcase, ipv6_works_the_same_way);
	tcase_add_test(tcase, the_ttl_of_a_multicast_is_set_by_message);
	tcase_add_test(tcase, an_index_that_comes_back_can_be_joined_again);
	tcase_add_test(tcase, more_links_than_a_socket_may_join_take_more_sockets);
	tcase_add_test(tcase, ipv6_memberships_are_as_many_as_are_wanted);
	tcase_add_test(tcase, a_group_that_cannot_be_joined_is_known);
	tcase_add_loop_test(tcase, what_is_too_long_is_marked, 0, (int)COUNT_OF(LONGEST));
	tcase_add_loop_test(
	    tcase, a_socket_bound_to_its_group_leaves_unicast_to_others, 0, (int)COUNT_OF(GROUPS));
	tcase_add_test(tcase, further_sockets_leave_descriptors_to_others);
	tcase_add_test(tcase, a_socket_bound_to_the_broadcast_address_leaves_unicast_to_others);
	tcase_add_loop_test(
	    tcase, the_ttl_of_a_socket_holds_for_all_that_it_sends, 0, (int)COUNT_OF(GROUPS));
	tcase_add_test(tcase, a_full_queue_is_read_in_shares_and_its_losses_counted);
	tcase_add_test(tcase, an_unreachable_peer_does_not_disturb);
	tcase_add_test(tcase, a_port_that_is_not_shared_is_refused);
	tcase_add_test(tcase, what_cannot_be_sent_stops_nothing_else);
	tcase_add_test(tcase, many_arrive_in_the_order_in_which_they_were_sent);
	tcase_add_test(tcase, equally_long_ones_to_one_host_leave_as_segments);
	tcase_add_test(tcase, segments_that_do_not_fit_leave_one_by_one);
	tcase_add_test(tcase, traffic_is_counted_by_link);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of net/netlink, against what ip(8) says of the same kernel. */
#include "base/mac.h"
#include "harness.h"
#include "net/netlink.h"
#include "suites.h"
#include <event2/event.h>
#include <json-c/json.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct fixture {
	struct loop *loop;
	struct netlink *netlink;
	unsigned calls, wanted, mark;
	struct instant called;
};

static void count_call(void *context)
{
	struct fixture *f = context;
	f->calls++;
	f->called = loop_now(f->loop);
}

static bool called(void *context)
{
	struct fixture *f = context;
	return f->calls >= f->wanted;
}

static void wait_for_call(struct fixture *f)
{
	f->wanted = f->calls + 1;
	ck_assert(run_until(f->loop, called, f, NULL));
}

static bool has_mark(void *context)
{
	const struct fixture *f = context;
	return link_set_find_name(netlink_links(f->netlink), SLICE("lo"))->mtu == f->mark;
}

/* Until all that happened before is read and told: a change that is easy to see comes after it. */
static void settle(struct fixture *f)
{
	f->mark = f->mark ? f->mark + 1 : 20000;
	command("ip link set lo mtu %u", f->mark);
	ck_assert(run_until(f->loop, has_mark, f, NULL));
}

/* The kernel tells of a carrier some time after the command that brings it about. */
#define UNTIL_UP                                                                                   \
	"; until ip link show v0 | grep -q 'state UP' && ip link show v1 | grep -q 'state UP'; "   \
	"do sleep 0.01; done"

static bool set_up(struct fixture *f, const char *test)
{
	if (!enter_namespace(test))
		return false;
	memset(f, 0, sizeof(*f));
	/* Duplicate detection would go on for seconds behind every test's back. */
	command("ip link add v0 type veth peer name v1 && ip link set v0 addrgenmode none && "
		"ip link set v1 addrgenmode none");
	f->loop = loop_new();
	ck_assert_int_eq(netlink_open(f->loop, count_call, f, &f->netlink), 0);
	return true;
}

static void tear_down(struct fixture *f)
{
	netlink_close(f->netlink);
	loop_free(f->loop);
}

static uint64_t counter(const struct fixture *f, const char *name)
{
	struct counter_group group = netlink_counters(f->netlink);
	for (size_t i = 0; i < group.count; i++)
		if (strcmp(group.counters[i].name, name) == 0)
			return group.counters[i].value;
	ck_abort_msg("no counter %s", name);
	return 0;
}

static const struct link *find(const struct fixture *f, const char *name)
{
	return link_set_find_name(netlink_links(f->netlink), slice_of(name));
}

static struct json_object *read_json(const char *line)
{
	static char text[4 * 1024 * 1024];
	FILE *pipe = popen(line, "r");
	size_t len = fread(text, 1, sizeof(text) - 1, pipe);
	text[len] = '\0';
	ck_assert_int_eq(pclose(pipe), 0);
	struct json_object *json = json_tokener_parse(text);
	ck_assert_ptr_nonnull(json);
	return json;
}

static const char *text_of(struct json_object *object, const char *key)
{
	return json_object_get_string(json_object_object_get(object, key));
}

static int number_of(struct json_object *object, const char *key)
{
	return json_object_get_int(json_object_object_get(object, key));
}

static void check_address(const struct link *link, struct json_object *expected)
{
	char text[ADDRESS_TEXT_MAX];
	const char *broadcast = text_of(expected, "broadcast");
	for (size_t i = 0; i < link->address_count; i++) {
		const struct link_address *address = &link->addresses[i];
		if (strcmp(address_text(&address->prefix.address, text),
			text_of(expected, "local")) != 0)
			continue;
		ck_assert_int_eq(address->prefix.len, number_of(expected, "prefixlen"));
		if (broadcast)
			ck_assert_str_eq(address_text(&address->broadcast, text), broadcast);
		else
			ck_assert(address_is_none(&address->broadcast));
		return;
	}
	ck_abort_msg("%s lacks %s", link->name, text_of(expected, "local"));
}

static void check_link(const struct fixture *f, struct json_object *expected)
{
	const struct link *link =
	    link_set_find(netlink_links(f->netlink), (uint32_t)number_of(expected, "ifindex"));
	ck_assert_msg(link, "no %s", text_of(expected, "ifname"));
	ck_assert_str_eq(link->name, text_of(expected, "ifname"));
	ck_assert_int_eq((int)link->mtu, number_of(expected, "mtu"));
	struct json_object *addresses = json_object_object_get(expected, "addr_info");
	ck_assert_uint_eq(link->address_count, json_object_array_length(addresses));
	for (size_t i = 0; i < link->address_count; i++)
		check_address(link, json_object_array_get_idx(addresses, i));
	if (!link->mac.known)
		return;
	char mac[20];
	struct writer w;
	writer_init(&w, mac, sizeof(mac));
	mac_format(&link->mac, &w);
	writer_char(&w, '\0');
	ck_assert_str_eq(mac, text_of(expected, "address"));
}

/* Every link and address, no more and no less. */
static void check_against_ip(const struct fixture *f)
{
	struct json_object *links = read_json("ip -j addr");
	ck_assert_uint_eq(netlink_links(f->netlink)->count, json_object_array_length(links));
	for (size_t i = 0; i < json_object_array_length(links); i++)
		check_link(f, json_object_array_get_idx(links, i));
	json_object_put(links);
}

START_TEST(the_first_set_is_what_the_kernel_has)
{
	if (!enter_namespace("the_first_set_is_what_the_kernel_has"))
		return;
	/* No addresses that the kernel makes up at some time while this looks. */
	command("ip link add v0 type veth peer name v1 && ip link add br0 type bridge && "
		"for i in v0 v1 br0; do ip link set $i addrgenmode none; done && "
		"ip link set v0 master br0 up && ip addr add 10.1.2.3/20 brd + dev v1 && "
		"ip addr add 10.7.0.1 peer 10.7.0.2/32 dev v1 && ip addr add fd01::1/64 dev v1 && "
		"ip link set v1 up && ip link set br0 up");
	struct fixture f = {.loop = loop_new()};
	ck_assert_int_eq(netlink_open(f.loop, count_call, &f, &f.netlink), 0);
	check_against_ip(&f);
	const struct link *lo = find(&f, "lo"), *v0 = find(&f, "v0"), *v1 = find(&f, "v1");
	ck_assert_str_eq(lo->kind, "loopback");
	ck_assert(lo->loopback && lo->up && !lo->mac.known);
	ck_assert_str_eq(v0->kind, "veth");
	ck_assert_str_eq(find(&f, "br0")->kind, "bridge");
	ck_assert_uint_eq(v0->master, link_index("br0"));
	ck_assert_uint_eq(v0->peer, v1->index);
	ck_assert_uint_eq(v1->peer, v0->index);
	ck_assert_int_eq(v1->peer_netns, -1);
	ck_assert(v1->broadcast && v1->multicast && v1->up && !v1->loopback && v1->mac.known);
	ck_assert_uint_eq(counter(&f, "malformed") + counter(&f, "failures"), 0);
	tear_down(&f);
}
END_TEST

START_TEST(a_peer_in_another_namespace_is_told)
{
	struct two_hosts hosts;
	if (!two_hosts_enter("a_peer_in_another_namespace_is_told", &hosts))
		return;
	struct fixture f = {.loop = loop_new()};
	ck_assert_int_eq(netlink_open(f.loop, count_call, &f, &f.netlink), 0);
	ck_assert_int_ge(find(&f, "eth0")->peer_netns, 0);
	go_to(hosts.there);
	ck_assert_uint_eq(find(&f, "eth0")->peer, link_index("eth0"));
	go_to(hosts.here);
	tear_down(&f);
	two_hosts_leave(&hosts);
}
END_TEST

START_TEST(a_burst_of_flaps_is_one_call)
{
	struct fixture f;
	if (!set_up(&f, "a_burst_of_flaps_is_one_call"))
		return;
	uint32_t generation = find(&f, "v0")->generation;
	command("ip addr add 10.1.2.3/24 dev v0; ip link set v1 up; "
		"for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; "
		"do ip link set v0 down; ip link set v0 up; done; ip addr add 10.1.3.3/24 dev "
		"v0" UNTIL_UP);
	wait_for_call(&f);
	ck_assert_uint_eq(f.calls, 1);
	settle(&f);
	ck_assert_uint_eq(f.calls, 2);
	check_against_ip(&f);
	ck_assert_uint_eq(find(&f, "v0")->generation, generation);
	ck_assert_uint_eq(find(&f, "v0")->address_count, 2);
	command("ip addr del 10.1.2.3/24 dev v0; ip link set v1 down");
	wait_for_call(&f);
	check_against_ip(&f);
	ck_assert_uint_eq(find(&f, "v0")->address_count, 1);
	tear_down(&f);
}
END_TEST

static bool is_up(void *context)
{
	return find(context, "v0")->up;
}

static bool is_down(void *context)
{
	return !is_up(context);
}

START_TEST(up_means_with_a_carrier)
{
	struct fixture f;
	if (!set_up(&f, "up_means_with_a_carrier"))
		return;
	command("ip link set v0 up");
	wait_for_call(&f);
	ck_assert(!find(&f, "v0")->up);
	command("ip link set v1 up");
	ck_assert(run_until(f.loop, is_up, &f, NULL));
	command("ip link set v1 down");
	ck_assert(run_until(f.loop, is_down, &f, NULL));
	tear_down(&f);
}
END_TEST

START_TEST(an_index_that_comes_back_is_another_link)
{
	struct fixture f;
	if (!set_up(&f, "an_index_that_comes_back_is_another_link"))
		return;
	uint32_t seen[4], index = link_index("v0");
	for (size_t i = 0; i < 4; i++) {
		seen[i] = find(&f, "v0")->generation;
		for (size_t j = 0; j < i; j++)
			ck_assert_uint_ne(seen[i], seen[j]);
		command("ip link del v0");
		/* Within one burst, and in two. */
		if (i % 2) {
			wait_for_call(&f);
			ck_assert_ptr_null(find(&f, "v0"));
		}
		command("ip link add name v0 index %u type veth peer name v1", index);
		wait_for_call(&f);
		check_against_ip(&f);
	}
	tear_down(&f);
}
END_TEST

START_TEST(leaving_a_bridge_is_no_new_link)
{
	struct fixture f;
	if (!set_up(&f, "leaving_a_bridge_is_no_new_link"))
		return;
	uint32_t generation = find(&f, "v0")->generation;
	command("ip link add br0 type bridge && ip link set v0 master br0");
	wait_for_call(&f);
	ck_assert_uint_eq(find(&f, "v0")->master, link_index("br0"));
	command("ip link set v0 nomaster");
	wait_for_call(&f);
	ck_assert_uint_eq(find(&f, "v0")->master, 0);
	ck_assert_uint_eq(find(&f, "v0")->generation, generation);
	tear_down(&f);
}
END_TEST

struct expected_gateway {
	const struct fixture *fixture;
	const char *text; /* NULL: none */
};

static bool has_gateway(void *context)
{
	const struct expected_gateway *expected = context;
	const struct address *gateway = &find(expected->fixture, "v0")->gateway;
	char text[ADDRESS_TEXT_MAX];
	if (!expected->text)
		return address_is_none(gateway);
	return strcmp(address_text(gateway, text), expected->text) == 0;
}

static bool gateway_becomes(const struct fixture *f, const char *text)
{
	struct expected_gateway expected = {f, text};
	return run_until(f->loop, has_gateway, &expected, NULL);
}

START_TEST(the_gateway_is_that_of_the_best_default_route)
{
	struct fixture f;
	if (!set_up(&f, "the_gateway_is_that_of_the_best_default_route"))
		return;
	command("ip addr add 10.1.2.3/24 dev v0; ip link set v1 up; ip link set v0 up; "
		"ip route add default via 10.1.2.9 metric 9; ip route add default via 10.1.2.1 "
		"metric 1");
	ck_assert(gateway_becomes(&f, "10.1.2.1"));
	ck_assert(address_is_none(&find(&f, "v0")->gateway6));
	command("ip route del default via 10.1.2.1");
	ck_assert(gateway_becomes(&f, "10.1.2.9"));
	command("ip route del default");
	ck_assert(gateway_becomes(&f, NULL));
	tear_down(&f);
}
END_TEST

static bool has_gateway6(void *context)
{
	char text[ADDRESS_TEXT_MAX];
	return strcmp(address_text(&find(context, "v0")->gateway6, text), "fd01::1") == 0;
}

static bool has_no_gateway6(void *context)
{
	return address_is_none(&find(context, "v0")->gateway6);
}

START_TEST(ipv6_has_a_gateway_of_its_own)
{
	struct fixture f;
	if (!set_up(&f, "ipv6_has_a_gateway_of_its_own"))
		return;
	command("ip link set v1 up; ip link set v0 up; ip addr add fd01::3/64 dev v0 nodad; "
		"ip -6 route add default via fd01::1");
	ck_assert(run_until(f.loop, has_gateway6, &f, NULL));
	ck_assert(address_is_none(&find(&f, "v0")->gateway));
	command("ip -6 route del default");
	ck_assert(run_until(f.loop, has_no_gateway6, &f, NULL));
	tear_down(&f);
}
END_TEST

static bool is_usable(void *context)
{
	const struct link *link = find(context, "v0");
	return link->address_count == 1 && link->addresses[0].usable;
}

START_TEST(a_tentative_address_becomes_usable)
{
	struct fixture f;
	if (!set_up(&f, "a_tentative_address_becomes_usable"))
		return;
	command("ip link set v1 up; ip link set v0 up; ip addr add fd01::1/64 dev v0");
	wait_for_call(&f);
	ck_assert_uint_eq(find(&f, "v0")->address_count, 1);
	ck_assert(!find(&f, "v0")->addresses[0].usable);
	ck_assert(run_until(f.loop, is_usable, &f, NULL));
	command("ip addr change fd01::1/64 dev v0 preferred_lft 0");
	wait_for_call(&f);
	ck_assert(!find(&f, "v0")->addresses[0].usable);
	tear_down(&f);
}
END_TEST

START_TEST(what_tells_nothing_new_causes_no_reading)
{
	struct fixture f;
	if (!set_up(&f, "what_tells_nothing_new_causes_no_reading"))
		return;
	command("ip addr add 10.1.2.3/24 dev v0; ip link set v1 up; ip link set v0 up" UNTIL_UP);
	settle(&f);
	uint64_t readings = counter(&f, "readings"), told = counter(&f, "notifications");
	command("for i in 1 2 3; do ip addr change 10.1.2.3/24 dev v0 preferred_lft 60$i valid_lft "
		"600$i; done; "
		"for i in 1 2 3 4 5 6 7 8 9; do ip route add 10.7.$i.0/24 dev v0; done");
	run_for(f.loop, MILLISECONDS(250)); /* a reading would begin after 100 ms */
	ck_assert_uint_eq(counter(&f, "notifications"), told + 12);
	ck_assert_uint_eq(counter(&f, "readings"), readings);
	tear_down(&f);
}
END_TEST

START_TEST(lost_notifications_lead_to_the_same_set)
{
	struct fixture f;
	if (!set_up(&f, "lost_notifications_lead_to_the_same_set"))
		return;
	uint32_t generation = find(&f, "v0")->generation, index = link_index("v0");
	uint32_t lo = find(&f, "lo")->generation;
	command(
	    "for i in $(seq 1 250); do for j in $(seq 1 12); do echo addr add 10.$j.$i.1/24 dev "
	    "v1; done; "
	    "done | ip -batch - && ip link del v0 && "
	    "ip link add name v0 index %u type veth peer name v1 && ip addr add 10.5.5.5/24 dev v0",
	    index);
	wait_for_call(&f);
	settle(&f);
	ck_assert_uint_ge(counter(&f, "overruns"), 1);
	check_against_ip(&f);
	/* Its deletion was among what was lost; the other MAC address gives it away. */
	ck_assert_uint_ne(find(&f, "v0")->generation, generation);
	ck_assert_uint_eq(find(&f, "lo")->generation, lo);
	tear_down(&f);
}
END_TEST

START_TEST(a_change_lost_in_a_storm_of_routes_is_found)
{
	struct fixture f;
	if (!set_up(&f, "a_change_lost_in_a_storm_of_routes_is_found"))
		return;
	command("ip link set v1 up; ip link set v0 up; ip addr add 10.1.2.3/24 dev v0" UNTIL_UP);
	settle(&f);
	unsigned calls = f.calls;
	command("for i in $(seq 1 250); do for j in $(seq 1 12); do echo route add "
		"10.$((j+20)).$i.0/24 dev v0; "
		"done; done | ip -batch - && ip addr add 10.5.5.5/24 dev v0");
	wait_for_call(&f);
	ck_assert_uint_ge(counter(&f, "overruns"), 1);
	check_against_ip(&f);
	ck_assert_uint_eq(f.calls, calls + 1);
	tear_down(&f);
}
END_TEST

static void one_round(struct fixture *f)
{
	event_base_loop(loop_base(f->loop), EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

/* The kernel reports an overrun once, and then discards everything until the queue is empty. */
START_TEST(a_change_that_is_discarded_during_a_reading_is_found)
{
	struct fixture f;
	if (!set_up(&f, "a_change_that_is_discarded_during_a_reading_is_found"))
		return;
	command("ip link set v1 up; ip link set v0 up; ip addr add 10.1.2.3/24 dev v0" UNTIL_UP);
	settle(&f);
	command("for i in $(seq 1 250); do for j in $(seq 1 12); do echo route add "
		"10.$((j+20)).$i.0/24 dev v0; done; done | ip -batch -");
	one_round(&f);
	ck_assert_uint_eq(counter(&f, "overruns"), 1);
	/* The loop stands still until a reading is due, as on a busy machine. */
	usleep(150 * 1000);
	one_round(&f);
	command("ip link set v0 mtu 1234");
	settle(&f);
	ck_assert_uint_eq(find(&f, "v0")->mtu, 1234);
	tear_down(&f);
}
END_TEST

/* Changes without a pause, as far as this machine allows. */
struct burst {
	struct loop *loop;
	int socket;
	int times;
	struct instant last;
	int64_t longest_pause;
};

static void change_something(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what;
	struct burst *burst = context;
	struct ifreq request = {.ifr_name = "v0", .ifr_mtu = 1000 + ++burst->times % 400};
	ck_assert_int_eq(ioctl(burst->socket, SIOCSIFMTU, &request), 0);
	struct instant now = loop_now(burst->loop);
	if (instant_since(now, burst->last) > burst->longest_pause)
		burst->longest_pause = instant_since(now, burst->last);
	burst->last = now;
}

START_TEST(a_burst_without_end_is_told_nevertheless)
{
	struct fixture f;
	if (!set_up(&f, "a_burst_without_end_is_told_nevertheless"))
		return;
	struct burst burst = {.loop = f.loop, .socket = socket(AF_INET, SOCK_DGRAM, 0)};
	struct event *event =
	    event_new(loop_base(f.loop), -1, EV_PERSIST, change_something, &burst);
	loop_add_timer(event, MILLISECONDS(20));
	struct instant begin;
	/* A pause of 100 ms ends a burst: on a busy machine it may take some tries. */
	do {
		wait_for_call(&f);
		burst.last = begin = f.called;
		burst.longest_pause = 0;
		wait_for_call(&f);
	} while (burst.longest_pause > MILLISECONDS(80));
	ck_assert_int_ge(instant_since(f.called, begin), MILLISECONDS(900));
	event_free(event);
	settle(&f);
	check_against_ip(&f);
	close(burst.socket);
	tear_down(&f);
}
END_TEST

START_TEST(an_idle_network_causes_no_wake_up)
{
	struct fixture f;
	if (!set_up(&f, "an_idle_network_causes_no_wake_up"))
		return;
	settle(&f);
	/* One round before sleeping and one at the end. */
	ck_assert_uint_le(run_for(f.loop, MILLISECONDS(300)), 2);
	tear_down(&f);
}
END_TEST

Suite *netlink_suite(void)
{
	Suite *suite = suite_create("net/netlink");
	TCase *tcase = tcase_create("netlink");
	tcase_add_test(tcase, the_first_set_is_what_the_kernel_has);
	tcase_add_test(tcase, a_peer_in_another_namespace_is_told);
	tcase_add_test(tcase, a_burst_of_flaps_is_one_call);
	tcase_add_test(tcase, up_means_with_a_carrier);
	tcase_add_test(tcase, an_index_that_comes_back_is_another_link);
	tcase_add_test(tcase, leaving_a_bridge_is_no_new_link);
	tcase_add_test(tcase, the_gateway_is_that_of_the_best_default_route);
	tcase_add_test(tcase, ipv6_has_a_gateway_of_its_own);
	tcase_add_test(tcase, a_tentative_address_becomes_usable);
	tcase_add_test(tcase, what_tells_nothing_new_causes_no_reading);
	tcase_add_test(tcase, lost_notifications_lead_to_the_same_set);
	tcase_add_test(tcase, a_change_lost_in_a_storm_of_routes_is_found);
	tcase_add_test(tcase, a_burst_without_end_is_told_nevertheless);
	tcase_add_test(tcase, a_change_that_is_discarded_during_a_reading_is_found);
	tcase_add_test(tcase, an_idle_network_causes_no_wake_up);
	suite_add_tcase(suite, tcase);
	return suite;
}

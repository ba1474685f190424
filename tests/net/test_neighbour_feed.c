/* SPDX-License-Identifier: ISC
 * Tests of net/neighbour_feed, on a kernel that learns neighbours. */
#include "base/mac.h"
#include "harness.h"
#include "net/neighbour_feed.h"
#include "suites.h"
#include <check.h>
#include <stdio.h>
#include <string.h>

static const struct siphash_key KEY = {{1, 2}};

struct fixture {
	struct loop *loop;
	struct neighbour_feed *feed;
	uint32_t v0;
	unsigned changes, reachable, renamed;
	size_t wanted;
};

static void learned(void *context, const struct neighbour_news *news)
{
	struct fixture *f = context;
	ck_assert(news->mac.known);
	f->changes++;
}

static void reachable(void *context, const struct neighbour_news *news)
{
	struct fixture *f = context;
	ck_assert_uint_eq(news->link, f->v0);
	ck_assert_uint_eq(news->address.bytes[3], news->mac.bytes[5]);
	f->reachable++;
}

static void renamed(void *context, int32_t netns)
{
	(void)netns;
	((struct fixture *)context)->renamed++;
}

static void open_feed(struct fixture *f)
{
	struct neighbour_feed_listener listener = {f, learned, reachable, renamed};
	f->loop = loop_new();
	ck_assert_int_eq(neighbour_feed_open(f->loop, &KEY, &listener, &f->feed), 0);
}

/* v0 and v1 are one wire, and v0 has an address. */
static bool set_up(struct fixture *f, const char *test)
{
	if (!enter_namespace(test))
		return false;
	memset(f, 0, sizeof(*f));
	/* IPv6 would look for routers. */
	command("ip link add v0 type veth peer name v1 && ip link set v0 addrgenmode none up && "
		"ip link set v1 addrgenmode none up && ip addr add 10.1.0.1/16 dev v0");
	f->v0 = link_index("v0");
	return true;
}

static void tear_down(struct fixture *f)
{
	neighbour_feed_close(f->feed);
	loop_free(f->loop);
}

static uint64_t counter(const struct fixture *f, const char *name)
{
	struct counter_group group = neighbour_feed_counters(f->feed);
	for (size_t i = 0; i < group.count; i++)
		if (strcmp(group.counters[i].name, name) == 0)
			return group.counters[i].value;
	ck_abort_msg("no counter %s", name);
	return 0;
}

/* The last byte of the MAC, 0 where none is known. */
static unsigned mac_at(const struct fixture *f, uint8_t host)
{
	struct address address = address_ipv4(10, 1, 0, host);
	struct mac mac = neighbours_find(neighbour_feed_neighbours(f->feed), f->v0, &address, NULL);
	return mac.known ? mac.bytes[5] : 0;
}

static bool has_wanted(void *context)
{
	struct fixture *f = context;
	return neighbours_count(neighbour_feed_neighbours(f->feed)) == f->wanted;
}

static bool was_told(void *context)
{
	struct fixture *f = context;
	return f->changes >= f->wanted;
}

static void wait_for_count(struct fixture *f, size_t count)
{
	f->wanted = count;
	ck_assert_msg(run_until(f->loop, has_wanted, f, NULL), "%zu, not %zu",
	    neighbours_count(neighbour_feed_neighbours(f->feed)), count);
}

START_TEST(what_is_there_at_the_start_is_known)
{
	struct fixture f;
	if (!set_up(&f, "what_is_there_at_the_start_is_known"))
		return;
	command("ip neigh add 10.1.0.5 lladdr 02:00:00:00:00:05 dev v0 nud stale; "
		"ip neigh add 10.1.0.6 dev v0 nud failed; "
		"ip neigh add proxy 10.1.0.7 dev v0; "
		"ip neigh add fe80::8 lladdr 02:00:00:00:00:08 dev v0 nud reachable");
	open_feed(&f);
	ck_assert_uint_eq(mac_at(&f, 5), 5);
	ck_assert_uint_eq(neighbours_count(neighbour_feed_neighbours(f.feed)), 2);
	ck_assert_uint_eq(counter(&f, "readings"), 1);
	tear_down(&f);
}
END_TEST

START_TEST(what_comes_and_goes_is_followed)
{
	struct fixture f;
	if (!set_up(&f, "what_comes_and_goes_is_followed"))
		return;
	open_feed(&f);
	command("ip neigh add 10.1.0.5 lladdr 02:00:00:00:00:05 dev v0 nud reachable");
	wait_for_count(&f, 1);
	ck_assert(run_until(f.loop, was_told, &f, NULL));
	ck_assert_uint_eq(f.changes, 1);
	command("ip neigh change 10.1.0.5 lladdr 02:00:00:00:00:06 dev v0 nud stale");
	f.wanted = 2;
	ck_assert(run_until(f.loop, was_told, &f, NULL));
	run_for(f.loop, MILLISECONDS(150)); /* a second call would come after 100 ms */
	ck_assert_uint_eq(mac_at(&f, 5), 6);
	ck_assert_uint_eq(f.changes, 2);
	command("ip neigh del 10.1.0.5 dev v0");
	wait_for_count(&f, 0);
	ck_assert_uint_eq(counter(&f, "readings"), 1);
	ck_assert_uint_eq(counter(&f, "malformed") + counter(&f, "failures"), 0);
	tear_down(&f);
}
END_TEST

START_TEST(catching_up_needs_no_round_of_the_loop)
{
	struct fixture f;
	if (!set_up(&f, "catching_up_needs_no_round_of_the_loop"))
		return;
	open_feed(&f);
	command("ip neigh add 10.1.0.5 lladdr 02:00:00:00:00:05 dev v0 nud reachable");
	neighbour_feed_catch_up(f.feed);
	ck_assert_uint_eq(mac_at(&f, 5), 5);
	ck_assert_uint_eq(f.changes, 0);
	tear_down(&f);
}
END_TEST

START_TEST(many_changes_are_few_calls)
{
	struct fixture f;
	if (!set_up(&f, "many_changes_are_few_calls"))
		return;
	open_feed(&f);
	struct instant begin = loop_now(f.loop);
	unsigned batches = 0;
	/* More than one call while it goes on, however quick or slow the commands are. */
	for (; batches < 10 || f.changes < 40; batches++) {
		ck_assert_uint_lt(batches, 10000);
		command(
		    "for i in $(seq 1 20); do echo neigh replace 10.1.0.$i lladdr "
		    "02:00:00:00:%02x:$(printf %%02x $i) dev v0 nud reachable; done | ip -batch -",
		    batches % 256);
		run_ready(f.loop);
	}
	wait_for_count(&f, 20);
	/* for one call for each of the 20 */
	ck_assert_int_le(
	    f.changes, 20 + 20 * instant_since(loop_now(f.loop), begin) / MILLISECONDS(100));
	ck_assert_uint_le(f.changes, 20 * batches);
	tear_down(&f);
}
END_TEST

START_TEST(what_says_nothing_new_does_not_wake)
{
	struct fixture f;
	if (!set_up(&f, "what_says_nothing_new_does_not_wake"))
		return;
	open_feed(&f);
	command("ip neigh add 10.1.0.5 lladdr 02:00:00:00:00:05 dev v0 nud reachable");
	f.wanted = 1;
	ck_assert(run_until(f.loop, was_told, &f, NULL));
	run_ready(f.loop);
	uint64_t told = counter(&f, "notifications");
	command(
	    "ip neigh add 10.1.0.6 dev v0 nud failed; ip neigh add 10.1.0.7 dev v0 nud incomplete");
	/* One round before sleeping and one at the end. */
	ck_assert_uint_le(run_for(f.loop, MILLISECONDS(300)), 2);
	ck_assert_uint_eq(counter(&f, "notifications"), told);
	ck_assert_uint_eq(mac_at(&f, 5), 5);
	tear_down(&f);
}
END_TEST

static bool is_confirmed(void *context)
{
	const struct fixture *f = context;
	struct address address = address_ipv4(10, 1, 0, 5);
	bool confirmed;
	neighbours_find(neighbour_feed_neighbours(f->feed), f->v0, &address, &confirmed);
	return confirmed;
}

static bool is_unconfirmed(void *context)
{
	return !is_confirmed(context);
}

static bool was_reachable(void *context)
{
	const struct fixture *f = context;
	return f->reachable >= f->wanted;
}

START_TEST(what_is_verified_anew_is_reported_each_time)
{
	struct fixture f;
	if (!set_up(&f, "what_is_verified_anew_is_reported_each_time"))
		return;
	command("ip neigh add 10.1.0.5 lladdr 02:00:00:00:00:05 dev v0 nud reachable; "
		"ip neigh add 10.1.0.6 lladdr 02:00:00:00:00:06 dev v0 nud permanent; "
		"ip neigh add 10.1.0.7 lladdr 02:00:00:00:00:07 dev v0 nud stale");
	open_feed(&f);
	f.wanted = 1;
	ck_assert(run_until(f.loop, was_reachable, &f, NULL));
	ck_assert(is_confirmed(&f));
	command("ip neigh change 10.1.0.5 lladdr 02:00:00:00:00:05 dev v0 nud stale");
	ck_assert(run_until(f.loop, is_unconfirmed, &f, NULL));
	ck_assert_uint_eq(f.reachable, 1);
	command("ip neigh change 10.1.0.5 lladdr 02:00:00:00:00:05 dev v0 nud reachable");
	f.wanted = 2;
	ck_assert(run_until(f.loop, was_reachable, &f, NULL));
	ck_assert(is_confirmed(&f));
	ck_assert_uint_eq(mac_at(&f, 5), 5);
	tear_down(&f);
}
END_TEST

START_TEST(what_comes_at_once_is_reported_whole)
{
	struct fixture f;
	if (!set_up(&f, "what_comes_at_once_is_reported_whole"))
		return;
	command("for i in $(seq 2 250); do echo neigh replace 10.1.0.$i lladdr "
		"02:00:00:00:00:$(printf %%02x $i) dev v0 nud reachable; done | ip -batch -");
	open_feed(&f);
	f.wanted = 249;
	ck_assert(run_until(f.loop, was_reachable, &f, NULL));
	run_ready(f.loop);
	ck_assert_uint_eq(f.changes, 249);
	ck_assert_uint_eq(f.reachable, 249);
	tear_down(&f);
}
END_TEST

/* Nothing answers on the wire, so the kernel probes a stale entry in vain. */
START_TEST(what_is_probed_is_not_confirmed)
{
	struct fixture f;
	if (!set_up(&f, "what_is_probed_is_not_confirmed"))
		return;
	command("ip neigh add 10.1.0.5 lladdr 02:00:00:00:00:05 dev v0 nud reachable");
	open_feed(&f);
	ck_assert(is_confirmed(&f));
	command("sysctl -qw net.ipv4.neigh.v0.base_reachable_time_ms=1 "
		"net.ipv4.neigh.v0.delay_first_probe_time=1");
	command("ip neigh change 10.1.0.5 lladdr 02:00:00:00:00:05 dev v0 nud probe");
	ck_assert(run_until(f.loop, is_unconfirmed, &f, NULL));
	ck_assert_uint_eq(mac_at(&f, 5), 5);
	tear_down(&f);
}
END_TEST

static bool has_read_again(void *context)
{
	struct fixture *f = context;
	return counter(f, "readings") >= 2 && has_wanted(f);
}

START_TEST(lost_notifications_lead_to_the_same_set)
{
	struct fixture f;
	if (!set_up(&f, "lost_notifications_lead_to_the_same_set"))
		return;
	command("ip neigh add 10.1.0.5 lladdr 02:00:00:00:00:05 dev v0 nud stale");
	open_feed(&f);
	command("for i in $(seq 0 11); do for j in $(seq 1 250); do echo neigh replace 10.1.$i.$j "
		"lladdr 02:00:00:00:00:05 dev v0 nud permanent; done; done >/tmp/batch.$$; "
		"for k in 1 2 3; do ip -batch /tmp/batch.$$; sed -e s/replace/del/ -e "
		"'s/lladdr.*dev/dev/' "
		"-e 's/nud.*//' /tmp/batch.$$ | ip -batch -; done; rm /tmp/batch.$$; "
		"ip neigh add 10.1.0.77 lladdr 02:00:00:00:00:4d dev v0 nud permanent");
	f.wanted = 1;
	ck_assert_msg(run_until(f.loop, has_read_again, &f, NULL),
	    "%zu known, %u readings, %u overruns",
	    neighbours_count(neighbour_feed_neighbours(f.feed)), (unsigned)counter(&f, "readings"),
	    (unsigned)counter(&f, "overruns"));
	ck_assert_uint_ge(counter(&f, "overruns"), 1);
	ck_assert_uint_eq(mac_at(&f, 5), 0);
	ck_assert_uint_eq(mac_at(&f, 77), 77);
	tear_down(&f);
}
END_TEST

static uint32_t port_of(const struct fixture *f, const char *bridge, uint8_t last)
{
	struct mac mac = {{2, 0, 0, 0, 0, last}, true};
	return forwarding_port(neighbour_feed_forwarding(f->feed), link_index(bridge), &mac, 0);
}

static bool is_behind_v0(void *context)
{
	const struct fixture *f = context;
	return port_of(f, "br0", 9) == f->v0;
}

static bool is_nowhere(void *context)
{
	return port_of(context, "br0", 9) == 0;
}

START_TEST(a_bridge_tells_which_mac_is_behind_which_port)
{
	struct fixture f;
	if (!set_up(&f, "a_bridge_tells_which_mac_is_behind_which_port"))
		return;
	command("ip link add br0 type bridge && ip link set br0 up && ip link set v0 master br0 && "
		"bridge fdb add 02:00:00:00:00:08 dev v0 master static");
	open_feed(&f);
	ck_assert_uint_eq(port_of(&f, "br0", 8), f.v0);
	/* Its own addresses are not behind a port. */
	ck_assert_uint_eq(forwarding_count(neighbour_feed_forwarding(f.feed)), 1);
	command("bridge fdb add 02:00:00:00:00:09 dev v0 master dynamic");
	ck_assert(run_until(f.loop, is_behind_v0, &f, NULL));
	ck_assert_uint_eq(f.changes, 0);
	command("ip link set v0 nomaster");
	ck_assert(run_until(f.loop, is_nowhere, &f, NULL));
	ck_assert_uint_eq(forwarding_count(neighbour_feed_forwarding(f.feed)), 0);
	tear_down(&f);
}
END_TEST

static bool was_renamed(void *context)
{
	return ((struct fixture *)context)->renamed > 0;
}

START_TEST(another_namespace_under_a_number_is_told)
{
	struct two_hosts hosts;
	if (!two_hosts_enter("another_namespace_under_a_number_is_told", &hosts))
		return;
	struct fixture f = {0};
	open_feed(&f);
	command("unshare -n sleep 60 & p=$!; until ip link add x type veth peer name y netns $p && "
		"ip link show x | grep -q link-netns; do sleep 0.05; ip link del x; done; kill $p");
	ck_assert(run_until(f.loop, was_renamed, &f, NULL));
	tear_down(&f);
	two_hosts_leave(&hosts);
}
END_TEST

Suite *neighbour_feed_suite(void)
{
	Suite *suite = suite_create("net/neighbour_feed");
	TCase *tcase = tcase_create("neighbour_feed");
	tcase_add_test(tcase, what_is_there_at_the_start_is_known);
	tcase_add_test(tcase, what_comes_and_goes_is_followed);
	tcase_add_test(tcase, catching_up_needs_no_round_of_the_loop);
	tcase_add_test(tcase, many_changes_are_few_calls);
	tcase_add_test(tcase, what_says_nothing_new_does_not_wake);
	tcase_add_test(tcase, what_is_verified_anew_is_reported_each_time);
	tcase_add_test(tcase, what_comes_at_once_is_reported_whole);
	tcase_add_test(tcase, what_is_probed_is_not_confirmed);
	tcase_add_test(tcase, lost_notifications_lead_to_the_same_set);
	tcase_add_test(tcase, a_bridge_tells_which_mac_is_behind_which_port);
	tcase_add_test(tcase, another_namespace_under_a_number_is_told);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of net/ping, on a wire between two hosts. */
#include "harness.h"
#include "net/ping.h"
#include "net/sockaddr.h"
#include "runner.h"
#include "suites.h"
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct fixture {
	struct loop *loop;
	struct rng rng;
	struct ping *ping;
	struct ping_echo *echo;
	unsigned calls;
	struct ping_result result;
};

static bool enter(const char *test, struct two_hosts *hosts, struct fixture *f)
{
	if (!two_hosts_enter(test, hosts))
		return false;
	command("echo '0 0' >/proc/sys/net/ipv4/ping_group_range");
	*f = (struct fixture){.loop = loop_new()};
	rng_init(&f->rng, 1);
	f->ping = ping_new(f->loop, &f->rng);
	return true;
}

static void leave(struct two_hosts *hosts, struct fixture *f)
{
	ping_free(f->ping);
	loop_free(f->loop);
	two_hosts_leave(hosts);
}

static void answered(void *context, const struct ping_result *result)
{
	struct fixture *f = context;
	f->calls++;
	f->result = *result;
}

static bool has_answer(void *context)
{
	struct fixture *f = context;
	return f->calls > 0;
}

static void start(struct fixture *f, const char *address, int64_t timeout)
{
	struct address to;
	ck_assert_int_eq(address_parse(slice_of(address), &to), 0);
	uint32_t link = address_is_link_local(&to) ? link_index("eth0") : 0;
	ck_assert_int_eq(ping_start(f->ping, &to, link, timeout, answered, f, &f->echo), 0);
	ck_assert_uint_eq(f->calls, 0); /* never from within */
}

static int ping_within(struct fixture *f, const char *address, int64_t timeout)
{
	f->calls = 0;
	start(f, address, timeout);
	ck_assert(run_until(f->loop, has_answer, f, NULL));
	ck_assert_uint_eq(f->calls, 1);
	ck_assert_int_ge(f->result.us, 0);
	return f->result.error;
}

/* Within a generous limit: on a busy machine the kernel takes its time to find a neighbour. */
static int ping(struct fixture *f, const char *address)
{
	return ping_within(f, address, SECONDS(5));
}

static int highest_descriptor(void)
{
	int fd = dup(0);
	close(fd);
	return fd;
}

START_TEST(a_host_answers_and_an_unused_address_does_not)
{
	struct two_hosts hosts;
	struct fixture f;
	if (!enter("a_host_answers_and_an_unused_address_does_not", &hosts, &f))
		return;
	int before = highest_descriptor();
	ck_assert_int_eq(ping(&f, "10.9.0.2"), 0);
	ck_assert_int_lt(f.result.us, SECONDS(5));
	ck_assert_int_eq(ping(&f, "fd09::2"), 0);
	ck_assert_int_eq(ping(&f, "127.0.0.1"), 0);
	ck_assert_int_eq(ping(&f, "::1"), 0);
	ck_assert_int_eq(ping(&f, "10.9.0.1"), 0);
	ck_assert_int_eq(ping_within(&f, "10.9.0.7", MILLISECONDS(150)), -ETIMEDOUT);
	ck_assert_int_ge(f.result.us, MILLISECONDS(140));
	ck_assert_int_eq(ping(&f, "192.0.2.1"), -ENETUNREACH);
	/* closed when idle */
	ck_assert_int_eq(highest_descriptor(), before);
	leave(&hosts, &f);
}
END_TEST

START_TEST(link_local_addresses_are_scoped)
{
	struct two_hosts hosts;
	struct fixture f;
	if (!enter("link_local_addresses_are_scoped", &hosts, &f))
		return;
	go_to(hosts.there);
	command("ip addr add fe80::2/64 dev eth0 nodad");
	go_to(hosts.here);
	command("ip addr add fe80::1/64 dev eth0 nodad");
	ck_assert_int_eq(ping(&f, "fe80::2"), 0);
	leave(&hosts, &f);
}
END_TEST

static bool has_41_answers(void *context)
{
	return ((struct fixture *)context)->calls == 41;
}

START_TEST(all_go_by_one_socket_of_each_family)
{
	struct two_hosts hosts;
	struct fixture f;
	if (!enter("all_go_by_one_socket_of_each_family", &hosts, &f))
		return;
	int before = highest_descriptor();
	for (int i = 0; i < 20; i++) {
		start(&f, "10.9.0.7", SECONDS(2));
		start(&f, "fd09::7", SECONDS(2));
	}
	start(&f, "10.9.0.2", SECONDS(2));
	ck_assert_int_eq(highest_descriptor(), before + 2);
	/* each is told its own answer */
	ck_assert(run_until(f.loop, has_answer, &f, NULL));
	ck_assert_uint_eq(f.calls, 1);
	ck_assert_int_eq(f.result.error, 0);
	ck_assert(run_until(f.loop, has_41_answers, &f, NULL));
	run_ready(f.loop);
	ck_assert_uint_eq(f.calls, 41);
	ck_assert_int_eq(f.result.error, -ETIMEDOUT);
	ck_assert_int_eq(highest_descriptor(), before);
	leave(&hosts, &f);
}
END_TEST

START_TEST(where_it_is_not_allowed_that_is_told)
{
	struct two_hosts hosts;
	struct fixture f;
	if (!enter("where_it_is_not_allowed_that_is_told", &hosts, &f))
		return;
	command("echo '1 0' >/proc/sys/net/ipv4/ping_group_range");
	ck_assert_int_eq(ping(&f, "10.9.0.2"), -EOPNOTSUPP);
	ck_assert_int_eq(ping(&f, "fd09::2"), -EOPNOTSUPP);
	command("echo '0 0' >/proc/sys/net/ipv4/ping_group_range");
	ck_assert_int_eq(ping(&f, "10.9.0.2"), 0);
	leave(&hosts, &f);
}
END_TEST

/* Answers every echo request with what is none of its answer: from another address, or changed. */
START_TEST(an_answer_from_another_address_is_ignored)
{
	struct two_hosts hosts;
	struct fixture f;
	if (system("command -v nft >/dev/null") != 0) {
		skip_test("an_answer_from_another_address_is_ignored", "no nft");
		return;
	}
	if (!enter("an_answer_from_another_address_is_ignored", &hosts, &f))
		return;
	go_to(hosts.there);
	command("ip addr add 10.9.0.9/24 dev eth0");
	command("nft add table ip t");
	command("nft add chain ip t out '{ type filter hook output priority 0; }'");
	command("nft add rule ip t out icmp type echo-reply ip saddr set 10.9.0.9");
	go_to(hosts.here);
	ck_assert_int_eq(ping_within(&f, "10.9.0.2", MILLISECONDS(150)), -ETIMEDOUT);
	go_to(hosts.there);
	command("nft flush chain ip t out");
	command("nft add rule ip t out icmp type echo-reply icmp sequence set 77");
	go_to(hosts.here);
	ck_assert_int_eq(ping_within(&f, "10.9.0.2", MILLISECONDS(150)), -ETIMEDOUT);
	go_to(hosts.there);
	command("nft flush chain ip t out");
	go_to(hosts.here);
	ck_assert_int_eq(ping(&f, "10.9.0.2"), 0);
	leave(&hosts, &f);
}
END_TEST

START_TEST(a_cancelled_echo_tells_nothing)
{
	struct two_hosts hosts;
	struct fixture f;
	if (!enter("a_cancelled_echo_tells_nothing", &hosts, &f))
		return;
	int before = highest_descriptor();
	start(&f, "10.9.0.2", SECONDS(1));
	ping_cancel(f.echo);
	ping_cancel(NULL);
	run_ready(f.loop);
	ck_assert_uint_eq(f.calls, 0);
	start(&f, "fd09::2", SECONDS(1));
	ping_free(f.ping);
	f.ping = NULL;
	run_ready(f.loop);
	ck_assert_uint_eq(f.calls, 0);
	ck_assert_int_eq(highest_descriptor(), before);
	leave(&hosts, &f);
}
END_TEST

Suite *ping_suite(void)
{
	Suite *suite = suite_create("net/ping");
	TCase *tcase = tcase_create("ping");
	tcase_add_test(tcase, a_host_answers_and_an_unused_address_does_not);
	tcase_add_test(tcase, link_local_addresses_are_scoped);
	tcase_add_test(tcase, all_go_by_one_socket_of_each_family);
	tcase_add_test(tcase, where_it_is_not_allowed_that_is_told);
	tcase_add_test(tcase, an_answer_from_another_address_is_ignored);
	tcase_add_test(tcase, a_cancelled_echo_tells_nothing);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of net/prober: many probes with few sockets, on a wire between two hosts. */
#include "harness.h"
#include "net/prober.h"
#include "net/sockaddr.h"
#include "suites.h"
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What is promised: 64 with those of ping. */
enum { SOCKETS = 64 - 2, BATCH_SOCKETS = 48, ROUND = 8 };

/* A batch of ports 1 to `last`. */
struct wish {
	struct prober_batch *batch;
	struct prober *prober;
	struct address_port to;
	int64_t timeout;
	unsigned given, last, answers;
	unsigned states[TCP_PROBE_UNREACHABLE + 1];
	unsigned most;   /* that ran at once */
	unsigned end_at; /* ends its batch with this answer; 0: never */
};

static unsigned running(const struct wish *wish)
{
	return wish->given - wish->answers;
}

static bool next(void *context, struct prober_request *request)
{
	struct wish *wish = context;
	if (wish->given == wish->last)
		return false;
	wish->given++;
	if (running(wish) > wish->most)
		wish->most = running(wish);
	wish->to.port = (uint16_t)wish->given;
	*request = (struct prober_request){.to = wish->to, .timeout_us = wish->timeout};
	return true;
}

static void answered(void *context, uint16_t port, const struct tcp_probe_result *result)
{
	struct wish *wish = context;
	ck_assert_uint_ge(port, 1);
	ck_assert_uint_le(port, wish->last);
	wish->answers++;
	wish->states[result->state]++;
	if (wish->answers == wish->end_at) {
		prober_end(wish->batch);
		wish->batch = NULL;
	}
}

static void begin(struct wish *wish, struct prober *prober, const char *address, unsigned last)
{
	struct prober_source source = {.context = wish, .next = next, .answered = answered};
	*wish = (struct wish){.prober = prober, .last = last, .timeout = SECONDS(30)};
	ck_assert_int_eq(address_parse(slice_of(address), &wish->to.address), 0);
	ck_assert_int_eq(prober_begin(prober, &source, &wish->batch), 0);
	ck_assert_uint_eq(wish->given, 0); /* never from within */
}

static bool is_done(void *context)
{
	struct wish *wish = context;
	return wish->answers == wish->last;
}

static int highest_descriptor(void)
{
	int fd = dup(0);
	close(fd);
	return fd;
}

/* Frames to 10.9.0.7 go nowhere: no host has this hardware address. */
static void make_silence(void)
{
	command("ip neigh add 10.9.0.7 lladdr 02:00:00:00:00:07 dev eth0");
}

static void listen_at(uint16_t port)
{
	struct sockaddr_storage sockaddr;
	struct address_port at = {.port = port, .address = address_ipv4(10, 9, 0, 2)};
	socklen_t len = sockaddr_from_endpoint(&at, 0, &sockaddr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sockaddr, len), 0);
	ck_assert_int_eq(listen(fd, 5), 0);
}

START_TEST(thousands_of_ports_are_probed_with_few_sockets)
{
	struct two_hosts hosts;
	struct wish wish;
	unsigned rounds;
	if (!two_hosts_enter("thousands_of_ports_are_probed_with_few_sockets", &hosts))
		return;
	go_to(hosts.there);
	listen_at(22);
	listen_at(2000);
	go_to(hosts.here);
	struct loop *loop = loop_new();
	struct prober *prober = prober_new(loop);
	int before = highest_descriptor();
	begin(&wish, prober, "10.9.0.2", 2000);
	ck_assert(run_until(loop, is_done, &wish, &rounds));
	ck_assert_uint_eq(wish.states[TCP_PROBE_OPEN], 2);
	ck_assert_uint_eq(wish.states[TCP_PROBE_CLOSED], 1998);
	ck_assert_uint_le(wish.most, BATCH_SOCKETS);
	/* others have a turn in between */
	ck_assert_uint_ge(rounds, 2000 / ROUND);
	ck_assert_int_eq(highest_descriptor(), before);
	struct counter_group counters = prober_counters(prober);
	ck_assert_str_eq(counters.counters[0].name, "connects");
	ck_assert_uint_eq(counters.counters[0].value, 2000);
	prober_end(wish.batch);
	prober_free(prober);
	loop_free(loop);
	two_hosts_leave(&hosts);
}
END_TEST

static bool all_sockets_run(void *context)
{
	unsigned all = 0;
	for (struct wish *wish = context; wish < (struct wish *)context + 5; wish++)
		all += running(wish);
	return all == SOCKETS;
}

static bool has_what_a_batch_may(void *context)
{
	return running(context) == BATCH_SOCKETS;
}

static bool others_share_all_sockets(void *context)
{
	const struct wish *wishes = context;
	for (size_t i = 1; i < 5; i++)
		if (running(&wishes[i]) < SOCKETS / 4)
			return false;
	return true;
}

static bool has_ended_itself(void *context)
{
	return !((struct wish *)context)->batch;
}

START_TEST(there_are_never_more_sockets_than_allowed)
{
	struct two_hosts hosts;
	struct wish wishes[5];
	if (!two_hosts_enter("there_are_never_more_sockets_than_allowed", &hosts))
		return;
	make_silence();
	struct loop *loop = loop_new();
	struct prober *prober = prober_new(loop);
	int before = highest_descriptor();
	begin(&wishes[0], prober, "10.9.0.7", 1000);
	ck_assert(run_until(loop, has_what_a_batch_may, &wishes[0], NULL));
	run_ready(loop);
	ck_assert_uint_eq(running(&wishes[0]), BATCH_SOCKETS);
	for (size_t i = 1; i < 5; i++)
		begin(&wishes[i], prober, "10.9.0.7", 1000);
	ck_assert(run_until(loop, all_sockets_run, wishes, NULL));
	run_ready(loop);
	ck_assert(all_sockets_run(wishes));
	ck_assert_int_eq(highest_descriptor(), before + SOCKETS);
	/* those that came later share what the first left */
	for (size_t i = 1; i < 5; i++)
		ck_assert_uint_ge(running(&wishes[i]), 3);
	/* and what it gives back */
	prober_end(wishes[0].batch);
	ck_assert(run_until(loop, others_share_all_sockets, wishes, NULL));
	prober_free(prober);
	ck_assert_int_eq(highest_descriptor(), before);
	loop_free(loop);
	two_hosts_leave(&hosts);
}
END_TEST

START_TEST(a_batch_that_waits_for_silence_delays_no_other)
{
	struct two_hosts hosts;
	struct wish slow, quick;
	if (!two_hosts_enter("a_batch_that_waits_for_silence_delays_no_other", &hosts))
		return;
	make_silence();
	struct loop *loop = loop_new();
	struct prober *prober = prober_new(loop);
	begin(&slow, prober, "10.9.0.7", 1000);
	ck_assert(run_until(loop, has_what_a_batch_may, &slow, NULL));
	begin(&quick, prober, "10.9.0.2", 500);
	ck_assert(run_until(loop, is_done, &quick, NULL));
	ck_assert_uint_eq(slow.answers, 0);
	ck_assert_uint_eq(quick.states[TCP_PROBE_CLOSED], 500);
	prober_end(quick.batch);
	prober_end(slow.batch);
	prober_free(prober);
	loop_free(loop);
	two_hosts_leave(&hosts);
}
END_TEST

START_TEST(a_batch_may_end_itself_when_it_is_told)
{
	if (!enter_namespace("a_batch_may_end_itself_when_it_is_told"))
		return;
	struct wish wish;
	struct loop *loop = loop_new();
	struct prober *prober = prober_new(loop);
	int before = highest_descriptor();
	begin(&wish, prober, "127.0.0.1", 100);
	wish.end_at = 20;
	ck_assert(run_until(loop, has_ended_itself, &wish, NULL));
	run_ready(loop);
	ck_assert_uint_eq(wish.answers, 20);
	ck_assert_ptr_null(wish.batch);
	ck_assert_int_eq(highest_descriptor(), before);
	prober_end(NULL);
	prober_free(prober);
	loop_free(loop);
}
END_TEST

START_TEST(what_cannot_begin_is_told_too)
{
	if (!enter_namespace("what_cannot_begin_is_told_too"))
		return;
	struct wish wish, none;
	struct loop *loop = loop_new();
	struct prober *prober = prober_new(loop);
	begin(&wish, prober, "192.0.2.1", 100); /* no way there */
	begin(&none, prober, "192.0.2.1", 100);
	none.to.address = (struct address){0}; /* no address at all */
	ck_assert(run_until(loop, is_done, &wish, NULL));
	ck_assert(run_until(loop, is_done, &none, NULL));
	ck_assert_uint_eq(wish.states[TCP_PROBE_UNREACHABLE], 100);
	ck_assert_uint_eq(none.states[TCP_PROBE_UNREACHABLE], 100);
	/* a batch without probes causes no wake-up */
	ck_assert_uint_le(run_ready(loop), 3);
	prober_free(prober);
	loop_free(loop);
}
END_TEST

Suite *prober_suite(void)
{
	Suite *suite = suite_create("net/prober");
	TCase *tcase = tcase_create("prober");
	tcase_add_test(tcase, thousands_of_ports_are_probed_with_few_sockets);
	tcase_add_test(tcase, there_are_never_more_sockets_than_allowed);
	tcase_add_test(tcase, a_batch_that_waits_for_silence_delays_no_other);
	tcase_add_test(tcase, a_batch_may_end_itself_when_it_is_told);
	tcase_add_test(tcase, what_cannot_begin_is_told_too);
	suite_add_tcase(suite, tcase);
	return suite;
}

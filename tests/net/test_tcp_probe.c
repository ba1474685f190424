/* SPDX-License-Identifier: ISC
 * Tests of net/tcp_probe, on a wire between two hosts. */
#include "harness.h"
#include "net/sockaddr.h"
#include "net/tcp_probe.h"
#include "suites.h"
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct fixture {
	struct loop *loop;
	struct tcp_probe *probe;
	unsigned calls;
	struct tcp_probe_result result;
	char banner[TCP_PROBE_BANNER_MAX + 1];
	uint16_t port; /* of the next service */
	int64_t took;  /* from the start of a probe for a banner to its answer */
};

static void answered(void *context, const struct tcp_probe_result *result)
{
	struct fixture *f = context;
	f->calls++;
	f->result = *result;
	snprintf(f->banner, sizeof(f->banner), "%.*s", SLICE_ARGS(result->banner));
	f->probe = NULL;
}

static bool has_answer(void *context)
{
	struct fixture *f = context;
	return f->calls > 0;
}

static struct address_port endpoint_of(const char *address, uint16_t port)
{
	struct address_port endpoint = {.port = port};
	ck_assert_int_eq(address_parse(slice_of(address), &endpoint.address), 0);
	return endpoint;
}

/* Listens and never accepts; the descriptor. */
static int listen_at(const char *address, uint16_t port, int backlog)
{
	struct sockaddr_storage sockaddr;
	struct address_port at = endpoint_of(address, port);
	socklen_t len = sockaddr_from_endpoint(&at, 0, &sockaddr);
	int fd = socket(sockaddr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sockaddr, len), 0);
	ck_assert_int_eq(listen(fd, backlog), 0);
	return fd;
}

static enum tcp_probe_state probe(
    struct fixture *f, const char *address, uint16_t port, int64_t timeout)
{
	struct address_port to = endpoint_of(address, port);
	uint32_t link = address_is_link_local(&to.address) ? link_index("eth0") : 0;
	f->calls = 0;
	ck_assert_int_eq(tcp_probe_start(f->loop, &to, link, timeout, answered, f, &f->probe), 0);
	ck_assert_uint_eq(f->calls, 0); /* never from within */
	ck_assert(run_until(f->loop, has_answer, f, NULL));
	ck_assert_uint_eq(f->calls, 1);
	ck_assert_int_ge(f->result.us, 0);
	return f->result.state;
}

static int highest_descriptor(void)
{
	int fd = dup(0);
	close(fd);
	return fd;
}

START_TEST(a_port_is_open_or_closed)
{
	struct two_hosts hosts;
	struct fixture f = {0};
	if (!two_hosts_enter("a_port_is_open_or_closed", &hosts))
		return;
	f.loop = loop_new();
	go_to(hosts.there);
	int fds[] = {listen_at("10.9.0.2", 80, 5), listen_at("fd09::2", 80, 5)};
	go_to(hosts.here);
	int before = highest_descriptor();
	ck_assert_int_eq(probe(&f, "10.9.0.2", 80, SECONDS(3)), TCP_PROBE_OPEN);
	ck_assert_int_eq(f.result.error, 0);
	ck_assert_int_lt(f.result.us, SECONDS(3));
	ck_assert_int_eq(probe(&f, "fd09::2", 80, SECONDS(3)), TCP_PROBE_OPEN);
	ck_assert_int_eq(probe(&f, "10.9.0.2", 81, SECONDS(3)), TCP_PROBE_CLOSED);
	ck_assert_int_eq(f.result.error, -ECONNREFUSED);
	ck_assert_int_eq(probe(&f, "fd09::2", 81, SECONDS(3)), TCP_PROBE_CLOSED);
	/* of this host's own */
	ck_assert_int_eq(probe(&f, "127.0.0.1", 81, SECONDS(3)), TCP_PROBE_CLOSED);
	ck_assert_int_eq(highest_descriptor(), before);
	close(fds[0]);
	close(fds[1]);
	loop_free(f.loop);
	two_hosts_leave(&hosts);
}
END_TEST

START_TEST(silence_is_no_answer_after_the_time)
{
	struct two_hosts hosts;
	struct fixture f = {0};
	if (!two_hosts_enter("silence_is_no_answer_after_the_time", &hosts))
		return;
	f.loop = loop_new();
	/* no host has this hardware address */
	command("ip neigh add 10.9.0.7 lladdr 02:00:00:00:00:07 dev eth0");
	ck_assert_int_eq(probe(&f, "10.9.0.7", 80, MILLISECONDS(150)), TCP_PROBE_NO_ANSWER);
	ck_assert_int_eq(f.result.error, -ETIMEDOUT);
	ck_assert_int_ge(f.result.us, MILLISECONDS(140));
	loop_free(f.loop);
	two_hosts_leave(&hosts);
}
END_TEST

START_TEST(without_a_way_there_it_is_unreachable)
{
	struct two_hosts hosts;
	struct fixture f = {0};
	if (!two_hosts_enter("without_a_way_there_it_is_unreachable", &hosts))
		return;
	f.loop = loop_new();
	int before = highest_descriptor();
	ck_assert_int_eq(probe(&f, "192.0.2.1", 80, SECONDS(3)), TCP_PROBE_UNREACHABLE);
	ck_assert_int_eq(f.result.error, -ENETUNREACH);
	command("ip route add prohibit 192.0.2.0/24");
	ck_assert_int_eq(probe(&f, "192.0.2.1", 80, SECONDS(3)), TCP_PROBE_UNREACHABLE);
	ck_assert_int_eq(f.result.error, -EACCES);
	/* a broadcast address is none of a host */
	ck_assert_int_eq(probe(&f, "10.9.0.255", 80, SECONDS(3)), TCP_PROBE_UNREACHABLE);
	ck_assert_int_eq(highest_descriptor(), before);
	loop_free(f.loop);
	two_hosts_leave(&hosts);
}
END_TEST

static bool has_client(void *context)
{
	int *fd = context;
	*fd = accept4(fd[1], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	return *fd >= 0;
}

/* What a service says, in pieces, until the probe has enough; the banner. */
static const char *banner_of(struct fixture *f, const char *const pieces[], bool hang_up)
{
	uint16_t port = f->port++; /* the side that closed first keeps the old one for a while */
	struct address_port to = endpoint_of("127.0.0.1", port);
	int fds[2] = {-1, listen_at("127.0.0.1", port, 5)};
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	f->calls = 0;
	struct instant begin = loop_now(f->loop);
	ck_assert_int_eq(tcp_probe_start(f->loop, &to, 0, SECONDS(30), answered, f, &f->probe), 0);
	tcp_probe_want_banner(f->probe, MILLISECONDS(150));
	ck_assert(run_until(f->loop, has_client, fds, NULL));
	for (size_t i = 0; pieces[i]; i++) {
		ck_assert_int_gt(send(fds[0], pieces[i], strlen(pieces[i]), MSG_NOSIGNAL), 0);
		run_ready(f->loop);
	}
	if (hang_up)
		close(fds[0]);
	ck_assert(run_until(f->loop, has_answer, f, NULL));
	f->took = instant_since(loop_now(f->loop), begin);
	ck_assert_uint_eq(f->calls, 1);
	ck_assert_int_eq(f->result.state, TCP_PROBE_OPEN);
	if (!hang_up)
		close(fds[0]);
	close(fds[1]);
	return f->banner;
}

START_TEST(the_first_line_that_a_service_says_is_heard)
{
	static const char *const WHOLE[] = {"SSH-2.0-x\r\nmore\n", NULL};
	static const char *const PIECES[] = {"SSH", "-2.0", "-x\n", NULL}, *const NOTHING[] = {
									       NULL};
	static const char *const HALF[] = {"220 hal", NULL};
	static char much[400];
	const char *const long_one[] = {much, NULL};
	if (!enter_namespace("the_first_line_that_a_service_says_is_heard"))
		return;
	struct fixture f = {.loop = loop_new(), .port = 80};
	int before = highest_descriptor();
	memset(much, 'x', sizeof(much) - 1);
	ck_assert_str_eq(banner_of(&f, WHOLE, false), "SSH-2.0-x\r");
	ck_assert_str_eq(banner_of(&f, PIECES, false), "SSH-2.0-x");
	ck_assert_str_eq(banner_of(&f, NOTHING, true), "");
	ck_assert_ptr_null(f.result.banner.bytes);
	ck_assert_str_eq(banner_of(&f, NOTHING, false), "");
	ck_assert_str_eq(banner_of(&f, HALF, true), "220 hal");
	ck_assert_str_eq(banner_of(&f, HALF, false), "220 hal");
	/* the time is that of the connection, without the wait for a banner */
	ck_assert_int_ge(f.took - f.result.us, MILLISECONDS(140));
	ck_assert_uint_eq(strlen(banner_of(&f, long_one, false)), TCP_PROBE_BANNER_MAX);
	ck_assert_int_eq(highest_descriptor(), before);
	loop_free(f.loop);
}
END_TEST

/* One byte now and then, for longer than the probe listens. */
START_TEST(a_slow_banner_does_not_hold_the_socket)
{
	if (!enter_namespace("a_slow_banner_does_not_hold_the_socket"))
		return;
	struct fixture f = {.loop = loop_new()};
	struct address_port to = endpoint_of("127.0.0.1", 80);
	int fds[2] = {-1, listen_at("127.0.0.1", 80, 5)};
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	ck_assert_int_eq(tcp_probe_start(f.loop, &to, 0, SECONDS(3), answered, &f, &f.probe), 0);
	tcp_probe_want_banner(f.probe, MILLISECONDS(100));
	ck_assert(run_until(f.loop, has_client, fds, NULL));
	for (int i = 0; i < 100 && !f.calls; i++) {
		send(fds[0], "x", 1, MSG_NOSIGNAL);
		run_for(f.loop, MILLISECONDS(5));
	}
	ck_assert_uint_eq(f.calls, 1);
	ck_assert_uint_lt(strlen(f.banner), 40);
	close(fds[0]);
	close(fds[1]);
	loop_free(f.loop);
}
END_TEST

START_TEST(a_cancelled_probe_tells_nothing)
{
	if (!enter_namespace("a_cancelled_probe_tells_nothing"))
		return;
	struct fixture f = {.loop = loop_new()};
	int before = highest_descriptor();
	struct address_port to = endpoint_of("127.0.0.1", 81);
	ck_assert_int_eq(tcp_probe_start(f.loop, &to, 0, SECONDS(1), answered, &f, &f.probe), 0);
	tcp_probe_cancel(f.probe);
	tcp_probe_cancel(NULL);
	run_ready(f.loop);
	ck_assert_uint_eq(f.calls, 0);
	ck_assert_int_eq(highest_descriptor(), before);
	loop_free(f.loop);
}
END_TEST

START_TEST(what_is_no_endpoint_is_refused)
{
	struct fixture f = {.loop = loop_new()};
	struct address_port none = {.port = 80}, no_port = endpoint_of("127.0.0.1", 0);
	ck_assert_int_eq(
	    tcp_probe_start(f.loop, &none, 0, SECONDS(1), answered, &f, &f.probe), -EINVAL);
	ck_assert_int_eq(
	    tcp_probe_start(f.loop, &no_port, 0, SECONDS(1), answered, &f, &f.probe), -EINVAL);
	loop_free(f.loop);
}
END_TEST

Suite *tcp_probe_suite(void)
{
	Suite *suite = suite_create("net/tcp_probe");
	TCase *tcase = tcase_create("tcp_probe");
	tcase_add_test(tcase, a_port_is_open_or_closed);
	tcase_add_test(tcase, silence_is_no_answer_after_the_time);
	tcase_add_test(tcase, without_a_way_there_it_is_unreachable);
	tcase_add_test(tcase, the_first_line_that_a_service_says_is_heard);
	tcase_add_test(tcase, a_slow_banner_does_not_hold_the_socket);
	tcase_add_test(tcase, a_cancelled_probe_tells_nothing);
	tcase_add_test(tcase, what_is_no_endpoint_is_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of net/fetch with many servers: which is read when, and how much all of them cost. */
#include "harness.h"
#include "net/fetch.h"
#include "net/sockaddr.h"
#include "suites.h"
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD  "HTTP/1.1 200 OK\r\n\r\n"
#define BEGUN "<root><device>"
#define REST  "<friendlyName>lamp</friendlyName></device></root>"

enum { PEERS = FETCH_MAX + 8 };

/* What a server does; its fetch asks for "/" and one of these letters. */
enum manner { SILENT = 's', HALF = 'h', WHOLE = 'w' };

struct crowd {
	struct loop *loop;
	struct fetcher *fetcher;
	struct evconnlistener *listener;
	struct address_port here;
	struct bufferevent *peers[PEERS]; /* in the order in which they were accepted */
	enum manner manners[PEERS];
	unsigned accepted, asked;
	unsigned done, good; /* fetches */
	int errors[PEERS];   /* by number; 1: not yet */
	struct instant ends[PEERS];
	unsigned wanted; /* for a condition */
};

static void peer_read(struct bufferevent *peer, void *context)
{
	struct crowd *c = context;
	char request[1024] = "";
	unsigned i = 0;

	bufferevent_read(peer, request, sizeof(request) - 1);
	while (c->peers[i] != peer)
		i++;
	if (c->manners[i])
		return;
	ck_assert_msg(strncmp(request, "GET /", 5) == 0, "%s", request);
	c->manners[i] = (enum manner)request[5];
	c->asked++;
	if (c->manners[i] != SILENT)
		bufferevent_write(peer, HEAD BEGUN, strlen(HEAD BEGUN));
	if (c->manners[i] == WHOLE)
		bufferevent_write(peer, REST, strlen(REST));
}

static void peer_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *address, int len, void *context)
{
	struct crowd *c = context;
	(void)address, (void)len;

	ck_assert_uint_lt(c->accepted, PEERS);
	struct bufferevent *peer =
	    bufferevent_socket_new(evconnlistener_get_base(listener), fd, BEV_OPT_CLOSE_ON_FREE);
	ck_assert_ptr_nonnull(peer);
	c->peers[c->accepted++] = peer;
	bufferevent_setcb(peer, peer_read, NULL, NULL, c);
	bufferevent_enable(peer, EV_READ | EV_WRITE);
}

/* The servers that have said half of it say the rest. */
static void say_the_rest(struct crowd *c)
{
	for (unsigned i = 0; i < c->accepted; i++)
		if (c->manners[i] == HALF)
			bufferevent_write(c->peers[i], REST, strlen(REST));
}

static void done(void *context, const struct fetch_result *result)
{
	struct crowd *c = context;

	ck_assert_int_eq(c->errors[result->number], 1);
	c->errors[result->number] = result->error;
	c->ends[result->number] = loop_now(c->loop);
	c->done++;
	c->good += result->error == 0;
}

static void setup(struct crowd *c, int64_t timeout)
{
	struct sockaddr_storage sockaddr;
	const struct address_port any = {address_ipv4(127, 0, 0, 1), 0};
	socklen_t len = sockaddr_from_endpoint(&any, 0, &sockaddr);

	*c = (struct crowd){.loop = loop_new()};
	ck_assert_ptr_nonnull(c->loop);
	for (unsigned i = 0; i < PEERS; i++)
		c->errors[i] = 1;
	c->fetcher = fetcher_new(c->loop, DESCRIPTION_BODY_MAX, done, c);
	ck_assert_ptr_nonnull(c->fetcher);
	fetcher_set_timeout(c->fetcher, timeout);
	c->listener = evconnlistener_new_bind(loop_base(c->loop), peer_accept, c,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, PEERS, (struct sockaddr *)&sockaddr,
	    (int)len);
	ck_assert_ptr_nonnull(c->listener);
	len = sizeof(sockaddr);
	ck_assert_int_eq(
	    getsockname(evconnlistener_get_fd(c->listener), (struct sockaddr *)&sockaddr, &len), 0);
	c->here = sockaddr_to_endpoint(&sockaddr);
}

static void teardown(struct crowd *c)
{
	fetcher_free(c->fetcher);
	for (unsigned i = 0; i < c->accepted; i++)
		bufferevent_free(c->peers[i]);
	evconnlistener_free(c->listener);
	loop_free(c->loop);
}

static int start(struct crowd *c, uint64_t number, enum manner manner)
{
	return fetcher_start(c->fetcher, number, &c->here, 0, (char[]){'/', (char)manner, '\0'});
}

static bool as_many_were_asked(void *context)
{
	struct crowd *c = context;
	return c->asked >= c->wanted;
}

static bool as_many_are_done(void *context)
{
	struct crowd *c = context;
	return c->done >= c->wanted;
}

static void wait_for(struct crowd *c, bool (*condition)(void *context), unsigned wanted)
{
	c->wanted = wanted;
	ck_assert(run_until(c->loop, condition, c, NULL));
}

START_TEST(silent_servers_do_not_delay_others)
{
	struct crowd c;

	setup(&c, FETCH_TIMEOUT);
	for (uint64_t i = 0; i < FETCH_MAX - 2; i++)
		ck_assert_int_eq(start(&c, i, SILENT), 0);
	wait_for(&c, as_many_were_asked, FETCH_MAX - 2);
	ck_assert_int_eq(start(&c, FETCH_MAX - 2, WHOLE), 0);
	ck_assert_int_eq(start(&c, FETCH_MAX - 1, WHOLE), 0);
	ck_assert_int_eq(start(&c, FETCH_MAX, WHOLE), -EAGAIN);
	wait_for(&c, as_many_are_done, 2);
	ck_assert_uint_eq(c.good, 2);
	ck_assert_int_eq(start(&c, FETCH_MAX, WHOLE), 0);
	wait_for(&c, as_many_are_done, 3);
	ck_assert_uint_eq(c.good, 3);
	teardown(&c);
}
END_TEST

START_TEST(the_first_byte_has_half_the_time)
{
	struct crowd c;

	setup(&c, SECONDS(1));
	struct instant begin = loop_now(c.loop);
	ck_assert_int_eq(start(&c, 0, SILENT), 0);
	ck_assert_int_eq(start(&c, 1, HALF), 0);
	wait_for(&c, as_many_are_done, 2);
	ck_assert_int_eq(c.errors[0], -ETIMEDOUT);
	ck_assert_int_eq(c.errors[1], -ETIMEDOUT);
	ck_assert_int_ge(instant_since(c.ends[0], begin), MILLISECONDS(500));
	ck_assert_int_ge(instant_since(c.ends[1], begin), SECONDS(1));
	ck_assert_int_lt(instant_since(c.ends[0], begin), instant_since(c.ends[1], begin));
	teardown(&c);
}
END_TEST

/* One that is complete has to wait until one of four that are not yields its place, which goes on
 * being read. */
START_TEST(four_are_read_at_once_and_yield_to_those_waiting)
{
	struct crowd c;

	setup(&c, SECONDS(10));
	for (uint64_t i = 0; i < FETCH_READING_MAX; i++)
		ck_assert_int_eq(start(&c, i, HALF), 0);
	wait_for(&c, as_many_were_asked, FETCH_READING_MAX);
	run_for(c.loop, MILLISECONDS(50)); /* they are being read */
	struct instant begin = loop_now(c.loop);
	ck_assert_int_eq(start(&c, 10, WHOLE), 0);
	wait_for(&c, as_many_are_done, 1);
	ck_assert_int_eq(c.errors[10], 0);
	ck_assert_int_ge(instant_since(c.ends[10], begin), MILLISECONDS(500));
	say_the_rest(&c);
	wait_for(&c, as_many_are_done, 1 + FETCH_READING_MAX);
	ck_assert_uint_eq(c.good, 1 + FETCH_READING_MAX);
	teardown(&c);
}
END_TEST

START_TEST(a_place_that_is_given_back_goes_to_the_next_at_once)
{
	struct crowd c;

	setup(&c, SECONDS(40)); /* four yield after 4 s */
	for (uint64_t i = 0; i < FETCH_READING_MAX; i++)
		ck_assert_int_eq(start(&c, i, HALF), 0);
	wait_for(&c, as_many_were_asked, FETCH_READING_MAX);
	run_for(c.loop, MILLISECONDS(50));
	struct instant begin = loop_now(c.loop);
	ck_assert_int_eq(start(&c, 10, WHOLE), 0);
	ck_assert_int_eq(start(&c, 11, WHOLE), 0);
	wait_for(&c, as_many_were_asked, FETCH_READING_MAX + 2);
	say_the_rest(&c);
	wait_for(&c, as_many_are_done, FETCH_READING_MAX + 2);
	ck_assert_uint_eq(c.good, FETCH_READING_MAX + 2);
	ck_assert_int_lt(instant_since(loop_now(c.loop), begin), SECONDS(3));
	teardown(&c);
}
END_TEST

/* With 28 slow ones before it the last gets its place after 1.4 s, and says the rest when all of
 * its time would be over. */
START_TEST(waiting_for_a_place_does_not_count)
{
	enum { SLOW = 28 };
	const int64_t timeout = SECONDS(2);
	struct crowd c;

	setup(&c, timeout);
	for (uint64_t i = 0; i < SLOW; i++)
		ck_assert_int_eq(start(&c, i, HALF), 0);
	wait_for(&c, as_many_were_asked, SLOW);
	struct instant begin = loop_now(c.loop);
	ck_assert_int_eq(start(&c, SLOW, HALF), 0);
	wait_for(&c, as_many_are_done, FETCH_READING_MAX);
	int64_t left = timeout + MILLISECONDS(200) - instant_since(loop_now(c.loop), begin);
	run_for(c.loop, left > 0 ? left : 0);
	say_the_rest(&c);
	wait_for(&c, as_many_are_done, SLOW + 1);
	ck_assert_int_eq(c.errors[SLOW], 0);
	ck_assert_int_gt(instant_since(c.ends[SLOW], begin), timeout);
	teardown(&c);
}
END_TEST

/* How many descriptors are open; of those that lead to `peer`, each must be non-blocking and closed
 * by exec. */
static unsigned open_descriptors(const struct address_port *peer, unsigned *leading)
{
	DIR *directory = opendir("/proc/self/fd");
	const struct dirent *entry;
	unsigned count = 0;

	ck_assert_ptr_nonnull(directory);
	*leading = 0;
	while ((entry = readdir(directory))) {
		struct sockaddr_storage sockaddr = {0};
		socklen_t len = sizeof(sockaddr);
		int fd = atoi(entry->d_name);
		count++;
		if (getpeername(fd, (struct sockaddr *)&sockaddr, &len) < 0)
			continue;
		struct address_port to = sockaddr_to_endpoint(&sockaddr);
		if (!address_port_equal(&to, peer))
			continue;
		++*leading;
		ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
		ck_assert_int_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	}
	closedir(directory);
	return count;
}

START_TEST(a_fetch_takes_one_descriptor_and_gives_it_back)
{
	struct crowd c;
	unsigned leading;

	setup(&c, FETCH_TIMEOUT);
	unsigned before = open_descriptors(&c.here, &leading);
	for (uint64_t i = 0; i < FETCH_MAX; i++)
		ck_assert_int_eq(start(&c, i, i % 2 ? SILENT : HALF), 0);
	ck_assert_int_eq(start(&c, FETCH_MAX, SILENT), -EAGAIN);
	wait_for(&c, as_many_were_asked, FETCH_MAX);
	ck_assert_uint_eq(open_descriptors(&c.here, &leading), before + 2 * FETCH_MAX);
	ck_assert_uint_eq(leading, FETCH_MAX);
	fetcher_free(c.fetcher);
	c.fetcher = NULL;
	ck_assert_uint_eq(open_descriptors(&c.here, &leading), before + FETCH_MAX);
	ck_assert_uint_eq(c.done, 0);
	teardown(&c);
}
END_TEST

/* A server that accepts nothing: its queue is full, and what comes is not answered. */
static int full_server(struct address_port *here, int clients[2])
{
	struct sockaddr_storage sockaddr;
	const struct address_port any = {address_ipv4(127, 0, 0, 1), 0};
	socklen_t len = sockaddr_from_endpoint(&any, 0, &sockaddr);
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(server, (struct sockaddr *)&sockaddr, len), 0);
	ck_assert_int_eq(listen(server, 0), 0);
	ck_assert_int_eq(getsockname(server, (struct sockaddr *)&sockaddr, &len), 0);
	*here = sockaddr_to_endpoint(&sockaddr);
	for (int i = 0; i < 2; i++) {
		clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		connect(clients[i], (struct sockaddr *)&sockaddr, len);
	}
	return server;
}

START_TEST(only_what_has_not_connected_can_be_given_up)
{
	struct crowd c;
	struct address_port full;
	unsigned leading;
	int clients[2], server = full_server(&full, clients);

	setup(&c, SECONDS(1));
	ck_assert_int_eq(start(&c, 0, SILENT), 0);
	ck_assert_int_eq(fetcher_start(c.fetcher, 1, &full, 0, "/"), 0);
	wait_for(&c, as_many_were_asked, 1);
	unsigned before = open_descriptors(&c.here, &leading);
	ck_assert(!fetcher_give_up(c.fetcher, 0));
	ck_assert(!fetcher_give_up(c.fetcher, 2));
	ck_assert(fetcher_give_up(c.fetcher, 1));
	ck_assert(!fetcher_give_up(c.fetcher, 1));
	ck_assert_uint_eq(open_descriptors(&c.here, &leading), before - 1);
	wait_for(&c, as_many_are_done, 1);
	ck_assert_int_eq(c.errors[0], -ETIMEDOUT);
	ck_assert_int_eq(c.errors[1], 1);
	teardown(&c);
	for (int i = 0; i < 2; i++)
		close(clients[i]);
	close(server);
}
END_TEST

Suite *fetch_places_suite(void)
{
	Suite *suite = suite_create("net/fetch_places");
	TCase *tcase = tcase_create("fetch_places");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, silent_servers_do_not_delay_others);
	tcase_add_test(tcase, the_first_byte_has_half_the_time);
	tcase_add_test(tcase, four_are_read_at_once_and_yield_to_those_waiting);
	tcase_add_test(tcase, a_place_that_is_given_back_goes_to_the_next_at_once);
	tcase_add_test(tcase, waiting_for_a_place_does_not_count);
	tcase_add_test(tcase, a_fetch_takes_one_descriptor_and_gives_it_back);
	tcase_add_test(tcase, only_what_has_not_connected_can_be_given_up);
	suite_add_tcase(suite, tcase);
	return suite;
}

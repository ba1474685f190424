/* SPDX-License-Identifier: ISC
 * Tests of net/fetch, against a small server in the same loop. */
#include "harness.h"
#include "net/fetch.h"
#include "net/sockaddr.h"
#include "suites.h"
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOCUMENT      "<root><device><friendlyName>lamp</friendlyName></device></root>"
#define TIMES4(text)  text text text text
#define TIMES64(text) TIMES4(TIMES4(TIMES4(text)))
#define HEAD          "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"

/* What the other side does once it has read a request, or before. */
struct script {
	bool at_once;
	struct slice answer;
	struct slice endless; /* then this, again and again */
	bool drip;            /* the answer byte by byte, one each 10 ms */
	int64_t timeout;      /* of the fetch; 0: as it is */
	bool stay;            /* keeps the connection open after the answer */
};

struct fixture {
	struct loop *loop;
	struct fetcher *fetcher;
	struct evconnlistener *listener;
	struct endpoint here;
	struct script script;
	struct bufferevent *peer; /* the latest connection */
	struct event *dripper;
	size_t dripped;
	bool answered;
	char request[1024];
	/* what came of it */
	unsigned calls;
	uint64_t number;
	int error;
	char name[64];
	bool start_again, free_inside;
};

static void peer_close(struct fixture *f)
{
	if (f->peer)
		bufferevent_free(f->peer);
	f->peer = NULL;
}

static void peer_drip(evutil_socket_t fd, short what, void *context)
{
	struct fixture *f = context;
	(void)fd, (void)what;

	if (!f->peer || f->dripped == f->script.answer.len)
		return;
	bufferevent_write(f->peer, f->script.answer.bytes + f->dripped++, 1);
	loop_add_timer(f->dripper, MILLISECONDS(10));
}

static void peer_written(struct bufferevent *peer, void *context)
{
	struct fixture *f = context;

	if (!f->answered)
		return; /* libevent calls once before anything is written */
	if (f->script.endless.len) {
		bufferevent_write(peer, f->script.endless.bytes, f->script.endless.len);
	} else if (!f->script.stay && !f->script.drip) {
		peer_close(f);
	}
}

static void peer_answer(struct fixture *f)
{
	f->answered = true;
	if (f->script.drip)
		peer_drip(-1, 0, f);
	else if (f->script.answer.len)
		bufferevent_write(f->peer, f->script.answer.bytes, f->script.answer.len);
	else if (!f->script.stay)
		peer_close(f);
}

static void peer_read(struct bufferevent *peer, void *context)
{
	struct fixture *f = context;
	size_t len = strlen(f->request);

	len += bufferevent_read(peer, f->request + len, sizeof(f->request) - 1 - len);
	f->request[len] = '\0';
	if (!f->answered && strstr(f->request, "\r\n\r\n"))
		peer_answer(f);
}

static void peer_event(struct bufferevent *peer, short what, void *context)
{
	(void)peer, (void)what;
	peer_close(context);
}

static void peer_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *address, int len, void *context)
{
	struct fixture *f = context;
	(void)address, (void)len;

	f->request[0] = '\0';
	f->answered = false;
	f->peer =
	    bufferevent_socket_new(evconnlistener_get_base(listener), fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(f->peer, peer_read, peer_written, peer_event, f);
	bufferevent_enable(f->peer, EV_READ | EV_WRITE);
	if (f->script.at_once)
		peer_answer(f);
}

static void done(void *context, const struct fetch_result *result)
{
	struct fixture *f = context;
	const struct description *description = result->description;

	f->calls++;
	f->number = result->number;
	f->error = result->error;
	f->name[0] = '\0';
	ck_assert((result->error == 0) == (description != NULL));
	if (description)
		strcpy(f->name, description->devices[0].friendly_name);
	if (f->start_again) {
		f->start_again = false;
		ck_assert_int_eq(
		    fetcher_start(f->fetcher, result->number + 1, &f->here, 0, "/"), 0);
	}
	if (f->free_inside) {
		fetcher_free(f->fetcher);
		f->fetcher = NULL;
	}
}

static void listen_at(struct fixture *f, struct address address)
{
	struct sockaddr_storage sockaddr;
	struct endpoint any = {address, 0};
	socklen_t len = sockaddr_from_endpoint(&any, 0, &sockaddr);

	f->listener = evconnlistener_new_bind(loop_base(f->loop), peer_accept, f,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 8, (struct sockaddr *)&sockaddr, (int)len);
	ck_assert_ptr_nonnull(f->listener);
	len = sizeof(sockaddr);
	ck_assert_int_eq(
	    getsockname(evconnlistener_get_fd(f->listener), (struct sockaddr *)&sockaddr, &len), 0);
	f->here = sockaddr_to_endpoint(&sockaddr);
}

static void setup(struct fixture *f)
{
	*f = (struct fixture){.loop = loop_new()};
	ck_assert_ptr_nonnull(f->loop);
	f->fetcher = fetcher_new(f->loop, DESCRIPTION_BODY_MAX, done, f);
	ck_assert_ptr_nonnull(f->fetcher);
	f->dripper = evtimer_new(loop_base(f->loop), peer_drip, f);
}

static void teardown(struct fixture *f)
{
	fetcher_free(f->fetcher);
	peer_close(f);
	event_free(f->dripper);
	if (f->listener)
		evconnlistener_free(f->listener);
	loop_free(f->loop);
}

static bool was_called(void *context)
{
	struct fixture *f = context;
	return f->calls > 0;
}

/* Fetches from a peer that acts like this; the error that came of it. */
static int fetch_from(struct fixture *f, struct script script)
{
	setup(f);
	listen_at(f, address_ipv4(127, 0, 0, 1));
	f->script = script;
	if (script.timeout)
		fetcher_set_timeout(f->fetcher, script.timeout);
	ck_assert_int_eq(fetcher_start(f->fetcher, 7, &f->here, 0, "/d.xml?a=b"), 0);
	ck_assert_uint_eq(f->calls, 0);
	ck_assert(run_until(f->loop, was_called, f, NULL));
	ck_assert_uint_eq(f->number, 7);
	run_for(f->loop, MILLISECONDS(1));
	ck_assert_uint_eq(f->calls, 1);
	teardown(f);
	return f->error;
}

static int answered(struct slice answer)
{
	struct fixture f;

	return fetch_from(&f, (struct script){.answer = answer});
}

START_TEST(a_description_is_read)
{
	struct fixture f;
	char expected[64];

	ck_assert_int_eq(fetch_from(&f, (struct script){.answer = SLICE(HEAD
							    "Content-Length: 63\r\n\r\n" DOCUMENT),
					    .stay = true}),
	    0);
	ck_assert_str_eq(f.name, "lamp");
	ck_assert_ptr_eq(strstr(f.request, "GET /d.xml?a=b HTTP/1.1\r\n"), f.request);
	snprintf(expected, sizeof(expected), "\r\nHost: 127.0.0.1:%u\r\n", (unsigned)f.here.port);
	ck_assert_ptr_nonnull(strstr(f.request, expected));
	ck_assert_ptr_nonnull(strstr(f.request, "\r\nUser-Agent: Linux UPnP/2.0 discoverd/"));
	ck_assert_ptr_nonnull(strstr(f.request, "\r\nConnection: close\r\n"));
}
END_TEST

START_TEST(a_body_may_come_in_chunks_or_end_with_the_connection)
{
	struct fixture f;

	ck_assert_int_eq(
	    fetch_from(&f,
		(struct script){.answer = SLICE(HEAD "Transfer-Encoding: chunked\r\n\r\n"
						     "a\r\n<root><dev\r\n35\r\nice><friendlyName>"
						     "lamp</friendlyName></device></root>"
						     "\r\n0\r\n\r\n"),
		    .stay = true}),
	    0);
	ck_assert_str_eq(f.name, "lamp");
	ck_assert_int_eq(
	    fetch_from(&f, (struct script){.answer = SLICE("HTTP/1.0 200 OK\n\n" DOCUMENT)}), 0);
	ck_assert_str_eq(f.name, "lamp");
}
END_TEST

START_TEST(other_statuses_are_errors_and_redirects_are_not_followed)
{
	ck_assert_int_eq(
	    answered(SLICE("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno")), -EPROTO);
	ck_assert_int_eq(answered(SLICE("HTTP/1.1 204 No Content\r\n\r\n")), -EPROTO);
	ck_assert_int_eq(answered(SLICE("HTTP/1.1 301 Moved\r\nLocation: /x\r\n\r\n")), -EPROTO);
	ck_assert_int_eq(
	    answered(SLICE("HTTP/1.1 100 Continue\r\n\r\n" HEAD "\r\n" DOCUMENT)), -EPROTO);
}
END_TEST

START_TEST(what_is_no_http_is_an_error)
{
	ck_assert_int_eq(answered(SLICE("SSH-2.0-server\r\n")), -EPROTO);
	ck_assert_int_eq(answered(SLICE("\x16\x03\x01\0\0\r\n\r\n")), -EPROTO);
	ck_assert_int_eq(answered(SLICE(HEAD "no colon here\r\n\r\n" DOCUMENT)), -EPROTO);
	ck_assert_int_eq(answered(SLICE(HEAD "Content-Length: x\r\n\r\n" DOCUMENT)), -EPROTO);
}
END_TEST

START_TEST(an_early_end_is_an_error)
{
	ck_assert_int_eq(answered(SLICE_NONE), -ECONNRESET);
	ck_assert_int_eq(answered(SLICE("HTTP/1.1 20")), -ECONNRESET);
	ck_assert_int_eq(answered(SLICE(HEAD "Content-Length: 64\r\n\r\n" DOCUMENT)), -ECONNRESET);
	ck_assert_int_eq(answered(SLICE(HEAD "\r\n<root><device>")), -EBADMSG);
	ck_assert_int_eq(answered(SLICE(HEAD "\r\n")), -EBADMSG);
}
END_TEST

START_TEST(a_peer_that_does_not_wait_for_the_request_does_no_harm)
{
	const struct slice answer = SLICE(HEAD "Content-Length: 63\r\n\r\n" DOCUMENT HEAD "\r\n");
	struct fixture f;

	fetch_from(&f, (struct script){.at_once = true, .answer = answer, .stay = true});
	fetch_from(&f, (struct script){.at_once = true, .answer = answer});
	ck_assert_int_eq(fetch_from(&f, (struct script){.at_once = true}), -ECONNRESET);
}
END_TEST

START_TEST(a_bad_document_ends_the_fetch_at_once)
{
	struct fixture f;

	ck_assert_int_eq(fetch_from(&f, (struct script){.answer = SLICE(HEAD "\r\n<!DOCTYPE x []>"),
					    .stay = true}),
	    -EPERM);
	ck_assert_int_eq(
	    fetch_from(&f, (struct script){.answer = SLICE(HEAD "\r\n<a></b>"), .stay = true}),
	    -EBADMSG);
}
END_TEST

START_TEST(a_body_is_bounded)
{
	struct fixture f;

	ck_assert_int_eq(answered(SLICE(HEAD "Content-Length: 16385\r\n\r\n")), -EMSGSIZE);
	ck_assert_int_eq(
	    answered(SLICE(HEAD "Content-Length: 99999999999999999\r\n\r\n")), -EMSGSIZE);
	ck_assert_int_eq(
	    answered(SLICE(HEAD "Transfer-Encoding: chunked\r\n\r\n4001\r\n")), -EMSGSIZE);
	ck_assert_int_eq(fetch_from(&f, (struct script){.answer = SLICE(HEAD "\r\n<root>"),
					    .endless = SLICE(TIMES64("<!-- -->"))}),
	    -EMSGSIZE);
	ck_assert_int_eq(fetch_from(&f, (struct script){.answer = SLICE(HEAD
							    "Transfer-Encoding: chunked\r\n\r\n"),
					    .endless = SLICE(TIMES64("8\r\n        \r\n"))}),
	    -EMSGSIZE);
}
END_TEST

START_TEST(a_head_is_bounded)
{
	struct fixture f;

	ck_assert_int_eq(fetch_from(&f, (struct script){.answer = SLICE("HTTP/1.1 200 "),
					    .endless = SLICE(TIMES64("OKOKOKOK"))}),
	    -EPROTO);
	ck_assert_int_eq(fetch_from(&f, (struct script){.answer = SLICE(HEAD),
					    .endless = SLICE(TIMES64("A: b\r\n"))}),
	    -EPROTO);
	ck_assert_int_eq(fetch_from(&f, (struct script){.answer = SLICE(HEAD "A: "),
					    .endless = SLICE(TIMES64("bbbbbbbb"))}),
	    -EPROTO);
	ck_assert_int_eq(
	    fetch_from(
		&f, (struct script){.answer = SLICE(HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\n"),
			.endless = SLICE(TIMES64("A: b\r\n"))}),
	    -EMSGSIZE);
}
END_TEST

START_TEST(a_chunk_size_without_end_costs_no_memory)
{
	static char zeros[64 * 1024];
	struct fixture f;

	memset(zeros, '0', sizeof(zeros));
	ck_assert_int_eq(fetch_from(&f, (struct script){.answer = SLICE(HEAD
							    "Transfer-Encoding: chunked\r\n\r\n"),
					    .endless = {zeros, sizeof(zeros)}}),
	    -EMSGSIZE);
}
END_TEST

START_TEST(a_slow_peer_ends_at_the_deadline)
{
	struct fixture f;
	struct instant start;

	setup(&f);
	start = loop_now(f.loop);
	teardown(&f);
	ck_assert_int_eq(
	    fetch_from(&f, (struct script){.stay = true, .timeout = MILLISECONDS(300)}),
	    -ETIMEDOUT);
	ck_assert_int_eq(fetch_from(&f, (struct script){.answer = SLICE(HEAD "\r\n" DOCUMENT),
					    .drip = true,
					    .timeout = MILLISECONDS(300)}),
	    -ETIMEDOUT);
	ck_assert_uint_gt(f.dripped, 3);
	setup(&f);
	ck_assert_int_ge(instant_since(loop_now(f.loop), start), MILLISECONDS(500));
	ck_assert_int_lt(instant_since(loop_now(f.loop), start), SECONDS(4));
	teardown(&f);
}
END_TEST

START_TEST(a_port_that_is_closed_is_refused)
{
	struct fixture f;

	setup(&f);
	listen_at(&f, address_ipv4(127, 0, 0, 1));
	evconnlistener_free(f.listener);
	f.listener = NULL;
	ck_assert_int_eq(fetcher_start(f.fetcher, 1, &f.here, 0, "/"), 0);
	ck_assert(run_until(f.loop, was_called, &f, NULL));
	ck_assert_int_eq(f.error, -ECONNREFUSED);
	run_for(f.loop, MILLISECONDS(1));
	ck_assert_uint_eq(f.calls, 1);
	teardown(&f);
}
END_TEST

START_TEST(a_network_that_is_not_there_is_told_from_the_loop)
{
	struct fixture f;
	const struct endpoint nowhere = {address_ipv4(198, 51, 100, 1), 80};

	if (!enter_namespace("a_network_that_is_not_there_is_told_from_the_loop"))
		return;
	setup(&f);
	ck_assert_int_eq(fetcher_start(f.fetcher, 1, &nowhere, 0, "/"), 0);
	ck_assert_uint_eq(f.calls, 0);
	ck_assert(run_until(f.loop, was_called, &f, NULL));
	ck_assert_int_eq(f.error, -ECONNRESET);
	teardown(&f);
}
END_TEST

START_TEST(a_link_local_address_is_reached_by_its_link)
{
	struct fixture f;
	char expected[64];
	struct address address;

	if (!enter_namespace("a_link_local_address_is_reached_by_its_link"))
		return;
	command("ip link add left type veth peer name right");
	command("ip addr add fe80::1/64 dev right nodad");
	command("ip link set left up && ip link set right up");
	setup(&f);
	ck_assert_int_eq(address_parse(SLICE("::"), &address), 0);
	listen_at(&f, address);
	f.script.answer = SLICE(HEAD "\r\n" DOCUMENT);
	ck_assert_int_eq(address_parse(SLICE("fe80::1"), &f.here.address), 0);
	ck_assert_int_eq(fetcher_start(f.fetcher, 1, &f.here, link_index("right"), "/"), 0);
	ck_assert(run_until(f.loop, was_called, &f, NULL));
	ck_assert_int_eq(f.error, 0);
	snprintf(expected, sizeof(expected), "\r\nHost: [fe80::1]:%u\r\n", (unsigned)f.here.port);
	ck_assert_ptr_nonnull(strstr(f.request, expected));
	teardown(&f);
}
END_TEST

static bool four_calls(void *context)
{
	struct fixture *f = context;
	return f->calls == 4;
}

START_TEST(several_run_at_once)
{
	struct fixture f;

	setup(&f);
	listen_at(&f, address_ipv4(127, 0, 0, 1));
	evconnlistener_free(f.listener);
	f.listener = NULL;
	for (uint64_t i = 0; i < 4; i++)
		ck_assert_int_eq(fetcher_start(f.fetcher, i, &f.here, 0, "/"), 0);
	ck_assert(run_until(f.loop, four_calls, &f, NULL));
	teardown(&f);
}
END_TEST

static bool two_calls(void *context)
{
	struct fixture *f = context;
	return f->calls == 2;
}

START_TEST(the_call_may_start_another_and_free_the_fetcher)
{
	struct fixture f;

	setup(&f);
	listen_at(&f, address_ipv4(127, 0, 0, 1));
	f.script.answer = SLICE(HEAD "\r\n" DOCUMENT);
	f.start_again = true;
	ck_assert_int_eq(fetcher_start(f.fetcher, 1, &f.here, 0, "/"), 0);
	ck_assert(run_until(f.loop, two_calls, &f, NULL));
	ck_assert_uint_eq(f.number, 2);
	ck_assert_str_eq(f.name, "lamp");

	f.calls = 0;
	f.free_inside = true;
	ck_assert_int_eq(fetcher_start(f.fetcher, 3, &f.here, 0, "/"), 0);
	ck_assert(run_until(f.loop, was_called, &f, NULL));
	ck_assert_ptr_null(f.fetcher);
	teardown(&f);
}
END_TEST

static bool request_came(void *context)
{
	struct fixture *f = context;
	return f->request[0] != '\0';
}

START_TEST(freeing_the_fetcher_cancels_without_a_call)
{
	struct fixture f;

	setup(&f);
	listen_at(&f, address_ipv4(127, 0, 0, 1));
	f.script.stay = true;
	ck_assert_int_eq(fetcher_start(f.fetcher, 1, &f.here, 0, "/"), 0);
	ck_assert(run_until(f.loop, request_came, &f, NULL));
	ck_assert_int_eq(fetcher_start(f.fetcher, 2, &f.here, 0, "/"), 0);
	fetcher_free(f.fetcher);
	f.fetcher = NULL;
	run_for(f.loop, MILLISECONDS(10));
	ck_assert_uint_eq(f.calls, 0);
	teardown(&f);
}
END_TEST

Suite *fetch_suite(void)
{
	Suite *suite = suite_create("net/fetch");
	TCase *tcase = tcase_create("fetch");

	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, a_description_is_read);
	tcase_add_test(tcase, a_body_may_come_in_chunks_or_end_with_the_connection);
	tcase_add_test(tcase, other_statuses_are_errors_and_redirects_are_not_followed);
	tcase_add_test(tcase, what_is_no_http_is_an_error);
	tcase_add_test(tcase, an_early_end_is_an_error);
	tcase_add_test(tcase, a_peer_that_does_not_wait_for_the_request_does_no_harm);
	tcase_add_test(tcase, a_bad_document_ends_the_fetch_at_once);
	tcase_add_test(tcase, a_body_is_bounded);
	tcase_add_test(tcase, a_head_is_bounded);
	tcase_add_test(tcase, a_chunk_size_without_end_costs_no_memory);
	tcase_add_test(tcase, a_slow_peer_ends_at_the_deadline);
	tcase_add_test(tcase, a_port_that_is_closed_is_refused);
	tcase_add_test(tcase, a_network_that_is_not_there_is_told_from_the_loop);
	tcase_add_test(tcase, a_link_local_address_is_reached_by_its_link);
	tcase_add_test(tcase, several_run_at_once);
	tcase_add_test(tcase, the_call_may_start_another_and_free_the_fetcher);
	tcase_add_test(tcase, freeing_the_fetcher_cancels_without_a_call);
	suite_add_tcase(suite, tcase);
	return suite;
}

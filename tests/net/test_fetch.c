/* SPDX-License-Identifier: ISC
 * Tests of net/fetch, against a small server in the same loop. */
#include "base/array.h"
#include "fetch_fixture.h"
#include "suites.h"
#include <errno.h>
#include <event2/listener.h>
#include <stdio.h>
#include <string.h>

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
	ck_assert_ptr_nonnull(strstr(f.request, "\r\nAccept-Encoding: identity\r\n"));
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

START_TEST(the_page_ends_the_fetch_whatever_the_response_promises)
{
	static const struct slice HEADS[] = {
	    SLICE(HEAD "\r\n"),
	    SLICE(HEAD "Connection: keep-alive\r\n\r\n"),
	    SLICE(HEAD "Content-Length: 99999999\r\n\r\n"),
	    SLICE(HEAD "Content-Length: 60\r\n\r\n"),
	    SLICE(HEAD "Content-Length: -1\r\n\r\n"),
	    SLICE(HEAD "no colon here\r\n\r\n"),
	    SLICE(HEAD "Transfer-Encoding: chunked\r\n\r\nffff\r\n"),
	    SLICE(HEAD "Transfer-Encoding: chunked\r\n\r\n"),
	    SLICE("\r\nHTTP/1.1 100 Continue\r\n\r\n" HEAD "\r\n"),
	    SLICE(""),
	};

	for (size_t i = 0; i < COUNT_OF(HEADS); i++) {
		char answer[256];
		struct fixture f;
		int len =
		    snprintf(answer, sizeof(answer), "%.*s%s", SLICE_ARGS(HEADS[i]), DOCUMENT);

		ck_assert_int_eq(
		    fetch_from(&f, (struct script){.answer = {answer, (size_t)len}, .stay = true}),
		    0);
		ck_assert_str_eq(f.name, "lamp");
		ck_assert(f.heard);
	}
}
END_TEST

START_TEST(other_statuses_are_errors_of_a_server_that_answers)
{
	static const struct slice ANSWERS[] = {
	    SLICE("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"),
	    SLICE("HTTP/1.1 204 No Content\r\n\r\n"),
	    SLICE("HTTP/1.1 302 Found\r\n\r\n"),
	    SLICE("SSH-2.0-server\r\n"),
	    SLICE("\x16\x03\x01\0\0\r\n\r\n"),
	    SLICE(HEAD "Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08"),
	};

	for (size_t i = 0; i < COUNT_OF(ANSWERS); i++) {
		struct fixture f;
		ck_assert_int_eq(fetch_from(&f, (struct script){.answer = ANSWERS[i]}), -EPROTO);
		ck_assert(f.heard);
	}
}
END_TEST

START_TEST(an_early_end_is_an_error)
{
	struct fixture f;

	ck_assert_int_eq(fetch_from(&f, (struct script){0}), -ECONNRESET);
	ck_assert(!f.heard);
	ck_assert_int_eq(
	    fetch_from(&f, (struct script){.answer = SLICE("HTTP/1.1 20")}), -ECONNRESET);
	ck_assert(f.heard);
	ck_assert_int_eq(
	    answered(SLICE(HEAD "Content-Length: 64\r\n\r\n<root><device>")), -ECONNRESET);
	ck_assert_int_eq(answered(SLICE(HEAD "\r\n<root><device>")), -EBADMSG);
	ck_assert_int_eq(answered(SLICE(HEAD "\r\n")), -EBADMSG);
}
END_TEST

START_TEST(an_empty_answer_is_an_error_though_the_connection_stays)
{
	struct fixture f;
	const struct slice empty = SLICE(HEAD "Content-Length: 0\r\n\r\n");

	ck_assert_int_eq(fetch_from(&f, (struct script){.answer = empty}), -EBADMSG);
	ck_assert_int_eq(fetch_from(&f, (struct script){.answer = empty, .stay = true}), -EBADMSG);
	ck_assert(f.heard);
	ck_assert_int_eq(
	    fetch_from(&f,
		(struct script){.answer = SLICE(HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
		    .stay = true}),
	    -EBADMSG);
}
END_TEST

START_TEST(a_page_that_is_cut_gives_what_came_before)
{
	const struct slice begun =
	    SLICE(HEAD "\r\n<root><device><friendlyName>lamp</friendlyName><modelN");
	struct fixture f;

	ck_assert_int_eq(
	    fetch_from(&f, (struct script){.answer = begun, .reset = true}), -ECONNRESET);
	ck_assert_str_eq(f.name, "lamp");
	ck_assert_int_eq(
	    fetch_from(
		&f, (struct script){.answer = begun, .stay = true, .timeout = MILLISECONDS(300)}),
	    -ETIMEDOUT);
	ck_assert_str_eq(f.name, "lamp");
	ck_assert_int_eq(
	    fetch_from(&f, (struct script){.answer = begun, .endless = SLICE(TIMES64("<a></a>"))}),
	    -EMSGSIZE);
	ck_assert_str_eq(f.name, "lamp");
	/* the server did what it promised */
	ck_assert_int_eq(fetch_from(&f, (struct script){.answer = begun}), 0);
	ck_assert_str_eq(f.name, "lamp");
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
	ck_assert_int_eq(fetch_from(&f, (struct script){.answer = SLICE(HEAD "\r\n<root></root>"),
					    .stay = true}),
	    -EBADMSG);
}
END_TEST

START_TEST(a_body_is_bounded)
{
	static const struct slice HEADS[] = {
	    SLICE(HEAD "\r\n<root>"),
	    SLICE(HEAD "Content-Length: 10\r\n\r\n<root>"),
	    SLICE(HEAD "Content-Length: 99999999999999999\r\n\r\n<root>"),
	    SLICE(HEAD "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n<root>"),
	};
	struct fixture f;

	for (size_t i = 0; i < COUNT_OF(HEADS); i++)
		ck_assert_int_eq(fetch_from(&f, (struct script){.answer = HEADS[i],
						    .endless = SLICE(TIMES64("<!-- -->"))}),
		    -EMSGSIZE);
	ck_assert_int_eq(
	    fetch_from(&f, (struct script){.answer = SLICE(HEAD "Transfer-Encoding: chunked\r\n\r\n"
								"6\r\n<root>\r\n"),
			       .endless = SLICE(TIMES64("8\r\n        \r\n"))}),
	    -EMSGSIZE);
}
END_TEST

START_TEST(a_head_is_bounded)
{
	static const struct slice BEGINNINGS[] = {
	    SLICE("HTTP/1.1 200 "),
	    SLICE(HEAD "A: "),
	    SLICE(HEAD "A: b\r\n"),
	    SLICE("\r\n"),
	};
	static const struct slice ENDLESS[] = {
	    SLICE(TIMES64("OKOKOKOK")),
	    SLICE(TIMES64("bbbbbbbb")),
	    SLICE(TIMES64("A: b\r\n")),
	    SLICE(TIMES64("\r\n\r\n\r\n\r\n")),
	};
	struct fixture f;

	for (size_t i = 0; i < COUNT_OF(BEGINNINGS); i++)
		ck_assert_int_eq(
		    fetch_from(&f, (struct script){.answer = BEGINNINGS[i], .endless = ENDLESS[i]}),
		    -EMSGSIZE);
}
END_TEST

/* It is read as a body that is no page. */
START_TEST(a_chunk_size_without_end_ends)
{
	static char zeros[64 * 1024];
	struct fixture f;

	memset(zeros, '0', sizeof(zeros));
	int error = fetch_from(
	    &f, (struct script){.answer = SLICE(HEAD "Transfer-Encoding: chunked\r\n\r\n"),
		    .endless = {zeros, sizeof(zeros)}});
	ck_assert(error == -EMSGSIZE || error == -EBADMSG);
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
	/* the first byte has half the time */
	setup(&f);
	ck_assert_int_ge(instant_since(loop_now(f.loop), start), MILLISECONDS(150 + 300));
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
	const struct address_port nowhere = {address_ipv4(198, 51, 100, 1), 80};

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
	tcase_add_test(tcase, the_page_ends_the_fetch_whatever_the_response_promises);
	tcase_add_test(tcase, other_statuses_are_errors_of_a_server_that_answers);
	tcase_add_test(tcase, an_early_end_is_an_error);
	tcase_add_test(tcase, an_empty_answer_is_an_error_though_the_connection_stays);
	tcase_add_test(tcase, a_page_that_is_cut_gives_what_came_before);
	tcase_add_test(tcase, a_peer_that_does_not_wait_for_the_request_does_no_harm);
	tcase_add_test(tcase, a_bad_document_ends_the_fetch_at_once);
	tcase_add_test(tcase, a_body_is_bounded);
	tcase_add_test(tcase, a_head_is_bounded);
	tcase_add_test(tcase, a_chunk_size_without_end_ends);
	tcase_add_test(tcase, a_slow_peer_ends_at_the_deadline);
	tcase_add_test(tcase, a_port_that_is_closed_is_refused);
	tcase_add_test(tcase, a_network_that_is_not_there_is_told_from_the_loop);
	tcase_add_test(tcase, a_link_local_address_is_reached_by_its_link);
	tcase_add_test(tcase, the_call_may_start_another_and_free_the_fetcher);
	tcase_add_test(tcase, freeing_the_fetcher_cancels_without_a_call);
	suite_add_tcase(suite, tcase);
	return suite;
}

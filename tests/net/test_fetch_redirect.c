/* SPDX-License-Identifier: ISC
 * Tests of net/fetch: where a redirect leads, and what a path may hold. */
#include "base/array.h"
#include "fetch_fixture.h"
#include "suites.h"
#include "wire/url.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(a_redirect_is_followed_once_on_the_same_port)
{
	const struct slice page = SLICE(HEAD "\r\n" DOCUMENT);
	const struct slice moved = SLICE("HTTP/1.1 301 Moved\r\nContent-Length: 3\r\n"
					 "Location: other page.xml?x\r\n\r\nno\n");
	struct fixture f;

	ck_assert_int_eq(fetch_from(&f, (struct script){.answer = moved, .second = page}), 0);
	ck_assert_str_eq(f.name, "lamp");
	ck_assert_str_eq(f.path, "/other%20page.xml?x");
	ck_assert_uint_eq(f.connections, 2);
	ck_assert_ptr_eq(strstr(f.request, "GET /other%20page.xml?x HTTP/1.1\r\n"), f.request);
	ck_assert_int_eq(
	    fetch_from(&f, (struct script){.answer = moved, .second = moved}), -EPROTO);
	ck_assert_uint_eq(f.connections, 2);
	ck_assert_int_eq(
	    fetch_from(
		&f, (struct script){.answer = SLICE("HTTP/1.1 302 Found\r\n"
						    "Location: http://127.0.0.1:1/x\r\n\r\n"),
			.second = page}),
	    -EPROTO);
	ck_assert_uint_eq(f.connections, 1);
}
END_TEST

/* The address and the port must be those of the server, whose port stands between. */
START_TEST(an_absolute_redirect_leads_to_the_same_server_only)
{
	static const struct {
		const char *before, *behind;
		int error;
	} ROWS[] = {
	    {"http://127.0.0.1:", "/x", 0},
	    {"HTTP://127.0.0.1:", "", 0},
	    {"//127.0.0.1:", "/x", 0},
	    {"http://127.0.0.2:", "/x", -EPROTO},
	    {"https://127.0.0.1:", "/x", -EPROTO},
	    {"http://localhost:", "/x", -EPROTO},
	    {"http://[::1]:", "/x", -EPROTO},
	    {"http://127.0.0.1/", "", -EPROTO},
	    {"http://user@127.0.0.1:", "/x", -EPROTO},
	};

	for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
		char location[128], answer[256];
		struct fixture f;

		setup(&f);
		listen_at(&f, address_ipv4(127, 0, 0, 1));
		snprintf(location, sizeof(location), "%s%u%s", ROWS[i].before,
		    (unsigned)f.here.port, ROWS[i].behind);
		snprintf(
		    answer, sizeof(answer), "HTTP/1.1 307 Moved\r\nLocation: %s\r\n\r\n", location);
		f.script = (struct script){
		    .answer = slice_of(answer), .second = SLICE(HEAD "\r\n" DOCUMENT)};
		ck_assert_int_eq(fetcher_start(f.fetcher, 7, &f.here, 0, "/"), 0);
		ck_assert(run_until(f.loop, was_called, &f, NULL));
		ck_assert_msg(f.error == ROWS[i].error, "%s: %d", location, f.error);
		ck_assert_uint_eq(f.connections, ROWS[i].error ? 1 : 2);
		teardown(&f);
	}
}
END_TEST

START_TEST(a_path_adds_nothing_to_the_request)
{
	struct fixture f;

	setup(&f);
	listen_at(&f, address_ipv4(127, 0, 0, 1));
	f.script.answer = SLICE(HEAD "\r\n" DOCUMENT);
	ck_assert_int_eq(
	    fetcher_start(f.fetcher, 7, &f.here, 0, "/a b\r\nX: y\x7f\xc3\xbc%20\"{}"), 0);
	ck_assert(run_until(f.loop, was_called, &f, NULL));
	ck_assert_ptr_eq(
	    strstr(f.request, "GET /a%20bX:%20y%7F%C3%BC%20%22%7B%7D HTTP/1.1\r\n"), f.request);
	ck_assert_ptr_null(strstr(f.request, "\nX: y"));
	teardown(&f);
}
END_TEST

/* A reader that takes the body as the name of the device. */
struct name_reader {
	char name[32];
	size_t len;
};

static void *name_create(size_t body_max)
{
	(void)body_max;
	return calloc(1, sizeof(struct name_reader));
}

static int name_feed(void *context, struct slice bytes)
{
	struct name_reader *reader = context;

	for (size_t i = 0; i < bytes.len && reader->len < sizeof(reader->name) - 1; i++)
		reader->name[reader->len++] = bytes.bytes[i];
	return 0;
}

static bool name_complete(const void *reader)
{
	return ((const struct name_reader *)reader)->len == 4;
}

static int name_finish(void *reader, struct description **out)
{
	*out = calloc(1, sizeof(**out));
	ck_assert_ptr_nonnull(*out);
	(*out)->device_count = 1;
	(*out)->devices[0].friendly_name = strdup(((struct name_reader *)reader)->name);
	return 0;
}

static const struct page_reader_type NAME_READER = {
    name_create, free, name_feed, name_complete, name_finish};

START_TEST(a_body_is_posted_and_its_answer_read_by_the_reader_that_is_asked_for)
{
	struct fetch_request request = {"/get", {"text/plain", SLICE("who")}, &NAME_READER};
	char large[FETCH_BODY_MAX + 1];
	struct fixture f;

	setup(&f);
	listen_at(&f, address_ipv4(127, 0, 0, 1));
	f.script =
	    (struct script){.answer = SLICE("HTTP/1.1 307 Moved\r\nLocation: /there\r\n\r\n"),
		.second = SLICE("HTTP/1.1 200 OK\r\n\r\nlamp")};
	ck_assert_int_eq(fetcher_ask(f.fetcher, 7, &f.here, 0, &request), 0);
	ck_assert(run_until(f.loop, was_called, &f, NULL));
	ck_assert_int_eq(f.error, 0);
	ck_assert_str_eq(f.name, "lamp");
	ck_assert_ptr_eq(strstr(f.request, "POST /there HTTP/1.1\r\n"), f.request);
	ck_assert_ptr_nonnull(strstr(f.request, "Content-Type: text/plain\r\n"));
	request.content.body = (struct slice){large, sizeof(large)};
	ck_assert_int_eq(fetcher_ask(f.fetcher, 8, &f.here, 0, &request), -EMSGSIZE);
	teardown(&f);
}
END_TEST

START_TEST(a_path_that_is_too_long_is_refused)
{
	char path[URL_MAX + 2] = "/";
	struct fixture f;

	setup(&f);
	listen_at(&f, address_ipv4(127, 0, 0, 1));
	f.script.answer = SLICE(HEAD "\r\n" DOCUMENT);
	memset(path + 1, ' ', URL_MAX);
	ck_assert_int_eq(fetcher_start(f.fetcher, 7, &f.here, 0, path), -EMSGSIZE);
	path[URL_MAX] = '\0';
	ck_assert_int_eq(fetcher_start(f.fetcher, 7, &f.here, 0, path), 0);
	ck_assert(run_until(f.loop, was_called, &f, NULL));
	ck_assert_int_eq(f.error, 0);
	ck_assert_ptr_nonnull(strstr(f.request, "%20%20 HTTP/1.1\r\n"));
	teardown(&f);
}
END_TEST

Suite *fetch_redirect_suite(void)
{
	Suite *suite = suite_create("net/fetch_redirect");
	TCase *tcase = tcase_create("fetch_redirect");

	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, a_redirect_is_followed_once_on_the_same_port);
	tcase_add_test(tcase, an_absolute_redirect_leads_to_the_same_server_only);
	tcase_add_test(tcase, a_path_adds_nothing_to_the_request);
	tcase_add_test(tcase, a_body_is_posted_and_its_answer_read_by_the_reader_that_is_asked_for);
	tcase_add_test(tcase, a_path_that_is_too_long_is_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}

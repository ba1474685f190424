/* SPDX-License-Identifier: ISC
 * Tests of web/web_request: the head of a request, and what is encoded in it. */
#include "suites.h"
#include "web/web_request.h"
#include "wire/expect.h"
#include <errno.h>

START_TEST(the_headers_that_count_are_read)
{
	struct web_request request;

	ck_assert_int_eq(web_request_parse(SLICE("GET /a/b?q=1&all=?x HTTP/1.1\r\n"
						 "Host: board:5080\r\n"
						 "accept: text/html\r\n"
						 "IF-NONE-MATCH: \"a\"\r\n"
						 "Last-Event-ID:  7 \r\n"
						 "\r\nmore"),
			     &request),
	    0);
	ck_assert_slice(request.method, "GET");
	ck_assert_slice(request.path, "/a/b");
	ck_assert_slice(request.query, "q=1&all=?x");
	ck_assert_slice(request.host, "board:5080");
	ck_assert_slice(request.authority, NULL);
	ck_assert_slice(request.accept, "text/html");
	ck_assert_slice(request.if_none_match, "\"a\"");
	ck_assert_slice(request.last_event_id, "7");
}
END_TEST

START_TEST(what_is_missing_is_none)
{
	struct web_request request;

	ck_assert_int_eq(web_request_parse(SLICE("GET http://x:1/? HTTP/1.0\n\n"), &request), 0);
	ck_assert_slice(request.path, "/");
	ck_assert_slice(request.query, "");
	ck_assert_slice(request.authority, "x:1");
	ck_assert_slice(request.host, NULL);
	ck_assert_slice(request.accept, NULL);
	ck_assert_slice(request.if_none_match, NULL);
	ck_assert_slice(request.last_event_id, NULL);
}
END_TEST

START_TEST(half_a_request_waits_and_a_wrong_one_is_none)
{
	struct web_request request;

	ck_assert_int_eq(web_request_parse(SLICE("GET / HTTP/1.1\r\n"), &request), -EAGAIN);
	ck_assert_int_eq(web_request_parse(SLICE("GET /\r\n\r\n"), &request), -EBADMSG);
	ck_assert_slice(request.path, NULL);
}
END_TEST

static const struct decoding {
	const char *text;
	bool plus;
	const char *decoded; /* NULL: refused */
} DECODINGS[] = {
    {"", false, ""},
    {"uuid%3Aab-c", false, "uuid:ab-c"},
    {"%c3%A4", false, "ä"},
    {"a+b", false, "a+b"},
    {"a+b%2b", true, "a b+"},
    {"%2", false, NULL},
    {"%", false, NULL},
    {"%zz", false, NULL},
    {"%2x", false, NULL},
    {"% 2", false, NULL},
    {"%00", false, NULL},
    {"1234567890123456", false, NULL},
    {"123456789012345", false, "123456789012345"},
};

START_TEST(percent_encoding_is_undone)
{
	const struct decoding *row = &DECODINGS[_i];
	char out[16];
	int len = web_request_decode(slice_of(row->text), row->plus, out, sizeof(out));

	if (row->decoded) {
		ck_assert_int_eq(len, (int)strlen(row->decoded));
		ck_assert_str_eq(out, row->decoded);
	} else {
		ck_assert_msg(len < 0, "%s", row->text);
	}
}
END_TEST

START_TEST(an_entity_tag_is_one_of_several)
{
	ck_assert(web_request_has_tag(SLICE("\"a\""), SLICE("\"a\"")));
	ck_assert(web_request_has_tag(SLICE("\"b\" , W/\"a\""), SLICE("\"a\"")));
	ck_assert(web_request_has_tag(SLICE("*"), SLICE("\"a\"")));
	ck_assert(!web_request_has_tag(SLICE("\"ab\", a"), SLICE("\"a\"")));
	ck_assert(!web_request_has_tag(SLICE_NONE, SLICE("\"a\"")));
}
END_TEST

Suite *web_request_suite(void)
{
	Suite *suite = suite_create("web/web_request");
	TCase *tcase = tcase_create("web_request");

	tcase_add_test(tcase, the_headers_that_count_are_read);
	tcase_add_test(tcase, what_is_missing_is_none);
	tcase_add_test(tcase, half_a_request_waits_and_a_wrong_one_is_none);
	add_test_of_rows(tcase, percent_encoding_is_undone, DECODINGS);
	tcase_add_test(tcase, an_entity_tag_is_one_of_several);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of web/web_response: the head of a response. */
#include "suites.h"
#include "web/web_response.h"
#include <string.h>

static char text[WEB_RESPONSE_HEAD_MAX];

static const char *formatted(struct web_response response)
{
	struct writer w;

	response.date = "Mon, 30 Nov 2026 20:43:21 GMT";
	writer_init(&w, text, sizeof(text) - 1);
	web_response_format(&response, &w);
	ck_assert_int_eq(writer_error(&w), 0);
	text[w.len] = '\0';
	return text;
}

#define POLICY                                                                                     \
	"Cache-Control: no-cache\r\n"                                                              \
	"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "       \
	"connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "                \
	"frame-ancestors 'none'\r\n"                                                               \
	"X-Content-Type-Options: nosniff\r\n"                                                      \
	"Referrer-Policy: no-referrer\r\n"                                                         \
	"Cross-Origin-Resource-Policy: same-origin\r\n"                                            \
	"Connection: close\r\n\r\n"

START_TEST(every_head_has_the_policy)
{
	ck_assert_str_eq(
	    formatted((struct web_response){
		.status = 200, .content_type = "text/css", .content_length = 12, .tag = "\"1\""}),
	    "HTTP/1.1 200 OK\r\n"
	    "Date: Mon, 30 Nov 2026 20:43:21 GMT\r\n"
	    "Content-Type: text/css\r\n"
	    "ETag: \"1\"\r\n"
	    "Content-Length: 12\r\n" POLICY);
	ck_assert_ptr_nonnull(strstr(formatted((struct web_response){.status = 418}), POLICY));
}
END_TEST

START_TEST(a_status_has_its_own_headers)
{
	ck_assert_ptr_nonnull(
	    strstr(formatted((struct web_response){.status = 405}), "\r\nAllow: GET, HEAD\r\n"));
	ck_assert_ptr_nonnull(
	    strstr(formatted((struct web_response){.status = 503}), "\r\nRetry-After: 2\r\n"));
	ck_assert_ptr_null(strstr(
	    formatted((struct web_response){.status = 304, .tag = "\"1\""}), "Content-Length"));
	ck_assert_ptr_null(strstr(
	    formatted((struct web_response){.status = 200, .endless = true}), "Content-Length"));
}
END_TEST

Suite *web_response_suite(void)
{
	Suite *suite = suite_create("web/web_response");
	TCase *tcase = tcase_create("web_response");

	tcase_add_test(tcase, every_head_has_the_policy);
	tcase_add_test(tcase, a_status_has_its_own_headers);
	suite_add_tcase(suite, tcase);
	return suite;
}

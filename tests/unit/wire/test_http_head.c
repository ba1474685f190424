/* SPDX-License-Identifier: ISC
 * Tests of wire/http_head. */
#include "base/array.h"
#include "expect.h"
#include "suites.h"
#include "wire/http_head.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

START_TEST(a_request_comes_apart)
{
	struct slice input = SLICE("GET /description.xml?x HTTP/1.1\r\nhost: 192.0.2.1:5006\r\n"
				   "User-Agent: x\r\n\r\nbody");
	struct http_request request;
	size_t len = 0;

	ck_assert_int_eq(http_request_parse(input, &request, &len), 0);
	ck_assert_uint_eq(len, input.len - 4);
	ck_assert_slice(request.method, "GET");
	ck_assert_slice(request.path, "/description.xml?x");
	ck_assert_slice(request.host, "192.0.2.1:5006");
	ck_assert_slice(request.authority, NULL);
	ck_assert(!request.wants_language);
	ck_assert_uint_eq(request.minor, 1);
}
END_TEST

START_TEST(a_head_may_lack_a_host_and_carriage_returns)
{
	struct http_request request;
	size_t len = 0;

	ck_assert_int_eq(http_request_parse(SLICE("HEAD / HTTP/1.0\n\n"), &request, &len), 0);
	ck_assert_uint_eq(len, 17);
	ck_assert_ptr_null(request.host.bytes);
	ck_assert_uint_eq(request.minor, 0);
}
END_TEST

START_TEST(an_absolute_form_gives_its_path)
{
	struct http_request request;
	size_t len = 0;

	ck_assert_int_eq(http_request_parse(SLICE("GET http://192.0.2.1:5006/a?b HTTP/1.1\r\n\r\n"),
			     &request, &len),
	    0);
	ck_assert_slice(request.path, "/a?b");
	ck_assert_slice(request.authority, "192.0.2.1:5006");
	ck_assert_int_eq(
	    http_request_parse(SLICE("GET http://192.0.2.1 HTTP/1.1\r\n\r\n"), &request, &len), 0);
	ck_assert_slice(request.path, "/");
	ck_assert_slice(request.authority, "192.0.2.1");
	ck_assert_int_eq(
	    http_request_parse(SLICE("GET http://h?/a HTTP/1.1\r\n\r\n"), &request, &len), 0);
	ck_assert_slice(request.path, "?/a");
	ck_assert_slice(request.authority, "h");
}
END_TEST

START_TEST(every_part_of_a_head_asks_for_more)
{
	struct slice whole = SLICE("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	struct http_request request;
	size_t len = 7;

	for (size_t n = 0; n < whole.len; n++)
		ck_assert_int_eq(http_request_parse(slice_head(whole, n), &request, &len), -EAGAIN);
	ck_assert_uint_eq(len, 7);
	ck_assert_int_eq(http_request_parse(whole, &request, &len), 0);
}
END_TEST

#define END "\r\nHost: x\r\n\r\n"

static const struct slice BAD[] = {
    SLICE("\r\n"),
    SLICE("GET /" END),
    SLICE("GET / HTTP/2.0" END),
    SLICE("GET / HTTP/1." END),
    SLICE("GET / HTTP/1.10" END),
    SLICE("GET / http/1.1" END),
    SLICE("GET  / HTTP/1.1" END),
    SLICE("GET /a b HTTP/1.1" END),
    SLICE(" / HTTP/1.1" END),
    SLICE("GET x HTTP/1.1" END),
    SLICE("GET * HTTP/1.1" END),
    SLICE("GET http://u@h/ HTTP/1.1" END),
    SLICE("GET ftp://h/ HTTP/1.1" END),
    SLICE("GET http:/// HTTP/1.1" END),
    SLICE("GET / HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n"),
    SLICE("GET /\0 HTTP/1.1" END),
    SLICE("GET / HTTP/1.1\r\nA: \0" END),
};

START_TEST(bad_requests_are_refused)
{
	struct http_request request;
	size_t len;

	ck_assert_int_eq(http_request_parse(BAD[_i], &request, &len), -EBADMSG);
}
END_TEST

START_TEST(a_request_has_4096_bytes_at_most)
{
	char text[HTTP_REQUEST_MAX + 1];
	struct http_request request;
	size_t len;

	memset(text, 'x', sizeof(text));
	memcpy(text, "GET / HTTP/1.1\r\nCookie: ", 24);
	ck_assert_int_eq(
	    http_request_parse((struct slice){text, HTTP_REQUEST_MAX - 1}, &request, &len),
	    -EAGAIN);
	ck_assert_int_eq(
	    http_request_parse((struct slice){text, HTTP_REQUEST_MAX}, &request, &len), -EMSGSIZE);
	memcpy(text + HTTP_REQUEST_MAX - 4, "\r\n\r\n", 4);
	ck_assert_int_eq(
	    http_request_parse((struct slice){text, HTTP_REQUEST_MAX}, &request, &len), 0);
	memcpy(text + HTTP_REQUEST_MAX - 4, "x\r\n\r\n", 5);
	ck_assert_int_eq(
	    http_request_parse((struct slice){text, HTTP_REQUEST_MAX + 1}, &request, &len),
	    -EMSGSIZE);
}
END_TEST

START_TEST(a_request_has_32_headers_at_most)
{
	char text[HTTP_REQUEST_MAX] = "GET / HTTP/1.1\r\n";
	struct http_request request;
	size_t len;

	for (int i = 0; i < 33; i++)
		strcat(text, "A: 1\r\n");
	strcat(text, "\r\n");
	ck_assert_int_eq(http_request_parse(slice_of(text), &request, &len), -EMSGSIZE);
}
END_TEST

START_TEST(a_response_is_exact)
{
	char out[512];
	struct writer w;

	writer_init(&w, out, sizeof(out));
	http_response_format(
	    &(struct http_response){
		.status = 200,
		.content_type = SLICE("text/xml; charset=\"utf-8\""),
		.content_length = 1234,
		.server = SLICE("Linux/6.1 UPnP/2.0 discoverd/0.1"),
		.date = SLICE("Sun, 06 Nov 1994 08:49:37 GMT"),
	    },
	    &w);
	ck_assert_slice(writer_result(&w),
	    "HTTP/1.1 200 OK\r\nServer: Linux/6.1 UPnP/2.0 discoverd/0.1\r\n"
	    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/xml; charset=\"utf-8\"\r\n"
	    "Content-Length: 1234\r\nConnection: close\r\n\r\n");
	writer_init(&w, out, sizeof(out));
	http_response_format(
	    &(struct http_response){.status = 405, .allow = SLICE("GET, HEAD")}, &w);
	ck_assert_slice(writer_result(&w),
	    "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\nContent-Length: 0\r\n"
	    "Connection: close\r\n\r\n");
	writer_init(&w, out, sizeof(out));
	http_response_format(
	    &(struct http_response){.status = 412, .language = SLICE("en"), .ext = true}, &w);
	ck_assert_slice(writer_result(&w),
	    "HTTP/1.1 412 Precondition Failed\r\nContent-Language: en\r\nEXT:\r\n"
	    "Content-Length: 0\r\nConnection: close\r\n\r\n");
	writer_init(&w, out, sizeof(out));
	http_response_format(&(struct http_response){.status = 599}, &w);
	ck_assert_slice(slice_head(writer_result(&w), 15), "HTTP/1.1 599 \r\n");
}
END_TEST

#define GET_END                                                                                    \
	"User-Agent: agent/1\r\nAccept: text/xml, application/xml, */*\r\n"                        \
	"Accept-Encoding: identity\r\nConnection: close\r\n\r\n"

static const struct {
	const char *address;
	uint16_t port;
	const char *path, *request;
} GETS[] = {
    {"192.0.2.1", 49152, "/d.xml?a=b",
	"GET /d.xml?a=b HTTP/1.1\r\nHost: 192.0.2.1:49152\r\n" GET_END},
    {"192.0.2.1", 80, "/", "GET / HTTP/1.1\r\nHost: 192.0.2.1\r\n" GET_END},
    {"192.0.2.1", 8080, "/", "GET / HTTP/1.1\r\nHost: 192.0.2.1:8080\r\n" GET_END},
    {"fe80::1", 80, "/", "GET / HTTP/1.1\r\nHost: [fe80::1]\r\n" GET_END},
    {"fe80::1", 8008, "?x", "GET /?x HTTP/1.1\r\nHost: [fe80::1]:8008\r\n" GET_END},
    /* no line end gets into the request */
    {"192.0.2.1", 80, "/a b\r\nX: y", "GET /a%20bX:%20y HTTP/1.1\r\nHost: 192.0.2.1\r\n" GET_END},
};

START_TEST(a_get_is_exact)
{
	struct address_port to = {.port = GETS[_i].port};
	char out[512];
	struct writer w;

	ck_assert_int_eq(address_parse(slice_of(GETS[_i].address), &to.address), 0);
	writer_init(&w, out, sizeof(out));
	http_get_format(&to, slice_of(GETS[_i].path), SLICE("agent/1"), &w);
	ck_assert_slice(writer_result(&w), GETS[_i].request);
}
END_TEST

START_TEST(each_status_has_its_phrase)
{
	static const char *const LINES[] = {"200 OK", "400 Bad Request", "404 Not Found",
	    "405 Method Not Allowed", "408 Request Timeout", "421 Misdirected Request",
	    "431 Request Header Fields Too Large", "500 Internal Server Error",
	    "503 Service Unavailable"};
	for (size_t i = 0; i < COUNT_OF(LINES); i++) {
		char out[256], expected[64];
		struct writer w;
		unsigned status = 0;
		ck_assert_int_eq(sscanf(LINES[i], "%u", &status), 1);
		writer_init(&w, out, sizeof(out));
		http_response_format(&(struct http_response){.status = status}, &w);
		snprintf(expected, sizeof(expected), "HTTP/1.1 %s\r\n", LINES[i]);
		ck_assert_slice(slice_head(writer_result(&w), strlen(expected)), expected);
	}
}
END_TEST

START_TEST(a_post_has_its_body_behind_the_head)
{
	struct address_port to = {address_ipv4(192, 0, 2, 9), 5357};
	struct http_content content = {"text/plain", SLICE("a\r\nb")};
	char text[512];
	struct writer w;

	writer_init(&w, text, sizeof(text) - 1);
	http_post_format(&to, SLICE("/x y"), SLICE("agent/1"), &content, &w);
	ck_assert_int_eq(writer_error(&w), 0);
	text[w.len] = '\0';
	ck_assert_str_eq(text,
	    "POST /x%20y HTTP/1.1\r\nHost: 192.0.2.9:5357\r\nUser-Agent: agent/1\r\n"
	    "Content-Type: text/plain\r\nContent-Length: 4\r\nAccept-Encoding: identity\r\n"
	    "Connection: close\r\n\r\na\r\nb");
}
END_TEST

Suite *http_head_suite(void)
{
	Suite *suite = suite_create("wire/http_head");
	TCase *tcase = tcase_create("http_head");
	tcase_add_test(tcase, a_request_comes_apart);
	tcase_add_test(tcase, a_head_may_lack_a_host_and_carriage_returns);
	tcase_add_test(tcase, an_absolute_form_gives_its_path);
	tcase_add_test(tcase, every_part_of_a_head_asks_for_more);
	add_test_of_rows(tcase, bad_requests_are_refused, BAD);
	tcase_add_test(tcase, a_request_has_4096_bytes_at_most);
	tcase_add_test(tcase, a_request_has_32_headers_at_most);
	tcase_add_test(tcase, a_response_is_exact);
	add_test_of_rows(tcase, a_get_is_exact, GETS);
	tcase_add_test(tcase, a_post_has_its_body_behind_the_head);
	tcase_add_test(tcase, each_status_has_its_phrase);
	suite_add_tcase(suite, tcase);
	return suite;
}

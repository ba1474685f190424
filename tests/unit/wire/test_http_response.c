/* SPDX-License-Identifier: ISC
 * Tests of wire/http_response: each form whole, cut in two at every byte, and byte by byte. */
#include "expect.h"
#include "suites.h"
#include "wire/http_response.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OK            "HTTP/1.1 200 OK\r\n"
#define CHUNKED       OK "Transfer-Encoding: chunked\r\n\r\n"
#define PAGE          "<r>abc</r>"
#define TIMES4(text)  text text text text
#define TIMES64(text) TIMES4(TIMES4(TIMES4(text)))

/* What a response is read as. */
struct outcome {
	int error;
	char *body;
	size_t body_len;
	bool satisfied;
	int end;
	char redirect[URL_MAX + 1];
};

static void feed(
    struct http_response_reader *reader, struct slice input, struct outcome *outcome, size_t room)
{
	while (!outcome->error && input.len > 0) {
		struct slice body;
		outcome->error = http_response_feed(reader, &input, &body);
		ck_assert_uint_le(outcome->body_len + body.len, room);
		if (outcome->error || body.len == 0)
			continue;
		memcpy(outcome->body + outcome->body_len, body.bytes, body.len);
		outcome->body_len += body.len;
	}
}

/* Each piece in an allocation of its own. */
static void feed_copy(
    struct http_response_reader *reader, struct slice piece, struct outcome *outcome, size_t room)
{
	char *copy = slice_dup(piece);

	ck_assert_ptr_nonnull(copy);
	feed(reader, (struct slice){copy, piece.len}, outcome, room);
	free(copy);
}

/* The first `first` bytes, then pieces of `step` bytes. */
static struct outcome read_pieces(struct slice input, size_t first, size_t step)
{
	const size_t room = input.len;
	struct outcome outcome = {.body = malloc(room + 1)};
	struct http_response_reader reader;

	ck_assert_ptr_nonnull(outcome.body);
	http_response_reader_init(&reader);
	feed_copy(&reader, slice_head(input, first), &outcome, room);
	for (input = slice_skip(input, first); input.len > 0; input = slice_skip(input, step))
		feed_copy(&reader, slice_head(input, step), &outcome, room);
	outcome.satisfied = http_response_satisfied(&reader);
	outcome.end = http_response_end(&reader);
	struct slice redirect = http_response_redirect(&reader);
	if (redirect.len > 0)
		memcpy(outcome.redirect, redirect.bytes, redirect.len);
	return outcome;
}

static const struct row {
	struct slice input;
	const char *body;
	int end; /* -EINPROGRESS: 0 and satisfied */
} ROWS[] = {
    /* status lines */
    {SLICE(OK "\r\n" PAGE), PAGE, 0},
    {SLICE("HTTP/1.0 200 OK\r\n\r\n" PAGE), PAGE, 0},
    {SLICE("HTTP/1.1 200\r\n\r\n" PAGE), PAGE, 0},
    {SLICE("HTTP/1.1 200 \r\n\r\n" PAGE), PAGE, 0},
    {SLICE("HTTP/1.2 200 OK\n\n" PAGE), PAGE, 0},
    {SLICE("http/1.1  200 ok\r\n\n" PAGE), PAGE, 0},
    {SLICE("HTTP 200 OK\r\n\r\n" PAGE), PAGE, 0},
    {SLICE("HTTP/1.1\t200\tOK\r\n\r\n" PAGE), PAGE, 0},
    {SLICE("ICY 200 OK\r\n\r\n" PAGE), PAGE, 0},
    {SLICE("HTTP/1.1 203 Translated\r\n\r\n" PAGE), PAGE, 0},
    {SLICE("HTTP/1.1 206 Partial\r\n\r\n" PAGE), PAGE, 0},
    {SLICE("HTTP/1.1 200 " TIMES64("very good reason") "\r\n\r\n" PAGE), PAGE, 0},
    {SLICE("\r\n" OK "\r\n" PAGE), PAGE, 0},
    {SLICE("\n\r\n \r\n" OK "\r\n" PAGE), PAGE, 0},
    /* no head at all */
    {SLICE(PAGE), PAGE, 0},
    {SLICE("\r\n" PAGE), PAGE, 0},
    {SLICE("\xef\xbb\xbf" PAGE), "\xef\xbb\xbf" PAGE, 0},
    /* headers */
    {SLICE(OK "garbage\r\nContent-Length: 10\r\n\r\n" PAGE), PAGE, -EINPROGRESS},
    {SLICE(OK ": x\r\n:\r\nContent-Length: 10\r\n\r\n" PAGE), PAGE, -EINPROGRESS},
    {SLICE(OK "CONTENT-LENGTH : 10\r\n\r\n" PAGE), PAGE, -EINPROGRESS},
    {SLICE(OK "Content-Length:10\r\r\n\r\r\n" PAGE), PAGE, -EINPROGRESS},
    {SLICE(OK "Content-Length:\r\n 10\r\n\r\n" PAGE), PAGE, -EINPROGRESS},
    {SLICE(OK "X: a\r\n\tContent-Length: 99\r\n\r\n" PAGE), PAGE, 0},
    {SLICE(OK "Content-Length: 1\0\r\n\r\n" PAGE), PAGE, 0},
    {SLICE(OK "X-Long: " TIMES64("some twenty letters.") "\r\nContent-Length: 10\r\n\r\n" PAGE),
	PAGE, -EINPROGRESS},
    {SLICE(OK TIMES64("X-Vendor: 1\r\n") "Content-Length: 10\r\n\r\n" PAGE), PAGE, -EINPROGRESS},
    {SLICE(OK "Location: /x\r\n\r\n" PAGE), PAGE, 0},
    /* lengths */
    {SLICE(OK "Content-Length: 0\r\n\r\n"), "", -EINPROGRESS},
    {SLICE(OK "Content-Length: 3\r\n\r\n" PAGE), PAGE, -EINPROGRESS},
    {SLICE(OK "Content-Length: 99\r\n\r\n" PAGE), PAGE, -ECONNRESET},
    {SLICE(OK "Content-Length: -1\r\n\r\n" PAGE), PAGE, 0},
    {SLICE(OK "Content-Length: ten\r\n\r\n" PAGE), PAGE, 0},
    {SLICE(OK "Content-Length:\r\n\r\n" PAGE), PAGE, 0},
    {SLICE(OK "Content-Length: 99999999999999999999\r\n\r\n" PAGE), PAGE, 0},
    {SLICE(OK "Content-Length: 10\r\nContent-Length: 99\r\n\r\n" PAGE), PAGE, -EINPROGRESS},
    {SLICE(OK "Content-Length: x\r\nContent-Length: 10\r\n\r\n" PAGE), PAGE, -EINPROGRESS},
    {SLICE(OK "Content-Length: 10, 10\r\n\r\n" PAGE), PAGE, -EINPROGRESS},
    {SLICE(OK "Connection: keep-alive\r\n\r\n" PAGE), PAGE, 0},
    /* chunks */
    {SLICE(CHUNKED "a\r\n" PAGE "\r\n0\r\n\r\n"), PAGE, -EINPROGRESS},
    {SLICE(CHUNKED "3\r\n<r>\r\n7\r\nabc</r>\r\n0\r\n\r\n"), PAGE, -EINPROGRESS},
    {SLICE(OK "Transfer-Encoding: Chunked\r\n\r\nA\r\n" PAGE "\r\n0\r\n\r\n"), PAGE, -EINPROGRESS},
    {SLICE("HTTP/1.0 200 OK\nTransfer-Encoding:CHUNKED\n\na\n" PAGE "\n0\n\n"), PAGE, -EINPROGRESS},
    {SLICE(OK "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\na\r\n" PAGE "\r\n0\r\n\r\n"),
	PAGE, -EINPROGRESS},
    {SLICE(OK "Transfer-Encoding: identity, chunked ;q=1\r\n\r\na\r\n" PAGE "\r\n0\r\n"), PAGE,
	-EINPROGRESS},
    {SLICE(CHUNKED "  00000a  \r\n" PAGE "\r\n 000 \r\n\r\n"), PAGE, -EINPROGRESS},
    {SLICE(CHUNKED "a;name=\"v;w\"\r\n" PAGE "\r\n0;last\r\n\r\n"), PAGE, -EINPROGRESS},
    {SLICE(CHUNKED "\r\na\r\n" PAGE "\r\n\r\n0\r\n\r\n"), PAGE, -EINPROGRESS},
    {SLICE(CHUNKED "a\r\n" PAGE "\r\n"), PAGE, -ECONNRESET},
    {SLICE(CHUNKED "a\r\n" PAGE), PAGE, -ECONNRESET},
    {SLICE(CHUNKED "b\r\n" PAGE), PAGE, -ECONNRESET},
    {SLICE(CHUNKED "ffffffffffffffffffff\r\n" PAGE), PAGE, -ECONNRESET},
    {SLICE(CHUNKED), "", -ECONNRESET},
    /* an empty chunk that was not meant to be the last */
    {SLICE(CHUNKED "3\r\n<r>\r\n0\r\n\r\n7\r\nabc</r>\r\n0\r\n\r\n"), PAGE, -EINPROGRESS},
    /* said to be in chunks, and is not, or not rightly */
    {SLICE(CHUNKED PAGE), PAGE, 0},
    {SLICE(CHUNKED "\r\n" PAGE), PAGE, 0},
    {SLICE(CHUNKED "abc" PAGE "\r\n"), "abc" PAGE "\r\n", 0},
    {SLICE(CHUNKED "0x10\r\n" PAGE), "0x10\r\n" PAGE, 0},
    {SLICE(CHUNKED "-1\r\n" PAGE), "-1\r\n" PAGE, 0},
    {SLICE(CHUNKED "8\r\n" PAGE "\r\n0\r\n\r\n"), PAGE "\r\n0\r\n\r\n", 0},
    /* interim responses */
    {SLICE("HTTP/1.1 100 Continue\r\n\r\n" OK "\r\n" PAGE), PAGE, 0},
    {SLICE("HTTP/1.1 102 Processing\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"
	   "HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 10\r\n\r\n" PAGE),
	PAGE, -EINPROGRESS},
    /* codings that are none */
    {SLICE(OK "Content-Encoding: UTF-8\r\n\r\n" PAGE), PAGE, 0},
    {SLICE(OK "Content-Encoding: identity\r\n\r\nx" PAGE), "x" PAGE, 0},
    {SLICE(OK "Content-Encoding: gzip\r\n\r\n\xef\xbb\xbf" PAGE), "\xef\xbb\xbf" PAGE, 0},
    /* too early an end */
    {SLICE(""), "", -ECONNRESET},
    {SLICE("HTTP/1.1 20"), "", -ECONNRESET},
    {SLICE(OK "Content-Length: 0\r\n"), "", -ECONNRESET},
    {SLICE("HTTP/1.1 100 Continue\r\n\r\n"), "", -ECONNRESET},
};

static void check_row(const struct row *row, struct outcome found)
{
	bool satisfied = row->end == -EINPROGRESS;

	ck_assert_int_eq(found.error, 0);
	ck_assert_slice(((struct slice){found.body, found.body_len}), row->body);
	ck_assert_int_eq(found.satisfied, satisfied);
	ck_assert_int_eq(found.end, satisfied ? 0 : row->end);
	ck_assert_str_eq(found.redirect, "");
	free(found.body);
}

START_TEST(a_response_is_read_however_it_arrives)
{
	const struct row *row = &ROWS[_i];

	for (size_t cut = 0; cut <= row->input.len; cut++)
		check_row(row, read_pieces(row->input, cut, SIZE_MAX));
	check_row(row, read_pieces(row->input, 0, 1));
}
END_TEST

static const struct bad_row {
	struct slice input;
	int error;
} BAD_ROWS[] = {
    {SLICE("SSH-2.0-server\r\n"), -EPROTO},
    {SLICE("\x16\x03\x01\0\0\r\n\r\n"), -EPROTO},
    {SLICE("HTTPS/1.1 200 OK\r\n"), -EPROTO},
    {SLICE("HTTP/1.1 OK\r\n"), -EPROTO},
    {SLICE("HTTP/1.1 2000 OK\r\n"), -EPROTO},
    {SLICE("HTTP/1.1 099 OK\r\n"), -EPROTO},
    {SLICE("HTTP/1.1 -20 OK\r\n"), -EPROTO},
    {SLICE("HTTP/1.1\r\n"), -EPROTO},
    {SLICE("HTTP/1.1 404 Not Found\r\n\r\n"), -EPROTO},
    {SLICE("HTTP/1.1 500 Oops\r\nContent-Length: 10\r\n\r\n" PAGE), -EPROTO},
    {SLICE("HTTP/1.1 101 Switching Protocols\r\n\r\n"), -EPROTO},
    {SLICE("HTTP/1.1 204 No Content\r\n\r\n"), -EPROTO},
    {SLICE("HTTP/1.1 205 Reset Content\r\n\r\n"), -EPROTO},
    {SLICE("HTTP/1.1 300 Choices\r\nLocation: /x\r\n\r\n"), -EPROTO},
    {SLICE("HTTP/1.1 304 Not Modified\r\nLocation: /x\r\n\r\n"), -EPROTO},
    {SLICE("HTTP/1.1 302 Found\r\n\r\n"), -EPROTO},
    {SLICE("HTTP/1.1 302 Found\r\nLocation: \r\n\r\n"), -EPROTO},
    {SLICE("HTTP/1.1 302 Found\r\nLocation: /" TIMES64("long/path") "\r\n\r\n"), -EPROTO},
    {SLICE(OK "Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08"), -EPROTO},
    {SLICE(OK "Transfer-Encoding: gzip, chunked\r\n\r\n3\r\n\x1f\x8b\x08\r\n"), -EPROTO},
    {SLICE(
	 OK TIMES64(TIMES4("A: 64 bytes, end of line included, 256 times is the bound ....\r\n"))),
	-EMSGSIZE},
    {SLICE("HTTP/1.1 200 " TIMES64(TIMES64("Good"))), -EMSGSIZE},
    {SLICE(OK "A: " TIMES64(TIMES64("Long"))), -EMSGSIZE},
    {SLICE(TIMES64(TIMES64("\r\n\r\n")) "\r"), -EMSGSIZE},
    {SLICE(TIMES64(TIMES4(TIMES4("HTTP/1.1 100 go\n\n")))), -EMSGSIZE},
};

START_TEST(what_cannot_be_read_is_an_error_however_it_arrives)
{
	const struct bad_row *row = &BAD_ROWS[_i];
	/* A cut each few bytes is enough for the long ones. */
	size_t step = 1 + row->input.len / 256;

	for (size_t cut = 0; cut <= row->input.len; cut += step) {
		struct outcome found = read_pieces(row->input, cut, SIZE_MAX);
		ck_assert_int_eq(found.error, row->error);
		ck_assert_str_eq(found.redirect, "");
		free(found.body);
	}
	struct outcome found = read_pieces(row->input, 0, 1);
	ck_assert_int_eq(found.error, row->error);
	free(found.body);
}
END_TEST

START_TEST(a_redirect_gives_its_location_and_no_body)
{
	static const char *const STATUS[] = {"301", "302", "303", "307", "308"};
	char text[256];

	for (size_t i = 0; i < sizeof(STATUS) / sizeof(STATUS[0]); i++) {
		snprintf(text, sizeof(text),
		    "HTTP/1.1 %s Moved\r\nlocation:\r\n /new page.xml \r\nLocation: /other\r\n"
		    "Content-Length: 4\r\n\r\n<a/>",
		    STATUS[i]);
		for (size_t cut = 0; cut <= strlen(text); cut++) {
			struct outcome found = read_pieces(slice_of(text), cut, SIZE_MAX);
			ck_assert_int_eq(found.error, 0);
			ck_assert_str_eq(found.redirect, "/new page.xml");
			ck_assert_uint_eq(found.body_len, 0);
			free(found.body);
		}
	}
}
END_TEST

/* Blanks and digits without end are a body sooner or later: the reader bounds it. */
START_TEST(a_chunk_size_without_end_is_bounded)
{
	static const char FILL[] = {' ', '\n', '0', 'f'};

	for (size_t i = 0; i < sizeof(FILL); i++) {
		char fill[4096];
		struct outcome found = {.body = malloc(4 * sizeof(fill))};
		struct http_response_reader reader;

		memset(fill, FILL[i], sizeof(fill));
		http_response_reader_init(&reader);
		feed(&reader, SLICE(CHUNKED), &found, 0);
		for (int j = 0; j < 4; j++)
			feed(&reader, (struct slice){fill, sizeof(fill)}, &found, 4 * sizeof(fill));
		ck_assert_int_eq(found.error, 0);
		ck_assert_uint_ge(found.body_len, 3 * sizeof(fill));
		free(found.body);
	}
}
END_TEST

Suite *http_response_suite(void)
{
	Suite *suite = suite_create("wire/http_response");
	TCase *tcase = tcase_create("http_response");

	add_test_of_rows(tcase, a_response_is_read_however_it_arrives, ROWS);
	add_test_of_rows(tcase, what_cannot_be_read_is_an_error_however_it_arrives, BAD_ROWS);
	tcase_add_test(tcase, a_redirect_gives_its_location_and_no_body);
	tcase_add_test(tcase, a_chunk_size_without_end_is_bounded);
	suite_add_tcase(suite, tcase);
	return suite;
}

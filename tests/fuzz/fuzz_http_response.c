/* SPDX-License-Identifier: ISC
 * fuzz_http_response: any bytes from a server, whole and in pieces (the first byte says how large),
 * and a request that quotes them. */
#include "fuzz.h"
#include "wire/http_head.h"
#include "wire/http_response.h"
#include <errno.h>
#include <string.h>

struct outcome {
	struct http_response_reader *reader; /* by itself: what is written behind it is seen */
	int error;
	char *body;
	size_t body_len;
};

static void feed(struct outcome *outcome, struct slice piece, size_t room)
{
	struct slice copy = fuzz_copy((const uint8_t *)piece.bytes, piece.len), input = copy, body;
	struct http_response_reader *reader = outcome->reader;

	while (!outcome->error && input.len > 0) {
		const struct slice line = {reader->line, sizeof(reader->line)};
		size_t before = input.len;
		outcome->error = http_response_feed(reader, &input, &body);
		FUZZ_CHECK(outcome->error || input.len < before);
		FUZZ_CHECK(reader->line_len <= sizeof(reader->line));
		FUZZ_CHECK(reader->location_len <= sizeof(reader->location));
		FUZZ_CHECK(fuzz_inside(body, copy) || fuzz_inside(body, line));
		if (outcome->error || body.len == 0)
			continue;
		FUZZ_CHECK(outcome->body_len + body.len <= room);
		memcpy(outcome->body + outcome->body_len, body.bytes, body.len);
		outcome->body_len += body.len;
	}
	fuzz_free(copy);
}

static struct outcome *read_pieces(struct slice input, size_t step)
{
	struct outcome *outcome = calloc(1, sizeof(*outcome));

	FUZZ_CHECK(outcome);
	outcome->body = malloc(input.len + 1);
	outcome->reader = malloc(sizeof(*outcome->reader));
	FUZZ_CHECK(outcome->body && outcome->reader);
	http_response_reader_init(outcome->reader);
	for (struct slice rest = input; rest.len > 0; rest = slice_skip(rest, step))
		feed(outcome, slice_head(rest, step), input.len);
	return outcome;
}

static void outcome_free(struct outcome *outcome)
{
	free(outcome->body);
	free(outcome->reader);
	free(outcome);
}

static void check_same(const struct outcome *a, const struct outcome *b)
{
	FUZZ_CHECK(a->error == b->error);
	if (a->error)
		return;
	FUZZ_CHECK(a->body_len == b->body_len && memcmp(a->body, b->body, a->body_len) == 0);
	FUZZ_CHECK(http_response_satisfied(a->reader) == http_response_satisfied(b->reader));
	FUZZ_CHECK(http_response_end(a->reader) == http_response_end(b->reader));
	FUZZ_CHECK(fuzz_same(http_response_redirect(a->reader), http_response_redirect(b->reader)));
}

/* Whatever a path holds, a request has as many lines as it has headers. */
static void check_request(struct slice path)
{
	const struct address_port to = {address_ipv4(192, 0, 2, 1), 80};
	size_t capacity = 3 * path.len + 256, lines = 0;
	char *text = malloc(capacity);
	struct slice rest, line;
	struct writer w;

	FUZZ_CHECK(text);
	writer_init(&w, text, capacity);
	http_get_format(&to, path, SLICE("agent"), &w);
	FUZZ_CHECK(writer_error(&w) == 0);
	rest = writer_result(&w);
	FUZZ_CHECK(slice_starts_with(rest, SLICE("GET /")));
	for (; slice_cut(&rest, '\n', &line); lines++)
		for (size_t i = 0; i < line.len; i++)
			FUZZ_CHECK((line.bytes[i] >= ' ' && line.bytes[i] < 0x7f) ||
				   (line.bytes[i] == '\r' && i + 1 == line.len));
	FUZZ_CHECK(lines == 1 + 5 + 1 + 1);
	free(text);
}

int fuzz_http_response(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	const struct slice input = {(const char *)data + 1, size - 1};
	struct outcome *whole = read_pieces(input, SIZE_MAX);
	struct outcome *pieces = read_pieces(input, 1 + (size_t)data[0]);

	FUZZ_CHECK(whole->error == 0 || whole->error == -EPROTO || whole->error == -EMSGSIZE);
	check_same(whole, pieces);
	outcome_free(pieces);
	outcome_free(whole);
	check_request(slice_head(input, URL_MAX));
	return 0;
}

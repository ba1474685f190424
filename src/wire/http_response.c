/* SPDX-License-Identifier: ISC
 * http_response: see http_response.h. */
#include "wire/http_response.h"
#include "base/ascii.h"
#include "wire/header_block.h"
#include <errno.h>
#include <string.h>

static bool is_space(char c)
{
	return ascii_is_blank(c) || c == '\r' || c == '\n';
}

void http_response_reader_init(struct http_response_reader *reader)
{
	*reader = (struct http_response_reader){.stage = HTTP_RESPONSE_START};
}

static struct slice kept_line(const struct http_response_reader *reader)
{
	return (struct slice){reader->line, reader->line_len};
}

static void begin_line(struct http_response_reader *reader)
{
	reader->line_len = 0;
	reader->line_cut = false;
	reader->skipped = 0;
}

static void keep(struct http_response_reader *reader, struct slice bytes)
{
	struct slice head = slice_head(bytes, sizeof(reader->line) - reader->line_len);

	if (head.len > 0)
		memcpy(reader->line + reader->line_len, head.bytes, head.len);
	reader->line_len += head.len;
	reader->line_cut = reader->line_cut || head.len < bytes.len;
}

/* Takes bytes up to a line end, which is not kept. 0, -EAGAIN (the line goes on) or -EMSGSIZE. */
static int take_line(struct http_response_reader *reader, struct slice *input)
{
	size_t len = slice_find(*input, '\n');
	bool ends = len < input->len;

	keep(reader, slice_head(*input, len));
	*input = slice_skip(*input, len + 1);
	reader->head_len += len + ends;
	if (reader->head_len > HTTP_RESPONSE_HEAD_MAX)
		return -EMSGSIZE;
	if (!ends)
		return -EAGAIN;
	while (reader->line_len > 0 && reader->line[reader->line_len - 1] == '\r')
		reader->line_len--;
	return 0;
}

/* "<" or the first byte of a byte order mark (XML 1.0, appendix F). */
static bool is_markup(char c)
{
	return c == '<' || c == '\xef' || c == '\xfe' || c == '\xff';
}

/* Hands out a part of the body. Whether it is compressed its first byte says better than a header:
 * some servers write a character set into Content-Encoding. */
static int give(struct http_response_reader *reader, struct slice part, struct slice *body)
{
	if (reader->encoded && reader->received == 0 && !is_markup(part.bytes[0]) &&
	    !is_space(part.bytes[0]))
		return -EPROTO;
	reader->received += part.len;
	*body = part;
	return 0;
}

static int read_start(struct http_response_reader *reader, struct slice *input)
{
	char c = input->bytes[0];

	if (is_space(c)) {
		*input = slice_skip(*input, 1);
		return ++reader->head_len > HTTP_RESPONSE_HEAD_MAX ? -EMSGSIZE : 0;
	}
	reader->stage = is_markup(c) ? HTTP_RESPONSE_BODY : HTTP_RESPONSE_STATUS_LINE;
	begin_line(reader);
	return 0;
}

/* "HTTP/1.1 200 OK": the version and the reason are not looked at. */
static int parse_status(struct slice line, unsigned *status)
{
	size_t blank = 0;
	uint64_t number;

	while (blank < line.len && !ascii_is_blank(line.bytes[blank]))
		blank++;
	struct slice version = slice_head(line, blank), code = slice_trim(slice_skip(line, blank));
	if ((!slice_starts_with_nocase(version, SLICE("HTTP/")) &&
		!slice_equal_nocase(version, SLICE("HTTP")) &&
		!slice_equal_nocase(version, SLICE("ICY"))) ||
	    (code.len > 3 && ascii_is_digit(code.bytes[3])) ||
	    slice_to_u64(slice_head(code, 3), 999, &number) < 0 || number < 100)
		return -EPROTO;
	*status = (unsigned)number;
	return 0;
}

static int read_status_line(struct http_response_reader *reader, struct slice *input)
{
	int error = take_line(reader, input);

	if (error)
		return error == -EAGAIN ? 0 : error;
	reader->stage = HTTP_RESPONSE_HEADERS;
	error = parse_status(kept_line(reader), &reader->status);
	begin_line(reader);
	return error;
}

/* The first number counts; one beyond 64 bits, negative or none at all is as good as absent. */
static void take_length(struct http_response_reader *reader, struct slice value)
{
	struct slice number;

	if (!reader->has_length && slice_cut(&value, ',', &number))
		reader->has_length =
		    slice_to_u64(slice_trim(number), UINT64_MAX, &reader->length) == 0;
}

static void take_codings(struct http_response_reader *reader, struct slice value)
{
	struct slice coding, name;

	while (slice_cut(&value, ',', &coding)) {
		if (!slice_cut(&coding, ';', &name))
			continue;
		name = slice_trim(name);
		if (slice_equal_nocase(name, SLICE("chunked")))
			reader->chunked = true;
		else if (name.len > 0 && !slice_equal_nocase(name, SLICE("identity")))
			reader->encoded = true;
	}
}

static void take_location(struct http_response_reader *reader, struct slice value)
{
	if (reader->location_len > 0 || value.len == 0 || value.len > sizeof(reader->location))
		return;
	memcpy(reader->location, value.bytes, value.len);
	reader->location_len = value.len;
}

static void take_header(struct http_response_reader *reader)
{
	struct header_cursor cursor;
	struct header header;

	if (reader->line_cut)
		return;
	header_cursor_init(&cursor, kept_line(reader));
	cursor.line_max = HTTP_RESPONSE_LINE_MAX;
	if (!header_next(&cursor, &header))
		return;
	if (slice_equal_nocase(header.name, SLICE("Content-Length")))
		take_length(reader, header.value);
	else if (slice_equal_nocase(header.name, SLICE("Transfer-Encoding")) ||
		 slice_equal_nocase(header.name, SLICE("Content-Encoding")))
		take_codings(reader, header.value);
	else if (slice_equal_nocase(header.name, SLICE("Location")))
		take_location(reader, header.value);
}

static bool is_redirect(unsigned status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* After the empty line. An interim response (RFC 7231 6.2) is followed by another head; the bound
 * of all heads together bounds their number. */
static int end_head(struct http_response_reader *reader)
{
	unsigned status = reader->status;

	if (status >= 100 && status < 200 && status != 101) {
		size_t head_len = reader->head_len;
		http_response_reader_init(reader);
		reader->head_len = head_len;
		return 0;
	}
	if (is_redirect(status) && reader->location_len > 0) {
		reader->stage = HTTP_RESPONSE_REDIRECT;
		return 0;
	}
	if (status < 200 || status > 299 || status == 204 || status == 205)
		return -EPROTO;
	if (reader->chunked)
		reader->has_length = false; /* RFC 7230 3.3.3 */
	reader->stage = reader->chunked ? HTTP_RESPONSE_CHUNK_SIZE : HTTP_RESPONSE_BODY;
	return 0;
}

/* A header is complete when the next line does not continue it: the line is kept until then. */
static int read_header(struct http_response_reader *reader, struct slice *input)
{
	if (!reader->in_line && reader->line_len > 0) {
		if (ascii_is_blank(input->bytes[0])) {
			keep(reader, SLICE("\n"));
		} else {
			take_header(reader);
			begin_line(reader);
		}
	}
	reader->in_line = true;
	int error = take_line(reader, input);
	if (error)
		return error == -EAGAIN ? 0 : error;
	reader->in_line = false;
	return reader->line_len == 0 && !reader->line_cut ? end_head(reader) : 0;
}

static int read_body(struct http_response_reader *reader, struct slice *input, struct slice *body)
{
	struct slice part = *input;

	*input = SLICE_NONE;
	return give(reader, part, body);
}

/* The bytes that were taken for a chunk size are body, and so is all that follows. */
static int end_chunking(struct http_response_reader *reader, struct slice *body)
{
	reader->stage = HTTP_RESPONSE_BODY;
	reader->last_chunk = false;
	return give(reader, kept_line(reader), body);
}

/* "1A;name=value" with blanks around the number (RFC 7230 4.1); what does not fit is as long as can
 * be. False when it is no number. */
static bool parse_chunk_size(struct slice line, uint64_t *size)
{
	size_t digits = 0;

	for (*size = 0; digits < line.len && ascii_is_hex(line.bytes[digits]); digits++) {
		char c = ascii_lower(line.bytes[digits]);
		unsigned value = (unsigned)(ascii_is_digit(c) ? c - '0' : c - 'a' + 10);
		*size = *size > UINT64_MAX >> 4 ? UINT64_MAX : *size << 4 | value;
	}
	struct slice rest = slice_trim(slice_skip(line, digits));
	return digits > 0 && (rest.len == 0 || rest.bytes[0] == ';');
}

static int read_chunk_size(
    struct http_response_reader *reader, struct slice *input, struct slice *body)
{
	struct slice byte = slice_head(*input, 1);
	char c = byte.bytes[0];

	*input = slice_skip(*input, 1);
	if (reader->line_len == 0 && is_space(c) && reader->skipped++ < HTTP_RESPONSE_LINE_MAX)
		return 0;
	keep(reader, byte);
	if (!ascii_is_hex(reader->line[0]) || reader->line_len == sizeof(reader->line))
		return end_chunking(reader, body);
	if (c != '\n')
		return 0;
	if (!parse_chunk_size(header_trim(kept_line(reader)), &reader->chunk_left))
		return end_chunking(reader, body);
	begin_line(reader);
	reader->last_chunk = reader->chunk_left == 0;
	if (!reader->last_chunk)
		reader->stage = HTTP_RESPONSE_CHUNK_DATA;
	return 0;
}

static int read_chunk_data(
    struct http_response_reader *reader, struct slice *input, struct slice *body)
{
	struct slice part = *input;

	if (part.len > reader->chunk_left)
		part = slice_head(part, (size_t)reader->chunk_left);
	*input = slice_skip(*input, part.len);
	reader->chunk_left -= part.len;
	if (reader->chunk_left == 0)
		reader->stage = HTTP_RESPONSE_CHUNK_END;
	return give(reader, part, body);
}

/* Without a line end behind it the chunk is longer than its size says. */
static int read_chunk_end(struct http_response_reader *reader, struct slice *input)
{
	reader->stage = is_space(input->bytes[0]) ? HTTP_RESPONSE_CHUNK_SIZE : HTTP_RESPONSE_BODY;
	return 0;
}

static int read_some(struct http_response_reader *reader, struct slice *input, struct slice *body)
{
	switch (reader->stage) {
	case HTTP_RESPONSE_START:
		return read_start(reader, input);
	case HTTP_RESPONSE_STATUS_LINE:
		return read_status_line(reader, input);
	case HTTP_RESPONSE_HEADERS:
		return read_header(reader, input);
	case HTTP_RESPONSE_REDIRECT:
		*input = SLICE_NONE;
		return 0;
	case HTTP_RESPONSE_BODY:
		return read_body(reader, input, body);
	case HTTP_RESPONSE_CHUNK_SIZE:
		return read_chunk_size(reader, input, body);
	case HTTP_RESPONSE_CHUNK_DATA:
		return read_chunk_data(reader, input, body);
	case HTTP_RESPONSE_CHUNK_END:
		return read_chunk_end(reader, input);
	}
	return -EPROTO;
}

int http_response_feed(struct http_response_reader *reader, struct slice *input, struct slice *body)
{
	int error = 0;

	*body = SLICE_NONE;
	while (!error && input->len > 0 && body->len == 0)
		error = read_some(reader, input, body);
	return error;
}

bool http_response_satisfied(const struct http_response_reader *reader)
{
	return reader->last_chunk || (reader->stage == HTTP_RESPONSE_BODY && reader->has_length &&
					 reader->received >= reader->length);
}

int http_response_end(const struct http_response_reader *reader)
{
	bool unbounded = reader->stage == HTTP_RESPONSE_BODY && !reader->has_length;

	return unbounded || http_response_satisfied(reader) ? 0 : -ECONNRESET;
}

struct slice http_response_redirect(const struct http_response_reader *reader)
{
	return reader->stage == HTTP_RESPONSE_REDIRECT
		   ? (struct slice){reader->location, reader->location_len}
		   : SLICE_NONE;
}

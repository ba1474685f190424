/* SPDX-License-Identifier: ISC
 * http_response: reads an HTTP response as it arrives (RFC 7230), with what servers on the market
 * make of one. */
#ifndef WIRE_HTTP_RESPONSE_H
#define WIRE_HTTP_RESPONSE_H

#include "base/slice.h"
#include "wire/url.h"

enum {
	HTTP_RESPONSE_HEAD_MAX = 16 * 1024, /* bytes before the body, 1xx responses included */
	HTTP_RESPONSE_LINE_MAX = 768,       /* bytes kept of a line; a longer header is ignored */
};

/* Where in the response the next byte belongs. */
enum http_response_stage {
	HTTP_RESPONSE_START,
	HTTP_RESPONSE_STATUS_LINE,
	HTTP_RESPONSE_HEADERS,
	HTTP_RESPONSE_REDIRECT,   /* its body is ignored */
	HTTP_RESPONSE_BODY,       /* all that comes */
	HTTP_RESPONSE_CHUNK_SIZE, /* and the line ends before it */
	HTTP_RESPONSE_CHUNK_DATA,
	HTTP_RESPONSE_CHUNK_END,
};

/* Its members are its own. Nothing is allocated. */
struct http_response_reader {
	enum http_response_stage stage;
	unsigned status;
	size_t head_len;
	bool chunked, has_length, encoded, last_chunk, in_line;
	uint64_t length, received; /* of the body */
	uint64_t chunk_left;       /* of the open chunk */
	unsigned skipped;          /* blanks before a chunk size */
	bool line_cut;
	size_t line_len, location_len;
	char line[HTTP_RESPONSE_LINE_MAX]; /* with the lines that continue it */
	char location[URL_MAX];
};

void http_response_reader_init(struct http_response_reader *reader);
/* Takes bytes from the front of *input; *body is what they add to the body, empty where that is
 * nothing, and valid until the next call. Call until *input is empty. 0, or for good: -EPROTO (no
 * HTTP, a status other than 2xx that is no redirect, a compressed body), -EMSGSIZE (a head over
 * its bound).
 *
 * Read besides the standard: a body without a head when it begins with "<"; empty lines before the
 * status line; LF for CRLF; HTTP of any version and case, and ICY; lines without a colon; a
 * Content-Length that is none; bytes behind Content-Length and behind the last chunk, which belong
 * to the body; a chunk whose size is wrong or missing, from where all is body as it stands. */
int http_response_feed(
    struct http_response_reader *reader, struct slice *input, struct slice *body);
/* True while there is as much as the response promised: Content-Length or the last chunk. What
 * still comes is body. */
bool http_response_satisfied(const struct http_response_reader *reader);
/* What the end of the connection means: 0, or -ECONNRESET when something is missing. */
int http_response_end(const struct http_response_reader *reader);
/* The Location of a 301, 302, 303, 307 or 308 whose head was read, else SLICE_NONE. Borrowed. */
struct slice http_response_redirect(const struct http_response_reader *reader);

#endif

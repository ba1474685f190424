/* SPDX-License-Identifier: ISC
 * http_head: the head of an HTTP request as our small server reads it, the head of its response,
 * and the request of our client. */
#ifndef WIRE_HTTP_HEAD_H
#define WIRE_HTTP_HEAD_H

#include "base/address.h"
#include "base/writer.h"

enum { HTTP_REQUEST_MAX = 4096 };

/* Borrows from the input. Before it is answered host and authority are to be compared with our
 * addresses. */
struct http_request {
	struct slice method;
	struct slice path; /* and query, as sent; of an absolute form what follows its authority */
	struct slice host; /* the Host header; SLICE_NONE without one */
	struct slice authority; /* of an absolute form, as sent; else SLICE_NONE */
	bool wants_language;    /* it has an Accept-Language header */
	unsigned minor;         /* of HTTP/1.minor */
};

/* 0 with *head_len set to the bytes of the head and its empty line; -EAGAIN while the head is not
 * complete; -EBADMSG (no HTTP/1 request, another scheme than http, two Host
 * headers, a NUL), -EMSGSIZE (over
 * HTTP_REQUEST_MAX, or more than 32 headers). Lines without a colon are passed over, and
 * HEADER_LINE_MAX does not hold here. */
int http_request_parse(struct slice input, struct http_request *request, size_t *head_len);

struct http_response {
	unsigned status;
	struct slice content_type; /* SLICE_NONE where there is no body */
	size_t content_length;
	struct slice server;   /* SERVER value; SLICE_NONE leaves it out */
	struct slice date;     /* IMF-fixdate; SLICE_NONE leaves it out */
	struct slice allow;    /* with 405 */
	struct slice language; /* Content-Language; SLICE_NONE leaves it out */
	bool ext; /* the empty header EXT, with the response to an action (UDA 2.0, 3.2.2) */
};

/* HTTP/1.1, Connection: close. Reason phrases of RFC 7231 and 7232 for the statuses that we send.
 */
void http_response_format(const struct http_response *response, struct writer *w);

/* What is sent with a POST. */
struct http_content {
	const char *type;
	struct slice body;
};
/* Likewise a POST, with its body. */
void http_post_format(const struct address_port *to, struct slice path, struct slice user_agent,
    const struct http_content *content, struct writer *w);

/* A GET over a connection of its own, with the headers that clients send: a Host without scope, and
 * without a port where it is 80. The path is escaped (url_escape), so it adds no line. */
void http_get_format(
    const struct address_port *to, struct slice path, struct slice user_agent, struct writer *w);

#endif

/* SPDX-License-Identifier: ISC
 * web_request: what the page is asked for: the head of a request with the headers that count here.
 */
#ifndef WEB_WEB_REQUEST_H
#define WEB_WEB_REQUEST_H

#include "base/slice.h"

/* Borrows from the input. A header that is missing is SLICE_NONE. */
struct web_request {
	struct slice method, path, query; /* the query as sent, without "?" */
	struct slice host, authority;     /* as of http_request */
	struct slice if_none_match, accept, last_event_id;
};

/* 0, or as http_request_parse: -EAGAIN, -EBADMSG, -EMSGSIZE. */
int web_request_parse(struct slice input, struct web_request *request);
/* Undoes percent-encoding: the length, or -EINVAL (a "%" that encodes nothing, a NUL) or
 * -ENOSPC. `plus`: a "+" is a blank, as in a query. NUL-terminated. */
int web_request_decode(struct slice text, bool plus, char *out, size_t capacity);
/* Whether an If-None-Match names this entity tag, quotes included (RFC 9110, 13.1.2). */
bool web_request_has_tag(struct slice if_none_match, struct slice tag);

#endif

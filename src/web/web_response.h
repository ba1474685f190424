/* SPDX-License-Identifier: ISC
 * web_response: the head of a response, with what keeps a browser from trusting other sites. */
#ifndef WEB_WEB_RESPONSE_H
#define WEB_WEB_RESPONSE_H

#include "base/writer.h"

enum { WEB_RESPONSE_HEAD_MAX = 1024 };

struct web_response {
	unsigned status;
	const char *content_type; /* NULL where there is no body */
	size_t content_length;
	bool endless;    /* the body goes on until the connection ends */
	const char *tag; /* entity tag with its quotes; NULL: none */
	const char *date;
};

/* HTTP/1.1, Connection: close. Of 405 with Allow, of 503 with Retry-After. */
void web_response_format(const struct web_response *response, struct writer *w);

#endif

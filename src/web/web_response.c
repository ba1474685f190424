/* SPDX-License-Identifier: ISC
 * web_response: the head of a response, with what keeps a browser from trusting other sites. */
#include "web/web_response.h"

#include "base/array.h"
#include "wire/header_block.h"

/* Nothing but our own script, style and pictures; no frame of another site; no name of the page
 * sent to the pages that it links to; no reading by another site (there is no CORS). */
#define SECURITY                                                                                   \
	"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "       \
	"connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "                \
	"frame-ancestors 'none'\r\n"                                                               \
	"X-Content-Type-Options: nosniff\r\n"                                                      \
	"Referrer-Policy: no-referrer\r\n"                                                         \
	"Cross-Origin-Resource-Policy: same-origin\r\n"

static const struct {
	unsigned status;
	const char *reason;
	const char *header; /* that only it has; NULL */
} STATUSES[] = {
    {200, "OK", NULL},
    {304, "Not Modified", NULL},
    {400, "Bad Request", NULL},
    {404, "Not Found", NULL},
    {405, "Method Not Allowed", "Allow: GET, HEAD\r\n"},
    {421, "Misdirected Request", NULL},
    {431, "Request Header Fields Too Large", NULL},
    {500, "Internal Server Error", NULL},
    {503, "Service Unavailable", "Retry-After: 2\r\n"},
    {507, "Insufficient Storage", NULL},
};

void web_response_format(const struct web_response *response, struct writer *w)
{
	const char *reason = "", *header = NULL; /* RFC 7230 3.1.2 allows none */

	for (size_t i = 0; i < COUNT_OF(STATUSES); i++)
		if (STATUSES[i].status == response->status) {
			reason = STATUSES[i].reason;
			header = STATUSES[i].header;
		}
	writer_format(w, "HTTP/1.1 %u %s\r\n", response->status, reason);
	header_write(w, SLICE("Date"), slice_of(response->date));
	header_write(w, SLICE("Content-Type"), slice_of(response->content_type));
	header_write(w, SLICE("ETag"), slice_of(response->tag));
	writer_text(w, header ? header : "");
	if (!response->endless && response->status != 304)
		writer_format(w, "Content-Length: %zu\r\n", response->content_length);
	writer_text(w, "Cache-Control: no-cache\r\n" SECURITY "Connection: close\r\n\r\n");
}

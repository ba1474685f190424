/* SPDX-License-Identifier: ISC
 * http_head: reads the head of a request (RFC 7230), writes the head of a response and a request.
 */
#include "wire/http_head.h"
#include "base/array.h"
#include "wire/header_block.h"
#include "wire/url.h"
#include <errno.h>
#include <string.h>

/* Bytes up to and with the empty line; 0 while it has not come. */
static size_t head_length(struct slice input)
{
	for (size_t at = 0; at < input.len;) {
		struct slice line = slice_skip(input, at);
		size_t len = slice_find(line, '\n');
		if (len == line.len)
			return 0;
		at += len + 1;
		if (len == 0 || (len == 1 && line.bytes[0] == '\r'))
			return at;
	}
	return 0;
}

/* The path, or the absolute form that proxies get (RFC 7230 5.3). */
static int parse_target(struct slice target, struct http_request *request)
{
	struct slice scheme = SLICE("http://"), rest = slice_skip(target, scheme.len);
	size_t path = slice_find(rest, '/'), query = slice_find(rest, '?');
	struct url url;

	if (slice_starts_with(target, SLICE("/"))) {
		request->path = target;
		return 0;
	}
	if (!slice_starts_with_nocase(target, scheme) || url_parse(target, &url) < 0)
		return -EBADMSG;
	request->path = url.path;
	request->authority = slice_head(rest, path < query ? path : query);
	return 0;
}

/* "GET /description.xml HTTP/1.1", with exactly those blanks (RFC 7230 3.1.1). */
static int parse_request_line(struct slice line, struct http_request *request)
{
	struct slice target, version = line;
	uint64_t minor;

	if (!slice_cut(&version, ' ', &request->method) || !slice_cut(&version, ' ', &target) ||
	    request->method.len == 0 || !slice_starts_with(version, SLICE("HTTP/1.")) ||
	    slice_to_u64(slice_skip(version, 7), 9, &minor) < 0)
		return -EBADMSG;
	request->minor = (unsigned)minor;
	return parse_target(target, request);
}

static int parse_headers(struct slice block, struct http_request *request)
{
	struct header_cursor cursor;
	struct header header;

	header_cursor_init(&cursor, block);
	cursor.line_max = HTTP_REQUEST_MAX; /* browsers send long cookies */
	while (header_next(&cursor, &header)) {
		if (slice_equal_nocase(header.name, SLICE("Accept-Language")))
			request->wants_language = true;
		if (!slice_equal_nocase(header.name, SLICE("Host")))
			continue;
		if (request->host.bytes)
			return -EBADMSG;
		request->host = header.value;
	}
	return cursor.error == -E2BIG ? -EMSGSIZE : cursor.error;
}

int http_request_parse(struct slice input, struct http_request *request, size_t *head_len)
{
	size_t len = head_length(input);
	struct slice rest = slice_head(input, len), line = SLICE_NONE;

	*request = (struct http_request){0};
	if (len > HTTP_REQUEST_MAX || (len == 0 && input.len >= HTTP_REQUEST_MAX))
		return -EMSGSIZE;
	if (len == 0)
		return -EAGAIN;
	header_line(&rest, &line);
	int error = memchr(input.bytes, '\0', len) ? -EBADMSG : parse_request_line(line, request);
	if (!error)
		error = parse_headers(rest, request);
	if (!error)
		*head_len = len;
	return error;
}

static const char *reason(unsigned status)
{
	static const struct {
		unsigned status;
		const char *phrase;
	} REASONS[] = {
	    {200, "OK"},
	    {400, "Bad Request"},
	    {404, "Not Found"},
	    {405, "Method Not Allowed"},
	    {408, "Request Timeout"},
	    {412, "Precondition Failed"},
	    {421, "Misdirected Request"},
	    {431, "Request Header Fields Too Large"},
	    {500, "Internal Server Error"},
	    {501, "Not Implemented"},
	    {503, "Service Unavailable"},
	};

	for (size_t i = 0; i < COUNT_OF(REASONS); i++)
		if (REASONS[i].status == status)
			return REASONS[i].phrase;
	return ""; /* RFC 7230 3.1.2 allows it */
}

void http_response_format(const struct http_response *response, struct writer *w)
{
	writer_text(w, "HTTP/1.1 ");
	writer_u64(w, response->status);
	writer_char(w, ' ');
	writer_text(w, reason(response->status));
	writer_text(w, "\r\n");
	header_write(w, SLICE("Server"), response->server);
	header_write(w, SLICE("Date"), response->date);
	header_write(w, SLICE("Allow"), response->allow);
	header_write(w, SLICE("Content-Type"), response->content_type);
	header_write(w, SLICE("Content-Language"), response->language);
	header_write(w, SLICE("EXT"), response->ext ? SLICE("") : SLICE_NONE);
	writer_text(w, "Content-Length: ");
	writer_u64(w, response->content_length);
	writer_text(w, "\r\nConnection: close\r\n\r\n");
}

static void write_host(const struct address_port *to, struct writer *w)
{
	char text[ADDRESS_TEXT_MAX + 16];
	struct writer host;

	writer_init(&host, text, sizeof(text));
	address_port_format(to, &host);
	if (to->port == 80)
		host.len -= strlen(":80");
	header_write(w, SLICE("Host"), writer_result(&host));
}

static void write_head(const char *method, const struct address_port *to, struct slice path,
    struct slice user_agent, struct writer *w)
{
	writer_text(w, method);
	writer_char(w, ' ');
	if (!slice_starts_with(path, SLICE("/")))
		writer_char(w, '/');
	url_escape(path, w);
	writer_text(w, " HTTP/1.1\r\n");
	write_host(to, w);
	header_write(w, SLICE("User-Agent"), user_agent);
}

void http_get_format(
    const struct address_port *to, struct slice path, struct slice user_agent, struct writer *w)
{
	write_head("GET", to, path, user_agent, w);
	writer_text(w, "Accept: text/xml, application/xml, */*\r\n"
		       "Accept-Encoding: identity\r\n"
		       "Connection: close\r\n\r\n");
}

void http_post_format(const struct address_port *to, struct slice path, struct slice user_agent,
    const struct http_content *content, struct writer *w)
{
	write_head("POST", to, path, user_agent, w);
	header_write(w, SLICE("Content-Type"), slice_of(content->type));
	writer_format(w, "Content-Length: %zu\r\n", content->body.len);
	writer_text(w, "Accept-Encoding: identity\r\n"
		       "Connection: close\r\n\r\n");
	writer_slice(w, content->body);
}

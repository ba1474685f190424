/* SPDX-License-Identifier: ISC
 * web_request: what the page is asked for: the head of a request with the headers that count here.
 */
#include "web/web_request.h"

#include <errno.h>

#include "base/array.h"
#include "base/ascii.h"
#include "wire/header_block.h"
#include "wire/http_head.h"

static void read_headers(struct slice block, struct web_request *request)
{
	const struct {
		struct slice name;
		struct slice *value;
	} WANTED[] = {
	    {SLICE("If-None-Match"), &request->if_none_match},
	    {SLICE("Accept"), &request->accept},
	    {SLICE("Last-Event-ID"), &request->last_event_id},
	};
	struct header_cursor cursor;
	struct header header;
	struct slice line;

	header_line(&block, &line); /* the request line */
	header_cursor_init(&cursor, block);
	cursor.line_max = HTTP_REQUEST_MAX;
	while (header_next(&cursor, &header))
		for (size_t i = 0; i < COUNT_OF(WANTED); i++)
			if (slice_equal_nocase(header.name, WANTED[i].name))
				*WANTED[i].value = header.value;
}

/* Whether other programs might read another header of it: a folded line, or a blank before the
 * colon (RFC 7230, 3.2.4). `block` begins with the request line. */
static bool is_ambiguous(struct slice block)
{
	struct slice line;

	header_line(&block, &line);
	while (header_line(&block, &line) && line.len) {
		size_t colon = slice_find(line, ':');
		char last = colon && colon < line.len ? line.bytes[colon - 1] : '\0';
		if (*line.bytes == ' ' || *line.bytes == '\t' || last == ' ' || last == '\t')
			return true;
	}
	return false;
}

int web_request_parse(struct slice input, struct web_request *request)
{
	struct http_request head;
	size_t head_len;
	int error = http_request_parse(input, &head, &head_len);

	*request = (struct web_request){0};
	if (!error && is_ambiguous(slice_head(input, head_len)))
		error = -EBADMSG;
	if (error)
		return error;
	struct slice path = head.path;
	struct slice rest = slice_skip(path, slice_find(path, '?'));
	*request = (struct web_request){
	    .method = head.method,
	    .path = slice_head(path, path.len - rest.len),
	    .query = slice_skip(rest, 1),
	    .host = head.host,
	    .authority = head.authority,
	};
	read_headers(slice_head(input, head_len), request);
	return 0;
}

int web_request_decode(struct slice text, bool plus, char *out, size_t capacity)
{
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.bytes[i];
		if (c == '%') {
			int high = i + 2 < text.len ? ascii_hex_value(text.bytes[i + 1]) : -1;
			int low = i + 2 < text.len ? ascii_hex_value(text.bytes[i + 2]) : -1;
			if (high < 0 || low < 0)
				return -EINVAL;
			c = (char)(high * 16 + low);
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		if (!c)
			return -EINVAL;
		if (len + 1 >= capacity)
			return -ENOSPC;
		out[len++] = c;
	}
	if (!capacity)
		return -ENOSPC;
	out[len] = '\0';
	return (int)len;
}

bool web_request_has_tag(struct slice if_none_match, struct slice tag)
{
	struct slice item;

	while (slice_cut(&if_none_match, ',', &item)) {
		item = slice_trim(item);
		if (slice_starts_with(item, SLICE("W/")))
			item = slice_skip(item, 2);
		if (slice_equal(item, tag) || slice_equal(item, SLICE("*")))
			return true;
	}
	return false;
}

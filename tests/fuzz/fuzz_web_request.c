/* SPDX-License-Identifier: ISC
 * fuzz_web_request: any bytes on a connection to discoverd-web: the head of a request, what is
 * encoded in its path and query, and whether it is for this host. */
#include "fuzz.h"
#include "web/own_names.h"
#include "web/web_request.h"
#include "wire/http_head.h"
#include <errno.h>
#include <string.h>

/* What is decoded has no more bytes than its code, no NUL, and is the same with less room until
 * there is none for it. */
static void check_decoding(struct slice text, bool plus)
{
	size_t capacity = text.len + 1;
	char *decoded = malloc(capacity), *again = malloc(capacity);
	int len = web_request_decode(text, plus, decoded, capacity);

	FUZZ_CHECK(decoded && again && len <= (int)text.len && len != -ENOSPC);
	if (len < 0) {
		FUZZ_CHECK(len == -EINVAL);
		FUZZ_CHECK(slice_find(text, '%') < text.len || slice_find(text, '\0') < text.len);
	} else {
		FUZZ_CHECK(strlen(decoded) == (size_t)len);
		FUZZ_CHECK(web_request_decode(text, plus, again, (size_t)len + 1) == len);
		FUZZ_CHECK(memcmp(again, decoded, (size_t)len + 1) == 0);
		FUZZ_CHECK(web_request_decode(text, plus, again, (size_t)len) == -ENOSPC);
	}
	free(decoded);
	free(again);
}

/* A name that is ours has no byte that a name or an address has not. */
static void check_names(struct slice host)
{
	const char *const others[] = {"panel.example"};

	if (!own_names_have(host, SLICE("board.example"), others, 1))
		return;
	FUZZ_CHECK(host.len > 0);
	if (host.bytes[0] == '[')
		return; /* an address, and a zone of any text */
	for (size_t i = 0; i < host.len; i++)
		FUZZ_CHECK(
		    host.bytes[i] && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvw"
					    "xyz0123456789.:",
					 host.bytes[i]));
}

static void check_request(struct slice input, const struct web_request *request)
{
	struct slice parts[] = {request->method, request->query, request->host, request->authority,
	    request->accept, request->if_none_match, request->last_event_id};

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		FUZZ_CHECK(fuzz_inside(parts[i], input) || parts[i].len == 0);
	FUZZ_CHECK(slice_find(request->path, '?') == request->path.len);
	check_decoding(request->path, false);
	check_decoding(request->query, true);
	check_names(request->host);
	web_request_has_tag(request->if_none_match, SLICE("\"0123456789abcdef\""));
}

int fuzz_web_request(const uint8_t *data, size_t size)
{
	struct slice input = fuzz_copy(data, size);
	struct web_request request;
	int error = web_request_parse(input, &request);

	if (error == 0)
		check_request(input, &request);
	else
		FUZZ_CHECK(error == -EAGAIN || error == -EBADMSG || error == -EMSGSIZE);
	FUZZ_CHECK(error != -EAGAIN || size < HTTP_REQUEST_MAX);
	check_names(input);
	check_decoding(slice_head(input, HTTP_REQUEST_MAX), true);
	fuzz_free(input);
	return 0;
}

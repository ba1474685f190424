/* SPDX-License-Identifier: ISC
 * fuzz_http_request: any bytes on a connection to the description server, and a response that
 * quotes them. */
#include "fuzz.h"
#include "wire/http_head.h"
#include "wire/service_page.h"
#include <errno.h>

/* A path belongs to a page when it is the one that is written for it. */
static void check_page(struct slice path)
{
	const struct slice document = SLICE("/d.xml");
	const size_t count = 64;
	enum service_page page;
	char text[64];
	bool written = false;

	bool found = service_page_find(path, document, count, &page);
	for (size_t i = 0; i < 3 * count && !written; i++) {
		struct writer w;
		writer_init(&w, text, sizeof(text));
		service_page_path(document, i / 3, (enum service_page)(i % 3), &w);
		written = slice_equal(writer_result(&w), path);
		FUZZ_CHECK(!written || !found || page == i % 3);
	}
	FUZZ_CHECK(found == written);
}

static void check_head(struct slice input, const struct http_request *request, size_t len)
{
	struct http_request again;
	size_t again_len = 0;

	FUZZ_CHECK(len > 0 && len <= input.len && len <= HTTP_REQUEST_MAX);
	FUZZ_CHECK(input.bytes[len - 1] == '\n');
	FUZZ_CHECK(fuzz_inside(request->method, slice_head(input, len)) && request->method.len > 0);
	FUZZ_CHECK(fuzz_inside(request->host, slice_head(input, len)));
	FUZZ_CHECK(fuzz_inside(request->path, slice_head(input, len)) ||
		   slice_equal(request->path, SLICE("/")));
	FUZZ_CHECK(fuzz_inside(request->authority, slice_head(input, len)));
	FUZZ_CHECK(request->path.len > 0 && request->minor <= 9);
	FUZZ_CHECK(request->path.bytes[0] == '/' ||
		   (request->path.bytes[0] == '?' && request->authority.bytes));

	struct slice head = fuzz_copy((const uint8_t *)input.bytes, len);
	FUZZ_CHECK(http_request_parse(slice_head(head, len - 1), &again, &again_len) == -EAGAIN);
	FUZZ_CHECK(http_request_parse(head, &again, &again_len) == 0 && again_len == len);
	FUZZ_CHECK(
	    fuzz_same(again.method, request->method) && fuzz_same(again.host, request->host));
	fuzz_free(head);
}

/* Whatever a value holds, a response has as many lines as it has headers. */
static void check_response(struct slice value)
{
	struct http_response response = {.status = 200,
	    .content_type = value,
	    .server = value,
	    .date = value,
	    .allow = value,
	    .language = value,
	    .ext = true};
	size_t capacity = 5 * value.len + 256, lines = 0;
	char *text = malloc(capacity);
	struct slice rest, line;
	struct writer w;

	FUZZ_CHECK(text);
	writer_init(&w, text, capacity);
	http_response_format(&response, &w);
	FUZZ_CHECK(writer_error(&w) == 0);
	rest = writer_result(&w);
	while (slice_cut(&rest, '\n', &line))
		lines++;
	FUZZ_CHECK(lines == 1 + 8 + 1 + 1);
	free(text);
}

int fuzz_http_request(const uint8_t *data, size_t size)
{
	struct slice input = fuzz_copy(data, size);
	struct http_request request;
	size_t len = 0;
	int error = http_request_parse(input, &request, &len);

	if (error == 0) {
		check_head(input, &request, len);
		check_page(request.path);
	} else
		FUZZ_CHECK(error == -EAGAIN || error == -EBADMSG || error == -EMSGSIZE);
	FUZZ_CHECK(error != -EAGAIN || size < HTTP_REQUEST_MAX);
	check_response(input);
	fuzz_free(input);
	return 0;
}

/* SPDX-License-Identifier: ISC
 * fuzz_url: any URL, and any reference (after the first line feed) against it. */
#include "fuzz.h"
#include "wire/url.h"
#include <errno.h>

/* The parts, put together again, are the same parts. */
static void check_parts(const struct url *url)
{
	char text[URL_MAX + 32];
	struct url again;
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_slice(&w, url->scheme);
	writer_text(&w, url->bracketed ? "://[" : "://");
	writer_slice(&w, url->host);
	if (url->zone.bytes) {
		writer_text(&w, "%25");
		writer_slice(&w, url->zone);
	}
	writer_text(&w, url->bracketed ? "]" : "");
	if (url->port > 0) {
		writer_char(&w, ':');
		writer_u64(&w, url->port);
	}
	writer_slice(&w, url->path);
	FUZZ_CHECK(writer_error(&w) == 0);
	if (w.len > URL_MAX)
		return;
	FUZZ_CHECK(url_parse(writer_result(&w), &again) == 0);
	FUZZ_CHECK(fuzz_same(again.scheme, url->scheme) && fuzz_same(again.host, url->host));
	FUZZ_CHECK(fuzz_same(again.zone, url->zone) && fuzz_same(again.path, url->path));
	FUZZ_CHECK(again.port == url->port && again.bracketed == url->bracketed);
}

static void check_url(struct slice text)
{
	struct url url;
	int error = url_parse(text, &url);

	if (error) {
		FUZZ_CHECK(error == (text.len > URL_MAX ? -EMSGSIZE : -EINVAL));
		return;
	}
	FUZZ_CHECK(fuzz_inside(url.scheme, text) && fuzz_inside(url.host, text));
	FUZZ_CHECK(fuzz_inside(url.zone, text));
	FUZZ_CHECK(fuzz_inside(url.path, text) || slice_equal(url.path, SLICE("/")));
	FUZZ_CHECK(url.host.len > 0 && url.path.len > 0);
	FUZZ_CHECK(url.path.bytes[0] == '/' || url.path.bytes[0] == '?');
	check_parts(&url);
}

/* What is repaired is a URL with a path that needs no repair, or the text as it was. */
static void check_repaired(struct slice text)
{
	char *first = malloc(URL_MAX), *second = malloc(URL_MAX);
	struct writer w, w2;
	struct url url;

	FUZZ_CHECK(first && second);
	writer_init(&w, first, URL_MAX);
	writer_init(&w2, second, URL_MAX);
	struct slice repaired = url_repair(text, &w);
	if (!fuzz_same(repaired, text) || url_parse(text, &url) == 0) {
		FUZZ_CHECK(url_parse(repaired, &url) == 0);
		FUZZ_CHECK(url.path.bytes[0] == '/' || writer_error(&w));
		FUZZ_CHECK(fuzz_same(url_repair(repaired, &w2), repaired));
	}
	free(first);
	free(second);
}

/* What resolved is a URL, and stays what it is once its dots are gone (a reference without a path
 * keeps those of the base). */
static void check_resolved(struct slice base, struct slice reference)
{
	char *text = malloc(URL_MAX), *text2 = malloc(URL_MAX);
	struct writer w, w2;

	FUZZ_CHECK(text && text2);
	writer_init(&w, text, URL_MAX);
	writer_init(&w2, text2, URL_MAX);
	int error = url_resolve(base, reference, &w);
	if (error == 0) {
		struct slice resolved = fuzz_copy((const uint8_t *)text, w.len);
		check_url(resolved);
		FUZZ_CHECK(url_resolve(base, resolved, &w2) == 0);
		writer_init(&w, text, URL_MAX);
		FUZZ_CHECK(url_resolve(base, writer_result(&w2), &w) == 0);
		FUZZ_CHECK(slice_equal(writer_result(&w), writer_result(&w2)));
		fuzz_free(resolved);
	} else {
		FUZZ_CHECK(error == -EINVAL || error == -EMSGSIZE);
		FUZZ_CHECK(w.len == 0 && w.error == 0);
	}
	free(text);
	free(text2);
}

/* Escaped text has nothing left to escape. */
static void check_escaped(struct slice text)
{
	char *once = malloc(3 * text.len + 1), *twice = malloc(3 * text.len + 1);
	struct writer w, again;

	FUZZ_CHECK(once && twice);
	writer_init(&w, once, 3 * text.len + 1);
	url_escape(text, &w);
	writer_init(&again, twice, 3 * text.len + 1);
	url_escape(writer_result(&w), &again);
	FUZZ_CHECK(writer_error(&w) == 0 && writer_error(&again) == 0);
	FUZZ_CHECK(slice_equal(writer_result(&w), writer_result(&again)));
	for (size_t i = 0; i < w.len; i++)
		FUZZ_CHECK(once[i] > ' ' && once[i] < 0x7f);
	free(once);
	free(twice);
}

int fuzz_url(const uint8_t *data, size_t size)
{
	size_t line = slice_find((struct slice){(const char *)data, size}, '\n');
	size_t after = line < size ? line + 1 : size;
	struct slice base = fuzz_copy(data, line);
	struct slice reference = fuzz_copy(data + after, size - after);

	check_url(base);
	check_url(reference);
	check_repaired(base);
	check_repaired(reference);
	check_resolved(base, reference);
	check_escaped(reference);
	fuzz_free(base);
	fuzz_free(reference);
	return 0;
}

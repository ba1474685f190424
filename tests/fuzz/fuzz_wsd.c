/* SPDX-License-Identifier: ISC
 * fuzz_wsd: any datagram on the port of WS-Discovery; the same bytes as an answer to Get, whole and
 * in pieces (the first byte says how large). */
#include "fuzz.h"
#include "wire/wsd_message.h"
#include "wire/wsd_metadata.h"
#include <errno.h>

enum { BODY_MAX = 16 * 1024 };

static void check_match(const struct wsd_message *m, const struct wsd_match *match)
{
	struct slice text = {m->text, m->text_len};
	char value[256];
	struct slice category;
	struct writer w;

	FUZZ_CHECK(match->address.len > 0 && fuzz_inside(match->address, text));
	FUZZ_CHECK(fuzz_inside(match->types, text) && fuzz_inside(match->scopes, text));
	FUZZ_CHECK(fuzz_inside(match->xaddrs, text));
	writer_init(&w, value, sizeof(value));
	wsd_scope_read(match->scopes, &category, &w);
}

static void check_message(const uint8_t *data, size_t size)
{
	struct wsd_message *message = malloc(sizeof(*message));
	struct slice datagram = fuzz_copy(data, size);

	FUZZ_CHECK(message);
	int error = wsd_parse(datagram, message);
	FUZZ_CHECK(error == 0 || error == -ENOMSG || error == -EPERM || error == -EMSGSIZE);
	if (!error) {
		FUZZ_CHECK(message->kind <= WSD_RESOLVE_MATCHES);
		FUZZ_CHECK(message->match_count > 0 || message->kind == WSD_PROBE);
		FUZZ_CHECK(message->match_count <= WSD_MATCHES_MAX);
		FUZZ_CHECK(message->text_len <= sizeof(message->text));
		for (size_t i = 0; i < message->match_count; i++)
			check_match(message, &message->matches[i]);
	}
	fuzz_free(datagram);
	free(message);
}

static void check_page(struct slice document, size_t step)
{
	const struct page_reader_type *type = &WSD_METADATA_READER;
	struct description *description = NULL;
	void *reader = type->create(BODY_MAX);
	int error = 0;

	FUZZ_CHECK(reader);
	for (; document.len > 0 && !error; document = slice_skip(document, step)) {
		struct slice head = slice_head(document, step);
		struct slice piece = fuzz_copy((const uint8_t *)head.bytes, head.len);
		error = type->feed(reader, piece);
		fuzz_free(piece);
	}
	bool complete = type->complete(reader);
	int end = type->finish(reader, &description);
	FUZZ_CHECK(end == 0 || end == -EBADMSG || end == -EPERM);
	FUZZ_CHECK(end != 0 || description->whole == complete);
	FUZZ_CHECK(end != 0 || description->device_count == 1);
	description_free(description);
	type->destroy(reader);
}

int fuzz_wsd(const uint8_t *data, size_t size)
{
	check_message(data, size);
	if (size > 0) {
		struct slice document = {(const char *)data, size};
		check_page(document, size);
		check_page(document, 1 + (size_t)data[0]);
	}
	return 0;
}

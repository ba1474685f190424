/* SPDX-License-Identifier: ISC
 * fuzz_description: any document, whole and in pieces (the first byte says how large), and what was
 * read from it written and read again. */
#include "fuzz.h"
#include "wire/description.h"
#include <errno.h>

enum { WRITTEN_MAX = 100 * 1024 };

static int read_pieces(struct slice document, size_t step, struct description **out)
{
	struct description_reader *reader = description_reader_new(WRITTEN_MAX);
	int error = 0;

	FUZZ_CHECK(reader);
	for (; document.len > 0 && !error; document = slice_skip(document, step)) {
		struct slice head = slice_head(document, step);
		struct slice piece = fuzz_copy((const uint8_t *)head.bytes, head.len);
		error = description_reader_feed(reader, piece);
		fuzz_free(piece);
	}
	bool complete = description_reader_complete(reader);
	int end = description_reader_finish(reader, out);
	FUZZ_CHECK(!error || end == error);
	FUZZ_CHECK(end != 0 || !complete || (*out)->whole);
	FUZZ_CHECK(description_reader_finish(reader, out) == -EBADMSG);
	description_reader_free(reader);
	return end;
}

static void check_text(const char *text)
{
	size_t len = text ? slice_of(text).len : 1;

	FUZZ_CHECK(len > 0 && len <= DESCRIPTION_FIELD_MAX);
}

static void check_description(const struct description *d)
{
	FUZZ_CHECK(d->device_count > 0 && d->device_count <= DESCRIPTION_DEVICES_MAX);
	FUZZ_CHECK(d->service_count <= DESCRIPTION_SERVICES_READ_MAX && d->config_id < 1 << 24);
	FUZZ_CHECK(d->devices[0].parent == 0);
	for (size_t i = 0; i < d->device_count; i++) {
		FUZZ_CHECK(i == 0 || d->devices[i].parent < i);
		check_text(d->devices[i].udn);
		check_text(d->devices[i].friendly_name);
		check_text(d->devices[i].presentation_url);
		FUZZ_CHECK(d->devices[i].icon_count <= DESCRIPTION_ICONS_MAX);
		for (size_t k = 0; k < d->devices[i].icon_count; k++) {
			check_text(d->devices[i].icons[k].url);
			check_text(d->devices[i].icons[k].width);
		}
	}
	for (size_t i = 0; i < d->service_count; i++) {
		FUZZ_CHECK(d->services[i].device < d->device_count && d->services[i].type);
		check_text(d->services[i].type);
		check_text(d->services[i].id);
		check_text(d->services[i].scpd_url);
	}
}

static struct slice write_down(const struct description *d)
{
	char *text = malloc(WRITTEN_MAX);
	struct writer w;

	FUZZ_CHECK(text);
	writer_init(&w, text, WRITTEN_MAX);
	description_format(d, &w);
	FUZZ_CHECK(writer_error(&w) == 0);
	return writer_result(&w);
}

/* Written once, its devices and services have an order that they keep. */
static void check_written(const struct description *d)
{
	struct description *again, *third;
	struct slice text = write_down(d);

	FUZZ_CHECK(read_pieces(text, SIZE_MAX, &again) == 0);
	FUZZ_CHECK(again->whole && again->device_count == d->device_count);
	FUZZ_CHECK(again->service_count == d->service_count);
	struct slice text2 = write_down(again);
	FUZZ_CHECK(read_pieces(text2, SIZE_MAX, &third) == 0);
	struct slice text3 = write_down(third);
	FUZZ_CHECK(slice_equal(text2, text3));
	fuzz_free(text3);
	fuzz_free(text2);
	description_free(third);
	description_free(again);
	fuzz_free(text);
}

int fuzz_description(const uint8_t *data, size_t size)
{
	struct description *whole, *pieces;

	if (size == 0)
		return 0;
	const struct slice document = {(const char *)data + 1, size - 1};
	int error = read_pieces(document, SIZE_MAX, &whole);
	if (error == 0) {
		check_description(whole);
		check_written(whole);
	}
	if (read_pieces(document, 1 + data[0], &pieces) == 0) {
		FUZZ_CHECK(error == 0);
		struct slice one = write_down(whole), two = write_down(pieces);
		FUZZ_CHECK(slice_equal(one, two));
		fuzz_free(one);
		fuzz_free(two);
		description_free(pieces);
	} else {
		FUZZ_CHECK(error != 0);
	}
	if (error == 0)
		description_free(whole);
	return 0;
}

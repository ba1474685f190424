/* SPDX-License-Identifier: ISC
 * fuzz_usn: any USN, and any two types (the two halves of the input). */
#include "base/text.h"
#include "base/writer.h"
#include "fuzz.h"
#include "wire/usn.h"

static void check_split(struct slice text)
{
	struct usn usn = usn_split(text), again;

	FUZZ_CHECK(fuzz_inside(usn.udn, text) && fuzz_inside(usn.uuid, text));
	FUZZ_CHECK(fuzz_inside(usn.target, text));
	FUZZ_CHECK(usn.uuid.len > 0 || (!usn.uuid.bytes && !usn.udn.bytes && !usn.target.bytes));
	FUZZ_CHECK(!usn.target.bytes || usn.target.len > 0);
	if (usn.udn.bytes) {
		FUZZ_CHECK(slice_starts_with_nocase(usn.udn, SLICE("uuid:")));
		FUZZ_CHECK(fuzz_same(slice_skip(usn.udn, 5), usn.uuid));
		again = usn_split(usn.udn);
		FUZZ_CHECK(!again.target.bytes);
	}
}

/* A UDN that was taken out of something, borrowed or written, is its own. */
static void check_udn(struct slice text)
{
	size_t size = text.len + sizeof("uuid:");
	char *once = malloc(size), *twice = malloc(size);
	struct writer w, again;

	FUZZ_CHECK(once && twice);
	writer_init(&w, once, size);
	writer_init(&again, twice, size);
	struct slice udn = usn_udn(text, &w);
	FUZZ_CHECK(fuzz_same(udn, usn_udn(udn, &again)));
	free(once);
	free(twice);
}

static void check_version(struct slice type)
{
	struct typed_urn urn = urn_split_version(type);
	char text[16];
	struct writer w;

	FUZZ_CHECK(fuzz_inside(urn.base, type));
	FUZZ_CHECK(urn_satisfies(type, type));
	FUZZ_CHECK(!(urn_is_device(type) && urn_is_service(type)));
	if (urn.version == 0) {
		FUZZ_CHECK(fuzz_same(urn.base, type));
		return;
	}
	writer_init(&w, text, sizeof(text));
	writer_u64(&w, urn.version);
	FUZZ_CHECK(slice_ends_with(type, writer_result(&w)));
	FUZZ_CHECK(urn.base.len + 1 + w.len <= type.len && type.bytes[urn.base.len] == ':');
}

int fuzz_usn(const uint8_t *data, size_t size)
{
	struct slice whole = fuzz_copy(data, size), have = fuzz_copy(data, size / 2);
	struct slice wanted = fuzz_copy(data + size / 2, size - size / 2);

	check_split(whole);
	check_udn(whole);
	check_version(whole);
	check_version(have);
	check_version(wanted);
	if (urn_satisfies(have, wanted) && urn_satisfies(wanted, have))
		FUZZ_CHECK(urn_split_version(have).version == urn_split_version(wanted).version);
	fuzz_free(whole);
	fuzz_free(have);
	fuzz_free(wanted);
	return 0;
}

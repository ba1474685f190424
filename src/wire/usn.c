/* SPDX-License-Identifier: ISC
 * usn: takes USNs and type URNs apart (UDA 2.0 1.2.2, 1.3.2), odd ones too. */
#include "wire/usn.h"
#include "base/text.h"
#include <string.h>

#define UUID_PREFIX SLICE("uuid:")

enum { UUID_LEN = 36 };

/* Offset of the first "::", or the length. */
static size_t find_double_colon(struct slice s)
{
	for (size_t i = 0; i + 1 < s.len; i++)
		if (s.bytes[i] == ':' && s.bytes[i + 1] == ':')
			return i;
	return s.len;
}

/* Without blanks, braces and prefixes around a uuid; *from_prefix begins at the last prefix that
 * was taken off, if any. */
static struct slice strip(struct slice s, struct slice *from_prefix)
{
	for (;;) {
		s = slice_trim(s);
		char first = s.len > 0 ? s.bytes[0] : '\0';
		if (slice_starts_with_nocase(s, SLICE("urn:uuid:"))) {
			s = slice_skip(s, strlen("urn:"));
		} else if (slice_starts_with_nocase(s, UUID_PREFIX)) {
			*from_prefix = s;
			s = slice_skip(s, UUID_PREFIX.len);
		} else if (first == '{' && slice_ends_with(s, SLICE("}"))) {
			s = slice_skip(slice_head(s, s.len - 1), 1);
		} else if (s.len > 1 && first == '"' && slice_ends_with(s, SLICE("\""))) {
			s = slice_skip(slice_head(s, s.len - 1), 1);
		} else {
			return s;
		}
	}
}

struct usn usn_split(struct slice usn)
{
	struct usn parts = {0};
	struct slice from_prefix = SLICE_NONE;
	struct slice rest = strip(usn, &from_prefix);
	size_t end = find_double_colon(rest);
	struct slice uuid = strip(slice_head(rest, end), &from_prefix);

	/* Without a prefix "::" may be anything: [fe80::1]:3540 is sent as a USN too. */
	/* one colon where two belong */
	if (uuid.len > UUID_LEN && uuid.bytes[UUID_LEN] == ':' &&
	    text_is_uuid(slice_head(uuid, UUID_LEN)))
		uuid.len = UUID_LEN;
	if (uuid.len == 0 || (!from_prefix.bytes && !text_is_uuid(uuid)))
		return parts;
	parts.uuid = uuid;
	if (from_prefix.bytes && from_prefix.bytes + UUID_PREFIX.len == uuid.bytes)
		parts.udn = slice_head(from_prefix, UUID_PREFIX.len + uuid.len);
	if (end + 2 < rest.len)
		parts.target = slice_skip(rest, end + 2);
	return parts;
}

struct slice usn_udn(struct slice usn, struct writer *room)
{
	if (usn.len == 0)
		return SLICE_NONE;
	struct usn parts = usn_split(usn);

	if (parts.udn.bytes || !parts.uuid.bytes)
		return parts.udn;
	writer_slice(room, UUID_PREFIX);
	writer_slice(room, parts.uuid);
	return writer_error(room) ? SLICE_NONE : writer_result(room);
}

static struct slice last_part(struct slice s)
{
	size_t at = s.len;

	while (at > 0 && s.bytes[at - 1] != ':')
		at--;
	return slice_skip(s, at);
}

struct typed_urn urn_split_version(struct slice type)
{
	struct typed_urn urn = {.base = type};
	uint64_t version;

	if (!slice_starts_with_nocase(type, SLICE("urn:")))
		return urn;
	struct slice last = last_part(type);
	if (last.len + 1 < type.len && slice_to_u64(last, UINT32_MAX, &version) == 0 &&
	    version > 0) {
		urn.base = slice_head(type, type.len - last.len - 1);
		urn.version = (uint32_t)version;
	}
	return urn;
}

/* "urn:DOMAIN:WORD:…" */
static bool urn_is(struct slice type, struct slice word)
{
	struct slice part;

	return slice_cut(&type, ':', &part) && slice_equal_nocase(part, SLICE("urn")) &&
	       slice_cut(&type, ':', &part) && slice_cut(&type, ':', &part) &&
	       slice_equal_nocase(part, word) && type.len > 0;
}

bool urn_is_device(struct slice type)
{
	return urn_is(type, SLICE("device"));
}

bool urn_is_service(struct slice type)
{
	return urn_is(type, SLICE("service"));
}

bool urn_satisfies(struct slice have, struct slice wanted)
{
	struct typed_urn h = urn_split_version(have), w = urn_split_version(wanted);

	return slice_equal(h.base, w.base) && w.version <= h.version &&
	       (h.version == 0) == (w.version == 0);
}

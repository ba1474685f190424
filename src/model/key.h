/* SPDX-License-Identifier: ISC
 * key: names an endpoint or a service across messages and protocols. */
#ifndef MODEL_KEY_H
#define MODEL_KEY_H

#include "base/slice.h"

/* Bytes include the final NUL. */
enum {
	KEY_TEXT_MAX = 257,
	KEY_UUID_TEXT_MAX = sizeof("uuid:00000000-0000-0000-0000-000000000000")
};

enum key_kind {
	KEY_ADDRESS, /* nothing but the address and the link where it was seen; no text */
	KEY_NAME,    /* a host or instance name: "tv.local", "Laser._ipp._tcp.local" */
	KEY_OPAQUE,  /* an id that is no UUID: "uuid:Socket-1_0-2216XX" */
	KEY_UUID,    /* the 16 bytes count, `text` is how it was written */
};

struct key {
	enum key_kind kind;
	uint8_t uuid[16];
	struct slice text; /* "uuid:…" for KEY_UUID; borrowed */
};

/* Reads an id as protocols write it: "uuid:X", "urn:uuid:X", "{X}" or X itself, X being 8-4-4-4-12
 * or 32 hexadecimal digits in any case (RFC 4122, 3). What is no UUID is KEY_OPAQUE with the
 * whole text; an empty text is KEY_ADDRESS. The text of the key points into `id` where that begins
 * with "uuid:", and is absent otherwise: use key_format. */
struct key key_of_id(struct slice id);
struct key key_of_name(struct slice name);
/* The same key, however it is written: UUIDs by their bytes, texts without regard to the case of
 * ASCII letters (RFC 6762, 16). */
bool key_equal(const struct key *a, const struct key *b);
/* True when the same key over two protocols or at two places means one device: a UUID other than
 * the nil UUID (RFC 4122, 4.1.7), or an opaque id. */
bool key_joins(const struct key *key);
/* The key as the table keeps it: its text is clean UTF-8 (text_clean) and fits. It may be another
 * kind of key for that. `buffer` holds the text where it has to be changed. */
struct key key_clean(const struct key *key, char buffer[KEY_TEXT_MAX]);
/* Writes the bytes that are equal for equal keys, for a hash; returns their number, at most
 * KEY_TEXT_MAX. */
size_t key_canonical(const struct key *key, char out[KEY_TEXT_MAX]);
/* Writes the canonical text: "uuid:" with lower-case digits for a UUID, else the text. Cut where it
 * does not fit. */
void key_format(const struct key *key, char out[KEY_TEXT_MAX]);
/* Likewise of a UUID alone; returns the buffer. */
const char *key_format_uuid(const uint8_t uuid[16], char out[KEY_UUID_TEXT_MAX]);

#endif

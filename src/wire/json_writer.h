/* SPDX-License-Identifier: ISC
 * json_writer: JSON (RFC 8259) that is written from its beginning to its end, into memory that
 * grows.
 */
#ifndef WIRE_JSON_WRITER_H
#define WIRE_JSON_WRITER_H

#include "base/slice.h"
#include <string.h>

/* All zero is empty. Commas come by themselves. */
struct json_writer {
	char *bytes;
	size_t len, capacity;
	bool comma;  /* a value stands before: another one is behind a comma */
	bool failed; /* out of memory, from then on: a part is missing */
};

void json_writer_fini(struct json_writer *w);
/* Makes room for so many bytes, for which there is no call to grow then. False, and it has failed:
 * out of memory. */
bool json_writer_reserve(struct json_writer *w, size_t len);

/* '{' or '[', and what ends it. */
void json_writer_open(struct json_writer *w, char bracket);
void json_writer_close(struct json_writer *w, char bracket);
/* The name of a member; its value follows. JSON_NAME: a literal that needs no escape, whose bytes
 * are copied where it is written, as most of an object is names. */
#define JSON_NAME(literal) SLICE("\"" literal "\":")
static inline void json_writer_name(struct json_writer *w, struct slice name)
{
	if (w->capacity - w->len <= name.len && !json_writer_reserve(w, name.len + 1))
		return;
	char *at = w->bytes + w->len;
	*at = ',';
	memcpy(at + w->comma, name.bytes, name.len);
	w->len += w->comma + name.len;
	w->comma = false;
}
void json_writer_name_escaped(struct json_writer *w, struct slice name);

/* A string of UTF-8; null for NULL. */
void json_writer_string(struct json_writer *w, const char *string);
void json_writer_slice(struct json_writer *w, struct slice string);
/* A string that needs no escape for certain: an address, a time. */
void json_writer_plain(struct json_writer *w, struct slice string);
void json_writer_number(struct json_writer *w, int64_t number);
void json_writer_truth(struct json_writer *w, bool truth);
void json_writer_null(struct json_writer *w);
/* A value, or several, that are JSON already. */
void json_writer_raw(struct json_writer *w, struct slice json);
/* Bytes around values, such as the NUL at the end of a message. No comma comes before. */
void json_writer_bytes(struct json_writer *w, struct slice bytes);

#endif

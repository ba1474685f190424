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
bool json_writer_reserve(struct json_writer *w, size_t len) __attribute__((cold));

/* '{' or '[', and what ends it. */
void json_writer_open(struct json_writer *w, char bracket);
static inline void json_writer_close(struct json_writer *w, char bracket)
{
	if (w->len == w->capacity && !json_writer_reserve(w, 1))
		return;
	w->bytes[w->len++] = bracket;
	w->comma = true;
}

/* Literals that need no escape: the name of a member, the same with the bracket of the object that
 * begins with it, and the name of an array with its bracket. */
#define JSON_NAME(literal)  SLICE("\"" literal "\":")
#define JSON_FIRST(literal) SLICE("{\"" literal "\":")
#define JSON_ARRAY(literal) SLICE("\"" literal "\":[")
/* Members that are written alike each time. */
#define JSON_MEMBER(literal, value) SLICE("\"" literal "\":" value)

/* Copies a literal, a word at a time, as most of an object is such. With null behind it, a name is
 * a member. */
static inline __attribute__((always_inline)) void json_writer_literal(
    struct json_writer *w, struct slice literal, bool null, bool comma)
{
	const size_t null_len = sizeof("null") - 1, before = w->len + w->comma;

	if (w->capacity - w->len <= literal.len + null_len &&
	    !json_writer_reserve(w, literal.len + null_len + 1))
		return;
	char *bytes = w->bytes;
	bytes[w->len] = ',';
	memcpy(bytes + before, literal.bytes, literal.len);
	memcpy(bytes + before + literal.len, "null", null_len);
	w->len = before + literal.len + (null ? null_len : 0);
	w->comma = comma;
}

/* A name; its value follows. */
static inline void json_writer_name(struct json_writer *w, struct slice name)
{
	json_writer_literal(w, name, false, false);
}
void json_writer_name_escaped(struct json_writer *w, struct slice name);
static inline void json_writer_member(struct json_writer *w, struct slice member)
{
	json_writer_literal(w, member, false, true);
}

void json_writer_number(struct json_writer *w, int64_t number);
void json_writer_truth(struct json_writer *w, bool truth);
void json_writer_null(struct json_writer *w);
/* A name and a truth, or null where it is not known. */
static inline void json_writer_known(
    struct json_writer *w, struct slice name, bool known, bool truth)
{
	json_writer_literal(w, name, !known, !known);
	if (known)
		json_writer_truth(w, truth);
}

/* A string of UTF-8; null for NULL. */
void json_writer_string(struct json_writer *w, const char *string);
void json_writer_slice(struct json_writer *w, struct slice string);
/* A name and a string, or null. */
static inline void json_writer_text(struct json_writer *w, struct slice name, const char *string)
{
	json_writer_literal(w, name, !string, !string);
	if (string)
		json_writer_string(w, string);
}
/* A string that needs no escape for certain: an address, a time. */
void json_writer_plain(struct json_writer *w, struct slice string);
/* A value, or several, that are JSON already. */
void json_writer_raw(struct json_writer *w, struct slice json);
/* Bytes around values, such as the NUL at the end of a message. No comma comes before. */
void json_writer_bytes(struct json_writer *w, struct slice bytes);

#endif

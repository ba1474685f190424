/* SPDX-License-Identifier: ISC
 * json_writer: see json_writer.h. */
#include "wire/json_writer.h"
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 512 };

/* A byte becomes six at most, as in "\u001f"; quotes and a comma come around it. */
enum { ESCAPED_MAX = 6, AROUND_MAX = 3 };

void json_writer_fini(struct json_writer *w)
{
	free(w->bytes);
	*w = (struct json_writer){0};
}

static void grow(struct json_writer *w, size_t len)
{
	size_t capacity = w->capacity ? 2 * w->capacity : CAPACITY_MIN;

	if (capacity < w->len + len)
		capacity = w->len + len;
	char *bytes =
	    len < SIZE_MAX / 4 && w->len < SIZE_MAX / 4 ? realloc(w->bytes, capacity) : NULL;
	w->failed = !bytes;
	if (!bytes)
		return;
	w->bytes = bytes;
	w->capacity = capacity;
}

/* Where so many bytes can be written; NULL where they cannot. */
static inline char *room(struct json_writer *w, size_t len)
{
	if (w->failed)
		return NULL;
	if (len > w->capacity - w->len) {
		grow(w, len);
		if (w->failed)
			return NULL;
	}
	return w->bytes + w->len;
}

void json_writer_reserve(struct json_writer *w, size_t len)
{
	room(w, len);
}

/* Writes bytes behind a comma where one is due. */
static inline void put(struct json_writer *w, struct slice bytes)
{
	char *at = room(w, bytes.len + 1);

	if (!at)
		return;
	*at = ',';
	memcpy(at + w->comma, bytes.bytes, bytes.len);
	w->len += w->comma + bytes.len;
}

void json_writer_bytes(struct json_writer *w, struct slice bytes)
{
	char *at = room(w, bytes.len);

	if (!at || !bytes.len)
		return;
	memcpy(at, bytes.bytes, bytes.len);
	w->len += bytes.len;
}

void json_writer_open(struct json_writer *w, char bracket)
{
	put(w, (struct slice){&bracket, 1});
	w->comma = false;
}

void json_writer_close(struct json_writer *w, char bracket)
{
	json_writer_bytes(w, (struct slice){&bracket, 1});
	w->comma = true;
}

void json_writer_name(struct json_writer *w, struct slice name)
{
	put(w, name);
	w->comma = false;
}

void json_writer_raw(struct json_writer *w, struct slice json)
{
	put(w, json);
	w->comma = true;
}

void json_writer_null(struct json_writer *w)
{
	json_writer_raw(w, SLICE("null"));
}

void json_writer_truth(struct json_writer *w, bool truth)
{
	json_writer_raw(w, truth ? SLICE("true") : SLICE("false"));
}

void json_writer_number(struct json_writer *w, int64_t number)
{
	char digits[20]; /* with a sign */
	size_t at = sizeof(digits);
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;

	do
		digits[--at] = (char)('0' + rest % 10);
	while (rest /= 10);
	if (number < 0)
		digits[--at] = '-';
	json_writer_raw(w, (struct slice){digits + at, sizeof(digits) - at});
}

/* RFC 8259, 7. */
static char *put_byte(char *at, char byte)
{
	static const char SHORT[] = "\"\"\\\\\bb\ff\nn\rr\tt", HEX[] = "0123456789abcdef";
	const char *entry = SHORT;
	unsigned char c = (unsigned char)byte;

	if (c >= ' ' && c != '"' && c != '\\') {
		*at++ = byte;
		return at;
	}
	while (*entry && *entry != byte)
		entry += 2;
	*at++ = '\\';
	if (*entry) {
		*at++ = entry[1];
		return at;
	}
	memcpy(at, "u00", 3);
	at[3] = HEX[c >> 4];
	at[4] = HEX[c & 15];
	return at + 5;
}

#define EACH_BYTE(value) (UINT64_MAX / 255 * (value))

/* True when one of the eight bytes is zero, or, in the second, below 32: subtracting borrows into
 * the highest bit of such a byte first. */
static inline bool has_zero(uint64_t word)
{
	return (word - EACH_BYTE(1)) & ~word & EACH_BYTE(0x80);
}

static inline bool has_control(uint64_t word)
{
	return (word - EACH_BYTE(' ')) & ~word & EACH_BYTE(0x80);
}

static inline bool needs_escape(uint64_t word)
{
	return has_control(word) || has_zero(word ^ EACH_BYTE('"')) ||
	       has_zero(word ^ EACH_BYTE('\\'));
}

/* Most text needs no escape: it is looked at and copied in words. */
static char *put_escaped(char *at, struct slice string)
{
	const char *from = string.bytes, *end = from + string.len;

	while (from < end) {
		const char *part = from + sizeof(uint64_t);
		uint64_t word;
		if (part <= end) {
			memcpy(&word, from, sizeof(word));
			if (!needs_escape(word)) {
				memcpy(at, &word, sizeof(word));
				at += sizeof(word);
				from = part;
				continue;
			}
		}
		while (from < end && from < part)
			at = put_byte(at, *from++);
	}
	return at;
}

static bool put_string(struct json_writer *w, struct slice string, char behind)
{
	size_t most =
	    string.len < SIZE_MAX / 8 ? ESCAPED_MAX * string.len + AROUND_MAX + 1 : SIZE_MAX / 4;
	char *start = room(w, most), *at = start;

	if (!at)
		return false;
	*at = ',';
	at += w->comma;
	*at++ = '"';
	at = put_escaped(at, string);
	*at++ = '"';
	*at = behind;
	w->len += (size_t)(at - start);
	return true;
}

void json_writer_slice(struct json_writer *w, struct slice string)
{
	if (!string.bytes) {
		json_writer_null(w);
		return;
	}
	put_string(w, string, ',');
	w->comma = true;
}

void json_writer_string(struct json_writer *w, const char *string)
{
	json_writer_slice(w, string ? (struct slice){string, strlen(string)} : SLICE_NONE);
}

void json_writer_name_escaped(struct json_writer *w, struct slice name)
{
	if (put_string(w, name, ':'))
		w->len++;
	w->comma = false;
}

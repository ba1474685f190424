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

bool json_writer_reserve(struct json_writer *w, size_t len)
{
	size_t capacity = w->capacity ? 2 * w->capacity : CAPACITY_MIN;
	char *bytes = NULL;

	if (w->failed)
		return false;
	if (len <= w->capacity - w->len)
		return true;
	if (capacity < w->len + len)
		capacity = w->len + len;
	if (len < SIZE_MAX / 4 && w->len < SIZE_MAX / 4)
		bytes = realloc(w->bytes, capacity);
	w->failed = !bytes;
	if (bytes) {
		w->bytes = bytes;
		w->capacity = capacity;
	} else {
		w->capacity = w->len; /* nothing fits any more */
	}
	return bytes;
}

/* Where so many bytes can be written; NULL where they cannot. */
static inline char *room(struct json_writer *w, size_t len)
{
	if (len > w->capacity - w->len && !json_writer_reserve(w, len))
		return NULL;
	return w->bytes + w->len;
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
	char *at = room(w, 2);

	if (!at)
		return;
	*at = ',';
	at[w->comma] = bracket;
	w->len += w->comma + 1;
	w->comma = false;
}

void json_writer_close(struct json_writer *w, char bracket)
{
	char *at = room(w, 1);

	if (!at)
		return;
	*at = bracket;
	w->len++;
	w->comma = true;
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

/* Not zero when one of the eight bytes is a control character, a quote or a backslash: subtracting
 * borrows into the highest bit of a byte that is below what is subtracted. */
static inline uint64_t find_escapes(uint64_t word)
{
	uint64_t quote = word ^ EACH_BYTE('"'), backslash = word ^ EACH_BYTE('\\');

	return (((word - EACH_BYTE(' ')) & ~word) | ((quote - EACH_BYTE(1)) & ~quote) |
		   ((backslash - EACH_BYTE(1)) & ~backslash)) &
	       EACH_BYTE(0x80);
}

/* Copies up to eight bytes; what find_escapes() says of them. */
static inline uint64_t copy_word(char *to, const char *from, size_t len)
{
	uint64_t word = EACH_BYTE(' ');

	memcpy(&word, from, len);
	memcpy(to, &word, len);
	return find_escapes(word);
}

/* Copies a string; false where one of its bytes needs an escape. The words at the end overlap, so
 * that there is no rest. */
static bool copy_plain(char *to, struct slice string)
{
	const size_t word = sizeof(uint64_t), half = word / 2, len = string.len;
	const char *from = string.bytes;
	uint64_t found = 0;

	if (len >= word) {
		for (size_t at = 0; at < len - word; at += word)
			found |= copy_word(to + at, from + at, word);
		found |= copy_word(to + len - word, from + len - word, word);
	} else if (len >= half) {
		found =
		    copy_word(to, from, half) | copy_word(to + len - half, from + len - half, half);
	} else {
		for (size_t at = 0; at < len; at++)
			found |= copy_word(to + at, from + at, 1);
	}
	return !found;
}

/* Room for a string of which each byte becomes so many at most. */
static inline char *string_room(struct json_writer *w, size_t len, size_t each)
{
	return room(w, len < SIZE_MAX / 8 ? each * len + AROUND_MAX + 1 : SIZE_MAX / 4);
}

/* Where the copy of a string ends that has bytes which need an escape; NULL: no room. */
static char *put_escaped(struct json_writer *w, struct slice string)
{
	char *at = string_room(w, string.len, ESCAPED_MAX);

	if (!at)
		return NULL;
	*at = ',';
	at += w->comma;
	*at++ = '"';
	for (size_t i = 0; i < string.len; i++)
		at = put_byte(at, string.bytes[i]);
	return at;
}

/* Writes a string behind a comma where one is due, and a byte that does not count yet. */
static bool put_string(struct json_writer *w, struct slice string, char behind)
{
	char *at = string_room(w, string.len, 1);

	if (!at)
		return false;
	*at = ',';
	at += w->comma;
	*at++ = '"';
	at = copy_plain(at, string) ? at + string.len : put_escaped(w, string);
	if (!at)
		return false;
	*at++ = '"';
	*at = behind;
	w->len = (size_t)(at - w->bytes);
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

void json_writer_plain(struct json_writer *w, struct slice string)
{
	char *at = room(w, string.len + AROUND_MAX);

	if (!at)
		return;
	*at = ',';
	at += w->comma;
	*at++ = '"';
	memcpy(at, string.bytes, string.len);
	at[string.len] = '"';
	w->len += w->comma + string.len + 2;
	w->comma = true;
}

void json_writer_name_escaped(struct json_writer *w, struct slice name)
{
	if (put_string(w, name, ':'))
		w->len++;
	w->comma = false;
}

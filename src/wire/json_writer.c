/* SPDX-License-Identifier: ISC
 * json_writer: see json_writer.h. */
#include "wire/json_writer.h"
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 512 };

/* A byte becomes six at most, as in "\u001f"; a comma, quotes and a colon come around them. */
enum { ESCAPED_MAX = 6, AROUND_MAX = 4 };

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

void json_writer_raw(struct json_writer *w, struct slice json)
{
	put(w, json);
	w->comma = true;
}

void json_writer_null(struct json_writer *w)
{
	json_writer_member(w, SLICE("null"));
}

void json_writer_truth(struct json_writer *w, bool truth)
{
	if (truth)
		json_writer_member(w, SLICE("true"));
	else
		json_writer_member(w, SLICE("false"));
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

/* The highest bit of a byte is set when one of the eight is a control character, a quote or a
 * backslash: subtracting borrows into it where a byte is below what is subtracted. A quote becomes
 * a blank here, and a blank a quote, so that it is found with the control characters. */
static inline uint64_t find_escapes(uint64_t word)
{
	uint64_t low = (word ^ EACH_BYTE(' ' ^ '"')) - EACH_BYTE(' ' + 1);
	uint64_t backslash = (word ^ EACH_BYTE('\\')) - EACH_BYTE(1);

	return (low | backslash) & ~word;
}

static inline uint64_t copy_word(char *to, const char *from)
{
	uint64_t word;

	memcpy(&word, from, sizeof(word));
	memcpy(to, &word, sizeof(word));
	return find_escapes(word);
}

/* Copies less than a word. */
static inline uint64_t copy_half(char *to, const char *from, size_t len)
{
	uint32_t half, last;
	uint64_t word = EACH_BYTE(' ');

	if (len >= sizeof(half)) {
		memcpy(&half, from, sizeof(half));
		memcpy(&last, from + len - sizeof(last), sizeof(last));
		memcpy(to, &half, sizeof(half));
		memcpy(to + len - sizeof(last), &last, sizeof(last));
		return find_escapes((uint64_t)half << 32 | last);
	}
	for (size_t at = 0; at < len; at++) {
		to[at] = from[at];
		word = word << 8 | (unsigned char)from[at];
	}
	return find_escapes(word);
}

/* Copies a string; false where one of its bytes needs an escape. The words at the end overlap, so
 * that there is no rest. */
static inline bool copy_plain(char *to, struct slice string)
{
	const size_t word = sizeof(uint64_t), len = string.len;
	const char *from = string.bytes;
	uint64_t found;

	if (len < word)
		return !(copy_half(to, from, len) & EACH_BYTE(0x80));
	found = copy_word(to + len - word, from + len - word);
	for (size_t at = 0; at < len - word; at += word)
		found |= copy_word(to + at, from + at);
	return !(found & EACH_BYTE(0x80));
}

/* What comes before a string: its quote, behind a comma where one is due. */
static inline char *begin_string(const struct json_writer *w, char *at)
{
	*at = ',';
	at += w->comma;
	*at = '"';
	return at + 1;
}

/* What comes behind a string, or behind the name of a member. */
static inline void end_string(struct json_writer *w, char *at, bool is_name)
{
	at[0] = '"';
	at[1] = ':';
	w->len = (size_t)(at - w->bytes) + 1 + is_name;
	w->comma = !is_name;
}

static __attribute__((noinline, cold)) void put_escaped(
    struct json_writer *w, struct slice string, bool is_name)
{
	bool is_possible = string.len < SIZE_MAX / 8;
	char *at = room(w, is_possible ? ESCAPED_MAX * string.len + AROUND_MAX : SIZE_MAX / 4);

	if (!at)
		return;
	at = begin_string(w, at);
	for (size_t i = 0; i < string.len; i++)
		at = put_byte(at, string.bytes[i]);
	end_string(w, at, is_name);
}

/* Most strings need no escape. */
static inline void put_string(struct json_writer *w, struct slice string, bool is_name)
{
	char *at = room(w, string.len + AROUND_MAX);

	if (!at)
		return;
	at = begin_string(w, at);
	if (copy_plain(at, string))
		end_string(w, at + string.len, is_name);
	else
		put_escaped(w, string, is_name);
}

void json_writer_slice(struct json_writer *w, struct slice string)
{
	if (string.bytes)
		put_string(w, string, false);
	else
		json_writer_null(w);
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
	at = begin_string(w, at);
	memcpy(at, string.bytes, string.len);
	end_string(w, at + string.len, false);
}

void json_writer_name_escaped(struct json_writer *w, struct slice name)
{
	put_string(w, name, true);
}

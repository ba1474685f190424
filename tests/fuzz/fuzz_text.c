/* SPDX-License-Identifier: ISC
 * fuzz_text: any name from the network, compared with an encoder of UTF-8; the first byte says how
 * much room there is. */
#include "base/text.h"
#include "fuzz.h"
#include <string.h>

/* RFC 3629, 3. The length of a code point in UTF-8; 0 for a surrogate. */
static size_t encode(int32_t c, unsigned char out[4])
{
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char LEADS[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = len; i-- > 1; c >>= 6)
		out[i] = (unsigned char)(0x80 | (c & 0x3f));
	out[0] = (unsigned char)(LEADS[len] | c);
	return len;
}

/* The code point that the first bytes are an encoding of, by encoding what they might mean. */
static int32_t decode(struct slice in)
{
	static const unsigned char MASKS[] = {0, 0x7f, 0x1f, 0x0f, 0x07};

	for (size_t len = 1; len <= 4 && len <= in.len; len++) {
		int32_t c = (unsigned char)in.bytes[0] & MASKS[len];
		unsigned char again[4];
		for (size_t i = 1; i < len; i++)
			c = c << 6 | ((unsigned char)in.bytes[i] & 0x3f);
		if (c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) && encode(c, again) == len &&
		    memcmp(again, in.bytes, len) == 0)
			return c;
	}
	return -1;
}

static void check_decoded(struct slice text)
{
	for (size_t used; text.len > 0; text = slice_skip(text, used)) {
		unsigned char bytes[4];
		int32_t c;
		used = text_decode(text, &c);
		FUZZ_CHECK(c == decode(text));
		FUZZ_CHECK(used == (c < 0 ? 1 : encode(c, bytes)));
	}
}

/* Nothing in it ends a line, moves the cursor or changes the direction of what follows. */
static void check_harmless(struct slice clean)
{
	for (size_t used; clean.len > 0; clean = slice_skip(clean, used)) {
		int32_t c;
		used = text_decode(clean, &c);
		FUZZ_CHECK(c >= ' ' && (c < 0x7f || c > 0x9f));
		FUZZ_CHECK((c < 0x2028 || c > 0x202e) && (c < 0x2066 || c > 0x2069));
	}
}

static void check_cleaned(struct slice text, size_t capacity)
{
	char *clean = malloc(capacity), *again = malloc(capacity);

	FUZZ_CHECK(clean && again);
	size_t len = text_clean(text, clean, capacity);
	struct slice result = {clean, len};
	FUZZ_CHECK(len < capacity && clean[len] == '\0' && text_is_clean(result));
	check_harmless(result);
	FUZZ_CHECK(text_clean(result, again, capacity) == len && strcmp(again, clean) == 0);
	if (text_is_clean(text) && text.len < capacity)
		FUZZ_CHECK(len == 0 || slice_equal(result, text));
	free(clean);
	free(again);
}

/* What a terminal gets is printable, and can be read back: a backslash begins an escape only. */
static void check_escaped(struct slice text)
{
	size_t capacity = 4 * text.len + 1, at = 0;
	char *escaped = malloc(capacity);
	struct writer w;

	FUZZ_CHECK(escaped);
	writer_init(&w, escaped, capacity);
	text_escape(text, &w);
	FUZZ_CHECK(writer_error(&w) == 0 && w.len < capacity);
	escaped[w.len] = '\0';
	check_harmless(writer_result(&w));
	for (size_t i = 0; i < w.len; at++) {
		unsigned byte = (unsigned char)escaped[i];
		size_t used = byte != '\\' ? 1 : escaped[i + 1] == '\\' ? 2 : 4;
		if (used == 4)
			FUZZ_CHECK(sscanf(escaped + i, "\\x%2x", &byte) == 1);
		FUZZ_CHECK(at < text.len && byte == (unsigned char)text.bytes[at]);
		i += used;
	}
	FUZZ_CHECK(at == text.len);
	free(escaped);
}

int fuzz_text(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct slice text = fuzz_copy(data + 1, size - 1);
	check_decoded(text);
	check_cleaned(text, 3 * text.len + 1);
	check_cleaned(text, 1 + (size_t)data[0]);
	check_escaped(text);
	fuzz_free(text);
	return 0;
}

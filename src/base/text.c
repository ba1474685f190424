/* SPDX-License-Identifier: ISC
 * text: makes names that came from the network harmless, to keep and to print. */
#include "base/text.h"
#include "base/array.h"
#include "base/ascii.h"
#include <stdint.h>
#include <string.h>

/* What cannot be seen but changes what is: controls, line and paragraph separators, bidirectional
 * controls, invisible format characters and fillers (Unicode's Default_Ignorable_Code_Point, of
 * which the variation selectors stay for the sake of emoji), noncharacters. Sorted. */
static const struct {
	int32_t first, last;
} FORBIDDEN[] = {
    {0x0000, 0x001f},   /* C0 */
    {0x007f, 0x009f},   /* DEL, C1 */
    {0x00ad, 0x00ad},   /* soft hyphen */
    {0x034f, 0x034f},   /* combining grapheme joiner */
    {0x061c, 0x061c},   /* Arabic letter mark */
    {0x115f, 0x1160},   /* Hangul fillers */
    {0x17b4, 0x17b5},   /* Khmer inherent vowels */
    {0x180b, 0x180f},   /* Mongolian selectors and vowel separator */
    {0x200b, 0x200f},   /* zero width, left-to-right and right-to-left marks */
    {0x2028, 0x202e},   /* line, paragraph; embeddings and overrides */
    {0x2060, 0x206f},   /* word joiner, invisible operators, isolates */
    {0x3164, 0x3164},   /* Hangul filler */
    {0xfdd0, 0xfdef},   /* noncharacters */
    {0xfeff, 0xfeff},   /* zero width no-break space */
    {0xffa0, 0xffa0},   /* half-width Hangul filler */
    {0xfff0, 0xfffb},   /* interlinear annotation */
    {0x1bca0, 0x1bca3}, /* shorthand format controls */
    {0x1d173, 0x1d17a}, /* musical beams and slurs */
    {0xe0000, 0xe0fff}, /* tags */
};

static bool is_forbidden(int32_t c)
{
	if ((c & 0xfffe) == 0xfffe) /* the last two of each plane are noncharacters */
		return true;
	for (size_t i = 0; i < COUNT_OF(FORBIDDEN) && FORBIDDEN[i].first <= c; i++)
		if (c <= FORBIDDEN[i].last)
			return true;
	return false;
}

/* Length that a lead byte promises and the smallest code point that needs it (RFC 3629); 0: no
 * lead. */
static size_t lead_len(unsigned char lead, int32_t *smallest)
{
	static const int32_t needs[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = lead < 0x80   ? 1
		     : lead < 0xc2 ? 0
		     : lead < 0xe0 ? 2
		     : lead < 0xf0 ? 3
		     : lead < 0xf5 ? 4
				   : 0;
	*smallest = needs[len];
	return len;
}

size_t text_decode(struct slice in, int32_t *code_point)
{
	int32_t smallest;
	unsigned char lead = (unsigned char)in.bytes[0];
	size_t len = lead_len(lead, &smallest);

	*code_point = -1;
	if (len == 0 || len > in.len)
		return 1;
	int32_t c = len == 1 ? lead : lead & (0x7f >> len);
	for (size_t i = 1; i < len; i++) {
		unsigned char next = (unsigned char)in.bytes[i];
		if ((next & 0xc0) != 0x80)
			return 1;
		c = c << 6 | (next & 0x3f);
	}
	if (c < smallest || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 1;
	*code_point = c;
	return len;
}

void text_encode(uint32_t code_point, struct writer *w)
{
	static const unsigned char LEADS[] = {0, 0xc0, 0xe0, 0xf0};
	unsigned tail = code_point < 0x80      ? 0
			: code_point < 0x800   ? 1
			: code_point < 0x10000 ? 2
					       : 3;

	writer_char(w, (char)(LEADS[tail] | code_point >> 6 * tail));
	while (tail-- > 0)
		writer_char(w, (char)(0x80 | (code_point >> 6 * tail & 0x3f)));
}

/* True when each of eight bytes is one of '!' to '~': none has its highest bit set, also after one
 * is added, and no '!' has to be borrowed for. */
static bool are_plain(const char *bytes)
{
	const uint64_t EACH = 0x0101010101010101;
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return ((word | (word + EACH) | (word - '!' * EACH)) & 0x80 * EACH) == 0;
}

/* How many bytes at the head of `in` stay as they are: printable ASCII other than blanks, of which
 * nearly all names and URLs are made. */
static size_t plain_len(struct slice in)
{
	size_t len = 0;

	while (len + sizeof(uint64_t) <= in.len && are_plain(in.bytes + len))
		len += sizeof(uint64_t);
	while (len < in.len && in.bytes[len] > ' ' && in.bytes[len] <= '~')
		len++;
	return len;
}

/* The character at the head of `in` as it may be kept; *used bytes of `in` are then done with. */
static struct slice clean_one(struct slice in, size_t *used)
{
	int32_t c;

	*used = text_decode(in, &c);
	if (c < 0)
		return SLICE("\xef\xbf\xbd");
	return is_forbidden(c) ? SLICE(" ") : slice_head(in, *used);
}

/* Blanks other than U+0020 stay in a text, but alone they are none. */
static bool is_blank(struct slice one)
{
	int32_t c;

	text_decode(one, &c);
	return c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f ||
	       c == 0x205f || c == 0x2800 || c == 0x3000;
}

size_t text_clean(struct slice in, char *out, size_t capacity)
{
	size_t len = 0, used;
	bool blank_before = false, visible = false;

	if (capacity == 0)
		return 0;
	for (; in.len > 0; in = slice_skip(in, used)) {
		size_t plain = used = plain_len(in), room = capacity - len - 1;
		struct slice piece = plain ? slice_head(in, plain) : clean_one(in, &used);
		if (piece.bytes[0] == ' ') {
			blank_before = len > 0;
			continue;
		}
		if (room < piece.len + blank_before && (!plain || room < 1u + blank_before))
			break;
		if (blank_before) {
			out[len++] = ' ';
			room--;
		}
		piece = slice_head(piece, room);
		memcpy(out + len, piece.bytes, piece.len);
		len += piece.len;
		blank_before = false;
		visible = visible || plain || !is_blank(piece);
		if (piece.len < plain)
			break;
	}
	if (!visible)
		len = 0;
	out[len] = '\0';
	return len;
}

/* Nothing but printable ASCII, and single blanks within it. */
static bool is_plain(struct slice in)
{
	while (in.len > 0) {
		size_t plain = plain_len(in);
		if (plain == in.len)
			return true;
		if (plain == 0 || plain + 1 == in.len || in.bytes[plain] != ' ')
			return false;
		in = slice_skip(in, plain + 1);
	}
	return true;
}

struct slice text_cleaned(struct slice in, char *buffer, size_t capacity)
{
	if (in.len < capacity && is_plain(in))
		return in;
	return (struct slice){buffer, text_clean(in, buffer, capacity)};
}

bool text_is_clean(struct slice in)
{
	bool blank_before = true; /* at the start none may stand */
	size_t used;
	int32_t c;

	if (in.len == 0)
		return true;
	for (; in.len > 0; in = slice_skip(in, used)) {
		used = plain_len(in);
		if (used > 0) {
			blank_before = false;
			continue;
		}
		used = text_decode(in, &c);
		if (c < 0 || is_forbidden(c) || (c == ' ' && blank_before))
			return false;
		blank_before = c == ' ';
	}
	return !blank_before;
}

void text_escape(struct slice in, struct writer *w)
{
	size_t used;
	int32_t c;

	for (; in.len > 0; in = slice_skip(in, used)) {
		used = text_decode(in, &c);
		if (c == '\\')
			writer_text(w, "\\\\");
		else if (c >= 0 && !is_forbidden(c))
			writer_slice(w, slice_head(in, used));
		else
			for (size_t i = 0; i < used; i++)
				writer_format(w, "\\x%02x", (unsigned char)in.bytes[i]);
	}
}

bool text_is_uuid(struct slice text)
{
	static const char SHAPE[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (text.len != sizeof(SHAPE) - 1)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (SHAPE[i] == 'x' ? !ascii_is_hex(text.bytes[i]) : text.bytes[i] != '-')
			return false;
	return true;
}

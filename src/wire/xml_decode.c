/* SPDX-License-Identifier: ISC
 * xml_decode: finds the encoding of an XML document and converts it to UTF-8, piece by piece. */
#include "wire/xml_decode.h"
#include "base/text.h"
#include <errno.h>
#include <string.h>

#define REPLACEMENT  "\xef\xbf\xbd"
#define NO_CONVERTER ((iconv_t)-1)

enum { PIECE_MAX = 512, BYTES_PER_CHARACTER_MAX = 4 };

void xml_decoder_init(struct xml_decoder *decoder, xml_decode_fn *fn, void *context)
{
	*decoder = (struct xml_decoder){
	    .fn = fn, .context = context, .before = ' ', .converter = NO_CONVERTER};
}

void xml_decoder_fini(struct xml_decoder *decoder)
{
	if (decoder->converter != NO_CONVERTER)
		iconv_close(decoder->converter);
	decoder->converter = NO_CONVERTER;
}

/* XML 1.0, 2.2; negative: no character. */
static bool is_allowed(int32_t c)
{
	return c >= ' ' ? c != 0xfffe && c != 0xffff : c == '\t' || c == '\n' || c == '\r';
}

/* Gives UTF-8 on and returns what is not a whole character yet; with `last` there is no such. */
static struct slice clean(struct xml_decoder *decoder, struct slice text, bool last)
{
	char out[sizeof(REPLACEMENT) * PIECE_MAX];
	size_t len = 0, used;

	for (; text.len > 0; text = slice_skip(text, used)) {
		int32_t c;
		used = text_decode(text, &c);
		if (c < 0 && !last && text.len < BYTES_PER_CHARACTER_MAX &&
		    (unsigned char)text.bytes[0] >= 0xc2)
			break;
		struct slice one = is_allowed(c) ? slice_head(text, used) : SLICE(REPLACEMENT);
		memcpy(out + len, one.bytes, one.len);
		len += one.len;
	}
	if (len > 0)
		decoder->fn(decoder->context, (struct slice){out, len});
	return text;
}

/* Each function below gives on what it converts, and returns what is not a whole character yet. */

static struct slice convert_single_bytes(struct xml_decoder *decoder, struct slice bytes, bool last)
{
	char out[PIECE_MAX];
	struct writer w;
	(void)last;

	writer_init(&w, out, sizeof(out));
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.bytes[i];
		text_encode(c < 0x80 ? c : decoder->characters[c - 0x80], &w);
		if (sizeof(out) - w.len < BYTES_PER_CHARACTER_MAX || i + 1 == bytes.len) {
			clean(decoder, writer_result(&w), true);
			writer_init(&w, out, sizeof(out));
		}
	}
	return SLICE_NONE;
}

static uint32_t unit_at(const struct xml_decoder *decoder, struct slice bytes, size_t at)
{
	const unsigned char *b = (const unsigned char *)bytes.bytes + at;

	return decoder->high_first ? b[0] << 8 | b[1] : b[1] << 8 | b[0];
}

/* RFC 2781, 2.2; half a pair becomes U+FFFD. */
static struct slice convert_utf16(struct xml_decoder *decoder, struct slice bytes, bool last)
{
	while (bytes.len >= 2) {
		char out[BYTES_PER_CHARACTER_MAX];
		struct writer w;
		uint32_t c = unit_at(decoder, bytes, 0);
		bool high = c >= 0xd800 && c < 0xdc00, low = c >= 0xdc00 && c < 0xe000;

		if (high && bytes.len < 4 && !last)
			break;
		uint32_t next = high && bytes.len >= 4 ? unit_at(decoder, bytes, 2) : 0;
		bool pair = next >= 0xdc00 && next < 0xe000;
		if (pair)
			c = 0x10000 + ((c - 0xd800) << 10) + (next - 0xdc00);
		else if (high || low)
			c = 0xfffd;
		writer_init(&w, out, sizeof(out));
		text_encode(c, &w);
		clean(decoder, writer_result(&w), true);
		bytes = slice_skip(bytes, pair ? 4 : 2);
	}
	if (!last || bytes.len == 0)
		return bytes;
	clean(decoder, SLICE(REPLACEMENT), true);
	return SLICE_NONE;
}

static struct slice convert(struct xml_decoder *decoder, struct slice bytes, bool last)
{
	while (bytes.len > 0) {
		char out[PIECE_MAX];
		char *from = (char *)(uintptr_t)bytes.bytes, *to = out;
		size_t room = sizeof(out);
		size_t done = iconv(decoder->converter, &from, &bytes.len, &to, &room);
		int error = done == (size_t)-1 ? errno : 0;

		bytes.bytes = from;
		clean(decoder, (struct slice){out, (size_t)(to - out)}, true);
		if (error == 0 || error == E2BIG)
			continue;
		if (error == EINVAL && !last && bytes.len <= XML_REST_MAX)
			break;
		clean(decoder, SLICE(REPLACEMENT), true);
		bytes = slice_skip(bytes, 1);
	}
	return bytes;
}

static void take(struct xml_decoder *decoder, struct slice bytes, bool last)
{
	static struct slice (*const FORMS[])(struct xml_decoder *, struct slice, bool) = {
	    [XML_UTF8] = clean,
	    [XML_UTF16] = convert_utf16,
	    [XML_SINGLE_BYTES] = convert_single_bytes,
	    [XML_CONVERTED] = convert,
	};
	char piece[PIECE_MAX];

	do {
		struct slice head = slice_head(bytes, sizeof(piece) - decoder->rest_len);
		size_t len = decoder->rest_len + head.len;

		memcpy(piece, decoder->rest, decoder->rest_len);
		if (head.len > 0)
			memcpy(piece + decoder->rest_len, head.bytes, head.len);
		bytes = slice_skip(bytes, head.len);
		struct slice rest = FORMS[decoder->form](decoder, (struct slice){piece, len}, last);
		decoder->rest_len = rest.len;
		if (rest.len > 0)
			memcpy(decoder->rest, rest.bytes, rest.len);
	} while (bytes.len > 0);
}

/* The value of encoding="…" in an XML declaration. */
static struct slice find_encoding(struct slice declaration)
{
	struct slice word = SLICE("encoding"), value;

	while (declaration.len > 0 && !slice_starts_with_nocase(declaration, word))
		declaration = slice_skip(declaration, 1);
	declaration = slice_trim(slice_skip(declaration, word.len));
	if (!slice_starts_with(declaration, SLICE("=")))
		return SLICE_NONE;
	declaration = slice_trim(slice_skip(declaration, 1));
	if (declaration.len == 0 || (declaration.bytes[0] != '"' && declaration.bytes[0] != '\''))
		return SLICE_NONE;
	value = slice_skip(declaration, 1);
	return slice_trim(slice_head(value, slice_find(value, declaration.bytes[0])));
}

/* One that is unknown counts as UTF-8. */
static void use_encoding(struct xml_decoder *decoder, const struct xml_encoding *encoding)
{
	if (!encoding)
		return;
	if (encoding->upper) {
		decoder->form = XML_SINGLE_BYTES;
		xml_encoding_table(encoding, decoder->characters);
		return;
	}
	decoder->converter = xml_encoding_open(encoding);
	if (decoder->converter != NO_CONVERTER)
		decoder->form = XML_CONVERTED;
}

/* The declaration is whole, or there is none: what was held back of it is text as well. */
static void begin_text(struct xml_decoder *decoder)
{
	struct slice held = {decoder->declaration, decoder->declaration_len};

	decoder->stage = XML_TEXT;
	/* What has UTF-8's mark is UTF-8, whatever it says. */
	if (decoder->before != 0xbf)
		use_encoding(decoder, xml_encoding_find(find_encoding(held)));
	take(decoder, held, false);
}

/* 00 '<' 00 is UTF-16 with the high byte first, '<' 00 with the low one, unless a mark says it. */
static void begin_utf16(struct xml_decoder *decoder)
{
	decoder->stage = XML_TEXT;
	decoder->form = XML_UTF16;
	decoder->high_first = decoder->before == '\0' && !decoder->low_byte_first;
	decoder->fn(decoder->context, SLICE("<"));
	if (decoder->high_first)
		decoder->rest[decoder->rest_len++] = '\0';
}

/* One byte of what stands before the text or begins it. */
static void begin(struct xml_decoder *decoder, char c)
{
	static const char BEGINNING[] = "<?xml";

	switch (decoder->stage) {
	case XML_BEFORE:
		if (c == '<') {
			decoder->stage = XML_SECOND_BYTE;
			decoder->declaration[decoder->declaration_len++] = c;
		} else {
			decoder->low_byte_first |=
			    decoder->before == 0xff && (unsigned char)c == 0xfe;
			decoder->before = (unsigned char)c;
		}
		return;
	case XML_SECOND_BYTE:
		decoder->stage = XML_DECLARATION;
		if (c == '\0') {
			begin_utf16(decoder);
			return;
		}
		break;
	default:
		break;
	}
	size_t len = decoder->declaration_len;
	decoder->declaration[decoder->declaration_len++] = c;
	if ((len < sizeof(BEGINNING) - 1 && c != BEGINNING[len]) || c == '>' ||
	    decoder->declaration_len == sizeof(decoder->declaration))
		begin_text(decoder);
}

void xml_decoder_feed(struct xml_decoder *decoder, struct slice bytes)
{
	while (bytes.len > 0 && decoder->stage != XML_TEXT) {
		begin(decoder, bytes.bytes[0]);
		bytes = slice_skip(bytes, 1);
	}
	if (bytes.len > 0)
		take(decoder, bytes, false);
}

void xml_decoder_finish(struct xml_decoder *decoder)
{
	if (decoder->stage == XML_DECLARATION)
		begin_text(decoder);
	if (decoder->stage == XML_TEXT)
		take(decoder, SLICE_NONE, true);
}

/* SPDX-License-Identifier: ISC
 * xml_decode: the bytes of an XML document, in whatever encoding, as UTF-8 that XML 1.0 (2.2)
 * allows. */
#ifndef WIRE_XML_DECODE_H
#define WIRE_XML_DECODE_H

#include "wire/xml_encodings.h"
#include <iconv.h>

enum { XML_DECLARATION_MAX = 256, XML_REST_MAX = 8 };

/* Takes a piece of text, lent for the call; it ends at a character. */
typedef void xml_decode_fn(void *context, struct slice text);

/* A push decoder. What precedes the first '<' is dropped: a byte order mark, blank lines, NULs, a
 * second HTTP head. The encoding is UTF-16 where the bytes are, else what the XML declaration says,
 * else UTF-8; a name that is unknown, or that the bytes contradict, counts as UTF-8. A byte that is
 * not of the encoding, and a character that XML does not allow, becomes U+FFFD. */
struct xml_decoder {
	xml_decode_fn *fn;
	void *context;
	enum xml_stage { XML_BEFORE, XML_SECOND_BYTE, XML_DECLARATION, XML_TEXT } stage;
	unsigned char before; /* the last byte before the first '<' */
	bool low_byte_first;  /* a byte order mark of UTF-16 says so */
	char declaration[XML_DECLARATION_MAX];
	size_t declaration_len;
	enum xml_form { XML_UTF8, XML_UTF16, XML_SINGLE_BYTES, XML_CONVERTED } form;
	bool high_first;                         /* XML_UTF16 */
	uint16_t characters[XML_ENCODING_UPPER]; /* XML_SINGLE_BYTES: those from 0x80 on */
	iconv_t converter;                       /* (iconv_t)-1: none */
	char rest[XML_REST_MAX];                 /* of a character that is not whole yet */
	size_t rest_len;
};

void xml_decoder_init(struct xml_decoder *decoder, xml_decode_fn *fn, void *context);
void xml_decoder_fini(struct xml_decoder *decoder);
void xml_decoder_feed(struct xml_decoder *decoder, struct slice bytes);
/* Nothing follows: a character that is not whole becomes U+FFFD. */
void xml_decoder_finish(struct xml_decoder *decoder);

#endif

/* SPDX-License-Identifier: ISC
 * xml_encodings: the encodings, other than UTF-8 and UTF-16, in which devices write XML. */
#ifndef WIRE_XML_ENCODINGS_H
#define WIRE_XML_ENCODINGS_H

#include "base/slice.h"
#include <iconv.h>

enum { XML_ENCODING_NAME_MAX = 16, XML_ENCODING_UPPER = 128 };

/* Either one byte stands for a character, then `upper` has those of the upper half, or iconv(3)
 * converts. */
struct xml_encoding {
	const char *labels; /* small letters and digits, with blanks between them */
	const char *upper;
	const char *converter;
	const char *lesser; /* a part of it, for a C library that lacks the converter (musl) */
};

/* By its name as an XML declaration has it; case, '-' and '_' are of no account. NULL: unknown. */
const struct xml_encoding *xml_encoding_find(struct slice name);
/* The characters of the bytes 0x80 to 0xff of one that has `upper`. */
void xml_encoding_table(
    const struct xml_encoding *encoding, uint16_t characters[XML_ENCODING_UPPER]);

/* iconv_open(3) to UTF-8 for one that has `converter`; (iconv_t)-1: this C library has none. */
iconv_t xml_encoding_open(const struct xml_encoding *encoding);

struct xml_encodings;

/* iconv_open(3) of glibc loads a library for each encoding. While these are kept, it loads nothing
 * more. NULL: out of memory. */
struct xml_encodings *xml_encodings_load(void);
void xml_encodings_free(struct xml_encodings *encodings);

#endif

/* SPDX-License-Identifier: ISC
 * xml_encodings: the code that xml_decode needs for encodings other than UTF-8, loaded beforehand.
 */
#ifndef WIRE_XML_ENCODINGS_H
#define WIRE_XML_ENCODINGS_H

struct xml_encodings;

/* iconv_open(3) of glibc loads a library for each encoding. While these are kept, it loads nothing
 * more for those in which devices write most. NULL: out of memory. */
struct xml_encodings *xml_encodings_load(void);
void xml_encodings_free(struct xml_encodings *encodings);

#endif

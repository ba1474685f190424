/* SPDX-License-Identifier: ISC
 * xml_repair: the tags and references of a broken XML document, written so that libxml2's recovery
 * loses nothing. */
#ifndef WIRE_XML_REPAIR_H
#define WIRE_XML_REPAIR_H

#include "base/slice.h"

enum { XML_ATTRIBUTES_MAX = 16, XML_ATTRIBUTE_MAX = 256, XML_REFERENCE_MAX = 24 };

/* Takes a piece of the repaired document, lent for the call. */
typedef void xml_repair_fn(void *context, struct slice text);

/* A push filter from UTF-8 to UTF-8. What goes out has tags and text only:
 *
 *   a '<' that begins no tag, a '>'     &#60;, &#62;
 *   an '&' that begins no reference     &#38;
 *   a reference, HTML's names too       &#NUMBER; (U+FFFD where XML has no such character)
 *   comment, processing instruction     nothing
 *   CDATA section                       its text
 *   attribute without value or quotes   nothing, or with quotes
 *   a tag without its '>'               ends at the next '<'
 *
 * Attributes beyond 16 of one tag, or longer than 256 bytes, are ignored and counted. It does not
 * look at which tag closes which. Its time is linear. */
struct xml_repair {
	xml_repair_fn *fn;
	void *context;
	enum xml_repair_state {
		XML_IN_TEXT,
		XML_AFTER_LESS_THAN,
		XML_IN_REFERENCE,
		XML_IN_COMMENT,
		XML_IN_INSTRUCTION,
		XML_IN_CDATA,
		XML_IN_NAME,
		XML_BETWEEN_ATTRIBUTES,
		XML_IN_ATTRIBUTE,
		XML_BEFORE_EQUALS,
		XML_BEFORE_VALUE,
		XML_IN_VALUE,
		XML_REFUSED,
	} state;
	char ahead[XML_REFERENCE_MAX]; /* what may become a markup or a reference */
	size_t ahead_len;
	size_t matched; /* of the end of a comment or CDATA section */
	bool closing;   /* the open tag is an end tag */
	bool empty;     /* it ends with "/" so far */
	unsigned attributes;
	char attribute[XML_ATTRIBUTE_MAX]; /* the open one, as it goes out */
	size_t attribute_len;
	char quote; /* of its value; 0: none */
	size_t ignored;
	char out[512]; /* not given on yet */
	size_t out_len;
	bool tag_ended; /* in `out`: it is given on at the end of a feed, mere text is not */
};

void xml_repair_init(struct xml_repair *repair, xml_repair_fn *fn, void *context);
/* 0; -EPERM, for good, at a DOCTYPE or an entity declaration: neither they nor what follows goes
 * out. */
int xml_repair_feed(struct xml_repair *repair, struct slice text);

/* Gives on what is left. */
void xml_repair_finish(struct xml_repair *repair);

#endif

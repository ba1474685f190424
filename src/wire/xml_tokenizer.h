/* SPDX-License-Identifier: ISC
 * xml_tokenizer: the tags and the text of an XML document, whole or broken. */
#ifndef WIRE_XML_TOKENIZER_H
#define WIRE_XML_TOKENIZER_H

#include "base/slice.h"

enum {
	XML_ATTRIBUTES_MAX = 16,
	XML_ATTRIBUTE_MAX = 256, /* bytes of name and value together */
	XML_NAME_MAX = 128,      /* bytes kept of a tag's name */
	XML_REFERENCE_MAX = 24,
};

/* With prefix, as it stands in the tag; the value with its references. */
struct xml_attribute {
	struct slice name, value;
};

/* Takes what the document consists of; all that is passed is lent for the call. */
struct xml_sink {
	void (*start)(
	    void *context, struct slice name, const struct xml_attribute *attributes, size_t count);
	/* Also follows the start of "<name/>". */
	void (*end)(void *context, struct slice name);
	/* A piece; it may end within a character. */
	void (*text)(void *context, struct slice text);
};

/* A push tokenizer of UTF-8. What is broken is read as a browser would:
 *
 *   a '<' that begins no tag, a '>'     text
 *   an '&' that begins no reference     text
 *   a reference, HTML's names too       its character (U+FFFD where XML has no such)
 *   comment, processing instruction     nothing
 *   CDATA section                       its text
 *   attribute without a value           nothing
 *   attribute without quotes            ends at white space or '>'
 *   a character that no name has        '_'
 *   a tag without its '>'               ends at the next '<'
 *   end of a line                       '\n'
 *
 * Attributes beyond 16 of one tag, or longer than 256 bytes, are ignored and counted. It does not
 * look at which tag closes which, nor at namespaces. Its time is linear; it must not be moved. */
struct xml_tokenizer {
	const struct xml_sink *sink;
	void *context;
	enum xml_state {
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
	char quote;     /* of the open value; 0: none */
	bool after_cr;  /* a '\n' would be the second half of the end of a line */
	size_t ignored; /* attributes */
	char name[XML_NAME_MAX];
	size_t name_len;
	struct xml_attribute attributes[XML_ATTRIBUTES_MAX]; /* of the open tag; in `values` */
	size_t attribute_count;
	char values[XML_ATTRIBUTES_MAX * XML_ATTRIBUTE_MAX];
	size_t values_len;
	size_t attribute_name_len, attribute_len; /* of the open one, behind values_len */
	char text[512];                           /* not given on yet */
	size_t text_len;
};

void xml_tokenizer_init(
    struct xml_tokenizer *tokenizer, const struct xml_sink *sink, void *context);
/* 0; -EPERM, for good, at a DOCTYPE or an entity declaration: what is not given on by then is
 * dropped. */
int xml_tokenizer_feed(struct xml_tokenizer *tokenizer, struct slice bytes);

/* Gives on what is left. An end tag that is not whole counts, a start tag does not. */
void xml_tokenizer_finish(struct xml_tokenizer *tokenizer);

/* The prefix of a name, and what follows it; without one the prefix is empty. */
struct slice xml_prefix(struct slice name, struct slice *local);

#endif

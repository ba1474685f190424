/* SPDX-License-Identifier: ISC
 * xml_walk: reads an XML document as it arrives, by a table of the elements that are known. */
#ifndef WIRE_XML_WALK_H
#define WIRE_XML_WALK_H

#include "base/slice.h"

/* Levels of elements, bytes of one text. */
enum { XML_WALK_DEPTH_MAX = 16, XML_WALK_TEXT_MAX = 8192 };

/* A namespace. Several with one id are taken for one another: versions of a vocabulary. */
struct xml_space {
	unsigned char id;
	unsigned char version;
	const char *uri;
};

/* An element that is known where it stands in `parent`, which is 0 for the document, else `self` of
 * another row. */
struct xml_row {
	unsigned char parent;
	unsigned char space; /* id of its namespace; the prefix is of no account */
	const char *name;    /* local */
	unsigned char self;
	unsigned char value; /* for the caller */
	bool text;           /* what stands in it is wanted */
};

struct xml_walk;

/* What is read. Tables end with a uri or a name that is NULL. */
struct xml_grammar {
	const struct xml_space *spaces;
	const struct xml_row *rows;
	/* May use xml_walk_attribute. */
	void (*begin)(void *context, const struct xml_row *row, const struct xml_space *space,
	    const struct xml_walk *walk);
	/* `text` is lent, without white space at both ends; SLICE_NONE where it is not wanted, and
	 * where it was cut. 0, or a negative errno that ends the reading for good. */
	int (*end)(void *context, const struct xml_row *row, struct slice text);
};

/* NULL when out of memory. Beyond `body_max` bytes nothing is read. Bytes that are no XML are
 * repaired as xml_decode and xml_repair do. */
struct xml_walk *xml_walk_new(const struct xml_grammar *grammar, size_t body_max, void *context);
void xml_walk_free(struct xml_walk *walk);
/* 0, or for good: -EPERM (a DOCTYPE or an entity declaration), -EMSGSIZE (over body_max), -ENOMEM,
 * or what `end` gave. What follows the root element is not read. */
int xml_walk_feed(struct xml_walk *walk, struct slice bytes);
/* Ends what is open; a text that is open is not whole and gets no call. The same errors. */
int xml_walk_finish(struct xml_walk *walk);
/* The root element was closed. */
bool xml_walk_complete(const struct xml_walk *walk);
/* Elements, texts and attributes that are over a limit. */
size_t xml_walk_surplus(const struct xml_walk *walk);
/* Of the element that begins, in no namespace; SLICE_NONE without one. */
struct slice xml_walk_attribute(const struct xml_walk *walk, const char *name);

#endif

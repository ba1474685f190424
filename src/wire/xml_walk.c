/* SPDX-License-Identifier: ISC
 * xml_walk: see xml_walk.h. */
#include "wire/xml_walk.h"
#include "wire/xml_decode.h"
#include "wire/xml_parser.h"
#include "wire/xml_repair.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bytes go through the decoder and the repair to the parser, which reports tags and text. */
struct xml_walk {
	struct xml_decoder decoder;
	struct xml_repair repair;
	xmlParserCtxtPtr parser;
	const struct xml_grammar *grammar;
	void *context;
	size_t body_max, body_len;
	const struct xml_row *open[XML_WALK_DEPTH_MAX]; /* NULL: an unknown element */
	size_t depth;
	size_t deeper;              /* elements that are open beyond XML_WALK_DEPTH_MAX */
	const xmlChar **attributes; /* of the element that begins */
	size_t attribute_count;
	bool complete, finished;
	int error;
	size_t surplus;
	char text[XML_WALK_TEXT_MAX]; /* of the innermost element, where it is wanted */
	size_t text_len;
	bool text_cut;
};

static const struct xml_row *innermost(const struct xml_walk *walk)
{
	return walk->depth ? walk->open[walk->depth - 1] : NULL;
}

static const struct xml_space *find_space(const struct xml_walk *walk, const xmlChar *uri)
{
	const struct xml_space *space = walk->grammar->spaces;

	if (!uri)
		return NULL;
	while (space->uri && strcmp(space->uri, (const char *)uri) != 0)
		space++;
	return space->uri ? space : NULL;
}

static const struct xml_row *find_row(
    const struct xml_walk *walk, const struct xml_space *space, const xmlChar *name)
{
	const struct xml_row *outer = innermost(walk);

	if (!space || (walk->depth && !outer))
		return NULL;
	for (const struct xml_row *row = walk->grammar->rows; row->name; row++)
		if (row->parent == (outer ? outer->self : 0) && row->space == space->id &&
		    strcmp(row->name, (const char *)name) == 0)
			return row;
	return NULL;
}

static void start_element(void *context, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int namespace_count, const xmlChar **namespaces, int attribute_count,
    int defaulted_count, const xmlChar **attributes)
{
	struct xml_walk *walk = context;
	const struct xml_space *space = find_space(walk, uri);
	const struct xml_row *row = find_row(walk, space, name);
	(void)prefix, (void)namespace_count, (void)namespaces, (void)defaulted_count;

	if (walk->error || walk->complete)
		return;
	if (walk->deeper > 0 || walk->depth == XML_WALK_DEPTH_MAX) {
		walk->surplus += walk->deeper == 0;
		walk->deeper++;
		return;
	}
	walk->open[walk->depth++] = row;
	if (!row)
		return;
	walk->text_len = 0;
	walk->text_cut = false;
	walk->attributes = attributes;
	walk->attribute_count = (size_t)attribute_count;
	walk->grammar->begin(walk->context, row, space, walk);
	walk->attribute_count = 0;
}

/* White space as XML 1.0, 2.3 has it. */
static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct slice text_of(struct xml_walk *walk, const struct xml_row *row)
{
	size_t len = walk->text_len;

	if (!row->text)
		return SLICE_NONE;
	if (walk->text_cut) {
		walk->surplus++;
		return SLICE_NONE;
	}
	while (len > 0 && is_space(walk->text[len - 1]))
		len--;
	return (struct slice){walk->text, len};
}

static void end_innermost(struct xml_walk *walk)
{
	const struct xml_row *row = innermost(walk);

	walk->depth--;
	if (row && !walk->error)
		walk->error = walk->grammar->end(walk->context, row, text_of(walk, row));
	walk->text_len = 0;
}

static void end_element(
    void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct xml_walk *walk = context;
	(void)name, (void)prefix, (void)uri;

	if (walk->error || walk->complete || walk->depth == 0)
		return;
	if (walk->deeper > 0) {
		walk->deeper--;
		return;
	}
	end_innermost(walk);
	walk->complete = walk->depth == 0;
}

static void characters(void *context, const xmlChar *bytes, int len)
{
	struct xml_walk *walk = context;
	const struct xml_row *row = innermost(walk);

	if (walk->error || walk->complete || walk->deeper > 0 || !row || !row->text)
		return;
	for (int i = 0; i < len; i++) {
		char c = (char)bytes[i];
		if (walk->text_len == 0 && is_space(c))
			continue;
		if (walk->text_len < sizeof(walk->text))
			walk->text[walk->text_len++] = c;
		else if (!is_space(c))
			walk->text_cut = true;
	}
}

static void parser_complains(void *context, xml_parser_error error)
{
	struct xml_walk *walk = context;

	if (error->code == XML_ERR_NO_MEMORY)
		walk->error = -ENOMEM;
}

static void parse(void *context, struct slice text)
{
	struct xml_walk *walk = context;

	if (!walk->error && !walk->complete)
		xml_parser_feed(walk->parser, text);
}

static void repair(void *context, struct slice text)
{
	struct xml_walk *walk = context;

	if (walk->error || walk->complete)
		return;
	int error = xml_repair_feed(&walk->repair, text);
	if (error && !walk->complete && !walk->error)
		walk->error = error;
}

struct xml_walk *xml_walk_new(const struct xml_grammar *grammar, size_t body_max, void *context)
{
	/* Without handlers of its own libxml2 builds no tree. It is never shown an entity. */
	xmlSAXHandler handler = {
	    .initialized = XML_SAX2_MAGIC,
	    .startElementNs = start_element,
	    .endElementNs = end_element,
	    .characters = characters,
	    .serror = parser_complains,
	};
	struct xml_walk *walk = calloc(1, sizeof(*walk));

	if (!walk)
		return NULL;
	xml_decoder_init(&walk->decoder, repair, walk);
	xml_repair_init(&walk->repair, parse, walk);
	walk->grammar = grammar;
	walk->context = context;
	walk->body_max = body_max;
	walk->parser = xml_parser_new(&handler, walk);
	if (!walk->parser) {
		xml_walk_free(walk);
		return NULL;
	}
	return walk;
}

void xml_walk_free(struct xml_walk *walk)
{
	if (!walk)
		return;
	xml_parser_free(walk->parser);
	xml_decoder_fini(&walk->decoder);
	free(walk);
}

int xml_walk_feed(struct xml_walk *walk, struct slice bytes)
{
	size_t room = walk->body_max - walk->body_len;

	if (walk->error || walk->complete || walk->finished)
		return walk->error;
	struct slice head = slice_head(bytes, room);
	walk->body_len += head.len;
	xml_decoder_feed(&walk->decoder, head);
	if (!walk->error && !walk->complete && bytes.len > room)
		walk->error = -EMSGSIZE;
	return walk->error;
}

bool xml_walk_complete(const struct xml_walk *walk)
{
	return walk->complete;
}

size_t xml_walk_surplus(const struct xml_walk *walk)
{
	return walk->surplus + walk->repair.ignored;
}

int xml_walk_finish(struct xml_walk *walk)
{
	bool too_long = walk->error == -EMSGSIZE;

	if (walk->finished)
		return walk->error;
	if (too_long)
		walk->error = 0;
	xml_decoder_finish(&walk->decoder);
	xml_repair_finish(&walk->repair);
	if (!walk->error && !walk->complete)
		xml_parser_finish(walk->parser);
	const struct xml_row *row = innermost(walk);
	if (row && row->text)
		walk->depth--;
	while (walk->depth > 0)
		end_innermost(walk);
	walk->finished = true;
	if (too_long && !walk->error)
		walk->error = -EMSGSIZE;
	return walk->error;
}

/* Five pointers per attribute: name, prefix, namespace, first byte and end of the value. */
struct slice xml_walk_attribute(const struct xml_walk *walk, const char *name)
{
	const xmlChar **attribute = walk->attributes;

	for (size_t i = 0; i < walk->attribute_count; i++, attribute += 5)
		if (!attribute[1] && strcmp((const char *)attribute[0], name) == 0)
			return (struct slice){
			    (const char *)attribute[3], (size_t)(attribute[4] - attribute[3])};
	return SLICE_NONE;
}

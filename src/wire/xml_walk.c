/* SPDX-License-Identifier: ISC
 * xml_walk: see xml_walk.h. */
#include "wire/xml_walk.h"
#include "wire/xml_decode.h"
#include "wire/xml_tokenizer.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Declarations that are in force, and bytes of a prefix. */
enum { BINDINGS_MAX = 64, PREFIX_MAX = 24 };

/* Namespaces in XML 1.0, 3. */
struct binding {
	size_t depth; /* of the element that declares it */
	char prefix[PREFIX_MAX];
	size_t prefix_len;             /* 0: the default namespace */
	const struct xml_space *space; /* NULL: one that is not known */
};

/* Bytes go through the decoder to the tokenizer, which reports tags and text. */
struct xml_walk {
	struct xml_decoder decoder;
	struct xml_tokenizer tokenizer;
	const struct xml_grammar *grammar;
	void *context;
	size_t body_max, body_len;
	const struct xml_row *open[XML_WALK_DEPTH_MAX]; /* NULL: an unknown element */
	size_t depth;
	size_t deeper; /* elements that are open beyond XML_WALK_DEPTH_MAX */
	struct binding bindings[BINDINGS_MAX];
	size_t binding_count;
	const struct xml_attribute *attributes; /* of the element that begins */
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

static const struct xml_space *known_space(const struct xml_walk *walk, struct slice uri)
{
	const struct xml_space *space = walk->grammar->spaces;

	while (space->uri && !slice_equal(slice_of(space->uri), uri))
		space++;
	return space->uri ? space : NULL;
}

/* xmlns="…" or xmlns:PREFIX="…"; false for other attributes. */
static bool declared_prefix(struct slice attribute, struct slice *prefix)
{
	struct slice rest = slice_skip(attribute, sizeof("xmlns") - 1);

	*prefix = slice_skip(rest, 1);
	return slice_starts_with(attribute, SLICE("xmlns")) &&
	       (rest.len == 0 || (rest.bytes[0] == ':' && prefix->len > 0));
}

static void declare_spaces(
    struct xml_walk *walk, const struct xml_attribute *attributes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct binding *binding = &walk->bindings[walk->binding_count];
		struct slice prefix;

		if (!declared_prefix(attributes[i].name, &prefix))
			continue;
		if (walk->binding_count == BINDINGS_MAX || prefix.len > PREFIX_MAX) {
			walk->surplus++;
			continue;
		}
		walk->binding_count++;
		binding->depth = walk->depth + 1;
		binding->space = known_space(walk, attributes[i].value);
		binding->prefix_len = prefix.len;
		if (prefix.len > 0)
			memcpy(binding->prefix, prefix.bytes, prefix.len);
	}
}

/* NULL where it is not known. */
static const struct xml_space *find_space(const struct xml_walk *walk, struct slice prefix)
{
	for (size_t i = walk->binding_count; i-- > 0;) {
		const struct binding *binding = &walk->bindings[i];
		if (slice_equal(prefix, (struct slice){binding->prefix, binding->prefix_len}))
			return binding->space;
	}
	return NULL;
}

static const struct xml_row *find_row(
    const struct xml_walk *walk, const struct xml_space *space, struct slice name)
{
	const struct xml_row *outer = innermost(walk);

	if (!space || (walk->depth && !outer))
		return NULL;
	for (const struct xml_row *row = walk->grammar->rows; row->name; row++)
		if (row->parent == (outer ? outer->self : 0) && row->space == space->id &&
		    slice_equal(slice_of(row->name), name))
			return row;
	return NULL;
}

static void start_element(
    void *context, struct slice name, const struct xml_attribute *attributes, size_t count)
{
	struct xml_walk *walk = context;

	if (walk->error || walk->complete)
		return;
	if (walk->deeper > 0 || walk->depth == XML_WALK_DEPTH_MAX) {
		walk->surplus += walk->deeper == 0;
		walk->deeper++;
		return;
	}
	declare_spaces(walk, attributes, count);
	struct slice local, prefix = xml_prefix(name, &local);
	const struct xml_space *space = find_space(walk, prefix);
	const struct xml_row *row = find_row(walk, space, local);
	walk->open[walk->depth++] = row;
	if (!row)
		return;
	walk->text_len = 0;
	walk->text_cut = false;
	walk->attributes = attributes;
	walk->attribute_count = count;
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
	while (
	    walk->binding_count > 0 && walk->bindings[walk->binding_count - 1].depth > walk->depth)
		walk->binding_count--;
	if (row && !walk->error)
		walk->error = walk->grammar->end(walk->context, row, text_of(walk, row));
	walk->text_len = 0;
}

/* Whatever its name is, it stands for the innermost element. */
static void end_element(void *context, struct slice name)
{
	struct xml_walk *walk = context;
	(void)name;

	if (walk->error || walk->complete || walk->depth == 0)
		return;
	if (walk->deeper > 0) {
		walk->deeper--;
		return;
	}
	end_innermost(walk);
	walk->complete = walk->depth == 0;
}

static void add_text(void *context, struct slice text)
{
	struct xml_walk *walk = context;
	const struct xml_row *row = innermost(walk);

	if (walk->error || walk->complete || walk->deeper > 0 || !row || !row->text)
		return;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.bytes[i];
		if (walk->text_len == 0 && is_space(c))
			continue;
		if (walk->text_len < sizeof(walk->text))
			walk->text[walk->text_len++] = c;
		else if (!is_space(c))
			walk->text_cut = true;
	}
}

static void tokenize(void *context, struct slice text)
{
	struct xml_walk *walk = context;

	if (walk->error || walk->complete)
		return;
	int error = xml_tokenizer_feed(&walk->tokenizer, text);
	if (error && !walk->complete && !walk->error)
		walk->error = error;
}

struct xml_walk *xml_walk_new(const struct xml_grammar *grammar, size_t body_max, void *context)
{
	static const struct xml_sink SINK = {start_element, end_element, add_text};
	struct xml_walk *walk = calloc(1, sizeof(*walk));

	if (!walk)
		return NULL;
	xml_decoder_init(&walk->decoder, tokenize, walk);
	xml_tokenizer_init(&walk->tokenizer, &SINK, walk);
	walk->grammar = grammar;
	walk->context = context;
	walk->body_max = body_max;
	return walk;
}

void xml_walk_free(struct xml_walk *walk)
{
	if (!walk)
		return;
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
	return walk->surplus + walk->tokenizer.ignored;
}

int xml_walk_finish(struct xml_walk *walk)
{
	bool too_long = walk->error == -EMSGSIZE;

	if (walk->finished)
		return walk->error;
	if (too_long)
		walk->error = 0;
	xml_decoder_finish(&walk->decoder);
	xml_tokenizer_finish(&walk->tokenizer);
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

struct slice xml_walk_attribute(const struct xml_walk *walk, const char *name)
{
	for (size_t i = 0; i < walk->attribute_count; i++)
		if (slice_equal(walk->attributes[i].name, slice_of(name)))
			return walk->attributes[i].value;
	return SLICE_NONE;
}

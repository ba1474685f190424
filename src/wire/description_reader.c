/* SPDX-License-Identifier: ISC
 * description_reader: reads a device description as it arrives. */
#include "base/text.h"
#include "wire/description_internal.h"
#include "wire/xml_decode.h"
#include "wire/xml_parser.h"
#include "wire/xml_repair.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Elements around the document: each end tag without a start tag closes one of them instead of the
 * document. */
#define ENCLOSURE "<_><_><_><_><_><_><_><_>"

/* An element that is open, from the root element on; `row` is NULL where it is unknown. */
struct open_element {
	const struct element_row *row;
	const xmlChar *name; /* the parser's */
};

/* Bytes go through the decoder and the repair to the parser, which reports tags and text. `error`
 * is for good. */
struct description_reader {
	struct xml_decoder decoder;
	struct xml_repair repair;
	xmlParserCtxtPtr parser;
	struct description *description;
	size_t body_max, body_len, text_total;
	struct open_element open[DESCRIPTION_DEPTH_MAX];
	size_t depth;
	size_t deeper; /* elements that are open beyond DESCRIPTION_DEPTH_MAX */
	size_t device; /* the innermost one that is open */
	bool complete; /* the root element was closed */
	bool finished;
	int error;
	/* The end tag that the parser is about to report stood for the element of this level (0:
	 * none that is open), not for the parser's innermost one. */
	bool mismatched;
	size_t meant;
	char text[DESCRIPTION_FIELD_MAX]; /* of the open field, without blanks before it */
	size_t text_len;
	bool text_cut;
	size_t tags_in_text; /* tags that were taken for text and not closed yet */
};

static const struct element_row *innermost(const struct description_reader *reader)
{
	return reader->depth ? reader->open[reader->depth - 1].row : NULL;
}

static const struct element_row *find_row(enum element parent, const xmlChar *name)
{
	const struct element_row *row = DESCRIPTION_ROWS;

	for (; row < DESCRIPTION_ROWS_END; row++)
		if (row->parent == parent && strcmp(row->name, (const char *)name) == 0)
			return row;
	return NULL;
}

/* Level of the innermost open element with this name, 1 for the root; 0: none. */
static size_t find_open(const struct description_reader *reader, const xmlChar *name)
{
	size_t level = reader->depth;

	while (level > 0 &&
	       strcmp((const char *)reader->open[level - 1].name, (const char *)name) != 0)
		level--;
	return level;
}

static bool is_text(const struct element_row *row)
{
	return row && row->self >= ELEMENT_ROOT_TEXT;
}

static struct described_device *open_device(struct description_reader *reader)
{
	return &reader->description->devices[reader->device];
}

/* False when the description has as many as it may have; counted then. */
static bool has_room(struct description *description, size_t count, size_t max)
{
	if (count < max)
		return true;
	description->ignored++;
	return false;
}

static bool begin_device(struct description_reader *reader)
{
	struct description *description = reader->description;
	const struct element_row *around = innermost(reader);
	bool second_root = around && around->self == ELEMENT_ROOT && description->device_count > 0;

	if (!has_room(
		description, description->device_count, second_root ? 0 : DESCRIPTION_DEVICES_MAX))
		return false;
	description->devices[description->device_count].parent = (unsigned)reader->device;
	reader->device = description->device_count++;
	return true;
}

static bool begin_service(struct description_reader *reader)
{
	struct description *description = reader->description;

	if (!has_room(description, description->service_count, DESCRIPTION_SERVICES_READ_MAX))
		return false;
	description->services[description->service_count++].device = (unsigned)reader->device;
	return true;
}

static bool begin_icon(struct description_reader *reader)
{
	struct described_device *device = open_device(reader);

	if (!has_room(reader->description, device->icon_count, DESCRIPTION_ICONS_MAX))
		return false;
	device->icon_count++;
	return true;
}

/* False when the element and all inside it is passed over. */
static bool begin_row(struct description_reader *reader, const struct element_row *row)
{
	switch (row->self) {
	case ELEMENT_DEVICE:
		return begin_device(reader);
	case ELEMENT_SERVICE:
		return begin_service(reader);
	case ELEMENT_ICON:
		return begin_icon(reader);
	default:
		if (is_text(row)) {
			reader->text_len = reader->tags_in_text = 0;
			reader->text_cut = false;
		}
		return true;
	}
}

/* White space as XML 1.0, 2.3 has it. */
static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void add_text(struct description_reader *reader, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.bytes[i];
		if (reader->text_len == 0 && is_space(c))
			continue;
		if (reader->text_len < sizeof(reader->text))
			reader->text[reader->text_len++] = c;
		else if (!is_space(c))
			reader->text_cut = true;
	}
}

/* "<Living>" in a friendlyName. */
static void add_tag(struct description_reader *reader, const char *before, const xmlChar *name)
{
	add_text(reader, slice_of(before));
	add_text(reader, slice_of((const char *)name));
	add_text(reader, SLICE(">"));
}

/* Of a text that was cut anywhere: its length without the half character at the end. */
static size_t whole_characters(const char *text, size_t len)
{
	size_t start = len;
	int32_t code_point;

	do
		start--;
	while (start > 0 && ((unsigned char)text[start] & 0xc0) == 0x80);
	text_decode((struct slice){text + start, len - start}, &code_point);
	return code_point < 0 ? start : len;
}

/* Where the text of the innermost element goes. */
static char **text_place(struct description_reader *reader, const struct element_row *row)
{
	struct description *description = reader->description;
	struct described_device *device = open_device(reader);
	void *base = description;

	if (row->self == ELEMENT_DEVICE_TEXT)
		base = device;
	else if (row->self == ELEMENT_ICON_TEXT)
		base = &device->icons[device->icon_count - 1];
	else if (row->self == ELEMENT_SERVICE_TEXT)
		base = &description->services[description->service_count - 1];
	return (char **)(void *)((char *)base + row->offset);
}

/* The first of several counts; an empty one is as good as none. */
static void end_text(struct description_reader *reader, const struct element_row *row)
{
	char **place = text_place(reader, row);
	size_t len = reader->text_len;

	if (*place || len == 0)
		return;
	if (reader->text_cut) {
		reader->description->ignored++;
		len = row->whole ? 0 : whole_characters(reader->text, len);
	}
	if (len == 0)
		return;
	while (is_space(reader->text[len - 1]))
		len--;
	if (len > DESCRIPTION_TEXT_MAX - reader->text_total) {
		reader->description->ignored++;
		return;
	}
	reader->text_total += len;
	*place = slice_dup((struct slice){reader->text, len});
	if (!*place)
		reader->error = -ENOMEM;
}

/* A service without a type says nothing. */
static void end_service(struct description *description)
{
	struct described_service *service = &description->services[description->service_count - 1];

	if (service->type)
		return;
	free(service->id);
	free(service->scpd_url);
	free(service->control_url);
	free(service->event_url);
	*service = (struct described_service){0};
	description->service_count--;
}

static void end_innermost(struct description_reader *reader)
{
	const struct element_row *row = innermost(reader);

	if (is_text(row))
		end_text(reader, row);
	else if (row && row->self == ELEMENT_DEVICE)
		reader->device = open_device(reader)->parent;
	else if (row && row->self == ELEMENT_SERVICE)
		end_service(reader->description);
	reader->depth--;
}

/* Five pointers per attribute: name, prefix, namespace, first byte and end of the value. */
static void read_config_id(
    struct description *description, size_t count, const xmlChar **attributes)
{
	for (size_t i = 0; i < count; i++, attributes += 5) {
		const char *value = (const char *)attributes[3];
		struct slice text = {value, (size_t)((const char *)attributes[4] - value)};
		uint64_t number;

		if (strcmp((const char *)attributes[0], "configId") != 0 ||
		    slice_to_u64(text, DESCRIPTION_CONFIG_ID_MAX, &number) < 0)
			continue;
		description->has_config_id = true;
		description->config_id = (uint32_t)number;
	}
}

/* A field has no elements in it: one that may stand beside it shows that its end tag is missing,
 * another one is text. True for text. */
static bool take_as_text(struct description_reader *reader, const xmlChar *name)
{
	const struct element_row *row = innermost(reader);

	if (!is_text(row))
		return false;
	if (find_row(row->parent, name)) {
		end_innermost(reader);
		return false;
	}
	add_tag(reader, "<", name);
	reader->tags_in_text++;
	return true;
}

/* A list, or what stands in one, whose end tag is missing: an element that cannot stand in it but
 * in the device around it shows that. Before the first device whatever is open inside the root is
 * as good as closed. */
static void close_forgotten(struct description_reader *reader, const xmlChar *name)
{
	const struct element_row *row = innermost(reader);
	size_t level = reader->depth;

	if (level < 2 || (row && (row->self <= ELEMENT_DEVICE || is_text(row))))
		return;
	if (!row) {
		bool lost = reader->description->device_count == 0 && reader->open[0].row &&
			    strcmp((const char *)name, "device") == 0;
		while (lost && reader->depth > 1)
			end_innermost(reader);
		return;
	}
	if (find_row(row->self, name))
		return;
	while (level > 0 && reader->open[level - 1].row &&
	       reader->open[level - 1].row->self != ELEMENT_DEVICE)
		level--;
	if (level == 0 || !reader->open[level - 1].row || !find_row(ELEMENT_DEVICE, name))
		return;
	while (reader->depth > level)
		end_innermost(reader);
}

static void start_element(void *context, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int namespace_count, const xmlChar **namespaces, int attribute_count,
    int defaulted_count, const xmlChar **attributes)
{
	struct description_reader *reader = context;
	(void)prefix, (void)uri, (void)namespace_count, (void)namespaces, (void)defaulted_count;

	if (reader->error || reader->complete)
		return;
	if (reader->deeper > 0 || take_as_text(reader, name)) {
		reader->deeper += reader->deeper > 0;
		return;
	}
	close_forgotten(reader, name);
	const struct element_row *outer = innermost(reader);
	enum element parent = outer           ? outer->self
			      : reader->depth ? ELEMENT_UNKNOWN
					      : ELEMENT_DOCUMENT;
	const struct element_row *row = find_row(parent, name);

	if (parent == ELEMENT_DOCUMENT && !row)
		return;
	if (reader->depth == DESCRIPTION_DEPTH_MAX) {
		reader->description->ignored++;
		reader->deeper++;
		return;
	}
	if (row && row->self == ELEMENT_ROOT)
		read_config_id(reader->description, (size_t)attribute_count, attributes);
	if (row && !begin_row(reader, row))
		row = NULL;
	reader->open[reader->depth++] = (struct open_element){row, name};
}

/* An end tag that no open element has the name of. Where it is written wrong it stands for the
 * innermost element, but not for one that holds others. */
static void end_unknown(struct description_reader *reader, const xmlChar *name)
{
	const struct element_row *row = innermost(reader);

	if (reader->depth == 0)
		return;
	if (is_text(row) && reader->tags_in_text > 0) {
		reader->tags_in_text--;
		if (name)
			add_tag(reader, "</", name);
		return;
	}
	if (!row || is_text(row))
		end_innermost(reader);
}

static void end_element(
    void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct description_reader *reader = context;
	bool mismatched = reader->mismatched;
	(void)prefix, (void)uri;

	reader->mismatched = false;
	if (reader->error || reader->complete)
		return;
	size_t level = mismatched ? reader->meant : find_open(reader, name);
	if (reader->deeper > 0 && (!mismatched || level == 0)) {
		reader->deeper--;
		return;
	}
	reader->deeper = 0;
	if (level == 0) {
		end_unknown(reader, mismatched ? NULL : name);
		return;
	}
	while (reader->depth >= level)
		end_innermost(reader);
	reader->complete = reader->depth == 0;
}

static void characters(void *context, const xmlChar *bytes, int len)
{
	struct description_reader *reader = context;

	if (!reader->error && !reader->complete && reader->deeper == 0 &&
	    is_text(innermost(reader)))
		add_text(reader, (struct slice){(const char *)bytes, (size_t)len});
}

/* Where an end tag has not the name of the innermost element the parser says so, and then takes it
 * for that element's. */
static void parser_complains(void *context, xml_parser_error error)
{
	struct description_reader *reader = context;

	if (error->code == XML_ERR_NO_MEMORY)
		reader->error = -ENOMEM;
	if (error->code != XML_ERR_TAG_NAME_MISMATCH || !error->str2)
		return;
	const char *colon = strchr(error->str2, ':');
	reader->mismatched = true;
	reader->meant =
	    find_open(reader, (const xmlChar *)(colon && colon[1] ? colon + 1 : error->str2));
}

static void parse(void *context, struct slice text)
{
	struct description_reader *reader = context;

	if (!reader->error && !reader->complete)
		xml_parser_feed(reader->parser, text);
}

static void repair(void *context, struct slice text)
{
	struct description_reader *reader = context;

	if (reader->error || reader->complete)
		return;
	int error = xml_repair_feed(&reader->repair, text);
	if (error && !reader->complete)
		reader->error = error;
}

struct description_reader *description_reader_new(size_t body_max)
{
	/* Without handlers of its own libxml2 builds no tree. It is never shown an entity. */
	xmlSAXHandler handler = {
	    .initialized = XML_SAX2_MAGIC,
	    .startElementNs = start_element,
	    .endElementNs = end_element,
	    .characters = characters,
	    .serror = parser_complains,
	};
	struct description_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	xml_decoder_init(&reader->decoder, repair, reader);
	xml_repair_init(&reader->repair, parse, reader);
	reader->body_max = body_max;
	reader->description = calloc(1, sizeof(*reader->description));
	reader->parser = xml_parser_new(&handler, reader);
	if (!reader->description || !reader->parser) {
		description_reader_free(reader);
		return NULL;
	}
	parse(reader, SLICE(ENCLOSURE));
	return reader;
}

void description_reader_free(struct description_reader *reader)
{
	if (!reader)
		return;
	xml_parser_free(reader->parser);
	xml_decoder_fini(&reader->decoder);
	description_free(reader->description);
	free(reader);
}

int description_reader_feed(struct description_reader *reader, struct slice bytes)
{
	size_t room = reader->body_max - reader->body_len;

	/* What follows the root element is not looked at: some devices send a NUL or more. */
	if (reader->error || reader->complete)
		return reader->error;
	struct slice head = slice_head(bytes, room);
	reader->body_len += head.len;
	xml_decoder_feed(&reader->decoder, head);
	if (!reader->error && !reader->complete && bytes.len > room)
		reader->error = -EMSGSIZE;
	return reader->error;
}

bool description_reader_complete(const struct description_reader *reader)
{
	return reader->complete;
}

static bool says_anything(const struct description *description)
{
	const struct element_row *row;

	for (size_t i = 0; i < description->device_count; i++)
		for (row = DESCRIPTION_ROWS; row < DESCRIPTION_ROWS_END; row++)
			if (row->self == ELEMENT_DEVICE_TEXT &&
			    *(char *const *)(const void *)((const char *)&description->devices[i] +
							   row->offset))
				return true;
	return false;
}

/* What is still open: a field is not whole, but a service may be. */
static void end_all(struct description_reader *reader)
{
	if (is_text(innermost(reader)))
		reader->depth--;
	while (reader->depth > 0)
		end_innermost(reader);
}

int description_reader_finish(struct description_reader *reader, struct description **out)
{
	struct description *description = reader->description;

	if (reader->finished)
		return -EBADMSG;
	if (reader->error == -EMSGSIZE)
		reader->error = 0;
	xml_decoder_finish(&reader->decoder);
	xml_repair_finish(&reader->repair);
	if (!reader->error && !reader->complete)
		xml_parser_finish(reader->parser);
	end_all(reader);
	reader->finished = true;
	if (reader->error)
		return reader->error;
	if (description->device_count == 0 || !(reader->complete || says_anything(description)))
		return -EBADMSG;
	description->whole = reader->complete;
	description->ignored += reader->repair.ignored;
	*out = description;
	reader->description = NULL;
	return 0;
}

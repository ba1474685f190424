/* SPDX-License-Identifier: ISC
 * description: the UPnP device description (UDA 2.0, 2.3), read as a stream with bounds and
 * written; the only user of libxml2. */
#include "wire/description.h"
#include "base/array.h"
#include "base/text.h"
#include "wire/service_page.h"
#include <errno.h>
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

/* The elements that mean something, by what they do. */
enum element {
	ELEMENT_UNKNOWN,
	ELEMENT_DOCUMENT, /* what encloses the root element */
	ELEMENT_ROOT,
	ELEMENT_DEVICE,
	ELEMENT_ICON_LIST,
	ELEMENT_ICON,
	ELEMENT_SERVICE_LIST,
	ELEMENT_SERVICE,
	ELEMENT_DEVICE_LIST,
	ELEMENT_ROOT_TEXT, /* a text of struct description */
	ELEMENT_DEVICE_TEXT,
	ELEMENT_SERVICE_TEXT,
};

/* Which element of which parent is what, and where its text goes. Namespaces are not looked at:
 * real devices differ. Rows of one parent stand in the order in which UDA 2.0 2.3 wants them
 * written. */
static const struct element_row {
	enum element parent;
	const char *name;
	enum element self;
	size_t offset; /* of a text in its struct */
	bool required; /* written even when it is empty */
} ROWS[] = {
#define TEXT_OF(structure, member) offsetof(struct structure, member)
    {ELEMENT_DOCUMENT, "root", ELEMENT_ROOT, 0, true},
    {ELEMENT_ROOT, "URLBase", ELEMENT_ROOT_TEXT, TEXT_OF(description, url_base), false},
    {ELEMENT_ROOT, "device", ELEMENT_DEVICE, 0, true},
    {ELEMENT_DEVICE, "deviceType", ELEMENT_DEVICE_TEXT, TEXT_OF(described_device, type), true},
    {ELEMENT_DEVICE, "friendlyName", ELEMENT_DEVICE_TEXT, TEXT_OF(described_device, friendly_name),
	true},
    {ELEMENT_DEVICE, "manufacturer", ELEMENT_DEVICE_TEXT, TEXT_OF(described_device, manufacturer),
	true},
    {ELEMENT_DEVICE, "manufacturerURL", ELEMENT_DEVICE_TEXT,
	TEXT_OF(described_device, manufacturer_url), false},
    {ELEMENT_DEVICE, "modelDescription", ELEMENT_DEVICE_TEXT,
	TEXT_OF(described_device, model_description), false},
    {ELEMENT_DEVICE, "modelName", ELEMENT_DEVICE_TEXT, TEXT_OF(described_device, model_name), true},
    {ELEMENT_DEVICE, "modelNumber", ELEMENT_DEVICE_TEXT, TEXT_OF(described_device, model_number),
	false},
    {ELEMENT_DEVICE, "modelURL", ELEMENT_DEVICE_TEXT, TEXT_OF(described_device, model_url), false},
    {ELEMENT_DEVICE, "serialNumber", ELEMENT_DEVICE_TEXT, TEXT_OF(described_device, serial_number),
	false},
    {ELEMENT_DEVICE, "UDN", ELEMENT_DEVICE_TEXT, TEXT_OF(described_device, udn), true},
    {ELEMENT_DEVICE, "iconList", ELEMENT_ICON_LIST, 0, false},
    {ELEMENT_ICON_LIST, "icon", ELEMENT_ICON, 0, false},
    {ELEMENT_ICON, "url", ELEMENT_DEVICE_TEXT, TEXT_OF(described_device, icon_url), false},
    {ELEMENT_DEVICE, "serviceList", ELEMENT_SERVICE_LIST, 0, false},
    {ELEMENT_SERVICE_LIST, "service", ELEMENT_SERVICE, 0, false},
    {ELEMENT_SERVICE, "serviceType", ELEMENT_SERVICE_TEXT, TEXT_OF(described_service, type), true},
    {ELEMENT_SERVICE, "serviceId", ELEMENT_SERVICE_TEXT, TEXT_OF(described_service, id), true},
    {ELEMENT_DEVICE, "deviceList", ELEMENT_DEVICE_LIST, 0, false},
    {ELEMENT_DEVICE_LIST, "device", ELEMENT_DEVICE, 0, false},
    {ELEMENT_DEVICE, "presentationURL", ELEMENT_DEVICE_TEXT,
	TEXT_OF(described_device, presentation_url), false},
#undef TEXT_OF
};
#define ROWS_END (ROWS + COUNT_OF(ROWS))

/* `error` is for good. Of what stands open only the rows are kept, so depth costs a pointer. */
struct description_reader {
	xmlParserCtxtPtr parser;
	struct description *description;
	size_t body_max, body_len, text_total, elements;
	const struct element_row *open[DESCRIPTION_DEPTH_MAX]; /* NULL: an unknown element */
	size_t depth;
	size_t device; /* the innermost one that is open */
	bool complete; /* the root element was closed */
	int error;
	char text[DESCRIPTION_FIELD_MAX]; /* of the open field, without blanks before it */
	size_t text_len;
	bool text_cut;
};

static void reader_stop(struct description_reader *reader, int error)
{
	reader->error = error;
	xmlStopParser(reader->parser);
}

static const struct element_row *innermost(const struct description_reader *reader)
{
	return reader->depth ? reader->open[reader->depth - 1] : NULL;
}

static const struct element_row *find_row(enum element parent, const char *name)
{
	for (const struct element_row *row = ROWS; row < ROWS_END; row++)
		if (row->parent == parent && strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

static bool is_text(const struct element_row *row)
{
	return row && row->self >= ELEMENT_ROOT_TEXT;
}

static bool open_device(struct description_reader *reader)
{
	struct description *description = reader->description;
	bool second_root = innermost(reader)->self == ELEMENT_ROOT && description->device_count > 0;

	if (second_root || description->device_count == DESCRIPTION_DEVICES_MAX) {
		description->ignored++;
		return false;
	}
	description->devices[description->device_count].parent = (unsigned)reader->device;
	reader->device = description->device_count++;
	return true;
}

static bool open_service(struct description_reader *reader)
{
	struct description *description = reader->description;

	if (description->service_count == DESCRIPTION_SERVICES_MAX) {
		description->ignored++;
		return false;
	}
	description->services[description->service_count++].device = (unsigned)reader->device;
	return true;
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

/* False when the element and all inside it is passed over. */
static bool open_row(struct description_reader *reader, const struct element_row *row)
{
	switch (row->self) {
	case ELEMENT_DEVICE:
		return open_device(reader);
	case ELEMENT_SERVICE:
		return open_service(reader);
	default:
		if (is_text(row)) {
			reader->text_len = 0;
			reader->text_cut = false;
		}
		return true;
	}
}

static void start_element(void *context, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int namespace_count, const xmlChar **namespaces, int attribute_count,
    int defaulted_count, const xmlChar **attributes)
{
	struct description_reader *reader = context;
	(void)prefix, (void)uri, (void)namespaces, (void)defaulted_count;

	if (reader->error)
		return;
	if (reader->depth == DESCRIPTION_DEPTH_MAX ||
	    reader->elements == DESCRIPTION_ELEMENTS_MAX ||
	    namespace_count + attribute_count > DESCRIPTION_ATTRIBUTES_MAX) {
		reader_stop(reader, -E2BIG);
		return;
	}
	const struct element_row *outer = innermost(reader);
	enum element parent = outer           ? outer->self
			      : reader->depth ? ELEMENT_UNKNOWN
					      : ELEMENT_DOCUMENT;
	const struct element_row *row = find_row(parent, (const char *)name);

	if (row && row->self == ELEMENT_ROOT)
		read_config_id(reader->description, (size_t)attribute_count, attributes);
	if (row && !open_row(reader, row))
		row = NULL;
	reader->open[reader->depth++] = row;
	reader->elements++;
}

/* White space as XML 1.0, 2.3 has it. */
static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
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
	void *base = description;

	if (row->self == ELEMENT_DEVICE_TEXT)
		base = &description->devices[reader->device];
	else if (row->self == ELEMENT_SERVICE_TEXT)
		base = &description->services[description->service_count - 1];
	return (char **)(void *)((char *)base + row->offset);
}

/* The first of several counts; an empty one is as good as none. */
static void close_text(struct description_reader *reader, const struct element_row *row)
{
	char **place = text_place(reader, row);
	size_t len = reader->text_len;

	if (*place || len == 0)
		return;
	if (reader->text_cut) {
		reader->description->ignored++;
		len = whole_characters(reader->text, len);
	}
	while (is_space(reader->text[len - 1]))
		len--;
	*place = slice_dup((struct slice){reader->text, len});
	if (!*place)
		reader_stop(reader, -ENOMEM);
}

/* A service without a type says nothing. */
static void close_service(struct description *description)
{
	struct described_service *service = &description->services[description->service_count - 1];

	if (service->type)
		return;
	free(service->id);
	*service = (struct described_service){0};
	description->service_count--;
}

static void end_element(
    void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct description_reader *reader = context;
	(void)name, (void)prefix, (void)uri;

	if (reader->error)
		return;
	const struct element_row *row = reader->open[--reader->depth];
	reader->complete = reader->depth == 0;
	if (!row)
		return;
	if (is_text(row))
		close_text(reader, row);
	else if (row->self == ELEMENT_DEVICE)
		reader->device = reader->description->devices[reader->device].parent;
	else if (row->self == ELEMENT_SERVICE)
		close_service(reader->description);
}

static void characters(void *context, const xmlChar *bytes, int len)
{
	struct description_reader *reader = context;

	if (reader->error)
		return;
	reader->text_total += (size_t)len;
	if (reader->text_total > DESCRIPTION_TEXT_MAX) {
		reader_stop(reader, -EMSGSIZE);
		return;
	}
	if (!is_text(innermost(reader)))
		return;
	for (int i = 0; i < len; i++) {
		char c = (char)bytes[i];
		if (reader->text_len == 0 && is_space(c))
			continue;
		if (reader->text_len < sizeof(reader->text))
			reader->text[reader->text_len++] = c;
		else if (!is_space(c))
			reader->text_cut = true;
	}
}

/* Called at a DOCTYPE before anything inside it is read: no entity ever gets defined, nested or
 * external. */
static void document_type(
    void *context, const xmlChar *name, const xmlChar *external_id, const xmlChar *system_id)
{
	(void)name, (void)external_id, (void)system_id;
	reader_stop(context, -EPERM);
}

struct description_reader *description_reader_new(size_t body_max)
{
	/* Without handlers of its own libxml2 builds no tree, and without one for errors it is
	 * silent. */
	xmlSAXHandler handler = {
	    .initialized = XML_SAX2_MAGIC,
	    .internalSubset = document_type,
	    .startElementNs = start_element,
	    .endElementNs = end_element,
	    .characters = characters,
	    .cdataBlock = characters,
	};
	struct description_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->body_max = body_max;
	reader->description = calloc(1, sizeof(*reader->description));
	reader->parser = xmlCreatePushParserCtxt(&handler, reader, NULL, 0, NULL);
	if (!reader->description || !reader->parser) {
		description_reader_free(reader);
		return NULL;
	}
	xmlCtxtUseOptions(
	    reader->parser, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	return reader;
}

void description_reader_free(struct description_reader *reader)
{
	if (!reader)
		return;
	if (reader->parser)
		xmlFreeParserCtxt(reader->parser);
	description_free(reader->description);
	free(reader);
}

static void say_nothing(void *context, const char *format, ...)
{
	(void)context, (void)format;
}

/* A failed conversion from another encoding is reported past the parser's own handlers, on stderr:
 * for the time of the call that goes nowhere, and then it is as it was. */
static void parse_silently(xmlParserCtxtPtr parser, struct slice bytes, bool last)
{
	xmlGenericErrorFunc report = xmlGenericError;
	void *context = xmlGenericErrorContext;

	xmlSetGenericErrorFunc(NULL, say_nothing);
	xmlParseChunk(parser, bytes.bytes, (int)bytes.len, last);
	xmlSetGenericErrorFunc(context, report);
}

/* What follows the root element is not looked at: some devices send a NUL or more after it. */
static void parse(struct description_reader *reader, struct slice bytes, bool last)
{
	if (reader->error || reader->complete)
		return;
	parse_silently(reader->parser, bytes, last);
	if (!reader->error && reader->parser->errNo == XML_ERR_NO_MEMORY)
		reader->error = -ENOMEM;
	/* Not what the call returned: a prefix without its namespace is an error too, but a
	 * bearable one. */
	if (!reader->error && !reader->complete && !reader->parser->wellFormed)
		reader->error = -EBADMSG;
}

int description_reader_feed(struct description_reader *reader, struct slice bytes)
{
	if (!reader->error && bytes.len > reader->body_max - reader->body_len)
		reader->error = -EMSGSIZE;
	if (!reader->error && bytes.len > 0) {
		reader->body_len += bytes.len;
		parse(reader, bytes, false);
	}
	return reader->error;
}

bool description_reader_complete(const struct description_reader *reader)
{
	return reader->complete;
}

int description_reader_finish(struct description_reader *reader, struct description **out)
{
	parse(reader, SLICE_NONE, true);
	if (!reader->error && (!reader->complete || reader->description->device_count == 0))
		reader->error = -EBADMSG;
	if (reader->error)
		return reader->error;
	*out = reader->description;
	(*out)->whole = reader->complete;
	reader->description = NULL;
	reader->error = -EBADMSG; /* it gives its result once */
	return 0;
}

/* Every text that a row puts into `base`. */
static void free_texts(void *base, enum element kind)
{
	for (const struct element_row *row = ROWS; row < ROWS_END; row++)
		if (row->self == kind)
			free(*(char **)(void *)((char *)base + row->offset));
}

void description_free(struct description *description)
{
	if (!description)
		return;
	free_texts(description, ELEMENT_ROOT_TEXT);
	for (size_t i = 0; i < description->device_count; i++)
		free_texts(&description->devices[i], ELEMENT_DEVICE_TEXT);
	for (size_t i = 0; i < description->service_count; i++)
		free_texts(&description->services[i], ELEMENT_SERVICE_TEXT);
	free(description);
}

/* What XML 1.0 (2.2) cannot hold, escaped or not, and what is no UTF-8, becomes U+FFFD. */
static void write_character(struct slice one, int32_t code_point, struct writer *w)
{
	switch (code_point) {
	case '&':
		writer_text(w, "&amp;");
		break;
	case '<':
		writer_text(w, "&lt;");
		break;
	case '>':
		writer_text(w, "&gt;");
		break;
	case '\r':
		writer_text(w, "&#13;");
		break;
	default: {
		bool control = code_point < ' ' && code_point != '\t' && code_point != '\n';
		bool none = code_point == 0xfffe || code_point == 0xffff;
		writer_slice(w, control || none ? SLICE("\xef\xbf\xbd") : one);
	}
	}
}

static void write_element(const char *name, const char *text, struct writer *w)
{
	struct slice rest = slice_of(text);
	size_t used;

	writer_format(w, "<%s>", name);
	for (; rest.len > 0; rest = slice_skip(rest, used)) {
		int32_t code_point;
		used = text_decode(rest, &code_point);
		write_character(slice_head(rest, used), code_point, w);
	}
	writer_format(w, "</%s>\n", name);
}

static void write_text(const struct element_row *row, const void *base, struct writer *w)
{
	const char *text = *(char *const *)(const void *)((const char *)base + row->offset);

	if (text || row->required)
		write_element(row->name, text, w);
}

static void write_service_url(const char *name, const struct description *description, size_t index,
    enum service_page page, struct writer *w)
{
	writer_format(w, "<%s>", name);
	service_page_path(slice_of(description->path), index, page, w);
	writer_format(w, "</%s>\n", name);
}

/* Three URLs of its own (UDA 2.0, 2.3), none empty: a control point may ask for each. */
static void write_service(const struct description *description, size_t index, struct writer *w)
{
	writer_text(w, "<service>\n");
	for (const struct element_row *row = ROWS; row < ROWS_END; row++)
		if (row->parent == ELEMENT_SERVICE)
			write_text(row, &description->services[index], w);
	write_service_url("SCPDURL", description, index, SERVICE_PAGE_DESCRIPTION, w);
	write_service_url("controlURL", description, index, SERVICE_PAGE_CONTROL, w);
	write_service_url("eventSubURL", description, index, SERVICE_PAGE_EVENTS, w);
	writer_text(w, "</service>\n");
}

static void write_services(const struct description *description, size_t device, struct writer *w)
{
	bool any = false;

	for (size_t i = 0; i < description->service_count; i++) {
		if (description->services[i].device != device)
			continue;
		if (!any)
			writer_text(w, "<serviceList>\n");
		any = true;
		write_service(description, i, w);
	}
	if (any)
		writer_text(w, "</serviceList>\n");
}

/* The elements of a device that stand before its deviceList, or after it. */
static void write_device_part(
    const struct description *description, size_t device, bool after_list, struct writer *w)
{
	bool after = false;

	for (const struct element_row *row = ROWS; row < ROWS_END; row++) {
		if (row->self == ELEMENT_DEVICE_LIST)
			after = true;
		if (row->parent != ELEMENT_DEVICE || after != after_list)
			continue;
		if (row->self == ELEMENT_DEVICE_TEXT)
			write_text(row, &description->devices[device], w);
		else if (row->self == ELEMENT_SERVICE_LIST)
			write_services(description, device, w);
	}
}

/* The next device inside `parent` after index `last`; 0 when there is none. */
static size_t next_child(const struct description *description, size_t parent, size_t last)
{
	for (size_t i = last + 1; i < description->device_count; i++)
		if (description->devices[i].parent == parent)
			return i;
	return 0;
}

/* Parents come before children, so walking the tree needs no stack: `last` is the child of `device`
 * that was written before, or `device` itself while it has none. */
static void write_devices(const struct description *description, struct writer *w)
{
	size_t device = 0, last = 0;

	writer_text(w, "<device>\n");
	write_device_part(description, 0, false, w);
	for (;;) {
		size_t child = next_child(description, device, last);
		if (child) {
			writer_text(w, last == device ? "<deviceList>\n<device>\n" : "<device>\n");
			write_device_part(description, child, false, w);
			device = last = child;
			continue;
		}
		if (last != device)
			writer_text(w, "</deviceList>\n");
		write_device_part(description, device, true, w);
		writer_text(w, "</device>\n");
		if (device == 0)
			return;
		last = device;
		device = description->devices[device].parent;
	}
}

void description_format(const struct description *description, struct writer *w)
{
	writer_text(w, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		       "<root xmlns=\"urn:schemas-upnp-org:device-1-0\"");
	if (description->has_config_id)
		writer_format(w, " configId=\"%u\"", description->config_id);
	writer_text(w, ">\n<specVersion>\n<major>2</major>\n<minor>0</minor>\n</specVersion>\n");
	write_devices(description, w);
	writer_text(w, "</root>\n");
}

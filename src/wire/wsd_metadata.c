/* SPDX-License-Identifier: ISC
 * wsd_metadata: see wsd_metadata.h. */
#include "wire/wsd_metadata.h"
#include "wire/xml_walk.h"
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#define ADDRESSING_2004 "http://schemas.xmlsoap.org/ws/2004/08/addressing"
#define ADDRESSING_2005 "http://www.w3.org/2005/08/addressing"
#define SOAP_1_2        "http://www.w3.org/2003/05/soap-envelope"
#define GET             "http://schemas.xmlsoap.org/ws/2004/09/transfer/Get"

enum space { SOAP, ADDRESSING, EXCHANGE, PROFILE, PUBLICATION };
static const struct xml_space SPACES[] = {
    {SOAP, 0, SOAP_1_2},
    {ADDRESSING, 0, ADDRESSING_2004},
    {ADDRESSING, 0, ADDRESSING_2005},
    {EXCHANGE, 0, "http://schemas.xmlsoap.org/ws/2004/09/mex"},
    {PROFILE, 0, "http://schemas.xmlsoap.org/ws/2006/02/devprof"},
    {PROFILE, 0, "http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01"},
    {PUBLICATION, 0, "http://schemas.microsoft.com/windows/pub/2005/07"},
    {0},
};

enum element {
	DOCUMENT,
	ENVELOPE,
	BODY,
	METADATA,
	SECTION,
	DEVICE,
	MODEL,
	RELATIONSHIP,
	HOST,
	REFERENCE,
	TEXT, /* of the field that `value` counts in FIELDS */
	COMPUTER,
};

enum field {
	UDN,
	FRIENDLY_NAME,
	SERIAL_NUMBER,
	MANUFACTURER,
	MANUFACTURER_URL,
	MODEL_NAME,
	MODEL_NUMBER,
	MODEL_URL,
	PRESENTATION_URL,
	FIELDS
};
#define AT(member) offsetof(struct described_device, member)
static const size_t OFFSETS[FIELDS] = {
    [UDN] = AT(udn),
    [FRIENDLY_NAME] = AT(friendly_name),
    [SERIAL_NUMBER] = AT(serial_number),
    [MANUFACTURER] = AT(manufacturer),
    [MANUFACTURER_URL] = AT(manufacturer_url),
    [MODEL_NAME] = AT(model_name),
    [MODEL_NUMBER] = AT(model_number),
    [MODEL_URL] = AT(model_url),
    [PRESENTATION_URL] = AT(presentation_url),
};

static const struct xml_row ROWS[] = {
    {DOCUMENT, SOAP, "Envelope", ENVELOPE, 0, false},
    {ENVELOPE, SOAP, "Body", BODY, 0, false},
    {BODY, EXCHANGE, "Metadata", METADATA, 0, false},
    {METADATA, EXCHANGE, "MetadataSection", SECTION, 0, false},
    {SECTION, PROFILE, "ThisDevice", DEVICE, 0, false},
    {DEVICE, PROFILE, "FriendlyName", TEXT, FRIENDLY_NAME, true},
    {DEVICE, PROFILE, "SerialNumber", TEXT, SERIAL_NUMBER, true},
    {SECTION, PROFILE, "ThisModel", MODEL, 0, false},
    {MODEL, PROFILE, "Manufacturer", TEXT, MANUFACTURER, true},
    {MODEL, PROFILE, "ManufacturerUrl", TEXT, MANUFACTURER_URL, true},
    {MODEL, PROFILE, "ModelName", TEXT, MODEL_NAME, true},
    {MODEL, PROFILE, "ModelNumber", TEXT, MODEL_NUMBER, true},
    {MODEL, PROFILE, "ModelUrl", TEXT, MODEL_URL, true},
    {MODEL, PROFILE, "PresentationUrl", TEXT, PRESENTATION_URL, true},
    {SECTION, PROFILE, "Relationship", RELATIONSHIP, 0, false},
    {RELATIONSHIP, PROFILE, "Host", HOST, 0, false},
    {HOST, ADDRESSING, "EndpointReference", REFERENCE, 0, false},
    {REFERENCE, ADDRESSING, "Address", TEXT, UDN, true},
    {HOST, PUBLICATION, "Computer", COMPUTER, 0, true},
    {0},
};

struct reader {
	struct xml_walk *walk;
	struct description *description;
	char *computer;
	bool says_anything;
};

static void begin(void *context, const struct xml_row *row, const struct xml_space *space,
    const struct xml_walk *walk)
{
	(void)context, (void)row, (void)space, (void)walk;
}

/* "NAME/Workgroup:X", "NAME\Domain:X" or "NAME/NotJoined". */
static struct slice computer_name(struct slice text)
{
	size_t slash = slice_find(text, '/'), backslash = slice_find(text, '\\');

	return slice_head(text, slash < backslash ? slash : backslash);
}

/* wsdd2 prints what it does not know as the C library prints a null pointer. */
static bool says_nothing(struct slice text)
{
	return text.len == 0 || slice_equal(text, SLICE("(null)"));
}

/* The first of several counts. */
static int end(void *context, const struct xml_row *row, struct slice text)
{
	struct reader *reader = context;
	char *device = (char *)&reader->description->devices[0];
	char **place = &reader->computer;

	if (row->self == TEXT)
		place = (char **)(void *)(device + OFFSETS[row->value]);
	else if (row->self == COMPUTER)
		text = computer_name(text);
	if (!row->text || *place || says_nothing(text))
		return 0;
	if (text.len > DESCRIPTION_FIELD_MAX) {
		reader->description->ignored++;
		return 0;
	}
	*place = slice_dup(text);
	reader->says_anything |= row->value != UDN || row->self == COMPUTER;
	return *place ? 0 : -ENOMEM;
}

static const struct xml_grammar GRAMMAR = {SPACES, ROWS, begin, end};

static void destroy(void *context)
{
	struct reader *reader = context;

	if (!reader)
		return;
	xml_walk_free(reader->walk);
	description_free(reader->description);
	free(reader->computer);
	free(reader);
}

static void *create(size_t body_max)
{
	struct reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->description = calloc(1, sizeof(*reader->description));
	reader->walk = xml_walk_new(&GRAMMAR, body_max, reader);
	if (!reader->walk || !reader->description) {
		destroy(reader);
		return NULL;
	}
	reader->description->device_count = 1;
	return reader;
}

static int feed(void *context, struct slice bytes)
{
	return xml_walk_feed(((struct reader *)context)->walk, bytes);
}

static bool complete(const void *context)
{
	return xml_walk_complete(((const struct reader *)context)->walk);
}

/* The name of a computer says more than the "Microsoft Publication Service Device Host" beside it.
 */
static int finish(void *context, struct description **out)
{
	struct reader *reader = context;
	struct description *description = reader->description;
	int error = xml_walk_finish(reader->walk);

	if (error && error != -EMSGSIZE)
		return error;
	if (!description || !reader->says_anything)
		return -EBADMSG;
	if (reader->computer) {
		free(description->devices[0].friendly_name);
		description->devices[0].friendly_name = reader->computer;
		reader->computer = NULL;
	}
	description->whole = xml_walk_complete(reader->walk);
	description->ignored += xml_walk_surplus(reader->walk);
	reader->description = NULL;
	*out = description;
	return 0;
}

const struct page_reader_type WSD_METADATA_READER = {create, destroy, feed, complete, finish};

static void write_escaped(struct slice text, struct writer *w)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.bytes[i];
		if (c == '&' || c == '<' || c == '>')
			writer_format(w, "&#%d;", c);
		else
			writer_char(w, c);
	}
}

void wsd_get_format(enum wsd_dialect dialect, struct slice to, struct slice id, struct writer *w)
{
	static const struct {
		const char *addressing, *anonymous;
	} DIALECTS[WSD_DIALECTS] = {
	    [WSD_2005] = {ADDRESSING_2004, ADDRESSING_2004 "/role/anonymous"},
	    [WSD_1_1] = {ADDRESSING_2005, ADDRESSING_2005 "/anonymous"},
	};

	writer_format(w,
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<soap:Envelope xmlns:soap=\"" SOAP_1_2
	    "\" xmlns:wsa=\"%s\"><soap:Header><wsa:To>",
	    DIALECTS[dialect].addressing);
	write_escaped(to, w);
	writer_text(w, "</wsa:To><wsa:Action>" GET "</wsa:Action><wsa:MessageID>");
	write_escaped(id, w);
	writer_format(w,
	    "</wsa:MessageID><wsa:ReplyTo><wsa:Address>%s</wsa:Address></wsa:ReplyTo>"
	    "</soap:Header><soap:Body/></soap:Envelope>\n",
	    DIALECTS[dialect].anonymous);
}

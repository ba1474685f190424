/* SPDX-License-Identifier: ISC
 * wsd_message: see wsd_message.h. */
#include "wire/wsd_message.h"
#include "base/percent.h"
#include "wire/xml_walk.h"
#include <errno.h>
#include <string.h>

#define DISCOVERY_2005  "http://schemas.xmlsoap.org/ws/2005/04/discovery"
#define DISCOVERY_1_1   "http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01"
#define ADDRESSING_2004 "http://schemas.xmlsoap.org/ws/2004/08/addressing"
#define ADDRESSING_2005 "http://www.w3.org/2005/08/addressing"
#define SOAP_1_2        "http://www.w3.org/2003/05/soap-envelope"
#define SOAP_1_1        "http://schemas.xmlsoap.org/soap/envelope/"
#define ONVIF_SCOPE     "onvif://www.onvif.org/"

enum space { SOAP, ADDRESSING, DISCOVERY };
static const struct xml_space SPACES[] = {
    {SOAP, 0, SOAP_1_2},
    {SOAP, 0, SOAP_1_1},
    {ADDRESSING, 0, ADDRESSING_2004},
    {ADDRESSING, 0, ADDRESSING_2005},
    {DISCOVERY, WSD_2005, DISCOVERY_2005},
    {DISCOVERY, WSD_1_1, DISCOVERY_1_1},
    {0},
};

enum element {
	DOCUMENT,
	ENVELOPE,
	HEADER,
	MESSAGE_ID,
	RELATES_TO,
	SOURCE,
	SENDER,
	APP_SEQUENCE,
	BODY,
	QUESTION, /* a Probe */
	MATCHES,
	MATCH, /* also Hello, Bye and Resolve */
	REFERENCE,
	ADDRESS,
	TYPES,
	SCOPES,
	XADDRS,
	METADATA_VERSION,
};

/* `value` of what stands in the body is the kind of the message. */
static const struct xml_row ROWS[] = {
    {DOCUMENT, SOAP, "Envelope", ENVELOPE, 0, false},
    {ENVELOPE, SOAP, "Header", HEADER, 0, false},
    {HEADER, ADDRESSING, "MessageID", MESSAGE_ID, 0, true},
    {HEADER, ADDRESSING, "RelatesTo", RELATES_TO, 0, true},
    {HEADER, ADDRESSING, "From", SOURCE, 0, false},
    {SOURCE, ADDRESSING, "Address", SENDER, 0, true},
    {HEADER, DISCOVERY, "AppSequence", APP_SEQUENCE, 0, false},
    {ENVELOPE, SOAP, "Body", BODY, 0, false},
    {BODY, DISCOVERY, "Hello", MATCH, WSD_HELLO, false},
    {BODY, DISCOVERY, "Bye", MATCH, WSD_BYE, false},
    {BODY, DISCOVERY, "Probe", QUESTION, WSD_PROBE, false},
    {BODY, DISCOVERY, "ProbeMatches", MATCHES, WSD_PROBE_MATCHES, false},
    {BODY, DISCOVERY, "Resolve", MATCH, WSD_RESOLVE, false},
    {BODY, DISCOVERY, "ResolveMatches", MATCHES, WSD_RESOLVE_MATCHES, false},
    {MATCHES, DISCOVERY, "ProbeMatch", MATCH, 0, false},
    {MATCHES, DISCOVERY, "ResolveMatch", MATCH, 0, false},
    {MATCH, ADDRESSING, "EndpointReference", REFERENCE, 0, false},
    {REFERENCE, ADDRESSING, "Address", ADDRESS, 0, true},
    {MATCH, DISCOVERY, "Types", TYPES, 0, true},
    {MATCH, DISCOVERY, "Scopes", SCOPES, 0, true},
    {MATCH, DISCOVERY, "XAddrs", XADDRS, 0, true},
    {MATCH, DISCOVERY, "MetadataVersion", METADATA_VERSION, 0, true},
    {0},
};

/* A message that is being read. */
struct reading {
	struct wsd_message *message;
	bool has_kind;
	bool second;  /* in another message than the first one of the body */
	bool ignored; /* the open match is one too many */
};

static void read_instance(struct wsd_message *message, const struct xml_walk *walk)
{
	uint64_t number;

	if (slice_to_u64(xml_walk_attribute(walk, "InstanceId"), UINT32_MAX, &number) < 0)
		return;
	message->has_instance = true;
	message->instance = (uint32_t)number;
}

/* The first element of the body is the message. */
static void begin(void *context, const struct xml_row *row, const struct xml_space *space,
    const struct xml_walk *walk)
{
	struct reading *reading = context;
	struct wsd_message *message = reading->message;

	if (row->self == APP_SEQUENCE && !message->has_instance)
		read_instance(message, walk);
	if (row->parent == BODY) {
		reading->second = reading->has_kind;
		message->surplus += reading->second;
		if (!reading->second) {
			message->kind = row->value;
			message->dialect = space->version;
		}
		reading->has_kind = true;
	}
	if (row->self != MATCH)
		return;
	bool full = message->match_count == WSD_MATCHES_MAX;
	reading->ignored = full || reading->second;
	message->surplus += full && !reading->second;
	if (!reading->ignored)
		message->matches[message->match_count++] = (struct wsd_match){0};
}

/* The first of several counts. */
static void keep(struct wsd_message *message, struct slice *place, struct slice text)
{
	size_t room = sizeof(message->text) - message->text_len;

	if (place->len || text.len == 0)
		return;
	if (text.len > room) {
		message->surplus++;
		return;
	}
	char *copy = message->text + message->text_len;
	memcpy(copy, text.bytes, text.len);
	message->text_len += text.len;
	*place = (struct slice){copy, text.len};
}

static void keep_version(struct wsd_match *match, struct slice text)
{
	uint64_t number;

	if (match->has_version || slice_to_u64(text, UINT32_MAX, &number) < 0)
		return;
	match->has_version = true;
	match->version = (uint32_t)number;
}

/* An endpoint without an identity says nothing. */
static void end_match(struct wsd_message *message)
{
	if (message->match_count > 0 && message->matches[message->match_count - 1].address.len == 0)
		message->match_count--;
}

static void end_in_match(struct wsd_message *message, const struct xml_row *row, struct slice text)
{
	struct wsd_match *match = &message->matches[message->match_count - 1];

	switch (row->self) {
	case ADDRESS:
		keep(message, &match->address, text);
		break;
	case TYPES:
		keep(message, &match->types, text);
		break;
	case SCOPES:
		keep(message, &match->scopes, text);
		break;
	case XADDRS:
		keep(message, &match->xaddrs, text);
		break;
	case METADATA_VERSION:
		keep_version(match, text);
		break;
	case MATCH:
		end_match(message);
		break;
	}
}

static int end(void *context, const struct xml_row *row, struct slice text)
{
	struct reading *reading = context;
	struct wsd_message *message = reading->message;

	if (row->self == MESSAGE_ID)
		keep(message, &message->message_id, text);
	else if (row->self == RELATES_TO)
		keep(message, &message->relates_to, text);
	else if (row->self == SENDER)
		keep(message, &message->sender, text);
	else if (row->self >= MATCH && !reading->ignored)
		end_in_match(message, row, text);
	return 0;
}

int wsd_parse(struct slice datagram, struct wsd_message *message)
{
	static const struct xml_grammar GRAMMAR = {SPACES, ROWS, begin, end};
	struct reading reading = {.message = message};

	if (datagram.len > WSD_DATAGRAM_MAX)
		return -EMSGSIZE;
	message->message_id = message->relates_to = message->sender = SLICE_NONE;
	message->has_instance = false;
	message->instance = 0;
	message->match_count = message->surplus = message->text_len = 0;
	struct xml_walk *walk = xml_walk_new(&GRAMMAR, WSD_DATAGRAM_MAX, &reading);
	if (!walk)
		return -ENOMEM;
	xml_walk_feed(walk, datagram);
	int error = xml_walk_finish(walk);
	message->surplus += xml_walk_surplus(walk);
	xml_walk_free(walk);
	if (error)
		return error;
	bool needs_match = reading.has_kind && message->kind != WSD_PROBE;
	return reading.has_kind && (message->match_count || !needs_match) ? 0 : -ENOMSG;
}

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

void wsd_format(const struct wsd_question *question, struct writer *w)
{
	static const struct {
		const char *discovery, *addressing, *to;
	} DIALECTS[WSD_DIALECTS] = {
	    [WSD_2005] = {DISCOVERY_2005, ADDRESSING_2004,
		"urn:schemas-xmlsoap-org:ws:2005:04:discovery"},
	    [WSD_1_1] = {DISCOVERY_1_1, ADDRESSING_2005,
		"urn:docs-oasis-open-org:ws-dd:ns:discovery:2009:01"},
	};
	const char *discovery = DIALECTS[question->dialect].discovery;
	const char *word = question->address.len ? "Resolve" : "Probe";

	writer_format(w,
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<soap:Envelope xmlns:soap=\"" SOAP_1_2
	    "\" xmlns:wsa=\"%s\" xmlns:wsd=\"%s\"><soap:Header>"
	    "<wsa:To>%s</wsa:To><wsa:Action>%s/%s</wsa:Action><wsa:MessageID>",
	    DIALECTS[question->dialect].addressing, discovery, DIALECTS[question->dialect].to,
	    discovery, word);
	write_escaped(question->id, w);
	writer_text(w, "</wsa:MessageID>");
	if (question->sender.len) {
		writer_text(w, "<wsa:From><wsa:Address>");
		write_escaped(question->sender, w);
		writer_text(w, "</wsa:Address></wsa:From>");
	}
	writer_text(w, "</soap:Header><soap:Body>");
	if (question->address.len) {
		writer_text(w, "<wsd:Resolve><wsa:EndpointReference><wsa:Address>");
		write_escaped(question->address, w);
		writer_text(w, "</wsa:Address></wsa:EndpointReference></wsd:Resolve>");
	} else {
		writer_text(w, "<wsd:Probe/>");
	}
	writer_text(w, "</soap:Body></soap:Envelope>\n");
}

bool wsd_scope_read(struct slice scope, struct slice *category, struct writer *value)
{
	struct slice rest = slice_without_prefix_nocase(scope, SLICE(ONVIF_SCOPE));

	if (rest.len == scope.len || !slice_cut(&rest, '/', category) || rest.len == 0 ||
	    category->len == 0)
		return false;
	percent_decode(rest, value);
	return !writer_error(value);
}

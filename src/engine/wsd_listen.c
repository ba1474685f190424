/* SPDX-License-Identifier: ISC
 * wsd_listen: makes sightings of the WS-Discovery messages of others. */
#include "base/array.h"
#include "engine/wsd_internal.h"
#include "wire/url.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TYPES_MAX = 16, TXT_PAIR_MAX = 255 };
/* Rounds of questions that it may miss: the protocol knows no lifetime. */
enum { ROUNDS_MISSED = 3 };
/* A control point is there while it keeps asking. */
#define ASKER_LIFETIME SECONDS(300)

/* Scopes of ONVIF that say what has a place of its own. */
static const struct scope_row {
	struct slice category;
	enum endpoint_fact fact;
} SCOPES[] = {
    {SLICE("name"), FACT_NAME},
    {SLICE("hardware"), FACT_MODEL},
    {SLICE("manufacturer"), FACT_MANUFACTURER},
    {SLICE("mfr"), FACT_MANUFACTURER},
};

/* The parts of one sighting. */
struct told {
	char facts[FACTS][ENDPOINT_TEXT_MAX];
	char txt[ENDPOINT_TXT_MAX];
	struct sighted_service services[TYPES_MAX];
};

/* Takes the next item off a list as XML Schema has it. False when there is none. */
static bool next_item(struct slice *list, struct slice *item)
{
	static const char SPACE[] = " \t\r\n";

	while (list->len && memchr(SPACE, list->bytes[0], sizeof(SPACE) - 1))
		*list = slice_skip(*list, 1);
	item->bytes = list->bytes;
	item->len = 0;
	while (item->len < list->len && !memchr(SPACE, list->bytes[item->len], sizeof(SPACE) - 1))
		item->len++;
	*list = slice_skip(*list, item->len);
	return item->len > 0;
}

/* "wsdp:Device" is a type of nearly all. */
static bool is_general(struct slice type)
{
	return slice_ends_with(type, SLICE(":Device")) || slice_equal(type, SLICE("Device"));
}

/* The types are its services: "wprt:PrintDeviceType", "wscn:ScanDeviceType". The first that says
 * more than "Device" is its type, and leads. */
static void tell_types(const struct wsd_match *match, struct told *told, struct sighting *sighting)
{
	struct slice rest = match->types, type;
	size_t chosen = 0;

	sighting->services = told->services;
	while (sighting->service_count < TYPES_MAX && next_item(&rest, &type)) {
		size_t at = sighting->service_count, earlier = 0;
		while (earlier < at && !slice_equal(told->services[earlier].type, type))
			earlier++;
		if (earlier < at)
			continue;
		told->services[at].type = type;
		sighting->service_count++;
		if (is_general(told->services[chosen].type) && !is_general(type))
			chosen = at;
	}
	if (sighting->service_count == 0)
		return;
	sighting->facts[FACT_TYPE] = told->services[chosen].type;
	struct sighted_service first = told->services[0];
	told->services[0] = told->services[chosen];
	told->services[chosen] = first;
}

/* Appends "category=value" (RFC 6763, 6.1). */
static void add_pair(struct writer *txt, struct slice category, struct slice value)
{
	size_t len = category.len + 1 + value.len;

	if (len > TXT_PAIR_MAX || len + 1 > txt->capacity - txt->len)
		return;
	writer_char(txt, (char)(unsigned char)len);
	writer_slice(txt, category);
	writer_char(txt, '=');
	writer_slice(txt, value);
}

/* ONVIF puts name and model of a device into its scopes; the others, such as its location, are kept
 * with its first service. The first of several names counts. */
static void tell_scopes(const struct wsd_match *match, struct told *told, struct sighting *sighting)
{
	struct slice rest = match->scopes, scope;
	struct writer txt;

	writer_init(&txt, told->txt, sizeof(told->txt));
	while (next_item(&rest, &scope)) {
		char buffer[ENDPOINT_TEXT_MAX];
		struct writer value;
		struct slice category;
		writer_init(&value, buffer, sizeof(buffer));
		if (!wsd_scope_read(scope, &category, &value))
			continue;
		add_pair(&txt, category, writer_result(&value));
		for (size_t i = 0; i < COUNT_OF(SCOPES); i++) {
			enum endpoint_fact fact = SCOPES[i].fact;
			if (!slice_equal_nocase(category, SCOPES[i].category) ||
			    sighting->facts[fact].len)
				continue;
			memcpy(told->facts[fact], buffer, value.len);
			sighting->facts[fact] = (struct slice){told->facts[fact], value.len};
		}
	}
	if (sighting->service_count)
		told->services[0].txt = writer_result(&txt);
}

/* The first of its URLs that leads back to the sender. What has said its name by a scope is not
 * asked for more: cameras answer that by a fault. */
static void tell_url(
    const struct wsd_match *match, const struct address *from, struct sighting *sighting)
{
	struct slice rest = match->xaddrs, item;

	while (sighting->facts[FACT_NAME].len == 0 && next_item(&rest, &item)) {
		struct url url;
		struct address host;
		if (url_parse(item, &url) < 0 || !slice_equal_nocase(url.scheme, SLICE("http")) ||
		    address_parse(url.host, &host) < 0 || !address_equal(&host, from))
			continue;
		sighting->url = item;
		return;
	}
}

static struct sighting sighting_of(const struct wsd *wsd, const struct datagram *datagram,
    const struct link *link, struct slice id)
{
	return (struct sighting){
	    .event = SIGHTING_ALIVE,
	    .scope = SCOPE_ENDPOINT,
	    .protocol = &wsd->engine.type->id,
	    .key = key_of_id(id),
	    .from = datagram->from.address,
	    .link = link->index,
	    .network = link_network_len(link, &datagram->from.address),
	    .epoch = {wsd->message->has_instance, wsd->message->instance},
	    .dialect = (uint8_t)wsd->message->dialect,
	    .answers_us = datagram->channel == CHANNEL_OWN,
	};
}

static void sight_match(struct wsd *wsd, const struct datagram *datagram, const struct link *link,
    const struct wsd_match *match, struct outbox *outbox)
{
	struct sighting sighting = sighting_of(wsd, datagram, link, match->address);
	struct told told = {0};
	int64_t round = SECONDS(wsd_values(wsd)->search_interval);

	/* a round may take a fifth longer (rng_around()) */
	sighting.lifetime = (ROUNDS_MISSED + 1) * (round / 5 * 6);
	sighting.revision = (struct sighting_number){match->has_version, match->version};
	if (wsd->message->kind == WSD_BYE)
		sighting.event = SIGHTING_LEFT;
	tell_types(match, &told, &sighting);
	tell_scopes(match, &told, &sighting);
	tell_url(match, &datagram->from.address, &sighting);
	outbox_sighting(outbox, &sighting);
}

/* One that names its own endpoint, as another discoverd does, is known by what it announces: it
 * must not stay as a control point when it leaves. */
static void sight_asker(struct wsd *wsd, const struct datagram *datagram, const struct link *link,
    struct outbox *outbox)
{
	struct sighting sighting = sighting_of(wsd, datagram, link, SLICE(""));

	if (wsd->message->sender.len)
		return;
	sighting.event = SIGHTING_ASKED;
	sighting.lifetime = ASKER_LIFETIME;
	outbox_sighting(outbox, &sighting);
}

/* The table writes its keys in its own way. */
static void stop_reconfirm(struct wsd *wsd, const struct address *from, struct slice id)
{
	struct key key = key_of_id(id);
	char text[KEY_TEXT_MAX];

	key_format(&key, text);
	reconfirm_queue_answered(&wsd->reconfirms, from, slice_of(text));
}

/* Types and XAddrs may be left out of all but the answer to a Resolve (WS-Discovery 1.1, 4.1). */
static void take_matches(struct wsd *wsd, struct instant now, const struct datagram *datagram,
    const struct link *link, struct outbox *outbox)
{
	const struct wsd_message *message = wsd->message;

	for (size_t i = 0; i < message->match_count; i++) {
		const struct wsd_match *match = &message->matches[i];
		sight_match(wsd, datagram, link, match, outbox);
		if (message->kind == WSD_BYE)
			continue;
		stop_reconfirm(wsd, &datagram->from.address, match->address);
		bool missing = match->xaddrs.len == 0 || match->types.len == 0;
		if (missing && message->kind != WSD_RESOLVE_MATCHES)
			wsd_query_resolve(wsd, now, link->index, message->dialect, match->address);
	}
}

static void refuse(struct wsd *wsd, enum wsd_counter why, struct outbox *outbox)
{
	wsd_counted(wsd, why);
	outbox->refused = true;
}

/* The link of the sender: the one that the datagram came in by. Answers of another program on this
 * host come in by the loopback and belong to the link with its address. NULL when the source is not
 * in a network of the link. */
static const struct link *link_of(const struct wsd *wsd, const struct datagram *datagram)
{
	const struct address *from = &datagram->from.address;
	const struct link *link = link_set_find(wsd->context->links, datagram->link);

	if (datagram->from.port == 0)
		return NULL;
	if (link && link_has_neighbour(link, from))
		return link;
	return link_set_find_address(wsd->context->links, from);
}

/* Only answers are taken from our ephemeral port. */
static void dispatch(struct wsd *wsd, struct instant now, const struct datagram *datagram,
    const struct link *link, struct outbox *outbox)
{
	static const enum wsd_counter COUNTER_OF[] = {
	    [WSD_HELLO] = WSD_ANNOUNCEMENTS,
	    [WSD_BYE] = WSD_GOODBYES,
	    [WSD_PROBE] = WSD_QUESTIONS,
	    [WSD_PROBE_MATCHES] = WSD_ANSWERS,
	    [WSD_RESOLVE] = WSD_QUESTIONS,
	    [WSD_RESOLVE_MATCHES] = WSD_ANSWERS,
	};
	enum wsd_counter counter = COUNTER_OF[wsd->message->kind];

	if (datagram->channel == CHANNEL_OWN && counter != WSD_ANSWERS) {
		refuse(wsd, WSD_IGNORED, outbox);
		return;
	}
	wsd_counted(wsd, counter);
	if (counter == WSD_QUESTIONS)
		sight_asker(wsd, datagram, link, outbox);
	else
		take_matches(wsd, now, datagram, link, outbox);
}

/* Our questions come back on every interface, and from bridges that reflect. */
static bool is_own(const struct wsd *wsd, const struct datagram *datagram)
{
	return datagram->from.port == datagram->own_port &&
	       link_set_has_address(wsd->context->links, &datagram->from.address);
}

/* Into wsd->message. */
static int parse(struct wsd *wsd, const struct datagram *datagram)
{
	if (datagram->truncated)
		return -EMSGSIZE;
	if (!wsd->message)
		wsd->message = calloc(1, sizeof(*wsd->message));
	return wsd->message ? wsd_parse(datagram->bytes, wsd->message) : -ENOMEM;
}

void wsd_listen(
    struct wsd *wsd, struct instant now, const struct datagram *datagram, struct outbox *outbox)
{
	const struct link *link = link_of(wsd, datagram);

	wsd_counted(wsd, WSD_RECEIVED);
	if (is_own(wsd, datagram)) {
		wsd_counted(wsd, WSD_OWN);
		return;
	}
	if (!link) {
		refuse(wsd, WSD_OFF_LINK, outbox);
		return;
	}
	int error = parse(wsd, datagram);
	if (error) {
		refuse(wsd, error == -EMSGSIZE ? WSD_OVERSIZED : WSD_MALFORMED, outbox);
		return;
	}
	wsd->counters[WSD_SURPLUS].value += wsd->message->surplus;
	dispatch(wsd, now, datagram, link, outbox);
}

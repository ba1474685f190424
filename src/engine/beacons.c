/* SPDX-License-Identifier: ISC
 * beacons: see beacons.h. It announces nothing: what it sends are the vendors' questions. */
#include "engine/beacons.h"
#include "base/array.h"
#include "engine/reconfirm_queue.h"
#include "model/link_change.h"
#include "wire/beacon.h"
#include "wire/beacon_cipher.h"
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

/* A device that was not heard for so many of its intervals is gone. */
enum { MISSES = 3, RANK = 50 };
/* From one question to the next; each is sent twice, because datagrams get lost. */
#define ASK_INTERVAL SECONDS(300)
#define ASK_AGAIN    SECONDS(1)
#define ASK_DELAY    MILLISECONDS(100)
enum { ASK_TIMES = 2 };

static const struct vendor {
	const char *name; /* of keys and counters */
	const char *maker;
} VENDORS[BEACON_VENDORS] = {
    [BEACON_YEELIGHT] = {"yeelight", "Yeelight"},
    [BEACON_TUYA] = {"tuya", "Tuya"},
    [BEACON_KASA] = {"kasa", "TP-Link"},
    [BEACON_WIZ] = {"wiz", "WiZ"},
    [BEACON_PLEX] = {"plex", "Plex"},
    [BEACON_LIFX] = {"lifx", "LIFX"},
};

#define IPV4(...)                                                                                  \
	{                                                                                          \
		.family = ADDRESS_IPV4, .bytes = { __VA_ARGS__ }                                   \
	}
static const struct address LIMITED_BROADCAST = IPV4(255, 255, 255, 255);
static const struct address YEELIGHT_GROUP = IPV4(239, 255, 255, 250);
static const struct address PLEX_GROUP = IPV4(239, 0, 0, 250);

/* One row per port. */
static const struct beacon_port {
	uint8_t vendor;
	bool encrypted;
	uint16_t number;
	const struct address *to; /* a group, or all */
	int64_t interval;         /* of what is heard without a question */
	beacon_read_fn *read;
	beacon_ask_fn *ask; /* NULL: the format has no question */
} PORTS[] = {
    {BEACON_YEELIGHT, false, 1982, &YEELIGHT_GROUP, SECONDS(3600), beacon_read_yeelight,
	beacon_ask_yeelight},
    {BEACON_TUYA, false, 6666, &LIMITED_BROADCAST, SECONDS(10), beacon_read_tuya, NULL},
    {BEACON_TUYA, true, 6667, &LIMITED_BROADCAST, SECONDS(10), beacon_read_tuya, NULL},
    {BEACON_KASA, false, 9999, &LIMITED_BROADCAST, SECONDS(300), beacon_read_kasa, beacon_ask_kasa},
    {BEACON_KASA, false, 20002, &LIMITED_BROADCAST, SECONDS(300), beacon_read_tplink,
	beacon_ask_tplink},
    {BEACON_WIZ, false, 38899, &LIMITED_BROADCAST, SECONDS(300), beacon_read_wiz, beacon_ask_wiz},
    /* once when it is switched on */
    {BEACON_WIZ, false, 38900, &LIMITED_BROADCAST, SECONDS(1200), beacon_read_wiz, NULL},
    {BEACON_PLEX, false, 32413, &PLEX_GROUP, SECONDS(300), beacon_read_plex, NULL},
    {BEACON_PLEX, false, 32414, &PLEX_GROUP, SECONDS(300), beacon_read_plex, beacon_ask_plex},
    {BEACON_LIFX, false, 56700, &LIMITED_BROADCAST, SECONDS(300), beacon_read_lifx,
	beacon_ask_lifx},
};
_Static_assert(COUNT_OF(PORTS) <= ENGINE_SOCKETS_MAX, "ENGINE_SOCKETS_MAX");

enum {
	COUNT_RECEIVED,
	COUNT_OVERSIZED,
	COUNT_SURPLUS,
	COUNT_OWN,
	COUNT_OFF_LINK,
	COUNT_QUESTIONS,
	COUNT_ASKED,
	COUNT_HEARD,                                    /* and the vendor */
	COUNT_MALFORMED = COUNT_HEARD + BEACON_VENDORS, /* likewise */
	COUNTERS = COUNT_MALFORMED + BEACON_VENDORS
};
static const char *const COUNTER_NAMES[COUNTERS] = {
    [COUNT_RECEIVED] = "received",
    [COUNT_OVERSIZED] = "oversized",
    [COUNT_SURPLUS] = "surplus",
    [COUNT_OWN] = "own",
    [COUNT_OFF_LINK] = "off-link",
    [COUNT_QUESTIONS] = "questions",
    [COUNT_ASKED] = "asked",
    [COUNT_HEARD + BEACON_YEELIGHT] = "yeelight",
    [COUNT_HEARD + BEACON_TUYA] = "tuya",
    [COUNT_HEARD + BEACON_KASA] = "kasa",
    [COUNT_HEARD + BEACON_WIZ] = "wiz",
    [COUNT_HEARD + BEACON_PLEX] = "plex",
    [COUNT_HEARD + BEACON_LIFX] = "lifx",
    [COUNT_MALFORMED + BEACON_YEELIGHT] = "yeelight-malformed",
    [COUNT_MALFORMED + BEACON_TUYA] = "tuya-malformed",
    [COUNT_MALFORMED + BEACON_KASA] = "kasa-malformed",
    [COUNT_MALFORMED + BEACON_WIZ] = "wiz-malformed",
    [COUNT_MALFORMED + BEACON_PLEX] = "plex-malformed",
    [COUNT_MALFORMED + BEACON_LIFX] = "lifx-malformed",
};

struct beacons {
	struct engine engine;
	const struct engine_context *context;
	struct instant ask_due; /* never where it does not ask */
	unsigned asks_left;     /* of this time */
	struct reconfirm_queue reconfirms;
	struct counter counters[COUNTERS];
};

#define AT(member) offsetof(struct beacons_config, member)
#define VENDOR(key, index, help)                                                                   \
	{                                                                                          \
		"Beacons", key, CONFIG_BOOL, AT(vendors[index]), 0, 1, "yes", help                 \
	}
static const struct config_option OPTIONS[] = {
    {"Beacons", "enabled", CONFIG_BOOL, AT(enabled), 0, 1, "yes",
	"Hear what devices broadcast in the formats of their vendors"},
    {"Beacons", "ask", CONFIG_BOOL, AT(ask), 0, 1, "no",
	"Also send the vendors' questions, for devices that only answer"},
    VENDOR("yeelight", BEACON_YEELIGHT, "Lamps of Yeelight"),
    VENDOR("tuya", BEACON_TUYA, "Devices with modules of Tuya"),
    VENDOR("kasa", BEACON_KASA, "Kasa and Tapo devices of TP-Link"),
    VENDOR("wiz", BEACON_WIZ, "Lamps of WiZ"),
    VENDOR("plex", BEACON_PLEX, "Servers and players of Plex"),
    VENDOR("lifx", BEACON_LIFX, "Lamps of LIFX"),
};
static const struct config_section SECTION = {
    {OPTIONS, COUNT_OF(OPTIONS)}, sizeof(struct beacons_config)};

/* The next row that is to be open, from *at on; NULL at the end. */
static const struct beacon_port *next_port(const struct config *config, size_t *at)
{
	while (*at < COUNT_OF(PORTS)) {
		const struct beacon_port *port = &PORTS[(*at)++];
		bool readable = !port->encrypted || BEACON_CIPHER_HERE;

		if (beacons_config(config)->vendors[port->vendor] && readable)
			return port;
	}
	return NULL;
}

/* The row of the sockets with this number. */
static const struct beacon_port *port_at(const struct config *config, uint8_t row)
{
	const struct beacon_port *port = NULL;
	size_t at = 0;

	do
		port = next_port(config, &at);
	while (port && row-- > 0);
	return port;
}

static bool is_enabled(const struct config *config)
{
	return beacons_config(config)->enabled && port_at(config, 0);
}

static size_t sockets_of(
    const struct config *config, struct engine_sockets sockets[ENGINE_SOCKETS_MAX])
{
	const struct beacon_port *port;
	size_t count = 0;

	for (size_t at = 0; (port = next_port(config, &at));)
		sockets[count++] = (struct engine_sockets){
		    .port = port->number,
		    .datagram_max = BEACON_DATAGRAM_MAX,
		    .groups = port->to,
		    .group_count = 1,
		    .by_group = true,
		    .broadcast = true,
		    .ephemeral = port->ask && beacons_config(config)->ask,
		};
	return count;
}

static const char *lacks(const struct config *config)
{
	if (BEACON_CIPHER_HERE || !beacons_config(config)->vendors[BEACON_TUYA])
		return NULL;
	return "this build has no cipher (nettle): Tuya devices that send encrypted beacons to UDP "
	       "port 6667 are not heard";
}

static struct engine *create(const struct engine_context *context)
{
	struct beacons *b = malloc(sizeof(*b));

	if (!b)
		return NULL;
	*b = (struct beacons){
	    .engine = {.type = &BEACONS_ENGINE}, .context = context, .ask_due = INSTANT_NEVER};
	counters_init(b->counters, COUNTER_NAMES, COUNTERS);
	return &b->engine;
}

static void destroy(struct engine *engine)
{
	struct beacons *b = (struct beacons *)engine;

	reconfirm_queue_fini(&b->reconfirms);
	free(b);
}

/* Questions. */

/* `row` is the one of this port among those that are open. */
static void ask(struct beacons *b, const struct beacon_port *port, uint8_t row,
    const struct link *link, const struct address *source, const struct address *to,
    struct outbox *outbox)
{
	char buffer[BEACON_ASK_MAX];
	struct writer w;

	writer_init(&w, buffer, sizeof(buffer));
	port->ask(&w);
	b->counters[COUNT_ASKED].value++;
	outbox_send(outbox, &(struct outbox_send){
				.row = row,
				.channel = CHANNEL_OWN,
				.link = link->index,
				.source = *source,
				.to = {to ? *to : *port->to, port->number},
				.bytes = writer_result(&w),
			    });
}

static void ask_on(struct beacons *b, const struct link *link, struct outbox *outbox)
{
	const struct link_address *source = link_source(link, ADDRESS_IPV4, NULL);
	const struct beacon_port *port;
	size_t at = 0;

	if (!source || link->loopback)
		return;
	for (uint8_t row = 0; (port = next_port(b->context->config, &at)); row++) {
		bool reaches = address_is_multicast(port->to) ? link->multicast : link->broadcast;
		if (port->ask && reaches)
			ask(b, port, row, link, &source->prefix.address, NULL, outbox);
	}
}

static bool may_ask(const struct beacons *b)
{
	return beacons_config(b->context->config)->ask;
}

/* Soon: links and addresses that come together cause one question. */
static void ask_soon(struct beacons *b, struct instant now)
{
	if (!may_ask(b))
		return;
	b->asks_left = ASK_TIMES;
	b->ask_due = instant_add(now, rng_between(b->context->rng, 0, ASK_DELAY));
}

struct sending {
	struct beacons *b;
	struct outbox *outbox;
};

static bool is_of(struct slice key, const struct vendor *vendor)
{
	struct slice rest = slice_without_prefix_nocase(key, slice_of(vendor->name));

	return rest.len < key.len && slice_starts_with(rest, SLICE(":"));
}

/* Addresses may have changed since it was queued: it stays inside the networks of the link. */
static void send_reconfirm(void *context, const struct engine_reconfirm *reconfirm, bool again)
{
	const struct sending *sending = context;
	struct beacons *b = sending->b;
	const struct link *link = link_set_find(b->context->links, reconfirm->link);
	const struct link_address *source =
	    link ? link_source(link, reconfirm->address.family, &reconfirm->address) : NULL;
	const struct beacon_port *port;
	size_t at = 0;

	(void)again;
	if (!source || !may_ask(b) || !link_has_neighbour(link, &reconfirm->address))
		return;
	for (uint8_t row = 0; (port = next_port(b->context->config, &at)); row++)
		if (port->ask && is_of(reconfirm->key, &VENDORS[port->vendor]))
			ask(b, port, row, link, &source->prefix.address, &reconfirm->address,
			    sending->outbox);
}

static void reconfirm(
    struct engine *engine, struct instant now, const struct engine_reconfirm *reconfirm)
{
	struct beacons *b = (struct beacons *)engine;

	if (may_ask(b))
		reconfirm_queue_add(&b->reconfirms, now, reconfirm);
}

static void advance(struct engine *engine, struct instant now, struct outbox *outbox)
{
	struct beacons *b = (struct beacons *)engine;

	reconfirm_queue_advance(&b->reconfirms, now, send_reconfirm, &(struct sending){b, outbox});
	if (!instant_due(b->ask_due, now))
		return;
	for (size_t i = 0; i < b->context->links->count; i++)
		ask_on(b, &b->context->links->links[i], outbox);
	if (b->asks_left > 1) {
		b->asks_left--;
		b->ask_due = instant_add(now, ASK_AGAIN);
	} else {
		b->asks_left = ASK_TIMES;
		b->ask_due = instant_add(now, rng_around(b->context->rng, ASK_INTERVAL));
	}
}

static struct instant deadline(const struct engine *engine)
{
	const struct beacons *b = (const struct beacons *)engine;

	return instant_earlier(b->ask_due, reconfirm_queue_deadline(&b->reconfirms));
}

static void start(struct engine *engine, struct instant now, struct outbox *outbox)
{
	(void)outbox;
	ask_soon((struct beacons *)engine, now);
}

static void link_changed(struct engine *engine, struct instant now,
    const struct link_change *change, struct outbox *outbox)
{
	(void)outbox;
	if (change->event == LINK_CAME ||
	    (change->event == LINK_ADDRESS_CAME &&
		change->address->prefix.address.family == ADDRESS_IPV4))
		ask_soon((struct beacons *)engine, now);
}

static void offer_changed(struct engine *engine, struct instant now,
    const struct offer_change *change, struct outbox *outbox)
{
	(void)engine, (void)now, (void)change, (void)outbox;
}

static void search(struct engine *engine, struct instant now, struct slice target, unsigned seconds,
    struct outbox *outbox)
{
	(void)target, (void)seconds, (void)outbox;
	ask_soon((struct beacons *)engine, now);
}

static bool matches(const struct endpoint *endpoint, struct slice target)
{
	struct key key = key_of_id(target);
	const char *type = endpoint_fact(endpoint, FACT_TYPE);

	return key_equal(&key, &endpoint->key) ||
	       (type && slice_equal_nocase(slice_of(type), target));
}

/* Whatever changes here needs other sockets, so that the engine starts anew. */
static void reconfigured(
    struct engine *engine, struct instant now, const struct config *before, struct outbox *outbox)
{
	(void)engine, (void)now, (void)before, (void)outbox;
}

static void stop(struct engine *engine, struct instant now, struct outbox *outbox)
{
	(void)engine, (void)now, (void)outbox;
}

/* Input. */

/* What answers our questions comes when we ask. */
static int64_t lifetime_of(
    const struct beacons *b, const struct beacon_port *port, const struct beacon *beacon)
{
	int64_t interval = port->interval;

	if (beacon->kind == BEACON_GONE)
		return 0;
	if (port->ask && may_ask(b) && interval < ASK_INTERVAL)
		interval = ASK_INTERVAL;
	return MISSES * interval;
}

static void report(struct beacons *b, const struct datagram *datagram, const struct link *link,
    const struct beacon_port *port, const struct beacon *beacon, struct outbox *outbox)
{
	const struct vendor *vendor = &VENDORS[port->vendor];
	char id[KEY_TEXT_MAX], server[BEACON_VALUE_MAX + 32];
	struct writer key, version;
	const struct sighted_service service = {
	    .type = beacon->service_type, .name = beacon->name, .port = beacon->service_port};

	writer_init(&key, id, sizeof(id));
	writer_format(&key, "%s:", vendor->name);
	writer_slice(&key, beacon->id);
	writer_init(&version, server, sizeof(server));
	if (beacon->version.len > 0) {
		writer_format(&version, "%s/", vendor->maker);
		writer_slice(&version, beacon->version);
	}
	outbox_sighting(
	    outbox, &(struct sighting){
			.event = beacon->kind == BEACON_GONE ? SIGHTING_LEFT : SIGHTING_ALIVE,
			.scope = SCOPE_ENDPOINT,
			.protocol = &BEACONS_ENGINE.id,
			.key = {.kind = KEY_OPAQUE, .text = writer_result(&key)},
			.from = datagram->from.address,
			.link = link->index,
			.network = link_network_len(link, &datagram->from.address),
			.lifetime = lifetime_of(b, port, beacon),
			.facts =
			    {
				[FACT_NAME] = beacon->name,
				[FACT_TYPE] = beacon->type,
				[FACT_MANUFACTURER] = slice_of(vendor->maker),
				[FACT_MODEL] = beacon->model,
				[FACT_SERVER] = writer_result(&version),
			    },
			.services = &service,
			.service_count = beacon->service_type.len > 0,
			.answers_us = datagram->channel == CHANNEL_OWN,
		    });
}

/* This host does not list itself: what programs on it send is passed over. */
static void input(struct engine *engine, struct instant now, const struct datagram *datagram,
    struct outbox *outbox)
{
	struct beacons *b = (struct beacons *)engine;
	const struct beacon_port *port = port_at(b->context->config, datagram->row);
	const struct link *link = link_set_find(b->context->links, datagram->link);
	const struct address *from = &datagram->from.address;
	struct beacon beacon;
	int error;

	(void)now;
	b->counters[COUNT_RECEIVED].value++;
	if (!port)
		return;
	if (link_set_has_address(b->context->links, from)) {
		b->counters[COUNT_OWN].value++;
		return;
	}
	error = datagram->truncated ? -EMSGSIZE : port->read(datagram->bytes, &beacon);
	if (error) {
		int malformed = COUNT_MALFORMED + port->vendor;
		b->counters[error == -EMSGSIZE ? COUNT_OVERSIZED : malformed].value++;
	} else if (!link || !link_has_neighbour(link, from)) {
		b->counters[COUNT_OFF_LINK].value++;
	} else if (beacon.kind == BEACON_QUESTION) {
		b->counters[COUNT_QUESTIONS].value++;
		return;
	} else {
		b->counters[COUNT_SURPLUS].value += beacon.surplus;
		b->counters[COUNT_HEARD + port->vendor].value++;
		report(b, datagram, link, port, &beacon, outbox);
		return;
	}
	outbox->refused = true;
}

static struct counter_group counters(const struct engine *engine)
{
	const struct beacons *b = (const struct beacons *)engine;

	return (struct counter_group){BEACONS_ENGINE.id.name, b->counters, COUNTERS};
}

const struct engine_type BEACONS_ENGINE = {
    .id = {"beacon", RANK},
    .section = &SECTION,
    .enabled = is_enabled,
    .sockets = sockets_of,
    .lacks = lacks,
    .create = create,
    .destroy = destroy,
    .start = start,
    .input = input,
    .advance = advance,
    .deadline = deadline,
    .link_changed = link_changed,
    .offer_changed = offer_changed,
    .search = search,
    .matches = matches,
    .reconfigured = reconfigured,
    .reconfirm = reconfirm,
    .stop = stop,
    .counters = counters,
};

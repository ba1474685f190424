/* SPDX-License-Identifier: ISC
 * mdns: see mdns.h. Which messages are heard, and what is configured. */
#include "engine/mdns.h"
#include "base/array.h"
#include "engine/mdns_browser_internal.h"
#include "engine/mdns_publisher_internal.h"
#include <stddef.h>
#include <stdlib.h>

enum { RANK = 30, TTL = 255 };
/* RFC 6762, 6: when more known answers follow. */
#define PARTS_DELAY_MIN MILLISECONDS(400)
#define PARTS_DELAY_MAX MILLISECONDS(500)

static const char *const COUNTER_NAMES[MDNS_COUNTERS] = {
    [MDNS_RECEIVED] = "received",
    [MDNS_OVERSIZED] = "oversized",
    [MDNS_MALFORMED] = "malformed",
    [MDNS_OWN] = "own",
    [MDNS_OFF_LINK] = "off-link",
    [MDNS_INVALID] = "invalid",
    [MDNS_QUERIES] = "queries",
    [MDNS_QUERIES_UNICAST] = "queries-for-unicast",
    [MDNS_QUERIES_SUPPRESSED] = "queries-suppressed",
    [MDNS_RECONFIRMS] = "reconfirms",
    [MDNS_UNVERIFIED] = "unverified",
    [MDNS_UNASKED] = "unasked",
    [MDNS_TYPES_REFUSED] = "types-refused",
    [MDNS_RECORDS_REFUSED] = "records-refused",
    [MDNS_RECORDS_EVICTED] = "records-evicted",
    [MDNS_PROBES] = "probes",
    [MDNS_PROBES_LOST] = "probes-lost",
    [MDNS_CONFLICTS_SEEN] = "conflicts",
    [MDNS_RENAMES] = "renames",
    [MDNS_MULTICASTS] = "multicasts",
    [MDNS_UNICASTS] = "unicasts",
    [MDNS_KNOWN] = "known-answers",
    [MDNS_DUPLICATES] = "duplicate-answers",
    [MDNS_LIMITED] = "queries-limited",
    [MDNS_PARTS_DROPPED] = "parts-dropped",
};

static const struct address GROUPS[] = {
    {ADDRESS_IPV4, {224, 0, 0, 251}},
    {ADDRESS_IPV6, {0xff, 0x02, [15] = 0xfb}},
};

#define AT(member) offsetof(struct mdns_config, member)
static const struct config_option OPTIONS[] = {
    {"mDNS", "enabled", CONFIG_BOOL, AT(enabled), 0, 1, "yes",
	"Discover by multicast DNS, known as Bonjour and Avahi"},
    {"mDNS", "announce", CONFIG_BOOL, AT(announce), 0, 1, "yes",
	"Announce the services of this host by multicast DNS"},
};
static const struct config_section SECTION = {
    {OPTIONS, COUNT_OF(OPTIONS)}, sizeof(struct mdns_config)};

const struct mdns_config *mdns_config(const struct config *config)
{
	return config_values(config, &SECTION);
}

static bool is_enabled(const struct config *config)
{
	return mdns_config(config)->enabled;
}

/* The port is shared with the resolvers of this host: bound to the groups, it takes no unicast from
 * them. Answers by unicast come to the ephemeral one. */
static size_t sockets_of(
    const struct config *config, struct engine_sockets sockets[ENGINE_SOCKETS_MAX])
{
	sockets[0] = (struct engine_sockets){
	    .port = MDNS_PORT,
	    .datagram_max = MDNS_PACKET_MAX,
	    .ttl = TTL,
	    .groups = GROUPS,
	    .group_count = COUNT_OF(GROUPS),
	    .by_group = true,
	    .ephemeral = true,
	    .ipv6 = config->network.ipv6,
	};
	return 1;
}

static struct mdns *mdns_of(struct engine *engine)
{
	return CONTAINER_OF(engine, struct mdns, engine);
}

static const struct mdns *mdns_of_const(const struct engine *engine)
{
	return CONTAINER_OF(engine, const struct mdns, engine);
}

static void destroy(struct engine *engine)
{
	struct mdns *mdns = mdns_of(engine);

	mdns_browser_free(mdns->browser);
	mdns_publisher_free(mdns->publisher);
	query_parts_fini(&mdns->parts);
	free(mdns);
}

static struct engine *create(const struct engine_context *context)
{
	struct mdns *mdns = calloc(1, sizeof(*mdns));

	if (!mdns)
		return NULL;
	mdns->engine.type = &MDNS_ENGINE;
	mdns->context = context;
	counters_init(mdns->counters, COUNTER_NAMES, MDNS_COUNTERS);
	mdns->browser = mdns_browser_new(mdns);
	mdns->publisher = mdns_publisher_new(mdns);
	if (!mdns->browser || !mdns->publisher) {
		destroy(&mdns->engine);
		return NULL;
	}
	return &mdns->engine;
}

static void start(struct engine *engine, struct instant now, struct outbox *outbox)
{
	struct mdns *mdns = mdns_of(engine);
	const bool families[FAMILIES] = {engine->ports[FAMILY_IPV4], engine->ports[FAMILY_IPV6]};
	(void)outbox;

	mdns_browser_start(mdns->browser, now);
	mdns_publisher_set_active(
	    mdns->publisher, now, mdns_config(mdns->context->config)->announce);
	mdns_publisher_start(mdns->publisher, now, families);
}

static void refuse(struct mdns *mdns, enum mdns_counter why, struct outbox *outbox)
{
	mdns_counted(mdns, why);
	outbox->refused = true;
}

/* RFC 6762, 6 and 18: no answer comes from another port, and fields that are not zero are those of
 * another protocol. */
static bool is_valid(const struct datagram *datagram, const struct dns_message *message)
{
	return !(message->flags & (DNS_OPCODE | DNS_RCODE)) &&
	       (!(message->flags & DNS_RESPONSE) || datagram->from.port == MDNS_PORT);
}

static void answer(
    struct mdns *mdns, struct instant now, const struct mdns_query *query, struct outbox *outbox)
{
	mdns_publisher_query(mdns->publisher, now, query, outbox);
	mdns_overheard_query(mdns->browser, query, now);
}

/* Keeps a query that has more parts, and its parts. False: it is to be answered now. */
static bool keep_part(struct mdns *mdns, struct instant now, const struct datagram *datagram,
    const struct dns_message *message)
{
	int64_t delay = rng_between(mdns->context->rng, PARTS_DELAY_MIN, PARTS_DELAY_MAX);
	bool has_more = message->flags & DNS_TRUNCATED;
	bool is_part = message->counts[DNS_QUESTION] == 0;

	if (!has_more && !(is_part && query_parts_find(&mdns->parts, datagram)))
		return false;
	if (query_parts_add(&mdns->parts, datagram, instant_add(now, delay)))
		return true;
	mdns_counted(mdns, MDNS_PARTS_DROPPED);
	return is_part;
}

/* Queries of which no more parts are waited for. */
static void answer_parts(struct mdns *mdns, struct instant now, struct outbox *outbox)
{
	struct dns_message messages[QUERY_PARTS_MAX];
	struct query_source *source;

	while ((source = query_parts_due(&mdns->parts, now))) {
		struct mdns_query query = {
		    .link = source->link,
		    .from = source->from,
		    .messages = messages,
		    .has_waited = true,
		};
		for (size_t i = 0; i < source->part_count; i++)
			if (dns_message_parse(source->parts[i], &messages[query.message_count]) ==
			    0)
				query.message_count++;
		if (query.message_count > 0)
			answer(mdns, now, &query, outbox);
		query_parts_drop(source);
	}
}

void mdns_response_read(struct mdns_response *response, const struct datagram *datagram,
    const struct dns_message *message)
{
	struct dns_cursor cursor = {0};
	struct dns_entry *entry = response->records;

	response->datagram = datagram;
	response->message = message;
	while (entry < response->records + DNS_RECORDS_MAX &&
	       dns_message_find(message, &cursor, entry))
		if ((entry->section == DNS_ANSWER || entry->section == DNS_ADDITIONAL) &&
		    entry->class == DNS_IN)
			entry++;
	response->count = (size_t)(entry - response->records);
}

static void hear_response(struct mdns *mdns, struct instant now, const struct datagram *datagram,
    const struct dns_message *message, struct outbox *outbox)
{
	struct mdns_response response;

	mdns_response_read(&response, datagram, message);
	if (datagram->channel == CHANNEL_SHARED)
		mdns_publisher_response(mdns->publisher, now, &response, outbox);
	mdns_browser_response(mdns->browser, now, &response, outbox);
	mdns_send_resolved(mdns->browser, now, &response, outbox);
}

/* A query to the ephemeral port is none that this host has to answer. */
static void hear(struct mdns *mdns, struct instant now, const struct datagram *datagram,
    const struct dns_message *message, struct outbox *outbox)
{
	bool shared = datagram->channel == CHANNEL_SHARED;
	const struct mdns_query query = {
	    .link = datagram->link,
	    .from = datagram->from,
	    .messages = message,
	    .message_count = 1,
	};

	if (message->flags & DNS_RESPONSE)
		hear_response(mdns, now, datagram, message, outbox);
	else if (shared &&
		 (datagram->from.port != MDNS_PORT || !keep_part(mdns, now, datagram, message)))
		answer(mdns, now, &query, outbox);
}

/* Messages of another program on this host have our address, too. */
static void input(struct engine *engine, struct instant now, const struct datagram *datagram,
    struct outbox *outbox)
{
	struct mdns *mdns = mdns_of(engine);
	const struct link *link = link_set_find(mdns->context->links, datagram->link);
	const struct address *from = &datagram->from.address;
	struct dns_message message;

	mdns_counted(mdns, MDNS_RECEIVED);
	if (datagram->truncated)
		refuse(mdns, MDNS_OVERSIZED, outbox);
	else if (mdns_take_own(mdns, datagram))
		mdns_counted(mdns, MDNS_OWN);
	else if (!link || datagram->from.port == 0 || !link_has_neighbour(link, from))
		refuse(mdns, MDNS_OFF_LINK, outbox);
	else if (dns_message_parse(datagram->bytes, &message) < 0)
		refuse(mdns, MDNS_MALFORMED, outbox);
	else if (!is_valid(datagram, &message))
		refuse(mdns, MDNS_INVALID, outbox);
	else
		hear(mdns, now, datagram, &message, outbox);
}

static void advance(struct engine *engine, struct instant now, struct outbox *outbox)
{
	answer_parts(mdns_of(engine), now, outbox);
	mdns_browser_advance(mdns_of(engine)->browser, now, outbox);
	mdns_send_resolve_again(mdns_of(engine)->browser, now, outbox);
	mdns_publisher_advance(mdns_of(engine)->publisher, now, outbox);
}

static struct instant deadline(const struct engine *engine)
{
	const struct mdns *mdns = mdns_of_const(engine);

	struct instant due = instant_earlier(
	    mdns_browser_deadline(mdns->browser), mdns_publisher_deadline(mdns->publisher));

	due = instant_earlier(due, mdns_send_resolve_deadline(mdns->browser));
	return instant_earlier(due, query_parts_deadline(&mdns->parts));
}

static void link_changed(struct engine *engine, struct instant now,
    const struct link_change *change, struct outbox *outbox)
{
	mdns_browsed_follow(mdns_of(engine)->browser, now, change);
	mdns_publisher_link_changed(mdns_of(engine)->publisher, now, change, outbox);
}

static void offer_changed(struct engine *engine, struct instant now,
    const struct offer_change *change, struct outbox *outbox)
{
	(void)change;
	(void)outbox;
	mdns_publisher_offer_changed(mdns_of(engine)->publisher, now);
}

static void search(struct engine *engine, struct instant now, struct slice target, unsigned seconds,
    struct outbox *outbox)
{
	(void)outbox;
	mdns_browser_search(mdns_of(engine)->browser, now, target, seconds);
}

static bool owns_target(struct slice target)
{
	struct dns_name name;

	return mdns_type_parse(target, &name);
}

static bool matches(const struct endpoint *endpoint, struct slice target)
{
	struct key key = key_of_name(target);
	struct slice type = slice_head(target, target.len);

	if (slice_ends_with(target, SLICE(".local")))
		type.len -= SLICE(".local").len;
	for (size_t i = 0; i < endpoint->service_count; i++)
		if (slice_equal_nocase(slice_of(endpoint->services[i].type), type))
			return true;
	return key_equal(&key, &endpoint->key);
}

/* A name in the domain "local" (RFC 6762, 3), which may be left out. */
static bool read_host_name(struct slice text, struct dns_name *name)
{
	struct dns_name domain;

	if (dns_name_parse(text, name) < 0 || dns_name_parse(SLICE("local"), &domain) < 0)
		return false;
	if (dns_name_label_count(name) == 1)
		return dns_name_append(name, &domain);
	return dns_name_ends_with(name, &domain);
}

static bool host_name(struct slice name, struct writer *whole)
{
	struct dns_name host;

	if (!read_host_name(name, &host))
		return false;
	dns_name_format(&host, whole);
	return true;
}

static bool resolve(struct engine *engine, struct instant now, struct slice name, unsigned seconds,
    struct outbox *outbox)
{
	struct dns_name host;

	if (!read_host_name(name, &host))
		return false;
	mdns_send_resolve(mdns_of(engine)->browser, now, &host, seconds, outbox);
	return true;
}

static void reconfigured(
    struct engine *engine, struct instant now, const struct config *before, struct outbox *outbox)
{
	struct mdns *mdns = mdns_of(engine);
	(void)before;
	(void)outbox;

	mdns_publisher_set_active(
	    mdns->publisher, now, mdns_config(mdns->context->config)->announce);
}

static void reconfirm(
    struct engine *engine, struct instant now, const struct engine_reconfirm *reconfirm)
{
	mdns_browser_reconfirm(mdns_of(engine)->browser, now, reconfirm);
}

static void stop(struct engine *engine, struct instant now, struct outbox *outbox)
{
	mdns_publisher_stop(mdns_of(engine)->publisher, now, outbox);
}

static void observed(
    struct engine *engine, const struct sighting *sighting, const struct endpoint *endpoint)
{
	mdns_host_observed(mdns_of(engine)->browser, sighting, endpoint);
}

static void unrenewed(
    struct engine *engine, struct instant now, const struct renewal *renewal, struct outbox *outbox)
{
	mdns_host_unrenewed(mdns_of(engine)->browser, now, renewal, outbox);
}

static void forgotten(struct engine *engine, const struct endpoint *endpoint)
{
	mdns_host_forgotten(mdns_of(engine)->browser, endpoint);
}

static struct counter_group counters(const struct engine *engine)
{
	return (struct counter_group){
	    MDNS_ENGINE.id.name, mdns_of_const(engine)->counters, MDNS_COUNTERS};
}

static bool announced(const struct engine *engine, size_t index, struct announced_name *announced)
{
	if (!mdns_publisher_announced(mdns_of_const(engine)->publisher, index, announced))
		return false;
	announced->protocol = MDNS_ENGINE.id.name;
	return true;
}

const struct engine_type MDNS_ENGINE = {
    .id = {"mdns", RANK},
    .section = &SECTION,
    .enabled = is_enabled,
    .sockets = sockets_of,
    .create = create,
    .destroy = destroy,
    .start = start,
    .input = input,
    .advance = advance,
    .deadline = deadline,
    .link_changed = link_changed,
    .offer_changed = offer_changed,
    .search = search,
    .owns_target = owns_target,
    .matches = matches,
    .host_name = host_name,
    .resolve = resolve,
    .reconfigured = reconfigured,
    .reconfirm = reconfirm,
    .observed = observed,
    .unrenewed = unrenewed,
    .forgotten = forgotten,
    .stop = stop,
    .counters = counters,
    .announced = announced,
};

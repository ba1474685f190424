/* SPDX-License-Identifier: ISC
 * mdns_browser: takes in records of other hosts, and does what is due. */
#include "engine/mdns_browser_internal.h"
#include "wire/dns_txt.h"
#include <stdlib.h>
#include <string.h>

/* RFC 6762, 10: in an answer by unicast they are at most 10 s (6.7), which is no lifetime. */
enum { TTL_OF_HOST = 120, TTL_OTHER = 4500 };
/* Hosts answer within 120 ms, and up to 500 ms where there are many. */
#define MISSING_MIN MILLISECONDS(120)
#define MISSING_MAX MILLISECONDS(300)
/* Of the id of a question, by one sender. */
enum { GUESSES_MAX = 16 };

/* A message that is being read. */
struct reading {
	struct mdns_browser *browser;
	struct mdns_browsed *link;
	struct mdns_peer *peer; /* NULL while its sender has none */
	const struct address *from;
	const struct dns_message *message;
	bool legacy;   /* an answer by unicast */
	bool verified; /* to what was sent to this address alone */
	/* One for all, so that they are asked for again together (RFC 6762, 5.2). */
	uint8_t jitter;
	struct instant now;
	struct outbox *outbox;
};

typedef void take_fn(struct reading *reading, const struct dns_record *record);

static void for_each(struct reading *reading, take_fn *take)
{
	struct dns_cursor cursor = {0};
	struct dns_record record;

	while (dns_message_next(reading->message, &cursor, &record))
		if ((record.section == DNS_ANSWER || record.section == DNS_ADDITIONAL) &&
		    record.class == DNS_IN)
			take(reading, &record);
}

static void begin(
    const struct reading *reading, struct record_life *life, const struct dns_record *record)
{
	bool of_host = record->type == DNS_SRV || record->type == DNS_A || record->type == DNS_AAAA;
	uint32_t ttl = record->ttl;

	if (ttl == 0) {
		record_life_end(life, reading->now);
		return;
	}
	if (reading->legacy)
		ttl = of_host ? TTL_OF_HOST : TTL_OTHER;
	record_life_begin(life, ttl, reading->jitter, reading->now);
}

/* Which machine sends. */

static bool names_sender(const struct reading *reading, const struct dns_name *host)
{
	struct dns_cursor cursor = {0};
	struct dns_record record;

	while (dns_message_next(reading->message, &cursor, &record))
		if ((record.type == DNS_A || record.type == DNS_AAAA) && record.ttl &&
		    address_equal(&record.address, reading->from) &&
		    dns_name_equal(&record.name, host))
			return true;
	return false;
}

static bool sends_by(const struct mdns_peer *peer, uint8_t family)
{
	for (size_t i = 0; i < peer->sender_count; i++)
		if (peer->senders[i]->address.family == family)
			return true;
	return false;
}

/* The sender names the address of another one as its own, of the other family: that one has a host
 * of this name as well, so they are one. Any host can say so; a second one of the same family is
 * believed only where it is named by the first. */
static struct mdns_peer *peer_named(const struct reading *reading, const struct dns_record *record)
{
	const struct mdns_sender *sender =
	    mdns_sender_find(reading->browser, reading->link->index, &record->address);

	if (!sender || sender->peer == reading->peer ||
	    !mdns_host_find(sender->peer, &record->name) ||
	    sends_by(sender->peer, reading->from->family) || !names_sender(reading, &record->name))
		return NULL;
	return sender->peer;
}

/* Another one has named the sender as an address of its host. */
static struct mdns_peer *peer_naming(const struct reading *reading, const struct dns_record *record)
{
	struct mdns_peer *peer;

	if (!address_equal(&record->address, reading->from))
		return NULL;
	TAILQ_FOREACH(peer, &reading->browser->peers, entry)
	{
		struct mdns_host *host;
		if (peer->link != reading->link->index || peer == reading->peer)
			continue;
		host = mdns_host_find(peer, &record->name);
		if (host && mdns_host_find_address(host, reading->from))
			return peer;
	}
	return NULL;
}

static void forget_peer(struct reading *reading)
{
	struct mdns_peer *peer = reading->peer;

	while (!SLIST_EMPTY(&peer->hosts))
		mdns_host_leave(reading->browser, peer, SLIST_FIRST(&peer->hosts), reading->outbox);
	mdns_peer_free(reading->browser, peer);
	reading->peer = NULL;
}

static void find_machine(struct reading *reading, const struct dns_record *record)
{
	struct mdns_peer *other;

	if ((record->type != DNS_A && record->type != DNS_AAAA) || record->ttl == 0 ||
	    (reading->peer && reading->peer->sender_count > 1))
		return;
	other = peer_named(reading, record);
	if (!other)
		other = peer_naming(reading, record);
	if (!other || other->sender_count == MDNS_SENDERS_MAX)
		return;
	if (reading->peer)
		forget_peer(reading);
	if (mdns_peer_add_sender(reading->browser, other, reading->from))
		reading->peer = other;
}

/* Records. */

static void make_room(struct reading *reading, unsigned count)
{
	struct mdns_instance *victim;
	struct mdns_peer *of;

	while ((victim = mdns_cache_victim(reading->browser, reading->peer, count, &of)) != NULL) {
		mdns_counted(reading->browser->mdns, MDNS_RECORDS_EVICTED);
		mdns_host_lose_instance(reading->browser, of, victim, reading->outbox);
	}
}

static void take_listed(struct reading *reading, const struct dns_record *record)
{
	struct mdns_type *type = mdns_type_get(reading->browser, &record->target);
	struct mdns_question *question =
	    type ? mdns_question_add(reading->browser, reading->link, type, reading->now) : NULL;

	if (!question) {
		if (type)
			mdns_type_drop_unused(reading->browser, type);
		return;
	}
	question->listed_ttl = reading->legacy ? TTL_OTHER : record->ttl;
	question->listed_until = instant_add(reading->now, SECONDS(question->listed_ttl));
}

static struct mdns_instance *get_instance(struct reading *reading, const struct dns_record *record)
{
	struct mdns_browser *browser = reading->browser;
	struct dns_name suffix = dns_name_without(&record->target, 1);
	struct mdns_type *type;
	struct mdns_instance *instance;

	if (!dns_name_equal(&suffix, &record->name))
		return NULL;
	if (reading->peer &&
	    (instance = mdns_instance_find(browser, reading->peer, &record->target)))
		return instance;
	type = record->ttl ? mdns_type_get(browser, &record->name) : NULL;
	if (!type)
		return NULL;
	if (!mdns_question_add(browser, reading->link, type, reading->now)) {
		mdns_type_drop_unused(browser, type);
		return NULL;
	}
	if (!reading->peer)
		reading->peer = mdns_peer_new(browser, reading->link->index, reading->from);
	if (!reading->peer)
		return NULL;
	make_room(reading, 3);
	instance =
	    mdns_instance_get(browser, reading->peer, type, dns_name_label(&record->target, 0));
	reading->peer->tries = 0;
	return instance;
}

static void take_pointer(struct reading *reading, const struct dns_record *record)
{
	struct mdns_instance *instance;

	if (record->type != DNS_PTR)
		return;
	if (dns_name_equal(&record->name, &TAILQ_FIRST(&reading->browser->types)->name)) {
		take_listed(reading, record);
		return;
	}
	instance = get_instance(reading, record);
	if (!instance)
		return;
	begin(reading, &instance->ptr, record);
	instance->changed |= record->ttl != 0;
}

static void take_service(struct reading *reading, const struct dns_record *record)
{
	struct mdns_instance *instance;
	struct mdns_host *host;

	if (record->type != DNS_SRV || !reading->peer ||
	    !(instance = mdns_instance_find(reading->browser, reading->peer, &record->name)))
		return;
	begin(reading, &instance->srv, record);
	if (record->ttl == 0)
		return;
	host = mdns_host_get(reading->browser, reading->peer, &record->target);
	if (!host)
		return;
	if (instance->host && instance->host != host && instance->shown)
		mdns_host_move_instance(reading->browser, reading->peer, instance, reading->outbox);
	instance->changed = true;
	instance->host = host;
	instance->port = record->port;
}

static void take_txt(struct reading *reading, const struct dns_record *record)
{
	struct mdns_instance *instance;
	char *txt;

	if (record->type != DNS_TXT || !reading->peer ||
	    !(instance = mdns_instance_find(reading->browser, reading->peer, &record->name)))
		return;
	begin(reading, &instance->txt_life, record);
	if (record->ttl == 0 || record->rdata.len == 0)
		return;
	size_t len = record->rdata.len < DNS_TXT_MAX ? record->rdata.len : DNS_TXT_MAX;
	txt = malloc(len);
	if (!txt)
		return;
	memcpy(txt, record->rdata.bytes, len);
	free(instance->txt);
	instance->txt = txt;
	instance->txt_len = (uint16_t)len;
	instance->changed = true;
}

static void take_address(struct reading *reading, const struct dns_record *record)
{
	struct mdns_host *host;
	struct mdns_host_address *address;

	if ((record->type != DNS_A && record->type != DNS_AAAA) || !reading->peer ||
	    !(host = mdns_host_find(reading->peer, &record->name)))
		return;
	address = mdns_host_find_address(host, &record->address);
	if (!address && record->ttl == 0)
		return;
	if (!address && address_is_unicast(&record->address) &&
	    !address_is_loopback(&record->address)) {
		address =
		    mdns_host_add_address(reading->browser, reading->peer, host, &record->address);
		host->changed = true;
	}
	if (!address)
		return;
	begin(reading, &address->life, record);
	host->changed |= record->ttl != 0;
}

/* In the last second. */
static bool came_just_now(const struct record_life *life, struct instant now)
{
	struct instant came = instant_add(life->expires, -SECONDS(life->ttl));

	return !life->checking && instant_since(now, came) <= SECONDS(1);
}

/* RFC 6762, 10.2: what is not in a set that came whole, and is older than a second. */
static void flush_addresses(struct reading *reading, const struct dns_record *record)
{
	struct mdns_host *host;

	if ((record->type != DNS_A && record->type != DNS_AAAA) || !record->flag ||
	    record->ttl == 0 || !reading->peer ||
	    !(host = mdns_host_find(reading->peer, &record->name)))
		return;
	for (size_t i = 0; i < host->address_count; i++) {
		struct record_life *life = &host->addresses[i].life;
		if (host->addresses[i].address.family != record->address.family ||
		    came_just_now(life, reading->now))
			continue;
		record_life_end(life, reading->now);
		host->changed = true;
	}
}

/* It is asked for them before that is believed: python-zeroconf lists the types that are missing,
 * in place of those that are there. */
static void deny_addresses(
    const struct reading *reading, struct mdns_host *host, const struct dns_record *record)
{
	for (size_t i = 0; i < host->address_count; i++) {
		struct record_life *life = &host->addresses[i].life;
		bool ipv6 = host->addresses[i].address.family == ADDRESS_IPV6;
		if (!dns_record_has_type(record, ipv6 ? DNS_AAAA : DNS_A) &&
		    !came_just_now(life, reading->now))
			record_life_check(life, reading->now);
	}
}

/* RFC 6762, 6.1: the name has no records of other types. */
static void take_denial(struct reading *reading, const struct dns_record *record)
{
	struct mdns_instance *instance;
	struct mdns_host *host;

	if (record->type != DNS_NSEC || !reading->peer || record->ttl == 0)
		return;
	host = mdns_host_find(reading->peer, &record->name);
	if (host)
		deny_addresses(reading, host, record);
	instance = mdns_instance_find(reading->browser, reading->peer, &record->name);
	if (!instance)
		return;
	instance->srv.denied = !dns_record_has_type(record, DNS_SRV);
	instance->txt_life.denied = !dns_record_has_type(record, DNS_TXT);
	if (instance->srv.denied)
		record_life_end(&instance->srv, reading->now);
}

static bool lacks_records(const struct mdns_peer *peer)
{
	const struct mdns_instance *instance;
	const struct mdns_host *host;

	SLIST_FOREACH(instance, &peer->instances, entry)
	if ((instance->srv.ttl == 0 && !instance->srv.denied) ||
	    (instance->txt_life.ttl == 0 && !instance->txt_life.denied))
		return true;
	SLIST_FOREACH(host, &peer->hosts, entry)
	if (host->address_count == 0)
		return true;
	return false;
}

/* An address of this host that sends as another machine, with a host of the same name: it is the
 * same one, of which no message has named both addresses. NULL: there is none. */
static struct mdns_sender *find_other(const struct reading *reading, const struct mdns_host *host)
{
	for (size_t i = 0; i < host->address_count; i++) {
		const struct address *address = &host->addresses[i].address;
		struct mdns_sender *sender =
		    mdns_sender_find(reading->browser, reading->link->index, address);
		if (sender && sender->peer != reading->peer &&
		    mdns_host_find(sender->peer, &host->name) &&
		    !sends_by(reading->peer, address->family) &&
		    mdns_host_is_sender(reading->peer, host))
			return sender;
	}
	return NULL;
}

static void unite(struct reading *reading)
{
	struct mdns_peer *peer = reading->peer;
	struct mdns_sender *other = NULL;
	struct mdns_host *host;

	SLIST_FOREACH(host, &peer->hosts, entry)
	if ((other = find_other(reading, host)))
		break;
	if (!other || other->peer->sender_count > 1)
		return;
	const struct address address = other->address;
	reading->peer = other->peer;
	forget_peer(reading);
	reading->peer = peer;
	if (!mdns_peer_add_sender(reading->browser, peer, &address))
		return;
	struct mdns_heard heard = {.from = *reading->from};
	mdns_host_report(reading->browser, peer, &heard, reading->now, reading->outbox);
	host->changed = true;
	heard.from = address;
	mdns_host_report(reading->browser, peer, &heard, reading->now, reading->outbox);
}

static void read_response(struct reading *reading)
{
	struct mdns_browser *browser = reading->browser;
	const struct mdns_sender *sender =
	    mdns_sender_find(browser, reading->link->index, reading->from);
	const struct mdns_heard heard = {
	    .from = *reading->from,
	    .answers_us = reading->legacy || !instant_due(browser->search_until, reading->now),
	    .verified = reading->verified,
	};

	reading->peer = sender ? sender->peer : NULL;
	for_each(reading, find_machine);
	for_each(reading, take_pointer);
	for_each(reading, take_service);
	for_each(reading, take_address);
	for_each(reading, flush_addresses);
	for_each(reading, take_txt);
	for_each(reading, take_denial);
	struct mdns_peer *peer = reading->peer;
	if (!peer)
		return;
	mdns_host_report(browser, peer, &heard, reading->now, reading->outbox);
	unite(reading);
	if (!lacks_records(peer))
		peer->retry = INSTANT_NEVER;
	else if (instant_is_never(peer->retry) && peer->tries == 0)
		peer->retry = instant_add(reading->now,
		    rng_between(mdns_browser_context(browser)->rng, MISSING_MIN, MISSING_MAX));
	mdns_peer_settle(browser, peer);
}

/* True when it answers a question of ours from the ephemeral port: `verified` one that no other
 * host has heard, so none can answer it but by a guess. */
static bool is_asked_for(struct reading *reading)
{
	struct mdns_sender *sender =
	    mdns_sender_find(reading->browser, reading->link->index, reading->from);
	uint16_t id = reading->message->id;

	reading->verified = sender && id == sender->id && sender->guesses < GUESSES_MAX;
	if (reading->verified || id == reading->browser->id)
		return true;
	if (sender && sender->guesses < GUESSES_MAX)
		sender->guesses++;
	mdns_counted(reading->browser->mdns, MDNS_UNASKED);
	return false;
}

void mdns_browser_response(struct mdns_browser *browser, struct instant now,
    const struct datagram *datagram, const struct dns_message *message, struct outbox *outbox)
{
	struct rng *rng = mdns_browser_context(browser)->rng;
	struct reading reading = {
	    .browser = browser,
	    .link = mdns_browsed_find(browser, datagram->link),
	    .from = &datagram->from.address,
	    .message = message,
	    .legacy = datagram->channel == CHANNEL_OWN,
	    .jitter = (uint8_t)rng_below(rng, UINT8_MAX + 1),
	    .now = now,
	    .outbox = outbox,
	};

	/* Of a program on this host: it is not listed. */
	if (!reading.link ||
	    link_set_has_address(mdns_browser_context(browser)->links, reading.from))
		return;
	if (!reading.legacy || is_asked_for(&reading))
		read_response(&reading);
}

void mdns_browser_advance(struct mdns_browser *browser, struct instant now, struct outbox *outbox)
{
	const struct heap_node *first;
	struct mdns_browsed *link;
	struct mdns_peer *peer, *next;

	mdns_cache_follow_watchers(browser);
	first = heap_top(&browser->by_due);
	bool due = first && first->key <= now.us;
	for (peer = due ? TAILQ_FIRST(&browser->peers) : NULL; peer; peer = next) {
		next = TAILQ_NEXT(peer, entry);
		if (peer->by_due.key <= now.us)
			mdns_host_expire(browser, peer, now, outbox);
	}
	TAILQ_FOREACH(link, &browser->links, entry)
	mdns_question_advance(browser, link, now, outbox);
	mdns_send_reconfirm(browser, now, outbox);
}

struct instant mdns_browser_deadline(const struct mdns_browser *browser)
{
	const struct heap_node *first = heap_top(&browser->by_due);
	struct instant due = reconfirm_queue_deadline(&browser->reconfirms);
	const struct mdns_browsed *link;

	if (browser->watched != mdns_browser_context(browser)->watched)
		return (struct instant){0};
	if (first)
		due = instant_earlier(due, (struct instant){first->key});
	TAILQ_FOREACH(link, &browser->links, entry)
	due = instant_earlier(due, mdns_question_deadline(link));
	return due;
}

void mdns_browser_reconfirm(
    struct mdns_browser *browser, struct instant now, const struct engine_reconfirm *reconfirm)
{
	reconfirm_queue_add(&browser->reconfirms, now, reconfirm);
}

/* Life. */

struct mdns_browser *mdns_browser_new(struct mdns *mdns)
{
	struct mdns_browser *browser = calloc(1, sizeof(*browser));

	if (!browser)
		return NULL;
	browser->mdns = mdns;
	TAILQ_INIT(&browser->links);
	if (mdns_cache_init(browser) < 0 || !mdns_types_add(browser)) {
		mdns_browser_free(browser);
		return NULL;
	}
	browser->id = (uint16_t)rng_between(mdns->context->rng, 1, UINT16_MAX);
	return browser;
}

void mdns_browser_free(struct mdns_browser *browser)
{
	if (!browser)
		return;
	while (!TAILQ_EMPTY(&browser->links))
		mdns_browsed_free(browser, TAILQ_FIRST(&browser->links));
	mdns_cache_fini(browser);
	reconfirm_queue_fini(&browser->reconfirms);
	free(browser);
}

void mdns_browser_start(struct mdns_browser *browser, struct instant now)
{
	const struct link_set *links = mdns_browser_context(browser)->links;

	for (size_t i = 0; i < links->count; i++)
		if (mdns_browsed_suits(&links->links[i]))
			mdns_browsed_add(browser, links->links[i].index, now);
}

void mdns_browser_search(
    struct mdns_browser *browser, struct instant now, struct slice target, unsigned seconds)
{
	struct mdns_type *type = NULL;
	struct mdns_browsed *link;
	struct dns_name name;

	if (target.len &&
	    (!mdns_type_parse(target, &name) || !(type = mdns_type_get(browser, &name))))
		return;
	browser->search_until = instant_add(now, SECONDS(seconds));
	TAILQ_FOREACH(link, &browser->links, entry)
	{
		struct mdns_question *question =
		    type ? mdns_question_add(browser, link, type, now) : NULL;
		if (question)
			question->listed_until =
			    instant_later(question->listed_until, browser->search_until);
		link->hurried = true;
		mdns_question_restart(browser, link, type, now);
	}
	if (type)
		mdns_type_drop_unused(browser, type);
}

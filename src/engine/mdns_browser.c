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

typedef void take_fn(struct mdns_reading *reading, const struct dns_entry *record);

static void for_each(struct mdns_reading *reading, take_fn *take)
{
	for (size_t i = 0; i < reading->response->count; i++)
		take(reading, &reading->response->records[i]);
}

static void begin(
    const struct mdns_reading *reading, struct record_life *life, const struct dns_entry *record)
{
	bool of_host = record->type == DNS_SRV || mdns_is_address(record);
	uint32_t ttl = record->ttl;

	if (ttl == 0) {
		record_life_end(life, reading->now);
		return;
	}
	if (reading->legacy)
		ttl = of_host ? TTL_OF_HOST : TTL_OTHER;
	record_life_begin(life, ttl, reading->jitter, reading->now);
}

/* What the table does not hold is reported whatever it says. */
static void note_heard(struct mdns_instance *instance, bool changed)
{
	if (changed || !instance->shown)
		instance->changed = true;
	else
		instance->heard = true;
}

/* Records. */

static void make_room(struct mdns_reading *reading, unsigned count)
{
	struct mdns_instance *victim;
	struct mdns_peer *of;

	while ((victim = mdns_cache_victim(reading->browser, reading->peer, count, &of)) != NULL) {
		mdns_counted(reading->browser->mdns, MDNS_RECORDS_EVICTED);
		mdns_host_lose_instance(reading->browser, of, victim, reading->outbox);
	}
}

static void take_listed(struct mdns_reading *reading, const struct dns_entry *record)
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

static struct mdns_instance *add_instance(
    struct mdns_reading *reading, const struct dns_entry *record)
{
	struct mdns_browser *browser = reading->browser;
	struct mdns_type *type = mdns_type_get(browser, &record->name);
	struct dns_name name;

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
	reading->peer->tries = 0;
	dns_name_expand(&record->target, &name);
	return mdns_instance_add(browser, reading->peer, type, dns_name_label(&name, 0));
}

static void take_pointer(struct mdns_reading *reading, const struct dns_entry *record)
{
	struct mdns_instance *instance = NULL;
	struct dns_name_ref parent;

	if (record->type != DNS_PTR)
		return;
	if (dns_name_ref_is(&record->name, &TAILQ_FIRST(&reading->browser->types)->name)) {
		take_listed(reading, record);
		return;
	}
	parent = dns_name_ref_parent(&record->target);
	if (!dns_name_refs_equal(&parent, &record->name))
		return;
	if (reading->peer)
		instance = mdns_instance_find(reading->peer, &record->target);
	if (!instance && record->ttl)
		instance = add_instance(reading, record);
	if (!instance)
		return;
	begin(reading, &instance->ptr, record);
	if (record->ttl)
		note_heard(instance, false);
}

static void take_service(struct mdns_reading *reading, const struct dns_entry *record)
{
	struct mdns_instance *instance;
	struct mdns_host *host;
	uint16_t port;

	if (record->type != DNS_SRV || !reading->peer ||
	    !(instance = mdns_instance_find(reading->peer, &record->name)))
		return;
	begin(reading, &instance->srv, record);
	if (record->ttl == 0)
		return;
	host = mdns_host_get(reading->browser, reading->peer, &record->target);
	if (!host)
		return;
	if (instance->host && instance->host != host && instance->shown)
		mdns_host_move_instance(reading->browser, reading->peer, instance, reading->outbox);
	port = dns_entry_port(record);
	note_heard(instance, instance->host != host || instance->port != port);
	instance->host = host;
	instance->port = port;
}

static void take_txt(struct mdns_reading *reading, const struct dns_entry *record)
{
	struct mdns_instance *instance;

	if (record->type != DNS_TXT || !reading->peer ||
	    !(instance = mdns_instance_find(reading->peer, &record->name)))
		return;
	begin(reading, &instance->txt_life, record);
	if (record->ttl == 0 || record->rdata.len == 0)
		return;
	note_heard(instance, mdns_instance_take_txt(reading->browser, instance,
				 slice_head(record->rdata, DNS_TXT_MAX)));
}

static void take_address(struct mdns_reading *reading, const struct dns_entry *record)
{
	struct mdns_host *host;
	struct mdns_host_address *known;

	if (!mdns_is_address(record) || !reading->peer ||
	    !(host = mdns_host_find(reading->peer, &record->name)))
		return;
	struct address address = dns_entry_address(record);
	known = mdns_host_find_address(host, &address);
	if (!known && record->ttl && address_is_unicast(&address) &&
	    !address_is_loopback(&address)) {
		known = mdns_host_add_address(reading->browser, reading->peer, host, &address);
		host->changed = true;
		mdns_machine_note_address(reading, &address);
	}
	if (!known)
		return;
	begin(reading, &known->life, record);
	host->heard |= record->ttl != 0;
}

/* In the last second. */
static bool came_just_now(const struct record_life *life, struct instant now)
{
	struct instant came = instant_add(life->expires, -SECONDS(life->ttl));

	return !life->checking && instant_since(now, came) <= SECONDS(1);
}

/* RFC 6762, 10.2: what is not in a set that came whole, and is older than a second. */
static void flush_addresses(struct mdns_reading *reading, const struct dns_entry *record)
{
	uint8_t family = record->type == DNS_AAAA ? ADDRESS_IPV6 : ADDRESS_IPV4;
	struct mdns_host *host;

	if (!mdns_is_address(record) || !record->flag || record->ttl == 0 || !reading->peer ||
	    !(host = mdns_host_find(reading->peer, &record->name)))
		return;
	for (size_t i = 0; i < host->address_count; i++) {
		struct record_life *life = &host->addresses[i].life;
		if (host->addresses[i].address.family != family ||
		    came_just_now(life, reading->now))
			continue;
		record_life_end(life, reading->now);
		host->changed = true;
	}
}

/* It is asked for them before that is believed: python-zeroconf lists the types that are missing,
 * in place of those that are there. */
static void deny_addresses(
    const struct mdns_reading *reading, struct mdns_host *host, const struct dns_entry *record)
{
	for (size_t i = 0; i < host->address_count; i++) {
		struct record_life *life = &host->addresses[i].life;
		bool ipv6 = host->addresses[i].address.family == ADDRESS_IPV6;
		if (!dns_types_have(record->types, ipv6 ? DNS_AAAA : DNS_A) &&
		    !came_just_now(life, reading->now))
			record_life_check(life, reading->now);
	}
}

/* RFC 6762, 6.1: the name has no records of other types. */
static void take_denial(struct mdns_reading *reading, const struct dns_entry *record)
{
	struct mdns_instance *instance;
	struct mdns_host *host;

	if (record->type != DNS_NSEC || !reading->peer || record->ttl == 0)
		return;
	host = mdns_host_find(reading->peer, &record->name);
	if (host)
		deny_addresses(reading, host, record);
	instance = mdns_instance_find(reading->peer, &record->name);
	if (!instance)
		return;
	instance->srv.denied = !dns_types_have(record->types, DNS_SRV);
	instance->txt_life.denied = !dns_types_have(record->types, DNS_TXT);
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

static void read_response(struct mdns_reading *reading)
{
	struct mdns_browser *browser = reading->browser;
	const struct mdns_heard heard = {
	    .from = *reading->from,
	    .answers_us = reading->legacy || !instant_due(browser->search_until, reading->now),
	    .verified = reading->verified,
	};

	mdns_machine_find(reading);
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
	mdns_machine_unite(reading);
	if (!lacks_records(peer))
		peer->retry = INSTANT_NEVER;
	else if (instant_is_never(peer->retry) && peer->tries == 0)
		peer->retry = instant_add(reading->now,
		    rng_between(mdns_browser_context(browser)->rng, MISSING_MIN, MISSING_MAX));
	mdns_peer_settle(browser, peer);
}

/* True when it answers a question of ours from the ephemeral port: `verified` one that no other
 * host has heard, so none can answer it but by a guess. */
static bool is_asked_for(struct mdns_reading *reading)
{
	struct mdns_sender *sender =
	    mdns_sender_find(reading->browser, reading->link->index, reading->from);
	uint16_t id = reading->response->message->id;

	reading->verified = sender && id == sender->id && sender->guesses < GUESSES_MAX;
	if (reading->verified || id == reading->browser->id)
		return true;
	if (sender && sender->guesses < GUESSES_MAX)
		sender->guesses++;
	mdns_counted(reading->browser->mdns, MDNS_UNASKED);
	return false;
}

void mdns_browser_response(struct mdns_browser *browser, struct instant now,
    const struct mdns_response *response, struct outbox *outbox)
{
	const struct datagram *datagram = response->datagram;
	struct rng *rng = mdns_browser_context(browser)->rng;
	struct mdns_reading reading = {
	    .browser = browser,
	    .link = mdns_browsed_find(browser, datagram->link),
	    .from = &datagram->from.address,
	    .response = response,
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
	struct dns_name_ref ref;
	struct dns_name name;

	if (target.len) {
		if (!mdns_type_parse(target, &name))
			return;
		ref = dns_name_ref_of(&name);
		if (!(type = mdns_type_get(browser, &ref)))
			return;
	}
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

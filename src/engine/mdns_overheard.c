/* SPDX-License-Identifier: ISC
 * mdns_overheard: questions of other hosts: what need not be asked (RFC 6762, 7.3), and what is not
 * answered to them is gone (10.5). */
#include "engine/mdns_browser_internal.h"

/* Two questions without an answer count when they are so far apart. */
#define MISS_PAUSE SECONDS(1)
/* Records of one name that a query concerns. Many machines that have the same names are forged, and
 * must not make each question expensive. */
enum { VISITS_MAX = 1024 };

/* A query that is being read. */
struct overheard {
	struct mdns_browser *browser;
	struct mdns_browsed *link;
	const struct mdns_query *query;
	struct instant now;
	unsigned visits;
};

static bool asks_for(const struct dns_entry *asked, uint16_t type)
{
	return asked->type == type || asked->type == DNS_ANY;
}

/* A record is missed: for the second time, and it is checked. */
static void miss(
    const struct overheard *overheard, struct mdns_peer *peer, struct record_life *life)
{
	bool paused = instant_since(overheard->now, peer->missed) >= MISS_PAUSE;

	if (life->missed && paused)
		record_life_check(life, overheard->now);
	life->missed = true;
}

/* After all that is missed of a peer. */
static void end_misses(const struct overheard *overheard, struct mdns_peer *peer)
{
	if (instant_since(overheard->now, peer->missed) >= MISS_PAUSE)
		peer->missed = overheard->now;
	mdns_peer_settle(overheard->browser, peer);
}

/* Calls `fn` for each pointer of this name that the other host knows, until it returns false. */
typedef bool known_fn(struct overheard *overheard, const struct dns_entry *known);

static bool each_known(struct overheard *overheard, const struct dns_name_ref *name, known_fn *fn)
{
	const struct mdns_query *query = overheard->query;
	struct dns_entry entry;

	for (size_t i = 0; i < query->message_count; i++) {
		struct dns_cursor cursor = {0};
		if (query->messages[i].counts[DNS_ANSWER] == 0)
			continue;
		while (dns_message_find(&query->messages[i], &cursor, &entry))
			if (entry.section == DNS_ANSWER && entry.type == DNS_PTR &&
			    dns_name_refs_equal(&entry.name, name) && !fn(overheard, &entry))
				return false;
	}
	return true;
}

/* The next instance of this name on the link; NULL at the end. */
static struct mdns_instance *next_instance(
    struct overheard *overheard, struct hashmap_node *node, const struct dns_name_ref *name)
{
	for (; node && overheard->visits < VISITS_MAX; node = hashmap_next(node)) {
		struct mdns_instance *instance = CONTAINER_OF(node, struct mdns_instance, by_name);
		overheard->visits++;
		if (instance->peer->link == overheard->link->index &&
		    mdns_instance_has_name(instance, name))
			return instance;
	}
	return NULL;
}

static struct mdns_instance *first_instance(
    struct overheard *overheard, const struct dns_name_ref *name, uint64_t hash)
{
	return next_instance(overheard, hashmap_first(&overheard->browser->instances, hash), name);
}

static bool mark_known(struct overheard *overheard, const struct dns_entry *known)
{
	uint64_t hash = mdns_name_hash(overheard->browser, &known->target);
	struct mdns_instance *instance = first_instance(overheard, &known->target, hash);

	for (; instance;
	     instance = next_instance(overheard, hashmap_next(&instance->by_name), &known->target))
		instance->known = true;
	return true;
}

/* Instances of a type that the other host does not know. */
static void miss_pointers(struct overheard *overheard, const struct mdns_type *type)
{
	struct mdns_instance *instance;
	struct mdns_peer *peer;

	TAILQ_FOREACH(peer, &overheard->browser->peers, entry)
	{
		bool missed = false;
		if (peer->link != overheard->link->index)
			continue;
		SLIST_FOREACH(instance, &peer->instances, entry)
		{
			if (instance->type == type && !instance->known) {
				miss(overheard, peer, &instance->ptr);
				missed = true;
			}
			instance->known = false;
		}
		if (missed)
			end_misses(overheard, peer);
	}
}

static void miss_service(
    struct overheard *overheard, const struct dns_name_ref *name, uint64_t hash)
{
	struct mdns_instance *instance = first_instance(overheard, name, hash);

	for (; instance;
	     instance = next_instance(overheard, hashmap_next(&instance->by_name), name)) {
		miss(overheard, instance->peer, &instance->srv);
		end_misses(overheard, instance->peer);
	}
}

static void miss_addresses(
    struct overheard *overheard, const struct dns_entry *asked, uint64_t hash)
{
	struct hashmap_node *node = hashmap_first(&overheard->browser->hosts, hash);

	for (; node && overheard->visits < VISITS_MAX; node = hashmap_next(node)) {
		struct mdns_host *host = CONTAINER_OF(node, struct mdns_host, by_name);
		struct dns_name_ref name = mdns_host_name(host);
		overheard->visits++;
		if (host->peer->link != overheard->link->index ||
		    !dns_name_refs_equal(&name, &asked->name))
			continue;
		for (size_t i = 0; i < host->address_count; i++) {
			bool ipv6 = host->addresses[i].address.family == ADDRESS_IPV6;
			if (asks_for(asked, ipv6 ? DNS_AAAA : DNS_A))
				miss(overheard, host->peer, &host->addresses[i].life);
		}
		end_misses(overheard, host->peer);
	}
}

/* Another host knows an answer that is not among ours, with the lifetime that it has for us: it
 * would not be sent to us (7.1). */
static bool is_ours(struct overheard *overheard, const struct dns_entry *known)
{
	struct mdns_browser *browser = overheard->browser;
	const struct mdns_instance *instance;
	const struct mdns_question *question;
	const struct mdns_type *type;

	if (dns_name_ref_is(&known->name, &TAILQ_FIRST(&browser->types)->name)) {
		type = mdns_type_find(browser, &known->target);
		question = type ? mdns_question_find(overheard->link, type) : NULL;
		return question &&
		       mdns_is_known(question->listed_until, question->listed_ttl, overheard->now);
	}
	instance =
	    first_instance(overheard, &known->target, mdns_name_hash(browser, &known->target));
	while (instance && !mdns_instance_is_known(instance, overheard->now))
		instance =
		    next_instance(overheard, hashmap_next(&instance->by_name), &known->target);
	return instance != NULL;
}

/* What another host asks need not be asked (7.3). */
static void suppress(
    struct overheard *overheard, struct mdns_question *question, const struct dns_name_ref *name)
{
	struct instant now = overheard->now;

	if (instant_since(question->due, now) > question->interval / 4 ||
	    !each_known(overheard, name, is_ours))
		return;
	mdns_counted(overheard->browser->mdns, MDNS_QUERIES_SUPPRESSED);
	question->due = instant_add(now, question->interval);
}

/* Hosts ask for a type as often as they like: its instances are looked at once in a while. */
static void hear_type(
    struct overheard *overheard, const struct mdns_type *type, const struct dns_entry *asked)
{
	struct mdns_question *question = mdns_question_find(overheard->link, type);

	if (!question || !asks_for(asked, DNS_PTR))
		return;
	if (type->instances > 0 &&
	    instant_since(overheard->now, question->overheard) >= MISS_PAUSE) {
		question->overheard = overheard->now;
		each_known(overheard, &asked->name, mark_known);
		miss_pointers(overheard, type);
	}
	suppress(overheard, question, &asked->name);
}

static void hear_question(struct overheard *overheard, const struct dns_entry *asked)
{
	struct mdns_browser *browser = overheard->browser;
	const struct mdns_type *type = mdns_type_find(browser, &asked->name);
	bool service = asks_for(asked, DNS_SRV);
	bool address = asks_for(asked, DNS_A) || asks_for(asked, DNS_AAAA);
	uint64_t hash;

	if (type)
		hear_type(overheard, type, asked);
	if (type || (!service && !address))
		return;
	hash = mdns_name_hash(browser, &asked->name);
	if (service)
		miss_service(overheard, &asked->name, hash);
	if (address)
		miss_addresses(overheard, asked, hash);
}

void mdns_overheard_query(
    struct mdns_browser *browser, const struct mdns_query *query, struct instant now)
{
	const struct dns_message *last = &query->messages[query->message_count - 1];
	struct overheard overheard = {
	    .browser = browser,
	    .link = mdns_browsed_find(browser, query->link),
	    .query = query,
	    .now = now,
	};
	struct dns_cursor cursor = {0};
	struct dns_entry asked;

	/* a legacy one, a probe, or one of which a part is missing */
	if (!overheard.link || query->from.port != MDNS_PORT || last->counts[DNS_AUTHORITY] ||
	    last->flags & DNS_TRUNCATED)
		return;
	while (
	    dns_message_find(&query->messages[0], &cursor, &asked) && asked.section == DNS_QUESTION)
		if (!asked.flag && asked.class == DNS_IN)
			hear_question(&overheard, &asked);
}

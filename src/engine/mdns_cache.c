/* SPDX-License-Identifier: ISC
 * mdns_cache: the records of other machines: how long they hold, and how many there may be. */
#include "base/text.h"
#include "engine/mdns_browser_internal.h"
#include "engine/txt_facts.h"
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Records of an instance: PTR, SRV, TXT. */
enum { INSTANCE_RECORDS = 3, HOST_RECORDS = 1 };

/* What is asked for when it runs out. */

enum record_care mdns_pointer_care(const struct mdns_instance *instance)
{
	return instance->shown ? RECORD_KEPT : RECORD_ENDS;
}

enum record_care mdns_instance_care(
    const struct mdns_browser *browser, const struct mdns_instance *instance)
{
	bool wanted = browser->watched || instance->ptr.asked > 0;

	return instance->shown && wanted ? RECORD_KEPT : RECORD_LAPSES;
}

enum record_care mdns_host_care(
    const struct mdns_browser *browser, const struct mdns_peer *peer, const struct mdns_host *host)
{
	const struct mdns_instance *instance;
	enum record_care care = RECORD_ENDS;

	SLIST_FOREACH(instance, &peer->instances, entry)
	if (instance->host == host && care != RECORD_KEPT)
		care = mdns_instance_care(browser, instance);
	return care;
}

/* Types. */

/* "_ipp._tcp.local" */
static bool is_type(const struct dns_name *name)
{
	struct slice service = dns_name_label(name, 0), transport = dns_name_label(name, 1);

	return dns_name_label_count(name) == 3 && service.len > 1 && service.bytes[0] == '_' &&
	       text_is_clean(service) &&
	       (slice_equal_nocase(transport, SLICE("_tcp")) ||
		   slice_equal_nocase(transport, SLICE("_udp"))) &&
	       slice_equal_nocase(dns_name_label(name, 2), SLICE("local"));
}

struct mdns_type *mdns_type_find(const struct mdns_browser *browser, const struct dns_name *name)
{
	struct mdns_type *type;

	TAILQ_FOREACH(type, &browser->types, entry)
	if (dns_name_equal(&type->name, name))
		return type;
	return NULL;
}

static struct mdns_type *type_new(struct mdns_browser *browser, const struct dns_name *name)
{
	struct mdns_type *type = calloc(1, sizeof(*type));
	struct slice service = dns_name_label(name, 0), transport = dns_name_label(name, 1);
	struct writer w;

	if (!type)
		return NULL;
	type->name = *name;
	writer_init(&w, type->text, sizeof(type->text) - 1);
	writer_slice(&w, service);
	writer_char(&w, '.');
	writer_slice(&w, transport);
	TAILQ_INSERT_TAIL(&browser->types, type, entry);
	browser->type_count++;
	return type;
}

struct mdns_type *mdns_type_get(struct mdns_browser *browser, const struct dns_name *name)
{
	struct mdns_type *type = mdns_type_find(browser, name);

	if (type || !is_type(name))
		return type;
	if (browser->type_count >= MDNS_TYPES_MAX) {
		mdns_counted(browser->mdns, MDNS_TYPES_REFUSED);
		return NULL;
	}
	return type_new(browser, name);
}

static bool add_enumeration(struct mdns_browser *browser)
{
	struct dns_name name;
	struct mdns_type *type;

	if (dns_name_parse(SLICE("_services._dns-sd._udp.local"), &name) < 0 ||
	    !(type = type_new(browser, &name)))
		return false;
	type->builtin = true;
	return true;
}

static bool add_builtin(struct mdns_browser *browser, struct slice text)
{
	struct dns_name name;
	struct mdns_type *type;

	if (dns_name_parse(text, &name) < 0 || !(type = mdns_type_get(browser, &name)))
		return false;
	type->builtin = true;
	return true;
}

bool mdns_types_add(struct mdns_browser *browser)
{
	const char *known;
	char text[2 * DNS_LABEL_MAX];
	struct writer w;

	if (!add_enumeration(browser))
		return false;
	for (size_t i = 0; (known = txt_facts_type(i)); i++) {
		writer_init(&w, text, sizeof(text));
		writer_text(&w, known);
		writer_text(&w, ".local");
		if (!add_builtin(browser, writer_result(&w)))
			return false;
	}
	return true;
}

bool mdns_type_parse(struct slice text, struct dns_name *name)
{
	struct dns_name domain;

	if (dns_name_parse(text, name) < 0 || dns_name_parse(SLICE("local"), &domain) < 0)
		return false;
	if (dns_name_label_count(name) == 2)
		dns_name_append(name, &domain);
	return is_type(name);
}

void mdns_type_release(struct mdns_browser *browser, struct mdns_type *type)
{
	type->users--;
	mdns_type_drop_unused(browser, type);
}

void mdns_type_drop_unused(struct mdns_browser *browser, struct mdns_type *type)
{
	if (type->users > 0 || type->builtin)
		return;
	TAILQ_REMOVE(&browser->types, type, entry);
	browser->type_count--;
	free(type);
}

/* Senders and peers. */

static uint64_t hash_sender(
    const struct mdns_browser *browser, uint32_t link, const struct address *address)
{
	char bytes[sizeof(link) + sizeof(address->bytes)];

	memcpy(bytes, &link, sizeof(link));
	memcpy(bytes + sizeof(link), address->bytes, sizeof(address->bytes));
	return hashmap_hash(&browser->senders, (struct slice){bytes, sizeof(bytes)});
}

struct mdns_sender *mdns_sender_find(
    const struct mdns_browser *browser, uint32_t link, const struct address *address)
{
	struct hashmap_node *node =
	    hashmap_first(&browser->senders, hash_sender(browser, link, address));

	for (; node; node = hashmap_next(node)) {
		struct mdns_sender *sender = CONTAINER_OF(node, struct mdns_sender, by_address);
		if (sender->peer->link == link && address_equal(&sender->address, address))
			return sender;
	}
	return NULL;
}

bool mdns_peer_add_sender(
    struct mdns_browser *browser, struct mdns_peer *peer, const struct address *address)
{
	struct mdns_sender *sender;

	if (peer->sender_count == MDNS_SENDERS_MAX || !(sender = malloc(sizeof(*sender))))
		return false;
	*sender = (struct mdns_sender){
	    .peer = peer,
	    .address = *address,
	    .expires = INSTANT_NEVER,
	    .id = (uint16_t)rng_between(mdns_browser_context(browser)->rng, 1, UINT16_MAX),
	};
	hashmap_insert(
	    &browser->senders, &sender->by_address, hash_sender(browser, peer->link, address));
	peer->senders[peer->sender_count++] = sender;
	return true;
}

void mdns_peer_drop_sender(struct mdns_browser *browser, struct mdns_peer *peer, size_t at)
{
	hashmap_remove(&browser->senders, &peer->senders[at]->by_address);
	free(peer->senders[at]);
	peer->sender_count--;
	memmove(&peer->senders[at], &peer->senders[at + 1],
	    (peer->sender_count - at) * sizeof(peer->senders[0]));
}

struct mdns_peer *mdns_peer_new(
    struct mdns_browser *browser, uint32_t link, const struct address *address)
{
	struct mdns_peer *peer = calloc(1, sizeof(*peer));

	if (!peer)
		return NULL;
	peer->link = link;
	peer->retry = INSTANT_NEVER;
	peer->missed = MDNS_LONG_AGO;
	heap_node_init(&peer->by_due);
	if (!mdns_peer_add_sender(browser, peer, address) ||
	    heap_insert(&browser->by_due, &peer->by_due, INSTANT_NEVER.us) < 0) {
		if (peer->sender_count)
			mdns_peer_drop_sender(browser, peer, 0);
		free(peer);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&browser->peers, peer, entry);
	return peer;
}

void mdns_peer_free(struct mdns_browser *browser, struct mdns_peer *peer)
{
	while (!SLIST_EMPTY(&peer->instances))
		mdns_instance_free(browser, peer, SLIST_FIRST(&peer->instances));
	while (!SLIST_EMPTY(&peer->hosts))
		mdns_host_free(browser, peer, SLIST_FIRST(&peer->hosts));
	while (peer->sender_count)
		mdns_peer_drop_sender(browser, peer, peer->sender_count - 1);
	heap_remove(&browser->by_due, &peer->by_due);
	TAILQ_REMOVE(&browser->peers, peer, entry);
	free(peer);
}

void mdns_peer_settle(struct mdns_browser *browser, struct mdns_peer *peer)
{
	struct instant due = peer->retry;
	const struct mdns_instance *instance;
	const struct mdns_host *host;

	SLIST_FOREACH(instance, &peer->instances, entry)
	{
		enum record_care care = mdns_instance_care(browser, instance);
		due = instant_earlier(
		    due, record_life_due(&instance->ptr, mdns_pointer_care(instance)));
		due = instant_earlier(due, record_life_due(&instance->srv, care));
		due = instant_earlier(due, record_life_due(&instance->txt_life, care));
	}
	SLIST_FOREACH(host, &peer->hosts, entry)
	{
		enum record_care care = mdns_host_care(browser, peer, host);
		due = instant_earlier(due, host->ask);
		for (size_t i = 0; i < host->address_count; i++)
			due = instant_earlier(due, record_life_due(&host->addresses[i].life, care));
	}
	heap_update(&browser->by_due, &peer->by_due, due.us);
}

static void count_records(struct mdns_browser *browser, struct mdns_peer *peer, int count)
{
	peer->records = (unsigned)((int)peer->records + count);
	browser->records = (unsigned)((int)browser->records + count);
}

void mdns_cache_follow_watchers(struct mdns_browser *browser)
{
	struct mdns_peer *peer;

	if (browser->watched == mdns_browser_context(browser)->watched)
		return;
	browser->watched = mdns_browser_context(browser)->watched;
	TAILQ_FOREACH(peer, &browser->peers, entry)
	mdns_peer_settle(browser, peer);
}

/* Hosts. */

struct mdns_host *mdns_host_find(const struct mdns_peer *peer, const struct dns_name *name)
{
	struct mdns_host *host;

	SLIST_FOREACH(host, &peer->hosts, entry)
	if (dns_name_equal(&host->name, name))
		return host;
	return NULL;
}

struct mdns_host *mdns_host_get(
    struct mdns_browser *browser, struct mdns_peer *peer, const struct dns_name *name)
{
	struct mdns_host *host = mdns_host_find(peer, name);

	if (host || name->len == 0)
		return host;
	host = calloc(1, sizeof(*host));
	if (!host)
		return NULL;
	host->name = *name;
	host->ask = INSTANT_NEVER;
	SLIST_INSERT_HEAD(&peer->hosts, host, entry);
	count_records(browser, peer, HOST_RECORDS);
	return host;
}

void mdns_host_free(struct mdns_browser *browser, struct mdns_peer *peer, struct mdns_host *host)
{
	struct mdns_instance *instance;

	SLIST_FOREACH(instance, &peer->instances, entry)
	if (instance->host == host)
		instance->host = NULL;
	SLIST_REMOVE(&peer->hosts, host, mdns_host, entry);
	count_records(browser, peer, -(int)(HOST_RECORDS + host->address_count));
	free(host);
}

struct mdns_host_address *mdns_host_find_address(
    struct mdns_host *host, const struct address *address)
{
	for (size_t i = 0; i < host->address_count; i++)
		if (address_equal(&host->addresses[i].address, address))
			return &host->addresses[i];
	return NULL;
}

struct mdns_host_address *mdns_host_add_address(struct mdns_browser *browser,
    struct mdns_peer *peer, struct mdns_host *host, const struct address *address)
{
	struct mdns_host_address *added = mdns_host_find_address(host, address);

	if (added)
		return added;
	if (host->address_count == MDNS_ADDRESSES_MAX) {
		mdns_counted(browser->mdns, MDNS_RECORDS_REFUSED);
		return NULL;
	}
	added = &host->addresses[host->address_count++];
	*added = (struct mdns_host_address){.address = *address};
	count_records(browser, peer, 1);
	return added;
}

void mdns_host_drop_address(
    struct mdns_browser *browser, struct mdns_peer *peer, struct mdns_host *host, size_t at)
{
	host->address_count--;
	host->addresses[at] = host->addresses[host->address_count];
	count_records(browser, peer, -1);
}

/* Instances. */

static struct slice label_of(const struct mdns_instance *instance)
{
	return (struct slice){instance->label, instance->label_len};
}

static struct mdns_instance *find_instance(
    const struct mdns_peer *peer, const struct mdns_type *type, struct slice label)
{
	struct mdns_instance *instance;

	SLIST_FOREACH(instance, &peer->instances, entry)
	if (instance->type == type && slice_equal_nocase(label_of(instance), label))
		return instance;
	return NULL;
}

struct mdns_instance *mdns_instance_find(
    const struct mdns_browser *browser, const struct mdns_peer *peer, const struct dns_name *name)
{
	struct dns_name suffix = dns_name_without(name, 1);
	const struct mdns_type *type = mdns_type_find(browser, &suffix);

	return type ? find_instance(peer, type, dns_name_label(name, 0)) : NULL;
}

struct mdns_instance *mdns_instance_get(struct mdns_browser *browser, struct mdns_peer *peer,
    struct mdns_type *type, struct slice label)
{
	struct mdns_instance *instance = find_instance(peer, type, label);

	if (instance || label.len == 0 || label.len > DNS_LABEL_MAX)
		return instance;
	instance = calloc(1, sizeof(*instance) + label.len);
	if (!instance)
		return NULL;
	instance->type = type;
	type->users++;
	instance->label_len = (uint8_t)label.len;
	memcpy(instance->label, label.bytes, label.len);
	SLIST_INSERT_HEAD(&peer->instances, instance, entry);
	count_records(browser, peer, INSTANCE_RECORDS);
	return instance;
}

void mdns_instance_name(const struct mdns_instance *instance, struct dns_name *name)
{
	dns_name_init(name);
	dns_name_add(name, label_of(instance));
	dns_name_append(name, &instance->type->name);
}

void mdns_instance_free(
    struct mdns_browser *browser, struct mdns_peer *peer, struct mdns_instance *instance)
{
	SLIST_REMOVE(&peer->instances, instance, mdns_instance, entry);
	count_records(browser, peer, -INSTANCE_RECORDS);
	mdns_type_release(browser, instance->type);
	free(instance->txt);
	free(instance);
}

static struct mdns_instance *soonest(const struct mdns_peer *peer)
{
	struct mdns_instance *instance, *first = SLIST_FIRST(&peer->instances);

	SLIST_FOREACH(instance, &peer->instances, entry)
	if (instant_before(instance->ptr.expires, first->ptr.expires))
		first = instance;
	return first;
}

static struct mdns_peer *largest(const struct mdns_browser *browser)
{
	struct mdns_peer *peer, *most = TAILQ_FIRST(&browser->peers);

	TAILQ_FOREACH(peer, &browser->peers, entry)
	if (peer->records > most->records)
		most = peer;
	return most;
}

struct mdns_instance *mdns_cache_victim(
    struct mdns_browser *browser, struct mdns_peer *peer, unsigned count, struct mdns_peer **of)
{
	if (peer->records + count > MDNS_RECORDS_OF_PEER_MAX)
		*of = peer;
	else if (browser->records + count > MDNS_RECORDS_MAX)
		*of = largest(browser);
	else
		return NULL;
	return soonest(*of);
}

/* Questions of other hosts. */

static bool is_in_answers(const struct mdns_query *query, const struct dns_name *target)
{
	struct dns_record record;

	for (size_t i = 0; i < query->message_count; i++) {
		struct dns_cursor cursor = {0};
		while (dns_message_next(&query->messages[i], &cursor, &record))
			if (record.section == DNS_ANSWER && record.type == DNS_PTR &&
			    dns_name_equal(&record.target, target))
				return true;
	}
	return false;
}

/* The second question without an answer in between (RFC 6762, 10.5). */
static void miss(struct record_life *life, const struct mdns_peer *peer, struct instant now)
{
	if (life->missed && instant_since(now, peer->missed) >= SECONDS(1))
		record_life_check(life, now);
	life->missed = true;
}

static bool asks_for(const struct dns_record *question, uint16_t type)
{
	return question->type == type || question->type == DNS_ANY;
}

static void miss_instances(struct mdns_peer *peer, const struct mdns_query *query,
    const struct dns_record *question, struct instant now)
{
	struct mdns_instance *instance;
	struct dns_name name;

	SLIST_FOREACH(instance, &peer->instances, entry)
	{
		mdns_instance_name(instance, &name);
		if (asks_for(question, DNS_PTR) &&
		    dns_name_equal(&question->name, &instance->type->name) &&
		    !is_in_answers(query, &name))
			miss(&instance->ptr, peer, now);
		if (asks_for(question, DNS_SRV) && dns_name_equal(&question->name, &name))
			miss(&instance->srv, peer, now);
	}
}

static void miss_hosts(
    struct mdns_peer *peer, const struct dns_record *question, struct instant now)
{
	struct mdns_host *host = mdns_host_find(peer, &question->name);

	for (size_t i = 0; host && i < host->address_count; i++)
		if (asks_for(question,
			host->addresses[i].address.family == ADDRESS_IPV6 ? DNS_AAAA : DNS_A))
			miss(&host->addresses[i].life, peer, now);
}

void mdns_cache_miss(struct mdns_browser *browser, const struct mdns_query *query,
    const struct dns_record *question, struct instant now)
{
	struct mdns_peer *peer;

	TAILQ_FOREACH(peer, &browser->peers, entry)
	{
		if (peer->link != query->link)
			continue;
		miss_instances(peer, query, question, now);
		miss_hosts(peer, question, now);
		if (instant_since(now, peer->missed) >= SECONDS(1))
			peer->missed = now;
		mdns_peer_settle(browser, peer);
	}
}

int mdns_cache_init(struct mdns_browser *browser)
{
	TAILQ_INIT(&browser->types);
	TAILQ_INIT(&browser->peers);
	heap_init(&browser->by_due);
	return hashmap_init(&browser->senders, &mdns_browser_context(browser)->key);
}

void mdns_cache_fini(struct mdns_browser *browser)
{
	struct mdns_type *type;

	while (!TAILQ_EMPTY(&browser->peers))
		mdns_peer_free(browser, TAILQ_FIRST(&browser->peers));
	while ((type = TAILQ_FIRST(&browser->types))) {
		TAILQ_REMOVE(&browser->types, type, entry);
		free(type);
	}
	hashmap_fini(&browser->senders);
	heap_fini(&browser->by_due);
}

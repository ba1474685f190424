/* SPDX-License-Identifier: ISC
 * mdns_cache: the records of other machines: how long they hold, and how many there may be. */
#include "base/text.h"
#include "engine/mdns_browser_internal.h"
#include "engine/txt_facts.h"
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* RFC 6762, 10: a record that is not refreshed by then is not there any more. The table keeps
 * nothing for more than a day either. */
enum { TTL_MAX = 86400, REFRESHES = 4 };
#define CHECK_TIME  SECONDS(10)
#define CHECK_PAUSE SECONDS(2)
/* Records of an instance: PTR, SRV, TXT. */
enum { INSTANCE_RECORDS = 3, HOST_RECORDS = 1 };

/* Lifetimes. */

void mdns_life_begin(
    struct mdns_browser *browser, struct mdns_life *life, uint32_t ttl, struct instant now)
{
	uint64_t jitter = rng_below(mdns_browser_context(browser)->rng, 256);

	ttl = ttl < TTL_MAX ? ttl : TTL_MAX;
	*life = (struct mdns_life){
	    .expires = instant_add(now, SECONDS(ttl)), .ttl = ttl, .jitter = (uint8_t)jitter};
}

void mdns_life_end(struct mdns_life *life, struct instant now)
{
	if (life->ttl == 0 || life->leaving)
		return;
	life->leaving = true;
	life->expires = instant_add(now, SECONDS(1));
}

void mdns_life_check(struct mdns_life *life, struct instant now)
{
	if (life->ttl == 0 || life->leaving || life->checking)
		return;
	life->checking = true;
	life->asked = 0;
	life->expires = instant_add(now, CHECK_TIME);
}

/* RFC 6762, 5.2: at 80, 85, 90 and 95 % of its lifetime, plus up to 2 %. */
static struct instant refresh_due(const struct mdns_life *life)
{
	int64_t ttl = SECONDS(life->ttl);

	if (life->checking)
		return instant_add(life->expires, life->asked * CHECK_PAUSE - CHECK_TIME);
	return instant_add(life->expires,
	    -ttl * (20 - 5 * life->asked) / 100 + ttl * life->jitter / 256 * 2 / 100);
}

struct instant mdns_life_due(const struct mdns_life *life, bool refreshed)
{
	if (life->ttl == 0)
		return INSTANT_NEVER;
	if (life->leaving)
		return life->expires;
	if (!refreshed && !life->checking)
		return INSTANT_NEVER;
	return life->asked < REFRESHES ? refresh_due(life) : life->expires;
}

bool mdns_life_is_over(const struct mdns_life *life, bool refreshed, struct instant now)
{
	if (life->ttl == 0 || !instant_due(life->expires, now))
		return false;
	return life->leaving || life->checking || (refreshed && life->asked == REFRESHES);
}

/* What has run out while it was not refreshed is checked. */
bool mdns_life_ask(struct mdns_life *life, bool refreshed, struct instant now)
{
	if (life->asked < REFRESHES && refreshed && !life->checking && !life->leaving &&
	    life->ttl && instant_due(life->expires, now))
		mdns_life_check(life, now);
	if (life->leaving || life->asked >= REFRESHES ||
	    !instant_due(mdns_life_due(life, refreshed), now))
		return false;
	while (life->asked < REFRESHES && instant_due(refresh_due(life), now))
		life->asked++;
	return true;
}

bool mdns_instance_is_refreshed(const struct mdns_instance *instance)
{
	return instance->ptr.asked > 0;
}

bool mdns_host_is_refreshed(
    const struct mdns_browser *browser, const struct mdns_peer *peer, const struct mdns_host *host)
{
	const struct mdns_instance *instance;

	SLIST_FOREACH(instance, &peer->instances, entry)
	if (instance->host == host && (browser->watched || mdns_instance_is_refreshed(instance)))
		return true;
	return false;
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
	*sender = (struct mdns_sender){.peer = peer, .address = *address, .expires = INSTANT_NEVER};
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

void mdns_peer_settle(struct mdns_browser *browser, struct mdns_peer *peer, struct instant now)
{
	struct instant due = peer->retry;
	const struct mdns_instance *instance;
	const struct mdns_host *host;

	(void)now;
	SLIST_FOREACH(instance, &peer->instances, entry)
	{
		bool refreshed = mdns_instance_is_refreshed(instance);
		due = instant_earlier(due, mdns_life_due(&instance->ptr, true));
		due = instant_earlier(due, mdns_life_due(&instance->srv, refreshed));
		due = instant_earlier(due, mdns_life_due(&instance->txt_life, refreshed));
	}
	SLIST_FOREACH(host, &peer->hosts, entry)
	{
		bool refreshed = mdns_host_is_refreshed(browser, peer, host);
		bool used = mdns_host_is_used(peer, host);
		for (size_t i = 0; i < host->address_count; i++) {
			const struct mdns_life *life = &host->addresses[i].life;
			due = instant_earlier(
			    due, used ? mdns_life_due(life, refreshed) : life->expires);
		}
	}
	heap_update(&browser->by_due, &peer->by_due, due.us);
}

static void count_records(struct mdns_browser *browser, struct mdns_peer *peer, int count)
{
	peer->records = (unsigned)((int)peer->records + count);
	browser->records = (unsigned)((int)browser->records + count);
}

void mdns_cache_follow_watchers(struct mdns_browser *browser, struct instant now)
{
	struct mdns_peer *peer;

	if (browser->watched == mdns_browser_context(browser)->watched)
		return;
	browser->watched = mdns_browser_context(browser)->watched;
	TAILQ_FOREACH(peer, &browser->peers, entry)
	mdns_peer_settle(browser, peer, now);
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

bool mdns_host_is_used(const struct mdns_peer *peer, const struct mdns_host *host)
{
	const struct mdns_instance *instance;

	SLIST_FOREACH(instance, &peer->instances, entry)
	if (instance->host == host)
		return true;
	return false;
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

/* SPDX-License-Identifier: ISC
 * mdns_cache: the records of other machines: how long they hold, and how many there may be. */
#include "base/ascii.h"
#include "engine/mdns_browser_internal.h"
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

/* Without case. */
uint64_t mdns_name_hash(const struct mdns_browser *browser, const struct dns_name_ref *ref)
{
	struct dns_name name;

	dns_name_expand(ref, &name);
	for (size_t i = 0; i < name.len; i++)
		name.bytes[i] = (uint8_t)ascii_lower((char)name.bytes[i]);
	return hashmap_hash(&browser->hosts, (struct slice){(const char *)name.bytes, name.len});
}

/* Hosts. */

struct dns_name_ref mdns_host_name(const struct mdns_host *host)
{
	return (struct dns_name_ref){host->name, 0, host->name_len};
}

struct mdns_host *mdns_host_find(const struct mdns_peer *peer, const struct dns_name_ref *name)
{
	struct mdns_host *host;

	SLIST_FOREACH(host, &peer->hosts, entry)
	{
		struct dns_name_ref own = mdns_host_name(host);
		if (dns_name_refs_equal(&own, name))
			return host;
	}
	return NULL;
}

struct mdns_host *mdns_host_get(
    struct mdns_browser *browser, struct mdns_peer *peer, const struct dns_name_ref *ref)
{
	struct mdns_host *host = mdns_host_find(peer, ref);
	struct dns_name name;

	if (host || ref->len == 0)
		return host;
	host = calloc(1, sizeof(*host) + ref->len);
	if (!host)
		return NULL;
	dns_name_expand(ref, &name);
	host->name_len = name.len;
	memcpy(host->name, name.bytes, name.len);
	host->peer = peer;
	host->ask = INSTANT_NEVER;
	hashmap_insert(&browser->hosts, &host->by_name, mdns_name_hash(browser, ref));
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
	hashmap_remove(&browser->hosts, &host->by_name);
	count_records(browser, peer, -(int)(HOST_RECORDS + host->address_count));
	free(host->addresses);
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
	struct mdns_host_address *addresses;

	if (host->address_count == MDNS_ADDRESSES_MAX) {
		mdns_counted(browser->mdns, MDNS_RECORDS_REFUSED);
		return NULL;
	}
	addresses =
	    reallocarray(host->addresses, host->address_count + 1u, sizeof(host->addresses[0]));
	if (!addresses)
		return NULL;
	host->addresses = addresses;
	addresses += host->address_count++;
	*addresses = (struct mdns_host_address){.address = *address};
	count_records(browser, peer, 1);
	return addresses;
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

bool mdns_instance_has_name(const struct mdns_instance *instance, const struct dns_name_ref *name)
{
	return dns_name_ref_is_child(name, label_of(instance), &instance->type->name);
}

struct mdns_instance *mdns_instance_find(
    const struct mdns_peer *peer, const struct dns_name_ref *name)
{
	struct mdns_instance *instance;

	SLIST_FOREACH(instance, &peer->instances, entry)
	if (mdns_instance_has_name(instance, name))
		return instance;
	return NULL;
}

struct mdns_instance *mdns_instance_add(struct mdns_browser *browser, struct mdns_peer *peer,
    struct mdns_type *type, struct slice label)
{
	struct mdns_instance *instance = NULL;
	struct dns_name_ref ref;
	struct dns_name name;

	if (label.len > 0 && label.len <= DNS_LABEL_MAX)
		instance = calloc(1, sizeof(*instance) + label.len);
	if (!instance)
		return NULL;
	instance->peer = peer;
	instance->type = type;
	instance->changed = true;
	type->users++;
	type->instances++;
	instance->label_len = (uint8_t)label.len;
	memcpy(instance->label, label.bytes, label.len);
	mdns_instance_name(instance, &name);
	ref = dns_name_ref_of(&name);
	hashmap_insert(&browser->instances, &instance->by_name, mdns_name_hash(browser, &ref));
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

struct slice mdns_instance_txt(const struct mdns_instance *instance)
{
	if (instance->hashed)
		return SLICE_NONE;
	return (struct slice){instance->txt.data, instance->txt_len};
}

static uint64_t hash_txt(const struct mdns_browser *browser, struct slice txt)
{
	return siphash(&mdns_browser_context(browser)->key, txt);
}

static void free_txt(struct mdns_instance *instance)
{
	if (!instance->hashed)
		free(instance->txt.data);
	instance->txt.data = NULL;
	instance->txt_len = 0;
	instance->hashed = false;
}

static bool has_txt(
    const struct mdns_browser *browser, const struct mdns_instance *instance, struct slice txt)
{
	if (instance->hashed)
		return instance->txt_len == txt.len && instance->txt.hash == hash_txt(browser, txt);
	return slice_equal(mdns_instance_txt(instance), txt);
}

bool mdns_instance_take_txt(
    struct mdns_browser *browser, struct mdns_instance *instance, struct slice txt)
{
	char *data;

	if (has_txt(browser, instance, txt) || !(data = slice_dup(txt)))
		return false;
	free_txt(instance);
	instance->txt.data = data;
	instance->txt_len = (uint16_t)txt.len;
	return true;
}

void mdns_instance_drop_txt(struct mdns_browser *browser, struct mdns_instance *instance)
{
	uint64_t hash;

	if (instance->hashed || instance->txt_len == 0)
		return;
	hash = hash_txt(browser, mdns_instance_txt(instance));
	free(instance->txt.data);
	instance->txt.hash = hash;
	instance->hashed = true;
}

void mdns_instance_forget_txt(struct mdns_instance *instance)
{
	if (!instance->hashed && instance->txt_len > 0)
		return;
	free_txt(instance);
	instance->txt_life = (struct record_life){0};
}

void mdns_instance_free(
    struct mdns_browser *browser, struct mdns_peer *peer, struct mdns_instance *instance)
{
	SLIST_REMOVE(&peer->instances, instance, mdns_instance, entry);
	hashmap_remove(&browser->instances, &instance->by_name);
	count_records(browser, peer, -INSTANCE_RECORDS);
	instance->type->instances--;
	mdns_type_release(browser, instance->type);
	free_txt(instance);
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
	const struct siphash_key *key = &mdns_browser_context(browser)->key;

	TAILQ_INIT(&browser->types);
	TAILQ_INIT(&browser->peers);
	heap_init(&browser->by_due);
	if (hashmap_init(&browser->senders, key) < 0 || hashmap_init(&browser->hosts, key) < 0)
		return -ENOMEM;
	return hashmap_init(&browser->instances, key);
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
	hashmap_fini(&browser->instances);
	hashmap_fini(&browser->hosts);
	hashmap_fini(&browser->senders);
	heap_fini(&browser->by_due);
}

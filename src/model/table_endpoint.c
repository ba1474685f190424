/* SPDX-License-Identifier: ISC
 * table_endpoint: endpoints: how they are found, made and freed, and what they say of themselves.
 */
#include "base/ascii.h"
#include "base/mac.h"
#include "model/table_internal.h"
#include <stdlib.h>
#include <string.h>

/* A key that has no text of its own is known by the address that it was seen at. */
uint64_t table_endpoint_hash_key(
    const struct table *table, const struct key *key, const struct address *from, uint32_t link)
{
	char text[KEY_TEXT_MAX];
	size_t len = key_canonical(key, text);

	if (key->kind == KEY_ADDRESS) {
		memcpy(text + len, &link, sizeof(link));
		len += sizeof(link);
		memcpy(text + len, from->bytes, sizeof(from->bytes));
		len += sizeof(from->bytes);
	}
	return hashmap_hash(&table->by_key, (struct slice){text, len});
}

/* The one that was heard at this address, or where it says that it was heard before; else the one
 * that has this MAC: where the kernel has not confirmed that lately, another host may have the
 * address. */
struct endpoint *table_endpoint_identify(
    const struct table *table, const struct sighting *sighting, uint64_t *hash)
{
	struct endpoint *by_mac = NULL, *also = NULL;

	*hash = table_endpoint_hash_key(table, &sighting->key, &sighting->from, sighting->link);
	struct hashmap_node *node = hashmap_first(&table->by_key, *hash);
	for (; node; node = hashmap_next(node)) {
		struct endpoint *endpoint = CONTAINER_OF(node, struct endpoint, by_key);
		if (endpoint->protocol != sighting->protocol || endpoint->link != sighting->link ||
		    endpoint->reflected != sighting->reflected ||
		    !key_equal(&endpoint->key, &sighting->key))
			continue;
		if (endpoint_find_presence(endpoint, &sighting->also))
			also = endpoint;
		if (endpoint_find_presence(endpoint, &sighting->from))
			return endpoint;
		const struct presence *first = STAILQ_FIRST(&endpoint->presences);
		if (sighting->key.kind != KEY_ADDRESS && sighting->mac.known &&
		    !sighting->mac_unsure && !first->unsure && first->mac.known &&
		    mac_equal(&first->mac, &sighting->mac))
			by_mac = endpoint;
	}
	return also ? also : by_mac;
}

/* The text of a UUID that is written as key_format() does need not be kept. */
static struct slice text_to_keep(const struct key *key)
{
	size_t at = 0;

	if (key->kind != KEY_UUID || key->text.len != KEY_UUID_TEXT_MAX - 1)
		return key->text;
	while (at < key->text.len && key->text.bytes[at] == ascii_lower(key->text.bytes[at]))
		at++;
	return at == key->text.len ? SLICE_NONE : key->text;
}

static struct endpoint *endpoint_new(const struct key *key)
{
	struct slice text = text_to_keep(key);
	struct endpoint *endpoint = calloc(1, sizeof(*endpoint) + text.len);

	if (!endpoint)
		return NULL;
	STAILQ_INIT(&endpoint->presences);
	heap_node_init(&endpoint->by_expiry);
	endpoint->key = *key;
	endpoint->key.text = SLICE_NONE;
	if (text.len > 0) {
		char *copy = memcpy(endpoint + 1, text.bytes, text.len);
		endpoint->key.text = (struct slice){copy, text.len};
	}
	return endpoint;
}

struct endpoint *table_endpoint_add(
    struct table *table, const struct sighting *sighting, uint64_t hash, struct instant expires)
{
	struct endpoint *endpoint = endpoint_new(&sighting->key);

	if (!endpoint)
		return NULL;
	endpoint->protocol = sighting->protocol;
	endpoint->link = sighting->link;
	endpoint->reflected = endpoint->guest = sighting->reflected;
	endpoint->first_seen = endpoint->last_seen = table->now;
	table_source_charge(
	    table, endpoint, (int64_t)(TABLE_ENDPOINT_BYTES + table_key_bytes(&endpoint->key)));
	endpoint->by_mac = sighting->mac.known;
	TAILQ_INSERT_TAIL(&table->unverified[endpoint->by_mac], endpoint, of_unverified);
	hashmap_insert(&table->by_key, &endpoint->by_key, hash);
	hashmap_insert(&table->by_number, &endpoint->by_number, ++table->last_number);
	table->endpoint_count++;
	struct presence *presence = table_presence_add(table, endpoint, sighting);
	if (!presence || table_source_join(table, endpoint, &sighting->mac, &sighting->from) < 0 ||
	    heap_insert(&table->by_expiry, &endpoint->by_expiry, expires.us) < 0) {
		table_endpoint_free(table, endpoint);
		return NULL;
	}
	presence->expires = expires;
	return endpoint;
}

static void drop_page(struct table *table, struct endpoint *endpoint)
{
	if (!endpoint->page)
		return;
	table_source_charge(table, endpoint, -(int64_t)endpoint->page->size);
	free(endpoint->page);
	endpoint->page = NULL;
}

void table_page_take(
    struct table *table, struct endpoint *endpoint, const struct sighting *sighting)
{
	size_t old = endpoint->page ? endpoint->page->size : 0;

	if (!sighting->page || (sighting->partial && endpoint->described && old))
		return;
	struct device_page *page = device_page_copy(sighting->page);
	if (!page) {
		table_counted(table, COUNT_OUT_OF_MEMORY);
		return;
	}
	if (page->size > old && table_source_make_room(table, endpoint, page->size - old) < 0) {
		free(page);
		return;
	}
	drop_page(table, endpoint);
	endpoint->page = page;
	table_source_charge(table, endpoint, (int64_t)page->size);
}

void table_endpoint_free(struct table *table, struct endpoint *endpoint)
{
	drop_page(table, endpoint);
	table_services_clear(table, endpoint);
	while (!STAILQ_EMPTY(&endpoint->presences))
		table_presence_remove(table, endpoint, STAILQ_FIRST(&endpoint->presences));
	while (endpoint->fact_set)
		table_drop_fact(
		    table, endpoint, (enum endpoint_fact)__builtin_ctz(endpoint->fact_set));
	table_drop_string(table, endpoint, &endpoint->url);
	table_drop_string(table, endpoint, &endpoint->next_url);
	table_source_leave(table, endpoint);
	if (endpoint->evicted)
		STAILQ_REMOVE(&table->evicted, endpoint, endpoint, of_evicted);
	if (!endpoint->verified)
		TAILQ_REMOVE(&table->unverified[endpoint->by_mac], endpoint, of_unverified);
	hashmap_remove(&table->by_key, &endpoint->by_key);
	hashmap_remove(&table->by_number, &endpoint->by_number);
	heap_remove(&table->by_expiry, &endpoint->by_expiry);
	table->endpoint_count--;
	table->memory -= endpoint->charge;
	free(endpoint);
}

/* Messages say these as well: a description that does not mention them takes nothing back. */
static bool is_said_by_messages(enum endpoint_fact fact)
{
	return fact == FACT_TYPE || fact == FACT_SERVER || fact == FACT_HOST_NAME;
}

static bool takes_fact(
    const struct endpoint *endpoint, const struct sighting *sighting, enum endpoint_fact fact)
{
	bool known = endpoint_fact(endpoint, fact) != NULL;

	/* Programs on one host ask by different names: the first one stays. */
	if (sighting->event == SIGHTING_ASKED)
		return !known;
	if (sighting->event == SIGHTING_DESCRIBED)
		return !sighting->partial || !known || !endpoint->described;
	if (sighting->whole)
		return true;
	/* A device that announces its embedded devices under its own key names several types: the
	 * first one stays until the description says it. */
	return fact != FACT_TYPE || !known || (!endpoint->type_settled && !endpoint->described);
}

bool table_facts_known(const struct endpoint *endpoint, const struct sighting *sighting)
{
	if (sighting->whole || (sighting->primary && !endpoint->primary))
		return false;
	for (size_t i = 0; i < FACTS; i++) {
		struct slice said = sighting->facts[i];
		if (said.len > 0 && takes_fact(endpoint, sighting, (enum endpoint_fact)i) &&
		    !slice_equal(said, slice_of(endpoint_fact(endpoint, i))))
			return false;
	}
	return true;
}

bool table_facts_take(
    struct table *table, struct endpoint *endpoint, const struct sighting *sighting)
{
	bool described = sighting->event == SIGHTING_DESCRIBED;
	bool takes_back = described && !sighting->partial;
	bool changed = sighting->primary && !endpoint->primary;

	endpoint->primary |= sighting->primary;
	for (size_t i = 0; i < FACTS; i++) {
		enum endpoint_fact fact = (enum endpoint_fact)i;
		if (sighting->facts[i].len > 0) {
			if (takes_fact(endpoint, sighting, fact))
				changed |=
				    table_set_fact(table, endpoint, fact, sighting->facts[i]);
		} else if ((sighting->whole || (takes_back && !is_said_by_messages(fact))) &&
			   endpoint_fact(endpoint, fact)) {
			table_drop_fact(table, endpoint, fact);
			changed = true;
		}
	}
	if (described && !sighting->partial)
		endpoint->described = true;
	endpoint->type_settled |= sighting->facts[FACT_TYPE].len > 0;
	return changed;
}

/* What was described counts, then what it said itself. */
static void absorb_facts(
    struct table *table, struct endpoint *endpoint, const struct endpoint *other)
{
	bool takes_all = !endpoint->described && other->described;

	for (size_t i = 0; i < FACTS; i++) {
		enum endpoint_fact fact = (enum endpoint_fact)i;
		const char *said = endpoint_fact(other, fact);
		if (said && (takes_all || !endpoint_fact(endpoint, fact)))
			table_set_fact(table, endpoint, fact, slice_of(said));
	}
	if (!endpoint->has_epoch) {
		endpoint->has_epoch = other->has_epoch;
		endpoint->epoch = other->epoch;
		endpoint->epoch_since = other->epoch_since;
	}
	if (!endpoint->url && other->url) {
		table_set_string(
		    table, endpoint, &endpoint->url, slice_of(other->url), ENDPOINT_URL_MAX);
		endpoint->url_expires = other->url_expires;
	}
	endpoint->described |= other->described;
	endpoint->is_device |= other->is_device;
	endpoint->primary |= other->primary;
	endpoint->type_settled |= other->type_settled;
}

void table_endpoint_absorb(struct table *table, struct endpoint *endpoint, struct endpoint *other)
{
	endpoint->guest &= other->guest;
	endpoint->restored &= other->restored;
	if (other->verified)
		table_endpoint_verify(table, endpoint);
	table_presences_absorb(table, endpoint, other);
	absorb_facts(table, endpoint, other);
	table_services_absorb(table, endpoint, other);
	if (!endpoint->page && other->page) {
		endpoint->page = other->page;
		other->page = NULL;
		table_source_charge(table, other, -(int64_t)endpoint->page->size);
		table_source_charge(table, endpoint, (int64_t)endpoint->page->size);
	}
	endpoint->first_seen = instant_earlier(endpoint->first_seen, other->first_seen);
	if (!endpoint->first_seen_wall)
		endpoint->first_seen_wall = other->first_seen_wall;
	endpoint->last_seen = instant_later(endpoint->last_seen, other->last_seen);
}

static struct instant due_of(const struct table *table, const struct presence *presence)
{
	struct instant call = table_presence_last_call(presence);

	return instant_before(table->now, call) ? instant_earlier(call, presence->expires)
						: presence->expires;
}

static struct instant deadline_of(const struct table *table, const struct endpoint *endpoint)
{
	const struct presence *presence;
	struct instant deadline = INSTANT_NEVER;

	STAILQ_FOREACH(presence, &endpoint->presences, next)
	deadline = instant_earlier(deadline, due_of(table, presence));
	for (size_t i = 0; i < endpoint->service_count; i++)
		deadline = instant_earlier(deadline, endpoint->services[i].expires);
	return deadline;
}

void table_endpoint_settle(struct table *table, struct endpoint *endpoint)
{
	int64_t deadline = deadline_of(table, endpoint).us;

	if (deadline < endpoint->by_expiry.key)
		heap_update(&table->by_expiry, &endpoint->by_expiry, deadline);
}

void table_endpoint_looked_at(struct table *table, struct endpoint *endpoint)
{
	heap_update(&table->by_expiry, &endpoint->by_expiry, deadline_of(table, endpoint).us);
}

void table_endpoint_verify(struct table *table, struct endpoint *endpoint)
{
	struct presence *presence;

	if (endpoint->verified)
		return;
	table_source_verify(table, endpoint);
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	if (!instant_is_never(presence->reconfirmable))
		presence->expires = instant_later(presence->expires, presence->promised);
	table_endpoint_settle(table, endpoint);
}

struct endpoint *table_endpoint_next_of_key(
    const struct table *table, const struct endpoint *endpoint, const struct endpoint *after)
{
	struct hashmap_node *node = after ? hashmap_next(&after->by_key)
					  : hashmap_first(&table->by_key, endpoint->by_key.hash);

	for (; node; node = hashmap_next(node)) {
		struct endpoint *other = CONTAINER_OF(node, struct endpoint, by_key);
		if (other != endpoint && key_equal(&other->key, &endpoint->key))
			return other;
	}
	return NULL;
}

struct endpoint *table_endpoint_find(const struct table *table, uint64_t number)
{
	struct hashmap_node *node = hashmap_first(&table->by_number, number);

	return node ? CONTAINER_OF(node, struct endpoint, by_number) : NULL;
}

const struct endpoint *table_find_endpoint(const struct table *table, uint64_t number)
{
	return table_endpoint_find(table, number);
}

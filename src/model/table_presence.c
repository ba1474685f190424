/* SPDX-License-Identifier: ISC
 * table_presence: the addresses of endpoints, and which MACs have others since. */
#include "base/mac.h"
#include "model/protocol_id.h"
#include "model/table_internal.h"
#include <stdlib.h>
#include <string.h>

/* What is not verified lives no longer than this while its source or the table is crowded. */
#define CROWDED_LIFETIME SECONDS(300)

void table_presence_touch(struct table *table, const struct presence *presence)
{
	if (presence_is_ipv4(presence))
		table_presence_retie(table, presence);
}

void table_presence_retie(struct table *table, const struct presence *presence)
{
	struct mac *macs = table->retied;
	size_t count = table->retied_count;

	if (!presence_has_sure_mac(presence) ||
	    (count > 0 && mac_equal(&macs[count - 1], &presence->mac)))
		return;
	if (count == table->retied_max) {
		size_t max = count ? 2 * count : 4;
		macs = reallocarray(macs, max, sizeof(*macs));
		if (!macs) {
			table_counted(table, COUNT_OUT_OF_MEMORY);
			return;
		}
		table->retied = macs;
		table->retied_max = max;
	}
	macs[table->retied_count++] = presence->mac;
}

/* On any link. */
static uint64_t hash_address(const struct table *table, const struct address *address)
{
	char bytes[sizeof(address->bytes)];

	memcpy(bytes, address->bytes, sizeof(bytes));
	return hashmap_hash(&table->by_address, (struct slice){bytes, sizeof(bytes)});
}

void table_presences_trim(struct table *table, struct endpoint *endpoint, size_t max)
{
	struct presence *presence;

	while (endpoint->presence_count > max) {
		struct presence *soonest = STAILQ_FIRST(&endpoint->presences);
		STAILQ_FOREACH(presence, &endpoint->presences, next)
		if (instant_before(presence->expires, soonest->expires))
			soonest = presence;
		table_presence_remove(table, endpoint, soonest);
	}
}

struct presence *table_presence_first(const struct table *table, const struct address *address)
{
	struct hashmap_node *node = hashmap_first(&table->by_address, hash_address(table, address));

	return node ? CONTAINER_OF(node, struct presence, by_address) : NULL;
}

struct presence *table_presence_next(const struct presence *presence)
{
	struct hashmap_node *node = hashmap_next(&presence->by_address);

	return node ? CONTAINER_OF(node, struct presence, by_address) : NULL;
}

struct presence *table_presence_next_at(
    const struct table *table, uint32_t link, const struct address *address, uint64_t after)
{
	struct presence *presence = table_presence_first(table, address), *first = NULL;

	for (; presence; presence = table_presence_next(presence)) {
		uint64_t number = endpoint_number(presence->endpoint);
		if (presence->endpoint->link == link && number > after &&
		    (!first || number < endpoint_number(first->endpoint)) &&
		    address_equal(&presence->address, address))
			first = presence;
	}
	return first;
}

/* A presence lives as long as is promised, unless it is in a crowd. */
static struct instant expiry_of(
    const struct table *table, const struct endpoint *endpoint, struct instant promised)
{
	if (!endpoint->verified && table_source_is_crowded(table, endpoint))
		return instant_earlier(promised, instant_add(table->now, CROWDED_LIFETIME));
	return promised;
}

/* A question promises nothing, so it shortens no promise. */
void table_presence_renew(const struct table *table, struct presence *presence,
    enum sighting_event event, struct instant promised)
{
	struct instant expires = expiry_of(table, presence->endpoint, promised);

	if (event == SIGHTING_ASKED) {
		presence->promised = instant_later(presence->promised, promised);
		presence->expires = instant_later(presence->expires, expires);
		return;
	}
	presence->promised = promised;
	presence->expires = expires;
	presence->cut_short = instant_before(expires, promised);
}

struct instant table_presence_last_call(const struct presence *presence)
{
	const struct endpoint *endpoint = presence->endpoint;

	if (!(endpoint->verified || endpoint->answers) ||
	    endpoint->protocol->rank == PROTOCOL_RANK_NEIGHBOUR ||
	    instant_is_never(presence->reconfirmable))
		return INSTANT_NEVER;
	return instant_add(presence->expires, -TABLE_LAST_ANSWER_TIME);
}

struct presence *table_presence_add(
    struct table *table, struct endpoint *endpoint, const struct sighting *sighting)
{
	struct presence *presence;

	table_presences_trim(table, endpoint, ENDPOINT_PRESENCES_MAX - 1);
	presence = calloc(1, sizeof(*presence));
	if (!presence)
		return NULL;
	presence->endpoint = endpoint;
	presence->address = sighting->from;
	presence->network = sighting->network;
	presence->port = sighting->port;
	presence->mac = sighting->mac;
	presence->unsure = sighting->mac.known && sighting->mac_unsure;
	STAILQ_INSERT_TAIL(&endpoint->presences, presence, next);
	endpoint->presence_count++;
	hashmap_insert(
	    &table->by_address, &presence->by_address, hash_address(table, &sighting->from));
	table_source_charge(table, endpoint, sizeof(*presence));
	table_presence_touch(table, presence);
	return presence;
}

void table_presence_remove(
    struct table *table, struct endpoint *endpoint, struct presence *presence)
{
	table_presence_touch(table, presence);
	table_repeats_forget(table, endpoint);
	STAILQ_REMOVE(&endpoint->presences, presence, presence, next);
	endpoint->presence_count--;
	hashmap_remove(&table->by_address, &presence->by_address);
	table_drop_string(table, endpoint, &presence->url);
	table_source_charge(table, endpoint, -(int64_t)sizeof(*presence));
	free(presence);
}

void table_presence_says(
    struct table *table, struct presence *presence, const struct sighting *sighting)
{
	table_set_string(
	    table, presence->endpoint, &presence->url, sighting->url, ENDPOINT_URL_MAX);
}

void table_presences_absorb(struct table *table, struct endpoint *endpoint, struct endpoint *other)
{
	table_repeats_forget(table, endpoint);
	table_repeats_forget(table, other);
	for (struct presence *presence; (presence = STAILQ_FIRST(&other->presences));) {
		STAILQ_REMOVE_HEAD(&other->presences, next);
		other->presence_count--;
		presence->endpoint = endpoint;
		STAILQ_INSERT_TAIL(&endpoint->presences, presence, next);
		endpoint->presence_count++;
		int64_t charge = (int64_t)sizeof(*presence) +
				 (presence->url ? (int64_t)strlen(presence->url) + 1 : 0);
		table_source_charge(table, other, -charge);
		table_source_charge(table, endpoint, charge);
	}
}

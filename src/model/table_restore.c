/* SPDX-License-Identifier: ISC
 * table_restore: what is known from a former start is put in again, as it was, but not confirmed
 * yet. */
#include "model/protocol_id.h"
#include "model/table_internal.h"
#include <errno.h>
#include <string.h>

static size_t length_of(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

/* About as much as the endpoint needs. */
static size_t charge_of(const struct endpoint *like)
{
	size_t charge = TABLE_ENDPOINT_BYTES + table_key_bytes(&like->key);
	const struct presence *presence;

	STAILQ_FOREACH(presence, &like->presences, next)
	charge += sizeof(*presence) + length_of(presence->url);
	for (size_t i = 0; i < FACTS; i++)
		charge += length_of(endpoint_fact(like, i));
	for (size_t i = 0; i < like->service_count; i++) {
		const struct service *service = &like->services[i];
		charge += sizeof(*service) + length_of(service->type) + length_of(service->key) +
			  length_of(service->name) + length_of(service->url) + service->txt_len;
	}
	return charge + length_of(like->url) + length_of(like->next_url);
}

static struct sighting sighting_of(const struct endpoint *like, const struct presence *presence)
{
	struct sighting sighting = {
	    .event = SIGHTING_ALIVE,
	    .protocol = like->protocol,
	    .key = like->key,
	    .from = presence->address,
	    .link = like->link,
	    .network = presence->network,
	    .port = presence->port,
	    .mac = presence->mac,
	    .mac_unsure = presence->unsure,
	    .url = slice_of(presence->url),
	    .reflected = like->reflected,
	    .page = like->page,
	};

	for (size_t i = 0; i < FACTS; i++)
		sighting.facts[i] = slice_of(endpoint_fact(like, i));
	return sighting;
}

static void take_presence(struct table *table, struct endpoint *endpoint, const struct endpoint *of,
    const struct presence *like)
{
	struct sighting sighting = sighting_of(of, like);
	struct presence *presence = endpoint_find_presence(endpoint, &like->address);

	if (!presence && endpoint->presence_count < ENDPOINT_PRESENCES_MAX)
		presence = table_presence_add(table, endpoint, &sighting);
	if (!presence)
		return;
	presence->expires = like->expires;
	table_presence_says(table, presence, &sighting);
	if (!endpoint->by_mac && presence->mac.known)
		table_source_learn_mac(table, endpoint, &presence->mac);
}

/* What it was, beyond what a sighting says. */
static void take_state(struct table *table, struct endpoint *endpoint, const struct endpoint *like)
{
	endpoint->first_seen = like->first_seen;
	endpoint->first_seen_wall = like->first_seen_wall;
	endpoint->last_seen = like->last_seen;
	endpoint->url_expires = like->url_expires;
	endpoint->epoch = like->epoch;
	endpoint->has_epoch = like->has_epoch;
	endpoint->epoch_since = like->epoch_since;
	endpoint->former_epoch = like->former_epoch;
	endpoint->renumbered = like->renumbered;
	endpoint->revision = like->revision;
	endpoint->has_revision = like->has_revision;
	endpoint->claim = like->claim;
	endpoint->guest = like->guest;
	endpoint->is_device = like->is_device;
	endpoint->type_settled = like->type_settled;
	endpoint->primary = like->primary;
	endpoint->described = like->described;
	endpoint->restored = true;
	if (like->verified)
		table_source_verify(table, endpoint);
}

static void fill(struct table *table, struct endpoint *endpoint, const struct endpoint *like)
{
	const struct presence *presence;
	const struct sighting sighting = sighting_of(like, STAILQ_FIRST(&like->presences));

	STAILQ_FOREACH(presence, &like->presences, next)
	take_presence(table, endpoint, like, presence);
	table_facts_take(table, endpoint, &sighting);
	take_state(table, endpoint, like);
	table_services_absorb(table, endpoint, like);
	table_page_take(table, endpoint, &sighting);
	table_set_string(table, endpoint, &endpoint->url, slice_of(like->url), ENDPOINT_URL_MAX);
	table_set_string(
	    table, endpoint, &endpoint->next_url, slice_of(like->next_url), ENDPOINT_URL_MAX);
	table_endpoint_settle(table, endpoint);
}

/* Of the same device as others that were restored with this id. */
static int place(struct table *table, struct endpoint *endpoint, const struct device *like)
{
	char text[KEY_UUID_TEXT_MAX];
	struct slice id = slice_of(device_id(like, text));
	struct device *device = table_device_find(table, id);

	if (device) {
		table_device_take(table, device, endpoint);
	} else {
		device = table_device_new(table, endpoint);
		if (!device)
			return -ENOMEM;
		table_device_set_id(table, device, id);
	}
	device->first_seen = like->first_seen;
	device->first_seen_wall = like->first_seen_wall;
	device->last_seen = like->last_seen;
	device->reachable = like->reachable;
	return 0;
}

/* Caps hold for it as for what is heard. */
static bool is_too_much(const struct table *table, const struct endpoint *endpoint)
{
	const struct table_limits *limits = &table->limits;
	struct table_holding holding = table_source_holding(endpoint);

	return holding.charge > limits->memory_per_source ||
	       (!endpoint->verified && holding.unverified > limits->endpoints_per_source);
}

static int restore(struct table *table, const struct device *device, const struct endpoint *like,
    const struct endpoint **restored)
{
	const struct presence *first = STAILQ_FIRST(&like->presences);
	const struct sighting sighting = sighting_of(like, first);
	uint64_t hash;

	if (table_endpoint_identify(table, &sighting, &hash))
		return -EEXIST;
	if (table->endpoint_count >= table->limits.endpoints ||
	    table->memory + charge_of(like) > table->limits.memory)
		return -ENOSPC;
	struct endpoint *endpoint = table_endpoint_add(table, &sighting, hash, first->expires);
	if (!endpoint)
		return -ENOMEM;
	fill(table, endpoint, like);
	int error = is_too_much(table, endpoint) ? -ENOSPC : place(table, endpoint, device);
	if (error < 0) {
		table_endpoint_free(table, endpoint);
		return error;
	}
	table_evict(table);
	table_counted(table, COUNT_RESTORED);
	*restored = endpoint;
	return 0;
}

int table_restore(struct table *table, struct instant now, const struct device *device,
    const struct endpoint *like, const struct endpoint **restored)
{
	char text[KEY_TEXT_MAX];
	struct endpoint clean = *like;

	*restored = NULL;
	table->now = now;
	clean.key = key_clean(&like->key, text);
	if (STAILQ_EMPTY(&like->presences))
		return table_former_keep(table, device, &clean.key);
	return restore(table, device, &clean, restored);
}

void table_restored(struct table *table)
{
	struct device *device;

	TAILQ_FOREACH(device, &table->devices, of_table)
	table_report_known(table, device);
}

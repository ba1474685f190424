/* SPDX-License-Identifier: ISC
 * forwarding: behind which port of a bridge a MAC address is, as the bridge has learned it. */
#include "model/forwarding.h"
#include "base/mac.h"
#include <stdlib.h>
#include <string.h>

/* Hashed by bridge and MAC: the VLANs of one are few, and are looked at together. */
struct station {
	struct fair_node node;
	struct forwarding_entry entry;
};

static struct station *station_of(struct fair_node *node)
{
	return CONTAINER_OF(node, struct station, node);
}

static void free_station(struct fair_node *node)
{
	free(station_of(node));
}

int forwarding_init(struct forwarding *forwarding, const struct siphash_key *key, size_t max)
{
	return fair_set_init(&forwarding->set, key, max);
}

void forwarding_fini(struct forwarding *forwarding)
{
	fair_set_fini(&forwarding->set, free_station);
}

static uint64_t hash_of(const struct forwarding *forwarding, uint32_t bridge, const struct mac *mac)
{
	char key[sizeof(bridge) + sizeof(mac->bytes)];

	memcpy(key, &bridge, sizeof(bridge));
	memcpy(key + sizeof(bridge), mac->bytes, sizeof(mac->bytes));
	return hashmap_hash(&forwarding->set.nodes, (struct slice){key, sizeof(key)});
}

/* The first of this bridge and MAC from here on. */
static struct station *skip_others(struct hashmap_node *at, uint32_t bridge, const struct mac *mac)
{
	for (; at; at = hashmap_next(at)) {
		struct station *station = station_of(CONTAINER_OF(at, struct fair_node, by_key));
		if (station->entry.bridge == bridge && mac_equal(&station->entry.mac, mac))
			return station;
	}
	return NULL;
}

static struct station *next_of(const struct station *station)
{
	return skip_others(
	    hashmap_next(&station->node.by_key), station->entry.bridge, &station->entry.mac);
}

static struct station *find(
    const struct forwarding *forwarding, const struct forwarding_entry *entry, uint64_t hash)
{
	struct station *station =
	    skip_others(hashmap_first(&forwarding->set.nodes, hash), entry->bridge, &entry->mac);

	while (station && station->entry.vlan != entry->vlan)
		station = next_of(station);
	return station;
}

static void forget(struct forwarding *forwarding, struct station *station)
{
	fair_set_remove(&forwarding->set, &station->node);
	free(station);
}

void forwarding_put(struct forwarding *forwarding, const struct forwarding_entry *entry)
{
	uint64_t hash = hash_of(forwarding, entry->bridge, &entry->mac);
	struct station *station = find(forwarding, entry, hash);

	if (station && station->entry.port == entry->port) {
		fair_set_touch(&forwarding->set, &station->node);
		return;
	}
	if (station)
		forget(forwarding, station);
	struct fair_node *victim = fair_set_victim(&forwarding->set, entry->port);
	if (victim)
		forget(forwarding, station_of(victim));
	station = calloc(1, sizeof(*station));
	if (!station)
		return;
	station->entry = *entry;
	if (fair_set_insert(&forwarding->set, &station->node, hash, entry->port) < 0)
		free(station);
}

void forwarding_remove(struct forwarding *forwarding, const struct forwarding_entry *entry)
{
	struct station *station =
	    find(forwarding, entry, hash_of(forwarding, entry->bridge, &entry->mac));

	if (station)
		forget(forwarding, station);
}

uint32_t forwarding_port(
    const struct forwarding *forwarding, uint32_t bridge, const struct mac *mac, uint16_t vlan)
{
	const struct station *station = skip_others(
	    hashmap_first(&forwarding->set.nodes, hash_of(forwarding, bridge, mac)), bridge, mac);
	uint32_t port = station && vlan == 0 ? station->entry.port : 0;

	for (; station; station = next_of(station)) {
		if (station->entry.vlan == vlan)
			return station->entry.port;
		if (station->entry.port != port)
			port = 0;
	}
	return port;
}

size_t forwarding_count(const struct forwarding *forwarding)
{
	return forwarding->set.nodes.count;
}

void forwarding_begin(struct forwarding *forwarding)
{
	fair_set_begin(&forwarding->set);
}

void forwarding_sweep(struct forwarding *forwarding)
{
	fair_set_sweep(&forwarding->set, free_station);
}

/* SPDX-License-Identifier: ISC
 * table_source: who made which rows, and which of them has to go when the table is full.
 *
 * Every source stands in a heap, ranked by how many of its rows may be pushed out and then by which
 * of those expires first. A refreshed row only makes that moment later, so the heap is not touched
 * then: the rank lags behind and is put right when the source comes to the top. Each refresh is
 * paid for once at most, so a flood of forged sources costs O(log n) per packet. */
#include "model/table_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A rank holds a count above a moment in milliseconds; 43 bits of them are 278 years. */
#define RANK_MOMENTS ((int64_t)1 << 43)
enum { RANK_COUNT_MAX = 1 << 19 };

enum { KEY_BY_MAC = 1 }; /* no address family has this number */

/* 64 bits under a random key: that two sources share them cannot be brought about, and does not
 * happen. */
static uint64_t hash_key(
    const struct table *table, uint8_t kind, const void *bytes, size_t len, uint32_t link)
{
	char key[1 + sizeof(((struct address *)NULL)->bytes) + sizeof(link)] = {(char)kind};

	memcpy(key + 1, bytes, len);
	memcpy(key + 1 + len, &link, sizeof(link));
	return hashmap_hash(&table->by_source, (struct slice){key, 1 + len + sizeof(link)});
}

static uint64_t key_of_place(
    const struct table *table, const struct address *address, uint32_t link)
{
	return hash_key(table, address->family, address->bytes, sizeof(address->bytes), link);
}

/* A MAC is the same one on every link. */
static uint64_t key_of_mac(const struct table *table, const struct mac *mac)
{
	return hash_key(table, KEY_BY_MAC, mac->bytes, sizeof(mac->bytes), 0);
}

uint64_t table_source_key(const struct table *table, const struct sighting *sighting)
{
	return sighting->mac.known ? key_of_mac(table, &sighting->mac)
				   : key_of_place(table, &sighting->from, sighting->link);
}

static struct table_source *find(const struct table *table, uint64_t key)
{
	struct hashmap_node *node = hashmap_first(&table->by_source, key);
	return node ? CONTAINER_OF(node, struct table_source, by_key) : NULL;
}

static size_t count_of(const struct table *table, uint64_t key)
{
	const struct table_source *source = find(table, key);
	return source ? source->count : 0;
}

size_t table_source_held_by(const struct table *table, const struct sighting *sighting)
{
	size_t held = count_of(table, key_of_place(table, &sighting->from, sighting->link));

	if (sighting->mac.known)
		held += count_of(table, key_of_mac(table, &sighting->mac));
	return held;
}

static int64_t rank(const struct table_source *source)
{
	int64_t count = source->unverified < RANK_COUNT_MAX ? source->unverified : RANK_COUNT_MAX;
	int64_t moment = source->soonest.us / MILLISECONDS(1);

	return (moment < RANK_MOMENTS ? moment : RANK_MOMENTS - 1) - count * RANK_MOMENTS;
}

static void rerank(struct table *table, struct table_source *source)
{
	if (source->unverified == 0)
		source->soonest = INSTANT_NEVER;
	heap_update(&table->by_rank, &source->by_rank, rank(source));
}

static bool may_go(const struct device *device)
{
	return device->reachable != DEVICE_REACHABLE_YES;
}

static struct table_source *make(struct table *table, uint64_t key)
{
	struct table_source *source = calloc(1, sizeof(*source));

	if (!source)
		return NULL;
	source->soonest = INSTANT_NEVER;
	heap_node_init(&source->by_rank);
	if (heap_insert(&table->by_rank, &source->by_rank, rank(source)) < 0) {
		free(source);
		return NULL;
	}
	hashmap_insert(&table->by_source, &source->by_key, key);
	return source;
}

int table_source_join(struct table *table, struct device *device, uint64_t key)
{
	struct table_source *source = find(table, key);

	if (!source)
		source = make(table, key);
	if (!source)
		return -ENOMEM;
	device->source = source;
	device->source_previous = NULL;
	device->source_next = source->devices;
	if (source->devices)
		source->devices->source_previous = device;
	source->devices = device;
	source->count++;
	source->unverified += may_go(device);
	table_source_note_expiry(table, device);
	return 0;
}

void table_source_leave(struct table *table, struct device *device)
{
	struct table_source *source = device->source;

	if (device->source_previous)
		device->source_previous->source_next = device->source_next;
	else
		source->devices = device->source_next;
	if (device->source_next)
		device->source_next->source_previous = device->source_previous;
	device->source = NULL;
	source->count--;
	source->unverified -= may_go(device);
	if (source->count > 0) {
		rerank(table, source);
		return;
	}
	heap_remove(&table->by_rank, &source->by_rank);
	hashmap_remove(&table->by_source, &source->by_key);
	free(source);
}

void table_source_learn_mac(
    struct table *table, struct device *device, const struct device_presence *presence)
{
	if (!presence->mac.known || device->counted_by_mac)
		return;
	/* Only the place that made the row can say by which MAC it did. */
	if (device->source->by_key.hash != key_of_place(table, &presence->address, presence->link))
		return;
	uint64_t key = key_of_mac(table, &presence->mac);
	if (!find(table, key) && !make(table, key)) {
		table_counted(table, COUNT_OUT_OF_MEMORY);
		return;
	}
	device->counted_by_mac = true;
	table_source_leave(table, device);
	table_source_join(table, device, key);
}

void table_source_note_expiry(struct table *table, struct device *device)
{
	struct table_source *source = device->source;

	if (!may_go(device))
		return;
	source->soonest = instant_earlier(source->soonest, device_expires(device));
	if (source->by_rank.key != rank(source))
		rerank(table, source);
}

bool table_source_set_reachable(
    struct table *table, struct device *device, enum device_reachable reachable)
{
	if (device->reachable == reachable)
		return false;
	device->source->unverified -= may_go(device);
	device->reachable = reachable;
	device->source->unverified += may_go(device);
	rerank(table, device->source);
	table_source_note_expiry(table, device);
	return true;
}

/* Of those that may go. */
static struct device *soonest_of(const struct table_source *source)
{
	struct device *soonest = NULL;

	for (struct device *device = source->devices; device; device = device->source_next)
		if (may_go(device) &&
		    (!soonest || instant_before(device_expires(device), device_expires(soonest))))
			soonest = device;
	return soonest;
}

/* The device on top of the heap once its source's rank is true; NULL when nobody may go. */
static struct device *first_to_go(struct table *table)
{
	struct heap_node *node;

	while ((node = heap_top(&table->by_rank))) {
		struct table_source *source = CONTAINER_OF(node, struct table_source, by_rank);
		struct device *device = soonest_of(source);
		if (!device)
			return NULL;
		source->soonest = device_expires(device);
		if (node->key == rank(source))
			return device;
		rerank(table, source);
	}
	return NULL;
}

struct device *table_source_victim(struct table *table, uint64_t newcomer)
{
	const struct table_source *own = find(table, newcomer);
	struct device *device = first_to_go(table);

	/* With the newcomer its own source would be the one that holds most. */
	if (device && own && own->unverified == device->source->unverified)
		return soonest_of(own);
	return device;
}

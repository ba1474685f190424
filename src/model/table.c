/* SPDX-License-Identifier: ISC
 * table: everybody who was seen: the rows, how they are found, walked, told of and forgotten. */
#include "model/table.h"
#include "base/ascii.h"
#include "base/text.h"
#include "model/table_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct table_limits TABLE_LIMITS_DEFAULT = {
    .devices = 4096,
    .devices_per_source = 32,
    .lifetime_min = SECONDS(30),
    .lifetime_max = SECONDS(86400),
};

static const char *const COUNTER_NAMES[TABLE_COUNTERS] = {
    [COUNT_ADDED] = "added",
    [COUNT_UPDATED] = "updated",
    [COUNT_REFRESHED] = "refreshed",
    [COUNT_REMOVED] = "removed",
    [COUNT_EXPIRED] = "expired",
    [COUNT_EVICTED] = "evicted",
    [COUNT_REFUSED_FULL] = "refused-full",
    [COUNT_REFUSED_SOURCE] = "refused-source",
    [COUNT_SERVICES_REFUSED] = "services-refused",
    [COUNT_REBOOTS] = "reboots",
    [COUNT_BYES] = "byes",
    [COUNT_BYES_REFUSED] = "byes-refused",
    [COUNT_LOCATION_CONFLICTS] = "location-conflicts",
    [COUNT_DOUBTS] = "doubts",
    [COUNT_DOUBTS_CONFIRMED] = "doubts-confirmed",
    [COUNT_DOUBTS_LIMITED] = "doubts-limited",
    [COUNT_OUT_OF_MEMORY] = "out-of-memory",
    [COUNT_OURS_ELSEWHERE] = "ours-elsewhere",
};

struct table *table_new(const struct table_limits *limits, const struct siphash_key *key)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->limits = *limits;
	heap_init(&table->by_expiry);
	heap_init(&table->by_rank);
	counters_init(table->counters, COUNTER_NAMES, TABLE_COUNTERS);
	if (hashmap_init(&table->by_id, key) < 0)
		goto no_ids;
	if (hashmap_init(&table->by_source, key) < 0)
		goto no_sources;
	return table;
no_sources:
	hashmap_fini(&table->by_id);
no_ids:
	free(table);
	return NULL;
}

static void device_free(struct device *device)
{
	table_service_clear(device);
	free(device->services);
	free(device->presences);
	for (size_t i = 0; i < DEVICE_FACTS; i++)
		free(device->facts[i]);
	free(device->page);
	free(device);
}

/* Takes a row out of every list and out of the way of every cursor. */
static void unlink_device(struct table *table, struct device *device)
{
	for (struct table_cursor *cursor = table->cursors; cursor; cursor = cursor->next)
		if (cursor->at == device)
			cursor->at = device->next;
	*(device->previous ? &device->previous->next : &table->first) = device->next;
	*(device->next ? &device->next->previous : &table->last) = device->previous;
	hashmap_remove(&table->by_id, &device->by_id);
	heap_remove(&table->by_expiry, &device->by_expiry);
	table_source_leave(table, device);
}

void table_free(struct table *table)
{
	if (!table)
		return;
	while (table->first) {
		struct device *device = table->first;
		unlink_device(table, device);
		device_free(device);
	}
	hashmap_fini(&table->by_id);
	hashmap_fini(&table->by_source);
	heap_fini(&table->by_expiry);
	heap_fini(&table->by_rank);
	free(table);
}

void table_set_watcher(struct table *table, table_change_fn *fn, void *context)
{
	table->watcher = fn;
	table->watcher_context = context;
}

void table_set_questioner(struct table *table, table_question_fn *fn, void *context)
{
	table->questioner = fn;
	table->questioner_context = context;
}

void table_set_limits(struct table *table, const struct table_limits *limits)
{
	table->limits = *limits;
}

void table_tell(struct table *table, enum table_event event, const struct device *device)
{
	table_counted(table, (enum table_counter)event);
	if (table->watcher)
		table->watcher(table->watcher_context, event, device);
}

void table_remove_row(struct table *table, struct device *device)
{
	unlink_device(table, device);
	table_tell(table, TABLE_REMOVED, device);
	device_free(device);
}

void table_settle(struct table *table, struct device *device)
{
	heap_update(&table->by_expiry, &device->by_expiry, table_presence_deadline(device).us);
	table_source_note_expiry(table, device);
}

bool table_settle_or_remove(struct table *table, struct device *device, enum table_drop dropped)
{
	if (dropped == TABLE_DROP_ALL) {
		table_remove_row(table, device);
		return false;
	}
	table_merge_fall_back(table, device);
	table_settle(table, device);
	table_tell(table, TABLE_UPDATED, device);
	return true;
}

/* Both cases of a letter are one: some write their uuid one way here and another there. */
static uint64_t hash_id(const struct table *table, struct slice id)
{
	char key[DEVICE_ID_MAX];

	for (size_t i = 0; i < id.len; i++)
		key[i] = ascii_lower(id.bytes[i]);
	return hashmap_hash(&table->by_id, (struct slice){key, id.len});
}

static struct device *find(const struct table *table, struct slice id, uint64_t hash)
{
	struct hashmap_node *node = hashmap_first(&table->by_id, hash);

	for (; node; node = hashmap_next(node)) {
		struct device *device = CONTAINER_OF(node, struct device, by_id);
		if (slice_equal_nocase(slice_of(device->id), id))
			return device;
	}
	return NULL;
}

/* As it came, for ids in the table are clean and most that come are in it. */
static struct device *find_text(const struct table *table, struct slice id)
{
	return id.len < DEVICE_ID_MAX ? find(table, id, hash_id(table, id)) : NULL;
}

struct device *table_identify(
    const struct table *table, const struct sighting *sighting, struct table_identity *identity)
{
	/* A description is read for a device that is known, also for one without a uuid. */
	bool is_read_for =
	    sighting->event == SIGHTING_FACTS && slice_starts_with(sighting->id, SLICE("host:"));
	if (is_read_for || slice_starts_with_nocase(sighting->id, SLICE("uuid:"))) {
		struct device *device = find_text(table, sighting->id);
		if (device)
			return device;
		identity->id.bytes = identity->text;
		identity->id.len = text_clean(sighting->id, identity->text, sizeof(identity->text));
	} else {
		struct writer w;
		writer_init(&w, identity->text, sizeof(identity->text));
		writer_text(&w, "host:");
		address_format(&sighting->from, &w);
		writer_char(&w, '%');
		writer_u64(&w, sighting->link);
		identity->id = writer_result(&w);
	}
	identity->hash = hash_id(table, identity->id);
	return find(table, identity->id, identity->hash);
}

const struct device *table_find(const struct table *table, struct slice id)
{
	return find_text(table, id);
}

size_t table_count(const struct table *table)
{
	return table->by_id.count;
}

struct counter_group table_counters(const struct table *table)
{
	return (struct counter_group){"table", table->counters, TABLE_COUNTERS};
}

static void append(struct table *table, struct device *device)
{
	device->previous = table->last;
	*(table->last ? &table->last->next : &table->first) = device;
	table->last = device;
	for (struct table_cursor *cursor = table->cursors; cursor; cursor = cursor->next)
		if (!cursor->at)
			cursor->at = device;
}

struct device *table_add_row(struct table *table, const struct table_identity *identity,
    uint64_t source, const struct device_presence *presence)
{
	struct device *device = calloc(1, sizeof(*device) + identity->id.len + 1);

	if (!device)
		return NULL;
	heap_node_init(&device->by_expiry);
	device->id = memcpy(device + 1, identity->id.bytes, identity->id.len);
	if (!table_presence_add(device, presence, 0))
		goto failed;
	if (heap_insert(&table->by_expiry, &device->by_expiry, presence->expires.us) < 0)
		goto failed;
	if (table_source_join(table, device, source) < 0) {
		heap_remove(&table->by_expiry, &device->by_expiry);
		goto failed;
	}
	hashmap_insert(&table->by_id, &device->by_id, identity->hash);
	append(table, device);
	return device;
failed:
	device_free(device);
	return NULL;
}

static bool is_due(const struct device_presence *presence, const struct device_presence *like)
{
	return instant_due(presence->expires, like->expires);
}

void table_expire(struct table *table, struct instant now)
{
	struct heap_node *node;

	table->now = now;
	while ((node = heap_top(&table->by_expiry)) && node->key <= now.us) {
		struct device *device = CONTAINER_OF(node, struct device, by_expiry);
		enum table_drop dropped =
		    table_presence_drop(device, is_due, &(struct device_presence){.expires = now});
		table_service_expire(device, now);
		if (!table_settle_or_remove(table, device, dropped))
			table_counted(table, COUNT_EXPIRED);
	}
}

struct instant table_deadline(const struct table *table)
{
	const struct heap_node *node = heap_top(&table->by_expiry);
	return node ? (struct instant){node->key} : INSTANT_NEVER;
}

static bool is_on_link(const struct device_presence *presence, const struct device_presence *like)
{
	return presence->link == like->link;
}

void table_drop_link(struct table *table, uint32_t link)
{
	struct device *next;

	for (struct device *device = table->first; device; device = next) {
		next = device->next;
		enum table_drop dropped = table_presence_drop(
		    device, is_on_link, &(struct device_presence){.link = link});
		if (dropped != TABLE_DROP_NONE)
			table_settle_or_remove(table, device, dropped);
	}
}

int table_set_reachable(struct table *table, struct instant now, struct slice id, bool reachable)
{
	enum device_reachable found = reachable ? DEVICE_REACHABLE_YES : DEVICE_REACHABLE_NO;
	struct device *device = find_text(table, id);

	if (!device)
		return -ENOENT;
	if (reachable)
		device->last_seen = now;
	if (table_source_set_reachable(table, device, found))
		table_tell(table, TABLE_UPDATED, device);
	return 0;
}

static bool learn_macs(
    struct table *table, struct device *device, table_mac_fn *find_mac, void *context)
{
	bool changed = false;

	for (size_t i = 0; i < device->presence_count; i++) {
		struct device_presence *presence = &device->presences[i];
		struct mac mac = find_mac(context, presence->link, &presence->address);
		changed |= table_presence_learn_mac(presence, &mac);
		table_source_learn_mac(table, device, presence);
	}
	return changed;
}

void table_learn_macs(struct table *table, table_mac_fn *find_mac, void *context)
{
	for (struct device *device = table->first; device; device = device->next)
		if (learn_macs(table, device, find_mac, context))
			table_tell(table, TABLE_UPDATED, device);
}

void table_cursor_open(struct table_cursor *cursor, struct table *table)
{
	*cursor = (struct table_cursor){table, table->first, table->cursors};
	table->cursors = cursor;
}

const struct device *table_cursor_next(struct table_cursor *cursor)
{
	const struct device *device = cursor->at;

	if (device)
		cursor->at = device->next;
	return device;
}

void table_cursor_close(struct table_cursor *cursor)
{
	if (!cursor->table)
		return;
	struct table_cursor **link = &cursor->table->cursors;
	while (*link != cursor)
		link = &(*link)->next;
	*link = cursor->next;
	cursor->table = NULL;
}

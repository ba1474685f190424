/* SPDX-License-Identifier: ISC
 * table: a table is made and freed; what time, links and probes change in it, and its counts. */
#include "model/table.h"
#include "model/table_internal.h"
#include <errno.h>
#include <stdlib.h>

const struct table_limits TABLE_LIMITS_DEFAULT = {
    .endpoints = 4096,
    .endpoints_per_source = 32,
    .memory = 8 * 1024 * 1024,
    .memory_per_source = 256 * 1024,
    .lifetime_min = SECONDS(30),
    .lifetime_max = SECONDS(86400),
};

static const char *const COUNTER_NAMES[TABLE_COUNTERS] = {
    [COUNT_ADDED] = "added",
    [COUNT_UPDATED] = "updated",
    [COUNT_REMOVED] = "removed",
    [COUNT_ENDPOINTS_ADDED] = "endpoints-added",
    [COUNT_ENDPOINTS_REMOVED] = "endpoints-removed",
    [COUNT_REFRESHED] = "refreshed",
    [COUNT_EXPIRED] = "expired",
    [COUNT_EVICTED] = "evicted",
    [COUNT_REFUSED_FULL] = "refused-full",
    [COUNT_REFUSED_SOURCE] = "refused-source",
    [COUNT_REFUSED_MEMORY] = "refused-memory",
    [COUNT_SERVICES_REFUSED] = "services-refused",
    [COUNT_RESTARTS] = "restarts",
    [COUNT_BYES] = "byes",
    [COUNT_BYES_REFUSED] = "byes-refused",
    [COUNT_JOINED] = "joined",
    [COUNT_SPLIT] = "split",
    [COUNT_DUPLICATE_KEYS] = "duplicate-keys",
    [COUNT_QUESTIONS] = "questions",
    [COUNT_QUESTIONS_CONFIRMED] = "questions-confirmed",
    [COUNT_QUESTIONS_LIMITED] = "questions-limited",
    [COUNT_OUT_OF_MEMORY] = "out-of-memory",
    [COUNT_OURS_ELSEWHERE] = "ours-elsewhere",
    [COUNT_RESTORED] = "endpoints-restored",
    [COUNT_CONFIRMED] = "endpoints-confirmed",
};

struct table *table_new(const struct table_limits *limits, const struct siphash_key *key)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->limits = *limits;
	TAILQ_INIT(&table->devices);
	TAILQ_INIT(&table->unverified[false]);
	TAILQ_INIT(&table->unverified[true]);
	STAILQ_INIT(&table->evicted);
	table->former_until = INSTANT_NEVER;
	table->reports_left = TABLE_PORTION;
	heap_init(&table->by_expiry);
	heap_init(&table->by_report);
	heap_init(&table->by_rank);
	counters_init(table->counters, COUNTER_NAMES, TABLE_COUNTERS);
	if (string_pool_init(&table->strings, key) < 0 || hashmap_init(&table->by_id, key) < 0 ||
	    hashmap_init(&table->by_key, key) < 0 || hashmap_init(&table->by_number, key) < 0 ||
	    hashmap_init(&table->by_address, key) < 0 || hashmap_init(&table->by_source, key) < 0 ||
	    hashmap_init(&table->alone, key) < 0 || hashmap_init(&table->former, key) < 0) {
		table_free(table);
		return NULL;
	}
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	table->listener = (struct table_listener){0};
	for (struct device *device; (device = TAILQ_FIRST(&table->devices));) {
		for (struct endpoint *endpoint; (endpoint = TAILQ_FIRST(&device->endpoints));) {
			TAILQ_REMOVE(&device->endpoints, endpoint, of_device);
			table_endpoint_free(table, endpoint);
		}
		table_device_free(table, device);
	}
	table_former_forget(table);
	hashmap_fini(&table->former);
	hashmap_fini(&table->by_id);
	hashmap_fini(&table->by_key);
	hashmap_fini(&table->by_number);
	hashmap_fini(&table->by_address);
	hashmap_fini(&table->by_source);
	hashmap_fini(&table->alone);
	heap_fini(&table->by_expiry);
	heap_fini(&table->by_report);
	heap_fini(&table->by_rank);
	string_pool_fini(&table->strings);
	free(table->departures);
	free(table->retied);
	free(table);
}

void table_listen(struct table *table, const struct table_listener *listener)
{
	table->listener = *listener;
}

void table_set_limits(struct table *table, const struct table_limits *limits)
{
	table->limits = *limits;
}

/* Its lifetime was cut short in a crowd, which has gone. */
static bool outlives_crowd(
    const struct table *table, const struct endpoint *endpoint, const struct presence *presence)
{
	return presence->cut_short && !instant_is_never(presence->reconfirmable) &&
	       instant_before(table->now, presence->promised) &&
	       !table_source_is_crowded(table, endpoint);
}

static void expire_endpoint(struct table *table, struct endpoint *endpoint)
{
	struct presence *presence, *next;

	for (presence = STAILQ_FIRST(&endpoint->presences); presence; presence = next) {
		next = STAILQ_NEXT(presence, next);
		if (!instant_due(presence->expires, table->now)) {
			table_reconfirm_last(table, presence);
			continue;
		}
		if (outlives_crowd(table, endpoint, presence)) {
			presence->expires = presence->promised;
			continue;
		}
		if (endpoint->presence_count == 1)
			table_counted(table, COUNT_EXPIRED);
		if (table_leave(table, endpoint, presence))
			return;
	}
	if (table_services_expire(table, endpoint, table->now))
		table_report_change(table, endpoint->device);
	table_endpoint_looked_at(table, endpoint);
}

void table_advance(struct table *table, struct instant now)
{
	struct heap_node *node;

	table->now = now;
	table->reports_left = TABLE_PORTION;
	for (unsigned i = 0; i < TABLE_PORTION; i++) {
		node = heap_top(&table->by_expiry);
		if (!node || node->key > now.us)
			break;
		expire_endpoint(table, CONTAINER_OF(node, struct endpoint, by_expiry));
	}
	if (instant_due(table->former_until, now))
		table_former_forget(table);
	table_settle(table);
}

static struct instant top_of(const struct heap *heap)
{
	const struct heap_node *node = heap_top(heap);
	return node ? (struct instant){node->key} : INSTANT_NEVER;
}

struct instant table_deadline(const struct table *table)
{
	return instant_earlier(
	    instant_earlier(top_of(&table->by_expiry), top_of(&table->by_report)),
	    table->former_until);
}

/* By number, for a device that goes may take another one's place. */
void table_drop_link(struct table *table, struct instant now, uint32_t link)
{
	size_t count;
	uint64_t *numbers = table_numbers(table, &count);

	table->now = now;
	for (size_t i = 0; i < count; i++) {
		struct endpoint *endpoint = table_endpoint_find(table, numbers[i]);
		if (endpoint && endpoint->link == link)
			table_remove(table, endpoint);
	}
	free(numbers);
	table_settle(table);
}

static void found(struct table *table, struct device *device, bool reachable)
{
	if (reachable)
		device->last_seen = table->now;
	device->reachable = reachable ? DEVICE_REACHABLE_YES : DEVICE_REACHABLE_NO;
	table_report_change(table, device);
}

int table_set_reachable(struct table *table, struct instant now, uint64_t number, bool reachable)
{
	struct endpoint *endpoint = table_endpoint_find(table, number);

	if (!endpoint)
		return -ENOENT;
	table->now = now;
	if (reachable) {
		table_endpoint_verify(table, endpoint);
		table_ties_verified(table, endpoint);
		endpoint->last_seen = now;
		table_report_confirmed(table, endpoint);
	} else {
		table_url_failed(table, endpoint);
	}
	found(table, endpoint->device, reachable);
	table_settle(table);
	return 0;
}

int table_set_device_reachable(
    struct table *table, struct instant now, struct slice id, bool reachable)
{
	struct device *device = table_device_find(table, id);

	if (!device)
		return -ENOENT;
	table->now = now;
	found(table, device, reachable);
	return 0;
}

void table_set_busy(struct table *table, uint64_t number, bool busy)
{
	struct endpoint *endpoint = table_endpoint_find(table, number);

	if (endpoint)
		endpoint->busy = busy;
}

size_t table_shown_count(const struct table *table)
{
	return table->shown_count;
}

size_t table_unconfirmed_count(const struct table *table)
{
	const struct device *device;
	size_t count = 0;

	TAILQ_FOREACH(device, &table->devices, of_table)
	count += (device->flags & DEVICE_RESTORED) != 0;
	return count;
}

size_t table_device_count(const struct table *table)
{
	return table->device_count;
}

size_t table_endpoint_count(const struct table *table)
{
	return table->endpoint_count;
}

size_t table_memory(const struct table *table)
{
	return table->memory;
}

struct counter_group table_counters(const struct table *table)
{
	return (struct counter_group){"table", table->counters, TABLE_COUNTERS};
}

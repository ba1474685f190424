/* SPDX-License-Identifier: ISC
 * table_report: when changes of a device are reported: not each message, but each change of what is
 * shown. */
#include "model/table_internal.h"
#include <string.h>

/* So that what one device says in one go is one event. */
#define HOLD MILLISECONDS(300)

static void emit(struct table *table, const struct table_change *change)
{
	static const enum table_counter COUNTERS[] = {[TABLE_ADDED] = COUNT_ADDED,
	    [TABLE_UPDATED] = COUNT_UPDATED,
	    [TABLE_REMOVED] = COUNT_REMOVED};

	table_counted(table, COUNTERS[change->event]);
	if (table->listener.changed)
		table->listener.changed(table->listener.context, change);
}

static void schedule(struct table *table, struct device *device, struct instant at)
{
	at = instant_later(at, device->quiet_until);
	if (instant_before(at, (struct instant){device->by_report.key}))
		heap_update(&table->by_report, &device->by_report, at.us);
}

void table_report_new(struct table *table, struct device *device, int64_t hold)
{
	schedule(table, device, instant_add(table->now, hold));
}

void table_report_change(struct table *table, struct device *device)
{
	if (device->reported)
		schedule(table, device, instant_add(table->now, HOLD));
}

void table_report_claimants(struct table *table, const struct endpoint *endpoint)
{
	const struct endpoint *other = NULL;

	while (key_joins(&endpoint->key) &&
	       (other = table_endpoint_next_of_key(table, endpoint, other)))
		if (other->device && other->device != endpoint->device)
			table_report_change(table, other->device);
}

static void touch_claimants(struct table *table, const struct device *device)
{
	const struct endpoint *endpoint;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	table_report_claimants(table, endpoint);
}

/* Several reported devices claim a key of this one. */
static bool has_rival(const struct table *table, const struct device *device)
{
	const struct endpoint *endpoint;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	{
		const struct endpoint *other = NULL;
		if (!key_joins(&endpoint->key))
			continue;
		while ((other = table_endpoint_next_of_key(table, endpoint, other)))
			if (other->claim != endpoint->claim && other->device &&
			    other->device != device && other->device->reported)
				return true;
	}
	return false;
}

/* The device is known to watchers as this kind now, or not at all any more. */
static void note_shown(
    struct table *table, struct device *device, bool shown, enum device_kind kind)
{
	table->shown_count -= device->reported && device->reported_kind != DEVICE_KIND_NEIGHBOUR;
	device->reported = shown;
	device->reported_kind = (uint8_t)kind;
	table->shown_count += device->reported && device->reported_kind != DEVICE_KIND_NEIGHBOUR;
}

/* Nothing was heard of it since the former start. */
static bool is_restored(const struct device *device)
{
	const struct endpoint *endpoint = NULL;

	while ((endpoint = device_next_endpoint(device, endpoint)))
		if (!endpoint->restored)
			return false;
	return true;
}

static void set_flags(const struct table *table, struct device *device)
{
	device->flags = 0;
	if (has_rival(table, device))
		device->flags |= DEVICE_DUPLICATE_UUID;
	if (TAILQ_FIRST(&device->endpoints)->reflected)
		device->flags |= DEVICE_REFLECTED;
	if (is_restored(device))
		device->flags |= DEVICE_RESTORED;
}

void table_report_known(struct table *table, struct device *device)
{
	set_flags(table, device);
	device_hash_fields(device, &table->by_id.key, device->shown);
	note_shown(table, device, true, device_kind(device));
}

void table_report_confirmed(struct table *table, struct endpoint *endpoint)
{
	if (!endpoint->restored)
		return;
	endpoint->restored = false;
	table_counted(table, COUNT_CONFIRMED);
	table_report_change(table, endpoint->device);
}

static void report(struct table *table, struct device *device)
{
	uint32_t hashes[DEVICE_FIELDS];
	struct table_change change = {.event = TABLE_UPDATED,
	    .device = device,
	    .former_kind = (enum device_kind)device->reported_kind};

	heap_update(&table->by_report, &device->by_report, INSTANT_NEVER.us);
	set_flags(table, device);
	device_hash_fields(device, &table->by_id.key, hashes);
	for (size_t i = 0; i < DEVICE_FIELDS; i++)
		if (hashes[i] != device->shown[i])
			change.changed |= 1u << i;
	memcpy(device->shown, hashes, sizeof(hashes));
	if (!device->reported)
		change.event = TABLE_ADDED;
	note_shown(table, device, true, device_kind(device));
	if (change.event == TABLE_UPDATED && !change.changed)
		return;
	if (change.changed & (1u << FIELD_ENDPOINTS | 1u << FIELD_FLAGS))
		touch_claimants(table, device);
	emit(table, &change);
}

void table_report_now(struct table *table, struct device *device)
{
	if (!device->reported)
		schedule(table, device, table->now);
}

void table_report_leaving(struct table *table, struct device *device)
{
	if (!device->reported)
		return;
	emit(table, &(struct table_change){.event = TABLE_UPDATED,
			.device = device,
			.changed = 1u << FIELD_KIND,
			.former_kind = (enum device_kind)device->reported_kind,
			.leaving = true});
	/* also when it is back before the change is reported */
	note_shown(table, device, true, DEVICE_KIND_NEIGHBOUR);
	device->shown[FIELD_KIND]++;
}

void table_report_removed(struct table *table, struct device *device, const char *merged_into)
{
	if (!device->reported)
		return;
	touch_claimants(table, device);
	emit(table, &(struct table_change){.event = TABLE_REMOVED,
			.device = device,
			.former_kind = (enum device_kind)device->reported_kind,
			.merged_into = merged_into});
	note_shown(table, device, false, (enum device_kind)device->reported_kind);
}

void table_report_due(struct table *table)
{
	struct heap_node *node;

	while (table->reports_left > 0 && (node = heap_top(&table->by_report)) &&
	       node->key <= table->now.us) {
		table->reports_left--;
		report(table, CONTAINER_OF(node, struct device, by_report));
	}
}

/* SPDX-License-Identifier: ISC
 * registry_report: what watchers are told of a device, and when: not each message, but each change
 * of what is shown. */
#include "registry/registry_internal.h"
#include <string.h>

/* So that what one device says in one go is one event. */
#define HOLD MILLISECONDS(300)

static void tell(struct registry *registry, const struct registry_change *change)
{
	static const enum registry_counter COUNTERS[] = {[REGISTRY_ADDED] = COUNT_ADDED,
	    [REGISTRY_UPDATED] = COUNT_UPDATED,
	    [REGISTRY_REMOVED] = COUNT_REMOVED};

	registry_counted(registry, COUNTERS[change->event]);
	if (registry->listener.changed)
		registry->listener.changed(registry->listener.context, change);
}

static void schedule(struct registry *registry, struct device *device, struct instant at)
{
	at = instant_later(at, device->quiet_until);
	if (instant_before(at, (struct instant){device->by_report.key}))
		heap_update(&registry->by_report, &device->by_report, at.us);
}

void registry_report_new(struct registry *registry, struct device *device, int64_t hold)
{
	schedule(registry, device, instant_add(registry->now, hold));
}

void registry_report_change(struct registry *registry, struct device *device)
{
	if (device->reported)
		schedule(registry, device, instant_add(registry->now, HOLD));
}

/* The devices that share a key with this one are flagged, or not any more. */
static void touch_claimants(struct registry *registry, const struct device *device)
{
	const struct endpoint *endpoint;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	{
		const struct endpoint *other = NULL;
		while (key_joins(&endpoint->key) &&
		       (other = registry_claims_next(registry, endpoint, other)))
			if (other->device && other->device != device)
				registry_report_change(registry, other->device);
	}
}

static void report(struct registry *registry, struct device *device)
{
	uint32_t hashes[DEVICE_FIELDS];
	struct registry_change change = {REGISTRY_UPDATED, device, 0, NULL};

	heap_update(&registry->by_report, &device->by_report, INSTANT_NEVER.us);
	device->flags &= (uint8_t)~DEVICE_DUPLICATE_UUID;
	if (registry_claims_conflict(registry, device))
		device->flags |= DEVICE_DUPLICATE_UUID;
	device_hash_fields(device, &registry->by_id.key, hashes);
	for (size_t i = 0; i < DEVICE_FIELDS; i++)
		if (hashes[i] != device->shown[i])
			change.changed |= 1u << i;
	memcpy(device->shown, hashes, sizeof(hashes));
	if (!device->reported) {
		device->reported = true;
		change.event = REGISTRY_ADDED;
		touch_claimants(registry, device);
	} else if (!change.changed) {
		return;
	}
	tell(registry, &change);
}

void registry_report_now(struct registry *registry, struct device *device)
{
	if (!device->reported)
		schedule(registry, device, registry->now);
}

void registry_report_removed(
    struct registry *registry, const struct device *device, const char *merged_into)
{
	if (!device->reported)
		return;
	touch_claimants(registry, device);
	tell(registry, &(struct registry_change){REGISTRY_REMOVED, device, 0, merged_into});
}

void registry_report_due(struct registry *registry)
{
	struct heap_node *node;

	while ((node = heap_top(&registry->by_report)) && node->key <= registry->now.us)
		report(registry, CONTAINER_OF(node, struct device, by_report));
}

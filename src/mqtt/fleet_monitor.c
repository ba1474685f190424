/* SPDX-License-Identifier: ISC
 * fleet_monitor: see fleet_monitor.h. */
#include "mqtt/fleet_monitor.h"
#include "base/array.h"
#include "client/field.h"
#include "mqtt/fleet_device.h"
#include "mqtt/fleet_filter.h"
#include "wire/json_print.h"
#include "wire/json_read.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct known {
	struct hashmap_node node;
	uint64_t signature; /* of the row when it was looked at last */
	uint64_t round;
	char *text; /* of the device; NULL: the filter does not select it */
	size_t len;
	char id[];
};

int fleet_monitor_init(struct fleet_monitor *monitor, const struct siphash_key *key,
    struct json_object *filter, bool snapshot)
{
	*monitor = (struct fleet_monitor){.filter = filter, .silent = !snapshot, .round = 1};
	return hashmap_init(&monitor->known, key);
}

static void free_known(struct hashmap_node *node)
{
	struct known *known = CONTAINER_OF(node, struct known, node);

	free(known->text);
	free(known);
}

void fleet_monitor_fini(struct fleet_monitor *monitor)
{
	hashmap_empty(&monitor->known, free_known);
	hashmap_fini(&monitor->known);
	json_object_put(monitor->filter);
}

void fleet_monitor_begin(struct fleet_monitor *monitor)
{
	monitor->round++;
	monitor->next = 0;
}

static struct known *find(const struct fleet_monitor *monitor, const char *id)
{
	struct hashmap_node *node =
	    hashmap_first(&monitor->known, hashmap_hash(&monitor->known, slice_of(id)));

	for (; node; node = hashmap_next(node)) {
		struct known *known = CONTAINER_OF(node, struct known, node);
		if (!strcmp(known->id, id))
			return known;
	}
	return NULL;
}

static struct known *get(struct fleet_monitor *monitor, const char *id)
{
	struct known *known = find(monitor, id);
	size_t len = strlen(id);

	if (known)
		return known;
	known = calloc(1, sizeof(*known) + len + 1);
	if (!known)
		return NULL;
	memcpy(known->id, id, len);
	hashmap_insert(&monitor->known, &known->node, hashmap_hash(&monitor->known, slice_of(id)));
	return known;
}

/* The names of the keys that differ and are reported; NULL: none. */
static struct json_object *changed_keys(struct json_object *before, struct json_object *after)
{
	static const char *const SILENT[] = {
	    "ids", "attached_to", "first_seen", "last_seen", "expires_in"};
	struct json_object *names = NULL;

	json_object_object_foreach(after, key, value)
	{
		bool silent = false;
		for (size_t i = 0; i < COUNT_OF(SILENT); i++)
			silent |= !strcmp(key, SILENT[i]);
		if (silent || json_object_equal(value, field_get(before, key)))
			continue;
		names = names ? names : json_object_new_array();
		field_append(names, json_object_new_string(key));
	}
	return names;
}

/* Between two looks at the same device; `before` and `after` are NULL where it is not selected. */
static void compare(const struct fleet_monitor *monitor, struct json_object *before,
    struct json_object *after, fleet_event_fn *report, void *context)
{
	struct fleet_event event = {.device = after ? after : before};

	if (!before && !after)
		return;
	if (before && after)
		event.changed = changed_keys(before, after);
	event.name = !before ? "added" : !after ? "removed" : "updated";
	bool reported = monitor->started || !monitor->silent;
	if (reported && (!before || !after || event.changed))
		report(context, &event);
	json_object_put(event.changed);
}

/* Without memory for it, the device is looked at again with the next change. */
static void look_at(struct fleet_monitor *monitor, const struct fleet_row *row,
    fleet_event_fn *report, void *context)
{
	struct known *known = get(monitor, row->id);
	struct json_object *before, *after;
	bool selected;

	if (!known)
		return;
	known->round = monitor->round;
	if (known->signature == row->signature)
		return;
	after = fleet_device_new(row);
	if (!after)
		return;
	selected = fleet_filter_matches(monitor->filter, after);
	before = known->text ? json_read_object((struct slice){known->text, known->len}) : NULL;
	compare(monitor, before, selected ? after : NULL, report, context);
	free(known->text);
	known->text = selected ? json_print(after, &known->len) : NULL;
	known->signature = row->signature;
	json_object_put(before);
	json_object_put(after);
}

/* Devices that were not among the rows of this round. */
struct leaving {
	uint64_t round;
	struct known **known;
	size_t count, capacity;
};

static void note_leaving(void *context, struct hashmap_node *node)
{
	struct leaving *leaving = context;
	struct known *known = CONTAINER_OF(node, struct known, node);

	if (known->round != leaving->round && leaving->count < leaving->capacity)
		leaving->known[leaving->count++] = known;
}

static void report_gone(struct fleet_monitor *monitor, fleet_event_fn *report, void *context)
{
	struct leaving leaving = {.round = monitor->round, .capacity = monitor->known.count};

	leaving.known = calloc(leaving.capacity + 1, sizeof(struct known *));
	if (!leaving.known)
		return;
	hashmap_each(&monitor->known, note_leaving, &leaving);
	for (size_t i = 0; i < leaving.count; i++) {
		struct known *known = leaving.known[i];
		struct slice text = {known->text, known->len};
		struct json_object *before = known->text ? json_read_object(text) : NULL;
		compare(monitor, before, NULL, report, context);
		json_object_put(before);
		hashmap_remove(&monitor->known, &known->node);
		free_known(&known->node);
	}
	free(leaving.known);
}

bool fleet_monitor_step(struct fleet_monitor *monitor, const struct fleet_rows *rows,
    fleet_event_fn *report, void *context)
{
	if (monitor->next < rows->count) {
		look_at(monitor, &rows->rows[monitor->next++], report, context);
		return true;
	}
	if (monitor->next > rows->count)
		return false;
	monitor->next++;
	report_gone(monitor, report, context);
	if (!monitor->started)
		report(context, &(struct fleet_event){.name = NULL});
	monitor->started = true;
	return false;
}

/* SPDX-License-Identifier: ISC
 * watch_memory: see watch_memory.h. */
#include "discoverctl/watch_memory.h"
#include "base/array.h"
#include "client/field.h"
#include <string.h>

static const char *const COMPARED[] = {"name", "type", "kind"};
static const char *const PLACE[] = {"address", "interface"};

void watch_memory_init(struct watch_memory *memory)
{
	*memory = (struct watch_memory){.known = json_object_new_object()};
}

void watch_memory_fini(struct watch_memory *memory)
{
	json_object_put(memory->known);
	json_object_put(memory->former);
	*memory = (struct watch_memory){0};
}

void watch_memory_clear(struct watch_memory *memory)
{
	watch_memory_fini(memory);
	watch_memory_init(memory);
}

bool watch_memory_event(struct watch_memory *memory, const char *event, struct json_object *device)
{
	const char *id = json_object_get_string(field_get(device, "id"));

	if (!id || !memory->known)
		return true;
	if (!strcmp(event, "removed")) {
		json_object_object_del(memory->known, id);
		if (memory->former)
			json_object_object_del(memory->former, id);
		return true;
	}
	json_object_object_add(memory->known, id, json_object_get(device));
	return !field_get(memory->former, id);
}

void watch_memory_compare(struct watch_memory *memory)
{
	if (!memory->former) {
		memory->former = memory->known;
	} else if (memory->known) {
		/* the connection was lost again: what was reported since is known, too */
		json_object_object_foreach(memory->known, id, device)
		{
			if (!field_get(memory->former, id))
				json_object_object_add(memory->former, id, json_object_get(device));
		}
		json_object_put(memory->known);
	}
	memory->known = json_object_new_object();
}

static bool same(
    struct json_object *a, struct json_object *b, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!json_object_equal(field_get(a, keys[i]), field_get(b, keys[i])))
			return false;
	return true;
}

/* In any order: IPv4 or IPv6 may come first. */
static bool same_addresses(struct json_object *a, struct json_object *b)
{
	size_t count = field_length(a), found = 0;

	if (count != field_length(b))
		return false;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++)
			if (same(field_entry(a, i), field_entry(b, j), PLACE, COUNT_OF(PLACE))) {
				found++;
				break;
			}
	return found == count;
}

/* An array of the keys; NULL where nothing changed. */
static struct json_object *changes(struct json_object *before, struct json_object *now)
{
	struct json_object *keys = json_object_new_array();

	for (size_t i = 0; i < COUNT_OF(COMPARED); i++)
		if (!same(before, now, &COMPARED[i], 1))
			json_object_array_add(keys, json_object_new_string(COMPARED[i]));
	if (!same_addresses(field_get(before, "addresses"), field_get(now, "addresses")))
		json_object_array_add(keys, json_object_new_string("addresses"));
	if (field_length(keys))
		return keys;
	json_object_put(keys);
	return NULL;
}

void watch_memory_settle(struct watch_memory *memory, watch_memory_report_fn *report, void *context)
{
	struct json_object *former = memory->former;

	memory->former = NULL;
	if (!former)
		return;
	json_object_object_foreach(former, id, before)
	{
		struct json_object *now = field_get(memory->known, id);
		struct json_object *changed = now ? changes(before, now) : NULL;

		if (!now)
			report(context, "removed", before, NULL);
		else if (changed)
			report(context, "updated", now, changed);
		json_object_put(changed);
	}
	json_object_put(former);
}

/* SPDX-License-Identifier: ISC
 * watch_memory: the devices that `watch` knows of, so that it can tell what changed while it was
 * not connected. */
#ifndef DISCOVERCTL_WATCH_MEMORY_H
#define DISCOVERCTL_WATCH_MEMORY_H

#include <json-c/json.h>
#include <stdbool.h>

/* Objects by id, whose members are devices as io.discoverd shows them. */
struct watch_memory {
	struct json_object *known;
	struct json_object *former; /* while comparing: what was known before; else NULL */
};

/* Out of memory: nothing is remembered, and then everything is told. */
void watch_memory_init(struct watch_memory *memory);
void watch_memory_fini(struct watch_memory *memory);
/* Takes an event ("added", "updated", "removed") in; `device` is borrowed. True when it is to be
 * told now: while comparing, what is heard of a device that was known before is told at the end. */
bool watch_memory_event(struct watch_memory *memory, const char *event, struct json_object *device);
/* Forgets everything. */
void watch_memory_clear(struct watch_memory *memory);
/* Begins to compare what comes with what is known. */
void watch_memory_compare(struct watch_memory *memory);
/* Ends the comparison: tells "removed" of each device that was not heard of since it began, and
 * "updated" of each that has another name, type, kind or other addresses. */
typedef void watch_memory_tell_fn(void *context, const char *event, struct json_object *device);
void watch_memory_settle(struct watch_memory *memory, watch_memory_tell_fn *tell, void *context);

#endif

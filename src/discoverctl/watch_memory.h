/* SPDX-License-Identifier: ISC
 * watch_memory: the devices that `watch` has seen, so that it can report what changed while it
 * was not connected. */
#ifndef DISCOVERCTL_WATCH_MEMORY_H
#define DISCOVERCTL_WATCH_MEMORY_H

#include <json-c/json.h>
#include <stdbool.h>

/* Objects by id, whose members are devices as io.discoverd shows them. */
struct watch_memory {
	struct json_object *known;
	struct json_object *former; /* while comparing: what was known before; else NULL */
};

/* Out of memory: nothing is remembered, and everything is reported. */
void watch_memory_init(struct watch_memory *memory);
void watch_memory_fini(struct watch_memory *memory);
/* Takes an event ("added", "updated", "removed") in; `device` is borrowed. True when it is to be
 * reported now: while comparing, a device that was known before is reported at the end. */
bool watch_memory_event(struct watch_memory *memory, const char *event, struct json_object *device);
/* Forgets everything. */
void watch_memory_clear(struct watch_memory *memory);
/* Begins to compare following events with the known devices. */
void watch_memory_compare(struct watch_memory *memory);
/* Ends the comparison: reports "removed" for each device that was not reported since it began, and
 * "updated" for each that has another name, type, kind or other addresses, with an array of these
 * keys (else NULL). */
typedef void watch_memory_report_fn(
    void *context, const char *event, struct json_object *device, struct json_object *changed);
void watch_memory_settle(
    struct watch_memory *memory, watch_memory_report_fn *report, void *context);

#endif

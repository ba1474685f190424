/* SPDX-License-Identifier: ISC
 * fleet_monitor: what a watcher of a fleet knows of its devices, and what has changed since. */
#ifndef MQTT_FLEET_MONITOR_H
#define MQTT_FLEET_MONITOR_H

#include "mqtt/fleet_rows.h"

struct fleet_monitor {
	struct hashmap known; /* by id: each with the text of the device as it was reported */
	struct json_object *filter;
	bool silent;  /* the devices that are there at first are not reported */
	bool started; /* they were */
	uint64_t round;
	size_t next; /* row of this round to look at */
};

/* One event, as io.discoverd reports it, whose `device` is NULL once: the snapshot is complete, or
 * events follow. All is borrowed. */
struct fleet_event {
	const char *name;
	struct json_object *device, *changed;
};
typedef void fleet_event_fn(void *context, const struct fleet_event *event);

/* Takes `filter` over; NULL: none. 0 or -ENOMEM. */
int fleet_monitor_init(struct fleet_monitor *monitor, const struct siphash_key *key,
    struct json_object *filter, bool snapshot);
void fleet_monitor_fini(struct fleet_monitor *monitor);
/* The rows are others than before, or may be. */
void fleet_monitor_begin(struct fleet_monitor *monitor);
/* Looks at one row more, or after the last at what has gone, and reports what differs. False: there
 * is nothing to look at before the rows change. */
bool fleet_monitor_step(struct fleet_monitor *monitor, const struct fleet_rows *rows,
    fleet_event_fn *report, void *context);

#endif

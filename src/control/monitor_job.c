/* SPDX-License-Identifier: ISC
 * monitor_job: reports changes of the table to a client, and "resync" when it does not keep up. */
#include "control/device_json.h"
#include "control/device_set.h"
#include "control/job.h"
#include "control/json_build.h"
#include <stdlib.h>

struct monitor_job {
	struct job job;
	struct filter filter;
	bool snapshot; /* wanted, now and after every resync */
	bool walking;  /* a snapshot is under way: the cursor is open */
	bool resync;   /* events were dropped; nothing is queued before the client knows that */
	struct table_cursor cursor;
	/* Devices that the client knows of. Without a snapshot, also those that were there. */
	struct device_set known;
};

static const char *const EVENTS[] = {
    [TABLE_ADDED] = "added",
    [TABLE_UPDATED] = "updated",
    [TABLE_REMOVED] = "removed",
};

/* The keys of Device that these bits stand for. */
static struct json_object *changed_keys(uint32_t changed)
{
	struct json_object *array = json_object_new_array_ext(4);

	for (size_t i = 0; i < DEVICE_FIELDS; i++)
		if (changed & 1U << i)
			json_append(array, json_text(DEVICE_FIELD_NAMES[i]));
	return array;
}

static int put_reply(struct job *job, const char *event, struct json_object *device,
    struct json_object *changed, const char *merged_into)
{
	struct json_object *parameters = json_object_new_object();

	json_add(parameters, "event", json_text(event));
	json_add(parameters, "device", device);
	json_add(parameters, "changed", changed);
	json_add(parameters, "merged_into", json_text(merged_into));
	return job_reply(job, parameters, true);
}

static void fall_behind(struct monitor_job *monitor)
{
	monitor->resync = true;
	monitor->job.pending = true;
}

static void put_change(
    struct monitor_job *monitor, struct instant now, const struct table_change *change)
{
	struct json_object *object = device_json_new(monitor->job.host, now, change->device);
	struct json_object *changed =
	    change->event == TABLE_UPDATED ? changed_keys(change->changed) : NULL;

	if (!object) {
		json_object_put(changed);
		fall_behind(monitor);
	} else if (put_reply(&monitor->job, EVENTS[change->event], object, changed,
		       change->merged_into) < 0) {
		fall_behind(monitor);
	}
}

static bool is_wanted(const struct monitor_job *monitor, const struct device *device)
{
	return filter_matches(&monitor->filter, monitor->job.host->links, device);
}

/* Without memory it is reported as added once more. */
static void note_known(struct monitor_job *monitor, const struct device *device)
{
	device_set_add(&monitor->known, device);
}

static void put_added(struct monitor_job *monitor, struct instant now, const struct device *device)
{
	note_known(monitor, device);
	put_change(monitor, now, &(struct table_change){.event = TABLE_ADDED, .device = device});
}

/* Begins to tell of what is there: by a snapshot, or the client is taken to know it. */
static void begin(struct monitor_job *monitor)
{
	struct table_cursor *cursor = &monitor->cursor;
	const struct device *device;

	if (monitor->walking)
		table_cursor_close(cursor);
	monitor->walking = monitor->snapshot;
	device_set_fini(&monitor->known);
	table_cursor_open(cursor, monitor->job.host->table);
	if (monitor->snapshot)
		return;
	while ((device = table_cursor_next(cursor)))
		if (is_wanted(monitor, device))
			note_known(monitor, device);
	table_cursor_close(cursor);
}

/* The snapshot's next device, or that it is complete. */
static void produce_snapshot(struct monitor_job *monitor, struct instant now)
{
	struct job *job = &monitor->job;
	const struct device *device = monitor->walking ? table_cursor_next(&monitor->cursor) : NULL;

	if (device) {
		if (is_wanted(monitor, device) && !device_set_has(&monitor->known, device))
			put_added(monitor, now, device);
		return;
	}
	if (monitor->walking)
		table_cursor_close(&monitor->cursor);
	monitor->walking = false;
	job->pending = false;
	if (put_reply(job, NULL, NULL, NULL, NULL) < 0)
		fall_behind(monitor);
}

static void monitor_produce(struct job *job, struct instant now)
{
	struct monitor_job *monitor = (struct monitor_job *)job;

	if (!monitor->resync) {
		produce_snapshot(monitor, now);
		return;
	}
	if (put_reply(job, "resync", NULL, NULL, NULL) < 0) {
		job->failed = true;
		return;
	}
	monitor->resync = false;
	job->pending = monitor->snapshot;
	begin(monitor);
}

static void monitor_changed(struct job *job, struct instant now, const struct table_change *change)
{
	struct monitor_job *monitor = (struct monitor_job *)job;
	const struct device *device = change->device;
	bool leaves = change->leaving && !monitor->filter.neighbours;
	bool gone = change->event == TABLE_REMOVED || leaves;
	bool wanted = !gone && is_wanted(monitor, device);
	bool known = wanted ? device_set_has(&monitor->known, device)
			    : device_set_remove(&monitor->known, device);

	if (monitor->resync || (!wanted && !known) || (change->leaving && !leaves))
		return;
	if (!known)
		put_added(monitor, now, device);
	else if (wanted || (gone && !leaves))
		put_change(monitor, now, change);
	else
		put_change(
		    monitor, now, &(struct table_change){.event = TABLE_REMOVED, .device = device});
}

static void monitor_destroy(struct job *job)
{
	struct monitor_job *monitor = (struct monitor_job *)job;

	if (job->host->watched)
		job->host->watched(job->host->context, -1);
	if (monitor->walking)
		table_cursor_close(&monitor->cursor);
	device_set_fini(&monitor->known);
	filter_fini(&monitor->filter);
	free(monitor);
}

static const struct job_type MONITOR_JOB = {
    .produce = monitor_produce, .changed = monitor_changed, .destroy = monitor_destroy};

struct job *monitor_job_new(
    const struct control_host *host, struct byte_queue *out, struct filter filter, bool snapshot)
{
	struct monitor_job *monitor = calloc(1, sizeof(*monitor));
	if (!monitor) {
		filter_fini(&filter);
		return NULL;
	}
	monitor->job = job_base(&MONITOR_JOB, host, out);
	monitor->job.pending = true;
	monitor->filter = filter;
	monitor->snapshot = snapshot;
	begin(monitor);
	if (host->watched)
		host->watched(host->context, 1);
	return &monitor->job;
}

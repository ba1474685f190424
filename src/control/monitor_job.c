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
	bool snapshot;  /* wanted, now and after every resync */
	bool walking;   /* not every device was looked at yet: the cursor is open */
	bool resync;    /* events were dropped; nothing is queued before the client knows that */
	bool reply_due; /* without an event: "the snapshot is complete", or "events follow" */
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

/* Begins to look at what is there, for a snapshot, or because the client is taken to know it. */
static void begin(struct monitor_job *monitor)
{
	if (monitor->walking)
		table_cursor_close(&monitor->cursor);
	device_set_fini(&monitor->known);
	table_cursor_open(&monitor->cursor, monitor->job.host->table);
	monitor->walking = true;
}

/* The next device of the walk. */
static void look_at(struct monitor_job *monitor, struct instant now, const struct device *device)
{
	if (!is_wanted(monitor, device) || device_set_has(&monitor->known, device))
		return;
	if (monitor->snapshot)
		put_added(monitor, now, device);
	else
		note_known(monitor, device);
}

static void put_due_reply(struct monitor_job *monitor)
{
	if (!monitor->reply_due)
		return;
	monitor->reply_due = false;
	if (put_reply(&monitor->job, NULL, NULL, NULL, NULL) < 0)
		fall_behind(monitor);
}

static void put_resync(struct monitor_job *monitor)
{
	if (put_reply(&monitor->job, "resync", NULL, NULL, NULL) < 0) {
		monitor->job.failed = true;
		return;
	}
	monitor->resync = false;
	monitor->reply_due = monitor->snapshot;
	begin(monitor);
}

static void monitor_produce(struct job *job, struct instant now)
{
	struct monitor_job *monitor = (struct monitor_job *)job;
	const struct device *device;

	if (monitor->resync) {
		put_resync(monitor);
		return;
	}
	if (!monitor->snapshot)
		put_due_reply(monitor);
	device = monitor->walking ? table_cursor_next(&monitor->cursor) : NULL;
	if (device) {
		look_at(monitor, now, device);
		return;
	}
	if (monitor->walking)
		table_cursor_close(&monitor->cursor);
	monitor->walking = false;
	job->pending = false;
	put_due_reply(monitor);
}

/* True when the client knows of the device. Without a snapshot it is taken to know what was there,
 * also where the walk has not come to it yet. */
static bool is_known(const struct monitor_job *monitor, const struct table_change *change)
{
	return device_set_has(&monitor->known, change->device) ||
	       (monitor->walking && !monitor->snapshot && change->event != TABLE_ADDED &&
		   is_wanted(monitor, change->device));
}

static void monitor_changed(struct job *job, struct instant now, const struct table_change *change)
{
	struct monitor_job *monitor = (struct monitor_job *)job;
	const struct device *device = change->device;
	bool leaves = change->leaving && !monitor->filter.neighbours;
	bool gone = change->event == TABLE_REMOVED || leaves;
	bool wanted = !gone && is_wanted(monitor, device);
	bool known = is_known(monitor, change);

	if (!wanted)
		device_set_remove(&monitor->known, device);
	if (monitor->resync || (!wanted && !known) || (change->leaving && !leaves))
		return;
	if (!known) {
		put_added(monitor, now, device);
		return;
	}
	if (wanted)
		note_known(monitor, device);
	if (wanted || (gone && !leaves))
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
	monitor->reply_due = true;
	begin(monitor);
	if (host->watched)
		host->watched(host->context, 1);
	return &monitor->job;
}

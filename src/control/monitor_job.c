/* SPDX-License-Identifier: ISC
 * monitor_job: tells a client what happens to the table, and to resync when it does not keep up. */
#include "control/device_json.h"
#include "control/job.h"
#include "control/json_build.h"
#include <stdlib.h>

struct monitor_job {
	struct job job;
	struct filter filter;
	bool snapshot; /* wanted, now and after every resync */
	bool walking;  /* a snapshot is under way: the cursor is open */
	bool resync;   /* events were dropped; nothing is queued until the client has been told */
	struct table_cursor cursor;
};

/* By enum table_event; REFRESHED is never told. */
static const char *const EVENTS[] = {
    [TABLE_ADDED] = "added",
    [TABLE_UPDATED] = "updated",
    [TABLE_REMOVED] = "removed",
};

/* Takes the device's JSON over; it is NULL for an event without one. */
static int put_event(struct job *job, const char *event, struct json_object *device)
{
	struct json_object *parameters = json_object_new_object();
	json_add(parameters, "event", json_text(event));
	json_add(parameters, "device", device);
	return job_reply(job, parameters, true);
}

static void fall_behind(struct monitor_job *monitor)
{
	monitor->resync = true;
	monitor->job.pending = true;
}

static void put_device(struct monitor_job *monitor, struct instant now, enum table_event event,
    const struct device *device)
{
	struct json_object *object = device_json_new(monitor->job.host, now, device);
	if (!object || put_event(&monitor->job, EVENTS[event], object) < 0)
		fall_behind(monitor);
}

static void walk(struct monitor_job *monitor)
{
	if (monitor->walking)
		table_cursor_close(&monitor->cursor);
	monitor->walking = true;
	table_cursor_open(&monitor->cursor, monitor->job.host->table);
}

/* The snapshot's next device, or the word that it is complete. */
static void produce_snapshot(struct monitor_job *monitor, struct instant now)
{
	struct job *job = &monitor->job;
	const struct device *device = monitor->walking ? table_cursor_next(&monitor->cursor) : NULL;

	if (device && !filter_matches(&monitor->filter, job->host->links, device))
		return;
	if (device) {
		put_device(monitor, now, TABLE_ADDED, device);
		return;
	}
	if (monitor->walking)
		table_cursor_close(&monitor->cursor);
	monitor->walking = false;
	job->pending = false;
	if (put_event(job, NULL, NULL) < 0)
		fall_behind(monitor);
}

static void monitor_produce(struct job *job, struct instant now)
{
	struct monitor_job *monitor = (struct monitor_job *)job;

	if (!monitor->resync) {
		produce_snapshot(monitor, now);
		return;
	}
	if (put_event(job, "resync", NULL) < 0) {
		job->failed = true;
		return;
	}
	monitor->resync = false;
	job->pending = monitor->snapshot;
	if (monitor->snapshot)
		walk(monitor);
}

static void monitor_changed(
    struct job *job, struct instant now, enum table_event event, const struct device *device)
{
	struct monitor_job *monitor = (struct monitor_job *)job;

	if (monitor->resync || !filter_matches(&monitor->filter, job->host->links, device))
		return;
	/* the cursor meets newcomers at its end */
	if (monitor->walking && event == TABLE_ADDED)
		return;
	put_device(monitor, now, event, device);
}

static void monitor_destroy(struct job *job)
{
	struct monitor_job *monitor = (struct monitor_job *)job;
	if (monitor->walking)
		table_cursor_close(&monitor->cursor);
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
	if (snapshot)
		walk(monitor);
	return &monitor->job;
}

/* SPDX-License-Identifier: ISC
 * monitor_job: reports changes of the table to a client, and "resync" when it does not keep up. */
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

/* A reply without a device. */
static int put_reply(struct monitor_job *monitor, const char *event)
{
	struct json_object *parameters = json_object_new_object();

	json_add(parameters, "event", json_text(event));
	json_add(parameters, "device", NULL);
	json_add(parameters, "changed", NULL);
	json_add(parameters, "merged_into", NULL);
	return job_reply(&monitor->job, parameters, true);
}

static void fall_behind(struct monitor_job *monitor)
{
	monitor->resync = true;
	monitor->job.pending = true;
}

static void put_change(
    struct monitor_job *monitor, struct change_texts *texts, enum change_kind kind)
{
	struct shared_text *text = change_texts_get(texts, kind);

	if (!text || job_add(&monitor->job, text) < 0)
		fall_behind(monitor);
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
	note_known(monitor, device);
	if (!monitor->snapshot)
		return;
	struct table_change change = {.event = TABLE_ADDED, .device = device};
	struct change_texts texts = change_texts_of(monitor->job.host, now, &change);
	put_change(monitor, &texts, CHANGE_AS_IT_IS);
	change_texts_fini(&texts);
}

static void put_due_reply(struct monitor_job *monitor)
{
	if (!monitor->reply_due)
		return;
	monitor->reply_due = false;
	if (put_reply(monitor, NULL) < 0)
		fall_behind(monitor);
}

static void put_resync(struct monitor_job *monitor)
{
	if (put_reply(monitor, "resync") < 0) {
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

static void monitor_changed(struct job *job, struct change_texts *texts)
{
	struct monitor_job *monitor = (struct monitor_job *)job;
	const struct table_change *change = texts->change;
	const struct device *device = change->device;
	bool leaves = change->leaving && !monitor->filter.neighbours;
	bool gone = change->event == TABLE_REMOVED || leaves;
	bool wanted = !gone && is_wanted(monitor, device);
	bool known = is_known(monitor, change);

	if (!wanted)
		device_set_remove(&monitor->known, device);
	if (monitor->resync || (!wanted && !known) || (change->leaving && !leaves))
		return;
	if (wanted || !known)
		note_known(monitor, device);
	if (!known)
		put_change(monitor, texts, CHANGE_COMES);
	else if (wanted || (gone && !leaves))
		put_change(monitor, texts, CHANGE_AS_IT_IS);
	else
		put_change(monitor, texts, CHANGE_GOES);
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
    const struct control_host *host, struct text_queue *out, struct filter filter, bool snapshot)
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

/* SPDX-License-Identifier: ISC
 * list_job: the devices of the table, written one by one as the client reads, so that no reply is
 * ever held whole. */
#include "control/device_json.h"
#include "control/job.h"
#include <json-c/json.h>
#include <stdlib.h>

enum { BATCH_MAX = 64 };

struct list_job {
	struct job job;
	struct table_cursor cursor;
	struct filter filter;
	struct instant begun; /* INSTANT_NEVER: not yet */
	bool more;            /* batches of devices instead of one reply */
	bool open;            /* a reply has been begun */
	unsigned batch;       /* devices in the reply that is being written */
};

/* What stands around the devices of a reply; each reply ends with a NUL. */
#define HEAD           SLICE("{\"parameters\":{\"devices\":[")
#define TAIL           SLICE("]}}\0")
#define TAIL_CONTINUES SLICE("]},\"continues\":true}\0")

/* Newcomers come last, and are none of this list: however slowly the client reads and however many
 * come meanwhile, it ends. */
static const struct device *next_match(struct list_job *list)
{
	const struct device *device;
	do
		device = table_cursor_next(&list->cursor);
	while (device && !filter_matches(&list->filter, list->job.host->links, device));
	return device && instant_before(list->begun, device->first_seen) ? NULL : device;
}

static void put(struct list_job *list, struct slice bytes)
{
	if (byte_queue_append(list->job.out, bytes) < 0)
		list->job.failed = true;
}

/* A device that finds no memory is left out. */
static void put_device(struct list_job *list, struct instant now, const struct device *device)
{
	size_t len;
	struct json_object *object = device_json_new(list->job.host, now, device);
	const char *text = object
			       ? json_object_to_json_string_length(object,
				     JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len)
			       : NULL;
	if (text) {
		if (list->batch++)
			put(list, SLICE(","));
		put(list, (struct slice){text, len});
	}
	json_object_put(object);
}

static void list_produce(struct job *job, struct instant now)
{
	struct list_job *list = (struct list_job *)job;

	list->begun = instant_earlier(list->begun, now);
	const struct device *device = next_match(list);
	if (list->open && device && list->more && list->batch == BATCH_MAX) {
		put(list, TAIL_CONTINUES);
		list->open = false;
	}
	if (!list->open) {
		put(list, HEAD);
		list->open = true;
		list->batch = 0;
	}
	if (device) {
		put_device(list, now, device);
		return;
	}
	put(list, TAIL);
	job->pending = false;
	job->over = true;
}

static void list_destroy(struct job *job)
{
	struct list_job *list = (struct list_job *)job;
	table_cursor_close(&list->cursor);
	filter_fini(&list->filter);
	free(list);
}

static const struct job_type LIST_JOB = {.produce = list_produce, .destroy = list_destroy};

struct job *list_job_new(
    const struct control_host *host, struct byte_queue *out, struct filter filter, bool more)
{
	struct list_job *list = calloc(1, sizeof(*list));
	if (!list) {
		filter_fini(&filter);
		return NULL;
	}
	list->job = job_base(&LIST_JOB, host, out);
	list->job.pending = true;
	list->filter = filter;
	list->begun = INSTANT_NEVER;
	list->more = more;
	table_cursor_open(&list->cursor, host->table);
	return &list->job;
}

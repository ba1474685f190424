/* SPDX-License-Identifier: ISC
 * list_job: the devices of the table, written one by one as the client reads, so that no reply is
 * ever held whole. */
#include "control/device_json.h"
#include "control/job.h"
#include "wire/json_print.h"
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

/* The next device; NULL at the end. Newcomers come last, and are none of this list: however slowly
 * the client reads and however many come meanwhile, it ends. */
static const struct device *next_device(struct list_job *list)
{
	const struct device *device = table_cursor_next(&list->cursor);

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
	char *text = object ? json_print(object, &len) : NULL;

	if (text) {
		if (list->batch++)
			put(list, SLICE(","));
		put(list, (struct slice){text, len});
	}
	free(text);
	json_object_put(object);
}

static void end_reply(struct list_job *list, struct slice tail)
{
	put(list, tail);
	list->open = false;
}

static void begin_reply(struct list_job *list)
{
	if (list->open)
		return;
	put(list, HEAD);
	list->open = true;
	list->batch = 0;
}

static void list_produce(struct job *job, struct instant now)
{
	struct list_job *list = (struct list_job *)job;

	list->begun = instant_earlier(list->begun, now);
	const struct device *device = next_device(list);
	if (device && !filter_matches(&list->filter, job->host->links, device))
		return;
	if (device && list->more && list->batch == BATCH_MAX)
		end_reply(list, TAIL_CONTINUES);
	begin_reply(list);
	if (device) {
		put_device(list, now, device);
		return;
	}
	end_reply(list, TAIL);
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

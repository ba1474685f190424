/* SPDX-License-Identifier: ISC
 * list_job: the devices of the table, written one by one as the client reads, so that no reply is
 * ever held whole. */
#include "control/device_json.h"
#include "control/job.h"
#include "wire/varlink_message.h"
#include <stdlib.h>

enum { BATCH_MAX = 64 };

struct list_job {
	struct job job;
	struct table_cursor cursor;
	struct filter filter;
	struct json_view view;
	struct json_writer text; /* what is not queued yet */
	struct instant begun;    /* INSTANT_NEVER: not yet */
	bool more;               /* batches of devices instead of one reply */
	bool open;               /* a reply has been begun */
	unsigned batch;          /* devices in the reply that is being written */
};

/* The next device; NULL at the end. Newcomers come last, and are none of this list: however slowly
 * the client reads and however many come meanwhile, it ends. */
static const struct device *next_device(struct list_job *list)
{
	const struct device *device = table_cursor_next(&list->cursor);

	return device && instant_before(list->begun, device->first_seen) ? NULL : device;
}

static void hand_over(struct list_job *list)
{
	bool comma = list->text.comma;

	if (text_queue_put(list->job.out, &list->text) < 0)
		list->job.failed = true;
	list->text.comma = comma;
}

static void begin_reply(struct list_job *list)
{
	if (list->open)
		return;
	varlink_reply_begin(&list->text, NULL);
	json_writer_open(&list->text, '{');
	json_writer_name(&list->text, JSON_NAME("devices"));
	json_writer_open(&list->text, '[');
	list->open = true;
	list->batch = 0;
}

static void end_reply(struct list_job *list, bool continues)
{
	json_writer_close(&list->text, ']');
	json_writer_close(&list->text, '}');
	varlink_reply_end(&list->text, continues);
	list->open = false;
}

static void put_device(struct list_job *list, struct instant now, const struct device *device)
{
	if (!list->text.capacity)
		json_writer_reserve(&list->text, CONTROL_PORTION + CONTROL_PORTION / 4);
	if (list->more && list->batch == BATCH_MAX)
		end_reply(list, true);
	begin_reply(list);
	if (list->view.now.us != now.us)
		list->view = json_view_at(list->job.host, now);
	device_json_write(&list->text, &list->view, device);
	list->batch++;
}

static void list_produce(struct job *job, struct instant now)
{
	struct list_job *list = (struct list_job *)job;

	list->begun = instant_earlier(list->begun, now);
	const struct device *device = next_device(list);
	if (device && !filter_matches(&list->filter, job->host->links, device))
		return;
	if (device) {
		put_device(list, now, device);
	} else {
		begin_reply(list);
		end_reply(list, false);
		job->pending = false;
		job->over = true;
	}
	if (job->over || list->text.failed || list->text.len >= CONTROL_PORTION)
		hand_over(list);
}

static void list_destroy(struct job *job)
{
	struct list_job *list = (struct list_job *)job;
	table_cursor_close(&list->cursor);
	filter_fini(&list->filter);
	json_writer_fini(&list->text);
	free(list);
}

static const struct job_type LIST_JOB = {.produce = list_produce, .destroy = list_destroy};

struct job *list_job_new(
    const struct control_host *host, struct text_queue *out, struct filter filter, bool more)
{
	struct list_job *list = calloc(1, sizeof(*list));
	if (!list) {
		filter_fini(&filter);
		return NULL;
	}
	list->job = job_base(&LIST_JOB, host, out);
	list->job.pending = true;
	list->filter = filter;
	list->begun = list->view.now = INSTANT_NEVER;
	list->more = more;
	table_cursor_open(&list->cursor, host->table);
	return &list->job;
}

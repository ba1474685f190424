/* SPDX-License-Identifier: ISC
 * search_job: reports to a client, once each, which endpoints answer while its search lasts. */
#include "control/device_json.h"
#include "control/job.h"
#include "control/json_build.h"
#include "wire/varlink_message.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* As many as the table holds by default; those beyond are not reported. */
enum { SEEN_MAX = 4096 };

struct search_job {
	struct job job;
	char *target;
	uint64_t *seen; /* numbers of endpoints that were reported, sorted */
	size_t seen_count, seen_capacity;
};

/* Where the number stands, or would stand. */
static size_t seen_position(const struct search_job *search, uint64_t number)
{
	size_t from = 0, to = search->seen_count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (search->seen[middle] < number)
			from = middle + 1;
		else
			to = middle;
	}
	return to;
}

/* 0, or -EALREADY, -ENOSPC, -ENOMEM. */
static int seen_add(struct search_job *search, uint64_t number)
{
	size_t at = seen_position(search, number);

	if (at < search->seen_count && search->seen[at] == number)
		return -EALREADY;
	if (search->seen_count == SEEN_MAX)
		return -ENOSPC;
	if (search->seen_count == search->seen_capacity) {
		size_t capacity = search->seen_capacity ? 2 * search->seen_capacity : 16;
		uint64_t *seen = reallocarray(search->seen, capacity, sizeof(*seen));
		if (!seen)
			return -ENOMEM;
		search->seen = seen;
		search->seen_capacity = capacity;
	}
	memmove(search->seen + at + 1, search->seen + at,
	    (search->seen_count - at) * sizeof(*search->seen));
	search->seen[at] = number;
	search->seen_count++;
	return 0;
}

static void write_answer(
    struct json_writer *w, struct json_view *view, const struct endpoint *endpoint)
{
	varlink_reply_begin(w, NULL);
	json_writer_open(w, '{');
	json_writer_name(w, JSON_NAME("device"));
	device_json_write(w, view, endpoint->device);
	json_writer_name(w, JSON_NAME("endpoint"));
	endpoint_json_write(w, view, endpoint);
	json_writer_close(w, '}');
	varlink_reply_end(w, true);
}

static void search_answered(struct job *job, struct instant now, const struct endpoint *endpoint)
{
	struct search_job *search = (struct search_job *)job;
	const struct control_host *host = job->host;
	struct slice target = slice_of(search->target);

	if (target.len && host->matches && !host->matches(host->context, endpoint, target))
		return;
	if (seen_add(search, endpoint_number(endpoint)) < 0)
		return;
	struct json_view view = json_view_at(host, now);
	struct json_writer w = {0};
	write_answer(&w, &view, endpoint);
	/* The answer is lost to a client that does not read and whose queue is full. */
	job_put(job, &w);
}

/* The last reply may have to wait until there is room for it. */
static void search_expire(struct job *job)
{
	job->deadline = INSTANT_NEVER;
	job->pending = true;
}

static void search_produce(struct job *job, struct instant now)
{
	struct json_object *parameters = json_object_new_object();

	(void)now;
	json_add(parameters, "device", NULL);
	json_add(parameters, "endpoint", NULL);
	job->pending = false;
	job->over = true;
	job->failed = job_reply(job, parameters, false) < 0;
}

static void search_destroy(struct job *job)
{
	struct search_job *search = (struct search_job *)job;

	free(search->seen);
	free(search->target);
	free(search);
}

static const struct job_type SEARCH_JOB = {
    .produce = search_produce,
    .answered = search_answered,
    .expire = search_expire,
    .destroy = search_destroy,
};

struct job *search_job_new(const struct control_host *host, struct text_queue *out,
    struct slice target, struct instant deadline)
{
	struct search_job *search = calloc(1, sizeof(*search));
	char *copy = slice_dup(target);
	if (!search || !copy) {
		free(search);
		free(copy);
		return NULL;
	}
	search->job = job_base(&SEARCH_JOB, host, out);
	search->job.deadline = deadline;
	search->target = copy;
	return &search->job;
}

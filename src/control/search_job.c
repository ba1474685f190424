/* SPDX-License-Identifier: ISC
 * search_job: tells a client, once each, which devices answer while its search lasts. */
#include "control/device_json.h"
#include "control/job.h"
#include "control/json_build.h"
#include "wire/usn.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* More than the table usually holds; who comes beyond it is not reported. */
enum { SEEN_MAX = 4096 };

struct search_job {
	struct job job;
	char *target;
	char **seen; /* ids that were told, sorted */
	size_t seen_count, seen_capacity;
};

/* UDA 2.0 1.3.2: what each search target stands for. Whoever answers to "ssdp:all" or a vendor's
 * own target is told: the device does not say by which of them. A root device has a description. */
static bool answers_to(const struct device *device, struct slice target)
{
	if (slice_starts_with_nocase(target, SLICE("uuid:")))
		return slice_equal_nocase(slice_of(device->id), target);
	if (slice_equal(target, SLICE("upnp:rootdevice")))
		return device->facts[DEVICE_LOCATION] != NULL;
	if (!slice_starts_with_nocase(target, SLICE("urn:")))
		return true;
	if (urn_satisfies(slice_of(device->facts[DEVICE_TYPE]), target))
		return true;
	for (size_t i = 0; i < device->service_count; i++)
		if (urn_satisfies(slice_of(device->services[i].type), target))
			return true;
	return false;
}

/* Where the id stands, or would stand. */
static size_t seen_position(const struct search_job *search, const char *id, bool *there)
{
	size_t from = 0, to = search->seen_count;
	*there = false;
	while (from < to && !*there) {
		size_t middle = from + (to - from) / 2;
		int order = strcmp(id, search->seen[middle]);
		if (order > 0)
			from = middle + 1;
		else
			to = middle;
		*there = order == 0;
	}
	return to;
}

/* 0, or -EALREADY, -ENOSPC, -ENOMEM. */
static int seen_add(struct search_job *search, const char *id)
{
	bool there;
	size_t at = seen_position(search, id, &there);
	if (there)
		return -EALREADY;
	if (search->seen_count == SEEN_MAX)
		return -ENOSPC;
	if (search->seen_count == search->seen_capacity) {
		size_t capacity = search->seen_capacity ? 2 * search->seen_capacity : 16;
		char **seen = realloc(search->seen, capacity * sizeof(*seen));
		if (!seen)
			return -ENOMEM;
		search->seen = seen;
		search->seen_capacity = capacity;
	}
	char *copy = strdup(id);
	if (!copy)
		return -ENOMEM;
	memmove(search->seen + at + 1, search->seen + at,
	    (search->seen_count - at) * sizeof(*search->seen));
	search->seen[at] = copy;
	search->seen_count++;
	return 0;
}

static int put_device(struct job *job, struct json_object *device, bool continues)
{
	struct json_object *parameters = json_object_new_object();
	json_add(parameters, "device", device);
	return job_reply(job, parameters, continues);
}

static void search_answered(struct job *job, struct instant now, const struct device *device)
{
	struct search_job *search = (struct search_job *)job;
	if (!answers_to(device, slice_of(search->target)) || seen_add(search, device->id) < 0)
		return;
	/* with a full queue, the answer is lost to a client that does not read */
	put_device(job, device_json_new(job->host, now, device), true);
}

/* The last reply may have to wait until there is room for it. */
static void search_expire(struct job *job)
{
	job->deadline = INSTANT_NEVER;
	job->pending = true;
}

static void search_produce(struct job *job, struct instant now)
{
	(void)now;
	job->pending = false;
	job->over = true;
	job->failed = put_device(job, NULL, false) < 0;
}

static void search_destroy(struct job *job)
{
	struct search_job *search = (struct search_job *)job;
	for (size_t i = 0; i < search->seen_count; i++)
		free(search->seen[i]);
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

struct job *search_job_new(const struct control_host *host, struct byte_queue *out,
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

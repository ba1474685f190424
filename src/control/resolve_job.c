/* SPDX-License-Identifier: ISC
 * resolve_job: collects the addresses that a host answers with, and replies with all of them. */
#include "control/endpoint_json.h"
#include "control/job.h"
#include "control/json_build.h"
#include "model/host_address.h"
#include <stdlib.h>

/* Those beyond are left out. */
enum { ADDRESSES_MAX = 64 };
/* Answers by the other address family and on other links come within this time of the first: a host
 * may wait for 120 ms (RFC 6762, 6). */
#define OTHERS_TIME MILLISECONDS(200)

struct resolve_job {
	struct job job;
	char *name; /* as asked for, then as the host writes it */
	struct {
		struct address address;
		uint32_t link;
	} found[ADDRESSES_MAX];
	size_t count;
};

static bool is_found(const struct resolve_job *resolve, const struct host_address *address)
{
	for (size_t i = 0; i < resolve->count; i++)
		if (resolve->found[i].link == address->link &&
		    address_equal(&resolve->found[i].address, &address->address))
			return true;
	return false;
}

static void take_name(struct resolve_job *resolve, struct slice name)
{
	char *copy = slice_dup(name);

	if (!copy)
		return;
	free(resolve->name);
	resolve->name = copy;
}

static void resolve_resolved(
    struct job *job, struct instant now, const struct host_address *address)
{
	struct resolve_job *resolve = (struct resolve_job *)job;

	if (!slice_equal_nocase(address->name, slice_of(resolve->name)) ||
	    resolve->count == ADDRESSES_MAX || is_found(resolve, address))
		return;
	if (resolve->count == 0) {
		take_name(resolve, address->name);
		job->deadline = instant_earlier(job->deadline, instant_add(now, OTHERS_TIME));
	}
	resolve->found[resolve->count].address = address->address;
	resolve->found[resolve->count].link = address->link;
	resolve->count++;
}

static void resolve_expire(struct job *job)
{
	job->deadline = INSTANT_NEVER;
	job->pending = true;
}

static struct json_object *addresses_json(const struct resolve_job *resolve)
{
	const struct mac unknown = {.known = false};
	struct json_writer w = {0};

	json_writer_open(&w, '[');
	for (size_t i = 0; i < resolve->count; i++)
		endpoint_json_write_address(&w, resolve->job.host, &resolve->found[i].address,
		    resolve->found[i].link, &unknown);
	json_writer_close(&w, ']');
	return json_written(&w);
}

static void resolve_produce(struct job *job, struct instant now)
{
	struct resolve_job *resolve = (struct resolve_job *)job;
	struct json_object *parameters = json_object_new_object();
	(void)now;

	job->pending = false;
	job->over = true;
	json_add(parameters, "name", json_text(resolve->name));
	if (resolve->count == 0) {
		json_add(parameters, "asked", json_object_new_boolean(true));
		job->failed = job_fail(job, "io.discoverd.NoAddress", parameters) < 0;
		return;
	}
	json_add(parameters, "addresses", addresses_json(resolve));
	job->failed = job_reply(job, parameters, false) < 0;
}

static void resolve_destroy(struct job *job)
{
	struct resolve_job *resolve = (struct resolve_job *)job;

	free(resolve->name);
	free(resolve);
}

static const struct job_type RESOLVE_JOB = {
    .produce = resolve_produce,
    .resolved = resolve_resolved,
    .expire = resolve_expire,
    .destroy = resolve_destroy,
};

struct job *resolve_job_new(const struct control_host *host, struct text_queue *out,
    struct slice name, struct instant deadline)
{
	struct resolve_job *resolve = calloc(1, sizeof(*resolve));

	if (!resolve)
		return NULL;
	resolve->job = job_base(&RESOLVE_JOB, host, out);
	resolve->job.deadline = deadline;
	resolve->name = slice_dup(name);
	if (!resolve->name) {
		resolve_destroy(&resolve->job);
		return NULL;
	}
	return &resolve->job;
}

/* SPDX-License-Identifier: ISC
 * job: see job.h. */
#include "control/job.h"
#include "wire/varlink_message.h"
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>

struct job job_base(
    const struct job_type *type, const struct control_host *host, struct text_queue *out)
{
	return (struct job){.type = type, .host = host, .out = out, .deadline = INSTANT_NEVER};
}

int job_add(struct job *job, struct shared_text *reply)
{
	if (job->out->len && job->out->len + reply->len > CONTROL_QUEUE_MAX)
		return -ENOBUFS;
	return text_queue_add(job->out, reply);
}

int job_put(struct job *job, struct json_writer *reply)
{
	struct shared_text *shared = shared_text_new(reply);
	int error = shared ? job_add(job, shared) : -ENOMEM;

	shared_text_release(shared);
	return error;
}

static int put(struct job *job, const char *failure, struct json_object *parameters, bool continues)
{
	struct json_writer reply = {.failed = !parameters};

	varlink_reply_write(&reply, failure, parameters, continues);
	json_object_put(parameters);
	return job_put(job, &reply);
}

int job_reply(struct job *job, struct json_object *parameters, bool continues)
{
	return put(job, NULL, parameters, continues);
}

int job_fail(struct job *job, const char *error, struct json_object *parameters)
{
	return put(job, error, parameters, false);
}

/* SPDX-License-Identifier: ISC
 * job: see job.h. */
#include "control/job.h"
#include "wire/varlink_message.h"
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>

struct job job_base(
    const struct job_type *type, const struct control_host *host, struct byte_queue *out)
{
	return (struct job){.type = type, .host = host, .out = out, .deadline = INSTANT_NEVER};
}

static int put(struct job *job, const char *failure, struct json_object *parameters, bool continues)
{
	size_t len;
	char *text = parameters ? varlink_reply_format(failure, parameters, continues, &len) : NULL;
	int error = -ENOMEM;

	json_object_put(parameters);
	if (text)
		error = job->out->len && job->out->len + len > CONTROL_QUEUE_MAX
			    ? -ENOBUFS
			    : byte_queue_append(job->out, (struct slice){text, len});
	free(text);
	return error;
}

int job_reply(struct job *job, struct json_object *parameters, bool continues)
{
	return put(job, NULL, parameters, continues);
}

int job_fail(struct job *job, const char *error, struct json_object *parameters)
{
	return put(job, error, parameters, false);
}

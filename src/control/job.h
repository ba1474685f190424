/* SPDX-License-Identifier: ISC
 * job: a call that gets more than one reply, or one too large to keep whole; a session runs one at
 * a time. */
#ifndef CONTROL_JOB_H
#define CONTROL_JOB_H

#include "control/change_texts.h"
#include "control/control_host.h"
#include "control/filter.h"
#include "control/text_queue.h"

struct host_address;
struct job;
struct json_object;
struct probe_result;

/* Bytes that wait for a client that does not read; one reply may be longer. */
enum { CONTROL_QUEUE_MAX = 256 * 1024 };
/* Bytes after which a turn has produced enough. */
enum { CONTROL_PORTION = 64 * 1024 };

/* One kind of job. Only `produce` and `destroy` are always there. */
struct job_type {
	/* Called when little is queued and `pending`: looks at the next device, and puts into the
	 * queue what there is to say of it, if anything. */
	void (*produce)(struct job *job, struct instant now);
	void (*changed)(struct job *job, struct change_texts *texts);
	void (*answered)(struct job *job, struct instant now, const struct endpoint *endpoint);
	void (*resolved)(struct job *job, struct instant now, const struct host_address *address);
	void (*probed)(struct job *job, uint64_t number, const struct probe_result *result);
	/* The deadline has come. */
	void (*expire)(struct job *job);
	void (*destroy)(struct job *job);
};

/* First member of every job's struct. The session owns the job, calls `destroy` when it is over,
 * and lends the queue. */
struct job {
	const struct job_type *type;
	const struct control_host *host;
	struct text_queue *out;
	struct instant deadline;
	bool pending; /* there is something to produce */
	bool over;    /* the last byte of the last reply is in the queue */
	bool failed;  /* out of memory in the middle of a reply: the connection is of no use */
};

/* What all kinds begin with. */
struct job job_base(
    const struct job_type *type, const struct control_host *host, struct text_queue *out);
/* Puts a successful reply into the queue; takes `parameters` over. 0; -ENOMEM; -ENOBUFS, and
 * nothing was put there: the queue is not empty and would hold more than CONTROL_QUEUE_MAX. */
int job_reply(struct job *job, struct json_object *parameters, bool continues);
/* Likewise replies that are written already: one that it takes over, one that is shared. */
int job_put(struct job *job, struct json_writer *reply);
int job_add(struct job *job, struct shared_text *reply);

/* Likewise an error. */
int job_fail(struct job *job, const char *error, struct json_object *parameters);

/* One per file. NULL when out of memory; the first two take the filter over in either case. */
struct job *list_job_new(
    const struct control_host *host, struct text_queue *out, struct filter filter, bool more);
struct job *monitor_job_new(
    const struct control_host *host, struct text_queue *out, struct filter filter, bool snapshot);
struct job *search_job_new(const struct control_host *host, struct text_queue *out,
    struct slice target, struct instant deadline);
/* Waits for the addresses of a host that is being asked for. */
struct job *resolve_job_new(const struct control_host *host, struct text_queue *out,
    struct slice name, struct instant deadline);
/* Begins the probes of a plan, which has at least one. */
struct job *probe_job_new(const struct control_host *host, struct text_queue *out,
    struct slice target, struct instant now, const struct probe_plan *plan);

#endif

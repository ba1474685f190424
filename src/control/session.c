/* SPDX-License-Identifier: ISC
 * session: cuts what arrives into calls, serves them in order, and gives out the replies as the
 * client reads. */
#include "control/session.h"
#include "control/byte_queue.h"
#include "control/job.h"
#include "control/method.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* In one turn a job may look at so many devices: other clients and the network wait meanwhile. */
enum { STEPS_PER_TURN = 64 };
#define HALF_REQUEST_TIME SECONDS(5)

struct control_session {
	struct session base;
	const struct control_host *host;
	struct control_peer peer;
	struct byte_queue in;
	struct text_queue out;
	struct job *job;             /* the call that is not answered to its end yet */
	struct instant half_expires; /* of a request whose end has not come */
	bool ended;                  /* the client sends no more */
	bool broken;                 /* nothing more is taken from it */
};

static struct session *create(const void *host, const struct control_peer *peer)
{
	struct control_session *session = calloc(1, sizeof(*session));
	if (!session)
		return NULL;
	session->base.type = &CONTROL_SESSION;
	session->host = host;
	session->peer = *peer;
	session->half_expires = INSTANT_NEVER;
	return &session->base;
}

static struct control_session *self(struct session *session)
{
	return (struct control_session *)session;
}

static const struct control_session *const_self(const struct session *session)
{
	return (const struct control_session *)session;
}

static void end_job(struct control_session *session)
{
	if (session->job)
		session->job->type->destroy(session->job);
	session->job = NULL;
}

static void destroy(struct session *base)
{
	struct control_session *session = self(base);

	session->host->abandon(session->host->context, session);
	end_job(session);
	byte_queue_fini(&session->in);
	text_queue_fini(&session->out);
	free(session);
}

/* What is queued, and a job's replies that are due, are still delivered; a search is not waited
 * for. */
static int break_off(struct control_session *session, int error)
{
	session->broken = true;
	session->half_expires = INSTANT_NEVER;
	byte_queue_fini(&session->in);
	if (session->job && !session->job->pending)
		end_job(session);
	return error;
}

/* Memory ran out in the middle of a reply: what follows would not make sense to the client. */
static void give_up(struct control_session *session)
{
	end_job(session);
	break_off(session, 0);
	text_queue_fini(&session->out);
}

static int serve_one(struct control_session *session, struct instant now, struct slice message)
{
	struct varlink_call parsed;
	int error = varlink_call_parse(message, &parsed);
	if (error < 0)
		return error;
	struct method_call call = {
	    .host = session->host,
	    .session = session,
	    .peer = &session->peer,
	    .call = &parsed,
	    .now = now,
	    .out = &session->out,
	};
	method_dispatch(&call, METHODS, INTERFACES);
	session->job = call.job;
	varlink_call_fini(&parsed);
	return call.error;
}

/* True when there is a whole request in front of the queue. */
static bool has_request(const struct control_session *session, size_t *len)
{
	struct slice waiting = byte_queue_peek(&session->in);

	*len = slice_find(waiting, '\0');
	return *len < waiting.len;
}

/* Serves the request in front. False when none was there. */
static bool serve(struct control_session *session, struct instant now)
{
	size_t len;

	if (session->broken || !has_request(session, &len))
		return false;
	int error = serve_one(session, now, slice_head(byte_queue_peek(&session->in), len));
	if (error < 0)
		break_off(session, error);
	else
		byte_queue_skip(&session->in, len + 1);
	return true;
}

static void note_half_request(
    struct control_session *session, struct instant now, struct slice bytes)
{
	bool whole = bytes.bytes[bytes.len - 1] == '\0';
	if (whole || session->broken)
		session->half_expires = INSTANT_NEVER;
	else if (instant_is_never(session->half_expires) || slice_find(bytes, '\0') < bytes.len)
		session->half_expires = instant_add(now, HALF_REQUEST_TIME);
}

static int feed(struct session *base, struct instant now, struct slice bytes)
{
	struct control_session *session = self(base);
	size_t len;

	if (session->broken || !bytes.len)
		return 0;
	if (session->in.len + bytes.len > CONTROL_INPUT_MAX)
		return break_off(session, -EMSGSIZE);
	if (byte_queue_append(&session->in, bytes) < 0)
		return break_off(session, -ENOMEM);
	has_request(session, &len);
	if (len >= CONTROL_REQUEST_MAX)
		return break_off(session, -EMSGSIZE);
	note_half_request(session, now, bytes);
	return 0;
}

static void end(struct session *base)
{
	struct control_session *session = self(base);

	/* At once: a client that only reads looks like one that has died, and a search would keep
	 * the session of a dead one for half a minute. */
	session->host->abandon(session->host->context, session);
	session->ended = true;
	session->half_expires = INSTANT_NEVER;
}

/* One step towards more bytes; false when there is nothing to do. */
static bool produce(struct control_session *session, struct instant now)
{
	struct job *job = session->job;

	if (!job || !job->pending)
		return false;
	job->type->produce(job, now);
	if (job->failed)
		give_up(session);
	else if (job->over)
		end_job(session);
	return true;
}

static void turn(struct session *base, struct instant now)
{
	struct control_session *session = self(base);
	unsigned steps = 0;

	if (session->out.len)
		return;
	if (!session->job)
		serve(session, now);
	while (
	    steps++ < STEPS_PER_TURN && session->out.len < CONTROL_PORTION && produce(session, now))
		;
}

static size_t peek(const struct session *base, struct slice *parts, size_t max)
{
	return text_queue_peek(&const_self(base)->out, parts, max);
}

static void sent(struct session *base, size_t len)
{
	text_queue_skip(&self(base)->out, len);
}

static bool wants_turn(const struct session *base)
{
	const struct control_session *session = const_self(base);
	size_t len;

	if (session->out.len)
		return true;
	return session->job ? session->job->pending
			    : !session->broken && has_request(session, &len);
}

static bool is_idle(const struct session *base)
{
	const struct control_session *session = const_self(base);

	return !session->in.len && !session->out.len && !session->job;
}

/* A watcher whose client has shut down its side ends with what is queued; a search ends by itself.
 */
static bool is_done(const struct session *base)
{
	const struct control_session *session = const_self(base);
	const struct job *job = session->job;
	if (!session->ended && !session->broken)
		return false;
	return !wants_turn(base) && (!job || instant_is_never(job->deadline));
}

void control_session_changed(struct session *base, struct change_texts *texts)
{
	struct control_session *session = self(base);
	struct job *job = session->job;
	if (job && job->type->changed && !session->ended && !session->broken)
		job->type->changed(job, texts);
}

void control_session_answered(
    struct session *base, struct instant now, const struct endpoint *endpoint)
{
	struct job *job = self(base)->job;
	if (job && job->type->answered && !job->pending)
		job->type->answered(job, now, endpoint);
}

void control_session_resolved(
    struct session *base, struct instant now, const struct host_address *address)
{
	struct job *job = self(base)->job;
	if (job && job->type->resolved && !job->pending)
		job->type->resolved(job, now, address);
}

void control_session_probed(
    struct session *base, uint64_t number, const struct probe_result *result)
{
	struct job *job = self(base)->job;
	if (job && job->type->probed)
		job->type->probed(job, number, result);
}

static void advance(struct session *base, struct instant now)
{
	struct control_session *session = self(base);
	struct job *job = session->job;
	if (job && instant_due(job->deadline, now))
		job->type->expire(job);
	if (instant_due(session->half_expires, now))
		break_off(session, 0);
}

static struct instant deadline(const struct session *base)
{
	const struct control_session *session = const_self(base);
	return session->job ? instant_earlier(session->job->deadline, session->half_expires)
			    : session->half_expires;
}

const struct session_type CONTROL_SESSION = {
    .name = "the control socket",
    .remedy = "use another --socket",
    .create = create,
    .destroy = destroy,
    .feed = feed,
    .end = end,
    .turn = turn,
    .peek = peek,
    .sent = sent,
    .wants_turn = wants_turn,
    .is_idle = is_idle,
    .is_done = is_done,
    .advance = advance,
    .deadline = deadline,
};

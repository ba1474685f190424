/* SPDX-License-Identifier: ISC
 * inquiry: asks discoverd what a page needs, one question at a time, so that no number of browsers
 * keeps discoverd busy. */
#include "web/inquiry.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <sys/queue.h>

enum { WAITING_MAX = 64 };
/* From one inquiry to the next. */
#define PACE MILLISECONDS(5)
/* From the first question to the last answer: less than Prometheus waits (10 s), so that it gets
 * metrics that show that discoverd does not answer. */
#define PATIENCE SECONDS(4)

struct inquiry {
	TAILQ_ENTRY(inquiry) entry;
	struct inquiries *inquiries;
	const struct inquiry_plan *plan;
	struct json_object *parameters;
	struct json_object *replies[INQUIRY_QUESTIONS_MAX];
	unsigned step;
	inquiry_done_fn *done; /* NULL: cancelled */
	void *context;
};

struct inquiries {
	struct loop *loop;
	struct watcher *watcher;
	TAILQ_HEAD(, inquiry) waiting;
	unsigned count;
	struct inquiry *asked; /* is in no list */
	struct instant next_at;
	struct instant late_at; /* of the asked one; INSTANT_NEVER: it is late */
};

struct inquiries *inquiries_new(struct loop *loop, struct watcher *watcher)
{
	struct inquiries *inquiries = calloc(1, sizeof(*inquiries));

	if (!inquiries)
		return NULL;
	inquiries->loop = loop;
	inquiries->watcher = watcher;
	inquiries->next_at = loop_now(loop);
	TAILQ_INIT(&inquiries->waiting);
	return inquiries;
}

static void inquiry_free(struct inquiry *inquiry)
{
	json_object_put(inquiry->parameters);
	for (size_t i = 0; i < INQUIRY_QUESTIONS_MAX; i++)
		json_object_put(inquiry->replies[i]);
	free(inquiry);
}

static void dequeue(struct inquiry *inquiry)
{
	TAILQ_REMOVE(&inquiry->inquiries->waiting, inquiry, entry);
	inquiry->inquiries->count--;
}

void inquiries_free(struct inquiries *inquiries)
{
	struct inquiry *inquiry;

	if (!inquiries)
		return;
	while ((inquiry = TAILQ_FIRST(&inquiries->waiting))) {
		dequeue(inquiry);
		/* NOLINTNEXTLINE(*unix.Malloc): unlinked before free */
		inquiry_free(inquiry);
	}
	if (inquiries->asked)
		inquiry_free(inquiries->asked); /* its answer will not come */
	free(inquiries);
}

int inquiry_begin(struct inquiries *inquiries, const struct inquiry_plan *plan,
    struct json_object *parameters, inquiry_done_fn *done, void *context, struct inquiry **begun)
{
	struct inquiry *inquiry = NULL;
	bool hangs = inquiries->asked && instant_is_never(inquiries->late_at);
	int error = hangs || !watcher_is_synced(inquiries->watcher) ? -ENOTCONN
		    : inquiries->count >= WAITING_MAX               ? -EAGAIN
								    : 0;

	if (!error) {
		inquiry = calloc(1, sizeof(*inquiry));
		error = inquiry ? 0 : -ENOMEM;
	}
	if (error) {
		json_object_put(parameters);
		return error;
	}
	*inquiry = (struct inquiry){.inquiries = inquiries,
	    .plan = plan,
	    .parameters = parameters,
	    .done = done,
	    .context = context};
	TAILQ_INSERT_TAIL(&inquiries->waiting, inquiry, entry);
	inquiries->count++;
	*begun = inquiry;
	return 0;
}

void inquiry_cancel(struct inquiry *inquiry)
{
	if (inquiry == inquiry->inquiries->asked) {
		inquiry->done = NULL;
		return;
	}
	dequeue(inquiry);
	inquiry_free(inquiry);
}

static void report(struct inquiry *inquiry, const char *error)
{
	inquiry_done_fn *done = inquiry->done;

	inquiry->done = NULL;
	if (done)
		done(inquiry->context, error, inquiry->replies);
}

static void end(struct inquiry *inquiry, const char *error)
{
	inquiry->inquiries->asked = NULL;
	report(inquiry, error);
	inquiry_free(inquiry);
}

static void answered(void *context, const char *error, struct json_object *parameters);

/* Asks the next question, or ends it. */
static void go_on(struct inquiry *inquiry)
{
	const char *const *methods = inquiry->plan->methods;
	unsigned step = inquiry->step;
	bool last;

	if (!inquiry->done || step == INQUIRY_QUESTIONS_MAX || !methods[step]) {
		end(inquiry, NULL);
		return;
	}
	last = step + 1 == INQUIRY_QUESTIONS_MAX || !methods[step + 1];
	if (watcher_ask(inquiry->inquiries->watcher, methods[step],
		last ? json_object_get(inquiry->parameters) : NULL, answered, inquiry))
		end(inquiry, WATCHER_UNREACHABLE);
}

static void answered(void *context, const char *error, struct json_object *parameters)
{
	struct inquiry *inquiry = context;

	if (error) {
		end(inquiry, error);
		return;
	}
	inquiry->replies[inquiry->step++] = json_object_get(parameters);
	go_on(inquiry);
}

/* The answer may still come: until then nothing more is asked. */
static void give_up(struct inquiries *inquiries)
{
	struct inquiry *inquiry;

	inquiries->late_at = INSTANT_NEVER;
	report(inquiries->asked, WATCHER_UNREACHABLE);
	while ((inquiry = TAILQ_FIRST(&inquiries->waiting))) {
		dequeue(inquiry);
		report(inquiry, WATCHER_UNREACHABLE);
		/* NOLINTNEXTLINE(*unix.Malloc): unlinked before free */
		inquiry_free(inquiry);
	}
}

void inquiries_advance(struct inquiries *inquiries, struct instant now)
{
	struct inquiry *inquiry;

	if (inquiries->asked && instant_due(inquiries->late_at, now))
		give_up(inquiries);
	inquiry = TAILQ_FIRST(&inquiries->waiting);
	if (inquiries->asked || !inquiry || !instant_due(inquiries->next_at, now))
		return;
	dequeue(inquiry);
	inquiries->asked = inquiry;
	inquiries->next_at = instant_add(now, PACE);
	inquiries->late_at = instant_add(now, PATIENCE);
	go_on(inquiry);
}

struct instant inquiries_deadline(const struct inquiries *inquiries)
{
	if (inquiries->asked)
		return inquiries->late_at;
	return TAILQ_EMPTY(&inquiries->waiting) ? INSTANT_NEVER : inquiries->next_at;
}

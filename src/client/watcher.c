/* SPDX-License-Identifier: ISC
 * watcher: follows the devices of discoverd over its control socket: a snapshot and every change,
 * and again when the connection was lost. */
#include "client/watcher.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/log.h"
#include "base/rng.h"
#include "client/client.h"
#include "client/field.h"
#include "client/known_ids.h"
#include "net/random_bytes.h"

/* Connecting to a local socket is immediate, unless discoverd does not accept; then this is how
 * long the program waits. */
enum { CONNECT_MS = 20, ASKS_MAX = 4, REPLIES_A_TURN = 64 };
#define PAUSE_MIN    MILLISECONDS(CLIENT_PAUSE_MIN_MS)
#define PAUSE_MAX    MILLISECONDS(CLIENT_PAUSE_MAX_MS)
#define SETTLE       MILLISECONDS(CLIENT_SETTLE_MS)
#define ANSWER_LIMIT SECONDS(10)

static const char SUBSCRIPTION[] = "{\"snapshot\":true,\"filter\":{\"neighbours\":false}}";
static const char SUBSCRIPTION_ALL[] = "{\"snapshot\":true,\"filter\":{\"neighbours\":true}}";

struct ask {
	TAILQ_ENTRY(ask) entry;
	struct watcher *watcher;
	struct client client;
	struct event readable;
	struct instant deadline;
	watcher_answer_fn *answer;
	void *context;
};

struct watcher {
	struct loop *loop;
	const char *path;
	bool neighbours;
	const struct watcher_handler *handler;
	void *context;
	struct rng rng;
	struct known_ids known;
	struct client client; /* fd -1: not connected */
	struct event readable;
	bool synced;
	bool reading;              /* a snapshot is not complete yet */
	bool unread;               /* replies of this turn are left for the next */
	bool in_doubt;             /* missing devices may still appear, until settle_at */
	bool explained;            /* why there is no connection was logged */
	int64_t pause;             /* before the next attempt */
	struct instant connect_at; /* never while it is connected */
	struct instant answer_by;  /* the first reply; then never */
	struct instant steady_at;  /* a connection that ends later was no failure */
	struct instant settle_at;  /* not known before the first snapshot is complete */
	TAILQ_HEAD(, ask) asks;
	unsigned ask_count;
};

static void report(struct watcher *watcher, const struct watcher_change *change)
{
	if (watcher->handler->changed)
		watcher->handler->changed(watcher->context, change);
}

static void disconnect(struct watcher *watcher)
{
	if (watcher->client.fd >= 0)
		event_del(&watcher->readable);
	client_fini(&watcher->client);
	watcher->synced = watcher->reading = watcher->unread = false;
	watcher->answer_by = watcher->settle_at = INSTANT_NEVER;
}

static void explain(struct watcher *watcher, const char *reason, const char *consequence)
{
	if (!watcher->explained)
		log_warning("discoverd at %s: %s; %s", watcher->path, reason, consequence);
	watcher->explained = true;
}

/* The connection failed or ended: tries again after a pause that grows. */
static void retry(struct watcher *watcher, const char *reason)
{
	bool was_synced = watcher->synced;
	struct instant now = loop_now(watcher->loop);

	disconnect(watcher);
	explain(watcher, reason, "trying again");
	if (instant_due(watcher->steady_at, now))
		watcher->pause = PAUSE_MIN;
	watcher->steady_at = INSTANT_NEVER;
	watcher->connect_at = instant_add(now, rng_around(&watcher->rng, watcher->pause));
	watcher->pause = 2 * watcher->pause < PAUSE_MAX ? 2 * watcher->pause : PAUSE_MAX;
	if (was_synced && watcher->handler->lost)
		watcher->handler->lost(watcher->context);
}

/* Reports the devices that the snapshot did not have. */
static void remove_missing(struct watcher *watcher)
{
	const char *id;

	watcher->in_doubt = false;
	watcher->settle_at = INSTANT_NEVER;
	while ((id = known_ids_missing(&watcher->known))) {
		report(watcher, &(struct watcher_change){.event = WATCHER_REMOVED, .id = id});
		known_ids_remove(&watcher->known, id);
	}
}

static void snapshot_complete(struct watcher *watcher)
{
	if (!watcher->synced && watcher->explained)
		log_notice("discoverd at %s: connected", watcher->path);
	watcher->explained = false;
	if (!watcher->synced)
		watcher->steady_at = instant_add(loop_now(watcher->loop), PAUSE_MAX);
	watcher->synced = true;
	watcher->reading = false;
	if (!watcher->in_doubt)
		remove_missing(watcher);
	else if (instant_is_never(watcher->settle_at))
		watcher->settle_at = instant_add(loop_now(watcher->loop), SETTLE);
	if (watcher->handler->synced)
		watcher->handler->synced(watcher->context);
}

static void take_device(
    struct watcher *watcher, struct json_object *parameters, struct slice event, const char *id)
{
	struct slice merged_into = field_text_of(parameters, "merged_into");
	struct watcher_change change = {.event = WATCHER_REMOVED,
	    .id = id,
	    .device = field_get(parameters, "device"),
	    .changed = field_get(parameters, "changed"),
	    .merged_into = merged_into.bytes};

	if (slice_equal(event, slice_of("removed"))) {
		if (known_ids_remove(&watcher->known, id))
			report(watcher, &change);
		return;
	}
	int added = known_ids_add(&watcher->known, id);
	if (added < 0)
		log_error("out of memory: a device is passed over");
	change.event = added ? WATCHER_ADDED : WATCHER_UPDATED;
	if (added >= 0)
		report(watcher, &change);
}

static void take(struct watcher *watcher, struct json_object *parameters)
{
	struct slice event = field_text_of(parameters, "event");
	struct json_object *id = field_get(field_get(parameters, "device"), "id");

	if (!event.len) {
		snapshot_complete(watcher);
	} else if (slice_equal(event, slice_of("resync"))) {
		watcher->reading = true;
		known_ids_begin(&watcher->known);
	} else if (json_object_is_type(id, json_type_string)) {
		take_device(watcher, parameters, event, json_object_get_string(id));
	}
}

/* Whether another one may follow. */
static bool read_reply(struct watcher *watcher)
{
	struct varlink_reply reply;
	int error = client_next(&watcher->client, 0, &reply);

	if (error == -ETIMEDOUT)
		return false;
	if (error) {
		retry(watcher, error == -ECONNRESET ? "connection lost" : strerror(-error));
		return false;
	}
	watcher->answer_by = INSTANT_NEVER;
	if (!reply.error)
		take(watcher, reply.parameters);
	bool ended = reply.error || !reply.continues;
	if (ended)
		retry(watcher, reply.error ? reply.error : "it ended the report");
	varlink_reply_fini(&reply);
	return !ended;
}

static void read_replies(evutil_socket_t fd, short what, void *context)
{
	struct watcher *watcher = context;
	bool more = true;
	(void)fd;
	(void)what;

	for (unsigned i = 0; more && i < REPLIES_A_TURN; i++)
		more = read_reply(watcher);
	watcher->unread = more;
}

static int begin(struct watcher *watcher)
{
	struct json_object *parameters =
	    json_tokener_parse(watcher->neighbours ? SUBSCRIPTION_ALL : SUBSCRIPTION);
	int error = parameters ? 0 : -ENOMEM;

	if (!error)
		error = client_connect(&watcher->client, watcher->path, CONNECT_MS, -1);
	if (!error)
		error = client_call(&watcher->client, "io.discoverd.Monitor", parameters, true);
	json_object_put(parameters);
	return error;
}

static void connect_now(struct watcher *watcher)
{
	int error = begin(watcher);

	if (error) {
		client_fini(&watcher->client);
		retry(watcher, strerror(-error));
		return;
	}
	watcher->connect_at = INSTANT_NEVER;
	watcher->answer_by = instant_add(loop_now(watcher->loop), ANSWER_LIMIT);
	watcher->reading = true;
	watcher->in_doubt = watcher->known.map.count > 0;
	known_ids_begin(&watcher->known);
	event_assign(&watcher->readable, loop_base(watcher->loop), watcher->client.fd,
	    EV_READ | EV_PERSIST, read_replies, watcher);
	if (event_add(&watcher->readable, NULL))
		retry(watcher, strerror(ENOMEM));
}

int watcher_open(struct loop *loop, const char *path, bool neighbours,
    const struct watcher_handler *handler, void *context, struct watcher **opened)
{
	struct {
		struct siphash_key key;
		uint64_t seed;
	} random;
	struct watcher *watcher;
	int error = random_bytes(&random, sizeof(random));

	if (error)
		return error;
	watcher = calloc(1, sizeof(*watcher));
	if (!watcher)
		return -ENOMEM;
	if (known_ids_init(&watcher->known, &random.key)) {
		free(watcher);
		return -ENOMEM;
	}
	rng_init(&watcher->rng, random.seed);
	client_init(&watcher->client, -1, -1);
	TAILQ_INIT(&watcher->asks);
	watcher->loop = loop;
	watcher->path = path;
	watcher->neighbours = neighbours;
	watcher->handler = handler;
	watcher->context = context;
	watcher->pause = PAUSE_MIN;
	watcher->connect_at = loop_now(loop);
	watcher->answer_by = watcher->steady_at = watcher->settle_at = INSTANT_NEVER;
	*opened = watcher;
	return 0;
}

static void end_ask(struct ask *ask)
{
	TAILQ_REMOVE(&ask->watcher->asks, ask, entry);
	ask->watcher->ask_count--;
	event_del(&ask->readable);
	client_fini(&ask->client);
	free(ask);
}

void watcher_close(struct watcher *watcher)
{
	if (!watcher)
		return;
	while (!TAILQ_EMPTY(&watcher->asks))
		/* NOLINTNEXTLINE(*unix.Malloc): unlinked before free */
		end_ask(TAILQ_FIRST(&watcher->asks));
	disconnect(watcher);
	known_ids_fini(&watcher->known);
	free(watcher);
}

static void answer(struct ask *ask, const char *error, struct json_object *parameters)
{
	watcher_answer_fn *fn = ask->answer;
	void *context = ask->context;

	end_ask(ask);
	fn(context, error, parameters);
}

static void read_answer(evutil_socket_t fd, short what, void *context)
{
	struct ask *ask = context;
	struct varlink_reply reply;
	int error = client_next(&ask->client, 0, &reply);
	(void)fd;
	(void)what;

	if (error == -ETIMEDOUT)
		return;
	if (error) {
		answer(ask, WATCHER_UNREACHABLE, NULL);
		return;
	}
	answer(ask, reply.error, reply.parameters);
	varlink_reply_fini(&reply);
}

static int send_ask(struct ask *ask, const char *method, struct json_object *parameters)
{
	struct watcher *watcher = ask->watcher;
	int error = client_connect(&ask->client, watcher->path, CONNECT_MS, -1);

	if (!error)
		error = client_call(&ask->client, method, parameters, false);
	if (error)
		return error;
	event_assign(&ask->readable, loop_base(watcher->loop), ask->client.fd, EV_READ | EV_PERSIST,
	    read_answer, ask);
	return event_add(&ask->readable, NULL) ? -ENOMEM : 0;
}

int watcher_ask(struct watcher *watcher, const char *method, struct json_object *parameters,
    watcher_answer_fn *answer_fn, void *context)
{
	struct ask *ask = watcher->ask_count < ASKS_MAX ? calloc(1, sizeof(*ask)) : NULL;
	int error = ask ? 0 : watcher->ask_count < ASKS_MAX ? -ENOMEM : -EAGAIN;

	if (ask) {
		ask->watcher = watcher;
		ask->answer = answer_fn;
		ask->context = context;
		ask->deadline = instant_add(loop_now(watcher->loop), ANSWER_LIMIT);
		error = send_ask(ask, method, parameters);
	}
	json_object_put(parameters);
	if (!error) {
		TAILQ_INSERT_TAIL(&watcher->asks, ask, entry);
		watcher->ask_count++;
	} else if (ask) {
		client_fini(&ask->client);
		free(ask);
	}
	return error;
}

void watcher_advance(struct watcher *watcher, struct instant now)
{
	struct ask *first;

	if (instant_due(watcher->connect_at, now))
		connect_now(watcher);
	if (instant_due(watcher->answer_by, now)) {
		/* It may still answer: a socket unit keeps the connection while it is restarted. */
		watcher->answer_by = INSTANT_NEVER;
		explain(watcher, "no answer", "waiting");
	}
	if (watcher->unread)
		read_replies(watcher->client.fd, 0, watcher);
	if (!watcher->reading && instant_due(watcher->settle_at, now))
		remove_missing(watcher);
	/* NOLINTNEXTLINE(*unix.Malloc): unlinked before free */
	while ((first = TAILQ_FIRST(&watcher->asks)) && instant_due(first->deadline, now))
		answer(first, WATCHER_UNREACHABLE, NULL);
}

struct instant watcher_deadline(const struct watcher *watcher)
{
	const struct ask *first = TAILQ_FIRST(&watcher->asks);
	struct instant connection = watcher->unread
					? (struct instant){0}
					: instant_earlier(watcher->connect_at, watcher->answer_by);

	return instant_earlier(
	    instant_earlier(connection, watcher->reading ? INSTANT_NEVER : watcher->settle_at),
	    first ? first->deadline : INSTANT_NEVER);
}

bool watcher_is_synced(const struct watcher *watcher)
{
	return watcher->synced;
}

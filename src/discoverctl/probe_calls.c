/* SPDX-License-Identifier: ISC
 * probe_calls: see probe_calls.h. */
#include "discoverctl/probe_calls.h"
#include "discoverctl/exit_status.h"
#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A user may have 16 connections by default. discoverd may be silent for SILENCE_MS: a Probe ends
 * after 5 minutes. */
enum { LANES_MAX = 8, SILENCE_MS = 310000 };

/* A connection with at most one call under way. */
struct lane {
	struct client *client;
	struct client own; /* used by all lanes but the first */
	size_t call;       /* index; the number of calls: none */
	bool answered;     /* it has answered once, so discoverd accepted it */
};

struct run {
	const struct probe_calls *calls;
	struct daemon *daemon;
	probe_reply_fn *fn;
	void *context;
	bool *begun; /* one for each call */
	size_t left; /* calls that have not ended */
	struct lane lanes[LANES_MAX];
};

int probe_calls_add(struct probe_calls *calls, struct json_object *parameters)
{
	if (calls->count == calls->capacity) {
		size_t capacity = calls->capacity ? 2 * calls->capacity : 16;
		struct json_object **list =
		    realloc(calls->parameters, capacity * sizeof(struct json_object *));
		if (!list) {
			json_object_put(parameters);
			return -ENOMEM;
		}
		calls->parameters = list;
		calls->capacity = capacity;
	}
	calls->parameters[calls->count++] = parameters;
	return 0;
}

void probe_calls_fini(struct probe_calls *calls)
{
	for (size_t i = 0; i < calls->count; i++)
		json_object_put(calls->parameters[i]);
	free(calls->parameters);
	*calls = (struct probe_calls){0};
}

static void open_lanes(struct run *run)
{
	for (size_t i = 0; i < LANES_MAX; i++) {
		struct lane *lane = &run->lanes[i];
		*lane = (struct lane){.client = &lane->own, .call = run->calls->count};
		client_init(&lane->own, -1, -1);
		if (i == 0)
			lane->client = &run->daemon->client;
		else if (i < run->calls->count && client_connect(lane->client, run->daemon->path,
						      run->daemon->timeout_ms, STDOUT_FILENO) < 0)
			client_fini(lane->client);
	}
}

static void close_lanes(struct run *run)
{
	for (size_t i = 1; i < LANES_MAX; i++)
		client_fini(run->lanes[i].client);
}

/* Closes an additional connection that discoverd refused: its call is made on another one. */
static int lose(struct run *run, struct lane *lane, int error)
{
	if (lane->answered || lane == run->lanes || error == -EPIPE)
		return daemon_fail(run->daemon, error);
	if (lane->call < run->calls->count)
		run->begun[lane->call] = false;
	lane->call = run->calls->count;
	client_fini(lane->client);
	return STATUS_DONE;
}

/* Begins calls on idle lanes. */
static int give_out(struct run *run)
{
	size_t count = run->calls->count, call = 0;
	int status = STATUS_DONE;

	for (size_t i = 0; i < LANES_MAX && !status; i++) {
		struct lane *lane = &run->lanes[i];
		if (lane->client->fd < 0 || lane->call < count)
			continue;
		while (call < count && run->begun[call])
			call++;
		if (call == count)
			break;
		lane->call = call;
		run->begun[call] = true;
		int error = client_call(
		    lane->client, "io.discoverd.Probe", run->calls->parameters[call], true);
		if (error)
			status = lose(run, lane, error);
		if (!run->begun[call])
			call = 0;
	}
	return status;
}

/* Takes every reply that was received. */
static int take_replies(struct run *run, struct lane *lane)
{
	struct varlink_reply reply;
	int status = STATUS_DONE;

	while (!status && lane->call < run->calls->count) {
		int error = client_next(lane->client, 0, &reply);
		if (error == -ETIMEDOUT)
			break;
		if (error)
			return lose(run, lane, error);
		lane->answered = true;
		if (!reply.continues) {
			lane->call = run->calls->count;
			run->left--;
		}
		status = run->fn(run->context, &reply);
		varlink_reply_fini(&reply);
	}
	return status;
}

static int wait(const struct run *run)
{
	struct pollfd fds[LANES_MAX + 1] = {{STDOUT_FILENO, 0, 0}};

	for (size_t i = 0; i < LANES_MAX; i++)
		fds[i + 1] = (struct pollfd){run->lanes[i].client->fd, POLLIN, 0};
	int n = poll(fds, LANES_MAX + 1, SILENCE_MS);
	if (n < 0)
		return errno == EINTR ? STATUS_DONE : daemon_fail(run->daemon, -errno);
	if (n == 0)
		return daemon_fail(run->daemon, -ETIMEDOUT);
	return fds[0].revents & (POLLERR | POLLHUP) ? STATUS_UNREAD : STATUS_DONE;
}

int probe_calls_run(
    const struct probe_calls *calls, struct daemon *daemon, probe_reply_fn *fn, void *context)
{
	struct run run = {.calls = calls,
	    .daemon = daemon,
	    .fn = fn,
	    .context = context,
	    .left = calls->count,
	    .begun = calloc(calls->count + 1, sizeof(bool))};
	int status = run.begun ? STATUS_DONE : daemon_fail(daemon, -ENOMEM);

	if (status)
		return status;
	open_lanes(&run);
	while (run.left && !status) {
		status = give_out(&run);
		if (!status)
			status = wait(&run);
		for (size_t i = 0; i < LANES_MAX && !status; i++)
			if (run.lanes[i].client->fd >= 0)
				status = take_replies(&run, &run.lanes[i]);
	}
	close_lanes(&run);
	free(run.begun);
	return status;
}

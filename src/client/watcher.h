/* SPDX-License-Identifier: ISC
 * watcher: follows the devices of discoverd over its control socket: a snapshot and every change,
 * and again when the connection was lost. */
#ifndef CLIENT_WATCHER_H
#define CLIENT_WATCHER_H

#include "net/loop.h"

struct json_object;
struct watcher;

/* A device came, changed or went. All is borrowed, until the handler returns. */
struct watcher_change {
	/* WATCHER_UPDATED also where nothing is known to have changed: what was known before comes
	 * again with each snapshot. */
	enum { WATCHER_ADDED, WATCHER_UPDATED, WATCHER_REMOVED } event;
	const char *id;
	struct json_object *device;  /* type Device of io.discoverd; NULL: went unseen */
	struct json_object *changed; /* names of its keys; NULL: not known */
	const char *merged_into;     /* of WATCHER_REMOVED: id of the device that it is; NULL */
};

/* What its user does. Any may be NULL. Asking the watcher from within is allowed, closing it is
 * not. */
struct watcher_handler {
	void (*changed)(void *context, const struct watcher_change *change);
	/* A snapshot is complete. */
	void (*synced)(void *context);
	/* The connection is lost, once until the next `synced`; devices stay. */
	void (*lost)(void *context);
};

/* One reply to watcher_ask: `error` is NULL, the name of an error of Varlink, or
 * WATCHER_UNREACHABLE; `parameters` is borrowed and may be NULL. */
#define WATCHER_UNREACHABLE "unreachable"
typedef void watcher_answer_fn(void *context, const char *error, struct json_object *parameters);

/* Connects at the first watcher_advance, and with pauses of 0.1 s to 5 s until it succeeds. After a
 * new connection, devices that are not in the snapshot get 10 s to appear before they are removed:
 * discoverd may have been restarted. `path` (borrowed) is the socket; with `neighbours` devices
 * that only the kernel knows are included. 0, -ENOMEM, or that of random_bytes(). */
int watcher_open(struct loop *loop, const char *path, bool neighbours,
    const struct watcher_handler *handler, void *context, struct watcher **watcher);
/* Questions that wait are dropped without an answer. */
void watcher_close(struct watcher *watcher);
/* Does what is due: connects, gives up, ends what is out of time. */
void watcher_advance(struct watcher *watcher, struct instant now);
struct instant watcher_deadline(const struct watcher *watcher);
/* Whether a snapshot is complete and the connection stands. */
bool watcher_is_synced(const struct watcher *watcher);
/* Calls a method that has one reply, on a connection of its own; takes `parameters` over (NULL:
 * none). The answer comes later, after 10 s at most. 0, -EAGAIN (4 wait already), or a negative
 * errno of the connection: then there is no answer. */
int watcher_ask(struct watcher *watcher, const char *method, struct json_object *parameters,
    watcher_answer_fn *answer, void *context);

#endif

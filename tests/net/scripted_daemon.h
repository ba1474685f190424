/* SPDX-License-Identifier: ISC
 * scripted_daemon: a watcher, and in the place of discoverd a socket where a test says each word.
 */
#ifndef TESTS_NET_SCRIPTED_DAEMON_H
#define TESTS_NET_SCRIPTED_DAEMON_H

#include "client/watcher.h"
#include <stddef.h>

/* What the handler of the watcher was called with, as words: "+ID", "~ID" and "-ID" for a device
 * that came, changed or went, "=" for synced, "!" for lost. After an id, "(KEYS)" where keys
 * changed, ">ID" where it was merged, and "?" where the device is not known. */
struct scripted_daemon {
	struct loop *loop;
	struct watcher *watcher;
	char directory[32], path[48];
	int listener;          /* -1: nothing listens */
	char words[64 * 1024]; /* since they were expected last */
	char logged[1024];     /* the last line of the log */
	unsigned lines;        /* of the log */
	int64_t ahead;         /* of the clock of the watcher */
	const char *ask;       /* a method that each "=" asks */
};

void scripted_daemon_init(struct scripted_daemon *daemon, bool neighbours);
void scripted_daemon_fini(struct scripted_daemon *daemon);
void scripted_daemon_listen(struct scripted_daemon *daemon, int backlog);
/* Nothing is there any more. */
void scripted_daemon_leave(struct scripted_daemon *daemon);
/* The next connection of the watcher, with its whole call in `call` (NULL: not wanted). */
int scripted_daemon_accept(struct scripted_daemon *daemon, char *call, size_t size);
/* These bytes and a NUL. */
void scripted_daemon_send(int fd, const char *text);
/* One message: `parameters`, and "continues". */
void scripted_daemon_say(int fd, const char *parameters);
/* Events of devices without a name. */
void scripted_daemon_tell(int fd, const char *event, const char *id);
void scripted_daemon_tell_complete(int fd);
/* Runs the loop until these are the words, or the limit of the harness; fails with those that came
 * in their place. */
void scripted_daemon_expect(struct scripted_daemon *daemon, const char *words);
/* Lets the loop do all that is due now, `us` later than before. */
void scripted_daemon_pass(struct scripted_daemon *daemon, int64_t us);
/* As watcher_answer_fn: the words "(ERROR)" or "(PARAMETERS)". */
void scripted_daemon_answered(void *daemon, const char *error, struct json_object *parameters);

#endif

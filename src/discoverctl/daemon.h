/* SPDX-License-Identifier: ISC
 * daemon: calls to discoverd, with a message and an exit status for each error. */
#ifndef DISCOVERCTL_DAEMON_H
#define DISCOVERCTL_DAEMON_H

#include "client/client.h"
#include "discoverctl/command_options.h"
#include <stdio.h>
#include <sys/types.h>

struct daemon {
	struct client client;
	const char *program; /* what it is called in messages: "discoverd" */
	const char *path;    /* of the socket, or the URL of the broker */
	pid_t helper;        /* that answers in place of discoverd; 0: discoverd does */
	int timeout_ms;      /* for each answer */
};

/* All functions return an exit status; unless it is STATUS_DONE, a line on stderr gives the reason.
 */
int daemon_open(struct daemon *daemon, const char *program, const char *path, int timeout_ms);
/* The fleet at the broker of the options in place of discoverd. */
int daemon_open_fleet(struct daemon *daemon, const struct command_options *options, int timeout_ms);
void daemon_close(struct daemon *daemon);
/* Takes `parameters` over. */
int daemon_call(
    struct daemon *daemon, const char *method, struct json_object *parameters, bool more);
/* The next reply to it, for the caller to varlink_reply_fini(); an error reply is STATUS_…, not a
 * reply. */
int daemon_next(struct daemon *daemon, int timeout_ms, struct varlink_reply *reply);
/* A call with one reply: its parameters, for the caller to json_object_put(). */
int daemon_ask(struct daemon *daemon, const char *method, struct json_object *parameters,
    struct json_object **answer);
/* The exit status for an error of client.h, and its message on stderr. */
int daemon_fail(const struct daemon *daemon, int error);
/* The exit status for an error reply, and its message on `stream`. */
int daemon_explain(FILE *stream, const char *error, struct json_object *parameters);

#endif

/* SPDX-License-Identifier: ISC
 * varlink_server: a Varlink interface on a Unix socket, with one row per method. */
#ifndef HISTORY_VARLINK_SERVER_H
#define HISTORY_VARLINK_SERVER_H

#include "net/loop.h"
#include "wire/varlink_service.h"

struct server_method;

/* What is served. */
struct server_interface {
	const char *product;
	const struct server_method *methods;        /* ended by one without a name */
	const struct varlink_interface *interfaces; /* likewise */
	void *context;
};

/* One call, while it is answered. */
struct server_call {
	void *context; /* of the interface */
	const struct server_interface *interface;
	const struct varlink_call *call;
	struct json_writer *out;
	/* Set by a method with several replies: writes the next one, false: it was the last. `job`
	 * goes with free(). */
	bool (*next)(void *context, void *job, struct json_writer *out);
	void *job;
};

struct server_method {
	struct varlink_method row;
	/* Writes a reply, or an error, or sets `next`. */
	void (*handle)(struct server_call *call);
};

struct varlink_server;

/* Mode 0666: permission is checked per method. The directory of the path is made where it is
 * missing. A failure is logged. 0 or a negative errno. */
int varlink_server_open(struct loop *loop, const char *path,
    const struct server_interface *interface, struct varlink_server **server);
/* NULL is allowed. */
void varlink_server_close(struct varlink_server *server);

/* What was given for a parameter; NULL where that is nothing, or null. */
struct json_object *server_given(const struct server_call *call, const char *name);
/* An error with one parameter. */
void server_fail(struct server_call *call, const char *error, const char *key, struct slice value);
void server_invalid(struct server_call *call, const char *parameter);

#endif

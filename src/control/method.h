/* SPDX-License-Identifier: ISC
 * method: what can be called, one row each, and the call that is being answered. */
#ifndef CONTROL_METHOD_H
#define CONTROL_METHOD_H

#include "control/job.h"
#include "wire/varlink_service.h"

struct control_session;
struct method;

/* One call, from its first look-up to its replies. */
struct method_call {
	const struct control_host *host;
	const struct control_session *session; /* the caller */
	const struct control_peer *peer;
	const struct varlink_call *call;
	struct instant now;
	struct text_queue *out;
	struct job *job; /* set by a method that goes on; for the caller */
	int error;       /* 0, or -ENOMEM: no reply could be made */
};

/* Finds its row, checks the caller's rights and parameters, and answers: with a reply, an error, or
 * by leaving a job. Both tables end with a row without a name. */
void method_dispatch(struct method_call *call, const struct method *methods,
    const struct varlink_interface *interfaces);

/* What was given for a parameter, borrowed; NULL where that is nothing, or null. */
struct json_object *method_given(const struct method_call *call, const char *name);
/* Takes a whole reply over. */
void method_put(struct method_call *call, struct json_writer *text);
/* Both take `parameters` over; NULL stands for an empty object. */
void method_reply(struct method_call *call, struct json_object *parameters);
void method_fail(struct method_call *call, const char *error, struct json_object *parameters);
/* An error that names one thing: {key: value}. */
void method_fail_about(
    struct method_call *call, const char *error, const char *key, struct slice value);
void method_invalid(struct method_call *call, const char *parameter);

struct method {
	struct varlink_method row;
	void (*handle)(struct method_call *call);
};

/* The rows, and the interfaces that they are of; ended by one without a name. */
extern const struct method METHODS[];
extern const struct varlink_interface INTERFACES[];

#endif

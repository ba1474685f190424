/* SPDX-License-Identifier: ISC
 * method: what can be called, one row each, and the call that is being answered. */
#ifndef CONTROL_METHOD_H
#define CONTROL_METHOD_H

#include "control/job.h"
#include "wire/varlink_message.h"
#include <json-c/json_types.h>

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

/* Finds the row among `rows`, which end with one without a name; checks the caller's rights and
 * parameters, and answers: with a reply, an error, or by leaving a job. */
void method_dispatch(struct method_call *call, const struct method *rows);

/* What was given for a parameter, borrowed; NULL where that is nothing, or null. */
struct json_object *method_given(const struct method_call *call, const char *name);
/* Both take `parameters` over; NULL stands for an empty object. */
void method_reply(struct method_call *call, struct json_object *parameters);
void method_fail(struct method_call *call, const char *error, struct json_object *parameters);
/* An error that names one thing: {key: value}. */
void method_fail_about(
    struct method_call *call, const char *error, const char *key, struct slice value);
void method_invalid(struct method_call *call, const char *parameter);

/* A parameter that a row takes; its value may be null unless it is required. */
struct method_parameter {
	const char *name;
	enum json_type type;
	bool required;
};

enum { METHOD_PARAMETERS_MAX = 6 };

struct method {
	const char *name; /* with its interface */
	bool needs_more;
	bool changes; /* for privileged users */
	struct method_parameter parameters[METHOD_PARAMETERS_MAX];
	void (*handle)(struct method_call *call);
};

/* The rows, ended by one without a name. */
extern const struct method METHODS[];

#endif

/* SPDX-License-Identifier: ISC
 * method: finds the row of a call, checks what can be checked for all rows alike, and puts replies
 * into the queue. */
#include "control/method.h"
#include "base/log.h"
#include "control/session_type.h"
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

void method_put(struct method_call *call, struct json_writer *text)
{
	if (call->call->oneway)
		json_writer_fini(text);
	else
		call->error = text_queue_put(call->out, text);
}

static void put(struct method_call *call, const char *error, struct json_object *parameters)
{
	struct json_writer text = {0};

	varlink_reply_write(&text, error, parameters, false);
	method_put(call, &text);
	json_object_put(parameters);
}

struct json_object *method_given(const struct method_call *call, const char *name)
{
	return json_object_object_get(call->call->parameters, name);
}

void method_reply(struct method_call *call, struct json_object *parameters)
{
	put(call, NULL, parameters);
}

void method_fail(struct method_call *call, const char *error, struct json_object *parameters)
{
	put(call, error, parameters);
}

static void put_error(struct method_call *call, struct varlink_error error)
{
	struct json_writer text = {0};

	varlink_error_write(&text, &error);
	method_put(call, &text);
}

void method_fail_about(
    struct method_call *call, const char *error, const char *key, struct slice value)
{
	put_error(call, (struct varlink_error){error, key, value});
}

void method_invalid(struct method_call *call, const char *parameter)
{
	put_error(call, varlink_invalid(parameter));
}

static const struct method *find(const struct method *methods, const char *name)
{
	for (const struct method *method = methods; method->row.name; method++)
		if (!strcmp(method->row.name, name))
			return method;
	return NULL;
}

void method_dispatch(struct method_call *call, const struct method *methods,
    const struct varlink_interface *interfaces)
{
	const struct method *method = find(methods, call->call->method);
	struct varlink_error error = varlink_method_check(
	    method ? &method->row : NULL, interfaces, call->call, call->peer->may_change);

	log_debug(
	    "control socket: user %u calls %s", (unsigned)call->peer->uid, call->call->method);
	if (error.name)
		put_error(call, error);
	else
		method->handle(call);
}

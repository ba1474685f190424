/* SPDX-License-Identifier: ISC
 * method: finds the row of a call, checks what can be checked for all rows alike, and puts replies
 * into the queue. */
#include "control/method.h"
#include "base/log.h"
#include "control/json_build.h"
#include "control/session_type.h"
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

static void put(struct method_call *call, const char *error, struct json_object *parameters)
{
	struct json_writer text = {0};

	if (!call->call->oneway) {
		varlink_reply_write(&text, error, parameters, false);
		call->error = text_queue_put(call->out, &text);
	}
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

void method_fail_about(
    struct method_call *call, const char *error, const char *key, struct slice value)
{
	struct json_object *parameters = json_object_new_object();
	json_add(parameters, key, json_slice(value));
	put(call, error, parameters);
}

void method_invalid(struct method_call *call, const char *parameter)
{
	method_fail_about(
	    call, "org.varlink.service.InvalidParameter", "parameter", slice_of(parameter));
}

/* "io.discoverd" of "io.discoverd.List"; the whole where there is no dot. */
static struct slice interface_of(struct slice method)
{
	size_t len = method.len;
	while (len && method.bytes[len - 1] != '.')
		len--;
	return len ? slice_head(method, len - 1) : method;
}

/* No row: is it the interface that is unknown, or only the method? */
static void fail_unknown(struct method_call *call, const struct method *rows)
{
	struct slice name = slice_of(call->call->method), interface = interface_of(name);

	for (const struct method *row = rows; row->name; row++)
		if (slice_equal(interface_of(slice_of(row->name)), interface)) {
			method_fail_about(
			    call, "org.varlink.service.MethodNotFound", "method", name);
			return;
		}
	method_fail_about(call, "org.varlink.service.InterfaceNotFound", "interface", interface);
}

static const struct method *find_row(const struct method *rows, const char *name)
{
	for (const struct method *row = rows; row->name; row++)
		if (!strcmp(row->name, name))
			return row;
	return NULL;
}

static const struct method_parameter *find_parameter(const struct method *row, const char *name)
{
	for (size_t i = 0; i < METHOD_PARAMETERS_MAX && row->parameters[i].name; i++)
		if (!strcmp(row->parameters[i].name, name))
			return &row->parameters[i];
	return NULL;
}

/* The name of a parameter that is unknown, missing or of another type, or NULL. */
static const char *find_offence(const struct method *row, struct json_object *given)
{
	if (given) {
		json_object_object_foreach(given, name, value)
		{
			const struct method_parameter *parameter = find_parameter(row, name);
			if (!parameter)
				return name;
			if (value && !json_object_is_type(value, parameter->type))
				return name;
		}
	}
	for (size_t i = 0; i < METHOD_PARAMETERS_MAX && row->parameters[i].name; i++)
		if (row->parameters[i].required &&
		    !json_object_object_get(given, row->parameters[i].name))
			return row->parameters[i].name;
	return NULL;
}

void method_dispatch(struct method_call *call, const struct method *rows)
{
	const struct method *row = find_row(rows, call->call->method);

	log_debug(
	    "control socket: user %u calls %s", (unsigned)call->peer->uid, call->call->method);
	if (!row) {
		fail_unknown(call, rows);
		return;
	}
	if (row->needs_more && !call->call->more) {
		method_fail(call, "org.varlink.service.ExpectedMore", NULL);
		return;
	}
	if (row->changes && !call->peer->may_change) {
		method_fail(call, "org.varlink.service.PermissionDenied", NULL);
		return;
	}
	const char *offence = find_offence(row, call->call->parameters);
	if (offence)
		method_invalid(call, offence);
	else
		row->handle(call);
}

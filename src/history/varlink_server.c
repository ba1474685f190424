/* SPDX-License-Identifier: ISC
 * varlink_server: a Varlink interface on a Unix socket, with one row per method. */
#include "history/varlink_server.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "client/field.h"
#include "config.h"
#include "net/stream_server.h"

enum { REQUEST_MAX = 8192, CLIENTS_MAX = 64, CLIENTS_PER_USER_MAX = 16 };

struct varlink_server {
	struct stream_server *sockets;
	struct server_interface interface;
};

/* A connection. */
struct caller {
	struct varlink_server *server;
	bool may_change;
	bool ended, broken;
	char in[REQUEST_MAX];
	size_t in_len;
	struct json_writer out;
	size_t sent;
	bool (*next)(void *context, void *job, struct json_writer *out);
	void *job;
};

static void *opened(void *context, struct stream *stream, const struct stream_peer *peer)
{
	struct caller *caller = calloc(1, sizeof(*caller));
	(void)stream;

	if (caller) {
		caller->server = context;
		caller->may_change = peer->privileged;
	}
	return caller;
}

static bool received(void *client, struct slice bytes)
{
	struct caller *caller = client;

	if (caller->in_len + bytes.len > sizeof(caller->in)) {
		caller->broken = true;
		return false;
	}
	memcpy(caller->in + caller->in_len, bytes.bytes, bytes.len);
	caller->in_len += bytes.len;
	return true;
}

static void ended(void *client)
{
	struct caller *caller = client;

	caller->ended = true;
}

struct json_object *server_given(const struct server_call *call, const char *name)
{
	return field_get(call->call->parameters, name);
}

void server_fail(struct server_call *call, const char *error, const char *key, struct slice value)
{
	varlink_error_write(call->out, &(struct varlink_error){error, key, value});
}

void server_invalid(struct server_call *call, const char *parameter)
{
	const struct varlink_error error = varlink_invalid(parameter);

	varlink_error_write(call->out, &error);
}

static void handle_get_info(struct server_call *call)
{
	varlink_info_write(
	    call->out, call->interface->product, PACKAGE_VERSION, call->interface->interfaces);
}

static void handle_get_interface_description(struct server_call *call)
{
	varlink_description_write(
	    call->out, field_text(server_given(call, "interface")), call->interface->interfaces);
}

/* Of each interface. */
static const struct server_method SERVICE_METHODS[] = {
    {{.name = "org.varlink.service.GetInfo"}, handle_get_info},
    {{"org.varlink.service.GetInterfaceDescription",
	 .parameters = {{"interface", json_type_string, true}}},
	handle_get_interface_description},
    {.row = {.name = NULL}},
};

static const struct server_method *find_method(
    const struct server_method *methods, const char *name)
{
	for (; methods->row.name; methods++)
		if (!strcmp(methods->row.name, name))
			return methods;
	return NULL;
}

static void answer(struct server_call *call, bool may_change)
{
	const struct server_method *method =
	    find_method(call->interface->methods, call->call->method);

	if (!method)
		method = find_method(SERVICE_METHODS, call->call->method);
	const struct varlink_error error = varlink_method_check(
	    method ? &method->row : NULL, call->interface->interfaces, call->call, may_change);
	if (error.name)
		varlink_error_write(call->out, &error);
	else
		method->handle(call);
}

static void break_off(struct caller *caller)
{
	caller->broken = true;
	caller->in_len = 0;
	free(caller->job);
	caller->job = NULL;
	caller->next = NULL;
}

static void serve(struct caller *caller, size_t len)
{
	const struct server_interface *interface = &caller->server->interface;
	struct varlink_call parsed;

	if (varlink_call_parse((struct slice){caller->in, len}, &parsed) < 0) {
		break_off(caller);
		return;
	}
	struct server_call call = {.context = interface->context,
	    .interface = interface,
	    .call = &parsed,
	    .out = &caller->out};
	answer(&call, caller->may_change);
	if (parsed.oneway) {
		caller->out.len = 0;
		free(call.job);
	} else {
		caller->next = call.next;
		caller->job = call.job;
	}
	varlink_call_fini(&parsed);
	caller->in_len -= len + 1;
	memmove(caller->in, caller->in + len + 1, caller->in_len);
}

static bool has_request(const struct caller *caller, size_t *len)
{
	struct slice waiting = {caller->in, caller->in_len};

	*len = slice_find(waiting, '\0');
	return *len < waiting.len;
}

static void turn(void *client)
{
	struct caller *caller = client;
	size_t len;

	if (caller->next) {
		if (!caller->next(caller->server->interface.context, caller->job, &caller->out)) {
			free(caller->job);
			caller->job = NULL;
			caller->next = NULL;
		}
	} else if (!caller->broken && has_request(caller, &len)) {
		serve(caller, len);
	}
	if (caller->out.failed) {
		json_writer_fini(&caller->out);
		break_off(caller);
	}
}

static size_t peek(void *client, struct slice *parts, size_t max)
{
	const struct caller *caller = client;
	(void)max;

	parts[0] = slice_skip((struct slice){caller->out.bytes, caller->out.len}, caller->sent);
	return parts[0].len ? 1 : 0;
}

static void sent(void *client, size_t len)
{
	struct caller *caller = client;

	caller->sent += len;
	if (caller->sent < caller->out.len)
		return;
	json_writer_fini(&caller->out);
	caller->sent = 0;
}

static bool pending(void *client)
{
	const struct caller *caller = client;
	size_t len;

	return caller->out.len > caller->sent || caller->next ||
	       (!caller->broken && has_request(caller, &len));
}

static bool done(void *client)
{
	const struct caller *caller = client;

	return (caller->ended || caller->broken) && !pending(client);
}

static bool idle(void *client)
{
	const struct caller *caller = client;

	return !caller->in_len && !pending(client);
}

static void closed(void *client)
{
	struct caller *caller = client;

	free(caller->job);
	json_writer_fini(&caller->out);
	free(caller);
}

static const struct stream_handler HANDLER = {.opened = opened,
    .received = received,
    .ended = ended,
    .turn = turn,
    .peek = peek,
    .sent = sent,
    .pending = pending,
    .done = done,
    .idle = idle,
    .closed = closed};

int varlink_server_open(struct loop *loop, const char *path,
    const struct server_interface *interface, struct varlink_server **opened_server)
{
	const struct stream_server_options options = {.path = path,
	    .inherited_fd = -1,
	    .max_clients = CLIENTS_MAX,
	    .max_clients_per_user = CLIENTS_PER_USER_MAX};
	struct varlink_server *server = calloc(1, sizeof(*server));
	int error = server ? 0 : -ENOMEM;

	if (server) {
		server->interface = *interface;
		error = stream_server_open(loop, &options, &HANDLER, server, &server->sockets);
	}
	if (error) {
		log_error("cannot open the socket %s: %s", path,
		    error == -EADDRINUSE ? "another program answers there" : strerror(-error));
		free(server);
		return error;
	}
	*opened_server = server;
	return 0;
}

void varlink_server_close(struct varlink_server *server)
{
	if (!server)
		return;
	stream_server_close(server->sockets);
	free(server);
}

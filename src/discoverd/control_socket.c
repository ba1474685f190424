/* SPDX-License-Identifier: ISC
 * control_socket: the Unix socket with one Varlink session per connection. */
#include "discoverd/control_socket.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"

struct client {
	struct client *next, *previous;
	struct control_socket *socket;
	struct control_session *session;
	struct stream *stream;
};

struct control_socket {
	struct loop *loop;
	const struct control_host *host;
	struct stream_server *server;
	struct client *clients;
};

static void *opened(void *context, struct stream *stream, const struct stream_peer *peer)
{
	struct control_socket *socket = context;
	struct control_peer who = {.uid = peer->uid, .may_change = peer->privileged};
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->session = control_session_new(socket->host, &who);
	if (!client->session) {
		free(client);
		return NULL;
	}
	client->socket = socket;
	client->stream = stream;
	client->next = socket->clients;
	if (client->next)
		client->next->previous = client;
	socket->clients = client;
	return client;
}

static void closed(void *context)
{
	struct client *client = context;

	if (client->previous)
		client->previous->next = client->next;
	else
		client->socket->clients = client->next;
	if (client->next)
		client->next->previous = client->previous;
	control_session_free(client->session);
	free(client);
}

static bool received(void *context, struct slice bytes)
{
	struct client *client = context;

	return control_session_feed(client->session, loop_now(client->socket->loop), bytes) == 0;
}

static void ended(void *context)
{
	struct client *client = context;

	control_session_end(client->session);
}

static void drain(void *context, struct writer *w)
{
	struct client *client = context;

	control_session_drain(client->session, loop_now(client->socket->loop), w);
}

static bool done(void *context)
{
	struct client *client = context;

	return control_session_is_done(client->session);
}

static const struct stream_handler HANDLER = {.opened = opened,
    .received = received,
    .ended = ended,
    .drain = drain,
    .done = done,
    .closed = closed};

static void explain(const char *path, int error)
{
	if (error == -EADDRINUSE)
		log_error("another discoverd answers on %s already; stop it, or give this one "
			  "another --socket",
		    path);
	else if (error == -ENOENT)
		log_error("cannot open the control socket %s: its directory is missing and cannot "
			  "be made; use --socket",
		    path);
	else if (error == -EEXIST)
		log_error("cannot open the control socket %s: what is there is not a socket; "
			  "remove it, or use --socket",
		    path);
	else
		log_error("cannot open the control socket %s: %s", path, strerror(-error));
}

/* Where nobody prepared the directory at boot, the daemon does if it may. */
static void make_directory_of(const char *path)
{
	char *copy = strdup(path);

	if (copy)
		mkdir(dirname(copy), 0755);
	free(copy);
}

int control_socket_open(struct loop *loop, const struct stream_server_options *options,
    const struct control_host *host, struct control_socket **out)
{
	struct control_socket *socket = calloc(1, sizeof(*socket));
	int result = socket ? 0 : -ENOMEM;

	if (socket) {
		if (options->inherited_fd < 0)
			make_directory_of(options->path);
		socket->loop = loop;
		socket->host = host;
		result = stream_server_open(loop, options, &HANDLER, socket, &socket->server);
	}
	if (result) {
		explain(options->path, result);
		free(socket);
		return result;
	}
	*out = socket;
	return 0;
}

void control_socket_close(struct control_socket *socket)
{
	if (!socket)
		return;
	stream_server_close(socket->server);
	free(socket);
}

void control_socket_set_caps(
    struct control_socket *socket, unsigned max_clients, unsigned max_clients_per_user)
{
	stream_server_set_caps(socket->server, max_clients, max_clients_per_user);
}

static void wake_if_needed(struct client *client)
{
	if (control_session_wants_drain(client->session) ||
	    control_session_is_done(client->session))
		stream_wake(client->stream);
}

void control_socket_changed(struct control_socket *socket, struct instant now,
    enum table_event event, const struct device *device)
{
	for (struct client *client = socket->clients; client; client = client->next) {
		control_session_changed(client->session, now, event, device);
		wake_if_needed(client);
	}
}

void control_socket_answered(
    struct control_socket *socket, struct instant now, const struct device *device)
{
	for (struct client *client = socket->clients; client; client = client->next) {
		control_session_answered(client->session, now, device);
		wake_if_needed(client);
	}
}

void control_socket_probed(
    struct control_socket *socket, uint64_t number, const struct probe_result *result)
{
	for (struct client *client = socket->clients; client; client = client->next) {
		control_session_probed(client->session, number, result);
		wake_if_needed(client);
	}
}

void control_socket_advance(struct control_socket *socket, struct instant now)
{
	for (struct client *client = socket->clients; client; client = client->next) {
		if (!instant_due(control_session_deadline(client->session), now))
			continue;
		control_session_advance(client->session, now);
		wake_if_needed(client);
	}
}

struct instant control_socket_deadline(const struct control_socket *socket)
{
	struct instant deadline = INSTANT_NEVER;

	for (const struct client *client = socket->clients; client; client = client->next)
		deadline = instant_earlier(deadline, control_session_deadline(client->session));
	return deadline;
}

struct counter_group control_socket_counters(const struct control_socket *socket)
{
	return stream_server_counters(socket->server);
}

/* SPDX-License-Identifier: ISC
 * local_socket: a Unix socket with one session per connection, of any session type. */
#include "discoverd/local_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/log.h"

struct client {
	LIST_ENTRY(client) link;
	struct local_socket *socket;
	struct session *session;
	struct stream *stream;
};

struct local_socket {
	struct loop *loop;
	const struct session_type *type;
	const void *host;
	struct stream_server *server;
	LIST_HEAD(, client) clients;
};

static void *opened(void *context, struct stream *stream, const struct stream_peer *peer)
{
	struct local_socket *socket = context;
	struct control_peer who = {.uid = peer->uid, .may_change = peer->privileged};
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->session = socket->type->create(socket->host, &who);
	if (!client->session) {
		free(client);
		return NULL;
	}
	client->socket = socket;
	client->stream = stream;
	LIST_INSERT_HEAD(&socket->clients, client, link);
	return client;
}

static void closed(void *context)
{
	struct client *client = context;

	LIST_REMOVE(client, link);
	session_free(client->session);
	free(client);
}

static bool received(void *context, struct slice bytes)
{
	struct client *client = context;

	return session_feed(client->session, loop_now(client->socket->loop), bytes) == 0;
}

static void ended(void *context)
{
	struct client *client = context;

	session_end(client->session);
}

static void turn(void *context)
{
	struct client *client = context;

	session_turn(client->session, loop_now(client->socket->loop));
}

static size_t peek(void *context, struct slice *parts, size_t max)
{
	const struct client *client = context;

	return session_peek(client->session, parts, max);
}

static void sent(void *context, size_t len)
{
	struct client *client = context;

	session_sent(client->session, len);
}

static bool done(void *context)
{
	struct client *client = context;

	return session_is_done(client->session);
}

static bool pending(void *context)
{
	struct client *client = context;

	return session_wants_turn(client->session);
}

static bool idle(void *context)
{
	struct client *client = context;

	return session_is_idle(client->session);
}

static const struct stream_handler HANDLER = {.opened = opened,
    .received = received,
    .ended = ended,
    .turn = turn,
    .peek = peek,
    .sent = sent,
    .pending = pending,
    .idle = idle,
    .done = done,
    .closed = closed};

static void explain(const struct session_type *type, const char *path, int error)
{
	if (error == -EADDRINUSE)
		log_error("cannot open %s %s: another program answers there; stop it, or %s",
		    type->name, path, type->remedy);
	else if (error == -ENOENT)
		log_error("cannot open %s %s: its directory is missing and cannot be made; %s",
		    type->name, path, type->remedy);
	else if (error == -EEXIST)
		log_error("cannot open %s %s: what is there is not a socket; remove it, or %s",
		    type->name, path, type->remedy);
	else
		log_error(
		    "cannot open %s %s: %s; %s", type->name, path, strerror(-error), type->remedy);
}

int local_socket_open(struct loop *loop, const struct stream_server_options *options,
    const struct session_type *type, const void *host, struct local_socket **out)
{
	struct local_socket *socket = calloc(1, sizeof(*socket));
	int result = socket ? 0 : -ENOMEM;

	if (socket) {
		*socket = (struct local_socket){.loop = loop, .type = type, .host = host};
		LIST_INIT(&socket->clients);
		result = stream_server_open(loop, options, &HANDLER, socket, &socket->server);
	}
	if (result) {
		explain(type, options->path, result);
		free(socket);
		return result;
	}
	*out = socket;
	return 0;
}

void local_socket_close(struct local_socket *socket)
{
	if (!socket)
		return;
	stream_server_close(socket->server);
	free(socket);
}

void local_socket_set_caps(
    struct local_socket *socket, unsigned max_clients, unsigned max_clients_per_user)
{
	stream_server_set_caps(socket->server, max_clients, max_clients_per_user);
}

static void wake_if_needed(struct client *client)
{
	if (session_is_lost(client->session))
		stream_drop(client->stream);
	else if (session_wants_turn(client->session) || session_is_done(client->session))
		stream_wake(client->stream);
}

void local_socket_each(struct local_socket *socket, local_socket_fn *fn, void *context)
{
	struct client *client;

	LIST_FOREACH(client, &socket->clients, link)
	{
		fn(context, client->session);
		wake_if_needed(client);
	}
}

void local_socket_advance(struct local_socket *socket, struct instant now)
{
	struct client *client;

	LIST_FOREACH(client, &socket->clients, link)
	{
		if (!instant_due(session_deadline(client->session), now))
			continue;
		session_advance(client->session, now);
		wake_if_needed(client);
	}
}

struct instant local_socket_deadline(const struct local_socket *socket)
{
	struct instant deadline = INSTANT_NEVER;
	const struct client *client;

	LIST_FOREACH(client, &socket->clients, link)
	deadline = instant_earlier(deadline, session_deadline(client->session));
	return deadline;
}

struct counter_group local_socket_counters(const struct local_socket *socket)
{
	return stream_server_counters(socket->server);
}

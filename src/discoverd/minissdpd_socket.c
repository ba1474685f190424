/* SPDX-License-Identifier: ISC
 * minissdpd_socket: the Unix socket for programs that look for minissdpd. */
#include "discoverd/minissdpd_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "control/minissdpd_news.h"

enum { STREAM_COUNTERS_MAX = 8 };

struct client {
	struct client *next, *previous;
	struct minissdpd_socket *socket;
	struct minissdpd_session *session;
	struct stream *stream;
};

struct minissdpd_socket {
	struct loop *loop;
	struct minissdpd_host host;
	struct siphash_key key;
	struct stream_server *server;
	struct client *clients;
	struct minissdpd_news *news; /* NULL: nobody watches */
	/* those of the sessions, and a copy of the connections' */
	struct counter counters[MINISSDPD_COUNTERS + STREAM_COUNTERS_MAX];
};

static void *opened(void *context, struct stream *stream, const struct stream_peer *peer)
{
	struct minissdpd_socket *socket = context;
	struct control_peer who = {.uid = peer->uid, .may_change = peer->privileged};
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->session = minissdpd_session_new(&socket->host, &who);
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
	minissdpd_session_free(client->session);
	free(client);
}

static bool received(void *context, struct slice bytes)
{
	struct client *client = context;

	return minissdpd_session_feed(client->session, loop_now(client->socket->loop), bytes) == 0;
}

static void ended(void *context)
{
	struct client *client = context;

	minissdpd_session_end(client->session);
}

static void drain(void *context, struct writer *w)
{
	struct client *client = context;

	minissdpd_session_drain(client->session, loop_now(client->socket->loop), w);
}

static bool done(void *context)
{
	struct client *client = context;

	return minissdpd_session_is_done(client->session);
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
		log_error("another program, minissdpd perhaps, answers on %s already; stop it, or "
			  "choose another path ([Control] minissdpd-socket)",
		    path);
	else
		log_error("cannot open minissdpd's socket %s: %s; choose another path ([Control] "
			  "minissdpd-socket)",
		    path, strerror(-error));
}

int minissdpd_socket_open(struct loop *loop, const struct stream_server_options *options,
    const struct minissdpd_host *host, const struct siphash_key *key, struct minissdpd_socket **out)
{
	struct minissdpd_socket *socket = calloc(1, sizeof(*socket));
	int result = socket ? 0 : -ENOMEM;

	if (socket) {
		socket->loop = loop;
		socket->host = *host;
		socket->host.counters = socket->counters;
		socket->key = *key;
		counters_init(socket->counters, MINISSDPD_COUNTER_NAMES, MINISSDPD_COUNTERS);
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

void minissdpd_socket_close(struct minissdpd_socket *socket)
{
	if (!socket)
		return;
	stream_server_close(socket->server);
	minissdpd_news_free(socket->news);
	free(socket);
}

void minissdpd_socket_set_caps(
    struct minissdpd_socket *socket, unsigned max_clients, unsigned max_clients_per_user)
{
	stream_server_set_caps(socket->server, max_clients, max_clients_per_user);
}

static void wake_if_needed(struct client *client)
{
	if (minissdpd_session_is_lost(client->session))
		stream_drop(client->stream);
	else if (minissdpd_session_wants_drain(client->session) ||
		 minissdpd_session_is_done(client->session))
		stream_wake(client->stream);
}

static void tell(void *context, enum minissdpd_kind kind, const struct minissdpd_entry *entry)
{
	struct minissdpd_socket *socket = context;

	for (struct client *client = socket->clients; client; client = client->next) {
		if (!minissdpd_session_watches(client->session))
			continue;
		minissdpd_session_changed(client->session, kind, entry);
		wake_if_needed(client);
	}
}

static bool is_watched(const struct minissdpd_socket *socket)
{
	for (const struct client *client = socket->clients; client; client = client->next)
		if (minissdpd_session_watches(client->session))
			return true;
	return false;
}

void minissdpd_socket_changed(
    struct minissdpd_socket *socket, enum table_event event, const struct device *device)
{
	if (!is_watched(socket)) {
		minissdpd_news_free(socket->news);
		socket->news = NULL;
		return;
	}
	if (!socket->news)
		socket->news = minissdpd_news_new(&socket->key);
	if (socket->news)
		minissdpd_news_changed(socket->news, event, device, tell, socket);
}

void minissdpd_socket_submitted(
    struct minissdpd_socket *socket, enum minissdpd_kind kind, const struct submission *submission)
{
	struct minissdpd_entry entry = {submission->location, submission->st, submission->usn};

	tell(socket, kind, &entry);
}

void minissdpd_socket_advance(struct minissdpd_socket *socket, struct instant now)
{
	for (struct client *client = socket->clients; client; client = client->next) {
		if (!instant_due(minissdpd_session_deadline(client->session), now))
			continue;
		minissdpd_session_advance(client->session, now);
		wake_if_needed(client);
	}
}

struct instant minissdpd_socket_deadline(const struct minissdpd_socket *socket)
{
	struct instant deadline = INSTANT_NEVER;

	for (const struct client *client = socket->clients; client; client = client->next)
		deadline = instant_earlier(deadline, minissdpd_session_deadline(client->session));
	return deadline;
}

struct counter_group minissdpd_socket_counters(struct minissdpd_socket *socket)
{
	struct counter_group streams = stream_server_counters(socket->server);
	size_t count = MINISSDPD_COUNTERS;

	for (size_t i = 0; i < streams.count && i < STREAM_COUNTERS_MAX; i++)
		socket->counters[count++] = streams.counters[i];
	return (struct counter_group){"minissdpd", socket->counters, count};
}

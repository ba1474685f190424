/* SPDX-License-Identifier: ISC
 * stream_server: a Unix stream socket with caps per user and back-pressure; what is said on it is
 * its user's. */
#include "net/stream_server.h"
#include "net/unix_socket.h"
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CHUNK = 16 * 1024,
	READ_MAX = 4096,
	CHUNKS_PER_TURN = 4, /* then other connections have their turn */
	CHUNKS_AT_CLOSE = 64,
	ACCEPTS_PER_TURN = 16,
};

#define PAUSE SECONDS(1)

enum { ACCEPTED, REFUSED_FULL, REFUSED_USER, PAUSES, COUNTERS };
static const char *const COUNTER_NAMES[COUNTERS] = {
    [ACCEPTED] = "accepted",
    [REFUSED_FULL] = "refused-full",
    [REFUSED_USER] = "refused-user",
    [PAUSES] = "accept-pauses",
};

struct stream_server {
	struct event_base *base;
	int fd;
	struct event acceptable, paused;
	char *path; /* NULL: inherited */
	struct unix_file file;
	const struct stream_handler *handler;
	void *context;
	unsigned max_clients, max_clients_per_user;
	struct stream *streams;
	struct counter counters[COUNTERS];
	char chunk[CHUNK]; /* filled by one stream at a time, sent at once */
};

struct stream {
	struct stream *next, *previous;
	struct stream_server *server;
	int fd;
	uint32_t uid;
	struct event readable, writable;
	void *client;
	char *rest; /* of a chunk that the socket did not take whole; NULL most of the time */
	size_t rest_len, rest_at;
	bool deaf;      /* nothing more is received */
	bool finishing; /* closed as soon as there is nothing to send */
	bool dropped;   /* closed whatever there is to send */
};

static void link_stream(struct stream_server *server, struct stream *stream)
{
	stream->next = server->streams;
	if (stream->next)
		stream->next->previous = stream;
	server->streams = stream;
}

static void unlink_stream(struct stream *stream)
{
	if (stream->next)
		stream->next->previous = stream->previous;
	if (stream->previous)
		stream->previous->next = stream->next;
	else
		stream->server->streams = stream->next;
}

static void free_stream(struct stream *stream)
{
	event_del(&stream->readable);
	event_del(&stream->writable);
	unlink_stream(stream);
	close(stream->fd);
	free(stream->rest);
	free(stream);
}

static void close_stream(struct stream *stream)
{
	stream->server->handler->closed(stream->client);
	free_stream(stream);
}

enum progress { MOVED, BLOCKED, IDLE, BROKEN };

/* How much the socket took; 0 when it is full. */
static ssize_t send_some(const struct stream *stream, const char *bytes, size_t len)
{
	ssize_t sent = send(stream->fd, bytes, len, MSG_NOSIGNAL);
	if (sent < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return sent;
}

static enum progress send_rest(struct stream *stream)
{
	ssize_t sent =
	    send_some(stream, stream->rest + stream->rest_at, stream->rest_len - stream->rest_at);
	if (sent < 0)
		return BROKEN;
	stream->rest_at += (size_t)sent;
	if (stream->rest_at < stream->rest_len)
		return BLOCKED;
	free(stream->rest);
	stream->rest = NULL;
	return MOVED;
}

static enum progress keep_rest(struct stream *stream, struct slice rest)
{
	stream->rest = malloc(rest.len);
	if (!stream->rest)
		return BROKEN;
	memcpy(stream->rest, rest.bytes, rest.len);
	stream->rest_len = rest.len;
	stream->rest_at = 0;
	return BLOCKED;
}

static enum progress send_fresh(struct stream *stream)
{
	struct stream_server *server = stream->server;
	struct writer w;
	writer_init(&w, server->chunk, sizeof(server->chunk));
	server->handler->drain(stream->client, &w);
	struct slice fresh = writer_result(&w);
	if (fresh.len == 0)
		return IDLE;
	ssize_t sent = send_some(stream, fresh.bytes, fresh.len);
	if (sent < 0)
		return BROKEN;
	return (size_t)sent == fresh.len ? MOVED
					 : keep_rest(stream, slice_skip(fresh, (size_t)sent));
}

static enum progress send_chunks(struct stream *stream, unsigned count)
{
	enum progress progress = MOVED;
	for (unsigned i = 0; i < count && progress == MOVED; i++)
		progress = stream->rest ? send_rest(stream) : send_fresh(stream);
	return progress;
}

static void pump(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what;
	struct stream *stream = context;
	if (stream->dropped) {
		close_stream(stream);
		return;
	}
	enum progress progress = send_chunks(stream, CHUNKS_PER_TURN);
	bool done = progress == IDLE &&
		    (stream->finishing || stream->server->handler->done(stream->client));
	if (done || progress == BROKEN) {
		close_stream(stream);
		return;
	}
	/* Nothing is read from a client that has not read its replies. */
	if (progress != IDLE) {
		event_add(&stream->writable, NULL);
		event_del(&stream->readable);
	} else if (!stream->deaf) {
		event_add(&stream->readable, NULL);
	}
}

void stream_wake(struct stream *stream)
{
	/* Else it waits for the socket, or is about to have its turn. */
	if (!event_pending(&stream->writable, EV_WRITE, NULL))
		event_active(&stream->writable, EV_WRITE, 0);
}

void stream_drop(struct stream *stream)
{
	stream->dropped = true;
	event_active(&stream->writable, EV_WRITE, 0);
}

static void receive(evutil_socket_t fd, short what, void *context)
{
	(void)what;
	struct stream *stream = context;
	const struct stream_handler *handler = stream->server->handler;
	char bytes[READ_MAX];
	ssize_t len = recv(fd, bytes, sizeof(bytes), 0);
	if (len < 0) {
		if (errno != EAGAIN && errno != EINTR)
			close_stream(stream);
		return;
	}
	if (len > 0) {
		stream->finishing =
		    !handler->received(stream->client, (struct slice){bytes, (size_t)len});
		stream->deaf = stream->finishing;
	} else {
		/* A half-closed socket stays readable: looking again would never end. */
		stream->deaf = true;
		handler->ended(stream->client);
	}
	if (stream->deaf)
		event_del(&stream->readable);
	stream_wake(stream);
}

/* What keeps this peer out, or COUNTERS when there is room. */
static int refusal(const struct stream_server *server, const struct stream_peer *peer)
{
	unsigned all = 0, own = 0;
	for (const struct stream *s = server->streams; s; s = s->next) {
		all++;
		own += s->uid == peer->uid;
	}
	unsigned reserve = peer->privileged ? server->max_clients_per_user : 0;
	if (own >= server->max_clients_per_user)
		return REFUSED_USER;
	return all >= server->max_clients + reserve ? REFUSED_FULL : COUNTERS;
}

/* Takes over the descriptor, whatever happens. */
static void open_stream(struct stream_server *server, int fd, const struct stream_peer *peer)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	if (!stream) {
		close(fd);
		return;
	}
	stream->server = server;
	stream->fd = fd;
	stream->uid = peer->uid;
	event_assign(&stream->readable, server->base, fd, EV_READ | EV_PERSIST, receive, stream);
	event_assign(&stream->writable, server->base, fd, EV_WRITE, pump, stream);
	link_stream(server, stream);
	stream->client = server->handler->opened(server->context, stream, peer);
	if (!stream->client)
		free_stream(stream);
	else if (event_add(&stream->readable, NULL) < 0)
		close_stream(stream);
	else
		server->counters[ACCEPTED].value++;
}

static void admit(struct stream_server *server, int fd)
{
	struct stream_peer peer;
	if (unix_peer(fd, &peer.uid, &peer.privileged) < 0) {
		close(fd);
		return;
	}
	int reason = refusal(server, &peer);
	if (reason == COUNTERS) {
		open_stream(server, fd, &peer);
	} else {
		server->counters[reason].value++;
		close(fd);
	}
}

/* Without a free descriptor the queue stays readable; trying again and again would take the whole
 * processor. */
static void pause_accepting(struct stream_server *server)
{
	server->counters[PAUSES].value++;
	event_del(&server->acceptable);
	loop_add_timer(&server->paused, PAUSE);
}

static void listen_again(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what;
	struct stream_server *server = context;
	event_add(&server->acceptable, NULL);
}

/* False: no client waits, or none can be accepted now. */
static bool accept_one(struct stream_server *server)
{
	int fd = accept4(server->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		admit(server, fd);
		return true;
	}
	if (errno == ECONNABORTED || errno == EINTR)
		return true;
	if (errno != EAGAIN)
		pause_accepting(server);
	return false;
}

static void accept_some(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what;
	for (unsigned i = 0; i < ACCEPTS_PER_TURN && accept_one(context); i++)
		;
}

static int open_listener(struct stream_server *server, const struct stream_server_options *options)
{
	if (options->inherited_fd >= 0) {
		int error = unix_adopt(options->inherited_fd);
		if (!error)
			server->fd = options->inherited_fd;
		return error;
	}
	server->path = strdup(options->path);
	if (!server->path)
		return -ENOMEM;
	server->fd = unix_listen(options->path, &server->file);
	return server->fd < 0 ? server->fd : 0;
}

int stream_server_open(struct loop *loop, const struct stream_server_options *options,
    const struct stream_handler *handler, void *context, struct stream_server **out)
{
	struct stream_server *server = calloc(1, sizeof(*server));
	if (!server)
		return -ENOMEM;
	server->base = loop_base(loop);
	server->handler = handler;
	server->context = context;
	server->fd = -1;
	counters_init(server->counters, COUNTER_NAMES, COUNTERS);
	stream_server_set_caps(server, options->max_clients, options->max_clients_per_user);
	int error = open_listener(server, options);
	event_assign(&server->acceptable, server->base, server->fd, EV_READ | EV_PERSIST,
	    accept_some, server);
	evtimer_assign(&server->paused, server->base, listen_again, server);
	if (!error && event_add(&server->acceptable, NULL) < 0)
		error = -ENOMEM;
	if (error) {
		if (server->fd == options->inherited_fd)
			server->fd = -1;
		stream_server_close(server);
		return error;
	}
	*out = server;
	return 0;
}

void stream_server_close(struct stream_server *server)
{
	if (!server)
		return;
	while (server->streams) {
		send_chunks(server->streams, CHUNKS_AT_CLOSE);
		close_stream(server->streams);
	}
	event_del(&server->acceptable);
	event_del(&server->paused);
	if (server->path && server->fd >= 0)
		unix_remove(server->path, &server->file);
	if (server->fd >= 0)
		close(server->fd);
	free(server->path);
	free(server);
}

void stream_server_set_caps(
    struct stream_server *server, unsigned max_clients, unsigned max_clients_per_user)
{
	server->max_clients = max_clients;
	server->max_clients_per_user = max_clients_per_user;
}

struct counter_group stream_server_counters(const struct stream_server *server)
{
	return (struct counter_group){"clients", server->counters, COUNTERS};
}

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
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
	PARTS_MAX = 64,
	READ_MAX = 4096,
	TURNS_AT_CLOSE = 64,
	/* A user that dials as fast as it can is refused at a few microseconds each. */
	ACCEPTS_PER_TURN = 64,
};

#define PAUSE SECONDS(1)
/* Turns of clients take so long at most, and one turn more, before the loop looks at anything else.
 */
#define TURNS_TIME MILLISECONDS(1)

enum { ACCEPTED, REFUSED_FULL, REFUSED_USER, DISPLACED, PAUSES, COUNTERS };
static const char *const COUNTER_NAMES[COUNTERS] = {
    [ACCEPTED] = "accepted",
    [REFUSED_FULL] = "refused-full",
    [REFUSED_USER] = "refused-user",
    [DISPLACED] = "displaced",
    [PAUSES] = "accept-pauses",
};

/* A user with connections. Who was served longest ago is next. */
struct user {
	LIST_ENTRY(user) link;
	uint32_t uid;
	unsigned count;
	uint64_t served; /* number of its last turn */
};

struct stream_server {
	struct event_base *base;
	int fd;
	struct event acceptable, paused, turn;
	char *path; /* NULL: inherited */
	struct unix_file file;
	const struct stream_handler *handler;
	void *context;
	unsigned max_clients, max_clients_per_user;
	LIST_HEAD(, user) users;
	TAILQ_HEAD(, stream) streams; /* the oldest first */
	unsigned count;
	uint64_t turns;
	struct counter counters[COUNTERS];
};

struct stream {
	TAILQ_ENTRY(stream) link;
	struct stream_server *server;
	struct user *user;
	int fd;
	uint64_t served; /* number of its last turn */
	struct event readable, writable;
	void *client;
	bool ready;     /* it is to have a turn */
	bool deaf;      /* nothing more is received */
	bool finishing; /* closed as soon as there is nothing to send */
	bool dropped;   /* closed whatever there is to send */
};

static struct user *find_user(const struct stream_server *server, uint32_t uid)
{
	struct user *user;

	LIST_FOREACH(user, &server->users, link)
	if (user->uid == uid)
		return user;
	return NULL;
}

/* One that comes again and again is not served before those that wait. NULL when out of memory. */
static struct user *get_user(struct stream_server *server, uint32_t uid)
{
	struct user *user = find_user(server, uid);

	if (!user && (user = calloc(1, sizeof(*user)))) {
		*user = (struct user){.uid = uid, .served = server->turns};
		LIST_INSERT_HEAD(&server->users, user, link);
	}
	return user;
}

static void leave_user(struct user *user)
{
	if (--user->count > 0)
		return;
	LIST_REMOVE(user, link);
	free(user);
}

static void free_stream(struct stream *stream)
{
	event_del(&stream->readable);
	event_del(&stream->writable);
	TAILQ_REMOVE(&stream->server->streams, stream, link);
	stream->server->count--;
	leave_user(stream->user);
	close(stream->fd);
	free(stream);
}

static void close_stream(struct stream *stream)
{
	stream->server->handler->closed(stream->client);
	free_stream(stream);
}

enum progress { SENT, BLOCKED, BROKEN };

/* How much the socket took; 0 when it is full. */
static ssize_t send_parts(const struct stream *stream, struct slice *parts, size_t count)
{
	struct iovec vectors[PARTS_MAX];
	struct msghdr message = {.msg_iov = vectors, .msg_iovlen = count};

	for (size_t i = 0; i < count; i++)
		vectors[i] = (struct iovec){(void *)(uintptr_t)parts[i].bytes, parts[i].len};
	ssize_t sent = sendmsg(stream->fd, &message, MSG_NOSIGNAL);
	if (sent < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return sent;
}

/* All that waits goes by one call, and what was not taken still waits. */
static enum progress send_waiting(struct stream *stream)
{
	const struct stream_handler *handler = stream->server->handler;
	struct slice parts[PARTS_MAX];
	size_t count = handler->peek(stream->client, parts, PARTS_MAX), len = 0;

	if (!count) {
		handler->turn(stream->client);
		count = handler->peek(stream->client, parts, PARTS_MAX);
	}
	for (size_t i = 0; i < count; i++)
		len += parts[i].len;
	if (!count)
		return SENT;
	ssize_t sent = send_parts(stream, parts, count);
	if (sent < 0)
		return BROKEN;
	handler->sent(stream->client, (size_t)sent);
	return (size_t)sent == len ? SENT : BLOCKED;
}

/* As far as it goes without waiting. */
static void send_last(struct stream *stream)
{
	const struct stream_handler *handler = stream->server->handler;

	for (unsigned i = 0; i < TURNS_AT_CLOSE; i++) {
		if (send_waiting(stream) != SENT || !handler->pending(stream->client))
			return;
	}
}

/* The turn is in the next round of the loop, after it has looked at everything else. */
static void make_ready(struct stream *stream)
{
	struct stream_server *server = stream->server;

	stream->ready = true;
	if (!event_pending(&server->turn, EV_TIMEOUT, NULL))
		loop_add_timer(&server->turn, 0);
}

/* What waited has been sent. */
static void go_on_or_rest(struct stream *stream)
{
	const struct stream_handler *handler = stream->server->handler;

	if (handler->pending(stream->client))
		make_ready(stream);
	else if (stream->finishing || handler->done(stream->client))
		close_stream(stream);
	else if (!stream->deaf)
		event_add(&stream->readable, NULL);
}

static void take_turn(struct stream *stream)
{
	enum progress progress = stream->dropped ? BROKEN : send_waiting(stream);

	switch (progress) {
	case SENT:
		go_on_or_rest(stream);
		break;
	case BLOCKED:
		/* Nothing is read from a client that has not read its replies. */
		event_add(&stream->writable, NULL);
		event_del(&stream->readable);
		break;
	case BROKEN:
		close_stream(stream);
	}
}

static bool is_before(const struct stream *a, const struct stream *b)
{
	if (a->user->served != b->user->served)
		return a->user->served < b->user->served;
	return a->served < b->served;
}

static struct stream *next_ready(const struct stream_server *server)
{
	struct stream *stream, *next = NULL;

	TAILQ_FOREACH(stream, &server->streams, link)
	/* NOLINTNEXTLINE(*unix.Malloc): unlinked before free */
	if (stream->ready && (!next || is_before(stream, next)))
		next = stream;
	return next;
}

static int64_t clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return SECONDS(now.tv_sec) + now.tv_nsec / 1000;
}

static void take_turns(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what;
	struct stream_server *server = context;
	struct stream *stream = next_ready(server);
	int64_t end = clock_us() + TURNS_TIME;

	while (stream) {
		stream->ready = false;
		stream->served = stream->user->served = ++server->turns;
		take_turn(stream);
		stream = next_ready(server);
		if (clock_us() >= end)
			break;
	}
	if (stream)
		make_ready(stream);
}

static void can_write(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what;
	make_ready(context);
}

void stream_wake(struct stream *stream)
{
	/* Else it waits for the socket, or has been woken. */
	if (!stream->ready && !event_pending(&stream->writable, EV_WRITE, NULL))
		make_ready(stream);
}

void stream_drop(struct stream *stream)
{
	stream->dropped = true;
	event_del(&stream->writable);
	make_ready(stream);
}

static void receive(evutil_socket_t fd, short what, void *context)
{
	(void)what;
	struct stream *stream = context;
	const struct stream_handler *handler = stream->server->handler;
	char bytes[READ_MAX];

	if (stream->ready) {
		/* What it sent before comes first. */
		event_del(&stream->readable);
		return;
	}
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

/* The connection that goes for one of a user who has `own`; NULL where none has more than that user
 * would then have. */
static struct stream *find_displaceable(const struct stream_server *server, unsigned own)
{
	const struct user *user, *largest = LIST_FIRST(&server->users);
	struct stream *stream, *oldest = NULL;

	LIST_FOREACH(user, &server->users, link)
	if (user->count > largest->count)
		largest = user;
	if (!largest || largest->count <= own + 1)
		return NULL;
	TAILQ_FOREACH(stream, &server->streams, link)
	{
		if (stream->user != largest)
			continue;
		if (server->handler->idle(stream->client))
			return stream;
		oldest = oldest ? oldest : stream;
	}
	return oldest;
}

/* What keeps this peer out, or COUNTERS when there is room. */
static int refusal(struct stream_server *server, const struct stream_peer *peer)
{
	const struct user *user = find_user(server, peer->uid);
	unsigned own = user ? user->count : 0;
	unsigned reserve = peer->privileged ? server->max_clients_per_user : 0;
	struct stream *displaced;

	if (own >= server->max_clients_per_user)
		return REFUSED_USER;
	if (server->count < server->max_clients + reserve)
		return COUNTERS;
	displaced = find_displaceable(server, own);
	if (!displaced)
		return REFUSED_FULL;
	close_stream(displaced);
	server->counters[DISPLACED].value++;
	return COUNTERS;
}

/* Takes over the descriptor, whatever happens. */
static void open_stream(struct stream_server *server, int fd, const struct stream_peer *peer)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	struct user *user = stream ? get_user(server, peer->uid) : NULL;

	if (!user) {
		free(stream);
		close(fd);
		return;
	}
	/* It does not come before those of the same user that wait: one of them may have ended. */
	*stream =
	    (struct stream){.server = server, .user = user, .fd = fd, .served = server->turns};
	user->count++;
	server->count++;
	TAILQ_INSERT_TAIL(&server->streams, stream, link);
	event_assign(&stream->readable, server->base, fd, EV_READ | EV_PERSIST, receive, stream);
	event_assign(&stream->writable, server->base, fd, EV_WRITE, can_write, stream);
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
	LIST_INIT(&server->users);
	TAILQ_INIT(&server->streams);
	counters_init(server->counters, COUNTER_NAMES, COUNTERS);
	stream_server_set_caps(server, options->max_clients, options->max_clients_per_user);
	int error = open_listener(server, options);
	event_assign(&server->acceptable, server->base, server->fd, EV_READ | EV_PERSIST,
	    accept_some, server);
	evtimer_assign(&server->paused, server->base, listen_again, server);
	evtimer_assign(&server->turn, server->base, take_turns, server);
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
	while (!TAILQ_EMPTY(&server->streams)) {
		/* NOLINTNEXTLINE(*unix.Malloc): unlinked before free */
		send_last(TAILQ_FIRST(&server->streams));
		close_stream(TAILQ_FIRST(&server->streams));
	}
	event_del(&server->turn);
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

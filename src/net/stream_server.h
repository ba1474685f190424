/* SPDX-License-Identifier: ISC
 * stream_server: a Unix stream socket with caps per user and back-pressure; what is said on it is
 * its user's. */
#ifndef NET_STREAM_SERVER_H
#define NET_STREAM_SERVER_H

#include "base/counter.h"
#include "base/slice.h"
#include "net/loop.h"

struct stream_server;
struct stream;

struct stream_peer {
	uint32_t uid;
	bool privileged; /* root, our own user, or a member of our group */
};

/* What the user of a server does for each connection; `client` is what `opened` returned. After
 * `received` and `ended` it has a turn without a stream_wake. While there is something to
 * send or to do, nothing is received. */
struct stream_handler {
	/* NULL: refused */
	void *(*opened)(void *context, struct stream *stream, const struct stream_peer *peer);
	/* false: close after draining */
	bool (*received)(void *client, struct slice bytes);
	/* the other side sends no more */
	void (*ended)(void *client);
	/* One turn, where nothing waits to be sent: do a little, such as one request. Clients have
	 * turns one after the other, users before clients. */
	void (*turn)(void *client);
	/* what waits to be sent, from the first byte on, in `max` parts at most: their number */
	size_t (*peek)(void *client, struct slice *parts, size_t max);
	/* so much of it was sent */
	void (*sent)(void *client, size_t len);
	/* it wants another turn */
	bool (*pending)(void *client);
	/* asked when there is nothing to send: may be closed now */
	bool (*done)(void *client);
	/* it waits for nothing: is closed first where another user needs a place */
	bool (*idle)(void *client);
	void (*closed)(void *client);
};

struct stream_server_options {
	/* bound here (a stale socket is replaced, a live one is -EADDRINUSE) unless … */
	const char *path;
	int inherited_fd; /* … the service manager handed one over; -1 */
	unsigned max_clients, max_clients_per_user;
};

/* 0 or a negative errno: as unix_listen, or -EINVAL for an inherited descriptor that does not
 * listen. Mode 0666: permission is checked per method. Owns the inherited descriptor once it
 * returned 0. */
int stream_server_open(struct loop *loop, const struct stream_server_options *options,
    const struct stream_handler *handler, void *context, struct stream_server **server);
/* Delivers what is queued as far as it goes without waiting, closes every connection, and removes
 * the path unless it was inherited. Not from within a handler. */
void stream_server_close(struct stream_server *server);
/* A connection over a cap is closed at once. Privileged users have max_clients_per_user places
 * beyond max_clients, so that others cannot keep an administrator out. Where all places are taken,
 * a user without a connection gets that of the user who has most: its oldest idle one, or else its
 * oldest. Connections that stand are not touched by lower caps. */
void stream_server_set_caps(
    struct stream_server *server, unsigned max_clients, unsigned max_clients_per_user);
/* There is something to do or to send, or it may be done. From anywhere: the handler is called
 * later. */
void stream_wake(struct stream *stream);
/* To be closed though its peer does not read what it was sent. From anywhere: `closed` is called
 * later. */
void stream_drop(struct stream *stream);
struct counter_group stream_server_counters(const struct stream_server *server);

#endif

/* SPDX-License-Identifier: ISC
 * stream_server: a Unix stream socket with caps per user, deadlines and back-pressure; what is said
 * on it is its user's. */
#ifndef NET_STREAM_SERVER_H
#define NET_STREAM_SERVER_H

#include "base/counter.h"
#include "base/writer.h"
#include "net/loop.h"

struct stream_server;
struct stream;

struct stream_peer {
	uint32_t uid;
	bool privileged; /* root, our own user, or a member of our group */
};

/* What the user of a server does for each connection; `client` is what `opened` returned. */
struct stream_handler {
	void *(*opened)(void *context, struct stream *stream,
	    const struct stream_peer *peer);                /* NULL: refused */
	bool (*received)(void *client, struct slice bytes); /* false: close after draining */
	void (*ended)(void *client);                        /* the other side sends no more */
	void (*drain)(void *client,
	    struct writer *w); /* fill with what is to be sent; nothing written: nothing to send */
	bool (*done)(void *client); /* may be closed now */
	void (*closed)(void *client);
};

struct stream_server_options {
	const char
	    *path; /* bound here (a stale socket is replaced, a live one is -EADDRINUSE) unless … */
	int inherited_fd; /* … the service manager handed one over; -1 */
	unsigned max_clients, max_clients_per_user;
};

/* 0 or a negative errno. Mode 0666: who may do what is asked per method. */
int stream_server_open(struct loop *loop, const struct stream_server_options *options,
    const struct stream_handler *handler, void *context, struct stream_server **server);
/* Delivers what is queued as far as it goes without waiting, closes every connection, and removes
 * the path unless it was inherited. */
void stream_server_close(struct stream_server *server);
void stream_server_set_caps(
    struct stream_server *server, unsigned max_clients, unsigned max_clients_per_user);
/* There is something to drain, or it may be done. */
void stream_wake(struct stream *stream);
struct counter_group stream_server_counters(const struct stream_server *server);

#endif

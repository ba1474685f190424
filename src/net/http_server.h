/* SPDX-License-Identifier: ISC
 * http_server: serves our descriptions and the pages of their services: few connections, absolute
 * deadlines, known paths. */
#ifndef NET_HTTP_SERVER_H
#define NET_HTTP_SERVER_H

#include "base/address.h"
#include "base/counter.h"
#include "base/mac.h"
#include "base/slice.h"
#include "net/loop.h"

enum { HTTP_SERVER_CONNECTIONS_MAX = 16 };

struct http_server;

struct http_document {
	const char *path; /* "/description.xml" */
	const char *content_type;
	struct slice body; /* copied */
	/* of a device description: how many services have pages beside it (wire/service_page.h) */
	size_t service_count;
};

/* True when this source may be served; then *mac is its MAC where that is known. */
typedef bool http_server_guard_fn(void *context, const struct address *source, struct mac *mac);

/* Listens on every address, on `port` or, when that is busy, on one that the kernel chooses. IPv6
 * only where it is wanted and the host has it. 16 connections, 4 per source (a MAC, or an address
 * where none is known), one request each. A newcomer beyond that replaces a connection of its own
 * source, or of the source that has most: one that was answered, or else has sent no whole request.
 * `server` (copied) is the SERVER header. 0 or a negative errno. */
int http_server_open(struct loop *loop, uint16_t port, bool ipv6, const char *server,
    struct http_server **http_server);
/* Ends every connection at once. */
void http_server_close(struct http_server *server);
uint16_t http_server_port(const struct http_server *server);
/* From accept to the end of a connection, in microseconds; 3 s unless something else is set. For
 * connections from now on. */
void http_server_set_timeout(struct http_server *server, int64_t us);
/* Connections that the guard does not let in are closed and counted. Without one all may come, and
 * no MAC is known. */
void http_server_set_guard(struct http_server *server, http_server_guard_fn *guard, void *context);
/* Replaces what is served at its path. 0 or -ENOMEM. */
int http_server_publish(struct http_server *server, const struct http_document *document);
/* Serves nothing there any more. */
void http_server_unpublish(struct http_server *server, const char *path);
struct counter_group http_server_counters(const struct http_server *server);

#endif

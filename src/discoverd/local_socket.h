/* SPDX-License-Identifier: ISC
 * local_socket: a Unix socket with one session per connection, of any session type. */
#ifndef DISCOVERD_LOCAL_SOCKET_H
#define DISCOVERD_LOCAL_SOCKET_H

#include "control/session_type.h"
#include "net/stream_server.h"

struct local_socket;

/* The directory of the path is made where it is missing. A failure is logged with what to do about
 * it. 0 or a negative errno; the host of the sessions outlives the socket. */
int local_socket_open(struct loop *loop, const struct stream_server_options *options,
    const struct session_type *type, const void *host, struct local_socket **socket);
/* NULL is nothing to close. */
void local_socket_close(struct local_socket *socket);
void local_socket_set_caps(
    struct local_socket *socket, unsigned max_clients, unsigned max_clients_per_user);
/* Calls for each session, which may have something to send afterwards. */
typedef void local_socket_fn(void *context, struct session *session);
void local_socket_each(struct local_socket *socket, local_socket_fn *fn, void *context);
void local_socket_advance(struct local_socket *socket, struct instant now);
struct instant local_socket_deadline(const struct local_socket *socket);
/* Of the connections. */
struct counter_group local_socket_counters(const struct local_socket *socket);

#endif

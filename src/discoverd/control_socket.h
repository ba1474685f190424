/* SPDX-License-Identifier: ISC
 * control_socket: the Unix socket with one Varlink session per connection. */
#ifndef DISCOVERD_CONTROL_SOCKET_H
#define DISCOVERD_CONTROL_SOCKET_H

#include "control/session.h"
#include "net/stream_server.h"

struct control_socket;

/* A failure is logged with what to do about it. 0 or a negative errno; the host outlives the
 * socket. */
int control_socket_open(struct loop *loop, const struct stream_server_options *options,
    const struct control_host *host, struct control_socket **socket);
void control_socket_close(struct control_socket *socket);
void control_socket_set_caps(
    struct control_socket *socket, unsigned max_clients, unsigned max_clients_per_user);
void control_socket_changed(struct control_socket *socket, struct instant now,
    enum table_event event, const struct device *device);
void control_socket_answered(
    struct control_socket *socket, struct instant now, const struct device *device);
void control_socket_probed(
    struct control_socket *socket, uint64_t number, const struct probe_result *result);
void control_socket_advance(struct control_socket *socket, struct instant now);
struct instant control_socket_deadline(const struct control_socket *socket);
struct counter_group control_socket_counters(const struct control_socket *socket);

#endif

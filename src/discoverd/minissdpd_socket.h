/* SPDX-License-Identifier: ISC
 * minissdpd_socket: the Unix socket for programs that look for minissdpd. */
#ifndef DISCOVERD_MINISSDPD_SOCKET_H
#define DISCOVERD_MINISSDPD_SOCKET_H

#include "base/siphash.h"
#include "control/minissdpd_session.h"
#include "net/stream_server.h"

struct minissdpd_socket;

/* A failure is logged with what to do about it. 0 or a negative errno. The host is copied, its
 * counters are the socket's own; what it points to outlives the socket. The key should be random.
 */
int minissdpd_socket_open(struct loop *loop, const struct stream_server_options *options,
    const struct minissdpd_host *host, const struct siphash_key *key,
    struct minissdpd_socket **socket);
/* NULL is nothing to close. */
void minissdpd_socket_close(struct minissdpd_socket *socket);
void minissdpd_socket_set_caps(
    struct minissdpd_socket *socket, unsigned max_clients, unsigned max_clients_per_user);
/* The table changed. Never called for TABLE_REFRESHED. */
void minissdpd_socket_changed(
    struct minissdpd_socket *socket, enum table_event event, const struct device *device);
/* Something was submitted (MINISSDPD_NEW) or is no more (MINISSDPD_REMOVE). */
void minissdpd_socket_submitted(
    struct minissdpd_socket *socket, enum minissdpd_kind kind, const struct submission *submission);
void minissdpd_socket_advance(struct minissdpd_socket *socket, struct instant now);
struct instant minissdpd_socket_deadline(const struct minissdpd_socket *socket);
/* Of the sessions and of the connections, in one group. */
struct counter_group minissdpd_socket_counters(struct minissdpd_socket *socket);

#endif

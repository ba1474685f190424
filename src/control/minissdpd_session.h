/* SPDX-License-Identifier: ISC
 * minissdpd_session: one client of minissdpd's local socket: bytes in, bytes out; knows no
 * descriptor. */
#ifndef CONTROL_MINISSDPD_SESSION_H
#define CONTROL_MINISSDPD_SESSION_H

#include "base/counter.h"
#include "control/session_type.h"
#include "model/table.h"
#include "model/table_cursor.h"
#include "wire/minissdpd_message.h"

enum {
	MINISSDPD_INPUT_MAX = 16 * 1024, /* what may wait to be served */
	MINISSDPD_QUEUE_MAX = 256 * 1024,
};

enum minissdpd_count {
	MINISSDPD_REQUESTS,
	MINISSDPD_MALFORMED,         /* closed for it */
	MINISSDPD_TRUNCATED_REPLIES, /* more matched than a reply may hold */
	MINISSDPD_NOT_PERMITTED,     /* submissions of unprivileged users, closed for it */
	MINISSDPD_REFUSED,           /* submissions that the host did not take */
	MINISSDPD_SLOW_WATCHERS,     /* dropped */
	MINISSDPD_COUNTERS
};
extern const char *const MINISSDPD_COUNTER_NAMES[MINISSDPD_COUNTERS];

/* What the daemon offers to its sessions. All functions return at once. */
struct minissdpd_host {
	void *context;
	struct table *table; /* read, with cursors */
	const char *version; /* "discoverd/0.2" */
	/* What local programs submitted, by number from 0; NULL after the last. Valid until one
	 * more is submitted. */
	const struct submission *(*submission)(void *context, size_t number);
	/* 0, or a negative errno: refused. */
	int (*submit)(void *context, struct instant now, const struct control_peer *peer,
	    const struct submission *submission);
	struct counter *counters; /* MINISSDPD_COUNTERS, of all sessions */
};

/* Its host is a struct minissdpd_host. `feed` serves a few requests, the others are served by
 * `drain`; it returns -ENOMEM or -EMSGSIZE (more than MINISSDPD_INPUT_MAX waits). A request that is
 * none ends the session when its turn comes. Lost is a watcher that fell behind, or whose replies
 * found no memory. */
extern const struct session_type MINISSDPD_SESSION;

/* The following take sessions of MINISSDPD_SESSION alone. True while the client wants to be told of
 * changes. */
bool minissdpd_session_watches(const struct session *session);
/* An entry came, changed or went: for watchers. Never waits: a client for which more than
 * MINISSDPD_QUEUE_MAX pile up is lost. */
void minissdpd_session_changed(
    struct session *session, enum minissdpd_kind kind, const struct minissdpd_entry *entry);

#endif

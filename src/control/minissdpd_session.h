/* SPDX-License-Identifier: ISC
 * minissdpd_session: one client of minissdpd's local socket: bytes in, bytes out; knows no
 * descriptor. */
#ifndef CONTROL_MINISSDPD_SESSION_H
#define CONTROL_MINISSDPD_SESSION_H

#include "base/counter.h"
#include "control/session.h"
#include "wire/minissdpd_message.h"

enum {
	MINISSDPD_INPUT_MAX = 8 * 1024, /* what may wait to be served */
	MINISSDPD_QUEUE_MAX = 256 * 1024,
};

enum minissdpd_count {
	MINISSDPD_REQUESTS,
	MINISSDPD_MALFORMED,         /* closed for it */
	MINISSDPD_TRUNCATED_REPLIES, /* more matched than a reply may hold */
	MINISSDPD_NOT_PERMITTED,     /* submissions of users who may not, closed for it */
	MINISSDPD_REFUSED,           /* submissions that the host did not take */
	MINISSDPD_SLOW_WATCHERS,     /* dropped */
	MINISSDPD_COUNTERS
};
extern const char *const MINISSDPD_COUNTER_NAMES[MINISSDPD_COUNTERS];

/* What the daemon offers to its sessions. All functions return at once. */
struct minissdpd_host {
	void *context;
	struct table *table; /* read, with cursors */
	const char *version; /* "discoverd/0.1" */
	/* What local programs submitted, by number from 0; NULL after the last. Valid until one
	 * more is submitted. */
	const struct submission *(*submission)(void *context, size_t number);
	/* 0, or a negative errno: refused. */
	int (*submit)(void *context, struct instant now, const struct submission *submission);
	struct counter *counters; /* MINISSDPD_COUNTERS, of all sessions */
};

struct minissdpd_session;

/* NULL when out of memory. The host outlives the session. */
struct minissdpd_session *minissdpd_session_new(
    const struct minissdpd_host *host, const struct control_peer *peer);
void minissdpd_session_free(struct minissdpd_session *session);
/* Takes what arrived and serves a few requests; the others are served by drain. 0; -ENOMEM or
 * -EMSGSIZE (more than MINISSDPD_INPUT_MAX waits): close the connection once what is queued has
 * been drained. A request that is none ends the session, too, when its turn comes. */
int minissdpd_session_feed(
    struct minissdpd_session *session, struct instant now, struct slice bytes);
/* The other side sends no more: what it asked for is still delivered. */
void minissdpd_session_end(struct minissdpd_session *session);
/* Up to w's capacity of what is to be sent, and no more than a few lists are put together for it.
 * Nothing written means nothing to send now. */
void minissdpd_session_drain(
    struct minissdpd_session *session, struct instant now, struct writer *w);
bool minissdpd_session_wants_drain(const struct minissdpd_session *session);
/* True when the connection can be closed: ended or broken, and nothing left to send. */
bool minissdpd_session_is_done(const struct minissdpd_session *session);
/* True when it must be closed though the client does not read: a watcher that fell behind, or one
 * whose replies found no memory. */
bool minissdpd_session_is_lost(const struct minissdpd_session *session);
/* True while the client wants to be told of changes. */
bool minissdpd_session_watches(const struct minissdpd_session *session);
/* An entry came, changed or went: for watchers. Never waits: who lets more than MINISSDPD_QUEUE_MAX
 * pile up is lost. */
void minissdpd_session_changed(struct minissdpd_session *session, enum minissdpd_kind kind,
    const struct minissdpd_entry *entry);
/* Ends half requests older than 5 s. */
void minissdpd_session_advance(struct minissdpd_session *session, struct instant now);
struct instant minissdpd_session_deadline(const struct minissdpd_session *session);

#endif

/* SPDX-License-Identifier: ISC
 * session_type: a client of a local socket as its socket sees it: bytes in, bytes out; one row per
 * protocol that such clients speak. */
#ifndef CONTROL_SESSION_TYPE_H
#define CONTROL_SESSION_TYPE_H

#include "base/instant.h"
#include "base/slice.h"

/* The process at the other end, as the kernel says (SO_PEERCRED, SO_PEERGROUPS). */
struct control_peer {
	uint32_t uid;
	bool may_change; /* root, the daemon's own user or a member of its group */
};

/* First member of every session's struct. */
struct session {
	const struct session_type *type;
};

struct session_type {
	const char *name;   /* of its socket, for messages: "the control socket" */
	const char *remedy; /* what to do when that cannot be opened: "use another --socket" */
	/* NULL when out of memory. The host outlives the session. */
	struct session *(*create)(const void *host, const struct control_peer *peer);
	void (*destroy)(struct session *session);
	/* Queues what arrived. 0, or a negative errno: close the connection once what is queued has
	 * been sent. */
	int (*feed)(struct session *session, struct instant now, struct slice bytes);
	/* The other side sends no more: what is queued is still delivered. */
	void (*end)(struct session *session);
	/* One turn of the client, where nothing waits to be sent: serves one request at most, or
	 * produces a portion of what is to be sent. */
	void (*turn)(struct session *session, struct instant now);
	/* What waits to be sent, from the first byte on, in `max` parts at most; valid until the
	 * next call. The number of parts. */
	size_t (*peek)(const struct session *session, struct slice *parts, size_t max);
	/* So much of it was sent. */
	void (*sent)(struct session *session, size_t len);
	/* There is something to send, or to do in another turn. */
	bool (*wants_turn)(const struct session *session);
	/* The client waits for nothing and has sent no part of a request. */
	bool (*is_idle)(const struct session *session);
	/* The connection can be closed: ended or broken, and nothing left to send. */
	bool (*is_done)(const struct session *session);
	/* It must be closed though the client does not read. NULL: never. */
	bool (*is_lost)(const struct session *session);
	/* Ends what is out of time. */
	void (*advance)(struct session *session, struct instant now);
	struct instant (*deadline)(const struct session *session);
};

/* NULL does nothing. */
static inline void session_free(struct session *session)
{
	if (session)
		session->type->destroy(session);
}

static inline int session_feed(struct session *session, struct instant now, struct slice bytes)
{
	return session->type->feed(session, now, bytes);
}

static inline void session_end(struct session *session)
{
	session->type->end(session);
}

static inline void session_turn(struct session *session, struct instant now)
{
	session->type->turn(session, now);
}

static inline size_t session_peek(const struct session *session, struct slice *parts, size_t max)
{
	return session->type->peek(session, parts, max);
}

static inline void session_sent(struct session *session, size_t len)
{
	session->type->sent(session, len);
}

static inline bool session_wants_turn(const struct session *session)
{
	return session->type->wants_turn(session);
}

static inline bool session_is_idle(const struct session *session)
{
	return session->type->is_idle(session);
}

static inline bool session_is_done(const struct session *session)
{
	return session->type->is_done(session);
}

static inline bool session_is_lost(const struct session *session)
{
	return session->type->is_lost && session->type->is_lost(session);
}

static inline void session_advance(struct session *session, struct instant now)
{
	session->type->advance(session, now);
}

static inline struct instant session_deadline(const struct session *session)
{
	return session->type->deadline(session);
}

#endif

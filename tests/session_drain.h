/* SPDX-License-Identifier: ISC
 * session_drain: what a session sends, into a buffer. */
#ifndef TESTS_SESSION_DRAIN_H
#define TESTS_SESSION_DRAIN_H

#include "base/writer.h"
#include "control/session_type.h"

/* A turn of the session; takes as much of what it sends as there is room for. */
static inline void session_drain(struct session *session, struct instant now, struct writer *w)
{
	struct slice part;

	session_turn(session, now);
	while (w->len < w->capacity && session_peek(session, &part, 1) == 1) {
		part = slice_head(part, w->capacity - w->len);
		writer_slice(w, part);
		session_sent(session, part.len);
	}
}

#endif

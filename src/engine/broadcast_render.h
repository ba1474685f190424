/* SPDX-License-Identifier: ISC
 * broadcast_render: an offer as messages of the broadcast discovery. */
#ifndef ENGINE_BROADCAST_RENDER_H
#define ENGINE_BROADCAST_RENDER_H

#include "engine/engine.h"
#include "wire/broadcast_message.h"

/* Asks are padded to this, so that an answer with everything in it is no longer. */
enum { BROADCAST_ASK_SIZE = 600 };

/* `interval` is that of our asks, in seconds. Writes an ask or a bye that goes out from `source`, a
 * unicast address of ours. An ask has as many of the marks `known` (see broadcast_peers.h) as there
 * is room for. When the writer has no room for everything, LOCATION, SERVER and NT are left out, in
 * this order. 0 or -ENOSPC. */
int broadcast_render(const struct engine_context *context, uint32_t interval,
    enum broadcast_kind kind, struct slice known, const struct address *source, struct writer *w);
/* Writes the answer to an ask of `ask_len` bytes, in the form that it was asked in. An extended one
 * is never longer than its ask, whose source may be forged. 0 or -ENOSPC. */
int broadcast_render_answer(const struct engine_context *context, uint32_t interval,
    const struct broadcast_message *ask, size_t ask_len, const struct address *source,
    struct writer *w);

#endif

/* SPDX-License-Identifier: ISC
 * broadcast_askers: how long somebody who speaks only the plain form is believed to be there. */
#ifndef ENGINE_BROADCAST_ASKERS_H
#define ENGINE_BROADCAST_ASKERS_H

#include "base/instant.h"
#include "engine/recent.h"

/* How often he asks is all that tells when he is gone. Asks less than 2 s apart are one, repeated
 * or heard twice. */
struct broadcast_askers {
	struct recent hosts;
};

/* 0 or -ENOMEM. */
int broadcast_askers_init(struct broadcast_askers *askers, const struct siphash_key *key);
void broadcast_askers_fini(struct broadcast_askers *askers);
/* Notes an ask. Microseconds: three of his intervals, at least 30 s and at most 5 min; 90 s when he
 * asked only once. */
int64_t broadcast_askers_asked(
    struct broadcast_askers *askers, struct instant now, const struct address *from, uint32_t link);
/* Likewise for an answer, which comes when we ask: without an interval of his own, ours
 * (microseconds) counts. */
int64_t broadcast_askers_answered(const struct broadcast_askers *askers, const struct address *from,
    uint32_t link, int64_t our_interval);

#endif

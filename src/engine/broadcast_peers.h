/* SPDX-License-Identifier: ISC
 * broadcast_peers: the hosts that speak the broadcast discovery: how long each is believed to be
 * there, and which need not answer an ask because they are known, as mDNS has it (RFC 6762, 7.1).
 */
#ifndef ENGINE_BROADCAST_PEERS_H
#define ENGINE_BROADCAST_PEERS_H

#include "base/instant.h"
#include "base/writer.h"
#include "engine/recent.h"

/* Four letters of base64: a collision costs no more than one answer. */
enum { BROADCAST_MARK_LEN = 4, BROADCAST_MARKS_MAX = 120 };

/* Stands for a device of this UDN in this epoch, the same on every host. */
struct broadcast_mark {
	char text[BROADCAST_MARK_LEN];
};

struct broadcast_mark broadcast_mark(struct slice udn, uint32_t epoch);
/* True where the value of KNOWN names it. */
bool broadcast_marks_have(struct slice marks, const struct broadcast_mark *mark);

struct broadcast_peers {
	struct recent recent;
};

/* 0 or -ENOMEM. */
int broadcast_peers_init(struct broadcast_peers *peers, const struct siphash_key *key);
void broadcast_peers_fini(struct broadcast_peers *peers);

/* Microseconds until a host that has sent the plain form is believed to be gone: three of the
 * intervals at which it asks, or of `unknown` where it has not asked twice. */
int64_t broadcast_peers_asked(struct broadcast_peers *peers, struct instant now,
    const struct address *from, uint32_t link, int64_t unknown);
int64_t broadcast_peers_answered(const struct broadcast_peers *peers, const struct address *from,
    uint32_t link, int64_t unknown);

/* A host with this mark is known for so many microseconds. */
void broadcast_peers_know(struct broadcast_peers *peers, struct instant now,
    const struct address *from, uint32_t link, const struct broadcast_mark *mark, int64_t lifetime);
void broadcast_peers_forget(
    struct broadcast_peers *peers, const struct address *from, uint32_t link);
/* Writes the marks of what is known on a link for half of its lifetime or more, in whole marks as
 * far as there is room; those heard of last come first. */
void broadcast_peers_write(
    const struct broadcast_peers *peers, struct instant now, uint32_t link, struct writer *w);

#endif

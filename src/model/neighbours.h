/* SPDX-License-Identifier: ISC
 * neighbours: which MAC address is behind an address on a link, as the kernel has learned it. */
#ifndef MODEL_NEIGHBOURS_H
#define MODEL_NEIGHBOURS_H

#include "base/address.h"
#include "base/mac.h"
#include "model/fair_set.h"
#include <sys/queue.h>

enum { NEIGHBOURS_MAX = 8192 };

/* How far a MAC can be relied on: another host may have taken the address meanwhile. */
enum neighbour_state {
	NEIGHBOUR_UNCONFIRMED, /* was right once: NUD_STALE, NUD_DELAY, NUD_PROBE */
	NEIGHBOUR_CONFIGURED,  /* set by the administrator: NUD_PERMANENT, NUD_NOARP */
	NEIGHBOUR_REACHABLE,   /* verified lately: NUD_REACHABLE (RFC 4861, 7.3.2) */
};

/* By link and address. When full, the oldest of the link with most of them is removed. */
struct neighbours {
	struct fair_set set;
	LIST_HEAD(, neighbour) news; /* those that are to be handed out */
	uint32_t changes;            /* counts changes of what neighbours_find gives, from 1 on */
};

struct neighbour_news {
	uint32_t link;
	struct address address;
	struct mac mac;
	bool learned;   /* the MAC is another one than before, or confirmed now */
	bool reachable; /* it was put as NEIGHBOUR_REACHABLE, and nothing else since */
};

/* 0 or -ENOMEM. */
int neighbours_init(struct neighbours *neighbours, const struct siphash_key *key, size_t max);
void neighbours_fini(struct neighbours *neighbours);
/* True when that is news: another MAC, or one that was not confirmed before. Out of memory it is
 * not taken in. */
bool neighbours_put(struct neighbours *neighbours, uint32_t link, const struct address *address,
    const struct mac *mac, enum neighbour_state state);
void neighbours_remove(struct neighbours *neighbours, uint32_t link, const struct address *address);
/* Not known where the kernel has none. *confirmed (unless NULL): it is more than
 * NEIGHBOUR_UNCONFIRMED. */
struct mac neighbours_find(const struct neighbours *neighbours, uint32_t link,
    const struct address *address, bool *confirmed);
/* Hands out what is new of one since it was handed out last. False when there is none. */
bool neighbours_next_news(struct neighbours *neighbours, struct neighbour_news *news);
size_t neighbours_count(const struct neighbours *neighbours);
/* Around a reading of everything: what was not put between the two is removed. */
void neighbours_begin(struct neighbours *neighbours);
void neighbours_sweep(struct neighbours *neighbours);

#endif

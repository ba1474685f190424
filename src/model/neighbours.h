/* SPDX-License-Identifier: ISC
 * neighbours: which MAC address is behind an address on a link, as the kernel has learned it. */
#ifndef MODEL_NEIGHBOURS_H
#define MODEL_NEIGHBOURS_H

#include "base/address.h"
#include "model/fair_set.h"

enum { NEIGHBOURS_MAX = 8192 };

/* By link and address. Full, the link with most of them gives its oldest. */
struct neighbours {
	struct fair_set set;
};

/* 0 or -ENOMEM. */
int neighbours_init(struct neighbours *neighbours, const struct siphash_key *key, size_t max);
void neighbours_fini(struct neighbours *neighbours);
/* True when that is news. Out of memory it is not taken in. */
bool neighbours_put(struct neighbours *neighbours, uint32_t link, const struct address *address,
    const struct mac *mac);
void neighbours_remove(struct neighbours *neighbours, uint32_t link, const struct address *address);
/* Not known where nobody told. */
struct mac neighbours_find(
    const struct neighbours *neighbours, uint32_t link, const struct address *address);
size_t neighbours_count(const struct neighbours *neighbours);
/* Around a reading of everything: what was not put meanwhile goes. */
void neighbours_begin(struct neighbours *neighbours);
void neighbours_sweep(struct neighbours *neighbours);

#endif

/* SPDX-License-Identifier: ISC
 * recent: a bounded set of hosts; when it is full, the one not heard for longest is replaced. */
#ifndef ENGINE_RECENT_H
#define ENGINE_RECENT_H

#include "base/address.h"
#include "base/hashmap.h"

/* First member of what is kept per host. */
struct recent_host {
	struct hashmap_node node;
	struct recent_host *newer, *older;
	struct address address;
	uint32_t link; /* tells link-local addresses apart; 0 where links do not matter */
};

/* Owns its hosts. They are allocated as they come and reused once `limit` is reached. */
struct recent {
	struct hashmap map;
	struct recent_host *newest, *oldest;
	size_t limit, host_size;
};

/* `host_size` is that of the struct kept per host; `limit` at least 1. 0 or -ENOMEM. */
int recent_init(
    struct recent *recent, size_t limit, size_t host_size, const struct siphash_key *key);
void recent_fini(struct recent *recent);
/* The struct of this host, or NULL. Valid until the next recent_touch. */
void *recent_find(const struct recent *recent, const struct address *address, uint32_t link);
/* Likewise, made where it is missing (all zero behind its first member), and now the newest. NULL
 * when out of memory. */
void *recent_touch(struct recent *recent, const struct address *address, uint32_t link);

#endif

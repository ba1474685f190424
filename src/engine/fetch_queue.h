/* SPDX-License-Identifier: ISC
 * fetch_queue: which of the wanted pages is fetched next: few of a host at a time, none too often.
 */
#ifndef ENGINE_FETCH_QUEUE_H
#define ENGINE_FETCH_QUEUE_H

#include "base/address.h"
#include "base/hashmap.h"
#include "base/heap.h"
#include "base/instant.h"
#include "base/mac.h"

enum {
	FETCH_QUEUE_ACTIVE_MAX = 32,
	FETCH_QUEUE_HOST_ACTIVE_MAX = 4, /* at once of one host: a silent port delays no other */
	FETCH_QUEUE_UNANSWERED_MAX = 8,  /* at once, to hosts behind one MAC that never answered */
	FETCH_QUEUE_HOST_BURST = 32, /* pages of one host, then one in FETCH_QUEUE_HOST_REFILL */
	FETCH_QUEUE_HOSTS_MAX = 256, /* remembered beyond those that have pages */
};
#define FETCH_QUEUE_HOST_REFILL SECONDS(2)

/* The MAC of an address on a link as the kernel knows it; not known where it has none. */
typedef struct mac fetch_queue_mac_fn(void *context, uint32_t link, const struct address *address);

/* One page; a member of what describes it. */
struct fetch_ticket {
	struct heap_node by_due; /* always in its host's heap; INSTANT_NEVER: not wanted */
	struct instant due;      /* as last wanted; counts once the running fetch has ended */
	struct fetch_host *host;
	uint64_t number; /* of the running fetch, else 0 */
};

struct fetch_queue {
	struct hashmap hosts;    /* by address and link */
	struct heap ready;       /* the same hosts, by when they may be fetched from */
	struct fetch_host *held; /* those of a MAC with 8 fetches running */
	struct fetch_place {
		struct fetch_ticket *ticket;
		struct mac mac;  /* once it is known */
		bool unanswered; /* its host never answered before */
	} places[FETCH_QUEUE_ACTIVE_MAX];
	size_t active;
	uint64_t last_number;
	fetch_queue_mac_fn *find_mac; /* NULL: no MAC is known */
	void *mac_context;
};

/* 0 or -ENOMEM; fetch_queue_fini is right after both. The key should be random. */
int fetch_queue_init(struct fetch_queue *queue, const struct siphash_key *key);
/* Frees the hosts; tickets that are still inside are not touched. */
void fetch_queue_fini(struct fetch_queue *queue);

/* Puts a page in, not wanted yet. `link` tells link-local hosts apart, else 0. 0; -ENOSPC: as many
 * hosts as may have pages (`hosts_max`) are remembered, and HOSTS_MAX more; -ENOMEM. */
int fetch_queue_join(struct fetch_queue *queue, struct fetch_ticket *ticket,
    const struct address *address, uint32_t link, size_t hosts_max);
/* Takes a page out that is not being fetched. */
void fetch_queue_leave(struct fetch_queue *queue, struct fetch_ticket *ticket);
/* The link that the host of this page was heard on: where its MAC is looked up. */
void fetch_queue_heard(struct fetch_ticket *ticket, uint32_t link);
/* Where the host is. */
const struct address *fetch_queue_address(const struct fetch_ticket *ticket);

/* When the page is due; a negative key means at once, the smallest first: before what was tried
 * already. INSTANT_NEVER: it is not wanted. While it is being fetched this counts afterwards. */
void fetch_queue_want(
    struct fetch_queue *queue, struct fetch_ticket *ticket, struct instant due, struct instant now);
/* Begins the fetch of the page that is due first, or NULL: at most 32 at once, four of a host,
 * 8 of hosts behind one MAC that never answered; 32 of one host, then one in 2 s. A host whose MAC
 * is not known counts for itself. */
struct fetch_ticket *fetch_queue_next(struct fetch_queue *queue, struct instant now);
/* The page whose running fetch has this number, or NULL. */
struct fetch_ticket *fetch_queue_find(const struct fetch_queue *queue, uint64_t number);
/* A running fetch has ended; `answered` when the host sent anything. */
void fetch_queue_end(
    struct fetch_queue *queue, struct fetch_ticket *ticket, bool answered, struct instant now);
/* When fetch_queue_next is worth a call; never while 32 fetches run. */
struct instant fetch_queue_deadline(const struct fetch_queue *queue);

#endif

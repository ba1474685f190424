/* SPDX-License-Identifier: ISC
 * fetch_queue: which of the wanted pages is fetched next: few of a host at a time, none too often.
 *
 * A host is resolved when the kernel knows its MAC. Resolved hosts come first. A connection to any
 * other one makes the kernel ask for the MAC, which anything can cause by announcing a page of an
 * address where no host is; so few of these run at a time, and each is postponed after 300 ms. */
#ifndef ENGINE_FETCH_QUEUE_H
#define ENGINE_FETCH_QUEUE_H

#include "base/address.h"
#include "base/hashmap.h"
#include "base/heap.h"
#include "base/instant.h"
#include "base/mac.h"
#include <sys/queue.h>

enum {
	FETCH_QUEUE_RESOLVED_MAX = 32,
	/* The kernel keeps 1,024 neighbours, each of these for 3 s at least. */
	FETCH_QUEUE_UNRESOLVED_MAX = 16, /* at once, and as many more every half a second */
	FETCH_QUEUE_ACTIVE_MAX = FETCH_QUEUE_RESOLVED_MAX + FETCH_QUEUE_UNRESOLVED_MAX,
	FETCH_QUEUE_HOST_ACTIVE_MAX = 4, /* at once of one host: a silent port delays no other */
	FETCH_QUEUE_UNANSWERED_MAX = 8,  /* at once, to hosts behind one MAC that never answered */
	FETCH_QUEUE_HOST_BURST = 32, /* pages of one host, then one in FETCH_QUEUE_HOST_REFILL */
	FETCH_QUEUE_HOSTS_MAX = 256, /* remembered beyond those that have pages */
	/* That wait to be resolved: what 32 a second get through in 8 s. */
	FETCH_QUEUE_WAITING_MAX = 256,
};
#define FETCH_QUEUE_HOST_REFILL       SECONDS(2)
#define FETCH_QUEUE_UNRESOLVED_REFILL (SECONDS(1) / 32)
/* A host of the same link answers within this time, or later, and the kernel tells. */
#define FETCH_QUEUE_RESOLVE_TIME MILLISECONDS(300)
/* A host that was postponed and is not resolved meanwhile is tried again after this time … */
#define FETCH_QUEUE_POSTPONED SECONDS(30)
/* … or when it is announced again, but not while the kernel still asks for it. */
#define FETCH_QUEUE_POSTPONED_GAP SECONDS(3)

/* False while the kernel has no MAC for this address. True with one that is not known: hosts of
 * this link have none. */
typedef bool fetch_queue_mac_fn(
    void *context, uint32_t link, const struct address *address, struct mac *mac);

/* One page; a member of what describes it. */
struct fetch_ticket {
	struct heap_node by_due; /* always in its host's heap; INSTANT_NEVER: not wanted */
	struct instant due;      /* as last wanted; counts once the running fetch has ended */
	struct fetch_host *host;
	uint64_t number; /* of the running fetch, else 0 */
};

struct fetch_queue {
	struct hashmap hosts; /* by address and link */
	/* Each host is in both, by when it may be fetched from; never in one of the two. */
	struct heap ready, unresolved;
	struct fetch_host *held; /* those of a MAC with 8 fetches running */
	/* Those that never answered and wait to be resolved, the last announced one last. */
	TAILQ_HEAD(, fetch_host) waiting;
	size_t waiting_count;
	struct fetch_place {
		struct fetch_ticket *ticket;
		struct instant begun, wanted; /* wanted: `due` of the ticket at the beginning */
		struct mac mac;               /* once it is known */
		bool unanswered;              /* its host never answered before */
		bool unresolved;              /* nor was its MAC known, as of the last look */
	} places[FETCH_QUEUE_ACTIVE_MAX];
	size_t active, unresolved_active;
	struct instant unresolved_full; /* when the bucket of new unresolved ones is full again */
	uint64_t last_number;
	fetch_queue_mac_fn *find_mac; /* NULL: all hosts are resolved, and no MAC is known */
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
 * 8 of hosts behind one MAC that never answered; 32 of one host, then one in 2 s. Besides, of hosts
 * that are not resolved, 16 at once, 32 new ones a second and one of a host. */
struct fetch_ticket *fetch_queue_next(struct fetch_queue *queue, struct instant now);
/* A page of the host that waits longest to be resolved, when more than 256 do; else NULL. It is for
 * the caller to take out. */
struct fetch_ticket *fetch_queue_surplus(const struct fetch_queue *queue);
/* The page whose running fetch has this number, or NULL. */
struct fetch_ticket *fetch_queue_find(const struct fetch_queue *queue, uint64_t number);
/* A running fetch has ended; `answered` when the host sent anything. */
void fetch_queue_end(
    struct fetch_queue *queue, struct fetch_ticket *ticket, bool answered, struct instant now);
/* The page of a fetch that runs for 300 ms to a host that is not resolved, or NULL. Either of the
 * next two is to be called for it. */
struct fetch_ticket *fetch_queue_late(struct fetch_queue *queue, struct instant now);
/* It has connected: so the host is there, whatever the kernel's table says. */
void fetch_queue_connected(struct fetch_queue *queue, struct fetch_ticket *ticket);
/* It was given up, which counts neither as an end nor against the host. */
void fetch_queue_postpone(
    struct fetch_queue *queue, struct fetch_ticket *ticket, struct instant now);
/* The kernel has learned the MAC of this address: what was postponed for it is ready. */
void fetch_queue_learn_mac(
    struct fetch_queue *queue, struct instant now, uint32_t link, const struct address *address);
/* When fetch_queue_next or fetch_queue_late is worth a call. */
struct instant fetch_queue_deadline(const struct fetch_queue *queue);

#endif

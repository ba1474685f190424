/* SPDX-License-Identifier: ISC
 * neighbour_feed: keeps neighbours and forwarding as the kernel has them, by notification
 * (rtnetlink through libmnl). */
#ifndef NET_NEIGHBOUR_FEED_H
#define NET_NEIGHBOUR_FEED_H

#include "base/counter.h"
#include "base/mac.h"
#include "model/forwarding.h"
#include "model/neighbours.h"
#include "net/loop.h"

struct neighbour_feed;

struct neighbour_feed_listener {
	void *context;
	/* The MAC of this address is known now, or is another one, or was confirmed. From the loop,
	 * an address 10 times a second at most. */
	void (*learned)(void *context, const struct neighbour_news *news);
	/* The kernel has verified that a host answers at this address: at the start for each that
	 * is reachable, and again whenever that is verified anew. Likewise, after `learned`. */
	void (*reachable)(void *context, const struct neighbour_news *news);
	/* The namespace that this number stood for may be another one now. */
	void (*renamed)(void *context, int32_t netns);
};

/* Opens, subscribes and reads what the kernel knows (waits for it, at start only). When
 * notifications were lost everything is read again, without waiting, once a second at most. 0 or a
 * negative errno. */
int neighbour_feed_open(struct loop *loop, const struct siphash_key *key,
    const struct neighbour_feed_listener *listener, struct neighbour_feed **feed);
void neighbour_feed_close(struct neighbour_feed *feed);
/* Takes in what the kernel has sent and the loop has not yet read, once in a round of the loop.
 * Calls no listener. */
void neighbour_feed_catch_up(struct neighbour_feed *feed);
const struct neighbours *neighbour_feed_neighbours(const struct neighbour_feed *feed);
const struct forwarding *neighbour_feed_forwarding(const struct neighbour_feed *feed);
struct counter_group neighbour_feed_counters(const struct neighbour_feed *feed);

#endif

/* SPDX-License-Identifier: ISC
 * neighbour_feed: keeps neighbours and forwarding as the kernel has them, by notification
 * (rtnetlink through libmnl). */
#ifndef NET_NEIGHBOUR_FEED_H
#define NET_NEIGHBOUR_FEED_H

#include "base/counter.h"
#include "model/forwarding.h"
#include "model/neighbours.h"
#include "net/loop.h"

struct neighbour_feed;

struct neighbour_feed_listener {
	void *context;
	/* Somebody's MAC is known who was not, or another one is. From the loop, 10 times a second
	 * at most. */
	void (*changed)(void *context);
	/* The namespace that this number stood for may be another one now. */
	void (*renamed)(void *context, int32_t netns);
};

/* Opens, subscribes and reads what the kernel knows (waits for it, at start only). When
 * notifications were lost everything is read again, without waiting, once a second at most. 0 or a
 * negative errno. */
int neighbour_feed_open(struct loop *loop, const struct siphash_key *key,
    const struct neighbour_feed_listener *listener, struct neighbour_feed **feed);
void neighbour_feed_close(struct neighbour_feed *feed);
/* Takes in what the kernel has told but the loop not yet handed over. Calls nobody. */
void neighbour_feed_catch_up(struct neighbour_feed *feed);
const struct neighbours *neighbour_feed_neighbours(const struct neighbour_feed *feed);
const struct forwarding *neighbour_feed_forwarding(const struct neighbour_feed *feed);
struct counter_group neighbour_feed_counters(const struct neighbour_feed *feed);

#endif

/* SPDX-License-Identifier: ISC
 * prober: TCP probes for many callers, with so few sockets that other programs are not disturbed.
 */
#ifndef NET_PROBER_H
#define NET_PROBER_H

#include "base/counter.h"
#include "net/tcp_probe.h"

enum {
	PROBER_SOCKETS_MAX = 62,       /* with the two of net/ping: 64 */
	PROBER_BATCH_SOCKETS_MAX = 48, /* for one batch: the next one need not wait */
	PROBER_ROUND_MAX = 8,          /* begun, and told of, until everything else has its turn */
};

struct prober;
struct prober_batch;

struct prober_request {
	struct address_port to;
	uint32_t link;      /* scopes a link-local IPv6 address */
	int64_t timeout_us; /* for the connection */
	int64_t banner_us;  /* for what the service says first; 0: it is not waited for */
};

/* A source of probes: asked for the next one only when it can begin, so that nothing is queued. */
struct prober_source {
	void *context;
	/* False: there are no more. */
	bool (*next)(void *context, struct prober_request *request);
	/* Once for each, from the loop. May end the batch. */
	void (*answered)(void *context, uint16_t port, const struct tcp_probe_result *result);
};

/* NULL when out of memory. The loop outlives it. */
struct prober *prober_new(struct loop *loop);
/* Ends every batch. */
void prober_free(struct prober *prober);
/* Begins soon, from the loop. The batch that runs the fewest probes gets the next free socket. 0 or
 * -ENOMEM. */
int prober_begin(
    struct prober *prober, const struct prober_source *source, struct prober_batch **batch);
/* Cancels what runs of it. Each batch is to be ended, also when it has nothing left. NULL is
 * nothing to end. */
void prober_end(struct prober_batch *batch);
struct counter_group prober_counters(const struct prober *prober);

#endif

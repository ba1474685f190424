/* SPDX-License-Identifier: ISC
 * probes: carries out the plans of Probe and of the slow round, by ping and TCP. */
#ifndef DISCOVERD_PROBES_H
#define DISCOVERD_PROBES_H

#include "base/counter.h"
#include "base/rng.h"
#include "control/probe_plan.h"
#include "net/loop.h"

struct probes;

/* Called from the loop. */
struct probes_listener {
	void *context;
	/* One of the probes with this number has ended. May cancel them. */
	void (*probed)(void *context, uint64_t number, const struct probe_result *result);
	/* All probes of a plan have ended, and this is what they say of its device. */
	void (*reached)(void *context, struct slice id, bool reachable);
};

/* NULL when out of memory. Loop and rng outlive it. */
struct probes *probes_new(
    struct loop *loop, struct rng *rng, const struct probes_listener *listener);
void probes_free(struct probes *probes);
/* Begins soon. 0 or -ENOMEM. */
int probes_start(struct probes *probes, const struct probe_plan *plan, uint64_t *number);
/* A number that is not there (any more) does nothing. */
void probes_cancel(struct probes *probes, uint64_t number);
struct counter_group probes_counters(const struct probes *probes);

#endif

/* SPDX-License-Identifier: ISC
 * probe_round: asks every device of the table in turn whether it answers, where the configuration
 * wants that. */
#ifndef DISCOVERD_PROBE_ROUND_H
#define DISCOVERD_PROBE_ROUND_H

#include "core/core.h"
#include "discoverd/probes.h"

struct probe_round;

/* NULL when out of memory. Both outlive it. */
struct probe_round *probe_round_new(struct core *core, struct probes *probes);
void probe_round_free(struct probe_round *round);
/* Asks the next device when it is its turn. */
void probe_round_advance(struct probe_round *round, struct instant now);
/* INSTANT_NEVER where no round is wanted. */
struct instant probe_round_deadline(const struct probe_round *round);

#endif

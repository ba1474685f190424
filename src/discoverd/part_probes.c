/* SPDX-License-Identifier: ISC
 * part_probes: tests whether devices answer: for sessions, and all devices in turn. */
#include "discoverd/parts.h"

#include <errno.h>
#include <stdlib.h>

#include "discoverd/probe_round.h"
#include "discoverd/probes.h"

struct probes_part {
	struct hub *hub;
	struct probes *probes;
	struct probe_round *round;
};

static void probed(void *context, uint64_t number, const struct probe_result *result)
{
	struct probes_part *part = context;

	if (part->hub->work.probed)
		part->hub->work.probed(part->hub, number, result);
}

static void reached(void *context, struct slice id, bool reachable)
{
	struct probes_part *part = context;

	core_set_reachable(part->hub->core, loop_now(part->hub->loop), id, reachable);
}

static int probe(void *context, const struct probe_plan *plan, uint64_t *number)
{
	struct probes_part *part = hub_part(context, &PROBES_PART);

	return probes_start(part->probes, plan, number);
}

static void probe_cancel(void *context, uint64_t number)
{
	struct probes_part *part = hub_part(context, &PROBES_PART);

	probes_cancel(part->probes, number);
}

static int open_probes(struct hub *hub, void **state)
{
	struct probes_part *part = calloc(1, sizeof(*part));
	struct probes_listener listener = {.context = part, .probed = probed, .reached = reached};

	*state = part;
	if (!part)
		return -ENOMEM;
	part->hub = hub;
	part->probes = probes_new(hub->loop, &hub->rng, &listener);
	if (part->probes)
		part->round = probe_round_new(hub->core, part->probes);
	hub->control_host.probe = probe;
	hub->control_host.probe_cancel = probe_cancel;
	return part->round ? 0 : -ENOMEM;
}

static void close_probes(void *state)
{
	struct probes_part *part = state;

	probe_round_free(part->round);
	probes_free(part->probes);
	free(part);
}

static void advance(void *state, struct instant now)
{
	struct probes_part *part = state;

	probe_round_advance(part->round, now);
}

static struct instant deadline(const void *state)
{
	const struct probes_part *part = state;

	return probe_round_deadline(part->round);
}

static bool counters(const void *state, size_t index, struct counter_group *group)
{
	const struct probes_part *part = state;

	*group = probes_counters(part->probes);
	return index == 0;
}

const struct part PROBES_PART = {
    .name = "probes",
    .open = open_probes,
    .close = close_probes,
    .advance = advance,
    .deadline = deadline,
    .counters = counters,
};

/* SPDX-License-Identifier: ISC
 * probe_round: asks every device of the table in turn whether it answers, where the configuration
 * wants that. */
#include "discoverd/probe_round.h"

#include <stdlib.h>

/* However many devices and however short the interval. */
#define PAUSE_MIN MILLISECONDS(20)

struct probe_round {
	struct core *core;
	struct probes *probes;
	struct table_cursor cursor; /* open while `table` of it is not NULL */
	struct instant due;         /* INSTANT_NEVER: off */
};

struct probe_round *probe_round_new(struct core *core, struct probes *probes)
{
	struct probe_round *round = calloc(1, sizeof(*round));

	if (!round)
		return NULL;
	round->core = core;
	round->probes = probes;
	round->due = INSTANT_NEVER;
	return round;
}

static void close_cursor(struct probe_round *round)
{
	if (round->cursor.table)
		table_cursor_close(&round->cursor);
	round->cursor = (struct table_cursor){0};
}

void probe_round_free(struct probe_round *round)
{
	if (!round)
		return;
	close_cursor(round);
	free(round);
}

/* The next device that is one; NULL at the end of the table, which is also its beginning. */
static const struct device *next_device(struct probe_round *round)
{
	const struct device *device;

	if (!round->cursor.table)
		table_cursor_open(&round->cursor, core_table(round->core));
	do
		device = table_cursor_next(&round->cursor);
	while (device && device_kind(device) != DEVICE_KIND_DEVICE);
	if (!device)
		close_cursor(round);
	return device;
}

/* Where its description is, or its main address. */
static void ask(struct probe_round *round, const struct device *device)
{
	struct probe_plan plan = {.ping = true,
	    .silence_counts = true,
	    .tcp_fallback = true,
	    .seconds = PROBE_SECONDS_DEFAULT};
	uint64_t number;

	probe_plan_aim_at(&plan, device);
	probe_plan_add_announced(&plan, core_table(round->core));
	if (plan.port_count > 1)
		plan.port_count = 1;
	probes_start(round->probes, &plan, &number); /* without memory: in the next round */
}

void probe_round_advance(struct probe_round *round, struct instant now)
{
	const struct device *device;
	int64_t pause;
	size_t count;

	if (!core_config(round->core)->table.probe_interval) {
		round->due = INSTANT_NEVER;
		close_cursor(round);
		return;
	}
	count = table_shown_count(core_table(round->core));
	pause =
	    SECONDS(core_config(round->core)->table.probe_interval) / (int64_t)(count ? count : 1);
	if (pause < PAUSE_MIN)
		pause = PAUSE_MIN;
	/* nothing at the start; and more devices, or a shorter interval, count at once */
	round->due = instant_earlier(round->due, instant_add(now, pause));
	if (!instant_due(round->due, now))
		return;
	device = next_device(round);
	if (!device)
		device = next_device(round);
	if (device)
		ask(round, device);
	round->due = instant_add(now, pause);
}

struct instant probe_round_deadline(const struct probe_round *round)
{
	return round->due;
}

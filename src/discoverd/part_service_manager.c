/* SPDX-License-Identifier: ISC
 * part_service_manager: tells the service manager that the daemon is ready and alive, and how many
 * devices it knows. */
#include "discoverd/parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discoverd/service_manager.h"
#include "model/link_change.h"

struct service_manager_part {
	struct hub *hub;
	struct instant watchdog; /* when the next sign of life is wanted; INSTANT_NEVER: never */
	int64_t interval;
	struct instant status_due; /* the line is out of date since; INSTANT_NEVER: it is not */
	char line[96];
};

static int open_service_manager(struct hub *hub, void **state)
{
	struct service_manager_part *part = calloc(1, sizeof(*part));

	*state = part;
	if (!part)
		return -ENOMEM;
	part->hub = hub;
	part->watchdog = part->status_due = INSTANT_NEVER;
	return 0;
}

static void started(void *state)
{
	struct service_manager_part *part = state;

	part->interval = service_manager_watchdog_interval();
	part->status_due = loop_now(part->hub->loop);
	if (part->interval)
		part->watchdog = part->status_due;
	service_manager_ready();
}

static void close_service_manager(void *state)
{
	free(state);
}

static void changed(void *state, struct instant now, const struct table_change *change)
{
	struct service_manager_part *part = state;

	if (change->event != TABLE_UPDATED && part->hub->running)
		part->status_due = instant_earlier(part->status_due, instant_add(now, SECONDS(1)));
}

static void link_changed(void *state, const struct link_change *change)
{
	struct service_manager_part *part = state;
	(void)change;

	if (part->hub->running)
		part->status_due = loop_now(part->hub->loop);
}

static void advance(void *state, struct instant now)
{
	struct service_manager_part *part = state;
	char line[sizeof(part->line)];

	if (instant_due(part->watchdog, now)) {
		service_manager_alive();
		part->watchdog = instant_add(now, part->interval);
	}
	if (!instant_due(part->status_due, now))
		return;
	part->status_due = INSTANT_NEVER;
	size_t devices = table_shown_count(core_table(part->hub->core));
	size_t links = core_usable_links(part->hub->core)->count;
	snprintf(line, sizeof(line), "%zu device%s known on %zu interface%s", devices,
	    devices == 1 ? "" : "s", links, links == 1 ? "" : "s");
	if (strcmp(line, part->line) == 0)
		return;
	strcpy(part->line, line);
	service_manager_status(line);
}

static struct instant deadline(const void *state)
{
	const struct service_manager_part *part = state;

	return instant_earlier(part->watchdog, part->status_due);
}

const struct part SERVICE_MANAGER_PART = {
    .name = "service-manager",
    .open = open_service_manager,
    .started = started,
    .close = close_service_manager,
    .changed = changed,
    .link_changed = link_changed,
    .advance = advance,
    .deadline = deadline,
};

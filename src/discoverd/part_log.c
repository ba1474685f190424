/* SPDX-License-Identifier: ISC
 * part_log: log lines about devices, and the warning that another host has this host's uuid. */
#include "discoverd/parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "discoverd/event_log.h"

#define WARNING_PAUSE SECONDS(60)
/* After the last message with our uuid. */
#define WARNING_LIFETIME SECONDS(300)

struct log_part {
	struct hub *hub;
	struct event_log log;
	char warning[WARNING_MAX];   /* about our own uuid; "" where there is none */
	struct instant warning_due;  /* not before, again */
	struct instant warning_ends; /* INSTANT_NEVER: there is none */
};

static int open_log(struct hub *hub, void **state)
{
	struct log_part *part = calloc(1, sizeof(*part));

	*state = part;
	if (!part)
		return -ENOMEM;
	part->hub = hub;
	part->log.limit.burst = EVENT_LOG_BURST;
	part->warning_ends = INSTANT_NEVER;
	return 0;
}

static void close_log(void *state)
{
	free(state);
}

static void changed(void *state, struct instant now, const struct table_change *change)
{
	struct log_part *part = state;

	part->log.links = core_links(part->hub->core);
	event_log_device(&part->log, now, change);
}

/* Usually two boards flashed from one image. It is said again with each message, and from each
 * address. */
static void warn_about_duplicate(
    struct log_part *part, struct instant now, const struct sighting *sighting)
{
	char address[ADDRESS_TEXT_MAX];

	part->warning_ends = instant_add(now, WARNING_LIFETIME);
	if (!instant_due(part->warning_due, now))
		return;
	part->warning_due = instant_add(now, WARNING_PAUSE);
	snprintf(part->warning, sizeof(part->warning),
	    "%s announces our uuid too; set another [Device] uuid on one of the two",
	    address_text(&sighting->from, address));
	part->hub->warnings_due = true;
}

static void sighted(void *state, struct instant now, const struct sighting *sighting, int result)
{
	struct log_part *part = state;

	if (sighting->is_ourselves_elsewhere)
		warn_about_duplicate(part, now, sighting);
	part->log.links = core_links(part->hub->core);
	event_log_sighting(&part->log, sighting, result);
}

static void advance(void *state, struct instant now)
{
	struct log_part *part = state;

	if (!instant_due(part->warning_ends, now))
		return;
	part->warning[0] = '\0';
	part->warning_ends = INSTANT_NEVER;
	part->hub->warnings_due = true;
}

static struct instant deadline(const void *state)
{
	const struct log_part *part = state;

	return part->warning_ends;
}

static void warn(const void *state, struct warnings *warnings)
{
	const struct log_part *part = state;

	if (part->warning[0])
		warnings_add(warnings, "%s", part->warning);
}

const struct part LOG_PART = {
    .name = "log",
    .open = open_log,
    .close = close_log,
    .changed = changed,
    .sighted = sighted,
    .advance = advance,
    .deadline = deadline,
    .warn = warn,
};

/* SPDX-License-Identifier: ISC
 * part_memory: after the start, and after most of a large table has gone, what is free goes back to
 * the system. */
#include "discoverd/parts.h"

#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"

/* Bytes of a table that are worth the time. */
enum { WORTH = 256 * 1024 };

struct memory_part {
	struct hub *hub;
	size_t most; /* bytes of the table since memory was given back */
};

static int open_memory(struct hub *hub, void **state)
{
	struct memory_part *part = calloc(1, sizeof(*part));

	*state = part;
	if (!part)
		return -ENOMEM;
	part->hub = hub;
	return 0;
}

static void close_memory(void *state)
{
	free(state);
}

/* What was needed at the start alone, to write the filter of system calls above all. */
static void started(void *state)
{
	(void)state;
	memory_give_back();
}

/* Seldom: the table must have four times what is left of it before it is done again. */
static void advance(void *state, struct instant now)
{
	struct memory_part *part = state;
	size_t used = table_memory(core_table(part->hub->core));

	(void)now;
	if (used > part->most)
		part->most = used;
	if (part->most < WORTH || used > part->most / 4)
		return;
	part->most = used;
	memory_give_back();
}

const struct part MEMORY_PART = {
    .name = "memory",
    .open = open_memory,
    .close = close_memory,
    .started = started,
    .advance = advance,
};

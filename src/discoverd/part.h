/* SPDX-License-Identifier: ISC
 * part: a piece of the daemon that has descriptors of its own, as one row. A part that is added is
 * its own files and its row in parts.c. */
#ifndef DISCOVERD_PART_H
#define DISCOVERD_PART_H

#include "core/core.h"
#include "discoverd/file_rules.h"
#include "discoverd/warnings.h"
#include "model/link_change.h"

struct hub;
struct control_link_traffic; /* control/session.h */

/* Only `name` and `open` are always there. `state` is what `open` has set; a part whose state is
 * NULL is called no more. Parts are opened and stopped in the order of their rows, and closed in
 * the opposite order. */
struct part {
	const char *name;
	/* 0, with *state set or not, or a negative errno: the reason is logged, and the start
	 * fails. */
	int (*open)(struct hub *hub, void **state);
	/* The daemon stops: ends what could still cause a datagram; the goodbyes come last. */
	void (*stop)(void *state);
	void (*close)(void *state);
	/* The start is over. */
	void (*started)(void *state);
	/* Does what is due. */
	void (*advance)(void *state, struct instant now);
	struct instant (*deadline)(const void *state);
	/* One group after the other; false at the end. */
	bool (*counters)(const void *state, size_t index, struct counter_group *group);
	/* Another configuration is in force. `error` takes mistakes in what the part reads itself.
	 * 0 or a negative errno. */
	int (*reload)(void *state, config_error_fn *error, void *context);
	/* As in struct core_host. */
	void (*changed)(void *state, struct instant now, const struct table_change *change);
	void (*answered)(void *state, struct instant now, const struct endpoint *endpoint);
	void (*resolved)(void *state, struct instant now, const struct host_address *address);
	void (*sighted)(
	    void *state, struct instant now, const struct sighting *sighting, int result);
	void (*link_changed)(void *state, const struct link_change *change);
	/* Names the files that the part opens or removes while the daemon runs. */
	void (*files)(const void *state, struct file_rules *rules);
	/* Says why devices may be missing. */
	void (*warn)(const void *state, struct warnings *warnings);
	/* Adds what goes over this link. */
	void (*traffic)(const void *state, uint32_t link, struct control_link_traffic *traffic);
};

#endif

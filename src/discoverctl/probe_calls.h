/* SPDX-License-Identifier: ISC
 * probe_calls: many calls of Probe, several at a time, each on a connection of its own. */
#ifndef DISCOVERCTL_PROBE_CALLS_H
#define DISCOVERCTL_PROBE_CALLS_H

#include "discoverctl/daemon.h"

/* Owned: the parameters of the calls that are to be made. */
struct probe_calls {
	struct json_object **parameters;
	size_t count, capacity;
};

/* Takes `parameters` over. 0 or -ENOMEM. */
int probe_calls_add(struct probe_calls *calls, struct json_object *parameters);
void probe_calls_fini(struct probe_calls *calls);

/* Takes each reply; anything but STATUS_DONE ends all calls. */
typedef int probe_reply_fn(void *context, const struct varlink_reply *reply);

/* Makes all calls, on the daemon's connection and on up to seven more while discoverd accepts them.
 * An exit status: STATUS_DONE, that of `fn`, or another after a line on stderr. */
int probe_calls_run(
    const struct probe_calls *calls, struct daemon *daemon, probe_reply_fn *fn, void *context);

#endif

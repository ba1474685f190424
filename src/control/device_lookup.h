/* SPDX-License-Identifier: ISC
 * device_lookup: finds the one device that a person means by an id, a name or an address. */
#ifndef CONTROL_DEVICE_LOOKUP_H
#define CONTROL_DEVICE_LOOKUP_H

#include "control/session.h"

enum { DEVICE_LOOKUP_CANDIDATES_MAX = 32 };

struct device_lookup {
	const struct device *found; /* the device that is meant, with 0 */
	/* with -ENOTUNIQ: those that it could be */
	const struct device *candidates[DEVICE_LOOKUP_CANDIDATES_MAX];
	size_t candidate_count;
};

/* `what` is an id (with or without "uuid:", regardless of case; "host:ADDRESS%NAME" as shown), a
 * name, an address, or "ADDRESS%NAME" for one interface. 0, -ENOENT, or -ENOTUNIQ; among several,
 * one device wins over mere control points. Results hold until the table changes. */
int device_lookup(const struct control_host *host, struct slice what, struct device_lookup *lookup);

#endif

/* SPDX-License-Identifier: ISC
 * device_lookup: finds the device that a person or program means by one of its keys. */
#ifndef CONTROL_DEVICE_LOOKUP_H
#define CONTROL_DEVICE_LOOKUP_H

#include "control/control_host.h"

enum { DEVICE_LOOKUP_CANDIDATES_MAX = 32 };

struct device_lookup {
	const struct device *found; /* the device that is meant, with 0 */
	/* with -ENOTUNIQ: the devices that match, those that have answered first */
	const struct device *candidates[DEVICE_LOOKUP_CANDIDATES_MAX];
	size_t candidate_count;
};

/* `what` is an id or a key of an endpoint (a UUID with or without "uuid:" or "urn:uuid:"), a MAC,
 * an address, "ADDRESS%NAME" for one interface, or else, without regard to case, a name, a host
 * name, or the key of a device that only a page names. 0, -ENOENT, or -ENOTUNIQ; one device among
 * several control points and neighbours is meant. Results hold until the table changes. */
int device_lookup(const struct control_host *host, struct slice what, struct device_lookup *lookup);
/* The address and link of "ADDRESS" or "ADDRESS%INTERFACE", with or without "address:"; a link of 0
 * is any. 0; -ENOENT: it is none; -ENODEV: an interface that is not there. */
int device_lookup_address(
    const struct control_host *host, struct slice what, struct address *address, uint32_t *link);

#endif

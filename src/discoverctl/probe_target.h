/* SPDX-License-Identifier: ISC
 * probe_target: reads "TARGET:PORTS" as a person types it. */
#ifndef DISCOVERCTL_PROBE_TARGET_H
#define DISCOVERCTL_PROBE_TARGET_H

#include "base/slice.h"

enum { PROBE_TARGET_PORTS = 65536 };

struct probe_target {
	struct slice name;  /* id, name or address, without brackets; borrowed */
	struct slice wrong; /* of the ports: what was not understood */
	size_t port_count;  /* 0: none was given */
	bool ports[PROBE_TARGET_PORTS];
};

/* Reads "HOST", "HOST:22,ssh,8000-8010", "[fe80::1%eth0]:80", "uuid:…:80". A bare IPv6 address is a
 * host as a whole; what follows the last colon is ports where it holds nothing but letters, digits,
 * commas and hyphens. 0, or -EINVAL: no host, or `wrong` is no port. */
int probe_target_read(struct slice text, struct probe_target *target);

#endif

/* SPDX-License-Identifier: ISC
 * probe_target: reads "TARGET:PORTS" as a person types it. */
#ifndef DISCOVERCTL_PROBE_TARGET_H
#define DISCOVERCTL_PROBE_TARGET_H

#include "base/slice.h"

enum { PROBE_TARGET_PORTS = 65536 };

struct probe_target {
	struct slice name; /* id, name or address, without brackets; borrowed */
	size_t port_count; /* 0: none was given */
	bool ports[PROBE_TARGET_PORTS];
};

/* "HOST", "HOST:22,80,8000-8010", "[fe80::1%eth0]:80", "uuid:…:80". A bare IPv6 address is one as a
 * whole; what follows the last colon is ports where it begins with a digit and holds nothing but
 * digits, commas and hyphens. 0, or -EINVAL: no name, or no ports where ports should be. */
int probe_target_read(struct slice text, struct probe_target *target);

#endif

/* SPDX-License-Identifier: ISC
 * probe_range: addresses given as a network or as a range. */
#ifndef DISCOVERCTL_PROBE_RANGE_H
#define DISCOVERCTL_PROBE_RANGE_H

#include "base/address.h"
#include <json-c/json.h>

enum { PROBE_RANGE_MAX = 1024 };

struct probe_range {
	struct address first;
	unsigned count; /* 1 to PROBE_RANGE_MAX */
};

/* Reads "192.0.2.0/24" (its hosts), "192.0.2.10-50" or "192.0.2.10-192.0.2.50", and the same of
 * IPv6, where the last group may stand alone. 0; -ENOENT for what is none of these; -EINVAL for a
 * range that ends before it begins, or a prefix that is too long; -E2BIG beyond PROBE_RANGE_MAX. */
int probe_range_read(struct slice text, struct probe_range *range);
/* The address at `i` of the range, in the caller's buffer. */
const char *probe_range_address(
    const struct probe_range *range, unsigned i, char buffer[ADDRESS_TEXT_MAX]);
/* True when the whole range is in a network of an interface that discoverd uses. */
bool probe_range_is_ours(const struct probe_range *range, struct json_object *interfaces);

#endif

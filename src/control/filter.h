/* SPDX-License-Identifier: ISC
 * filter: which devices a caller of List or Monitor means. */
#ifndef CONTROL_FILTER_H
#define CONTROL_FILTER_H

#include "model/device.h"
#include "model/link.h"

struct glob;
struct json_object;

enum filter_key {
	FILTER_TYPE,
	FILTER_VIA,
	FILTER_INTERFACE,
	FILTER_KIND,
	FILTER_NAME,
	FILTER_ADDRESS,
	FILTER_KEYS
};

/* NULL where there is none. All zero matches every device that is more than a neighbour. */
struct filter {
	struct glob *globs[FILTER_KEYS];
	bool neighbours; /* also devices that only the kernel knows */
};

/* Reads a filter object; NULL gives the filter without patterns. `neighbours`: what it says where
 * the object says nothing. 0; -ENOMEM; -EINVAL with *offending the member (borrowed from the
 * object) that is unknown, of another type, or longer than GLOB_MAX. The filter is all zero after a
 * failure. */
int filter_parse(
    struct filter *filter, struct json_object *object, bool neighbours, const char **offending);
void filter_fini(struct filter *filter);
/* True when watchers know of the device by now and every glob of the filter matches; links give the
 * names of interfaces. */
bool filter_matches(
    const struct filter *filter, const struct link_set *links, const struct device *device);

#endif

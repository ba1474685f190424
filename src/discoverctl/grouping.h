/* SPDX-License-Identifier: ISC
 * grouping: devices under the host that they are on, or under the interface that they are behind.
 */
#ifndef DISCOVERCTL_GROUPING_H
#define DISCOVERCTL_GROUPING_H

#include "discoverctl/output.h"

/* One way to group, one row; its name is what --by takes. */
struct grouping {
	const char *name, *names; /* "host", "hosts" */
	bool wants_interfaces;    /* `make` needs them */
	const struct column_set
	    *columns;    /* of a group: its line in a table, the first of csv and kv */
	const char *key; /* the member that they are of; NULL: the group itself */
	/* An array of objects with "devices", which are in the order that they came in. */
	struct json_object *(*make)(struct json_object *devices, struct json_object *interfaces);
};

/* NULL after a word on stderr. */
const struct grouping *grouping_find(const char *name);
/* Prints the devices, which are sorted already; `interfaces` may be NULL where they are not wanted.
 * json and jsonl print groups; kv and csv print devices, each with its group in front. */
void grouping_print(struct output *output, const struct grouping *grouping,
    struct json_object *devices, struct json_object *interfaces);

#endif

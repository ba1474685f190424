/* SPDX-License-Identifier: ISC
 * grouping: devices under the interface that they were seen on. */
#ifndef DISCOVERCTL_GROUPING_H
#define DISCOVERCTL_GROUPING_H

#include "discoverctl/output.h"

/* Prints the devices, which are sorted already, by interface. A table has a line above each group;
 * json and jsonl print {"group", "networks", "devices"}; kv and csv print devices, each with
 * "group" and "networks" in front. */
void grouping_print(
    struct output *output, struct json_object *devices, struct json_object *interfaces);

#endif

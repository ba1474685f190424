/* SPDX-License-Identifier: ISC
 * inventory: asks discoverd who is there, and behind which interfaces. */
#ifndef DISCOVERCTL_INVENTORY_H
#define DISCOVERCTL_INVENTORY_H

#include "discoverctl/command.h"

/* What the filter options say, as List and Monitor take it; an empty object where there are none.
 * For the caller. */
struct json_object *inventory_filter(const struct command_options *options);
/* An array of the devices that pass, or of all interfaces, for the caller to json_object_put() when
 * it is STATUS_DONE; otherwise a line on stderr has said why not. */
int inventory_devices(struct context *context, struct json_object **devices);
int inventory_interfaces(struct context *context, struct json_object **interfaces);

#endif

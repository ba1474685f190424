/* SPDX-License-Identifier: ISC
 * layout: one object as lines of keys and values, for show and status. */
#ifndef DISCOVERCTL_LAYOUT_H
#define DISCOVERCTL_LAYOUT_H

#include "discoverctl/output.h"

/* A Device of io.discoverd, and "networks" as interface_record_of_device() has them; then each of
 * its endpoints with its services. What is not known is left out. */
void layout_device(struct output *output, struct json_object *device);
/* The answer of Status. */
void layout_status(struct output *output, struct json_object *status);
/* The same, and the counters that are not zero. */
void layout_status_and_counters(struct output *output, struct json_object *status);

#endif

/* SPDX-License-Identifier: ISC
 * layout: one object as a person wants to read it, for show and status. */
#ifndef DISCOVERCTL_LAYOUT_H
#define DISCOVERCTL_LAYOUT_H

#include "discoverctl/output.h"

/* A Device of io.discoverd, with what surroundings_add() knows; what is not known is left out. */
void layout_device(struct output *output, struct json_object *device);
/* The answer of Status; counters that are zero are left out. */
void layout_status(struct output *output, struct json_object *status);

#endif

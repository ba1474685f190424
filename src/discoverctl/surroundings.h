/* SPDX-License-Identifier: ISC
 * surroundings: the networks that a device is in, and who else is on its host. */
#ifndef DISCOVERCTL_SURROUNDINGS_H
#define DISCOVERCTL_SURROUNDINGS_H

#include <json-c/json.h>

/* Adds two arrays of texts for people to a Device: "networks" ("192.0.2.0/24 on eth0") and
 * "same_host" ("name (id)"), from all interfaces and devices. */
void surroundings_add(
    struct json_object *device, struct json_object *interfaces, struct json_object *devices);

#endif

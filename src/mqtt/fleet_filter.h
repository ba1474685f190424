/* SPDX-License-Identifier: ISC
 * fleet_filter: which devices of a fleet a caller of List or Monitor means. */
#ifndef MQTT_FLEET_FILTER_H
#define MQTT_FLEET_FILTER_H

#include <json-c/json.h>
#include <stdbool.h>

/* NULL, or the member of this Filter of io.discoverd that is unknown or of another type, borrowed;
 * empty: it is no object. */
const char *fleet_filter_wrong(struct json_object *filter);
/* Whether every member that is given matches the Device; all devices but neighbours pass NULL. */
bool fleet_filter_matches(struct json_object *filter, struct json_object *device);

#endif

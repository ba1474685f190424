/* SPDX-License-Identifier: ISC
 * fleet_device: a device of a fleet, as io.discoverd shows one. */
#ifndef MQTT_FLEET_DEVICE_H
#define MQTT_FLEET_DEVICE_H

#include "mqtt/fleet_rows.h"

/* What its documents hold, put together, with every key of the type Device; and "site", "boards"
 * (of each its "id" and "name") and the flag "stale". Interfaces have the names of their networks
 * in the fleet. For the caller to json_object_put(); NULL when out of memory. */
struct json_object *fleet_device_new(const struct fleet_row *row);

#endif

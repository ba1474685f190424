/* SPDX-License-Identifier: ISC
 * map_tree: this host, its interfaces, bridges and ports, and the devices there, as one object. */
#ifndef CLIENT_MAP_TREE_H
#define CLIENT_MAP_TREE_H

#include <json-c/json.h>
#include <stdbool.h>

/* The tree, as discoverctl(1) describes it, for the caller to json_object_put():
 *
 *   {"name", "uuid", "interfaces": [INTERFACE], "devices": [DEVICE]}
 *   INTERFACE {"interface", "kind", "up", "mac", "gateway", "peer", "networks": [NETWORK],
 *              "devices": [DEVICE], "ports": [INTERFACE]}
 *   NETWORK   {"network", "addresses": [text], "devices": [DEVICE]}
 *   DEVICE    {"id", "name", "kind", "type", "addresses": [Address]}
 *
 * Each device is shown where its addresses are, once per location: at the port of a bridge where
 * discoverd says so, else in a network of its interface, else at the interface, else at the top.
 * With `pruned`, interfaces and networks without devices are left out. `status`, `interfaces` and
 * `devices` are answers of io.discoverd, and are borrowed. NULL when out of memory; what there is
 * no memory for is missing. */
struct json_object *map_tree_new(struct json_object *status, struct json_object *interfaces,
    struct json_object *devices, bool pruned);

#endif

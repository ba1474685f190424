/* SPDX-License-Identifier: ISC
 * map_tree: this host, its interfaces, bridges and ports, and who is behind each, as one object. */
#ifndef DISCOVERCTL_MAP_TREE_H
#define DISCOVERCTL_MAP_TREE_H

#include <json-c/json.h>

/* The tree, as discoverctl(1) describes it, for the caller to json_object_put():
 *
 *   {"name", "uuid", "interfaces": [INTERFACE], "hosts": [HOST]}
 *   INTERFACE {"interface", "kind", "up", "mac", "gateway", "peer", "networks": [NETWORK],
 *              "hosts": [HOST], "ports": [INTERFACE]}
 *   NETWORK   {"network", "addresses": [text], "hosts": [HOST]}
 *   HOST      {"addresses": [Address], "devices": [{"id", "name", "kind", "type"}]}
 *
 * Each host stands where its address is, once at each place: behind the port of a bridge where
 * discoverd says so, else in a network of its interface, else at the interface, else at the top.
 * `status`, `interfaces` and `devices` are answers of io.discoverd, and are borrowed. */
struct json_object *map_tree_new(
    struct json_object *status, struct json_object *interfaces, struct json_object *devices);

#endif

/* SPDX-License-Identifier: ISC
 * interface_record: reads an Interface of io.discoverd: its networks and their addresses. */
#ifndef CLIENT_INTERFACE_RECORD_H
#define CLIENT_INTERFACE_RECORD_H

#include "base/writer.h"
#include <json-c/json.h>

/* "192.0.2.0/24" of one of its addresses; NULL where that has no network. */
struct json_object *interface_record_network(struct json_object *interface_address);
/* Those of all its addresses, each once: an array. */
struct json_object *interface_record_networks(struct json_object *interface);
/* The networks of a device, as texts for people: "192.0.2.0/24 on eth0". Link-local ones only where
 * there are no others. For the caller to json_object_put(). */
struct json_object *interface_record_of_device(
    struct json_object *device, struct json_object *interfaces);
/* Where a veth's other end is: "veth8" in our own namespace, else "app, if 38" or "netns 2, if 38".
 * Nothing where there is none. */
void interface_record_write_peer(struct json_object *peer, struct writer *w);
/* True for an address in the network "192.0.2.0/24". */
bool interface_record_contains(struct slice network, struct slice address);

#endif

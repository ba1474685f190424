/* SPDX-License-Identifier: ISC
 * fleet_networks: the networks that boards are in: a network of several boards is one, and each has
 * a name of its own in the fleet. */
#ifndef MQTT_FLEET_NETWORKS_H
#define MQTT_FLEET_NETWORKS_H

#include "mqtt/fleet.h"

/* A network. Owned by fleet_networks. */
struct fleet_network {
	const char *site;
	struct slice segment;         /* MAC of its gateway; empty: it is the network of one link */
	struct json_object *networks; /* texts: "192.0.2.0/24" */
	char *name; /* "SITE/192.0.2.0/24"; "SITE/BOARD/eth0" where its gateway is not known */
};

/* A link of a board. All is borrowed. */
struct fleet_link {
	const struct fleet_board *board;
	struct json_object *object; /* of `info` */
	struct slice interface, segment;
	struct fleet_network *network;
};

/* All zero is empty. */
struct fleet_networks {
	struct fleet_network *networks;
	size_t count;
	struct fleet_link *links; /* of one board after the other */
	size_t link_count;
};

/* Reads `links` of all boards, and sets `first_link` of each. 0 or -ENOMEM: then it is empty. */
int fleet_networks_make(struct fleet_networks *networks, struct fleet *fleet);
void fleet_networks_fini(struct fleet_networks *networks, struct fleet *fleet);
/* The link of this interface, or NULL where the board has published none. */
const struct fleet_link *fleet_networks_link(
    const struct fleet_board *board, struct slice interface);
/* Sites and their networks, as io.discoverd describes interfaces: a network has its site as master.
 * For the caller; NULL when out of memory. */
struct json_object *fleet_networks_describe(
    const struct fleet_networks *networks, const struct fleet *fleet);

#endif

/* SPDX-License-Identifier: ISC
 * fleet_rows: the devices of a fleet: which documents of several boards are about one device. */
#ifndef MQTT_FLEET_ROWS_H
#define MQTT_FLEET_ROWS_H

#include "mqtt/fleet_networks.h"

/* One device. Its documents are borrowed from the fleet, until that is changed: those of boards in
 * the site where it was seen last, the latest one first; where a board that is online sees it,
 * those of boards that are online only. */
struct fleet_row {
	struct fleet_entry *const *entries;
	size_t count;
	char *id;           /* unique in the fleet */
	bool stale;         /* no board that is online sees it */
	uint64_t signature; /* changes with what it is made of */
};

struct fleet_rows {
	struct fleet_row *rows;
	size_t count;
	struct fleet_entry **entries; /* of one row after the other */
	struct fleet_networks networks;
};

/* Two documents are about one device when they have a UUID in common that no board of one of their
 * sites has flagged as "duplicate-uuid", or a MAC in the same network; where a board has several
 * documents with that MAC, the MAC and an address. 0 or -ENOMEM: then it is empty. */
int fleet_rows_make(struct fleet_rows *rows, struct fleet *fleet);
void fleet_rows_fini(struct fleet_rows *rows, struct fleet *fleet);

#endif

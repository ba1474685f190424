/* SPDX-License-Identifier: ISC
 * known: the devices in the tables, and which of them a device of the network is. */
#ifndef HISTORY_KNOWN_H
#define HISTORY_KNOWN_H

#include "history/present_devices.h"
#include "history/store.h"

/* Both are borrowed. */
struct known {
	struct store *store;
	struct present_devices *present_devices;
};

/* The key of the device that these facts are of, 0: none. One that is here already under another id
 * is not it (unless it is `self`): several hosts may be behind one MAC. Of two that have only their
 * id in common, the MACs decide. */
int64_t known_find(
    const struct known *known, const struct facts *facts, const struct present_device *self);
/* Writes what it shows. */
void known_write(const struct known *known, const struct present_device *device);
/* What it is known by now finds it later, unless it is that of another that is here. */
void known_claim(const struct known *known, const struct present_device *device);
/* `from` turned out to be `to`, which has its past from now on. */
void known_merge(const struct known *known, int64_t from, int64_t to);
/* Reads what only the tables have: alias, first_seen, acknowledged. */
void known_load(const struct known *known, struct present_device *device);
/* Puts the devices whose presence has not ended into the list of those that are here, unconfirmed.
 * 0 or -ENOMEM. */
int known_load_all(const struct known *known);

#endif

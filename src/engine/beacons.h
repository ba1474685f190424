/* SPDX-License-Identifier: ISC
 * beacons: hears what devices of several vendors broadcast in the vendors' own formats, and asks
 * for it where that is configured. */
#ifndef ENGINE_BEACONS_H
#define ENGINE_BEACONS_H

#include "engine/engine.h"

enum beacon_vendor {
	BEACON_YEELIGHT,
	BEACON_TUYA,
	BEACON_KASA,
	BEACON_WIZ,
	BEACON_PLEX,
	BEACON_LIFX,
	BEACON_VENDORS
};

/* Values of [Beacons]. */
struct beacons_config {
	bool enabled;
	bool ask;                     /* no */
	bool vendors[BEACON_VENDORS]; /* those that are heard and asked */
};

extern const struct engine_type BEACONS_ENGINE;

static inline struct beacons_config *beacons_config(const struct config *config)
{
	return config_values(config, BEACONS_ENGINE.section);
}

#endif

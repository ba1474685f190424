/* SPDX-License-Identifier: ISC
 * descriptions: fetches the descriptions that enrichment wants and tells what they say as
 * sightings. */
#ifndef DISCOVERD_DESCRIPTIONS_H
#define DISCOVERD_DESCRIPTIONS_H

#include "engine/engine.h"
#include "model/device.h"
#include "net/loop.h"

struct descriptions;

/* Both are called from the loop, once per device of a description that was read or could not be. */
struct descriptions_listener {
	void *context;
	void (*sighted)(void *context, struct instant now, const struct sighting *sighting);
	void (*unreachable)(void *context, struct instant now, struct slice id);
};

/* NULL when out of memory. The engine's context outlives it. */
struct descriptions *descriptions_new(struct loop *loop, const struct engine_context *context,
    const struct descriptions_listener *listener);
void descriptions_free(struct descriptions *descriptions);
/* The device was seen again by this sighting: reads its description if that is not done yet. `own`
 * are all links of this host, used or not. */
void descriptions_consider(struct descriptions *descriptions, struct instant now,
    const struct device *device, const struct sighting *sighting, const struct link_set *own);
void descriptions_forget(struct descriptions *descriptions, const struct device *device);
/* Begins the fetches that may begin. */
void descriptions_advance(struct descriptions *descriptions, struct instant now);
struct instant descriptions_deadline(const struct descriptions *descriptions);
/* The configuration was read again. */
void descriptions_reconfigure(struct descriptions *descriptions);
struct counter_group descriptions_counters(const struct descriptions *descriptions);

#endif

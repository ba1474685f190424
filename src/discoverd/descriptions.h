/* SPDX-License-Identifier: ISC
 * descriptions: fetches the descriptions that enrichment wants and tells what they say as
 * sightings. */
#ifndef DISCOVERD_DESCRIPTIONS_H
#define DISCOVERD_DESCRIPTIONS_H

#include "engine/engine.h"
#include "model/device.h"
#include "net/loop.h"

struct descriptions;

/* Called from the loop: `sighted` for each device that a description speaks for, `reached` for each
 * that announced the LOCATION, whether anything answered there. find_mac is asked for the MAC of an
 * address on a link. */
struct descriptions_listener {
	void *context;
	void (*sighted)(void *context, struct instant now, const struct sighting *sighting);
	void (*reached)(void *context, struct slice id, bool reachable);
	struct mac (*find_mac)(void *context, uint32_t link, const struct address *address);
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
struct counter_group descriptions_fetch_counters(const struct descriptions *descriptions);

#endif

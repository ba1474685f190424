/* SPDX-License-Identifier: ISC
 * ssdp: the UPnP way of discovery (UPnP Device Architecture 2.0, part 1) as an engine. */
#ifndef ENGINE_SSDP_H
#define ENGINE_SSDP_H

#include "engine/engine.h"

/* Values of [SSDP]; durations in seconds. */
struct ssdp_config {
	bool enabled;
	uint32_t max_age;                /* 1800 */
	uint32_t ttl;                    /* 2 */
	uint32_t search_interval;        /* 900 */
	struct text_list search_targets; /* besides ssdp:all and upnp:rootdevice */
	bool answer_limit;
};

extern const struct engine_type SSDP_ENGINE;

static inline struct ssdp_config *ssdp_config(const struct config *config)
{
	return config_values(config, SSDP_ENGINE.section);
}

#endif

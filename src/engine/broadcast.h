/* SPDX-License-Identifier: ISC
 * broadcast: asks for devices by UDP broadcast and answers other hosts that ask. */
#ifndef ENGINE_BROADCAST_H
#define ENGINE_BROADCAST_H

#include "engine/engine.h"

/* Values of [Broadcast]. */
struct broadcast_config {
	bool enabled;
	uint32_t port;     /* 5005 */
	uint32_t interval; /* seconds, 30 */
};

extern const struct engine_type BROADCAST_ENGINE;

static inline struct broadcast_config *broadcast_config(const struct config *config)
{
	return config_values(config, BROADCAST_ENGINE.section);
}

#endif

/* SPDX-License-Identifier: ISC
 * mdns: multicast DNS (RFC 6762) with service discovery (RFC 6763) as an engine: announces the
 * services of this host, and browses those of others. */
#ifndef ENGINE_MDNS_H
#define ENGINE_MDNS_H

#include "engine/engine.h"

extern const struct engine_type MDNS_ENGINE;

#endif

/* SPDX-License-Identifier: ISC
 * engines: the list of the ways of discovery; a new one is one more row. A file of its own, so that
 * a test may have another list. What no row names is not linked. */
#include "base/array.h"
#include "core/core.h"
#include "engine/beacons.h"
#include "engine/broadcast.h"
#include "engine/mdns.h"
#include "engine/ssdp.h"
#include "engine/wsd.h"

const struct engine_type *const CORE_ENGINES[] = {
    &BROADCAST_ENGINE,
    &SSDP_ENGINE,
#if ENGINE_MDNS
    &MDNS_ENGINE,
#endif
#if ENGINE_BEACONS
    &BEACONS_ENGINE,
#endif
#if ENGINE_WSD
    &WSD_ENGINE,
#endif
    NULL,
};
_Static_assert(COUNT_OF(CORE_ENGINES) <= CORE_ENGINES_MAX + 1, "CORE_ENGINES_MAX");

/* SPDX-License-Identifier: ISC
 * engines: the list of the ways of discovery; a new one is one more row. */
#include "base/array.h"
#include "discoverd/hub_parts.h"

const struct engine_type *const ENGINES[] = {
    &BROADCAST_ENGINE,
    &SSDP_ENGINE,
    NULL,
};
_Static_assert(COUNT_OF(ENGINES) <= HUB_PROTOCOLS_MAX, "HUB_PROTOCOLS_MAX");

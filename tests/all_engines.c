/* SPDX-License-Identifier: ISC
 * all_engines: the rows of all engines, whichever of them discoverd is configured with. */
#undef ENGINE_MDNS
#undef ENGINE_BEACONS
#undef ENGINE_WSD
#define ENGINE_MDNS    1
#define ENGINE_BEACONS 1
#define ENGINE_WSD     1
#include "core/engines.c"

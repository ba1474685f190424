/* SPDX-License-Identifier: ISC
 * engines: the list of src/core/engines.c and one row more. */
#include "core/core.h"
#include "engine/broadcast.h"
#include "engine/ssdp.h"
#include "hello_engine.h"

const struct engine_type *const CORE_ENGINES[] = {
    &BROADCAST_ENGINE,
    &SSDP_ENGINE,
    &HELLO_ENGINE,
    NULL,
};

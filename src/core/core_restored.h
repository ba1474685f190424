/* SPDX-License-Identifier: ISC
 * core_restored: devices of a former start: put into the table again, and asked for a sign of life.
 */
#ifndef CORE_CORE_RESTORED_H
#define CORE_CORE_RESTORED_H

#include "core/core.h"
#include "core/saved_table.h"

/* Before the first engine starts and with the links of this host: fills the table with what a text
 * of saved_table says. Engines and links that are not used any more are left out. Each endpoint is
 * then asked by unicast, 50 a second in all. 0 or as saved_table_read, as is `written`. */
int core_restore(
    struct core *core, struct slice text, const struct saved_stamp *stamp, struct instant *written);
/* How many devices core_restore found. */
size_t core_restored_count(const struct core *core);

#endif

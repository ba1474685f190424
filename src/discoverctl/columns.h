/* SPDX-License-Identifier: ISC
 * columns: the columns of devices, services, events, probes, addresses, interfaces and of the
 * history, one row per column. */
#ifndef DISCOVERCTL_COLUMNS_H
#define DISCOVERCTL_COLUMNS_H

#include "discoverctl/column_set.h"

extern const struct column_set DEVICE_COLUMNS, SERVICE_COLUMNS, EVENT_COLUMNS, INTERFACE_COLUMNS,
    PROBE_COLUMNS, RESOLVED_COLUMNS, HISTORY_COLUMNS;
/* Of devices by interface: a "group" with its "networks". */
extern const struct column_set GROUP_COLUMNS;

/* "192.0.2.5, fd00::5": addresses or networks of an array, to a person; link-local ones only where
 * there are no others. */
void columns_write_reachable(struct json_object *array, struct writer *w);

#endif

/* SPDX-License-Identifier: ISC
 * metrics: what Prometheus and programs like it collect: numbers of devices and counters of
 * discoverd. No label has a device, a MAC, a name or an address. */
#ifndef WEB_METRICS_H
#define WEB_METRICS_H

#include "base/slice.h"

struct evbuffer;
struct json_object;
struct row_table;

enum metrics_format {
	METRICS_TEXT, /* the text format 0.0.4 of Prometheus */
	METRICS_OPEN, /* OpenMetrics 1.0 */
	METRICS_FORMATS
};

extern const char *const METRICS_CONTENT_TYPES[METRICS_FORMATS];

/* What an Accept header asks for. */
enum metrics_format metrics_format_of(struct slice accept);
/* Writes them. `status` is the answer of io.discoverd.Status; NULL: discoverd does not answer, and
 * all that it alone knows is left out. 0 or -ENOMEM. */
int metrics_write(enum metrics_format format, const struct row_table *rows,
    struct json_object *status, struct evbuffer *out);

#endif

/* SPDX-License-Identifier: ISC
 * device_json: a device as io.discoverd shows it, and the words that go with it. */
#ifndef CONTROL_DEVICE_JSON_H
#define CONTROL_DEVICE_JSON_H

#include "control/endpoint_json.h"

struct json_object;

/* Writes every key of the interface's Device. */
void device_json_write(struct json_writer *w, struct json_view *view, const struct device *device);
/* {id, name, address}: enough to tell it from others. For the caller to json_object_put(); NULL
 * when out of memory. */
struct json_object *device_json_candidate(
    const struct link_set *links, const struct device *device);

enum { DEVICE_SHOWN_ID_MAX = DEVICE_ID_MAX + LINK_NAME_MAX };
/* Its id, where "address:ADDRESS%INDEX" has the name of the interface for the index (written to
 * `buffer`). */
const char *device_shown_id(
    const struct link_set *links, const struct device *device, char buffer[DEVICE_SHOWN_ID_MAX]);

#endif

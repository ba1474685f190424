/* SPDX-License-Identifier: ISC
 * endpoint_json: an endpoint with its services as io.discoverd shows it. */
#ifndef CONTROL_ENDPOINT_JSON_H
#define CONTROL_ENDPOINT_JSON_H

#include "base/mac.h"
#include "control/control_host.h"

struct json_object;

/* Every key of the interface's Endpoint. For the caller to json_object_put(); NULL when out of
 * memory. */
struct json_object *endpoint_json_new(
    const struct control_host *host, struct instant now, const struct endpoint *endpoint);
/* Likewise of a device that only the page of this endpoint names, see page_walk_next(). */
struct json_object *endpoint_json_embedded(const struct control_host *host, struct instant now,
    const struct endpoint *endpoint, unsigned index);

/* An address of the endpoint with its MAC, as the interface's Address. */
struct json_object *endpoint_json_address(const struct control_host *host,
    const struct address *address, uint32_t link, const struct mac *mac);
/* When something was first seen; `wall`: as `first_seen_wall` of an endpoint. */
struct json_object *endpoint_json_first_seen(
    const struct control_host *host, struct instant seen, int64_t wall);
/* Whole seconds from `now` to `end`, rounded up so that 0 means over; NULL where there is no end.
 */
struct json_object *endpoint_json_seconds_left(struct instant end, struct instant now);

enum { LINK_TEXT_MAX = 16 };
/* The name of a link, or its index where the link is gone (written to `buffer`). */
const char *link_text(const struct link_set *links, uint32_t index, char buffer[LINK_TEXT_MAX]);

#endif

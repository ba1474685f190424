/* SPDX-License-Identifier: ISC
 * link_json: an interface of this host as io.discoverd shows it. */
#ifndef CONTROL_LINK_JSON_H
#define CONTROL_LINK_JSON_H

#include "control/control_host.h"

struct json_object;

/* Every key of the interface's Interface, for a link of host->links. For the caller to
 * json_object_put(); NULL when out of memory. */
struct json_object *link_json_new(const struct control_host *host, const struct link *link,
    const struct control_link_traffic *traffic);

#endif

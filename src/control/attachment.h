/* SPDX-License-Identifier: ISC
 * attachment: where a device is plugged in, as io.discoverd shows it. */
#ifndef CONTROL_ATTACHMENT_H
#define CONTROL_ATTACHMENT_H

#include "control/control_host.h"

struct json_object;

/* "eth0"; behind a bridge of ours "br0/PORT"; behind a veth port "br0/PORT (WHERE, if INDEX)", the
 * port's other end: WHERE is the name of its namespace or container, else "netns NUMBER", or in our
 * own namespace its name. The port is left out where the bridge has not learned it. NULL where the
 * device is at several of those. For the caller to json_object_put(). */
struct json_object *attachment_json(const struct control_host *host, const struct device *device);

#endif

/* SPDX-License-Identifier: ISC
 * attachment: where a device is plugged in, as io.discoverd shows it. */
#ifndef CONTROL_ATTACHMENT_H
#define CONTROL_ATTACHMENT_H

#include "control/control_host.h"

enum { ATTACHMENT_TEXT_MAX = 160 };

/* "eth0"; behind a bridge of ours "br0/PORT"; behind a veth port "br0/PORT (WHERE, if INDEX)", the
 * port's other end: WHERE is the name of its namespace or container, else "netns NUMBER", or in our
 * own namespace its name. The port is left out where the bridge has not learned it. SLICE_NONE
 * where the device is at several of those. In the buffer. */
struct slice attachment_text(
    const struct control_host *host, const struct device *device, char buffer[ATTACHMENT_TEXT_MAX]);

#endif

/* SPDX-License-Identifier: ISC
 * ourselves: this host's own root device, as configuration and identity make it. */
#ifndef DISCOVERD_OURSELVES_H
#define DISCOVERD_OURSELVES_H

#include "discoverd/identity.h"
#include "model/config.h"

/* Builds the tree, which is the caller's on 0; its numbers are not set. http_port 0: no description
 * is served. 0 or -ENOMEM. */
int ourselves_build(const struct config *config, const struct identity *identity,
    uint16_t http_port, struct announced_tree **tree);

/* What this host says of itself where nothing else is configured; every string is borrowed. */
struct config_device ourselves_texts(const struct config *config, const struct identity *identity);
/* Copies UDN and texts into a device of a tree. 0 or -ENOMEM. */
int ourselves_fill(
    struct announced_device *device, const char *udn, const struct config_device *texts);

#endif

/* SPDX-License-Identifier: ISC
 * own_offer: what this host offers of itself, as configuration and identity make it, and what is
 * made up for programs that leave something out. */
#ifndef CORE_OWN_OFFER_H
#define CORE_OWN_OFFER_H

#include "core/core_identity.h"
#include "model/config.h"

/* Builds this host's own offer, which is the caller's on 0; its numbers are not set. `http_port`:
 * where its description is served, 0: nowhere. 0 or -ENOMEM. */
int own_offer_build(const struct config *config, const struct core_identity *identity,
    uint16_t http_port, struct offer **offer);

/* What this host says of itself where nothing else is configured; every string is borrowed. */
struct config_device own_offer_texts(
    const struct config *config, const struct core_identity *identity);
/* Copies UDN and texts into a device of an offer. 0 or -ENOMEM. */
int own_offer_fill(
    struct offered_device *device, const char *udn, const struct config_device *texts);

/* Gives the devices of an offer the UDN, name, manufacturer and model that they lack: the root
 * those of the host and of `own`, embedded ones those of their root. The same each time. 0 or
 * -ENOMEM. */
int own_offer_complete(
    struct offer *offer, const struct core_identity *identity, const struct offered_device *own);

#endif

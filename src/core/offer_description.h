/* SPDX-License-Identifier: ISC
 * offer_description: the device description of an offer, and the number that follows its content.
 */
#ifndef CORE_OFFER_DESCRIPTION_H
#define CORE_OFFER_DESCRIPTION_H

#include "model/offer.h"

enum { OFFER_DESCRIPTION_MAX = 64 * 1024 };
/* DESCRIPTION_DEVICES_MAX and DESCRIPTION_SERVICES_MAX in words. */
#define OFFER_DESCRIPTION_LIMITS "16 devices or 64 services in its description"

/* Writes the description (UDA 2.0, 2.3), NUL-terminated and the caller's to free, and the configId
 * that stands in it, which is the same for the same content; the offer's own is not looked at.
 * `path` is where it will be served. 0, -ENOMEM, -E2BIG (over OFFER_DESCRIPTION_LIMITS) or -ENOSPC.
 */
int offer_description_make(
    const struct offer *offer, const char *path, char **text, uint32_t *config_id);
/* How many services it names. */
size_t offer_description_services(const struct offer *offer);

#endif

/* SPDX-License-Identifier: ISC
 * core_offers: what this host announces: its own device, and what sources add to it. One registry
 * owns uniqueness, limits and publication; a description is rendered when its offer changes. */
#ifndef CORE_CORE_OFFERS_H
#define CORE_CORE_OFFERS_H

#include "base/instant.h"
#include "model/key.h"
#include "model/offer.h"

struct core;

/* offer->source of programs on the control socket. */
#define OFFER_SOURCE_CONTROL "control"

/* What becomes of an offer that is to be added. */
struct core_offered {
	char
	    udn[KEY_TEXT_MAX]; /* of its root device; with -EEXIST: the one that is there already */
	unsigned limit;  /* with -ENOSPC: so many may be offered on the control socket, and are */
	uint64_t number; /* with 0: names it from now on */
};

/* Adds an offer and takes it over in any case. What it lacks is made up, the same each time: UDNs,
 * names, makers and models. Without a URL its description is served here. `offer->source` says
 * where it comes from; those of OFFER_SOURCE_CONTROL count against [Control] max-announcements. A
 * piece of a device (see offer_is_whole) may stand beside other pieces of it, whose numbers it
 * gets. 0; -EEXIST, -ENOSPC, -ENOTSUP (no URL, and nothing is served here), -E2BIG (more than a
 * description holds), -ENOMEM. */
int core_offer(
    struct core *core, struct instant now, struct offer *offer, struct core_offered *offered);
/* What core_offer() has numbered, as it is announced now; NULL where it is not there. */
const struct offer *core_find_offer(const struct core *core, uint64_t number);
/* Takes it back. Does nothing where it is not there. */
void core_withdraw(struct core *core, struct instant now, uint64_t number);
/* Takes back all but this host's own, one after the other: the goodbyes of all on all links at once
 * would take much memory. */
void core_withdraw_all(struct core *core, struct instant now);
/* Builds this host's own offer again, from the configuration, the identity and what
 * core_host.extend puts into it; announces it where something differs. 0 or a negative errno, and
 * it stays as it was. */
int core_renew_own(struct core *core, struct instant now);

#endif

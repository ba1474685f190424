/* SPDX-License-Identifier: ISC
 * offers: the registry of all that this host announces. */
#ifndef MODEL_OFFERS_H
#define MODEL_OFFERS_H

#include "model/offer.h"

enum { INSTANCE_TEXT_MAX = 17 }; /* 16 hexadecimal digits and a NUL */

/* Owns its trees. The first one is this host's own root device and always there once the start is
 * over; the others belong to programs. */
struct offers {
	struct offer **list;
	size_t count;
	uint64_t last_number;
	char *server; /* "Linux/6.1 UPnP/2.0 discoverd/0.2" */
	/* A random number of this start, by which we know our own messages. */
	char instance[INSTANCE_TEXT_MAX];
	uint16_t http_port; /* where descriptions are served; 0: nowhere */
};

/* All zero: no tree yet. */
void offers_init(struct offers *offers);
void offers_fini(struct offers *offers);
/* Takes the tree over and numbers it. 0 or -ENOMEM. */
int offers_add(struct offers *offers, struct offer *tree);
/* Likewise in the place of the first tree, which is then the caller's (NULL: there was none). */
int offers_replace_own(struct offers *offers, struct offer *tree, struct offer **former);
/* Takes a tree out for the caller to free; NULL where it is not in. Never the first one. */
struct offer *offers_take(struct offers *offers, uint64_t number);
const struct offer *offers_find(const struct offers *offers, uint64_t number);
/* Our own tree; NULL before there is one. */
const struct offer *offers_own(const struct offers *offers);
/* The tree with a device of this UDN, or NULL. */
const struct offer *offers_find_udn(const struct offers *offers, struct slice udn);

enum offer_event {
	OFFER_GONE,       /* the tree, which is not in the registry any more */
	OFFER_CAME,       /* the tree */
	OFFER_RENUMBERED, /* every offer has another epoch */
};
struct offer_change {
	enum offer_event event;
	const struct offer *offer; /* of GONE and CAME, valid during the call */
};

/* The path of our own description below http://ADDRESS:PORT. */
#define OFFER_PATH "/description.xml"

#endif

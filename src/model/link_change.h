/* SPDX-License-Identifier: ISC
 * link_change: the differences between two sets of links, one after the other. */
#ifndef MODEL_LINK_CHANGE_H
#define MODEL_LINK_CHANGE_H

#include "model/link.h"

enum link_event { LINK_GONE, LINK_CAME, LINK_ADDRESS_GONE, LINK_ADDRESS_CAME };
/* One difference; `link` points into the set that has it (the old one for GONE and ADDRESS_GONE);
 * `address` is NULL for GONE and CAME. A link that comes or goes is one event, without its
 * addresses; an address whose broadcast address or usability changed goes and comes. */
struct link_change {
	enum link_event event;
	const struct link *link;
	const struct link_address *address;
};
typedef void link_change_fn(void *context, const struct link_change *change);
/* Calls `fn` once per difference; everything that is gone before anything that came. */
void link_set_compare(
    const struct link_set *before, const struct link_set *after, link_change_fn *fn, void *context);

#endif

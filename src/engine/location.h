/* SPDX-License-Identifier: ISC
 * location: the LOCATION of a tree of ours, as it is said by one address of ours on one link. */
#ifndef ENGINE_LOCATION_H
#define ENGINE_LOCATION_H

#include "model/announcement.h"
#include "model/link.h"

/* True when who hears `source` on this link can get the description: the URL has the host "*", a
 * name, or a numeric address of the same family and scope that is ours on the link or on its
 * network. UDA 2.0, 1.2.2: LOCATION must be reachable from where it is heard. */
bool location_reaches(
    const struct announced_tree *tree, const struct link *link, const struct address *source);
/* Writes it with `source` in the place of "*"; without a zone (UDA 2.0, A.4). Errors are the
 * writer's. */
void location_write(
    const struct announced_tree *tree, const struct address *source, struct writer *w);

#endif

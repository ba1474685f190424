/* SPDX-License-Identifier: ISC
 * tree_description: the device description of a tree of ours, and the CONFIGID that follows it. */
#ifndef DISCOVERD_TREE_DESCRIPTION_H
#define DISCOVERD_TREE_DESCRIPTION_H

#include "model/announcement.h"

enum { TREE_DESCRIPTION_MAX = 64 * 1024 };
/* DESCRIPTION_DEVICES_MAX and DESCRIPTION_SERVICES_MAX in words. */
#define TREE_DESCRIPTION_LIMITS "16 devices or 64 services in its description"

/* Writes the description (UDA 2.0, 2.3), NUL-terminated and the caller's to free, and the CONFIGID
 * that stands in it, which is the same for the same content; the tree's own is not looked at.
 * `path` is where it will be served. 0, -ENOMEM, -E2BIG (over TREE_DESCRIPTION_LIMITS) or -ENOSPC.
 */
int tree_description_make(
    const struct announced_tree *tree, const char *path, char **text, uint32_t *config_id);
/* How many services stand in it. */
size_t tree_description_services(const struct announced_tree *tree);

#endif

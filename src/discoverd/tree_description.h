/* SPDX-License-Identifier: ISC
 * tree_description: the device description of a tree of ours, and the CONFIGID that follows it. */
#ifndef DISCOVERD_TREE_DESCRIPTION_H
#define DISCOVERD_TREE_DESCRIPTION_H

#include "model/announcement.h"

enum { TREE_DESCRIPTION_MAX = 64 * 1024 };

/* Writes the description (UDA 2.0, 2.3), NUL-terminated and the caller's to free, and sets the
 * tree's CONFIGID, which is the same for the same content. 0, -ENOMEM or -ENOSPC. */
int tree_description_make(struct announced_tree *tree, char **text);

#endif

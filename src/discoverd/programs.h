/* SPDX-License-Identifier: ISC
 * programs: which trees of the announcement programs have put there, and what is made up where they
 * left something out. */
#ifndef DISCOVERD_PROGRAMS_H
#define DISCOVERD_PROGRAMS_H

#include "discoverd/identity.h"

enum { PROGRAM_PATH_MAX = 48 };

struct program {
	const void *owner;           /* NULL: it stays without one */
	uint64_t number;             /* of its tree */
	char path[PROGRAM_PATH_MAX]; /* where we serve its description; "": it does itself */
};

/* All zero to begin with. */
struct programs {
	struct program *list;
	size_t count;
};

void programs_fini(struct programs *programs);
/* Copies it. 0 or -ENOMEM. */
int programs_add(struct programs *programs, const struct program *program);
/* Forgets one; the last takes its place. */
void programs_remove(struct programs *programs, size_t index);
/* Gives the devices of a tree the UDN, name, manufacturer and model that they lack: the root by
 * the host and by `own`, embedded ones by their root. The same each time. 0 or -ENOMEM. */
int programs_complete(struct announced_tree *tree, const struct identity *identity,
    const struct announced_device *own);
/* Where the description of this UDN is served: "/UUID.xml". */
void programs_path(const char *udn, char path[PROGRAM_PATH_MAX]);

#endif

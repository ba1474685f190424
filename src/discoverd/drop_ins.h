/* SPDX-License-Identifier: ISC
 * drop_ins: what other packages of this host announce by files in a directory. */
#ifndef DISCOVERD_DROP_INS_H
#define DISCOVERD_DROP_INS_H

#include "core/core.h"
#include "discoverd/identity.h"

/* What the files stand beside; all of it outlives them. */
struct drop_ins_host {
	const struct config *config;
	const struct core_identity *identity;
	const struct core *core; /* NULL: nothing is announced, for drop_ins_check */
	void *context;           /* of the two functions */
	/* Takes the offer over in any case and names it. 0 or a negative errno. */
	int (*announce)(void *context, struct offer *offer, uint64_t *number);
	void (*withdraw)(void *context, uint64_t number);
};

struct drop_ins;

/* For the directory services.d beside this configuration file; reads nothing yet. NULL when out of
 * memory. */
struct drop_ins *drop_ins_new(const char *config_file, const struct drop_ins_host *host);
void drop_ins_free(struct drop_ins *drop_ins);
const char *drop_ins_directory(const struct drop_ins *drop_ins);
/* Reads the directory. A file is in force as a whole or not at all: with a mistake, with a UDN that
 * is announced already, or where our description has no room for it, that is reported and what it
 * said before stays until it is right or gone. Files that have not changed since are passed over,
 * unless all are wanted; one that had no place beside the others is tried again each time. Returns
 * how many files have mistakes that were reported now, or -ENOMEM.
 */
int drop_ins_read(struct drop_ins *drop_ins, bool all, config_error_fn *error, void *error_context);
/* Adds what belongs to our own tree: services of its root device and embedded devices. 0, -ENOMEM,
 * or -EEXIST (two services of the root device with one id). */
int drop_ins_extend(const struct drop_ins *drop_ins, struct offer *own);
/* Withdraws and announces the trees of their own, as far as they have changed. */
void drop_ins_announce(struct drop_ins *drop_ins);
/* For --check-config: reads all files once. 0 or a negative errno: one is wrong. */
int drop_ins_check(
    const char *config_file, const struct config *config, config_error_fn *error, void *context);

#endif

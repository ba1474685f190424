/* SPDX-License-Identifier: ISC
 * identity: what identifies this host beyond the configuration: its UDN, BOOTID and the random
 * number of this start. */
#ifndef DISCOVERD_IDENTITY_H
#define DISCOVERD_IDENTITY_H

#include "core/core_identity.h"
#include "model/link.h"
#include "model/offers.h"

struct identity {
	char udn[UDN_TEXT_MAX];
	uint32_t boot_id;  /* the last one that was given out */
	uint32_t boot_end; /* as kept: the next start begins beyond it, whatever happens to us */
	const char *state_directory; /* borrowed */
	int state_error;             /* 0, or why nothing can be kept there, which was logged */
	struct kept_names names;     /* that services got after a conflict */
	char instance[INSTANCE_TEXT_MAX];
	char host_name[65];
	char model[65];   /* of the board or machine, as the firmware says */
	char server[128]; /* "OS/version UPnP/2.0 product/version" (UDA 2.0, 1.2.2) */
};

/* The uuid is the configured one (may be NULL), else the one kept in the state directory, else made
 * as version 5 from machine id and the permanent MAC of the first physical interface, and kept.
 * BOOTID is max(kept + 1, now), and a few beyond it are taken as given out if we should not come to
 * say what really was. A state directory (borrowed) that cannot be written costs a
 * warning. 0 or a negative errno, which is logged: no random numbers to be had; -EBUSY: another
 * daemon has the state directory. */
int identity_establish(struct identity *identity, const char *configured_uuid,
    const char *state_directory, const struct link_set *links);
/* The UDN of something else on this host, made as version 5 (RFC 4122, 4.3) from ours and a seed:
 * the same after each start, and another one on each host. */
void identity_derive_udn(const char *udn, struct slice seed, char out[UDN_TEXT_MAX]);
/* A greater BOOTID, for a tree that begins or for all when we are to be found elsewhere. */
uint32_t identity_next_boot_id(struct identity *identity);
/* Writes the last one given out, and the names; for the end, since it waits for the disk. */
void identity_keep(const struct identity *identity);
/* Random bytes of the kernel for keys and seeds. 0 or a negative errno. */
int identity_random(void *bytes, size_t len);

#endif

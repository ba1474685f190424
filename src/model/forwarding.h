/* SPDX-License-Identifier: ISC
 * forwarding: behind which port of a bridge a MAC address is, as the bridge has learned it. */
#ifndef MODEL_FORWARDING_H
#define MODEL_FORWARDING_H

#include "base/address.h"
#include "base/mac.h"
#include "model/fair_set.h"

enum { FORWARDING_MAX = 8192 };

/* By bridge, MAC and VLAN. When full, the oldest of the port with most of them is removed. */
struct forwarding {
	struct fair_set set;
};

struct forwarding_entry {
	uint32_t bridge, port; /* indices of links */
	struct mac mac;
	uint16_t vlan; /* 0: the bridge knows none */
};

/* 0 or -ENOMEM. */
int forwarding_init(struct forwarding *forwarding, const struct siphash_key *key, size_t max);
void forwarding_fini(struct forwarding *forwarding);
/* Takes it in, in place of what was known of this bridge, MAC and VLAN. Out of memory it is not. */
void forwarding_put(struct forwarding *forwarding, const struct forwarding_entry *entry);
/* On any port. */
void forwarding_remove(struct forwarding *forwarding, const struct forwarding_entry *entry);
/* Index of the port, 0 where it is not known. Without a VLAN (0) a MAC that the bridge knows in
 * VLANs alone is found where all of them are behind one port. */
uint32_t forwarding_port(
    const struct forwarding *forwarding, uint32_t bridge, const struct mac *mac, uint16_t vlan);
size_t forwarding_count(const struct forwarding *forwarding);
/* Around a reading of everything: what was not put between the two is removed. */
void forwarding_begin(struct forwarding *forwarding);
void forwarding_sweep(struct forwarding *forwarding);

#endif

/* SPDX-License-Identifier: ISC
 * leases: the host names that DHCP servers know, by MAC. */
#ifndef MODEL_LEASES_H
#define MODEL_LEASES_H

#include "base/hashmap.h"
#include "model/lease_file.h"

enum { LEASES_MAX = 4096 };

struct leases {
	struct hashmap names; /* of struct leased_name */
};

/* 0 or -ENOMEM. `key` as for hashmap_init(). */
int leases_init(struct leases *leases, const struct siphash_key *key);
void leases_fini(struct leases *leases);
void leases_empty(struct leases *leases);

/* Takes a lease of source number `source` at `now` (seconds since 1970). The last lease of a MAC
 * from one source counts, and that from the source with the lowest number; one that is over or has
 * no name takes back what this source said of the same address. 0, -ENOMEM, or -ENOSPC: there are
 * LEASES_MAX. */
int leases_put(struct leases *leases, unsigned source, const struct lease *lease, int64_t now);
/* The name of a MAC at `now`, until the next change; NULL where there is none. */
const char *leases_find(const struct leases *leases, const struct mac *mac, int64_t now);
size_t leases_count(const struct leases *leases);
/* When the first lease after `now` ends; INT64_MAX: none does. */
int64_t leases_next_end(const struct leases *leases, int64_t now);

#endif

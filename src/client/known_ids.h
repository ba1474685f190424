/* SPDX-License-Identifier: ISC
 * known_ids: the ids of devices that a watcher has reported, and which of them a snapshot lacks. */
#ifndef CLIENT_KNOWN_IDS_H
#define CLIENT_KNOWN_IDS_H

#include "base/hashmap.h"

#include <stdbool.h>
#include <sys/queue.h>

struct known_id;

struct known_ids {
	struct hashmap map;
	TAILQ_HEAD(, known_id) oldest_first; /* in the order in which they were added last */
	uint64_t round;                      /* of the snapshot that is read or was read last */
};

/* 0 or -ENOMEM. */
int known_ids_init(struct known_ids *ids, const struct siphash_key *key);
void known_ids_fini(struct known_ids *ids);
/* A snapshot begins: what was added before is missing until it is added again. */
void known_ids_begin(struct known_ids *ids);
/* 1: it is new; 0: it was known; -ENOMEM. */
int known_ids_add(struct known_ids *ids, const char *id);
/* False where it was not known. */
bool known_ids_remove(struct known_ids *ids, const char *id);
/* One that is missing since the last begin, borrowed until it is removed; NULL: none. */
const char *known_ids_missing(const struct known_ids *ids);

#endif

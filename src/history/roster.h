/* SPDX-License-Identifier: ISC
 * roster: the devices that are here now, by their id and by their key in the tables. */
#ifndef HISTORY_ROSTER_H
#define HISTORY_ROSTER_H

#include "base/hashmap.h"
#include "base/instant.h"
#include "history/facts.h"

#include <sys/queue.h>

/* Dates are seconds since 1970. */
struct resident {
	struct hashmap_node by_id, by_key;
	TAILQ_ENTRY(resident) entry;
	char *id;    /* as discoverd writes it */
	int64_t key; /* 0: not in the tables */
	struct facts facts;
	char *alias; /* NULL: none */
	int64_t first_seen;
	int64_t started;   /* of its presence */
	bool acknowledged; /* it is known to the user */
	bool confirmed;    /* discoverd has reported it, and not only an earlier run */
	/* Never seen before; what it is called is waited for before that is reported. */
	bool is_new;
	int64_t arrived;
	struct instant report_at;
};

struct roster {
	struct hashmap by_id, by_key;
	TAILQ_HEAD(, resident) list;
};

/* 0 or -ENOMEM. */
int roster_init(struct roster *roster, const struct siphash_key *key);
void roster_fini(struct roster *roster);
/* One with this id and key, which are not there yet. NULL: out of memory. */
struct resident *roster_add(struct roster *roster, const char *id, int64_t key);
void roster_remove(struct roster *roster, struct resident *resident);
struct resident *roster_find(const struct roster *roster, const char *id);
/* NULL for the key 0, which none has. */
struct resident *roster_find_key(const struct roster *roster, int64_t key);
/* 0, or -ENOMEM and nothing has changed. */
int roster_set_id(struct roster *roster, struct resident *resident, const char *id);
void roster_set_key(struct roster *roster, struct resident *resident, int64_t key);

#endif

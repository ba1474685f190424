/* SPDX-License-Identifier: ISC
 * table: everybody who was seen; a hash by identity, a heap by expiry, caps overall and per source. */
#ifndef MODEL_TABLE_H
#define MODEL_TABLE_H

#include "base/counter.h"
#include "base/rng.h"
#include "model/device.h"
#include "model/sighting.h"

struct table;

struct table_limits {
	size_t devices;            /* 4096 */
	size_t devices_per_source; /* 32; a source is a MAC where known, else an address on a link */
	int64_t lifetime_min, lifetime_max; /* microseconds: 30 s, 86400 s */
};
extern const struct table_limits TABLE_LIMITS_DEFAULT;

enum table_event { TABLE_ADDED, TABLE_UPDATED, TABLE_REFRESHED, TABLE_REMOVED };

/* Told of each change while it happens: `device` is valid during the call (for REMOVED for the last time), and the table must
 * not be changed from within. */
typedef void table_change_fn(void *context, enum table_event event, const struct device *device);

/* NULL when out of memory. The caller owns the table. */
struct table *table_new(const struct table_limits *limits, const struct siphash_key *key);
void table_free(struct table *table);
void table_set_watcher(struct table *table, table_change_fn *fn, void *context);
/* Takes effect for what comes; nobody is thrown out at once. */
void table_set_limits(struct table *table, const struct table_limits *limits);

/* Takes a sighting in. The change (none, one, or for a bye one per device of the tree) goes to the watcher. 0; -ENOMEM; -ENOSPC: refused
 * by a cap; -ENOENT: facts or a bye for somebody who is not here. *device (where not NULL) is the row it went to, or NULL. */
int table_observe(struct table *table, struct instant now, const struct sighting *sighting, const struct device **device);
/* Removes what has expired. */
void table_expire(struct table *table, struct instant now);
struct instant table_deadline(const struct table *table);
/* Forgets every presence on a link that is gone. */
void table_drop_link(struct table *table, struct instant now, uint32_t link);
/* What a fetch or a probe found; 0 or -ENOENT. */
int table_set_reachable(struct table *table, struct instant now, struct slice id, bool reachable);

size_t table_count(const struct table *table);
const struct device *table_find(const struct table *table, struct slice id);
struct counter_group table_counters(const struct table *table);

/* Walks the devices in the order they came, across any mutation: a device that is removed is passed over, one that comes is
 * met at the end. Embedded by its user, who must call table_cursor_close. */
struct table_cursor {
	struct table *table;
	const struct device *at; /* the next one to hand out */
	struct table_cursor *next;
};
void table_cursor_open(struct table_cursor *cursor, struct table *table);
const struct device *table_cursor_next(struct table_cursor *cursor);
void table_cursor_close(struct table_cursor *cursor);

#endif

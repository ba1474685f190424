/* SPDX-License-Identifier: ISC
 * table: everybody who was seen; hash by identity, heap by expiry, caps overall and per source. */
#ifndef MODEL_TABLE_H
#define MODEL_TABLE_H

#include "base/counter.h"
#include "model/device.h"
#include "model/sighting.h"

struct table;

/* Who may hold how much. A source is a MAC where known, else an address on a link; a device counts
 * for the one that made its row. A source at its cap gets no further row. When the table is full
 * the newcomer takes the place of the soonest to expire of the source that holds most rows that may
 * go, the newcomer's own source first when none holds more; a device that is known to answer
 * (reachable yes) is never pushed out, so a table full of those refuses newcomers. */
struct table_limits {
	size_t devices;                     /* 4096 */
	size_t devices_per_source;          /* 32 */
	int64_t lifetime_min, lifetime_max; /* microseconds: 30 s, 86400 s */
};
extern const struct table_limits TABLE_LIMITS_DEFAULT;

enum table_event { TABLE_ADDED, TABLE_UPDATED, TABLE_REFRESHED, TABLE_REMOVED };

/* Told of each change while it happens: `device` is valid during the call (for REMOVED for the last
 * time, with the presences it had), and the table must not be changed from within. */
typedef void table_change_fn(void *context, enum table_event event, const struct device *device);

/* Told that this presence is to be asked, by its own protocol and unicast, for a sign of life.
 * `insist` where a description was read from there: then nobody made it up, and it is worth asking
 * everybody for it when it is silent. The table must not be changed from within. */
typedef void table_question_fn(void *context, const struct device *device,
    const struct device_presence *presence, bool insist);

/* NULL when out of memory. The caller owns the table. */
struct table *table_new(const struct table_limits *limits, const struct siphash_key *key);
void table_free(struct table *table);
void table_set_watcher(struct table *table, table_change_fn *fn, void *context);
/* Without one nothing is ever doubted. */
void table_set_questioner(struct table *table, table_question_fn *fn, void *context);
/* Takes effect for what comes: nobody is thrown out before the next newcomer, who then needs room
 * within the new limits. */
void table_set_limits(struct table *table, const struct table_limits *limits);

/* Takes a sighting in. The change (none, one, or for a bye one per device of the tree) goes to the
 * watcher. 0; -ENOMEM; -ENOSPC: refused by a cap; -ENOENT: facts, an update or a bye for somebody
 * who is not here; -EPERM: a bye or an update from an address where the device was not seen, which
 * causes no doubt either. *device (where not NULL) is the row it went to and that is still there,
 * or NULL.
 *
 * A device speaks with one voice per protocol, link and family; per network in IPv4, per scope in
 * IPv6. Each voice says its own LOCATION and its own bye (UDA 2.0, Annex A). A bye counts where it
 * was said. At other addresses of the same voice it only causes a doubt: they are asked, and if no
 * sign of life comes within 3 s they are forgotten. Each is doubted once in 10 s after it answered,
 * all together 32 times at once and 8 times a second; beyond that nothing happens.
 *
 * A LOCATION stands while somebody vouches for it who was seen elsewhere (another address or link)
 * than the one who says another: a host on two links says two, and neither may flap. Within one
 * voice that is a conflict: it is counted, and those who vouch are doubted. When nobody vouches any
 * more, what others said takes over. */
int table_observe(struct table *table, struct instant now, const struct sighting *sighting,
    const struct device **device);
/* Removes what has expired: presences, services, and devices that have no presence left. */
void table_expire(struct table *table, struct instant now);
/* When something expires next; INSTANT_NEVER for an empty table. */
struct instant table_deadline(const struct table *table);
/* Forgets every presence on a link that is gone. */
void table_drop_link(struct table *table, uint32_t link);
/* What a fetch or a probe found: a sign of life that prolongs nothing. 0 or -ENOENT. */
int table_set_reachable(struct table *table, struct instant now, struct slice id, bool reachable);

/* Who has an address on a link; not known where nobody told. */
typedef struct mac table_mac_fn(void *context, uint32_t link, const struct address *address);
/* To be called when `find_mac` has news: looks every presence up, and tells of each device that
 * somebody is known of now who was not, or another one. */
void table_learn_macs(struct table *table, table_mac_fn *find_mac, void *context);

size_t table_count(const struct table *table);
/* By id, regardless of the case of letters; NULL where there is none. */
const struct device *table_find(const struct table *table, struct slice id);
/* "removed" counts every TABLE_REMOVED; "expired" and "evicted" say why for some of them. */
struct counter_group table_counters(const struct table *table);

/* Walks the devices in the order they came, across any mutation: a device that is removed is passed
 * over, one that comes is met at the end. Embedded by its user, who closes it. */
struct table_cursor {
	struct table *table;
	const struct device *at; /* the next one to hand out */
	struct table_cursor *next;
};
void table_cursor_open(struct table_cursor *cursor, struct table *table);
const struct device *table_cursor_next(struct table_cursor *cursor);
void table_cursor_close(struct table_cursor *cursor);

#endif

/* SPDX-License-Identifier: ISC
 * table_internal: what the files of the table share among themselves and with nobody else. */
#ifndef MODEL_TABLE_INTERNAL_H
#define MODEL_TABLE_INTERNAL_H

#include "model/table.h"

/* The first four are told to the watcher, in the order of enum table_event. */
enum table_counter {
	COUNT_ADDED,
	COUNT_UPDATED,
	COUNT_REFRESHED,
	COUNT_REMOVED,
	COUNT_EXPIRED,
	COUNT_EVICTED,
	COUNT_REFUSED_FULL,
	COUNT_REFUSED_SOURCE,
	COUNT_SERVICES_REFUSED,
	COUNT_REBOOTS,
	COUNT_BYES,
	COUNT_BYES_REFUSED,
	COUNT_LOCATION_CONFLICTS,
	COUNT_DOUBTS,
	COUNT_DOUBTS_CONFIRMED,
	COUNT_DOUBTS_LIMITED,
	COUNT_OUT_OF_MEMORY,
	COUNT_OURS_ELSEWHERE,
	TABLE_COUNTERS
};

struct table {
	struct table_limits limits;
	struct hashmap by_id;
	struct hashmap by_source;
	struct heap by_expiry; /* devices, by what expires next in them */
	struct heap by_rank;   /* sources, the one that has to give first on top */
	struct device *first, *last;
	struct table_cursor *cursors;
	table_change_fn *watcher;
	void *watcher_context;
	table_question_fn *questioner;
	void *questioner_context;
	struct instant now;            /* the latest that it was told */
	struct instant questions_full; /* when the bucket of the questions is full again */
	struct counter counters[TABLE_COUNTERS];
};

/* table_source.c: sources, their quotas, and who has to go. */

/* Whoever makes rows. Lives while it has a device; owned by the table. */
struct table_source {
	struct hashmap_node by_key; /* its hash is the key */
	struct heap_node by_rank;
	uint32_t count;
	uint32_t unverified;    /* those that are not known to answer, and so may be pushed out */
	struct instant soonest; /* none of the unverified expires before this; may lag behind */
	struct device *devices;
};

/* A source is known by the keyed hash of its MAC, or of its address and link. */
uint64_t table_source_key(const struct table *table, const struct sighting *sighting);
/* How many devices the sender has: those that count for its MAC, and those that still count for its
 * address because they came before the MAC was known. */
size_t table_source_held_by(const struct table *table, const struct sighting *sighting);
/* 0 or -ENOMEM: puts a device that has no source under this one. */
int table_source_join(struct table *table, struct device *device, uint64_t key);
/* Forgets the source with its last device. */
void table_source_leave(struct table *table, struct device *device);
/* Moves a device that was known by address alone to the MAC that now turns out to be there. */
void table_source_learn_mac(
    struct table *table, struct device *device, const struct device_presence *presence);
/* To be called after a device's presences changed. */
void table_source_note_expiry(struct table *table, struct device *device);
/* True when it was otherwise. */
bool table_source_set_reachable(
    struct table *table, struct device *device, enum device_reachable reachable);
/* Who makes room for a newcomer of this source; NULL: nobody. */
struct device *table_source_victim(struct table *table, uint64_t newcomer);

/* table_presence.c: what expires in a row: its presences and services. */

struct device_presence *table_presence_find(const struct device *device, const char *protocol,
    const struct address *address, uint32_t link);
/* True when that is news. */
bool table_presence_learn_mac(struct device_presence *presence, const struct mac *mac);
/* Adds one; when there are too many the soonest to expire gives way, but not one that vouches for
 * the LOCATION `kept` (a hash). NULL when out of memory. */
struct device_presence *table_presence_add(
    struct device *device, const struct device_presence *presence, uint64_t kept);
/* Drops the presences that `test` picks, and the services of protocols that are gone with them.
 * Where that would be all of them they stay: whoever is told that the device is gone can see where
 * it was. */
enum table_drop { TABLE_DROP_NONE, TABLE_DROP_SOME, TABLE_DROP_ALL };
typedef bool table_presence_test_fn(
    const struct device_presence *presence, const struct device_presence *like);
enum table_drop table_presence_drop(
    struct device *device, table_presence_test_fn *test, const struct device_presence *like);
/* Adds or refreshes the service of a sighting. True when something visible changed. */
bool table_service_vouch(struct table *table, struct device *device,
    const struct sighting *sighting, struct instant expires);
/* Drops services that are due; true when there were any. */
bool table_service_expire(struct device *device, struct instant now);
void table_service_clear(struct device *device);
/* When the next presence or service expires. */
struct instant table_presence_deadline(const struct device *device);

/* table_doubt.c: questions to those who are said to be gone. */

/* Doubts every presence of the same voice as `like`, at another address and, unless 0, with this
 * location. True when one of them is in doubt now; the device has to be settled then. */
bool table_doubt(struct table *table, struct device *device, const struct device_presence *like,
    uint64_t location);
/* True when both are of one voice (see table_observe) and at different addresses. */
bool table_doubt_is_rival(
    const struct device_presence *presence, const struct device_presence *like);
/* True while another place of the same voice that was known earlier vouches for the LOCATION in
 * force: what this one says of BOOTID, type and services is not believed. */
bool table_doubt_is_contested(
    const struct table *table, const struct device *device, const struct device_presence *place);
/* A sign of life came from there. */
void table_doubt_settle(struct table *table, struct device_presence *presence);
/* Has somebody asked who is not being asked already, if the bucket allows. */
void table_doubt_ask(
    struct table *table, const struct device *device, const struct device_presence *presence);

/* table_merge.c: what a sighting changes in the facts of a row. Each is true when something visible
 * changed. */

/* BOOTID and CONFIGID. A reboot drops the services; what the description told stays until it is
 * read again. */
bool table_merge_numbers(
    struct table *table, struct device *device, const struct sighting *sighting);
/* The LOCATION said by this presence of the device. */
bool table_merge_location(struct table *table, struct device *device,
    struct device_presence *presence, const struct sighting *sighting);
/* Name, type, server, or all that a description tells. */
bool table_merge_facts(struct table *table, struct device *device, const struct sighting *sighting);
/* After presences went: nobody may vouch any more for the LOCATION in force. */
void table_merge_fall_back(struct table *table, struct device *device);
/* Hash of the LOCATION in force; 0 where there is none. */
uint64_t table_merge_standing_location(const struct table *table, const struct device *device);

/* table.c: rows. */

/* The id of a row that is to be, and the hash that finds it. */
struct table_identity {
	char text[DEVICE_ID_MAX];
	struct slice id; /* points into text */
	uint64_t hash;
};

/* The row of the "uuid:…" in a sighting, or of where it came from; where there is none, NULL and
 * `identity` is set. */
struct device *table_identify(
    const struct table *table, const struct sighting *sighting, struct table_identity *identity);
/* A row with its first presence, linked in everywhere and told to nobody yet; NULL when out of
 * memory. */
struct device *table_add_row(struct table *table, const struct table_identity *identity,
    uint64_t source, const struct device_presence *presence);
void table_remove_row(struct table *table, struct device *device);
/* To be called after a row's presences or services changed: files it under what expires next. */
void table_settle(struct table *table, struct device *device);
/* After something went: tells of the update, or removes the row (false) that has nothing left. */
bool table_settle_or_remove(struct table *table, struct device *device, enum table_drop dropped);
void table_tell(struct table *table, enum table_event event, const struct device *device);

static inline void table_counted(struct table *table, enum table_counter counter)
{
	table->counters[counter].value++;
}

#endif

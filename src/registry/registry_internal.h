/* SPDX-License-Identifier: ISC
 * registry_internal: what the files of the registry share, and nothing else includes. */
#ifndef REGISTRY_REGISTRY_INTERNAL_H
#define REGISTRY_REGISTRY_INTERNAL_H

#include "registry/registry_cursor.h"
#include "registry/string_pool.h"

enum registry_counter {
	COUNT_ADDED,
	COUNT_UPDATED,
	COUNT_REMOVED,
	COUNT_ENDPOINTS_ADDED,
	COUNT_ENDPOINTS_REMOVED,
	COUNT_REFRESHED,
	COUNT_EXPIRED,
	COUNT_EVICTED,
	COUNT_REFUSED_FULL,
	COUNT_REFUSED_SOURCE,
	COUNT_REFUSED_MEMORY,
	COUNT_SERVICES_REFUSED,
	COUNT_RESTARTS,
	COUNT_BYES,
	COUNT_BYES_REFUSED,
	COUNT_JOINED,
	COUNT_SPLIT,
	COUNT_DUPLICATE_KEYS,
	COUNT_QUESTIONS,
	COUNT_QUESTIONS_CONFIRMED,
	COUNT_QUESTIONS_LIMITED,
	COUNT_OUT_OF_MEMORY,
	COUNT_OURS_ELSEWHERE,
	REGISTRY_COUNTERS
};

struct registry {
	struct registry_limits limits;
	struct registry_listener listener;
	struct string_pool strings;
	struct hashmap by_id, by_key, by_number, by_address, by_source;
	struct heap by_expiry; /* endpoints, by what expires next in them */
	struct heap by_report; /* devices, by when their next event is due */
	struct heap by_rank;   /* sources, the one that has to give way first on top */
	TAILQ_HEAD(, device) devices;
	struct endpoint_list unverified; /* the oldest first */
	struct registry_cursor *cursors;
	size_t endpoint_count, device_count, memory;
	uint64_t last_number;
	struct instant now;            /* the latest that it was told */
	struct instant questions_full; /* when the bucket of the questions is full again */
	struct counter counters[REGISTRY_COUNTERS];
};

static inline void registry_counted(struct registry *registry, enum registry_counter counter)
{
	registry->counters[counter].value++;
}

/* registry_source.c: sources, their quotas, and what has to go. */

/* Lives while it has an endpoint; owned by the registry. */
struct registry_source {
	struct hashmap_node by_key; /* its hash is the key */
	struct heap_node by_rank;
	struct endpoint_list endpoints; /* the oldest first */
	uint32_t count, unverified;
	uint32_t charge; /* bytes */
};

/* Makes room for `charge` more bytes of this endpoint, or for a newcomer from where the sighting
 * came. 0, or -ENOSPC. Never removes `except`. */
int registry_source_admit(
    struct registry *registry, const struct sighting *sighting, size_t charge);
int registry_source_make_room(struct registry *registry, struct endpoint *except, size_t charge);
/* True while its own or the whole registry's unverified endpoints take more than half of their cap.
 */
bool registry_source_is_crowded(const struct registry *registry, const struct endpoint *endpoint);
/* 0 or -ENOMEM: puts an endpoint that has no source under the one of this place. */
int registry_source_join(struct registry *registry, struct endpoint *endpoint,
    const struct mac *mac, const struct address *address);
/* Forgets the source with its last endpoint. */
void registry_source_leave(struct registry *registry, struct endpoint *endpoint);
/* The MAC of the address that the endpoint counts for is known by now. */
void registry_source_learn_mac(
    struct registry *registry, struct endpoint *endpoint, const struct mac *mac);
void registry_source_verify(struct registry *registry, struct endpoint *endpoint);
void registry_source_charge(struct registry *registry, struct endpoint *endpoint, int64_t bytes);
/* The source of a MAC; NULL where there is none. */
struct registry_source *registry_source_of_mac(
    const struct registry *registry, const struct mac *mac);
void registry_source_free(struct hashmap_node *node);

/* registry_endpoint.c: what an endpoint consists of. */

/* The one that a sighting is about, or NULL. */
struct endpoint *registry_endpoint_identify(
    const struct registry *registry, const struct sighting *sighting, uint64_t *hash);
uint64_t registry_endpoint_hash_key(const struct registry *registry, const struct key *key,
    const struct address *from, uint32_t link);
/* Under which presences at this address are found, on any link. */
uint64_t registry_hash_address(const struct registry *registry, const struct address *address);
/* With its first presence and a source, in no device yet. NULL when out of memory. */
struct endpoint *registry_endpoint_add(struct registry *registry, const struct sighting *sighting,
    uint64_t hash, struct instant expires);
/* Takes it out of everything but its device. */
void registry_endpoint_free(struct registry *registry, struct endpoint *endpoint);
/* NULL when out of memory. When there are too many the soonest to expire gives way. */
struct presence *registry_presence_add(
    struct registry *registry, struct endpoint *endpoint, const struct sighting *sighting);
void registry_presence_remove(
    struct registry *registry, struct endpoint *endpoint, struct presence *presence);
/* What was said there: group and URL. */
void registry_presence_says(
    struct registry *registry, struct presence *presence, const struct sighting *sighting);
/* Gives a string of the pool another value; true when it is another one. What does not fit stays as
 * it was. */
bool registry_set_string(struct registry *registry, struct endpoint *endpoint, const char **place,
    struct slice value, size_t capacity);
/* True when something changed. */
bool registry_facts_take(
    struct registry *registry, struct endpoint *endpoint, const struct sighting *sighting);
bool registry_services_take(struct registry *registry, struct endpoint *endpoint,
    const struct sighting *sighting, struct instant expires);
bool registry_services_leave(
    struct registry *registry, struct endpoint *endpoint, const struct sighting *sighting);
bool registry_services_expire(
    struct registry *registry, struct endpoint *endpoint, struct instant now);
void registry_services_clear(struct registry *registry, struct endpoint *endpoint);
/* Moves the presences, and the facts and services that it lacks, of `other`, which is left empty.
 */
void registry_endpoint_absorb(
    struct registry *registry, struct endpoint *endpoint, struct endpoint *other);
/* To be called after presences or services changed. */
void registry_endpoint_settle(struct registry *registry, struct endpoint *endpoint);

/* registry_url.c: which of the descriptions that are announced counts. */

/* The URL said by this presence. */
void registry_url_take(struct registry *registry, struct endpoint *endpoint,
    struct presence *presence, const struct sighting *sighting);
/* The one that counts does not answer. True when another one counts now. */
bool registry_url_failed(struct registry *registry, struct endpoint *endpoint);
/* A presence went: the one that counts may have been said there alone. */
void registry_url_fall_back(struct registry *registry, struct endpoint *endpoint);

/* registry_ties.c: which endpoints are one device. */

/* Finds or makes the device of an endpoint that has none, and has its report held for as long as
 * it takes to tell. 0 or -ENOMEM. */
int registry_ties_place(struct registry *registry, struct endpoint *endpoint, int64_t hold);
/* Something that ties are based on has changed in it: joins and splits devices. */
void registry_ties_update(struct registry *registry, struct endpoint *endpoint);
/* Another address of a known endpoint: its former ones are asked whether they still hold. */
void registry_ties_address_came(struct registry *registry, const struct presence *presence);
/* A presence has answered: what was taken to be at its place, or its successor, is told apart. */
void registry_ties_answered(struct registry *registry, struct presence *presence);
/* The kernel says who is at this presence. True when the endpoint is gone. */
bool registry_ties_learn_mac(
    struct registry *registry, struct presence *presence, const struct mac *mac, bool confirmed);
/* The device is left without an endpoint: what was held to be at its new address becomes it. True
 * when it lives on. */
bool registry_ties_succeed(struct registry *registry, struct device *device);

/* registry_claims.c: which endpoints with one key are one machine. */

/* Gives a new endpoint a claim on its key. True when that is to be told apart from another one,
 * which is being asked. */
bool registry_claims_enter(struct registry *registry, struct endpoint *endpoint);
/* After a message: claims that are proven to be two machines, or one. True when its claim, or that
 * of another endpoint, changed: all with its key are to be tied again. */
bool registry_claims_check(struct registry *registry, struct endpoint *endpoint);
/* True when several reported devices claim a key of this one. */
bool registry_claims_conflict(const struct registry *registry, const struct device *device);
/* The next endpoint with the same key, after `after` (NULL: the first); NULL at the end. */
struct endpoint *registry_claims_next(
    const struct registry *registry, const struct endpoint *endpoint, const struct endpoint *after);

/* registry_reconfirm.c: questions to what is said to be gone (RFC 6762, 10.4). */

/* Has it asked; it expires after `answer_time` unless it answers. True when it is being asked. */
bool registry_reconfirm(struct registry *registry, struct presence *presence, int64_t answer_time);
/* The same key was said at another address by the same protocol, in the same network: who is known
 * there is asked. True when an endpoint is being asked. */
bool registry_reconfirm_rivals(
    struct registry *registry, const struct sighting *sighting, uint64_t hash);
/* A message came from there. */
void registry_reconfirm_answered(struct registry *registry, struct presence *presence);

/* registry_report.c: what watchers are told, and when. */

void registry_report_new(struct registry *registry, struct device *device, int64_t hold);
/* It is time to report it, if that has not been done. */
void registry_report_now(struct registry *registry, struct device *device);
void registry_report_change(struct registry *registry, struct device *device);
void registry_report_removed(
    struct registry *registry, const struct device *device, const char *merged_into);
void registry_report_due(struct registry *registry);

/* registry.c: devices. */

/* A device of this endpoint alone, linked in everywhere; NULL when out of memory. */
struct device *registry_device_new(struct registry *registry, struct endpoint *endpoint);
/* Moves an endpoint there from where it is, if it is anywhere. */
void registry_device_take(
    struct registry *registry, struct device *device, struct endpoint *endpoint);
/* Frees a device that has no endpoint any more. */
void registry_device_free(struct registry *registry, struct device *device);
/* Another id, from the best key known now; only before it is reported. */
void registry_device_name_again(struct registry *registry, struct device *device);
/* The numbers of all endpoints, for the caller to free: for walks that remove and join. NULL and no
 * count when out of memory. */
uint64_t *registry_numbers(struct registry *registry, size_t *count);
/* Removes an endpoint, and its device with the last one. */
void registry_remove(struct registry *registry, struct endpoint *endpoint);
/* The endpoint is not there any more: removes the presence, and the endpoint with its last one
 * (then true). */
bool registry_leave(
    struct registry *registry, struct endpoint *endpoint, struct presence *presence);

#endif

/* SPDX-License-Identifier: ISC
 * table_internal: what the files of the table share, and nothing else includes.
 *
 * In this order, from the lowest: each file calls those before it only.
 *
 *   source     how much each source holds, and which endpoint is evicted
 *   repeats    messages that say what an endpoint has
 *   string     strings of endpoints
 *   presence   addresses of endpoints
 *   service    what endpoints offer
 *   url        which description counts
 *   endpoint   what an endpoint consists of
 *   device     devices and their ids
 *   former     ids of devices of a former start
 *   report     when changes are reported
 *   reconfirm  questions to what is said to be gone
 *   claims     which endpoints with one key are one machine
 *   moves      devices that may have another address
 *   ties       which endpoints are one device: joins and splits
 *   leave      removes endpoints and addresses
 *   address    which machine is at an address
 *   observe    what a sighting does
 *   refresh    what a message does that is heard again
 *   restore    what is known from a former start
 *   table.c    what time, links and callers do
 *
 * What a lower file finds to be done by a higher one is noted in struct table: `evicted`, which
 * table_evict removes, and `retied`, which table_ties_settle ties again. table_settle does both,
 * and reports what is due; each call that changes the table ends with it. */
#ifndef MODEL_TABLE_INTERNAL_H
#define MODEL_TABLE_INTERNAL_H

#include "base/mac.h"
#include "base/string_pool.h"
#include "model/table.h"

enum table_counter {
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
	COUNT_RESTORED,
	COUNT_CONFIRMED,
	TABLE_COUNTERS
};

struct table_cursor;

/* So many endpoints expire in one call of table_advance, and so many devices are reported until the
 * next one. What is left is due at once, and other work comes in between. */
enum { TABLE_PORTION = 128 };
enum { TABLE_DEPARTURES = 1024 };

struct table {
	struct table_limits limits;
	struct table_listener listener;
	struct string_pool strings;
	struct hashmap by_id, by_key, by_number, by_address, by_source;
	struct hashmap alone;  /* endpoints whose source has no other one, by its key */
	struct heap by_expiry; /* endpoints, by when they are to be looked at */
	struct heap by_report; /* devices, by when their next event is due */
	unsigned reports_left; /* of the portion */
	struct {
		uint64_t mac, key;
	} hashed;            /* the last MAC of which table_source.c has made a key */
	struct heap by_rank; /* sources, the one that has to give way first on top */
	TAILQ_HEAD(, device) devices;
	struct endpoint_list unverified[2]; /* by whether their source is a MAC, the oldest first */
	struct table_cursor *cursors;
	STAILQ_HEAD(, endpoint) evicted; /* to be removed by table_evict, in this order */
	struct endpoint **reached;       /* by a walk of table_ties.c; NULL: there is none */
	size_t reached_count;
	struct mac *retied; /* whose IPv6 addresses are to be tied again */
	size_t retied_count, retied_max;
	uint32_t round; /* of what is tied again */
	/* Whether several hosts answer with a MAC, during one walk of table_ties.c. */
	struct {
		struct mac mac;
		bool is_shared;
	} shared;
	size_t shown_count; /* devices that were reported as more than a neighbour */
	size_t endpoint_count, device_count, memory;
	uint64_t last_number;
	struct instant now;          /* as of the call that is going on */
	struct hashmap former;       /* see table_former.c */
	struct instant former_until; /* INSTANT_NEVER: there are none */
	/* When the buckets of the questions, and of those to what has left, are full again. */
	struct instant questions_full, departures_full;
	/* TABLE_DEPARTURES of them, from the first on that is asked; by hash, in one of the few
	 * slots from there on. */
	struct table_departure {
		uint64_t place;               /* hash of key, link and address */
		struct instant asked;         /* last, because of a goodbye from there */
		struct instant doubted_until; /* it answered after one */
		struct sighting_number epoch; /* when it said so */
		struct instant excused_until; /* it has started anew after one */
		bool verified;                /* before one */
		bool answered;                /* since it was asked */
	} * departures;
	struct counter counters[TABLE_COUNTERS];
};

static inline void table_counted(struct table *table, enum table_counter counter)
{
	table->counters[counter].value++;
}

/* The kernel has confirmed it since the first message from there. */
static inline bool presence_has_sure_mac(const struct presence *presence)
{
	return presence->mac.known && !presence->unsure;
}

static inline bool presence_is_ipv4(const struct presence *presence)
{
	return presence->address.family == ADDRESS_IPV4;
}

static inline bool presence_same_place(const struct presence *a, const struct presence *b)
{
	return a->endpoint->link == b->endpoint->link && address_equal(&a->address, &b->address);
}

/* Bytes that count for an endpoint beside what it says: most have a device of their own, with a
 * UUID, places in hash tables and heaps, and what malloc adds. */
enum { TABLE_ENDPOINT_BYTES = sizeof(struct endpoint) + sizeof(struct device) + 96 };

/* Bytes that count for the text of its key: an id is made of one that is no UUID, too. */
static inline size_t table_key_bytes(const struct key *key)
{
	return key->kind == KEY_UUID ? key->text.len : 2 * key->text.len;
}

/* table_source.c: how much each source holds, and which endpoint is evicted. */

/* Made for the second endpoint from there, lives while it has one; owned by the table. */
struct table_source {
	struct hashmap_node by_key; /* its hash is the key */
	struct heap_node by_rank;
	struct endpoint_list endpoints; /* the oldest first */
	uint32_t count, unverified;
	uint32_t charge; /* bytes */
	bool by_mac;
};

/* Whether a newcomer of `charge` bytes from where the sighting came may enter, `hash` being that of
 * its key. 0 or -ENOSPC. Where *victim is not NULL then, it has to be removed first, and this to be
 * asked again. */
int table_source_admit(struct table *table, const struct sighting *sighting, uint64_t hash,
    size_t charge, struct endpoint **victim);
/* Whether this endpoint may take `charge` more bytes: 0 or -ENOSPC. What has to go for that is
 * put into `evicted`. */
int table_source_make_room(struct table *table, struct endpoint *endpoint, size_t charge);
/* True while its own or the whole table's unverified endpoints take more than half of their cap.
 */
bool table_source_is_crowded(const struct table *table, const struct endpoint *endpoint);
/* 0 or -ENOMEM: puts an endpoint that has no source under the one of this place. */
int table_source_join(struct table *table, struct endpoint *endpoint, const struct mac *mac,
    const struct address *address);
/* Forgets the source with its last endpoint. */
void table_source_leave(struct table *table, struct endpoint *endpoint);
/* The MAC of the address that the endpoint counts for is known by now. */
void table_source_learn_mac(struct table *table, struct endpoint *endpoint, const struct mac *mac);
void table_source_verify(struct table *table, struct endpoint *endpoint);
void table_source_charge(struct table *table, struct endpoint *endpoint, int64_t bytes);
/* What the source of this endpoint holds. */
struct table_holding {
	size_t unverified, charge;
};
struct table_holding table_source_holding(const struct endpoint *endpoint);
/* Walks the endpoints of the source of a MAC, the oldest first; NULL at the end. */
struct endpoint *table_source_first(struct table *table, const struct mac *mac);
static inline struct endpoint *table_source_next(const struct endpoint *endpoint)
{
	return endpoint->source ? TAILQ_NEXT(endpoint, of_source) : NULL;
}

/* table_repeats.c: messages that say what an endpoint has, see table_refresh.h. */

/* One that was heard from a presence. */
struct repeat {
	uint64_t message;
	uint32_t lifetime; /* seconds */
	uint8_t service;   /* its place in the endpoint, or REPEAT_NO_SERVICE */
	uint8_t kind;
	bool asked;   /* SIGHTING_ASKED; else SIGHTING_ALIVE */
	bool has_url; /* says the URL of its presence */
};
enum { REPEAT_NO_SERVICE = UINT8_MAX };

/* Bytes that are charged for those of a presence. */
size_t table_repeats_size(const struct presence *presence);
/* NULL where it is not known. */
const struct repeat *table_repeats_find(const struct presence *presence, uint64_t message);
/* Where there is no room it is left out. */
void table_repeats_put(struct table *table, struct presence *presence, const struct repeat *repeat);
/* To be called for each change of what messages say: those of the endpoint are not known any more.
 */
void table_repeats_forget(struct table *table, struct endpoint *endpoint);

/* table_string.c: the strings of endpoints. */

/* Gives a string of the pool another value; true when it is another one. What does not fit stays as
 * it was. */
bool table_set_string(struct table *table, struct endpoint *endpoint, const char **place,
    struct slice value, size_t capacity);
/* Likewise by one that is of the pool already. */
bool table_share_string(
    struct table *table, struct endpoint *endpoint, const char **place, const char *string);
/* Leaves NULL there. */
void table_drop_string(struct table *table, struct endpoint *endpoint, const char **place);

/* A fact of the endpoint: likewise. */
bool table_set_fact(
    struct table *table, struct endpoint *endpoint, enum endpoint_fact fact, struct slice value);
void table_drop_fact(struct table *table, struct endpoint *endpoint, enum endpoint_fact fact);

/* table_presence.c: the addresses of endpoints. */

/* NULL when out of memory. When there are too many the soonest to expire gives way. */
struct presence *table_presence_add(
    struct table *table, struct endpoint *endpoint, const struct sighting *sighting);
void table_presence_remove(
    struct table *table, struct endpoint *endpoint, struct presence *presence);
/* It is there until then, as a message of this kind says. */
void table_presence_renew(const struct table *table, struct presence *presence,
    enum sighting_event event, struct instant promised);
/* When it is to be asked, TABLE_LAST_ANSWER_TIME before its lifetime ends, because it has answered
 * before. The kernel's neighbours are not ours to ask. */
struct instant table_presence_last_call(const struct presence *presence);
#define TABLE_LAST_ANSWER_TIME SECONDS(10)
/* Those at this address, on any link: NULL at the end. A few are at another one. */
struct presence *table_presence_first(const struct table *table, const struct address *address);
struct presence *table_presence_next(const struct presence *presence);
/* Leaves no more than `max`: the soonest to expire give way. */
void table_presences_trim(struct table *table, struct endpoint *endpoint, size_t max);
/* Moves those of `other` to the endpoint, which has room for them. */
void table_presences_absorb(struct table *table, struct endpoint *endpoint, struct endpoint *other);
/* At this address on this link, that of the endpoint with the smallest number above `after`; NULL
 * at the end. So walks what changes meanwhile. */
struct presence *table_presence_next_at(
    const struct table *table, uint32_t link, const struct address *address, uint64_t after);
/* The URL that was said there. */
void table_presence_says(
    struct table *table, struct presence *presence, const struct sighting *sighting);
/* The ties by its MAC have changed, which takes effect with table_ties_settle. */
void table_presence_retie(struct table *table, const struct presence *presence);
/* Likewise where it is IPv4: it came, goes, or has moved to another device, so how many hosts
 * answer with its MAC may have changed. */
void table_presence_touch(struct table *table, const struct presence *presence);

/* table_service.c: what endpoints offer. True when something changed. */

bool table_services_take(struct table *table, struct endpoint *endpoint,
    const struct sighting *sighting, struct instant expires);
/* A known one was announced. */
void table_service_renew(struct service *service, struct instant expires);
bool table_services_leave(
    struct table *table, struct endpoint *endpoint, const struct sighting *sighting);
bool table_services_expire(struct table *table, struct endpoint *endpoint, struct instant now);
void table_services_clear(struct table *table, struct endpoint *endpoint);
/* Takes in those of `other`, which goes. */
void table_services_absorb(
    struct table *table, struct endpoint *endpoint, const struct endpoint *other);

/* table_url.c: which of the descriptions that are announced counts. */

/* The URL said by this presence. */
void table_url_take(struct table *table, struct endpoint *endpoint, struct presence *presence,
    const struct sighting *sighting);
/* The one that counts does not answer. True when another one counts now. */
bool table_url_failed(struct table *table, struct endpoint *endpoint);
/* A presence went: the one that counts may have been said there alone. */
void table_url_fall_back(struct table *table, struct endpoint *endpoint);

/* table_endpoint.c: what an endpoint consists of. */

/* The one that a sighting is about, or NULL. */
struct endpoint *table_endpoint_identify(
    const struct table *table, const struct sighting *sighting, uint64_t *hash);
/* By number; NULL where there is none. */
struct endpoint *table_endpoint_find(const struct table *table, uint64_t number);
/* The next endpoint with the same key, after `after` (NULL: the first); NULL at the end. */
struct endpoint *table_endpoint_next_of_key(
    const struct table *table, const struct endpoint *endpoint, const struct endpoint *after);
uint64_t table_endpoint_hash_key(
    const struct table *table, const struct key *key, const struct address *from, uint32_t link);
/* With its first presence and a source, in no device yet. NULL when out of memory. */
struct endpoint *table_endpoint_add(
    struct table *table, const struct sighting *sighting, uint64_t hash, struct instant expires);
/* Takes it out of everything but its device. */
void table_endpoint_free(struct table *table, struct endpoint *endpoint);
/* True when something changed. */
bool table_facts_take(
    struct table *table, struct endpoint *endpoint, const struct sighting *sighting);
/* True when that would change nothing, now or later. */
bool table_facts_known(const struct endpoint *endpoint, const struct sighting *sighting);
/* Keeps a copy of the page, as far as there is room for it. */
void table_page_take(
    struct table *table, struct endpoint *endpoint, const struct sighting *sighting);
/* Moves the presences, and the facts and services that it lacks, of `other`, which is left empty.
 */
void table_endpoint_absorb(struct table *table, struct endpoint *endpoint, struct endpoint *other);
/* It has answered: what it said of its lifetime holds, also in a crowd. */
void table_endpoint_verify(struct table *table, struct endpoint *endpoint);
/* To be called after presences or services changed. Where they expire later than before, which each
 * message says, it is looked at when they would have: in a large heap a move costs more. */
void table_endpoint_settle(struct table *table, struct endpoint *endpoint);
/* What has expired in it has gone: it is looked at again when the next does. */
void table_endpoint_looked_at(struct table *table, struct endpoint *endpoint);

/* table_device.c: devices and their ids. */

/* By id; NULL where there is none. */
struct device *table_device_find(const struct table *table, struct slice id);
/* A device of this endpoint alone, linked in everywhere; NULL when out of memory. */
struct device *table_device_new(struct table *table, struct endpoint *endpoint);
/* Moves an endpoint there from where it is, if it is anywhere. */
void table_device_take(struct table *table, struct device *device, struct endpoint *endpoint);
/* The ties by its MACs have changed: it is held from now on, or no more. */
void table_device_retie(struct table *table, const struct device *device);
/* Frees a device that has no endpoint any more. */
void table_device_free(struct table *table, struct device *device);
/* This id, where no other device has it. 0, -EEXIST or -ENOMEM. */
int table_device_set_id(struct table *table, struct device *device, struct slice id);
/* Another id, from the best key known now; only before it is reported. */
void table_device_name_again(struct table *table, struct device *device);
/* The numbers of all endpoints, for the caller to free: for walks that remove and join. NULL and no
 * count when out of memory. */
uint64_t *table_numbers(struct table *table, size_t *count);

/* table_former.c: ids of a former start whose addresses are gone, for 5 min. */

/* 0, -ENOSPC or -ENOMEM. A key that may be that of several devices is not kept. */
int table_former_keep(struct table *table, const struct device *device, const struct key *key);
/* A device of this endpoint alone is new: it has the id that was kept for its key, if any. */
void table_former_name(struct table *table, struct device *device, const struct endpoint *endpoint);
void table_former_forget(struct table *table);

/* table_report.c: when changes are reported. */

void table_report_new(struct table *table, struct device *device, int64_t hold);
/* It counts as reported as it is now, to nothing but later changes. */
void table_report_known(struct table *table, struct device *device);
/* Something was heard of it. */
void table_report_confirmed(struct table *table, struct endpoint *endpoint);
/* It is time to report it, if that has not been done. */
void table_report_now(struct table *table, struct device *device);
void table_report_change(struct table *table, struct device *device);
/* The other devices that have the key of this endpoint are flagged, or not any more. */
void table_report_claimants(struct table *table, const struct endpoint *endpoint);
/* The last endpoint by which it said something goes now. */
void table_report_leaving(struct table *table, struct device *device);
void table_report_removed(struct table *table, struct device *device, const char *merged_into);
void table_report_due(struct table *table);

/* table_reconfirm.c: questions to what is said to be gone (RFC 6762, 10.4). */

/* Has it asked; it expires after `answer_time` unless it answers. True when it is being asked. */
bool table_reconfirm(struct table *table, struct presence *presence, int64_t answer_time);
/* Shortly before its lifetime ends, has it asked; see table_presence_last_call(). */
void table_reconfirm_last(struct table *table, struct presence *presence);
/* The same key was said at another address by the same protocol, in the same network: the endpoints
 * known there are asked. True when an endpoint is being asked. */
bool table_reconfirm_rivals(struct table *table, const struct sighting *sighting, uint64_t hash);
/* A goodbye came from the presence itself, or from what forges its address. It is asked: before it
 * goes (then true), or else once after that. */
bool table_reconfirm_departure(struct table *table, struct presence *presence);
/* It has answered a question, with this. */
void table_reconfirm_answered(
    struct table *table, struct presence *presence, const struct sighting *sighting);
/* It has answered. False where it was not being asked. */
bool table_reconfirm_end(struct table *table, struct presence *presence);

/* table_claims.c: which endpoints with one key are one machine. */

/* Gives a new endpoint a claim on its key. True when the endpoint with another claim is
 * being asked whether it is still there. */
bool table_claims_enter(struct table *table, struct endpoint *endpoint);
/* Anything may announce the key of a verified endpoint from anywhere: true for what does so and has
 * answered nothing. */
bool table_claims_is_guest(const struct table *table, const struct endpoint *endpoint);
/* The first epoch of an endpoint: where it speaks against others with its key it gets a claim of
 * its own (then true), and they are `asked`. */
bool table_claims_doubt(struct table *table, struct endpoint *endpoint, bool *asked);
/* After a message: claims that are proven to be two machines, or one. True when its claim, or that
 * of another endpoint, changed: all with its key are to be tied again. */
bool table_claims_check(struct table *table, struct endpoint *endpoint);
/* Both are one machine: all with the claim of the first get that of the other. */
void table_claims_unite(
    const struct table *table, struct endpoint *endpoint, const struct endpoint *like);

/* table_moves.c: devices that may have another address now. */

/* What may be this device at another address, and is held until that is known; or NULL. */
static inline struct device *table_successor(const struct device *device)
{
	return device->held ? NULL : device->other;
}

/* Another address of a known endpoint: its former ones are asked whether they still hold. */
void table_moves_address_came(struct table *table, const struct presence *presence);
/* A device that was found at this presence may be another one that moved there. Microseconds for
 * which its report is held until that is known; 0 where it is known. */
int64_t table_moves_hold(struct table *table, const struct presence *presence);
/* The only other host with this MAC may have moved to this presence: it is asked at its former
 * address, and the device held meanwhile (then true). */
bool table_moves_hold_successor(struct table *table, const struct presence *presence);
/* True while a former address of a device that has a successor is being asked. */
bool table_moves_is_pending(const struct device *device);
/* It is not held any more. */
void table_moves_release(struct table *table, struct device *successor);
/* `from` is about to become a part of `into`. */
void table_moves_transfer(struct table *table, struct device *into, struct device *from);

/* table_ties.c: which endpoints are one device. */

/* Finds or makes the device of an endpoint that has none, and has its report held as long as it
 * is not clear which device it is. 0 or -ENOMEM. */
int table_ties_place(struct table *table, struct endpoint *endpoint, int64_t hold);
/* It has answered: it is no guest any more. */
void table_ties_verified(struct table *table, struct endpoint *endpoint);
/* Something that ties are based on has changed in it: joins and splits devices. */
void table_ties_update(struct table *table, struct endpoint *endpoint);
/* Its first epoch is known: it may be another machine than the one that it was taken for. */
void table_ties_epoch_came(struct table *table, struct endpoint *endpoint);
/* An endpoint or presence of the device went: what it tied together may fall apart. */
void table_ties_broken(struct table *table, struct device *device);
/* Everything of `from` goes into `into`; this is reported to watchers of `from`. */
void table_ties_merge(struct table *table, struct device *into, struct device *from);
/* Ties what table_presence_retie has noted. */
void table_ties_settle(struct table *table);

/* table_leave.c: removes endpoints and addresses. */

/* Removes an endpoint, and its device with the last one. */
void table_remove(struct table *table, struct endpoint *endpoint);
/* The endpoint is not there any more: removes the presence, and the endpoint with its last one
 * (then true). */
bool table_leave(struct table *table, struct endpoint *endpoint, struct presence *presence);
/* The device may have lost its last endpoint, or the addresses at which it was asked, and have a
 * successor: then it is that. Returns what it is now. */
struct device *table_leave_succeed(struct table *table, struct device *device);
/* Removes what has to give way. */
void table_evict(struct table *table);
/* The end of each call that changes the table. */
void table_settle(struct table *table);

/* table_address.c: which machine is at an address. */

/* A presence has answered: so its successor, and what is known at its place under another MAC, are
 * other devices. */
void table_address_answered(struct table *table, struct presence *presence);
/* Likewise, where what is unsure at the place stays so. */
void table_address_confirmed(struct table *table, struct presence *presence);
/* The kernel has resolved the MAC of this presence. True when the endpoint is gone; the presence
 * may be gone in any case. */
bool table_address_learn_mac(
    struct table *table, struct presence *presence, const struct mac *mac, bool confirmed);

/* table_observe.c: what a sighting does. */

/* Until when something is there that says so now for so long; see struct sighting. */
struct instant table_promise(const struct table *table, int64_t lifetime, bool short_lived);

#endif

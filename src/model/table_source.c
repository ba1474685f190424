/* SPDX-License-Identifier: ISC
 * table_source: how much each source holds, and which endpoint is evicted.
 *
 * Most sources have one endpoint, which stands for its source. Those with several stand in a heap,
 * ranked by how many unverified endpoints they hold and then by how old the oldest of these is, so
 * a flood of forged sources costs O(log n) per datagram. */
#include "base/mac.h"
#include "model/table_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A newcomer has this long to answer before it may be evicted. */
#define GRACE SECONDS(5)
/* A rank holds a count above a moment in milliseconds; 43 bits of them are 278 years. */
#define RANK_MOMENTS ((int64_t)1 << 43)
/* Sources that the kernel knows by their MAC have to give way after those that may be forged. */
#define RANK_BY_MAC ((int64_t)1 << 62)
/* Verified endpoints beyond this many of one source count as if they were not. */
enum { VERIFIED_MAX = 256, RANK_COUNT_MAX = 1 << 18 };
/* Unverified endpoints of one key: all of them are compared when a tie changes. */
enum { SAME_KEY_MAX = 32 };

/* 64 bits under a random key: a collision cannot be brought about. */
static uint64_t key_of_place(
    const struct table *table, const struct address *address, uint32_t link)
{
	char key[1 + sizeof(address->bytes)] = {(char)address->family};

	memcpy(key + 1, address->bytes, sizeof(address->bytes));
	return siphash_quick(&table->by_source.key, link, (struct slice){key, sizeof(key)});
}

/* A MAC is the same one on every link. It is shorter than a place. What comes from a new device
 * asks for its MAC again and again. */
static uint64_t key_of_mac(struct table *table, const struct mac *mac)
{
	uint64_t word = 0;

	memcpy(&word, mac->bytes, sizeof(mac->bytes));
	if (table->hashed.mac != word || !table->hashed.key) {
		table->hashed.mac = word;
		table->hashed.key = siphash_quick(&table->by_source.key, word, SLICE_NONE);
	}
	return table->hashed.key;
}

static struct table_source *find(const struct table *table, uint64_t key)
{
	struct hashmap_node *node = hashmap_first(&table->by_source, key);
	return node ? CONTAINER_OF(node, struct table_source, by_key) : NULL;
}

/* The only endpoint of a source; NULL where it has none, or several. */
static struct endpoint *find_alone(const struct table *table, uint64_t key)
{
	struct hashmap_node *node = hashmap_first(&table->alone, key);
	return node ? CONTAINER_OF(node, struct endpoint, alone) : NULL;
}

struct endpoint *table_source_first(struct table *table, const struct mac *mac)
{
	if (!mac->known)
		return NULL;
	uint64_t key = key_of_mac(table, mac);
	const struct table_source *source = find(table, key);
	return source ? TAILQ_FIRST(&source->endpoints) : find_alone(table, key);
}

struct table_holding table_source_holding(const struct endpoint *endpoint)
{
	const struct table_source *source = endpoint->source;

	if (source)
		return (struct table_holding){source->unverified, source->charge};
	return (struct table_holding){!endpoint->verified, endpoint->charge};
}

static uint32_t verified_surplus(const struct table_source *source)
{
	uint32_t verified = source ? source->count - source->unverified : 0;
	return verified > VERIFIED_MAX ? verified - VERIFIED_MAX : 0;
}

static bool may_go(const struct endpoint *endpoint)
{
	return !endpoint->busy && !endpoint->evicted &&
	       (!endpoint->verified || verified_surplus(endpoint->source) > 0);
}

static struct endpoint *oldest(const struct table_source *source, const struct endpoint *except)
{
	struct endpoint *endpoint;

	TAILQ_FOREACH(endpoint, &source->endpoints, of_source)
	if (endpoint != except && may_go(endpoint))
		return endpoint;
	return NULL;
}

static int64_t rank(const struct table_source *source)
{
	const struct endpoint *first = TAILQ_FIRST(&source->endpoints);
	int64_t count = (int64_t)source->unverified + verified_surplus(source);
	int64_t moment = first ? first->first_seen.us / MILLISECONDS(1) : 0;

	count = count < RANK_COUNT_MAX ? count : RANK_COUNT_MAX;
	return (moment < RANK_MOMENTS ? moment : RANK_MOMENTS - 1) - count * RANK_MOMENTS +
	       (source->by_mac ? RANK_BY_MAC : 0);
}

static void rerank(struct table *table, struct table_source *source)
{
	heap_update(&table->by_rank, &source->by_rank, rank(source));
}

static struct table_source *make(struct table *table, uint64_t key, bool by_mac)
{
	struct table_source *source = calloc(1, sizeof(*source));

	if (!source)
		return NULL;
	source->by_mac = by_mac;
	TAILQ_INIT(&source->endpoints);
	heap_node_init(&source->by_rank);
	if (heap_insert(&table->by_rank, &source->by_rank, rank(source)) < 0) {
		free(source);
		return NULL;
	}
	hashmap_insert(&table->by_source, &source->by_key, key);
	return source;
}

static void insert(struct table *table, struct endpoint *endpoint, struct table_source *source)
{
	struct endpoint *before;

	TAILQ_FOREACH_REVERSE(before, &source->endpoints, endpoint_list, of_source)
	if (endpoint_number(before) < endpoint_number(endpoint))
		break;
	if (before)
		TAILQ_INSERT_AFTER(&source->endpoints, before, endpoint, of_source);
	else
		TAILQ_INSERT_HEAD(&source->endpoints, endpoint, of_source);
	endpoint->source = source;
	source->count++;
	source->unverified += !endpoint->verified;
	source->charge += endpoint->charge;
	rerank(table, source);
}

/* A source for several, where one endpoint is alone so far. 0 or -ENOMEM. */
static int make_room_beside(struct table *table, uint64_t key)
{
	struct endpoint *alone = find_alone(table, key);
	struct table_source *source = alone ? make(table, key, alone->by_mac) : NULL;

	if (!alone)
		return 0;
	if (!source)
		return -ENOMEM;
	hashmap_remove(&table->alone, &alone->alone);
	insert(table, alone, source);
	return 0;
}

/* After make_room_beside. */
static void enter(struct table *table, struct endpoint *endpoint, uint64_t key)
{
	struct table_source *source = find(table, key);

	if (source)
		insert(table, endpoint, source);
	else
		hashmap_insert(&table->alone, &endpoint->alone, key);
}

int table_source_join(struct table *table, struct endpoint *endpoint, const struct mac *mac,
    const struct address *address)
{
	uint64_t key =
	    mac->known ? key_of_mac(table, mac) : key_of_place(table, address, endpoint->link);

	if (make_room_beside(table, key) < 0)
		return -ENOMEM;
	enter(table, endpoint, key);
	return 0;
}

void table_source_leave(struct table *table, struct endpoint *endpoint)
{
	struct table_source *source = endpoint->source;

	if (!source) {
		hashmap_remove(&table->alone, &endpoint->alone);
		return;
	}
	TAILQ_REMOVE(&source->endpoints, endpoint, of_source);
	endpoint->source = NULL;
	source->count--;
	source->unverified -= !endpoint->verified;
	source->charge -= endpoint->charge;
	if (source->count > 0) {
		rerank(table, source);
		return;
	}
	heap_remove(&table->by_rank, &source->by_rank);
	hashmap_remove(&table->by_source, &source->by_key);
	free(source);
}

/* Among the unverified whose source is a MAC from now on, by age. */
static void list_by_mac(struct table *table, struct endpoint *endpoint)
{
	struct endpoint_list *list = &table->unverified[true];
	struct endpoint *before;

	TAILQ_REMOVE(&table->unverified[false], endpoint, of_unverified);
	TAILQ_FOREACH_REVERSE(before, list, endpoint_list, of_unverified)
	if (endpoint_number(before) < endpoint_number(endpoint))
		break;
	if (before)
		TAILQ_INSERT_AFTER(list, before, endpoint, of_unverified);
	else
		TAILQ_INSERT_HEAD(list, endpoint, of_unverified);
}

void table_source_learn_mac(struct table *table, struct endpoint *endpoint, const struct mac *mac)
{
	uint64_t key = key_of_mac(table, mac);
	uint64_t own = endpoint->source ? endpoint->source->by_key.hash : endpoint->alone.hash;

	if (endpoint->by_mac && own == key)
		return;
	if (make_room_beside(table, key) < 0) {
		table_counted(table, COUNT_OUT_OF_MEMORY);
		return;
	}
	if (!endpoint->by_mac && !endpoint->verified)
		list_by_mac(table, endpoint);
	endpoint->by_mac = true;
	table_source_leave(table, endpoint);
	enter(table, endpoint, key);
}

void table_source_verify(struct table *table, struct endpoint *endpoint)
{
	if (endpoint->verified)
		return;
	endpoint->verified = true;
	TAILQ_REMOVE(&table->unverified[endpoint->by_mac], endpoint, of_unverified);
	if (!endpoint->source)
		return;
	endpoint->source->unverified--;
	rerank(table, endpoint->source);
}

void table_source_charge(struct table *table, struct endpoint *endpoint, int64_t bytes)
{
	endpoint->charge = (uint32_t)(endpoint->charge + bytes);
	table->memory = (size_t)((int64_t)table->memory + bytes);
	if (endpoint->source)
		endpoint->source->charge = (uint32_t)(endpoint->source->charge + bytes);
}

static bool in_grace(const struct table *table, const struct endpoint *endpoint)
{
	return !instant_due(instant_add(endpoint->first_seen, GRACE), table->now);
}

/* What the kernel knows by its MAC comes before what may be made up, whatever its age. */
static bool may_replace(
    const struct table *table, const struct endpoint *endpoint, bool newcomer_by_mac)
{
	return !in_grace(table, endpoint) || (newcomer_by_mac && !endpoint->by_mac);
}

/* The oldest of a list that may go. */
static struct endpoint *find_oldest(const struct table *table, const struct endpoint_list *list,
    const struct endpoint *except, bool newcomer_by_mac)
{
	struct endpoint *victim;

	TAILQ_FOREACH(victim, list, of_unverified)
	{
		if (victim == except || !may_go(victim))
			continue;
		if (may_replace(table, victim, newcomer_by_mac))
			return victim;
		return NULL; /* all others are younger */
	}
	return NULL;
}

/* Of those with a MAC and those without. */
static struct endpoint *find_oldest_of_all(
    const struct table *table, const struct endpoint *except, bool newcomer_by_mac)
{
	struct endpoint *made_up =
	    find_oldest(table, &table->unverified[false], except, newcomer_by_mac);
	struct endpoint *by_mac =
	    find_oldest(table, &table->unverified[true], except, newcomer_by_mac);

	return !made_up || (by_mac && endpoint_number(by_mac) < endpoint_number(made_up)) ? by_mac
											  : made_up;
}

/* The source that holds most, where that is more than one: those that may be made up first. */
static const struct table_source *find_largest(const struct table *table)
{
	const struct heap_node *node = heap_top(&table->by_rank);
	const struct table_source *top =
	    node ? CONTAINER_OF(node, struct table_source, by_rank) : NULL;

	if (!top || top->unverified + verified_surplus(top) < 2 ||
	    (top->by_mac && !TAILQ_EMPTY(&table->unverified[false])))
		return NULL;
	return top;
}

/* Of the whole table; NULL when nothing may go. While there are endpoints that may be made up, they
 * go first, and a newcomer that may be, too, replaces no other. */
static struct endpoint *find_victim(
    const struct table *table, const struct endpoint *except, bool newcomer_by_mac)
{
	const struct table_source *largest = find_largest(table);
	const struct endpoint_list *made_up = &table->unverified[false];
	struct endpoint *victim = largest ? oldest(largest, except) : NULL;

	if (victim && may_replace(table, victim, newcomer_by_mac))
		return victim;
	if (TAILQ_EMPTY(made_up))
		return find_oldest_of_all(table, except, newcomer_by_mac);
	victim = find_oldest(table, made_up, except, newcomer_by_mac);
	if (!victim && newcomer_by_mac)
		victim = find_oldest_of_all(table, except, newcomer_by_mac);
	return victim;
}

/* Of the unverified endpoints with this key, when there are too many: a flood of forged sources
 * that all claim one key. NULL, or *error, when none has to go or none may. */
static struct endpoint *find_victim_of_key(
    const struct table *table, const struct sighting *sighting, uint64_t hash, int *error)
{
	struct hashmap_node *node = hashmap_first(&table->by_key, hash);
	struct endpoint *victim = NULL;
	unsigned count = 0;

	for (; node; node = hashmap_next(node)) {
		struct endpoint *endpoint = CONTAINER_OF(node, struct endpoint, by_key);
		if (endpoint->verified)
			continue;
		count++;
		if (may_go(endpoint) && may_replace(table, endpoint, sighting->mac.known) &&
		    (!victim || (victim->by_mac && !endpoint->by_mac) ||
			(victim->by_mac == endpoint->by_mac &&
			    endpoint_number(endpoint) < endpoint_number(victim))))
			victim = endpoint;
	}
	if (count < SAME_KEY_MAX)
		return NULL;
	if (!victim)
		*error = -ENOSPC;
	return victim;
}

int table_source_admit(struct table *table, const struct sighting *sighting, uint64_t hash,
    size_t charge, struct endpoint **victim)
{
	const struct table_limits *limits = &table->limits;
	enum table_counter refused = COUNT_REFUSED_FULL;
	int error = 0;

	*victim = find_victim_of_key(table, sighting, hash, &error);
	if (*victim)
		return 0;
	uint64_t own = sighting->mac.known ? key_of_mac(table, &sighting->mac)
					   : key_of_place(table, &sighting->from, sighting->link);
	const struct table_source *source = error < 0 ? NULL : find(table, own);
	struct endpoint *first = source      ? TAILQ_FIRST(&source->endpoints)
				 : error < 0 ? NULL
					     : find_alone(table, own);
	struct table_holding holding = {0};
	if (first)
		holding = table_source_holding(first);
	if (first && (holding.unverified >= limits->endpoints_per_source ||
			 holding.charge + charge > limits->memory_per_source)) {
		*victim = source ? oldest(source, NULL) : may_go(first) ? first : NULL;
		error = *victim ? 0 : -ENOSPC;
		refused = COUNT_REFUSED_SOURCE;
	} else if (error == 0 && (table->endpoint_count + 1 > limits->endpoints ||
				     table->memory + charge > limits->memory)) {
		*victim = find_victim(table, NULL, sighting->mac.known);
		error = *victim ? 0 : -ENOSPC;
	}
	if (error < 0)
		table_counted(table, refused);
	return error;
}

/* What is held when those that have to give way have gone. */
static size_t memory_to_stay(const struct table *table)
{
	const struct endpoint *endpoint;
	size_t memory = table->memory;

	STAILQ_FOREACH(endpoint, &table->evicted, of_evicted)
	memory -= endpoint->charge;
	return memory;
}

int table_source_make_room(struct table *table, struct endpoint *endpoint, size_t charge)
{
	if (table_source_holding(endpoint).charge + charge > table->limits.memory_per_source) {
		table_counted(table, COUNT_REFUSED_MEMORY);
		return -ENOSPC;
	}
	if (table->memory + charge <= table->limits.memory)
		return 0;
	while (memory_to_stay(table) + charge > table->limits.memory) {
		struct endpoint *victim = find_victim(table, endpoint, endpoint->by_mac);
		if (!victim) {
			table_counted(table, COUNT_REFUSED_FULL);
			return -ENOSPC;
		}
		victim->evicted = true;
		STAILQ_INSERT_TAIL(&table->evicted, victim, of_evicted);
	}
	return 0;
}

bool table_source_is_crowded(const struct table *table, const struct endpoint *endpoint)
{
	const struct table_limits *limits = &table->limits;

	return table_source_holding(endpoint).unverified * 2 > limits->endpoints_per_source ||
	       table->endpoint_count * 2 > limits->endpoints || table->memory * 2 > limits->memory;
}

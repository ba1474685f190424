/* SPDX-License-Identifier: ISC
 * registry_source: who holds how much, and which endpoint has to give way.
 *
 * The sources stand in a heap, ranked by how many unverified endpoints they hold and then by how
 * old the oldest of these is, so a flood of forged sources costs O(log n) per datagram. */
#include "registry/registry_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A newcomer has this long to answer before it may be evicted. */
#define GRACE SECONDS(5)
/* A rank holds a count above a moment in milliseconds; 43 bits of them are 278 years. */
#define RANK_MOMENTS ((int64_t)1 << 43)
/* Verified endpoints beyond this many of one source count as if they were not. */
enum { VERIFIED_MAX = 256, RANK_COUNT_MAX = 1 << 19 };

enum { KEY_BY_MAC = 1 }; /* no address family has this number */

/* 64 bits under a random key: a collision cannot be brought about. */
static uint64_t hash_key(
    const struct registry *registry, uint8_t kind, const void *bytes, size_t len, uint32_t link)
{
	char key[1 + sizeof(((struct address *)NULL)->bytes) + sizeof(link)] = {(char)kind};

	memcpy(key + 1, bytes, len);
	memcpy(key + 1 + len, &link, sizeof(link));
	return hashmap_hash(&registry->by_source, (struct slice){key, 1 + len + sizeof(link)});
}

static uint64_t key_of_place(
    const struct registry *registry, const struct address *address, uint32_t link)
{
	return hash_key(registry, address->family, address->bytes, sizeof(address->bytes), link);
}

/* A MAC is the same one on every link. */
static uint64_t key_of_mac(const struct registry *registry, const struct mac *mac)
{
	return hash_key(registry, KEY_BY_MAC, mac->bytes, sizeof(mac->bytes), 0);
}

static struct registry_source *find(const struct registry *registry, uint64_t key)
{
	struct hashmap_node *node = hashmap_first(&registry->by_source, key);
	return node ? CONTAINER_OF(node, struct registry_source, by_key) : NULL;
}

struct registry_source *registry_source_of_mac(
    const struct registry *registry, const struct mac *mac)
{
	return mac->known ? find(registry, key_of_mac(registry, mac)) : NULL;
}

static uint32_t verified_surplus(const struct registry_source *source)
{
	uint32_t verified = source->count - source->unverified;
	return verified > VERIFIED_MAX ? verified - VERIFIED_MAX : 0;
}

static bool may_go(const struct endpoint *endpoint)
{
	return !endpoint->busy && (!endpoint->verified || verified_surplus(endpoint->source) > 0);
}

static struct endpoint *oldest(const struct registry_source *source, const struct endpoint *except)
{
	struct endpoint *endpoint;

	TAILQ_FOREACH(endpoint, &source->endpoints, of_source)
	if (endpoint != except && may_go(endpoint))
		return endpoint;
	return NULL;
}

static int64_t rank(const struct registry_source *source)
{
	const struct endpoint *first = TAILQ_FIRST(&source->endpoints);
	int64_t count = (int64_t)source->unverified + verified_surplus(source);
	int64_t moment = first ? first->first_seen.us / MILLISECONDS(1) : 0;

	count = count < RANK_COUNT_MAX ? count : RANK_COUNT_MAX;
	return (moment < RANK_MOMENTS ? moment : RANK_MOMENTS - 1) - count * RANK_MOMENTS;
}

static void rerank(struct registry *registry, struct registry_source *source)
{
	heap_update(&registry->by_rank, &source->by_rank, rank(source));
}

static struct registry_source *make(struct registry *registry, uint64_t key)
{
	struct registry_source *source = calloc(1, sizeof(*source));

	if (!source)
		return NULL;
	TAILQ_INIT(&source->endpoints);
	heap_node_init(&source->by_rank);
	if (heap_insert(&registry->by_rank, &source->by_rank, rank(source)) < 0) {
		free(source);
		return NULL;
	}
	hashmap_insert(&registry->by_source, &source->by_key, key);
	return source;
}

static void insert(
    struct registry *registry, struct endpoint *endpoint, struct registry_source *source)
{
	struct endpoint *before;

	TAILQ_FOREACH_REVERSE(before, &source->endpoints, endpoint_list, of_source)
	if (before->number < endpoint->number)
		break;
	if (before)
		TAILQ_INSERT_AFTER(&source->endpoints, before, endpoint, of_source);
	else
		TAILQ_INSERT_HEAD(&source->endpoints, endpoint, of_source);
	endpoint->source = source;
	source->count++;
	source->unverified += !endpoint->verified;
	source->charge += endpoint->charge;
	rerank(registry, source);
}

int registry_source_join(struct registry *registry, struct endpoint *endpoint,
    const struct mac *mac, const struct address *address)
{
	uint64_t key = mac->known ? key_of_mac(registry, mac)
				  : key_of_place(registry, address, endpoint->link);
	struct registry_source *source = find(registry, key);

	if (!source)
		source = make(registry, key);
	if (!source)
		return -ENOMEM;
	endpoint->by_mac = mac->known;
	insert(registry, endpoint, source);
	return 0;
}

void registry_source_leave(struct registry *registry, struct endpoint *endpoint)
{
	struct registry_source *source = endpoint->source;

	TAILQ_REMOVE(&source->endpoints, endpoint, of_source);
	endpoint->source = NULL;
	source->count--;
	source->unverified -= !endpoint->verified;
	source->charge -= endpoint->charge;
	if (source->count > 0) {
		rerank(registry, source);
		return;
	}
	heap_remove(&registry->by_rank, &source->by_rank);
	hashmap_remove(&registry->by_source, &source->by_key);
	free(source);
}

void registry_source_learn_mac(
    struct registry *registry, struct endpoint *endpoint, const struct mac *mac)
{
	uint64_t key = key_of_mac(registry, mac);
	struct registry_source *source = find(registry, key);

	if (endpoint->by_mac && endpoint->source->by_key.hash == key)
		return;
	if (!source)
		source = make(registry, key);
	if (!source) {
		registry_counted(registry, COUNT_OUT_OF_MEMORY);
		return;
	}
	endpoint->by_mac = true;
	registry_source_leave(registry, endpoint);
	insert(registry, endpoint, source);
}

void registry_source_verify(struct registry *registry, struct endpoint *endpoint)
{
	if (endpoint->verified)
		return;
	endpoint->verified = true;
	TAILQ_REMOVE(&registry->unverified, endpoint, of_unverified);
	endpoint->source->unverified--;
	rerank(registry, endpoint->source);
}

void registry_source_charge(struct registry *registry, struct endpoint *endpoint, int64_t bytes)
{
	endpoint->charge = (uint32_t)(endpoint->charge + bytes);
	registry->memory = (size_t)((int64_t)registry->memory + bytes);
	if (endpoint->source)
		endpoint->source->charge = (uint32_t)(endpoint->source->charge + bytes);
}

static bool in_grace(const struct registry *registry, const struct endpoint *endpoint)
{
	return !instant_due(instant_add(endpoint->first_seen, GRACE), registry->now);
}

/* What the kernel knows by its MAC comes before what may be made up, whatever its age. */
static bool may_replace(
    const struct registry *registry, const struct endpoint *endpoint, bool newcomer_by_mac)
{
	return !in_grace(registry, endpoint) || (newcomer_by_mac && !endpoint->by_mac);
}

/* Of the whole registry; NULL when nothing may go. */
static struct endpoint *find_victim(
    const struct registry *registry, const struct endpoint *except, bool newcomer_by_mac)
{
	const struct heap_node *node = heap_top(&registry->by_rank);
	struct endpoint *victim =
	    node ? oldest(CONTAINER_OF(node, struct registry_source, by_rank), except) : NULL;

	if (victim && may_replace(registry, victim, newcomer_by_mac))
		return victim;
	TAILQ_FOREACH(victim, &registry->unverified, of_unverified)
	{
		if (victim == except || !may_go(victim))
			continue;
		if (may_replace(registry, victim, newcomer_by_mac))
			return victim;
		if (!newcomer_by_mac)
			return NULL; /* all others are younger */
	}
	return NULL;
}

static void evict(struct registry *registry, struct endpoint *endpoint)
{
	registry_counted(registry, COUNT_EVICTED);
	registry_remove(registry, endpoint);
}

static int make_room_in_table(
    struct registry *registry, const struct endpoint *except, size_t charge, bool by_mac)
{
	size_t count = except ? 0 : 1;

	while (registry->endpoint_count + count > registry->limits.endpoints ||
	       registry->memory + charge > registry->limits.memory) {
		struct endpoint *victim = find_victim(registry, except, by_mac);
		if (!victim) {
			registry_counted(registry, COUNT_REFUSED_FULL);
			return -ENOSPC;
		}
		evict(registry, victim);
	}
	return 0;
}

int registry_source_admit(struct registry *registry, const struct sighting *sighting, size_t charge)
{
	uint64_t place = key_of_place(registry, &sighting->from, sighting->link);
	uint64_t own = sighting->mac.known ? key_of_mac(registry, &sighting->mac) : place;
	const struct registry_source *source;

	while ((source = find(registry, own)) &&
	       (source->unverified >= registry->limits.endpoints_per_source ||
		   source->charge + charge > registry->limits.memory_per_source)) {
		struct endpoint *victim = oldest(source, NULL);
		if (!victim) {
			registry_counted(registry, COUNT_REFUSED_SOURCE);
			return -ENOSPC;
		}
		evict(registry, victim);
	}
	return make_room_in_table(registry, NULL, charge, sighting->mac.known);
}

int registry_source_make_room(struct registry *registry, struct endpoint *except, size_t charge)
{
	if (except->source &&
	    except->source->charge + charge > registry->limits.memory_per_source) {
		registry_counted(registry, COUNT_REFUSED_MEMORY);
		return -ENOSPC;
	}
	if (registry->memory + charge <= registry->limits.memory)
		return 0;
	return make_room_in_table(registry, except, charge, except->by_mac);
}

bool registry_source_is_crowded(const struct registry *registry, const struct endpoint *endpoint)
{
	const struct registry_limits *limits = &registry->limits;

	return endpoint->source->unverified * 2 > limits->endpoints_per_source ||
	       registry->endpoint_count * 2 > limits->endpoints ||
	       registry->memory * 2 > limits->memory;
}

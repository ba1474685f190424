/* SPDX-License-Identifier: ISC
 * roster: the devices that are here now, by their id and by their key in the tables. */
#include "history/roster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct resident *of_id(struct hashmap_node *node)
{
	return CONTAINER_OF(node, struct resident, by_id);
}

static struct resident *of_key(struct hashmap_node *node)
{
	return CONTAINER_OF(node, struct resident, by_key);
}

int roster_init(struct roster *roster, const struct siphash_key *key)
{
	TAILQ_INIT(&roster->list);
	int error = hashmap_init(&roster->by_id, key);

	if (!error && (error = hashmap_init(&roster->by_key, key)))
		hashmap_fini(&roster->by_id);
	return error;
}

static void free_resident(struct resident *resident)
{
	facts_fini(&resident->facts);
	free(resident->alias);
	free(resident->id);
	free(resident);
}

void roster_fini(struct roster *roster)
{
	struct resident *resident;

	while ((resident = TAILQ_FIRST(&roster->list)))
		roster_remove(roster, resident);
	hashmap_fini(&roster->by_id);
	hashmap_fini(&roster->by_key);
}

static uint64_t hash_id(const struct roster *roster, const char *id)
{
	return hashmap_hash(&roster->by_id, slice_of(id));
}

static uint64_t hash_key(const struct roster *roster, int64_t key)
{
	return hashmap_hash(&roster->by_key, (struct slice){(const char *)&key, sizeof(key)});
}

struct resident *roster_add(struct roster *roster, const char *id, int64_t key)
{
	struct resident *resident = calloc(1, sizeof(*resident));
	char *copy = strdup(id);

	if (!resident || !copy) {
		free(resident);
		free(copy);
		return NULL;
	}
	resident->id = copy;
	resident->key = key;
	resident->report_at = INSTANT_NEVER;
	hashmap_insert(&roster->by_id, &resident->by_id, hash_id(roster, id));
	hashmap_insert(&roster->by_key, &resident->by_key, hash_key(roster, key));
	TAILQ_INSERT_TAIL(&roster->list, resident, entry);
	return resident;
}

void roster_remove(struct roster *roster, struct resident *resident)
{
	hashmap_remove(&roster->by_id, &resident->by_id);
	hashmap_remove(&roster->by_key, &resident->by_key);
	TAILQ_REMOVE(&roster->list, resident, entry);
	free_resident(resident);
}

struct resident *roster_find(const struct roster *roster, const char *id)
{
	struct hashmap_node *node = hashmap_first(&roster->by_id, hash_id(roster, id));

	while (node && strcmp(of_id(node)->id, id) != 0)
		node = hashmap_next(node);
	return node ? of_id(node) : NULL;
}

struct resident *roster_find_key(const struct roster *roster, int64_t key)
{
	struct hashmap_node *node =
	    key ? hashmap_first(&roster->by_key, hash_key(roster, key)) : NULL;

	while (node && of_key(node)->key != key)
		node = hashmap_next(node);
	return node ? of_key(node) : NULL;
}

int roster_set_id(struct roster *roster, struct resident *resident, const char *id)
{
	char *copy = strdup(id);

	if (!copy)
		return -ENOMEM;
	hashmap_remove(&roster->by_id, &resident->by_id);
	free(resident->id);
	resident->id = copy;
	hashmap_insert(&roster->by_id, &resident->by_id, hash_id(roster, id));
	return 0;
}

void roster_set_key(struct roster *roster, struct resident *resident, int64_t key)
{
	hashmap_remove(&roster->by_key, &resident->by_key);
	resident->key = key;
	hashmap_insert(&roster->by_key, &resident->by_key, hash_key(roster, key));
}

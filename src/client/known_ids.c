/* SPDX-License-Identifier: ISC
 * known_ids: the ids of devices that a watcher has reported, and which of them a snapshot lacks. */
#include "client/known_ids.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct known_id {
	struct hashmap_node node;
	TAILQ_ENTRY(known_id) entry;
	uint64_t round;
	char text[];
};

static struct known_id *id_of(struct hashmap_node *node)
{
	return CONTAINER_OF(node, struct known_id, node);
}

int known_ids_init(struct known_ids *ids, const struct siphash_key *key)
{
	*ids = (struct known_ids){.round = 1};
	TAILQ_INIT(&ids->oldest_first);
	return hashmap_init(&ids->map, key);
}

static void free_id(struct hashmap_node *node)
{
	free(id_of(node));
}

void known_ids_fini(struct known_ids *ids)
{
	hashmap_empty(&ids->map, free_id);
	hashmap_fini(&ids->map);
}

void known_ids_begin(struct known_ids *ids)
{
	ids->round++;
}

static struct known_id *find(const struct known_ids *ids, const char *text, uint64_t hash)
{
	for (struct hashmap_node *node = hashmap_first(&ids->map, hash); node;
	     node = hashmap_next(node))
		if (!strcmp(id_of(node)->text, text))
			return id_of(node);
	return NULL;
}

int known_ids_add(struct known_ids *ids, const char *text)
{
	uint64_t hash = hashmap_hash(&ids->map, slice_of(text));
	struct known_id *id = find(ids, text, hash);
	size_t size = strlen(text) + 1;

	bool is_new = !id;

	if (id) {
		TAILQ_REMOVE(&ids->oldest_first, id, entry);
	} else {
		id = malloc(sizeof(*id) + size);
		if (!id)
			return -ENOMEM;
		memcpy(id->text, text, size);
		hashmap_insert(&ids->map, &id->node, hash);
	}
	id->round = ids->round;
	TAILQ_INSERT_TAIL(&ids->oldest_first, id, entry);
	return is_new;
}

bool known_ids_remove(struct known_ids *ids, const char *text)
{
	struct known_id *id = find(ids, text, hashmap_hash(&ids->map, slice_of(text)));

	if (!id)
		return false;
	TAILQ_REMOVE(&ids->oldest_first, id, entry);
	hashmap_remove(&ids->map, &id->node);
	free(id);
	return true;
}

const char *known_ids_missing(const struct known_ids *ids)
{
	const struct known_id *oldest = TAILQ_FIRST(&ids->oldest_first);

	return oldest && oldest->round != ids->round ? oldest->text : NULL;
}

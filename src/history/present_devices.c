/* SPDX-License-Identifier: ISC
 * present_devices: the devices that are here now, by their id and by their key in the tables. */
#include "history/present_devices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct present_device *of_id(struct hashmap_node *node)
{
	return CONTAINER_OF(node, struct present_device, by_id);
}

static struct present_device *of_key(struct hashmap_node *node)
{
	return CONTAINER_OF(node, struct present_device, by_key);
}

int present_devices_init(struct present_devices *present_devices, const struct siphash_key *key)
{
	TAILQ_INIT(&present_devices->list);
	int error = hashmap_init(&present_devices->by_id, key);

	if (!error && (error = hashmap_init(&present_devices->by_key, key)))
		hashmap_fini(&present_devices->by_id);
	return error;
}

static void free_present_device(struct present_device *present_device)
{
	facts_fini(&present_device->facts);
	free(present_device->alias);
	free(present_device->id);
	free(present_device);
}

void present_devices_fini(struct present_devices *present_devices)
{
	struct present_device *present_device;

	while ((present_device = TAILQ_FIRST(&present_devices->list)))
		present_devices_remove(present_devices, present_device);
	hashmap_fini(&present_devices->by_id);
	hashmap_fini(&present_devices->by_key);
}

static uint64_t hash_id(const struct present_devices *present_devices, const char *id)
{
	return hashmap_hash(&present_devices->by_id, slice_of(id));
}

static uint64_t hash_key(const struct present_devices *present_devices, int64_t key)
{
	return hashmap_hash(
	    &present_devices->by_key, (struct slice){(const char *)&key, sizeof(key)});
}

struct present_device *present_devices_add(
    struct present_devices *present_devices, const char *id, int64_t key)
{
	struct present_device *present_device = calloc(1, sizeof(*present_device));
	char *copy = strdup(id);

	if (!present_device || !copy) {
		free(present_device);
		free(copy);
		return NULL;
	}
	present_device->id = copy;
	present_device->key = key;
	present_device->report_at = INSTANT_NEVER;
	hashmap_insert(
	    &present_devices->by_id, &present_device->by_id, hash_id(present_devices, id));
	hashmap_insert(
	    &present_devices->by_key, &present_device->by_key, hash_key(present_devices, key));
	TAILQ_INSERT_TAIL(&present_devices->list, present_device, entry);
	return present_device;
}

void present_devices_remove(
    struct present_devices *present_devices, struct present_device *present_device)
{
	hashmap_remove(&present_devices->by_id, &present_device->by_id);
	hashmap_remove(&present_devices->by_key, &present_device->by_key);
	TAILQ_REMOVE(&present_devices->list, present_device, entry);
	free_present_device(present_device);
}

struct present_device *present_devices_find(
    const struct present_devices *present_devices, const char *id)
{
	struct hashmap_node *node =
	    hashmap_first(&present_devices->by_id, hash_id(present_devices, id));

	while (node && strcmp(of_id(node)->id, id) != 0)
		node = hashmap_next(node);
	return node ? of_id(node) : NULL;
}

struct present_device *present_devices_find_key(
    const struct present_devices *present_devices, int64_t key)
{
	struct hashmap_node *node =
	    key ? hashmap_first(&present_devices->by_key, hash_key(present_devices, key)) : NULL;

	while (node && of_key(node)->key != key)
		node = hashmap_next(node);
	return node ? of_key(node) : NULL;
}

int present_devices_set_id(
    struct present_devices *present_devices, struct present_device *present_device, const char *id)
{
	char *copy = strdup(id);

	if (!copy)
		return -ENOMEM;
	hashmap_remove(&present_devices->by_id, &present_device->by_id);
	free(present_device->id);
	present_device->id = copy;
	hashmap_insert(
	    &present_devices->by_id, &present_device->by_id, hash_id(present_devices, id));
	return 0;
}

void present_devices_set_key(
    struct present_devices *present_devices, struct present_device *present_device, int64_t key)
{
	hashmap_remove(&present_devices->by_key, &present_device->by_key);
	present_device->key = key;
	hashmap_insert(
	    &present_devices->by_key, &present_device->by_key, hash_key(present_devices, key));
}

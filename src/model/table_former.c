/* SPDX-License-Identifier: ISC
 * table_former: the ids of devices of a former start whose addresses are gone, by their keys: one
 * that is heard at another address soon has its id again. */
#include "model/table_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A device that is plugged into another interface is heard within this time. */
#define FORMER_TIME SECONDS(300)

struct former {
	struct hashmap_node by_key;
	struct instant first_seen;
	int64_t first_seen_wall;
	size_t key_len;
	char key[KEY_TEXT_MAX]; /* as key_canonical writes it */
	char id[];
};

static uint64_t hash_of(const struct table *table, const char *key, size_t len)
{
	return hashmap_hash(&table->former, (struct slice){key, len});
}

static struct former *find(const struct table *table, const struct key *key)
{
	char text[KEY_TEXT_MAX];

	if (table->former.count == 0)
		return NULL;
	size_t len = key_canonical(key, text);
	struct hashmap_node *node = hashmap_first(&table->former, hash_of(table, text, len));

	for (; node; node = hashmap_next(node)) {
		struct former *former = CONTAINER_OF(node, struct former, by_key);
		if (former->key_len == len && memcmp(former->key, text, len) == 0)
			return former;
	}
	return NULL;
}

int table_former_keep(struct table *table, const struct device *device, const struct key *key)
{
	char text[KEY_UUID_TEXT_MAX];
	const char *id = device_id(device, text);
	size_t size = strlen(id) + 1;

	if (!key_joins(key) || size > DEVICE_ID_MAX || find(table, key))
		return 0;
	if (table->former.count >= table->limits.endpoints)
		return -ENOSPC;
	struct former *former = malloc(sizeof(*former) + size);
	if (!former)
		return -ENOMEM;
	former->first_seen = device->first_seen;
	former->first_seen_wall = device->first_seen_wall;
	former->key_len = key_canonical(key, former->key);
	memcpy(former->id, id, size);
	hashmap_insert(
	    &table->former, &former->by_key, hash_of(table, former->key, former->key_len));
	table->former_until = instant_add(table->now, FORMER_TIME);
	return 0;
}

void table_former_name(struct table *table, struct device *device, const struct endpoint *endpoint)
{
	const struct former *former =
	    key_joins(&endpoint->key) ? find(table, &endpoint->key) : NULL;

	if (!former || table_device_set_id(table, device, slice_of(former->id)) < 0)
		return;
	device->first_seen = instant_earlier(device->first_seen, former->first_seen);
	device->first_seen_wall = former->first_seen_wall;
}

static void free_former(struct hashmap_node *node)
{
	free(CONTAINER_OF(node, struct former, by_key));
}

void table_former_forget(struct table *table)
{
	hashmap_empty(&table->former, free_former);
	table->former_until = INSTANT_NEVER;
}

/* SPDX-License-Identifier: ISC
 * table_device: the devices and their ids: how they are made, found, walked and freed. */
#include "base/mac.h"
#include "base/text.h"
#include "model/table_cursor.h"
#include "model/table_internal.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The key that is equal to those of ids that are the same but for the case of letters: a uuid may
 * be written one way here and another there. Only "uuid:" and five groups of digits are a UUID. */
static struct key key_of_text(struct slice id)
{
	if (id.len == KEY_UUID_TEXT_MAX - 1 && slice_starts_with_nocase(id, SLICE("uuid:"))) {
		struct key key = key_of_id(id);
		if (key.kind == KEY_UUID)
			return key;
	}
	return (struct key){.kind = KEY_OPAQUE, .text = id};
}

static uint64_t hash_id(const struct table *table, const struct key *id)
{
	char text[KEY_TEXT_MAX];
	size_t len = key_canonical(id, text);

	return hashmap_hash(&table->by_id, (struct slice){text, len});
}

static bool has_id(const struct device *device, const struct key *id)
{
	if (device->id_is_uuid)
		return device_id_is(device, id);
	return id->kind != KEY_UUID && slice_equal_nocase(slice_of(device->id_text), id->text);
}

static struct device *find(const struct table *table, const struct key *id, uint64_t hash)
{
	struct hashmap_node *node = hashmap_first(&table->by_id, hash);

	for (; node; node = hashmap_next(node)) {
		struct device *device = CONTAINER_OF(node, struct device, by_id);
		if (has_id(device, id))
			return device;
	}
	return NULL;
}

struct device *table_device_find(const struct table *table, struct slice id)
{
	if (id.len == 0 || id.len >= DEVICE_ID_MAX)
		return NULL;
	struct key key = key_of_text(id);
	return find(table, &key, hash_id(table, &key));
}

const struct device *table_find(const struct table *table, struct slice id)
{
	return table_device_find(table, id);
}

/* What an id may be made of, from the best to the worst. */
enum id_source { ID_UUID, ID_OPAQUE, ID_NAME, ID_MAC, ID_ADDRESS, ID_SOURCES };
/* And then numbers: keys from the network may look like the first ones. */
enum { ID_NUMBERS_TRIED = 64 };

/* False when the endpoint has nothing of this kind. The text of an id stands in the buffer. */
static bool make_id(const struct endpoint *endpoint, enum id_source source,
    char buffer[DEVICE_ID_MAX], struct key *id)
{
	const struct presence *presence = STAILQ_FIRST(&endpoint->presences);
	const struct key *key = &endpoint->key;
	bool has_key[] = {
	    [ID_UUID] = key->kind == KEY_UUID && key_joins(key),
	    [ID_OPAQUE] = key->kind == KEY_OPAQUE,
	    [ID_NAME] = key->kind == KEY_NAME,
	};
	struct writer w;

	if (source <= ID_NAME) {
		*id = source == ID_UUID ? *key : key_of_text(key->text);
		return has_key[source];
	}
	if (source == ID_MAC && !presence->mac.known)
		return false;
	writer_init(&w, buffer, DEVICE_ID_MAX);
	if (source == ID_MAC) {
		writer_text(&w, "mac:");
		mac_format(&presence->mac, &w);
	} else {
		writer_text(&w, "address:");
		address_format(&presence->address, &w);
		writer_format(&w, "%%%u", (unsigned)endpoint->link);
	}
	*id = key_of_text(writer_result(&w));
	return true;
}

static void drop_id(struct device *device)
{
	if (!device->id_is_uuid)
		free(device->id_text);
}

static int set_id(struct table *table, struct device *device, const struct key *id, uint64_t hash)
{
	bool is_uuid = id->kind == KEY_UUID;
	char *text = is_uuid ? NULL : slice_dup(id->text);

	if (!is_uuid && !text)
		return -ENOMEM;
	if (device->id_is_uuid || device->id_text) {
		hashmap_remove(&table->by_id, &device->by_id);
		drop_id(device);
	}
	device->id_is_uuid = is_uuid;
	if (is_uuid)
		memcpy(device->id_uuid, id->uuid, sizeof(id->uuid));
	else
		device->id_text = text;
	hashmap_insert(&table->by_id, &device->by_id, hash);
	return 0;
}

int table_device_set_id(struct table *table, struct device *device, struct slice id)
{
	char text[DEVICE_ID_MAX];
	const struct device *other = table_device_find(table, id);

	if (other)
		return other == device ? 0 : -EEXIST;
	if (id.len == 0 || text_clean(id, text, sizeof(text)) != id.len)
		return -EINVAL;
	struct key key = key_of_text((struct slice){text, id.len});
	return set_id(table, device, &key, hash_id(table, &key));
}

/* Where no other device has it. 0, -EEXIST or -ENOMEM. */
static int try_id(struct table *table, struct device *device, const struct key *id)
{
	uint64_t hash = hash_id(table, id);
	const struct device *other = find(table, id, hash);

	if (other)
		return other == device ? 0 : -EEXIST;
	return set_id(table, device, id, hash);
}

static int choose_number(struct table *table, struct device *device)
{
	char text[DEVICE_ID_MAX];
	int error = -EEXIST;

	for (unsigned i = 0; i < ID_NUMBERS_TRIED && error == -EEXIST; i++) {
		snprintf(
		    text, sizeof(text), "device:%llu", (unsigned long long)table->last_number + i);
		struct key id = key_of_text(slice_of(text));
		error = try_id(table, device, &id);
	}
	return error;
}

/* The best that no other device has. */
static int choose_id(struct table *table, struct device *device)
{
	char text[DEVICE_ID_MAX];
	struct key id;

	for (enum id_source source = 0; source < ID_SOURCES; source++) {
		const struct endpoint *endpoint;
		TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
		{
			if (!make_id(endpoint, source, text, &id))
				continue;
			int error = try_id(table, device, &id);
			if (error != -EEXIST)
				return error;
		}
	}
	return choose_number(table, device);
}

void table_device_name_again(struct table *table, struct device *device)
{
	if (!device->reported && choose_id(table, device) == -ENOMEM)
		table_counted(table, COUNT_OUT_OF_MEMORY);
}

static void append(struct table *table, struct device *device)
{
	TAILQ_INSERT_TAIL(&table->devices, device, of_table);
	table->device_count++;
	for (struct table_cursor *cursor = table->cursors; cursor; cursor = cursor->next)
		if (!cursor->at)
			cursor->at = device;
}

static void unlink_device(struct table *table, struct device *device)
{
	for (struct table_cursor *cursor = table->cursors; cursor; cursor = cursor->next)
		if (cursor->at == device)
			cursor->at = TAILQ_NEXT(device, of_table);
	TAILQ_REMOVE(&table->devices, device, of_table);
	table->device_count--;
	heap_remove(&table->by_report, &device->by_report);
	hashmap_remove(&table->by_id, &device->by_id);
	if (device->other) {
		device->other->other = NULL;
		device->other->held = false;
	}
}

struct device *table_device_new(struct table *table, struct endpoint *endpoint)
{
	struct device *device = calloc(1, sizeof(*device));

	if (!device)
		return NULL;
	TAILQ_INIT(&device->endpoints);
	heap_node_init(&device->by_report);
	device->first_seen = endpoint->first_seen;
	if (heap_insert(&table->by_report, &device->by_report, INSTANT_NEVER.us) < 0) {
		free(device);
		return NULL;
	}
	struct device *former = endpoint->device;
	table_device_take(table, device, endpoint);
	if (choose_id(table, device) < 0) {
		TAILQ_REMOVE(&device->endpoints, endpoint, of_device);
		endpoint->device = NULL;
		if (former)
			table_device_take(table, former, endpoint);
		heap_remove(&table->by_report, &device->by_report);
		free(device);
		return NULL;
	}
	append(table, device);
	return device;
}

/* In the order they came. */
void table_device_take(struct table *table, struct device *device, struct endpoint *endpoint)
{
	struct endpoint *before;
	const struct presence *presence;

	if (endpoint->device) {
		TAILQ_REMOVE(&endpoint->device->endpoints, endpoint, of_device);
		endpoint->device->endpoint_count--;
	}
	TAILQ_FOREACH_REVERSE(before, &device->endpoints, endpoint_list, of_device)
	if (endpoint_number(before) < endpoint_number(endpoint))
		break;
	if (before)
		TAILQ_INSERT_AFTER(&device->endpoints, before, endpoint, of_device);
	else
		TAILQ_INSERT_HEAD(&device->endpoints, endpoint, of_device);
	device->endpoint_count++;
	endpoint->device = device;
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	table_presence_touch(table, presence);
	device->first_seen = instant_earlier(device->first_seen, endpoint->first_seen);
	device->last_seen = instant_later(device->last_seen, endpoint->last_seen);
}

void table_device_retie(struct table *table, const struct device *device)
{
	const struct endpoint *endpoint;
	const struct presence *presence;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	table_presence_retie(table, presence);
}

void table_device_free(struct table *table, struct device *device)
{
	unlink_device(table, device);
	drop_id(device);
	free(device);
}

static const struct endpoint *first_with_key(const struct device *device, const struct key *key)
{
	const struct endpoint *endpoint;

	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	if (key_equal(&endpoint->key, key))
		return endpoint;
	return NULL;
}

size_t table_find_key(
    const struct table *table, const struct key *key, const struct device **devices, size_t max)
{
	if (key->kind == KEY_ADDRESS)
		return 0;
	uint64_t hash = table_endpoint_hash_key(table, key, NULL, 0);
	struct hashmap_node *node = hashmap_first(&table->by_key, hash);
	const struct endpoint *younger;
	size_t count = 0;

	for (; node; node = hashmap_next(node)) {
		const struct endpoint *endpoint = CONTAINER_OF(node, struct endpoint, by_key);
		if (first_with_key(endpoint->device, key) != endpoint)
			continue;
		size_t at = count < max ? count : max;
		while (at > 0 && (younger = first_with_key(devices[at - 1], key)) &&
		       endpoint_number(endpoint) < endpoint_number(younger)) {
			if (at < max)
				devices[at] = devices[at - 1];
			at--;
		}
		if (at < max)
			devices[at] = endpoint->device;
		count++;
	}
	return count;
}

uint64_t *table_numbers(struct table *table, size_t *count)
{
	uint64_t *numbers = calloc(table->endpoint_count + 1, sizeof(*numbers));
	const struct device *device;
	const struct endpoint *endpoint;

	*count = 0;
	if (!numbers) {
		table_counted(table, COUNT_OUT_OF_MEMORY);
		return NULL;
	}
	TAILQ_FOREACH(device, &table->devices, of_table)
	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	numbers[(*count)++] = endpoint_number(endpoint);
	return numbers;
}

void table_cursor_open(struct table_cursor *cursor, struct table *table)
{
	*cursor = (struct table_cursor){table, TAILQ_FIRST(&table->devices), table->cursors};
	table->cursors = cursor;
}

const struct device *table_cursor_next(struct table_cursor *cursor)
{
	const struct device *device = cursor->at;

	if (device)
		cursor->at = TAILQ_NEXT(device, of_table);
	return device;
}

void table_cursor_close(struct table_cursor *cursor)
{
	if (!cursor->table)
		return;
	struct table_cursor **link = &cursor->table->cursors;
	while (*link != cursor)
		link = &(*link)->next;
	*link = cursor->next;
	cursor->table = NULL;
}

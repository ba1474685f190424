/* SPDX-License-Identifier: ISC
 * registry: the devices: how they are made, found, walked and removed. */
#include "registry/registry.h"
#include "base/ascii.h"
#include "registry/registry_internal.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct registry_limits REGISTRY_LIMITS_DEFAULT = {
    .endpoints = 4096,
    .endpoints_per_source = 32,
    .memory = 8 * 1024 * 1024,
    .memory_per_source = 256 * 1024,
    .lifetime_min = SECONDS(30),
    .lifetime_max = SECONDS(86400),
};

static const char *const COUNTER_NAMES[REGISTRY_COUNTERS] = {
    [COUNT_ADDED] = "added",
    [COUNT_UPDATED] = "updated",
    [COUNT_REMOVED] = "removed",
    [COUNT_ENDPOINTS_ADDED] = "endpoints-added",
    [COUNT_ENDPOINTS_REMOVED] = "endpoints-removed",
    [COUNT_REFRESHED] = "refreshed",
    [COUNT_EXPIRED] = "expired",
    [COUNT_EVICTED] = "evicted",
    [COUNT_REFUSED_FULL] = "refused-full",
    [COUNT_REFUSED_SOURCE] = "refused-source",
    [COUNT_REFUSED_MEMORY] = "refused-memory",
    [COUNT_SERVICES_REFUSED] = "services-refused",
    [COUNT_RESTARTS] = "restarts",
    [COUNT_BYES] = "byes",
    [COUNT_BYES_REFUSED] = "byes-refused",
    [COUNT_JOINED] = "joined",
    [COUNT_SPLIT] = "split",
    [COUNT_DUPLICATE_KEYS] = "duplicate-keys",
    [COUNT_QUESTIONS] = "questions",
    [COUNT_QUESTIONS_CONFIRMED] = "questions-confirmed",
    [COUNT_QUESTIONS_LIMITED] = "questions-limited",
    [COUNT_OUT_OF_MEMORY] = "out-of-memory",
    [COUNT_OURS_ELSEWHERE] = "ours-elsewhere",
};

struct registry *registry_new(const struct registry_limits *limits, const struct siphash_key *key)
{
	struct registry *registry = calloc(1, sizeof(*registry));

	if (!registry)
		return NULL;
	registry->limits = *limits;
	TAILQ_INIT(&registry->devices);
	TAILQ_INIT(&registry->unverified);
	heap_init(&registry->by_expiry);
	heap_init(&registry->by_report);
	heap_init(&registry->by_rank);
	counters_init(registry->counters, COUNTER_NAMES, REGISTRY_COUNTERS);
	if (string_pool_init(&registry->strings, key) < 0 ||
	    hashmap_init(&registry->by_id, key) < 0 || hashmap_init(&registry->by_key, key) < 0 ||
	    hashmap_init(&registry->by_number, key) < 0 ||
	    hashmap_init(&registry->by_address, key) < 0 ||
	    hashmap_init(&registry->by_source, key) < 0) {
		registry_free(registry);
		return NULL;
	}
	return registry;
}

void registry_free(struct registry *registry)
{
	if (!registry)
		return;
	registry->listener = (struct registry_listener){0};
	for (struct device *device; (device = TAILQ_FIRST(&registry->devices));) {
		for (struct endpoint *endpoint; (endpoint = TAILQ_FIRST(&device->endpoints));) {
			TAILQ_REMOVE(&device->endpoints, endpoint, of_device);
			registry_endpoint_free(registry, endpoint);
		}
		registry_device_free(registry, device);
	}
	hashmap_fini(&registry->by_id);
	hashmap_fini(&registry->by_key);
	hashmap_fini(&registry->by_number);
	hashmap_fini(&registry->by_address);
	hashmap_fini(&registry->by_source);
	heap_fini(&registry->by_expiry);
	heap_fini(&registry->by_report);
	heap_fini(&registry->by_rank);
	string_pool_fini(&registry->strings);
	free(registry);
}

void registry_listen(struct registry *registry, const struct registry_listener *listener)
{
	registry->listener = *listener;
}

void registry_set_limits(struct registry *registry, const struct registry_limits *limits)
{
	registry->limits = *limits;
}

/* Upper and lower case letters are the same: a uuid may be written one way here and another
 * there. */
static uint64_t hash_id(const struct registry *registry, struct slice id)
{
	char key[DEVICE_ID_MAX];

	for (size_t i = 0; i < id.len; i++)
		key[i] = ascii_lower(id.bytes[i]);
	return hashmap_hash(&registry->by_id, (struct slice){key, id.len});
}

static struct device *find(const struct registry *registry, struct slice id)
{
	if (id.len == 0 || id.len >= DEVICE_ID_MAX)
		return NULL;
	struct hashmap_node *node = hashmap_first(&registry->by_id, hash_id(registry, id));
	for (; node; node = hashmap_next(node)) {
		struct device *device = CONTAINER_OF(node, struct device, by_id);
		if (slice_equal_nocase(slice_of(device->id), id))
			return device;
	}
	return NULL;
}

const struct device *registry_find(const struct registry *registry, struct slice id)
{
	return find(registry, id);
}

/* Keys from the best to the worst: a UUID or other id, a name, the MAC, the address. */
static bool write_id(const struct endpoint *endpoint, unsigned choice, char out[DEVICE_ID_MAX])
{
	const struct presence *presence = STAILQ_FIRST(&endpoint->presences);
	bool named = endpoint->key.kind == KEY_NAME, by_id = key_joins(&endpoint->key);
	struct writer w;

	writer_init(&w, out, DEVICE_ID_MAX - 1);
	if (choice == 0 && (named || by_id)) {
		key_format(&endpoint->key, out);
		return true;
	}
	if (choice == 1 && presence->mac.known) {
		writer_text(&w, "mac:");
		mac_format(&presence->mac, &w);
	} else if (choice == 2) {
		writer_text(&w, "address:");
		address_format(&presence->address, &w);
		writer_format(&w, "%%%u", (unsigned)endpoint->link);
	} else if (choice == 3) {
		writer_format(&w, "endpoint:%llu", (unsigned long long)endpoint->number);
	} else {
		return false;
	}
	out[w.len] = '\0';
	return true;
}

/* The first choice that no other device has; the last one is unique. */
static int choose_id(struct registry *registry, struct device *device)
{
	const struct endpoint *endpoint = TAILQ_FIRST(&device->endpoints);
	char text[DEVICE_ID_MAX];

	for (unsigned choice = 0; choice < 4; choice++) {
		if (!write_id(endpoint, choice, text))
			continue;
		const struct device *other = find(registry, slice_of(text));
		if (other == device)
			return 0;
		if (other)
			continue;
		char *id = strdup(text);
		if (!id)
			return -ENOMEM;
		if (device->id) {
			hashmap_remove(&registry->by_id, &device->by_id);
			free(device->id);
		}
		device->id = id;
		hashmap_insert(&registry->by_id, &device->by_id, hash_id(registry, slice_of(id)));
		return 0;
	}
	return -ENOENT;
}

void registry_device_name_again(struct registry *registry, struct device *device)
{
	if (!device->reported && choose_id(registry, device) == -ENOMEM)
		registry_counted(registry, COUNT_OUT_OF_MEMORY);
}

static void append(struct registry *registry, struct device *device)
{
	TAILQ_INSERT_TAIL(&registry->devices, device, of_table);
	registry->device_count++;
	for (struct registry_cursor *cursor = registry->cursors; cursor; cursor = cursor->next)
		if (!cursor->at)
			cursor->at = device;
}

static void unlink_device(struct registry *registry, struct device *device)
{
	for (struct registry_cursor *cursor = registry->cursors; cursor; cursor = cursor->next)
		if (cursor->at == device)
			cursor->at = TAILQ_NEXT(device, of_table);
	TAILQ_REMOVE(&registry->devices, device, of_table);
	registry->device_count--;
	heap_remove(&registry->by_report, &device->by_report);
	hashmap_remove(&registry->by_id, &device->by_id);
	if (device->successor)
		device->successor->predecessor = NULL;
	if (device->predecessor)
		device->predecessor->successor = NULL;
}

struct device *registry_device_new(struct registry *registry, struct endpoint *endpoint)
{
	struct device *device = calloc(1, sizeof(*device));

	if (!device)
		return NULL;
	TAILQ_INIT(&device->endpoints);
	heap_node_init(&device->by_report);
	device->first_seen = endpoint->first_seen;
	if (heap_insert(&registry->by_report, &device->by_report, INSTANT_NEVER.us) < 0) {
		free(device);
		return NULL;
	}
	struct device *former = endpoint->device;
	registry_device_take(registry, device, endpoint);
	if (choose_id(registry, device) < 0) {
		TAILQ_REMOVE(&device->endpoints, endpoint, of_device);
		endpoint->device = NULL;
		if (former)
			registry_device_take(registry, former, endpoint);
		heap_remove(&registry->by_report, &device->by_report);
		free(device);
		return NULL;
	}
	append(registry, device);
	return device;
}

/* In the order they came. */
void registry_device_take(
    struct registry *registry, struct device *device, struct endpoint *endpoint)
{
	struct endpoint *before;
	(void)registry;

	if (endpoint->device) {
		TAILQ_REMOVE(&endpoint->device->endpoints, endpoint, of_device);
		endpoint->device->endpoint_count--;
	}
	TAILQ_FOREACH(before, &device->endpoints, of_device)
	if (before->number > endpoint->number)
		break;
	if (before)
		TAILQ_INSERT_BEFORE(before, endpoint, of_device);
	else
		TAILQ_INSERT_TAIL(&device->endpoints, endpoint, of_device);
	device->endpoint_count++;
	endpoint->device = device;
	device->first_seen = instant_earlier(device->first_seen, endpoint->first_seen);
	device->last_seen = instant_later(device->last_seen, endpoint->last_seen);
}

void registry_device_free(struct registry *registry, struct device *device)
{
	unlink_device(registry, device);
	free(device->id);
	free(device);
}

/* The last endpoint stays in its device, with its last presence, until the removal has been
 * reported: the report says where the device was. */
void registry_remove(struct registry *registry, struct endpoint *endpoint)
{
	struct device *device = endpoint->device;
	bool last = device->endpoint_count == 1;

	if (registry->listener.forgotten)
		registry->listener.forgotten(registry->listener.context, endpoint);
	registry_counted(registry, COUNT_ENDPOINTS_REMOVED);
	if (last && !device->successor)
		registry_report_removed(registry, device, NULL);
	TAILQ_REMOVE(&device->endpoints, endpoint, of_device);
	device->endpoint_count--;
	registry_endpoint_free(registry, endpoint);
	if (!last)
		registry_report_change(registry, device);
	else if (!registry_ties_succeed(registry, device))
		registry_device_free(registry, device);
}

bool registry_leave(struct registry *registry, struct endpoint *endpoint, struct presence *presence)
{
	if (endpoint->presence_count == 1) {
		registry_remove(registry, endpoint);
		return true;
	}
	registry_presence_remove(registry, endpoint, presence);
	registry_endpoint_settle(registry, endpoint);
	registry_report_change(registry, endpoint->device);
	return false;
}

static void expire_endpoint(struct registry *registry, struct endpoint *endpoint)
{
	struct presence *presence, *next;

	for (presence = STAILQ_FIRST(&endpoint->presences); presence; presence = next) {
		next = STAILQ_NEXT(presence, next);
		if (!instant_due(presence->expires, registry->now))
			continue;
		if (endpoint->presence_count == 1)
			registry_counted(registry, COUNT_EXPIRED);
		if (registry_leave(registry, endpoint, presence))
			return;
	}
	if (registry_services_expire(registry, endpoint, registry->now))
		registry_report_change(registry, endpoint->device);
	registry_endpoint_settle(registry, endpoint);
}

void registry_advance(struct registry *registry, struct instant now)
{
	struct heap_node *node;

	registry->now = now;
	while ((node = heap_top(&registry->by_expiry)) && node->key <= now.us)
		expire_endpoint(registry, CONTAINER_OF(node, struct endpoint, by_expiry));
	registry_report_due(registry);
}

static struct instant top_of(const struct heap *heap)
{
	const struct heap_node *node = heap_top(heap);
	return node ? (struct instant){node->key} : INSTANT_NEVER;
}

struct instant registry_deadline(const struct registry *registry)
{
	return instant_earlier(top_of(&registry->by_expiry), top_of(&registry->by_report));
}

uint64_t *registry_numbers(struct registry *registry, size_t *count)
{
	uint64_t *numbers = calloc(registry->endpoint_count + 1, sizeof(*numbers));
	const struct device *device;
	const struct endpoint *endpoint;

	*count = 0;
	if (!numbers) {
		registry_counted(registry, COUNT_OUT_OF_MEMORY);
		return NULL;
	}
	TAILQ_FOREACH(device, &registry->devices, of_table)
	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	numbers[(*count)++] = endpoint->number;
	return numbers;
}

static struct endpoint *find_endpoint(const struct registry *registry, uint64_t number)
{
	struct hashmap_node *node = hashmap_first(&registry->by_number, number);

	return node ? CONTAINER_OF(node, struct endpoint, by_number) : NULL;
}

const struct endpoint *registry_find_endpoint(const struct registry *registry, uint64_t number)
{
	return find_endpoint(registry, number);
}

/* By number, for a device that goes may take another one's place. */
void registry_drop_link(struct registry *registry, struct instant now, uint32_t link)
{
	size_t count;
	uint64_t *numbers = registry_numbers(registry, &count);

	registry->now = now;
	for (size_t i = 0; i < count; i++) {
		struct endpoint *endpoint = find_endpoint(registry, numbers[i]);
		if (endpoint && endpoint->link == link)
			registry_remove(registry, endpoint);
	}
	free(numbers);
}

static void found(struct registry *registry, struct device *device, bool reachable)
{
	if (reachable)
		device->last_seen = registry->now;
	device->reachable = reachable ? DEVICE_REACHABLE_YES : DEVICE_REACHABLE_NO;
	registry_report_change(registry, device);
}

int registry_set_reachable(
    struct registry *registry, struct instant now, uint64_t number, bool reachable)
{
	struct endpoint *endpoint = find_endpoint(registry, number);

	if (!endpoint)
		return -ENOENT;
	registry->now = now;
	if (reachable)
		registry_source_verify(registry, endpoint);
	else
		registry_url_failed(registry, endpoint);
	found(registry, endpoint->device, reachable);
	return 0;
}

int registry_set_device_reachable(
    struct registry *registry, struct instant now, struct slice id, bool reachable)
{
	struct device *device = find(registry, id);

	if (!device)
		return -ENOENT;
	registry->now = now;
	found(registry, device, reachable);
	return 0;
}

void registry_set_busy(struct registry *registry, uint64_t number, bool busy)
{
	struct endpoint *endpoint = find_endpoint(registry, number);

	if (endpoint)
		endpoint->busy = busy;
}

size_t registry_find_key(const struct registry *registry, const struct key *key,
    const struct device **devices, size_t max)
{
	uint64_t hash = registry_endpoint_hash_key(registry, key, NULL, 0);
	struct hashmap_node *node = hashmap_first(&registry->by_key, hash);
	size_t count = 0;

	for (; node; node = hashmap_next(node)) {
		const struct endpoint *endpoint = CONTAINER_OF(node, struct endpoint, by_key);
		bool known = !key_equal(&endpoint->key, key);
		for (size_t i = 0; i < count && i < max && !known; i++)
			known = devices[i] == endpoint->device;
		if (known)
			continue;
		if (count < max)
			devices[count] = endpoint->device;
		count++;
	}
	return count;
}

size_t registry_device_count(const struct registry *registry)
{
	return registry->device_count;
}

size_t registry_endpoint_count(const struct registry *registry)
{
	return registry->endpoint_count;
}

size_t registry_memory(const struct registry *registry)
{
	return registry->memory;
}

struct counter_group registry_counters(const struct registry *registry)
{
	return (struct counter_group){"registry", registry->counters, REGISTRY_COUNTERS};
}

void registry_cursor_open(struct registry_cursor *cursor, struct registry *registry)
{
	*cursor =
	    (struct registry_cursor){registry, TAILQ_FIRST(&registry->devices), registry->cursors};
	registry->cursors = cursor;
}

const struct device *registry_cursor_next(struct registry_cursor *cursor)
{
	const struct device *device = cursor->at;

	if (device)
		cursor->at = TAILQ_NEXT(device, of_table);
	return device;
}

void registry_cursor_close(struct registry_cursor *cursor)
{
	if (!cursor->registry)
		return;
	struct registry_cursor **link = &cursor->registry->cursors;
	while (*link != cursor)
		link = &(*link)->next;
	*link = cursor->next;
	cursor->registry = NULL;
}

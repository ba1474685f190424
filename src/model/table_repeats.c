/* SPDX-License-Identifier: ISC
 * table_repeats: the messages that are known of a presence, see table_refresh.h.
 *
 * They are forgotten as soon as anything changes that one of them says, so each says what the
 * endpoint has. They are charged to the source, which has room for them as long as neither it nor
 * the table is filled by more than one part of MEMORY_SHARE. */
#include "model/table_internal.h"
#include <stdlib.h>

/* A root device sends 3 messages, and one for each type of service (UDA 2.0, 1.2.2). */
enum { REPEATS_MAX = 16, MEMORY_SHARE = 4 };

struct repeats {
	uint8_t count, capacity;
	uint8_t next; /* gives way next, when there are REPEATS_MAX */
	struct repeat list[];
};

static size_t size_of(size_t capacity)
{
	return capacity ? sizeof(struct repeats) + capacity * sizeof(struct repeat) : 0;
}

size_t table_repeats_size(const struct presence *presence)
{
	return presence->repeats ? size_of(presence->repeats->capacity) : 0;
}

static void forget(struct table *table, struct presence *presence)
{
	if (!presence->repeats)
		return;
	table_source_charge(table, presence->endpoint, -(int64_t)table_repeats_size(presence));
	free(presence->repeats);
	presence->repeats = NULL;
}

void table_repeats_forget(struct table *table, struct endpoint *endpoint)
{
	struct presence *presence;

	endpoint->changes++;
	STAILQ_FOREACH(presence, &endpoint->presences, next)
	forget(table, presence);
}

static struct repeat *find(const struct presence *presence, uint64_t message)
{
	struct repeats *repeats = presence->repeats;

	for (size_t i = 0; repeats && i < repeats->count; i++)
		if (repeats->list[i].message == message)
			return &repeats->list[i];
	return NULL;
}

const struct repeat *table_repeats_find(const struct presence *presence, uint64_t message)
{
	return find(presence, message);
}

static bool has_room(const struct table *table, const struct endpoint *endpoint, size_t more)
{
	return (table->memory + more) * MEMORY_SHARE <= table->limits.memory &&
	       (table_source_holding(endpoint).charge + more) * MEMORY_SHARE <=
		   table->limits.memory_per_source;
}

/* Room for one more; NULL where there is none. */
static struct repeats *grow(struct table *table, struct presence *presence)
{
	struct repeats *repeats = presence->repeats;
	size_t before = repeats ? repeats->capacity : 0, capacity = before ? 2 * before : 1;
	size_t more = size_of(capacity) - size_of(before);

	if (repeats && (repeats->count < before || before == REPEATS_MAX))
		return repeats;
	if (!has_room(table, presence->endpoint, more))
		return NULL;
	repeats = realloc(repeats, size_of(capacity));
	if (!repeats)
		return NULL;
	if (!before)
		*repeats = (struct repeats){0};
	repeats->capacity = (uint8_t)capacity;
	presence->repeats = repeats;
	table_source_charge(table, presence->endpoint, (int64_t)more);
	return repeats;
}

void table_repeats_put(struct table *table, struct presence *presence, const struct repeat *repeat)
{
	struct repeat *place = find(presence, repeat->message);
	struct repeats *repeats = place ? NULL : grow(table, presence);

	if (repeats && repeats->count < repeats->capacity)
		place = &repeats->list[repeats->count++];
	else if (repeats)
		place = &repeats->list[repeats->next++ % REPEATS_MAX];
	if (place)
		*place = *repeat;
}

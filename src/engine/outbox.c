/* SPDX-License-Identifier: ISC
 * outbox: growing arrays, and an arena of chunks for the bytes that their entries point to. */
#include "engine/outbox.h"
#include "base/array.h"
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 16, CHUNK_SIZE = 8 * 1024 };

struct outbox_chunk {
	struct outbox_chunk *next;
	size_t capacity, used;
	alignas(max_align_t) char bytes[];
};

void outbox_init(struct outbox *outbox)
{
	*outbox = (struct outbox){0};
}

static void arena_fini(struct outbox_arena *arena)
{
	struct outbox_chunk *next;
	for (struct outbox_chunk *chunk = arena->chunks; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
}

void outbox_fini(struct outbox *outbox)
{
	arena_fini(&outbox->sent);
	arena_fini(&outbox->taken);
	free(outbox->sends);
	free(outbox->sightings);
	free(outbox->renewals);
	free(outbox->addresses);
	outbox_init(outbox);
}

/* Those behind the one that is being filled are empty. */
static void arena_reset(struct outbox_arena *arena)
{
	for (struct outbox_chunk *chunk = arena->chunks; chunk; chunk = chunk->next) {
		chunk->used = 0;
		if (chunk == arena->filling)
			break;
	}
	arena->filling = arena->chunks;
}

void outbox_reset_sends(struct outbox *outbox)
{
	arena_reset(&outbox->sent);
	outbox->send_count = 0;
}

void outbox_reset_rest(struct outbox *outbox)
{
	arena_reset(&outbox->taken);
	outbox->sighting_count = outbox->address_count = outbox->renewal_count = 0;
	outbox->renumber = outbox->refused = false;
	outbox->repeatable = 0;
}

void outbox_reset(struct outbox *outbox)
{
	outbox_reset_sends(outbox);
	outbox_reset_rest(outbox);
}

static struct outbox_chunk *add_chunk(struct outbox_arena *arena, size_t capacity)
{
	struct outbox_chunk *chunk = malloc(sizeof(*chunk) + capacity);
	if (!chunk)
		return NULL;
	*chunk = (struct outbox_chunk){.capacity = capacity};
	struct outbox_chunk **end = &arena->chunks;
	while (*end)
		end = &(*end)->next;
	*end = chunk;
	return chunk;
}

/* Room for `len` bytes that stays where it is until the outbox is finished; NULL when out of
 * memory. */
static char *reserve(struct outbox_arena *arena, size_t len)
{
	struct outbox_chunk *chunk = arena->filling;
	len = (len + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
	while (chunk && chunk->capacity - chunk->used < len)
		chunk = chunk->next;
	if (!chunk)
		chunk = add_chunk(arena, len > CHUNK_SIZE ? len : CHUNK_SIZE);
	if (!chunk)
		return NULL;
	arena->filling = chunk;
	char *room = chunk->bytes + chunk->used;
	chunk->used += len;
	return room;
}

/* Makes room for one more item of `size` bytes. */
static bool grow(void **items, size_t *capacity, size_t count, size_t size)
{
	if (count < *capacity)
		return true;
	size_t more = *capacity ? 2 * *capacity : FIRST_CAPACITY;
	void *bigger = reallocarray(*items, more, size);
	if (!bigger)
		return false;
	*items = bigger;
	*capacity = more;
	return true;
}

/* Appends one slice's bytes to *room; an absent slice stays absent, an empty one stays empty. */
static void copy_slice(struct slice *slice, char **room)
{
	if (!slice->bytes)
		return;
	if (slice->len)
		memcpy(*room, slice->bytes, slice->len);
	slice->bytes = *room;
	*room += slice->len;
}

void outbox_send(struct outbox *outbox, const struct outbox_send *send)
{
	void *items = outbox->sends;
	bool fits = grow(&items, &outbox->send_capacity, outbox->send_count, sizeof(*send));
	outbox->sends = items;
	char *room = fits ? reserve(&outbox->sent, send->bytes.len) : NULL;
	if (!room) {
		outbox->dropped++;
		return;
	}
	struct outbox_send *entry = &outbox->sends[outbox->send_count++];
	*entry = *send;
	copy_slice(&entry->bytes, &room);
}

void outbox_renewal(struct outbox *outbox, const struct renewal *renewal)
{
	void *items = outbox->renewals;
	bool fits =
	    grow(&items, &outbox->renewal_capacity, outbox->renewal_count, sizeof(*renewal));
	outbox->renewals = items;
	if (fits)
		outbox->renewals[outbox->renewal_count++] = *renewal;
	else
		outbox->dropped++;
}

void outbox_address(struct outbox *outbox, const struct host_address *address)
{
	void *items = outbox->addresses;
	bool fits =
	    grow(&items, &outbox->address_capacity, outbox->address_count, sizeof(*address));
	outbox->addresses = items;
	char *room = fits ? reserve(&outbox->taken, address->name.len) : NULL;
	if (!room) {
		outbox->dropped++;
		return;
	}
	struct host_address *entry = &outbox->addresses[outbox->address_count++];
	*entry = *address;
	copy_slice(&entry->name, &room);
}

typedef void slice_fn(void *context, struct slice *slice);

/* These are inline, so that `fn` is, too. */
static inline __attribute__((always_inline)) void each_slice_of_service(
    struct sighted_service *service, slice_fn *fn, void *context)
{
	fn(context, &service->key);
	fn(context, &service->type);
	fn(context, &service->name);
	fn(context, &service->url);
	fn(context, &service->txt);
}

/* Those of the sighting itself; its services have their own. */
static inline __attribute__((always_inline)) void each_slice(
    struct sighting *sighting, slice_fn *fn, void *context)
{
	fn(context, &sighting->key.text);
	fn(context, &sighting->url);
	for (size_t i = 0; i < FACTS; i++)
		fn(context, &sighting->facts[i]);
}

static void add_len(void *context, struct slice *slice)
{
	size_t *len = context;
	*len += slice->len;
}

static void move_slice(void *context, struct slice *slice)
{
	char **room = context;
	copy_slice(slice, room);
}

/* Bytes that a copy of what the sighting points to needs: the services first, for their alignment.
 */
static size_t sighting_size(const struct sighting *sighting)
{
	size_t len = sighting->service_count * sizeof(*sighting->services);
	each_slice((struct sighting *)sighting, add_len, &len); /* which changes none */
	for (size_t i = 0; i < sighting->service_count; i++) {
		struct sighted_service service = sighting->services[i];
		each_slice_of_service(&service, add_len, &len);
	}
	return len;
}

void outbox_sighting(struct outbox *outbox, const struct sighting *sighting)
{
	size_t count = sighting->service_count;
	void *items = outbox->sightings;
	bool fits =
	    grow(&items, &outbox->sighting_capacity, outbox->sighting_count, sizeof(*sighting));
	outbox->sightings = items;
	char *room = fits ? reserve(&outbox->taken, sighting_size(sighting)) : NULL;
	if (!room) {
		outbox->dropped++;
		return;
	}
	struct sighted_service *services = (struct sighted_service *)(void *)room;
	room += count * sizeof(*services);
	struct sighting *copy = &outbox->sightings[outbox->sighting_count++];
	*copy = *sighting;
	each_slice(copy, move_slice, &room);
	for (size_t i = 0; i < count; i++) {
		services[i] = sighting->services[i];
		each_slice_of_service(&services[i], move_slice, &room);
	}
	copy->services = count ? services : NULL;
}

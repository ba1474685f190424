/* SPDX-License-Identifier: ISC
 * outbox: two growing arrays, and an arena of chunks for the bytes that their entries point to. */
#include "engine/outbox.h"
#include "base/array.h"
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 16, CHUNK_SIZE = 8 * 1024 };

struct outbox_chunk {
	struct outbox_chunk *next;
	size_t capacity, used;
	char bytes[];
};

void outbox_init(struct outbox *outbox)
{
	*outbox = (struct outbox){0};
}

void outbox_fini(struct outbox *outbox)
{
	struct outbox_chunk *next;
	for (struct outbox_chunk *chunk = outbox->chunks; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(outbox->sends);
	free(outbox->sightings);
	outbox_init(outbox);
}

void outbox_reset(struct outbox *outbox)
{
	for (struct outbox_chunk *chunk = outbox->chunks; chunk; chunk = chunk->next)
		chunk->used = 0;
	outbox->filling = outbox->chunks;
	outbox->send_count = outbox->sighting_count = 0;
	outbox->renumber = outbox->refused = false;
}

static struct outbox_chunk *add_chunk(struct outbox *outbox, size_t capacity)
{
	struct outbox_chunk *chunk = malloc(sizeof(*chunk) + capacity);
	if (!chunk)
		return NULL;
	*chunk = (struct outbox_chunk){.capacity = capacity};
	struct outbox_chunk **end = &outbox->chunks;
	while (*end)
		end = &(*end)->next;
	*end = chunk;
	return chunk;
}

/* Room for `len` bytes that stays where it is until the outbox is finished; NULL when out of
 * memory. */
static char *reserve(struct outbox *outbox, size_t len)
{
	struct outbox_chunk *chunk = outbox->filling;
	while (chunk && chunk->capacity - chunk->used < len)
		chunk = chunk->next;
	if (!chunk)
		chunk = add_chunk(outbox, len > CHUNK_SIZE ? len : CHUNK_SIZE);
	if (!chunk)
		return NULL;
	outbox->filling = chunk;
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
	char *room = fits ? reserve(outbox, send->bytes.len) : NULL;
	if (!room) {
		outbox->dropped++;
		return;
	}
	struct outbox_send *entry = &outbox->sends[outbox->send_count++];
	*entry = *send;
	copy_slice(&entry->bytes, &room);
}

static const size_t SIGHTING_SLICES[] = {
    offsetof(struct sighting, id),
    offsetof(struct sighting, name),
    offsetof(struct sighting, type),
    offsetof(struct sighting, service),
    offsetof(struct sighting, usn),
    offsetof(struct sighting, location),
    offsetof(struct sighting, server),
    offsetof(struct sighting, manufacturer),
    offsetof(struct sighting, model),
    offsetof(struct sighting, serial),
    offsetof(struct sighting, presentation_url),
};
enum { SIGHTING_SLICE_COUNT = COUNT_OF(SIGHTING_SLICES) };

static struct slice *sighting_slice(struct sighting *sighting, size_t i)
{
	return (struct slice *)((char *)sighting + SIGHTING_SLICES[i]);
}

void outbox_sighting(struct outbox *outbox, const struct sighting *sighting)
{
	struct sighting copy = *sighting;
	size_t len = 0;
	for (size_t i = 0; i < SIGHTING_SLICE_COUNT; i++)
		len += sighting_slice(&copy, i)->len;

	void *items = outbox->sightings;
	bool fits = grow(&items, &outbox->sighting_capacity, outbox->sighting_count, sizeof(copy));
	outbox->sightings = items;
	char *room = fits ? reserve(outbox, len) : NULL;
	if (!room) {
		outbox->dropped++;
		return;
	}
	for (size_t i = 0; i < SIGHTING_SLICE_COUNT; i++)
		copy_slice(sighting_slice(&copy, i), &room);
	outbox->sightings[outbox->sighting_count++] = copy;
}

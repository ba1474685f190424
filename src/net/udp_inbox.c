/* SPDX-License-Identifier: ISC
 * udp_inbox: see udp_inbox.h. */
#include "net/udp_inbox.h"
#include <errno.h>
#include <stdalign.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

/* Mostly a single datagram wakes us: the first reading has room for few, so that it touches little
 * memory. At rest a chunk keeps what a quiet network needs. */
enum { CHUNK_SIZE = 128 * 1024, FIRST_BATCH = 4, KEPT = 16 * 1024 };

/* Datagrams one after the other, each with its bytes behind it. */
struct udp_chunk {
	struct udp_chunk *next;
	size_t used, read; /* ends of what was filled in, and of what was taken out */
	alignas(struct udp_datagram) char bytes[];
};

enum { CHUNK_ROOM = CHUNK_SIZE - sizeof(struct udp_chunk) };

/* Of a datagram with its bytes. */
static size_t size_of(size_t len)
{
	size_t align = alignof(struct udp_datagram);

	return sizeof(struct udp_datagram) + (len + align - 1) / align * align;
}

/* Pages of its own, which go back to the kernel whole. */
static struct udp_chunk *map_chunk(void)
{
	void *chunk =
	    mmap(NULL, CHUNK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return chunk == MAP_FAILED ? NULL : chunk;
}

int udp_memory_init(struct udp_memory *memory)
{
	*memory = (struct udp_memory){.spare = map_chunk()};
	return memory->spare ? 0 : -ENOMEM;
}

void udp_memory_fini(struct udp_memory *memory)
{
	if (memory->spare)
		munmap(memory->spare, CHUNK_SIZE);
	memory->spare = NULL;
}

void udp_inbox_init(struct udp_inbox *inbox, struct udp_memory *memory)
{
	*inbox = (struct udp_inbox){.memory = memory};
}

static struct udp_chunk *add_chunk(struct udp_inbox *inbox)
{
	struct udp_memory *memory = inbox->memory;
	struct udp_chunk *chunk;

	if (inbox->last && memory->used >= UDP_MEMORY_MAX)
		return NULL;
	chunk = memory->spare ? memory->spare : map_chunk();
	if (!chunk)
		return NULL;
	memory->spare = NULL;
	memory->used += CHUNK_SIZE;
	chunk->next = NULL;
	chunk->used = chunk->read = 0;
	*(inbox->last ? &inbox->last->next : &inbox->first) = chunk;
	inbox->last = chunk;
	return chunk;
}

static void drop_first_chunk(struct udp_inbox *inbox)
{
	struct udp_memory *memory = inbox->memory;
	struct udp_chunk *chunk = inbox->first;

	inbox->first = chunk->next;
	if (!inbox->first)
		inbox->last = NULL;
	memory->used -= CHUNK_SIZE;
	if (memory->spare) {
		munmap(chunk, CHUNK_SIZE);
		return;
	}
	memory->large |= chunk->used > KEPT;
	memory->spare = chunk;
}

void udp_memory_give_back(struct udp_memory *memory)
{
	if (memory->spare)
		madvise((char *)memory->spare + KEPT, CHUNK_SIZE - KEPT, MADV_DONTNEED);
	memory->large = !memory->spare;
}

void udp_inbox_fini(struct udp_inbox *inbox)
{
	while (inbox->first)
		drop_first_chunk(inbox);
}

/* Reads into places for the longest datagrams, then moves what came together. */
static int fill_chunk(
    struct udp_chunk *chunk, unsigned most, int fd, uint16_t datagram_max, uint32_t *drops)
{
	struct udp_datagram datagrams[UDP_BATCH_MAX];
	struct udp_batch batch = {.bytes = chunk->bytes + chunk->used + sizeof(datagrams[0]),
	    .distance = size_of(datagram_max),
	    .datagram_max = datagram_max,
	    .count = most};
	int count = udp_socket_receive(fd, &batch, datagrams, drops);

	for (int i = 0; i < count; i++) {
		char *to = chunk->bytes + chunk->used;
		struct slice *slice = &datagrams[i].bytes;

		memmove(to + sizeof(datagrams[i]), slice->bytes, slice->len);
		slice->bytes = to + sizeof(datagrams[i]);
		memcpy(to, &datagrams[i], sizeof(datagrams[i]));
		chunk->used += size_of(slice->len);
	}
	return count;
}

int udp_inbox_fill(struct udp_inbox *inbox, int fd, uint16_t datagram_max, uint32_t *drops)
{
	size_t batch = FIRST_BATCH;

	for (;; batch = UDP_BATCH_MAX) {
		struct udp_chunk *chunk = inbox->last;
		size_t room = chunk ? (CHUNK_ROOM - chunk->used) / size_of(datagram_max) : 0;

		if (!room) {
			chunk = add_chunk(inbox);
			room = CHUNK_ROOM / size_of(datagram_max);
		}
		if (!chunk)
			return 0;
		unsigned most = (unsigned)(room < batch ? room : batch);
		int count = fill_chunk(chunk, most, fd, datagram_max, drops);
		if (count < 0)
			return count == -EAGAIN ? 0 : count;
		if ((unsigned)count < most)
			return 0;
	}
}

bool udp_inbox_waits(struct udp_inbox *inbox)
{
	while (inbox->first && inbox->first->read == inbox->first->used)
		drop_first_chunk(inbox);
	return inbox->first;
}

const struct udp_datagram *udp_inbox_next(struct udp_inbox *inbox)
{
	if (!udp_inbox_waits(inbox))
		return NULL;
	struct udp_chunk *chunk = inbox->first;
	const void *datagram = chunk->bytes + chunk->read;
	chunk->read += size_of(((const struct udp_datagram *)datagram)->bytes.len);
	return datagram;
}

/* SPDX-License-Identifier: ISC
 * byte_queue: see byte_queue.h. */
#include "control/byte_queue.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 512, CAPACITY_KEPT = 4096 };

void byte_queue_fini(struct byte_queue *queue)
{
	free(queue->bytes);
	*queue = (struct byte_queue){0};
}

static int make_room(struct byte_queue *queue, size_t len)
{
	if (len <= queue->capacity - queue->head - queue->len)
		return 0;
	if (queue->head) {
		memmove(queue->bytes, queue->bytes + queue->head, queue->len);
		queue->head = 0;
	}
	if (len <= queue->capacity - queue->len)
		return 0;
	if (len > SIZE_MAX / 4 || queue->len > SIZE_MAX / 4)
		return -ENOMEM;
	size_t capacity = queue->capacity ? queue->capacity : CAPACITY_MIN;
	while (capacity < queue->len + len)
		capacity *= 2;
	char *bytes = realloc(queue->bytes, capacity);
	if (!bytes)
		return -ENOMEM;
	queue->bytes = bytes;
	queue->capacity = capacity;
	return 0;
}

int byte_queue_append(struct byte_queue *queue, struct slice bytes)
{
	if (!bytes.len)
		return 0;
	if (make_room(queue, bytes.len) < 0)
		return -ENOMEM;
	memcpy(queue->bytes + queue->head + queue->len, bytes.bytes, bytes.len);
	queue->len += bytes.len;
	return 0;
}

struct slice byte_queue_peek(const struct byte_queue *queue)
{
	return (struct slice){queue->len ? queue->bytes + queue->head : "", queue->len};
}

void byte_queue_skip(struct byte_queue *queue, size_t len)
{
	queue->head += len;
	queue->len -= len;
	if (queue->len)
		return;
	queue->head = 0;
	/* a client that was once given a lot does not keep the memory for it */
	if (queue->capacity > CAPACITY_KEPT)
		byte_queue_fini(queue);
}

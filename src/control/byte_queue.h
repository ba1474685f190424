/* SPDX-License-Identifier: ISC
 * byte_queue: bytes that wait to be parsed or sent, in one buffer that grows when it must and goes
 * when it is empty. */
#ifndef CONTROL_BYTE_QUEUE_H
#define CONTROL_BYTE_QUEUE_H

#include "base/slice.h"

/* All zero is an empty queue. */
struct byte_queue {
	char *bytes;
	size_t head; /* of what waits */
	size_t len;
	size_t capacity;
};

void byte_queue_fini(struct byte_queue *queue);
/* 0, or -ENOMEM and nothing of it was taken. */
int byte_queue_append(struct byte_queue *queue, struct slice bytes);
/* What waits, valid until the next call. */
struct slice byte_queue_peek(const struct byte_queue *queue);
void byte_queue_skip(struct byte_queue *queue, size_t len);

#endif

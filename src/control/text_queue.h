/* SPDX-License-Identifier: ISC
 * text_queue: texts that wait to be sent to one client; a text may wait for several of them. */
#ifndef CONTROL_TEXT_QUEUE_H
#define CONTROL_TEXT_QUEUE_H

#include "wire/json_writer.h"

/* It is freed with its last holder. */
struct shared_text {
	char *bytes;
	size_t len;
	unsigned holders;
};

/* Takes the text over; one holder. NULL, and the text has gone: out of memory, now or before. */
struct shared_text *shared_text_new(struct json_writer *text);
/* NULL does nothing. */
void shared_text_release(struct shared_text *text);

/* All zero is an empty queue. */
struct text_queue {
	struct shared_text **texts;
	size_t first, count, capacity; /* of the texts; those from `first` on wait */
	size_t sent;                   /* bytes of the first one */
	size_t len;                    /* bytes that wait */
};

void text_queue_fini(struct text_queue *queue);
/* Holds the text. 0, or -ENOMEM and nothing was added. */
int text_queue_add(struct text_queue *queue, struct shared_text *text);
/* Takes over what was written; 0, or -ENOMEM, also where that is not whole. */
int text_queue_put(struct text_queue *queue, struct json_writer *text);
/* What waits, from the first byte on, in `max` parts at most; valid until the next call. */
size_t text_queue_peek(const struct text_queue *queue, struct slice *parts, size_t max);
void text_queue_skip(struct text_queue *queue, size_t len);

#endif

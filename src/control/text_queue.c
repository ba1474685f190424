/* SPDX-License-Identifier: ISC
 * text_queue: see text_queue.h. */
#include "control/text_queue.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 8 };

/* What was written at once has up to half of its memory to spare. */
static void shrink(struct json_writer *text)
{
	char *bytes = text->len < text->capacity - text->capacity / 4
			  ? realloc(text->bytes, text->len)
			  : NULL;

	text->bytes = bytes ? bytes : text->bytes;
}

struct shared_text *shared_text_new(struct json_writer *text)
{
	struct shared_text *shared = text->failed ? NULL : malloc(sizeof(*shared));

	if (!shared) {
		json_writer_fini(text);
		return NULL;
	}
	if (text->len)
		shrink(text);
	*shared = (struct shared_text){.bytes = text->bytes, .len = text->len, .holders = 1};
	*text = (struct json_writer){0};
	return shared;
}

void shared_text_release(struct shared_text *text)
{
	if (!text || --text->holders)
		return;
	free(text->bytes);
	free(text);
}

void text_queue_fini(struct text_queue *queue)
{
	while (queue->count)
		shared_text_release(queue->texts[queue->first + --queue->count]);
	free(queue->texts);
	*queue = (struct text_queue){0};
}

static int make_room(struct text_queue *queue)
{
	if (queue->first + queue->count < queue->capacity)
		return 0;
	/* moving them costs no more than adding as many did */
	if (queue->first > queue->count) {
		memmove(queue->texts, queue->texts + queue->first,
		    queue->count * sizeof(*queue->texts));
		queue->first = 0;
		return 0;
	}
	size_t capacity = queue->capacity ? 2 * queue->capacity : CAPACITY_MIN;
	struct shared_text **texts =
	    reallocarray(queue->texts, capacity, sizeof(struct shared_text *));
	if (!texts)
		return -ENOMEM;
	queue->texts = texts;
	queue->capacity = capacity;
	return 0;
}

int text_queue_add(struct text_queue *queue, struct shared_text *text)
{
	if (make_room(queue) < 0)
		return -ENOMEM;
	text->holders++;
	queue->texts[queue->first + queue->count++] = text;
	queue->len += text->len;
	return 0;
}

int text_queue_put(struct text_queue *queue, struct json_writer *text)
{
	struct shared_text *shared = shared_text_new(text);
	int error = shared ? text_queue_add(queue, shared) : -ENOMEM;

	shared_text_release(shared);
	return error;
}

size_t text_queue_peek(const struct text_queue *queue, struct slice *parts, size_t max)
{
	size_t count = queue->count < max ? queue->count : max;

	for (size_t i = 0; i < count; i++) {
		const struct shared_text *text = queue->texts[queue->first + i];
		parts[i] = (struct slice){text->bytes, text->len};
	}
	if (count)
		parts[0] = slice_skip(parts[0], queue->sent);
	return count;
}

void text_queue_skip(struct text_queue *queue, size_t len)
{
	queue->len -= len;
	len += queue->sent;
	while (queue->count && len >= queue->texts[queue->first]->len) {
		len -= queue->texts[queue->first]->len;
		shared_text_release(queue->texts[queue->first++]);
		queue->count--;
	}
	queue->sent = len;
	if (queue->count)
		return;
	queue->first = 0;
	/* a client that was once sent a lot does not keep the memory for it */
	if (queue->capacity > CAPACITY_MIN)
		text_queue_fini(queue);
}

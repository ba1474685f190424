/* SPDX-License-Identifier: ISC
 * reconfirm_queue: unicast queries that wait to be sent, and to be repeated once. */
#include "engine/reconfirm_queue.h"
#include <stdlib.h>
#include <string.h>

#define REPEAT_PAUSE   SECONDS(1)
#define DEPARTED_PAUSE SECONDS(2)
enum { TIMES = 2 };

struct queued_reconfirm {
	struct queued_reconfirm *next;
	struct instant due;
	unsigned left;
	struct engine_reconfirm reconfirm; /* its key follows this struct */
};

static void remove_first(struct queued_reconfirm **at)
{
	struct queued_reconfirm *gone = *at;
	*at = gone->next;
	free(gone);
}

void reconfirm_queue_fini(struct reconfirm_queue *queue)
{
	while (queue->reconfirms)
		remove_first(&queue->reconfirms);
	queue->count = 0;
}

void reconfirm_queue_add(
    struct reconfirm_queue *queue, struct instant now, const struct engine_reconfirm *reconfirm)
{
	struct queued_reconfirm *queued;

	if (queue->count == RECONFIRMS_MAX || reconfirm->key.len > RECONFIRM_KEY_MAX)
		return;
	queued = malloc(sizeof(*queued) + reconfirm->key.len);
	if (!queued)
		return;
	struct instant due = instant_add(now, reconfirm->departed ? DEPARTED_PAUSE : 0);
	*queued = (struct queued_reconfirm){queue->reconfirms, due, TIMES, *reconfirm};
	queued->reconfirm.key.bytes = memcpy(queued + 1, reconfirm->key.bytes, reconfirm->key.len);
	queue->reconfirms = queued;
	queue->count++;
}

static bool is_of(
    const struct queued_reconfirm *queued, const struct address *from, struct slice key)
{
	return address_equal(&queued->reconfirm.address, from) &&
	       slice_equal_nocase(queued->reconfirm.key, key);
}

bool reconfirm_queue_is_asking(
    const struct reconfirm_queue *queue, const struct address *from, struct slice key)
{
	const struct queued_reconfirm *queued = queue->reconfirms;

	while (queued && (queued->left == TIMES || !is_of(queued, from, key)))
		queued = queued->next;
	return queued != NULL;
}

void reconfirm_queue_answered(
    struct reconfirm_queue *queue, const struct address *from, struct slice key)
{
	struct queued_reconfirm **at = &queue->reconfirms;

	while (*at) {
		bool is_asked = !(*at)->reconfirm.departed || (*at)->left < TIMES;
		if (!is_asked || !is_of(*at, from, key)) {
			at = &(*at)->next;
			continue;
		}
		remove_first(at);
		queue->count--;
	}
}

void reconfirm_queue_advance(
    struct reconfirm_queue *queue, struct instant now, reconfirm_send_fn *send, void *context)
{
	struct queued_reconfirm **at = &queue->reconfirms;

	while (*at) {
		struct queued_reconfirm *queued = *at;
		if (instant_due(queued->due, now) && queued->left == 0) {
			remove_first(at);
			queue->count--;
			continue;
		}
		if (instant_due(queued->due, now)) {
			send(context, &queued->reconfirm, queued->left < TIMES);
			queued->due = instant_add(now, REPEAT_PAUSE);
			queued->left--;
		}
		at = &queued->next;
	}
}

struct instant reconfirm_queue_deadline(const struct reconfirm_queue *queue)
{
	struct instant deadline = INSTANT_NEVER;
	const struct queued_reconfirm *queued = queue->reconfirms;

	for (; queued; queued = queued->next)
		deadline = instant_earlier(deadline, queued->due);
	return deadline;
}

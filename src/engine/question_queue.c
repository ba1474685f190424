/* SPDX-License-Identifier: ISC
 * question_queue: questions to one host each that wait to be sent, and to be sent once more. */
#include "engine/question_queue.h"
#include <stdlib.h>
#include <string.h>

#define REPEAT_PAUSE SECONDS(1)
enum { TIMES = 2 };

struct queued_question {
	struct queued_question *next;
	struct instant due;
	unsigned left;
	struct engine_question question; /* its id stands behind this struct */
};

static void remove_first(struct queued_question **at)
{
	struct queued_question *gone = *at;
	*at = gone->next;
	free(gone);
}

void question_queue_fini(struct question_queue *queue)
{
	while (queue->questions)
		remove_first(&queue->questions);
	queue->count = 0;
}

void question_queue_add(
    struct question_queue *queue, struct instant now, const struct engine_question *question)
{
	struct queued_question *queued;

	if (queue->count == QUESTIONS_MAX || question->id.len > QUESTION_ID_MAX)
		return;
	queued = malloc(sizeof(*queued) + question->id.len);
	if (!queued)
		return;
	*queued = (struct queued_question){queue->questions, now, TIMES, *question};
	queued->question.id.bytes = memcpy(queued + 1, question->id.bytes, question->id.len);
	queue->questions = queued;
	queue->count++;
}

void question_queue_answered(
    struct question_queue *queue, const struct address *from, struct slice id)
{
	struct queued_question **at = &queue->questions;

	while (*at) {
		const struct engine_question *question = &(*at)->question;
		if (!address_equal(&question->address, from) ||
		    !slice_equal_nocase(question->id, id)) {
			at = &(*at)->next;
			continue;
		}
		remove_first(at);
		queue->count--;
	}
}

void question_queue_advance(
    struct question_queue *queue, struct instant now, question_send_fn *send, void *context)
{
	struct queued_question **at = &queue->questions;

	while (*at) {
		struct queued_question *queued = *at;
		if (instant_due(queued->due, now)) {
			send(context, &queued->question, queued->left < TIMES);
			queued->due = instant_add(now, REPEAT_PAUSE);
			queued->left--;
		}
		if (queued->left > 0) {
			at = &queued->next;
			continue;
		}
		remove_first(at);
		queue->count--;
	}
}

struct instant question_queue_deadline(const struct question_queue *queue)
{
	struct instant deadline = INSTANT_NEVER;
	const struct queued_question *queued = queue->questions;

	for (; queued; queued = queued->next)
		deadline = instant_earlier(deadline, queued->due);
	return deadline;
}

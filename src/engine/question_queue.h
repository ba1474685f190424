/* SPDX-License-Identifier: ISC
 * question_queue: questions to one host each that wait to be sent, and to be sent once more. */
#ifndef ENGINE_QUESTION_QUEUE_H
#define ENGINE_QUESTION_QUEUE_H

#include "engine/engine.h"

/* More than the table asks within the second that a question stays here; later ones are dropped. */
enum { QUESTIONS_MAX = 64, QUESTION_ID_MAX = 256 };

struct question_queue {
	struct queued_question *questions;
	size_t count;
};

void question_queue_fini(struct question_queue *queue);
/* Copies it. When full or out of memory it is dropped. */
void question_queue_add(
    struct question_queue *queue, struct instant now, const struct engine_question *question);
/* An answer came: it is not sent once more. */
void question_queue_answered(
    struct question_queue *queue, const struct address *from, struct slice id);
typedef void question_send_fn(void *context, const struct engine_question *question, bool again);
/* Calls `send` for each that is due: at once, and a second later, for datagrams get lost. */
void question_queue_advance(
    struct question_queue *queue, struct instant now, question_send_fn *send, void *context);
struct instant question_queue_deadline(const struct question_queue *queue);

#endif

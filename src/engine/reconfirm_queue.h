/* SPDX-License-Identifier: ISC
 * reconfirm_queue: unicast queries that wait to be sent, and to be repeated once. */
#ifndef ENGINE_RECONFIRM_QUEUE_H
#define ENGINE_RECONFIRM_QUEUE_H

#include "base/address.h"
#include "base/instant.h"
#include "base/slice.h"

/* An endpoint that is to be asked by unicast whether it is still there (RFC 6762, 10.4). */
struct engine_reconfirm {
	struct slice key; /* as its protocol writes it; empty: known by its address alone */
	struct address address;
	uint32_t link;
	uint16_t port;        /* 0: the protocol's own */
	bool multicast_retry; /* if it does not answer, search for it once by multicast */
	bool departed;        /* it has said goodbye: an answer to an earlier question is none */
};

/* More than the table asks for while a query stays here; later ones are dropped. */
enum { RECONFIRMS_MAX = 512, RECONFIRM_KEY_MAX = 256 };

struct reconfirm_queue {
	struct queued_reconfirm *reconfirms;
	size_t count;
};

void reconfirm_queue_fini(struct reconfirm_queue *queue);
/* Copies it, to be sent at `now`; 2 s later where it has departed: a program that ends may still
 * answer for a while. Dropped when full or out of memory. */
void reconfirm_queue_add(
    struct reconfirm_queue *queue, struct instant now, const struct engine_reconfirm *reconfirm);
/* An answer came: it is not repeated. */
void reconfirm_queue_answered(
    struct reconfirm_queue *queue, const struct address *from, struct slice key);
/* True from its first query until it has answered, or a second after the last one. */
bool reconfirm_queue_is_asking(
    const struct reconfirm_queue *queue, const struct address *from, struct slice key);
typedef void reconfirm_send_fn(void *context, const struct engine_reconfirm *reconfirm, bool again);
/* Calls `send` for each that is due: at once, and again a second later, because datagrams get lost.
 */
void reconfirm_queue_advance(
    struct reconfirm_queue *queue, struct instant now, reconfirm_send_fn *send, void *context);
struct instant reconfirm_queue_deadline(const struct reconfirm_queue *queue);

#endif

/* SPDX-License-Identifier: ISC
 * prober: TCP probes for many callers, with so few sockets that other programs are not disturbed.
 */
#include "net/prober.h"
#include "base/array.h"
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>

enum { CONNECTS, OPEN, CLOSED, NO_ANSWER, REFUSED, COUNTERS };

static const char *const COUNTER_NAMES[COUNTERS] = {
    [CONNECTS] = "connects",
    [OPEN] = "open",
    [CLOSED] = "closed",
    [NO_ANSWER] = "no-answer",
    [REFUSED] = "refused",
};

struct prober_batch {
	struct prober *prober;
	struct prober_batch *next;
	struct prober_source source;
	unsigned running;
	bool exhausted;
};

/* One probe that runs; no batch: free. */
struct slot {
	struct prober *prober;
	struct prober_batch *batch;
	struct tcp_probe *probe;
	uint16_t port;
};

struct prober {
	struct loop *loop;
	struct event turn;            /* when probes are begun */
	struct prober_batch *batches; /* the one served last comes last */
	struct slot slots[PROBER_SOCKETS_MAX];
	struct counter counters[COUNTERS];
	unsigned told; /* answers, over all */
};

static struct slot *free_slot(struct prober *prober)
{
	for (size_t i = 0; i < COUNT_OF(prober->slots); i++)
		if (!prober->slots[i].batch)
			return &prober->slots[i];
	return NULL;
}

static struct prober_batch *neediest(const struct prober *prober)
{
	struct prober_batch *found = NULL;

	for (struct prober_batch *batch = prober->batches; batch; batch = batch->next)
		if (!batch->exhausted && batch->running < PROBER_BATCH_SOCKETS_MAX &&
		    (!found || batch->running < found->running))
			found = batch;
	return found;
}

static void take_out(struct prober_batch *batch)
{
	struct prober_batch **at = &batch->prober->batches;

	while (*at != batch)
		at = &(*at)->next;
	*at = batch->next;
}

static void put_last(struct prober_batch *batch)
{
	struct prober_batch **at = &batch->prober->batches;

	while (*at)
		at = &(*at)->next;
	batch->next = NULL;
	*at = batch;
}

/* By a timer that is due at once: what came in the meantime is read before it. */
static void wish_for_turn(struct prober *prober)
{
	if (!event_pending(&prober->turn, EV_TIMEOUT, NULL) && free_slot(prober) &&
	    neediest(prober))
		loop_add_timer(&prober->turn, 0);
}

static void count(struct prober *prober, enum tcp_probe_state state)
{
	static const unsigned COUNTER_OF[] = {
	    [TCP_PROBE_OPEN] = OPEN,
	    [TCP_PROBE_CLOSED] = CLOSED,
	    [TCP_PROBE_NO_ANSWER] = NO_ANSWER,
	    [TCP_PROBE_UNREACHABLE] = REFUSED,
	};

	prober->counters[COUNTER_OF[state]].value++;
}

static void answered(void *context, const struct tcp_probe_result *result)
{
	struct slot *slot = context;
	struct prober *prober = slot->prober;
	struct prober_batch *batch = slot->batch;

	slot->batch = NULL;
	slot->probe = NULL;
	batch->running--;
	count(prober, result->state);
	if (++prober->told % PROBER_ROUND_MAX == 0)
		loop_yield(prober->loop);
	batch->source.answered(batch->source.context, slot->port, result);
	wish_for_turn(prober);
}

static void begin(struct slot *slot, struct prober_batch *batch, struct prober_request *request)
{
	struct prober *prober = slot->prober;
	struct tcp_probe_result failed = {.state = TCP_PROBE_UNREACHABLE};

	slot->batch = batch;
	slot->port = request->to.port;
	batch->running++;
	prober->counters[CONNECTS].value++;
	failed.error = tcp_probe_start(prober->loop, &request->to, request->link,
	    request->timeout_us, answered, slot, &slot->probe);
	if (failed.error)
		answered(slot, &failed);
	else if (request->banner_us)
		tcp_probe_want_banner(slot->probe, request->banner_us);
}

static void take_turn(evutil_socket_t fd, short what, void *context)
{
	struct prober *prober = context;
	struct prober_request request;
	unsigned begun = 0;
	(void)fd;
	(void)what;

	while (begun < PROBER_ROUND_MAX) {
		struct slot *slot = free_slot(prober);
		struct prober_batch *batch = slot ? neediest(prober) : NULL;
		if (!batch)
			return;
		take_out(batch);
		put_last(batch);
		request = (struct prober_request){0};
		batch->exhausted = !batch->source.next(batch->source.context, &request);
		if (batch->exhausted)
			continue;
		begin(slot, batch, &request);
		begun++;
	}
	wish_for_turn(prober);
}

struct prober *prober_new(struct loop *loop)
{
	struct prober *prober = calloc(1, sizeof(*prober));

	if (!prober)
		return NULL;
	prober->loop = loop;
	counters_init(prober->counters, COUNTER_NAMES, COUNTERS);
	for (size_t i = 0; i < COUNT_OF(prober->slots); i++)
		prober->slots[i].prober = prober;
	event_assign(&prober->turn, loop_base(loop), -1, 0, take_turn, prober);
	loop_put_last(&prober->turn);
	return prober;
}

void prober_free(struct prober *prober)
{
	if (!prober)
		return;
	while (prober->batches)
		prober_end(prober->batches);
	event_del(&prober->turn);
	free(prober);
}

int prober_begin(
    struct prober *prober, const struct prober_source *source, struct prober_batch **out)
{
	struct prober_batch *batch = calloc(1, sizeof(*batch));

	if (!batch)
		return -ENOMEM;
	batch->prober = prober;
	batch->source = *source;
	batch->next = prober->batches;
	prober->batches = batch;
	wish_for_turn(prober);
	*out = batch;
	return 0;
}

void prober_end(struct prober_batch *batch)
{
	if (!batch)
		return;
	struct prober *prober = batch->prober;
	for (size_t i = 0; i < COUNT_OF(prober->slots); i++) {
		struct slot *slot = &prober->slots[i];
		if (slot->batch != batch)
			continue;
		tcp_probe_cancel(slot->probe);
		slot->batch = NULL;
		slot->probe = NULL;
	}
	take_out(batch);
	free(batch);
	wish_for_turn(prober);
}

struct counter_group prober_counters(const struct prober *prober)
{
	return (struct counter_group){"probe", prober->counters, COUNTERS};
}

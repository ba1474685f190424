/* SPDX-License-Identifier: ISC
 * broadcast: asks who is there by UDP broadcast, answers those who ask, in the plain and the
 * extended form. */
#include "engine/answer_bucket.h"
#include "engine/broadcast_askers.h"
#include "engine/broadcast_render.h"
#include "engine/question_queue.h"
#include "wire/usn.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ASKS_AT_START = 3, GOODBYES = 2, UNKNOWN_MAX_AGE = 90 };

/* Nobody is spared here: whom a forger silences is still known by the asks that we send anyway. */
static const struct answer_limits ANSWER_LIMITS = {
    .source_burst = 4, .source_rate = 1, .total_burst = 64, .total_rate = 32, .spared = 0};

enum {
	COUNT_RECEIVED,
	COUNT_MALFORMED,
	COUNT_OVERSIZED,
	COUNT_SURPLUS,
	COUNT_OWN,
	COUNT_OFF_LINK,
	COUNT_ASKS,
	COUNT_ANSWERS,
	COUNT_BYES,
	COUNT_ANSWERS_SENT,
	COUNT_ANSWERS_LIMITED,
	COUNT_QUESTIONS,
	COUNTERS
};
static const char *const COUNTER_NAMES[COUNTERS] = {
    [COUNT_RECEIVED] = "received",
    [COUNT_MALFORMED] = "malformed",
    [COUNT_OVERSIZED] = "oversized",
    [COUNT_SURPLUS] = "surplus",
    [COUNT_OWN] = "own",
    [COUNT_OFF_LINK] = "off-link",
    [COUNT_ASKS] = "asks",
    [COUNT_ANSWERS] = "answers",
    [COUNT_BYES] = "byes",
    [COUNT_ANSWERS_SENT] = "answers-sent",
    [COUNT_ANSWERS_LIMITED] = "answers-limited",
    [COUNT_QUESTIONS] = "questions",
};

/* Asks still to come on a link that is new. */
struct burst {
	uint32_t link;
	unsigned left;
	struct instant due;
};

struct broadcast {
	struct engine engine;
	const struct engine_context *context;
	struct answer_buckets *buckets;
	struct broadcast_askers askers;
	struct burst *bursts;
	size_t burst_count, burst_capacity;
	struct instant round; /* when every link is asked again */
	struct question_queue questions;
	struct counter counters[COUNTERS];
};

static void destroy(struct engine *engine)
{
	struct broadcast *b = (struct broadcast *)engine;
	answer_buckets_free(b->buckets);
	broadcast_askers_fini(&b->askers);
	question_queue_fini(&b->questions);
	free(b->bursts);
	free(b);
}

static struct engine *create(const struct engine_context *context)
{
	struct broadcast *b = malloc(sizeof(*b));
	if (!b)
		return NULL;
	*b = (struct broadcast){
	    .engine = {.type = &BROADCAST_ENGINE}, .context = context, .round = INSTANT_NEVER};
	counters_init(b->counters, COUNTER_NAMES, COUNTERS);
	int error = broadcast_askers_init(&b->askers, &context->key);
	b->buckets = answer_buckets_new(&ANSWER_LIMITS, &context->key, context->rng);
	if (error < 0 || !b->buckets) {
		destroy(&b->engine);
		return NULL;
	}
	return &b->engine;
}

static bool is_enabled(const struct config *config)
{
	return config->broadcast.enabled;
}

static struct engine_port port_of(const struct config *config)
{
	return (struct engine_port){.port = (uint16_t)config->broadcast.port, .broadcast = true};
}

/* Out of a link, from our address in each of its IPv4 networks: hosts of one do not believe an
 * address of another. */
static void shout(const struct broadcast *b, enum broadcast_kind kind, const struct link *link,
    struct outbox *outbox)
{
	char buffer[BROADCAST_MESSAGE_MAX];
	struct writer w;
	for (size_t i = 0; link->broadcast && i < link->address_count; i++) {
		const struct address *source = &link->addresses[i].prefix.address;
		size_t earlier = 0;
		while (earlier < i && !prefix_contains(&link->addresses[earlier].prefix, source))
			earlier++;
		if (source->family != ADDRESS_IPV4 || earlier < i)
			continue;
		writer_init(&w, buffer, sizeof(buffer));
		if (broadcast_render(b->context, kind, source, &w) < 0)
			continue;
		uint16_t port = (uint16_t)b->context->config->broadcast.port;
		outbox_send(outbox, &(struct outbox_send){
					.channel = CHANNEL_OWN,
					.link = link->index,
					.source = *source,
					.to = {address_ipv4(255, 255, 255, 255), port},
					.bytes = writer_result(&w),
				    });
	}
}

static void shout_everywhere(
    const struct broadcast *b, enum broadcast_kind kind, struct outbox *outbox)
{
	for (size_t i = 0; i < b->context->links->count; i++)
		shout(b, kind, &b->context->links->links[i], outbox);
}

/* When we ask. */

static struct instant next_round(const struct broadcast *b, struct instant now)
{
	int64_t interval = SECONDS(b->context->config->broadcast.interval);
	return instant_add(now, rng_around(b->context->rng, interval));
}

static struct burst *find_burst(const struct broadcast *b, uint32_t link)
{
	for (size_t i = 0; i < b->burst_count; i++)
		if (b->bursts[i].link == link)
			return &b->bursts[i];
	return NULL;
}

static void end_burst(struct broadcast *b, struct burst *burst)
{
	*burst = b->bursts[--b->burst_count];
}

/* Without memory the link waits for the next round. */
static void begin_burst(struct broadcast *b, struct instant now, uint32_t link)
{
	struct burst *burst = find_burst(b, link);
	if (!burst && b->burst_count == b->burst_capacity) {
		size_t capacity = b->burst_capacity ? 2 * b->burst_capacity : 4;
		struct burst *bursts = realloc(b->bursts, capacity * sizeof(*bursts));
		if (!bursts)
			return;
		b->bursts = bursts;
		b->burst_capacity = capacity;
	}
	if (!burst)
		burst = &b->bursts[b->burst_count++];
	*burst = (struct burst){.link = link, .left = ASKS_AT_START, .due = now};
}

struct asking {
	struct broadcast *b;
	struct outbox *outbox;
};

/* An ask to one host alone, and to nobody outside of the link's networks: addresses may have
 * changed since the question came up. */
static void send_question(void *context, const struct engine_question *question, bool again)
{
	const struct asking *asking = context;
	struct broadcast *b = asking->b;
	const struct link *link = link_set_find(b->context->links, question->link);
	const struct link_address *source =
	    link ? link_source(link, question->address.family, &question->address) : NULL;
	uint16_t port =
	    question->port ? question->port : (uint16_t)b->context->config->broadcast.port;
	char buffer[BROADCAST_MESSAGE_MAX];
	struct writer w;

	(void)again;
	writer_init(&w, buffer, sizeof(buffer));
	if (!source || !link_has_neighbour(link, &question->address) ||
	    broadcast_render(b->context, BROADCAST_ASK, &source->prefix.address, &w) < 0)
		return;
	b->counters[COUNT_QUESTIONS].value++;
	outbox_send(asking->outbox, &(struct outbox_send){
					.channel = CHANNEL_OWN,
					.link = link->index,
					.source = source->prefix.address,
					.to = {question->address, port},
					.bytes = writer_result(&w),
				    });
}

static void question(
    struct engine *engine, struct instant now, const struct engine_question *question)
{
	question_queue_add(&((struct broadcast *)engine)->questions, now, question);
}

static void advance(struct engine *engine, struct instant now, struct outbox *outbox)
{
	struct broadcast *b = (struct broadcast *)engine;
	for (size_t i = b->burst_count; i-- > 0;) {
		struct burst *burst = &b->bursts[i];
		if (!instant_due(burst->due, now))
			continue;
		const struct link *link = link_set_find(b->context->links, burst->link);
		if (link)
			shout(b, BROADCAST_ASK, link, outbox);
		burst->due = instant_add(
		    now, rng_between(b->context->rng, MILLISECONDS(200), MILLISECONDS(400)));
		if (!link || --burst->left == 0)
			end_burst(b, burst);
	}
	if (instant_due(b->round, now)) {
		shout_everywhere(b, BROADCAST_ASK, outbox);
		b->round = next_round(b, now);
	}
	question_queue_advance(&b->questions, now, send_question, &(struct asking){b, outbox});
}

static struct instant deadline(const struct engine *engine)
{
	const struct broadcast *b = (const struct broadcast *)engine;
	struct instant earliest = instant_earlier(b->round, question_queue_deadline(&b->questions));
	for (size_t i = 0; i < b->burst_count; i++)
		earliest = instant_earlier(earliest, b->bursts[i].due);
	return earliest;
}

static void start(struct engine *engine, struct instant now, struct outbox *outbox)
{
	struct broadcast *b = (struct broadcast *)engine;
	b->round = next_round(b, now);
	for (size_t i = 0; i < b->context->links->count; i++)
		begin_burst(b, now, b->context->links->links[i].index);
	advance(engine, now, outbox);
}

/* The first ask is due at once but not sent from here, so that several addresses that come together
 * cost one. A link that is used no more may still carry a goodbye: it was denied, say. */
static void link_changed(struct engine *engine, struct instant now,
    const struct link_change *change, struct outbox *outbox)
{
	struct broadcast *b = (struct broadcast *)engine;
	for (unsigned i = 0; change->event == LINK_GONE && i < GOODBYES; i++)
		shout(b, BROADCAST_BYE, change->link, outbox);
	if (change->event == LINK_CAME ||
	    (change->event == LINK_ADDRESS_CAME &&
		change->address->prefix.address.family == ADDRESS_IPV4))
		begin_burst(b, now, change->link->index);
	struct burst *burst = find_burst(b, change->link->index);
	if (change->event == LINK_GONE && burst)
		end_burst(b, burst);
}

/* There is one name and one device here: programs are announced by SSDP. */
static void announcement_changed(struct engine *engine, struct instant now,
    const struct announcement_change *change, struct outbox *outbox)
{
	struct broadcast *b = (struct broadcast *)engine;
	(void)outbox;
	if (change->event == ANNOUNCEMENT_RETIMED ||
	    (change->event == ANNOUNCEMENT_CAME &&
		change->tree == announcement_own(b->context->announcement)))
		b->round = now;
}

static void search(struct engine *engine, struct instant now, struct slice target, unsigned seconds,
    struct outbox *outbox)
{
	(void)now;
	(void)target;
	(void)seconds;
	shout_everywhere((struct broadcast *)engine, BROADCAST_ASK, outbox);
}

static void stop(struct engine *engine, struct instant now, struct outbox *outbox)
{
	(void)now;
	/* Nobody repeats a goodbye once we are gone, and datagrams get lost. */
	for (unsigned i = 0; i < GOODBYES; i++)
		shout_everywhere((struct broadcast *)engine, BROADCAST_BYE, outbox);
}

/* What we hear. */

/* Our asks come back by every interface and from bridges that reflect; our plain answers when
 * another program on this host asks from the shared port. An address of ours alone proves nothing:
 * that other program has it too. */
static bool is_own(const struct broadcast *b, const struct datagram *datagram,
    const struct broadcast_message *message)
{
	const struct announcement *ours = b->context->announcement;
	if (message->instance.len > 0)
		return slice_equal(message->instance, slice_of(ours->instance));
	if (!link_set_has_address(b->context->links, &datagram->from.address))
		return false;
	return datagram->from.port == datagram->own_port ||
	       (message->kind == BROADCAST_ANSWER &&
		   datagram->from.port == b->context->config->broadcast.port &&
		   slice_equal(message->name, slice_of(announcement_own(ours)->devices[0].name)));
}

/* The link that a neighbour is on: the one he came in by; for another program on this host, whose
 * unicasts come by way of the loopback, the one with its address. NULL when he is no neighbour, or
 * nobody who could be answered. */
static const struct link *link_of(const struct broadcast *b, const struct datagram *datagram)
{
	const struct address *from = &datagram->from.address;
	if (datagram->from.port == 0 || !address_is_unicast(from))
		return NULL;
	const struct link *link = link_set_find_address(b->context->links, from);
	if (link)
		return link;
	link = link_set_find(b->context->links, datagram->link);
	return link && link_has_neighbour(link, from) ? link : NULL;
}

static int64_t lifetime_of(struct broadcast *b, struct instant now, const struct address *from,
    uint32_t link, const struct broadcast_message *message)
{
	if (message->kind == BROADCAST_BYE)
		return 0;
	if (message->extended)
		return SECONDS(message->max_age ? message->max_age : UNKNOWN_MAX_AGE);
	if (message->kind == BROADCAST_ASK)
		return broadcast_askers_asked(&b->askers, now, from, link);
	int64_t interval = SECONDS(b->context->config->broadcast.interval);
	return broadcast_askers_answered(&b->askers, from, link, interval);
}

static void tell(struct broadcast *b, struct instant now, const struct datagram *datagram,
    const struct link *link, const struct broadcast_message *message, struct outbox *outbox)
{
	char text[BROADCAST_FIELD_MAX + sizeof("uuid:")];
	struct writer room;
	writer_init(&room, text, sizeof(text));
	struct sighting sighting = {
	    .event = message->kind == BROADCAST_BYE ? SIGHTING_BYE : SIGHTING_ALIVE,
	    .protocol = BROADCAST_ENGINE.name,
	    .id = usn_udn(message->usn, &room),
	    .from = datagram->from.address,
	    .link = link->index,
	    .network = link_network_len(link, &datagram->from.address),
	    .lifetime = lifetime_of(b, now, &datagram->from.address, link->index, message),
	    .name = message->name,
	    .type = message->type,
	    .location = message->location,
	    .server = message->server,
	    .boot_id = {message->has_boot_id, message->boot_id},
	    .secondary_numbers = true,
	    .answers_us = message->kind == BROADCAST_ANSWER && datagram->channel == CHANNEL_OWN,
	};
	sighting.is_ourselves_elsewhere =
	    announced_tree_has_udn(announcement_own(b->context->announcement), sighting.id);
	outbox_sighting(outbox, &sighting);
}

static void answer(struct broadcast *b, struct instant now, const struct datagram *datagram,
    const struct link *link, const struct broadcast_message *ask, struct outbox *outbox)
{
	const struct address *to = &datagram->from.address;
	const struct link_address *source = link_source(link, to->family, to);
	char buffer[BROADCAST_MESSAGE_MAX];
	struct writer w;
	writer_init(&w, buffer, sizeof(buffer));
	if (!source || !answer_buckets_take(b->buckets, now, to, 1) ||
	    broadcast_render_answer(
		b->context, ask, datagram->bytes.len, &source->prefix.address, &w) < 0) {
		b->counters[COUNT_ANSWERS_LIMITED].value++;
		return;
	}
	b->counters[COUNT_ANSWERS_SENT].value++;
	outbox_send(outbox, &(struct outbox_send){
				.channel = CHANNEL_SHARED,
				.link = link->index,
				.source = source->prefix.address,
				.to = datagram->from,
				.bytes = writer_result(&w),
			    });
}

static void input(struct engine *engine, struct instant now, const struct datagram *datagram,
    struct outbox *outbox)
{
	static const int COUNT_OF_KIND[] = {
	    [BROADCAST_ASK] = COUNT_ASKS,
	    [BROADCAST_ANSWER] = COUNT_ANSWERS,
	    [BROADCAST_BYE] = COUNT_BYES,
	};
	struct broadcast *b = (struct broadcast *)engine;
	struct broadcast_message message = {0};
	int error = datagram->truncated ? -EMSGSIZE : broadcast_parse(datagram->bytes, &message);
	const struct link *link = error < 0 ? NULL : link_of(b, datagram);
	b->counters[COUNT_RECEIVED].value++;
	b->counters[COUNT_SURPLUS].value += message.surplus;
	if (error < 0) {
		b->counters[error == -EMSGSIZE ? COUNT_OVERSIZED : COUNT_MALFORMED].value++;
		outbox->refused = true;
	} else if (is_own(b, datagram, &message)) {
		b->counters[COUNT_OWN].value++;
	} else if (!link) {
		b->counters[COUNT_OFF_LINK].value++;
		outbox->refused = true;
	} else {
		b->counters[COUNT_OF_KIND[message.kind]].value++;
		tell(b, now, datagram, link, &message, outbox);
		if (message.kind == BROADCAST_ASK)
			answer(b, now, datagram, link, &message, outbox);
	}
}

static struct counter_group counters(const struct engine *engine)
{
	const struct broadcast *b = (const struct broadcast *)engine;
	return (struct counter_group){BROADCAST_ENGINE.name, b->counters, COUNTERS};
}

const struct engine_type BROADCAST_ENGINE = {
    .name = "broadcast",
    .enabled = is_enabled,
    .port = port_of,
    .create = create,
    .destroy = destroy,
    .start = start,
    .input = input,
    .advance = advance,
    .deadline = deadline,
    .link_changed = link_changed,
    .announcement_changed = announcement_changed,
    .search = search,
    .question = question,
    .stop = stop,
    .counters = counters,
};

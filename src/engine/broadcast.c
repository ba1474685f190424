/* SPDX-License-Identifier: ISC
 * broadcast: sends and answers asks by UDP broadcast, in the plain and the extended form. */
#include "engine/broadcast.h"
#include "base/array.h"
#include "engine/answer_bucket.h"
#include "engine/broadcast_peers.h"
#include "engine/broadcast_render.h"
#include "engine/reconfirm_queue.h"
#include "model/link_change.h"
#include "model/offers.h"
#include "wire/usn.h"
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Of a host that speaks only the plain form and has asked once. */
#define UNKNOWN_INTERVAL SECONDS(30)

/* A longer datagram is counted as oversized, not as malformed. */
enum {
	ASKS_AT_START = 3,
	/* After so many rounds the interval doubles with each, up to so many times of it. */
	STEADY_ROUNDS = 4,
	INTERVALS_MAX = 10,
	GOODBYES = 2,
	UNKNOWN_MAX_AGE = 90,
	DATAGRAM_MAX = 8192,
	RANK = 40
};

/* No random leak: a host whose answers a forger has used up still hears our asks. */
static const struct answer_limits ANSWER_LIMITS = {
    .source_burst = 4, .source_rate = 1, .total_burst = 64, .total_rate = 32, .random_leak = 0};

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
	COUNT_ANSWERS_KNOWN,
	COUNT_RECONFIRMS,
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
    [COUNT_ANSWERS_KNOWN] = "answers-known",
    [COUNT_RECONFIRMS] = "reconfirms",
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
	struct broadcast_peers peers;
	struct burst *bursts;
	size_t burst_count, burst_capacity;
	struct instant round; /* when every link is asked again */
	unsigned rounds;      /* that were not cut short, up to STEADY_ROUNDS */
	uint32_t interval;    /* seconds from one to the next */
	struct reconfirm_queue reconfirms;
	struct counter counters[COUNTERS];
};

static const struct broadcast_config *values(const struct broadcast *b)
{
	return broadcast_config(b->context->config);
}

static void destroy(struct engine *engine)
{
	struct broadcast *b = (struct broadcast *)engine;
	answer_buckets_free(b->buckets);
	broadcast_peers_fini(&b->peers);
	reconfirm_queue_fini(&b->reconfirms);
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
	int error = broadcast_peers_init(&b->peers, &context->key);
	b->buckets = answer_buckets_new(&ANSWER_LIMITS, &context->key, context->rng);
	if (error < 0 || !b->buckets) {
		destroy(&b->engine);
		return NULL;
	}
	return &b->engine;
}

#define AT(member) offsetof(struct broadcast_config, member)
static const struct config_option OPTIONS[] = {
    {"Broadcast", "enabled", CONFIG_BOOL, AT(enabled), 0, 1, "yes", "Discover by UDP broadcast"},
    {"Broadcast", "port", CONFIG_NUMBER, AT(port), 1, 65535, "5005", "UDP port of the broadcasts"},
    {"Broadcast", "interval", CONFIG_NUMBER, AT(interval), 1, 86400, "30",
	"Seconds from one broadcast to the next"},
};
static const struct config_section SECTION = {
    {OPTIONS, COUNT_OF(OPTIONS)}, sizeof(struct broadcast_config)};

static bool is_enabled(const struct config *config)
{
	return broadcast_config(config)->enabled;
}

static size_t sockets_of(
    const struct config *config, struct engine_sockets sockets[ENGINE_SOCKETS_MAX])
{
	sockets[0] = (struct engine_sockets){
	    .port = (uint16_t)broadcast_config(config)->port,
	    .datagram_max = DATAGRAM_MAX,
	    .broadcast = true,
	    .ephemeral = true,
	};
	return 1;
}

/* From our address in each IPv4 network of the link: a host may ignore a source outside of its own
 * network. */
static void broadcast_on(const struct broadcast *b, enum broadcast_kind kind,
    const struct link *link, struct slice known, struct outbox *outbox)
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
		if (broadcast_render(b->context, b->interval, kind, known, source, &w) < 0)
			continue;
		uint16_t port = (uint16_t)values(b)->port;
		outbox_send(outbox, &(struct outbox_send){
					.channel = CHANNEL_OWN,
					.link = link->index,
					.source = *source,
					.to = {address_ipv4(255, 255, 255, 255), port},
					.bytes = writer_result(&w),
				    });
	}
}

static void broadcast_everywhere(
    const struct broadcast *b, enum broadcast_kind kind, struct outbox *outbox)
{
	for (size_t i = 0; i < b->context->links->count; i++)
		broadcast_on(b, kind, &b->context->links->links[i], SLICE_NONE, outbox);
}

/* The schedule of asks. */

static void begin_rounds(struct broadcast *b, struct instant due)
{
	b->round = due;
	b->rounds = 0;
	b->interval = values(b)->interval;
}

static struct instant next_round(const struct broadcast *b, struct instant now)
{
	return instant_add(now, rng_around(b->context->rng, SECONDS(b->interval)));
}

/* Hosts that are here hear our asks, and say in their own that they still are: when all has been
 * heard, that may come rarely. What only answers needs to be asked: see report(). */
static void lengthen_interval(struct broadcast *b)
{
	uint32_t longest = INTERVALS_MAX * values(b)->interval;

	if (b->rounds < STEADY_ROUNDS)
		b->rounds++;
	else
		b->interval = 2 * b->interval < longest ? 2 * b->interval : longest;
}

/* Asks on every link for what is not known there. */
static void ask_round(struct broadcast *b, struct instant now, struct outbox *outbox)
{
	char marks[BROADCAST_MARKS_MAX * BROADCAST_MARK_LEN];
	struct writer known;

	lengthen_interval(b);
	for (size_t i = 0; i < b->context->links->count; i++) {
		const struct link *link = &b->context->links->links[i];

		writer_init(&known, marks, sizeof(marks));
		broadcast_peers_write(&b->peers, now, link->index, &known);
		broadcast_on(b, BROADCAST_ASK, link, writer_result(&known), outbox);
	}
	b->round = next_round(b, now);
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

struct sending {
	struct broadcast *b;
	struct outbox *outbox;
};

/* A unicast ask. Addresses may have changed since it was queued: it stays inside the networks of
 * the link. */
static void send_reconfirm(void *context, const struct engine_reconfirm *reconfirm, bool again)
{
	const struct sending *sending = context;
	struct broadcast *b = sending->b;
	const struct link *link = link_set_find(b->context->links, reconfirm->link);
	const struct link_address *source =
	    link ? link_source(link, reconfirm->address.family, &reconfirm->address) : NULL;
	uint16_t port = reconfirm->port ? reconfirm->port : (uint16_t)values(b)->port;
	char buffer[BROADCAST_MESSAGE_MAX];
	struct writer w;

	(void)again;
	writer_init(&w, buffer, sizeof(buffer));
	if (!source || !link_has_neighbour(link, &reconfirm->address) ||
	    broadcast_render(b->context, b->interval, BROADCAST_ASK, SLICE_NONE,
		&source->prefix.address, &w) < 0)
		return;
	b->counters[COUNT_RECONFIRMS].value++;
	outbox_send(sending->outbox, &(struct outbox_send){
					 .channel = CHANNEL_OWN,
					 .link = link->index,
					 .source = source->prefix.address,
					 .to = {reconfirm->address, port},
					 .bytes = writer_result(&w),
				     });
}

static void reconfirm(
    struct engine *engine, struct instant now, const struct engine_reconfirm *reconfirm)
{
	reconfirm_queue_add(&((struct broadcast *)engine)->reconfirms, now, reconfirm);
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
			broadcast_on(b, BROADCAST_ASK, link, SLICE_NONE, outbox);
		burst->due = instant_add(
		    now, rng_between(b->context->rng, MILLISECONDS(200), MILLISECONDS(400)));
		if (!link || --burst->left == 0)
			end_burst(b, burst);
	}
	if (instant_due(b->round, now))
		ask_round(b, now, outbox);
	reconfirm_queue_advance(&b->reconfirms, now, send_reconfirm, &(struct sending){b, outbox});
}

static struct instant deadline(const struct engine *engine)
{
	const struct broadcast *b = (const struct broadcast *)engine;
	struct instant earliest =
	    instant_earlier(b->round, reconfirm_queue_deadline(&b->reconfirms));
	for (size_t i = 0; i < b->burst_count; i++)
		earliest = instant_earlier(earliest, b->bursts[i].due);
	return earliest;
}

static void start(struct engine *engine, struct instant now, struct outbox *outbox)
{
	struct broadcast *b = (struct broadcast *)engine;
	begin_rounds(b, now);
	b->round = next_round(b, now);
	for (size_t i = 0; i < b->context->links->count; i++)
		begin_burst(b, now, b->context->links->links[i].index);
	advance(engine, now, outbox);
}

/* The first ask is due at once but sent by the next advance: several addresses that come together
 * cause one. A link that is not used any more may still carry a goodbye, for example one that was
 * denied. */
static void link_changed(struct engine *engine, struct instant now,
    const struct link_change *change, struct outbox *outbox)
{
	struct broadcast *b = (struct broadcast *)engine;
	for (unsigned i = 0; change->event == LINK_GONE && i < GOODBYES; i++)
		broadcast_on(b, BROADCAST_BYE, change->link, SLICE_NONE, outbox);
	if (change->event == LINK_CAME ||
	    (change->event == LINK_ADDRESS_CAME &&
		change->address->prefix.address.family == ADDRESS_IPV4))
		begin_burst(b, now, change->link->index);
	struct burst *burst = find_burst(b, change->link->index);
	if (change->event == LINK_GONE && burst)
		end_burst(b, burst);
}

/* Only this host's own device is announced here. */
static void offer_changed(struct engine *engine, struct instant now,
    const struct offer_change *change, struct outbox *outbox)
{
	struct broadcast *b = (struct broadcast *)engine;
	(void)outbox;
	if (change->event == OFFER_CAME && change->offer == offers_own(b->context->offers))
		begin_rounds(b, now);
}

static void search(struct engine *engine, struct instant now, struct slice target, unsigned seconds,
    struct outbox *outbox)
{
	(void)now;
	(void)target;
	(void)seconds;
	broadcast_everywhere((struct broadcast *)engine, BROADCAST_ASK, outbox);
}

/* Its questions name no target, so every endpoint answers: of these, the ones that are meant. */
static bool matches(const struct endpoint *endpoint, struct slice target)
{
	struct key key = key_of_id(target);
	const char *type = endpoint_fact(endpoint, FACT_TYPE);

	return key_equal(&key, &endpoint->key) || (type && urn_satisfies(slice_of(type), target));
}

static void reconfigured(
    struct engine *engine, struct instant now, const struct config *before, struct outbox *outbox)
{
	struct broadcast *b = (struct broadcast *)engine;
	(void)outbox;
	if (broadcast_config(before)->interval != values(b)->interval)
		begin_rounds(b, now);
}

static void stop(struct engine *engine, struct instant now, struct outbox *outbox)
{
	(void)now;
	/* Repeated because datagrams get lost. */
	for (unsigned i = 0; i < GOODBYES; i++)
		broadcast_everywhere((struct broadcast *)engine, BROADCAST_BYE, outbox);
}

/* Input. */

/* Our asks come back on every interface and from bridges that reflect; our plain answers come back
 * when another program on this host asks from the shared port. An address of ours alone is no
 * proof: that program has it, too. */
static bool is_own(const struct broadcast *b, const struct datagram *datagram,
    const struct broadcast_message *message)
{
	const struct offers *ours = b->context->offers;
	if (message->instance.len > 0)
		return slice_equal(message->instance, slice_of(ours->instance));
	if (!link_set_has_address(b->context->links, &datagram->from.address))
		return false;
	return datagram->from.port == datagram->own_port ||
	       (message->kind == BROADCAST_ANSWER && datagram->from.port == values(b)->port &&
		   slice_equal(message->name, slice_of(offers_own(ours)->devices[0].name)));
}

/* The link of the sender: the one that the datagram came in by. Unicasts of another program on this
 * host come in by the loopback and belong to the link with its address. NULL when the source is not
 * in a network of the link, or cannot be answered. */
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
	if (message->extended && message->kind != BROADCAST_BYE)
		return SECONDS(message->max_age ? message->max_age : UNKNOWN_MAX_AGE);
	if (message->kind == BROADCAST_ASK)
		return broadcast_peers_asked(&b->peers, now, from, link, UNKNOWN_INTERVAL);
	/* An answer comes when we ask. */
	return broadcast_peers_answered(&b->peers, from, link, SECONDS(values(b)->interval));
}

static void report(struct broadcast *b, struct instant now, const struct datagram *datagram,
    const struct link *link, const struct broadcast_message *message, struct outbox *outbox)
{
	char text[BROADCAST_FIELD_MAX + sizeof("uuid:")];
	struct writer room;
	writer_init(&room, text, sizeof(text));
	struct slice id = usn_udn(message->usn, &room);
	struct sighting sighting = {
	    .event = message->kind == BROADCAST_BYE ? SIGHTING_LEFT : SIGHTING_ALIVE,
	    .scope = SCOPE_ENDPOINT,
	    .protocol = &BROADCAST_ENGINE.id,
	    .key = key_of_id(id),
	    .from = datagram->from.address,
	    .link = link->index,
	    .network = link_network_len(link, &datagram->from.address),
	    .lifetime = lifetime_of(b, now, &datagram->from.address, link->index, message),
	    .url = message->location,
	    .facts =
		{
		    [FACT_NAME] = message->name,
		    [FACT_TYPE] = message->type,
		    [FACT_SERVER] = message->server,
		},
	    .epoch = {message->has_boot_id, message->boot_id},
	    .answers_us = message->kind == BROADCAST_ANSWER && datagram->channel == CHANNEL_OWN,
	    .is_ourselves_elsewhere = offer_has_udn(offers_own(b->context->offers), id),
	};
	struct broadcast_mark mark = broadcast_mark(id, message->boot_id);
	if (message->extended && message->kind != BROADCAST_BYE)
		broadcast_peers_know(
		    &b->peers, now, &sighting.from, sighting.link, &mark, sighting.lifetime);
	else if (message->kind == BROADCAST_ANSWER && b->interval > values(b)->interval)
		begin_rounds(b, instant_add(now, SECONDS(values(b)->interval)));
	outbox_sighting(outbox, &sighting);
}

/* What said goodbye, or was refused by the table, must not be named as known. */
static void observed(
    struct engine *engine, const struct sighting *sighting, const struct endpoint *endpoint)
{
	struct broadcast *b = (struct broadcast *)engine;

	if (!endpoint)
		broadcast_peers_forget(&b->peers, &sighting->from, sighting->link);
}

/* True where the asker knows us as we are. */
static bool is_known(const struct broadcast *b, const struct broadcast_message *ask)
{
	const struct offer *own = offers_own(b->context->offers);
	struct broadcast_mark mark = broadcast_mark(slice_of(own->devices[0].udn), own->epoch);

	return broadcast_marks_have(ask->known, &mark);
}

static void answer(struct broadcast *b, struct instant now, const struct datagram *datagram,
    const struct link *link, const struct broadcast_message *ask, struct outbox *outbox)
{
	const struct address *to = &datagram->from.address;
	const struct link_address *source = link_source(link, to->family, to);
	char buffer[BROADCAST_MESSAGE_MAX];
	struct writer w;
	if (is_known(b, ask)) {
		b->counters[COUNT_ANSWERS_KNOWN].value++;
		return;
	}
	writer_init(&w, buffer, sizeof(buffer));
	if (!source || !answer_buckets_take(b->buckets, now, to, 1) ||
	    broadcast_render_answer(b->context, b->interval, ask, datagram->bytes.len,
		&source->prefix.address, &w) < 0) {
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
		report(b, now, datagram, link, &message, outbox);
		if (message.kind == BROADCAST_ASK)
			answer(b, now, datagram, link, &message, outbox);
	}
}

static struct counter_group counters(const struct engine *engine)
{
	const struct broadcast *b = (const struct broadcast *)engine;
	return (struct counter_group){BROADCAST_ENGINE.id.name, b->counters, COUNTERS};
}

const struct engine_type BROADCAST_ENGINE = {
    .id = {"broadcast", RANK},
    .section = &SECTION,
    .enabled = is_enabled,
    .sockets = sockets_of,
    .create = create,
    .destroy = destroy,
    .start = start,
    .input = input,
    .advance = advance,
    .deadline = deadline,
    .link_changed = link_changed,
    .offer_changed = offer_changed,
    .search = search,
    .matches = matches,
    .reconfigured = reconfigured,
    .reconfirm = reconfirm,
    .observed = observed,
    .stop = stop,
    .counters = counters,
};

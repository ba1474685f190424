/* SPDX-License-Identifier: ISC
 * ssdp_search: our searches (UDA 2.0, 1.3.2): at start, at intervals, on request, and for one known
 * device. */
#include "base/array.h"
#include "engine/ssdp_internal.h"
#include "model/offers.h"
#include <string.h>

enum {
	MX_START = 1, /* answers to the first round are wanted soon */
	MX_LATER = 3, /* answers to later rounds may take their time */
	/* UDA gives a unicast search no MX and has it answered within a second. libupnp, gssdp and
	 * node-ssdp ignore one without MX, and take this one for the same second. */
	MX_UNICAST = 1,
	REPEATS = 2, /* each search is sent twice, because datagrams get lost */
};

/* An answer that is late by this much still belongs to its search. */
#define ANSWER_MARGIN SECONDS(2)

/* Some devices answer only upnp:rootdevice. */
static const struct slice ALWAYS[] = {SLICE("ssdp:all"), SLICE("upnp:rootdevice")};
enum { ALWAYS_COUNT = COUNT_OF(ALWAYS) };

/* SLICE_NONE behind the last. */
static struct slice target_at(const struct ssdp *ssdp, size_t at)
{
	const struct text_list *configured = &ssdp_values(ssdp)->search_targets;

	if (at < ALWAYS_COUNT)
		return ALWAYS[at];
	at -= ALWAYS_COUNT;
	return at < configured->count ? slice_of(configured->items[at]) : SLICE_NONE;
}

/* Between two targets, so that their answers do not come at once. */
static int64_t target_pause(const struct ssdp *ssdp)
{
	return rng_between(ssdp->context->rng, MILLISECONDS(80), MILLISECONDS(160));
}

static int64_t repeat_pause(const struct ssdp *ssdp)
{
	return rng_between(ssdp->context->rng, MILLISECONDS(200), MILLISECONDS(400));
}

/* To the address in `send`. */
static void send_search(struct ssdp *ssdp, struct instant now, struct outbox_send *send,
    struct slice target, uint32_t mx, struct outbox *outbox)
{
	const struct offers *offers = ssdp->context->offers;
	const struct offer *own = offers_own(offers);
	struct ssdp_message message = {
	    .kind = SSDP_SEARCH,
	    .target = target,
	    .mx = {true, mx},
	    .server = slice_of(offers->server),
	};

	if (own) {
		/* it names us, so hosts that receive it know of us */
		ssdp_schedule_mark_known(ssdp, send->link, own);
		message.friendly_name = slice_of(own->devices[0].name);
		message.control_point = slice_of(own->devices[0].udn);
	}
	ssdp->answers_until =
	    instant_later(ssdp->answers_until, instant_add(now, SECONDS(mx) + ANSWER_MARGIN));
	ssdp_compose(ssdp, &message, send, outbox);
}

/* From an ephemeral port: answers to port 1900 reach the program that bound it last. */
static void multicast_search(struct ssdp *ssdp, struct instant now,
    const struct ssdp_sender *sender, struct slice target, uint32_t mx, struct outbox *outbox)
{
	struct outbox_send send = ssdp_compose_multicast(ssdp, sender, CHANNEL_OWN);
	send_search(ssdp, now, &send, target, mx, outbox);
	ssdp->multicast_until = ssdp->answers_until;
}

/* A round draws answers of every device. Where devices announce themselves it finds only those that
 * do not, and may draw as much as one answer in this time. */
#define ANSWER_PAUSE SECONDS(60)
#define PAUSE_MAX    SECONDS(86400)

static void start_with(struct ssdp_sender *sender, size_t target, uint32_t mx, struct instant due)
{
	sender->target = target;
	sender->repeats = 0;
	sender->mx = mx;
	sender->search_due = due;
}

void ssdp_search_start(const struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now)
{
	int64_t pause = rng_between(ssdp->context->rng, MILLISECONDS(50), MILLISECONDS(100));

	sender->searched = false;
	start_with(sender, 0, MX_START, instant_add(now, pause));
}

void ssdp_search_again(const struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now)
{
	if (sender->searched)
		ssdp_search_start(ssdp, sender, now);
}

static struct instant next_round(const struct ssdp *ssdp, struct instant now)
{
	int64_t interval = SECONDS(ssdp_values(ssdp)->search_interval);
	return instant_add(now, rng_around(ssdp->context->rng, interval));
}

static uint64_t count_of(const struct ssdp *ssdp, int counter)
{
	return ssdp->counters[counter].value;
}

/* True where it is too early for another round. */
static bool postpones_round(const struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now)
{
	uint64_t answers = count_of(ssdp, SSDP_RESPONSES) - sender->answers;
	int64_t pause =
	    answers < PAUSE_MAX / ANSWER_PAUSE ? (int64_t)answers * ANSWER_PAUSE : PAUSE_MAX;
	struct instant due = instant_add(sender->round, pause);

	if (!sender->searched || count_of(ssdp, SSDP_NOTIFIES) == sender->notifies ||
	    instant_due(due, now))
		return false;
	sender->search_due = due;
	return true;
}

static void begin_round(const struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now)
{
	sender->round = now;
	sender->answers = count_of(ssdp, SSDP_RESPONSES);
	sender->notifies = count_of(ssdp, SSDP_NOTIFIES);
}

/* The repeats of one target follow each other within its MX, so that a device can answer both by
 * one response. */
void ssdp_search_advance(
    struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now, struct outbox *outbox)
{
	struct slice target = target_at(ssdp, sender->target);

	if (!instant_due(sender->search_due, now))
		return;
	if (sender->target == 0 && sender->repeats == 0) {
		if (postpones_round(ssdp, sender, now))
			return;
		begin_round(ssdp, sender, now);
	}
	/* After a reload there may be fewer targets than before. */
	if (target.bytes)
		multicast_search(ssdp, now, sender, target, sender->mx, outbox);
	if (target.bytes && ++sender->repeats < REPEATS) {
		sender->search_due = instant_add(now, repeat_pause(ssdp));
		return;
	}
	if (target_at(ssdp, sender->target + 1).bytes) {
		start_with(
		    sender, sender->target + 1, sender->mx, instant_add(now, target_pause(ssdp)));
		return;
	}
	sender->searched = true;
	start_with(sender, 0, MX_LATER, next_round(ssdp, now));
}

static void send_request(struct ssdp *ssdp, struct instant now, struct outbox *outbox)
{
	const struct ssdp_request *request = &ssdp->request;
	for (size_t i = 0; i < ssdp->sender_count; i++)
		multicast_search(ssdp, now, &ssdp->senders[i],
		    (struct slice){request->target, request->target_len}, request->mx, outbox);
}

/* The rest of a round whose first target was just searched for. The first round of a sender address
 * comes anyway. */
static void continue_as_round(struct ssdp *ssdp, struct instant now)
{
	for (size_t i = 0; i < ssdp->sender_count; i++)
		if (ssdp->senders[i].searched)
			start_with(&ssdp->senders[i], 1, ssdp->request.mx,
			    instant_add(now, target_pause(ssdp)));
}

void ssdp_search_request(struct ssdp *ssdp, struct instant now, struct slice target,
    unsigned seconds, struct outbox *outbox)
{
	struct ssdp_request *request = &ssdp->request;

	if (target.len == 0)
		target = ALWAYS[1];
	if (target.len > sizeof(request->target))
		return;
	memcpy(request->target, target.bytes, target.len);
	request->target_len = target.len;
	request->mx = seconds < 1 ? 1 : seconds > SSDP_MX_MAX ? SSDP_MX_MAX : seconds;
	send_request(ssdp, now, outbox);
	request->repeat_due = instant_add(now, repeat_pause(ssdp));
	if (slice_equal(target, ALWAYS[0]))
		continue_as_round(ssdp, now);
}

void ssdp_search_repeat_request(struct ssdp *ssdp, struct instant now, struct outbox *outbox)
{
	if (!instant_due(ssdp->request.repeat_due, now))
		return;
	ssdp->request.repeat_due = INSTANT_NEVER;
	send_request(ssdp, now, outbox);
}

struct sending {
	struct ssdp *ssdp;
	struct instant now;
	struct outbox *outbox;
};

/* For devices that answer only multicast searches (minidlna), or share their port with a program
 * that takes the unicasts. */
static void search_by_multicast(
    const struct sending *sending, const struct engine_reconfirm *reconfirm)
{
	struct ssdp *ssdp = sending->ssdp;

	for (size_t i = 0; i < ssdp->sender_count; i++) {
		const struct ssdp_sender *sender = &ssdp->senders[i];
		if (sender->link != reconfirm->link ||
		    sender->source.family != reconfirm->address.family)
			continue;
		multicast_search(
		    ssdp, sending->now, sender, reconfirm->key, MX_UNICAST, sending->outbox);
	}
}

/* Addresses may have changed since it was queued: it stays inside the networks of the link. */
static void send_reconfirm(void *context, const struct engine_reconfirm *reconfirm, bool again)
{
	const struct sending *sending = context;
	struct ssdp *ssdp = sending->ssdp;
	const struct link *link = link_set_find(ssdp->context->links, reconfirm->link);
	const struct link_address *source =
	    link ? link_source(link, reconfirm->address.family, &reconfirm->address) : NULL;

	if (!source || !link_has_neighbour(link, &reconfirm->address))
		return;
	ssdp_counted(ssdp, SSDP_RECONFIRMS);
	if (again && reconfirm->multicast_retry) {
		search_by_multicast(sending, reconfirm);
		return;
	}
	struct outbox_send send = {
	    .channel = CHANNEL_OWN,
	    .link = reconfirm->link,
	    .source = source->prefix.address,
	    .to = {reconfirm->address, reconfirm->port ? reconfirm->port : SSDP_PORT},
	};
	send_search(ssdp, sending->now, &send, reconfirm->key, MX_UNICAST, sending->outbox);
}

void ssdp_search_reconfirm(struct ssdp *ssdp, struct instant now, struct outbox *outbox)
{
	reconfirm_queue_advance(
	    &ssdp->reconfirms, now, send_reconfirm, &(struct sending){ssdp, now, outbox});
}

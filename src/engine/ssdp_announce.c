/* SPDX-License-Identifier: ISC
 * ssdp_announce: advertisements of our offers: at start, before they expire, when our addresses
 * have changed, and when they end (UDA 2.0, 1.2). */
#include "engine/ssdp_internal.h"
#include "model/offers.h"
#include <stdlib.h>

enum {
	STARTING_ROUNDS = 3, /* of alive, because datagrams get lost */
	UPDATES = 2,         /* of ssdp:update, likewise */
	GOODBYES = 2,
};

/* True when a host that receives from this sender address can fetch the description. */
static bool is_reachable(
    const struct ssdp *ssdp, const struct ssdp_sender *sender, const struct offer *offer)
{
	const struct link *link = link_set_find(ssdp->context->links, sender->link);
	return engine_url_reaches(offer, link, &sender->source);
}

static void start_searching(const struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now)
{
	if (instant_is_never(sender->search_due))
		ssdp_search_start(ssdp, sender, now);
}

/* UDA 2.0, 1.2.1: a random delay of up to 100 ms, so that hosts powered on together do not collide.
 */
static struct instant random_start(const struct ssdp *ssdp, struct instant now)
{
	return instant_add(now, rng_between(ssdp->context->rng, 0, MILLISECONDS(100)));
}

static struct ssdp_schedule start_of(const struct ssdp *ssdp, const struct ssdp_sender *sender,
    const struct offer *offer, struct instant now)
{
	bool reachable = is_reachable(ssdp, sender, offer);

	return (struct ssdp_schedule){
	    .offer = offer->number,
	    .boot_id = offer->epoch,
	    /* a byebye removes the whole device (UDA 2.0, 1.2.3), with its other pieces */
	    .round = offer_is_whole(offer) ? 0 : 1,
	    .due = reachable ? random_start(ssdp, now) : INSTANT_NEVER,
	};
}

void ssdp_announce_follow_offers(
    const struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now)
{
	const struct offers *offers = ssdp->context->offers;
	size_t kept = 0;

	for (size_t i = 0; i < sender->schedule_count; i++)
		if (offers_find(offers, sender->schedules[i].offer))
			sender->schedules[kept++] = sender->schedules[i];
	sender->schedule_count = kept;
	struct ssdp_schedule *schedules =
	    reallocarray(sender->schedules, offers->count ? offers->count : 1, sizeof(*schedules));
	if (!schedules)
		return;
	sender->schedules = schedules;
	for (size_t i = 0; i < offers->count; i++) {
		const struct offer *offer = offers->list[i];
		if (!ssdp_schedule_find(sender, offer->number))
			schedules[sender->schedule_count++] = start_of(ssdp, sender, offer, now);
	}
	/* nothing is announced: there is no byebye for a search to wait for */
	if (instant_is_never(ssdp_announce_deadline(sender)))
		start_searching(ssdp, sender, now);
}

void ssdp_announce_again(const struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now)
{
	for (size_t i = 0; i < sender->schedule_count; i++) {
		struct ssdp_schedule *schedule = &sender->schedules[i];
		if (schedule->round == 0)
			continue;
		schedule->round = 1;
		schedule->cursor = (struct ssdp_cursor){0};
		schedule->due = random_start(ssdp, now);
	}
}

void ssdp_announce_update(const struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now)
{
	for (size_t i = 0; i < sender->schedule_count; i++) {
		struct ssdp_schedule *schedule = &sender->schedules[i];
		const struct offer *offer = offers_find(ssdp->context->offers, schedule->offer);
		/* some hosts have received an update that is under way, perhaps all */
		if (schedule->updating)
			schedule->boot_id = schedule->next_boot_id;
		if (!offer || schedule->boot_id == offer->epoch)
			continue;
		/* not announced yet: it is announced under the new number */
		if (!schedule->announced || instant_is_never(schedule->due)) {
			schedule->boot_id = offer->epoch;
			continue;
		}
		schedule->updating = schedule->update_pending = true;
		schedule->next_boot_id = offer->epoch;
		schedule->round = 0;
		schedule->repeats = UPDATES - 1;
		schedule->cursor = (struct ssdp_cursor){0};
		schedule->due = now;
	}
}

/* True while any sender address sends ssdp:update for any offer. */
static bool is_updating(const struct ssdp *ssdp)
{
	for (size_t i = 0; i < ssdp->sender_count; i++)
		for (size_t k = 0; k < ssdp->senders[i].schedule_count; k++)
			if (ssdp->senders[i].schedules[k].updating)
				return true;
	return false;
}

/* From the end of one round to the beginning of the next. */
static int64_t pause_after(const struct ssdp *ssdp, unsigned round)
{
	struct rng *rng = ssdp->context->rng;
	int64_t max_age = SECONDS(ssdp_values(ssdp)->max_age);

	/* Long enough that no switch puts the first alive before the byebye. */
	if (round == 0)
		return rng_between(rng, MILLISECONDS(100), MILLISECONDS(200));
	if (round < STARTING_ROUNDS)
		return rng_between(rng, MILLISECONDS(200), MILLISECONDS(400));
	/* At least twice in each lifetime, at random so that hosts powered on together drift apart.
	 * A second is kept back for the round itself. */
	return rng_between(rng, max_age / 4, max_age / 2 - SECONDS(1));
}

static void end_round(const struct ssdp *ssdp, struct ssdp_sender *sender,
    struct ssdp_schedule *schedule, const struct offer *offer, struct instant now)
{
	start_searching(ssdp, sender, now);
	schedule->due = instant_add(now, pause_after(ssdp, schedule->round));
	schedule->cursor = (struct ssdp_cursor){0};
	if (schedule->updating && schedule->repeats > 0) {
		schedule->repeats--;
		return;
	}
	if (schedule->updating) {
		schedule->updating = false;
		schedule->boot_id = offer->epoch;
	}
	schedule->update_pending &= schedule->round == 0;
	if (schedule->round < STARTING_ROUNDS)
		schedule->round++;
}

static enum ssdp_kind kind_of(const struct ssdp_schedule *schedule)
{
	if (schedule->updating)
		return SSDP_UPDATE;
	return schedule->round == 0 ? SSDP_BYEBYE : SSDP_ALIVE;
}

/* Sends the next target of a schedule. False at the end of a round. */
static bool send_next(const struct ssdp *ssdp, struct ssdp_sender *sender,
    struct ssdp_schedule *schedule, struct instant now, struct outbox *outbox)
{
	const struct offer *offer = offers_find(ssdp->context->offers, schedule->offer);
	struct outbox_send send = ssdp_compose_multicast(ssdp, sender, CHANNEL_SHARED);
	struct ssdp_target target;
	struct ssdp_advertisement advertisement = {
	    .kind = kind_of(schedule),
	    .offer = offer,
	    .target = &target,
	    .boot_id = schedule->boot_id,
	};

	if (!ssdp_target_next(offer, &schedule->cursor, &target)) {
		end_round(ssdp, sender, schedule, offer, now);
		return false;
	}
	schedule->announced |= advertisement.kind == SSDP_ALIVE;
	ssdp_compose_target(ssdp, now, &advertisement, &send, outbox);
	return true;
}

/* The schedule that is due first, or NULL. While an update is under way alive has to wait. */
static struct ssdp_schedule *next_due(struct ssdp_sender *sender, struct instant now, bool updating)
{
	struct ssdp_schedule *next = NULL;

	for (size_t i = 0; i < sender->schedule_count; i++) {
		struct ssdp_schedule *schedule = &sender->schedules[i];
		if (!instant_due(schedule->due, now))
			continue;
		if (updating && kind_of(schedule) == SSDP_ALIVE) {
			schedule->due = instant_add(now, SSDP_BURST_PAUSE);
			continue;
		}
		if (!next || instant_before(schedule->due, next->due))
			next = schedule;
	}
	return next;
}

void ssdp_announce_advance(
    const struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now, struct outbox *outbox)
{
	struct ssdp_schedule *schedule;

	if (!instant_due(ssdp_announce_deadline(sender), now))
		return;
	bool updating = is_updating(ssdp);
	for (unsigned sent = 0; sent < SSDP_BURST; sent++) {
		while ((schedule = next_due(sender, now, updating)) &&
		       !send_next(ssdp, sender, schedule, now, outbox))
			;
		if (!schedule)
			return;
	}
	sender->next_burst = instant_add(now, SSDP_BURST_PAUSE);
}

/* Nothing but byebyes: what else waits keeps its random delay. */
static void hasten_byebyes(struct ssdp_sender *sender, struct instant now)
{
	for (size_t i = 0; i < sender->schedule_count; i++) {
		struct ssdp_schedule *schedule = &sender->schedules[i];
		if (kind_of(schedule) == SSDP_BYEBYE && !instant_is_never(schedule->due))
			schedule->due = instant_earlier(schedule->due, now);
	}
}

void ssdp_announce_byebye_early(
    struct ssdp *ssdp, uint32_t link, struct instant now, struct outbox *outbox)
{
	for (size_t i = 0; i < ssdp->sender_count; i++) {
		if (ssdp->senders[i].link != link)
			continue;
		hasten_byebyes(&ssdp->senders[i], now);
		ssdp_announce_advance(ssdp, &ssdp->senders[i], now, outbox);
	}
	/* what follows them is due at another time now */
	ssdp->senders_due = instant_earlier(ssdp->senders_due, now);
}

struct instant ssdp_announce_deadline(const struct ssdp_sender *sender)
{
	struct instant deadline = INSTANT_NEVER;

	for (size_t i = 0; i < sender->schedule_count; i++)
		deadline = instant_earlier(deadline, sender->schedules[i].due);
	return instant_later(deadline, sender->next_burst);
}

void ssdp_announce_goodbye(const struct ssdp *ssdp, struct ssdp_sender *sender,
    const struct offer *offer, struct instant now, struct outbox *outbox)
{
	struct ssdp_schedule *schedule = ssdp_schedule_find(sender, offer->number);
	struct outbox_send send = ssdp_compose_multicast(ssdp, sender, CHANNEL_SHARED);
	struct ssdp_target target;

	if (!schedule || !schedule->announced)
		return;
	struct ssdp_advertisement advertisement = {
	    .kind = SSDP_BYEBYE, .offer = offer, .target = &target, .boot_id = schedule->boot_id};
	/* Sent twice: where a byebye is lost, the device stays known for max-age. */
	for (unsigned i = 0; i < GOODBYES; i++) {
		struct ssdp_cursor cursor = {0};
		while (ssdp_target_next(offer, &cursor, &target))
			ssdp_compose_target(ssdp, now, &advertisement, &send, outbox);
	}
	schedule->announced = false;
}

void ssdp_announce_goodbyes(
    const struct ssdp *ssdp, struct ssdp_sender *sender, struct instant now, struct outbox *outbox)
{
	const struct offers *offers = ssdp->context->offers;

	for (size_t i = 0; i < offers->count; i++)
		ssdp_announce_goodbye(ssdp, sender, offers->list[i], now, outbox);
}

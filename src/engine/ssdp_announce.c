/* SPDX-License-Identifier: ISC
 * ssdp_announce: says that we are here, again before that is forgotten, and that we leave (UDA 2.0,
 * 1.2). */
#include "engine/ssdp_internal.h"

enum {
	STARTING_ROUNDS = 3, /* of alive, for datagrams get lost */
	BURST = 4,           /* datagrams at a time, so that small receivers keep up */
	GOODBYES = 2,
};
#define BURST_PAUSE MILLISECONDS(10)

bool ssdp_announce_is_possible(const struct ssdp *ssdp)
{
	return ssdp->context->announcement->http_port != 0;
}

static void start_searching(const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now)
{
	if (instant_is_never(voice->search_due))
		ssdp_search_start(ssdp, voice, now);
}

void ssdp_announce_start(const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now)
{
	voice->round = 0;
	voice->place = (struct ssdp_place){0};
	if (!ssdp_announce_is_possible(ssdp)) {
		voice->announce_due = INSTANT_NEVER;
		start_searching(ssdp, voice, now);
		return;
	}
	voice->announce_due =
	    instant_add(now, rng_between(ssdp->context->rng, 0, MILLISECONDS(100)));
}

struct instant ssdp_announce_byebye_is_out(const struct ssdp *ssdp, uint32_t link)
{
	struct instant latest = {INT64_MIN};
	struct ssdp_place place = {0};
	struct ssdp_target target;
	unsigned count = 0;

	while (ssdp_target_next(ssdp->context->announcement, &place, &target))
		count++;
	for (size_t i = 0; i < ssdp->voice_count; i++) {
		const struct ssdp_voice *voice = &ssdp->voices[i];
		if (voice->link == link && voice->round == 0)
			latest = instant_later(latest,
			    instant_add(voice->announce_due, (count / BURST + 1) * BURST_PAUSE));
	}
	return latest;
}

/* From the end of one round to the beginning of the next. */
static int64_t pause_after(const struct ssdp *ssdp, unsigned round)
{
	struct rng *rng = ssdp->context->rng;
	int64_t max_age = SECONDS(ssdp->context->config->ssdp.max_age);

	/* Long enough that no switch puts the first alive before the byebye. */
	if (round == 0)
		return rng_between(rng, MILLISECONDS(100), MILLISECONDS(200));
	if (round < STARTING_ROUNDS)
		return rng_between(rng, MILLISECONDS(200), MILLISECONDS(400));
	/* Twice or more in each lifetime, and hosts that were switched on together drift apart. The
	 * round itself takes its time, too: a second is kept back for it. */
	return rng_between(rng, max_age / 4, max_age / 2 - SECONDS(1));
}

static void end_round(const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now)
{
	start_searching(ssdp, voice, now);
	voice->announce_due = instant_add(now, pause_after(ssdp, voice->round));
	voice->place = (struct ssdp_place){0};
	if (voice->round < STARTING_ROUNDS)
		voice->round++;
}

void ssdp_announce_advance(
    const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now, struct outbox *outbox)
{
	struct outbox_send send = ssdp_voice_multicast(ssdp, voice, CHANNEL_SHARED);
	enum ssdp_kind kind = voice->round == 0 ? SSDP_BYEBYE : SSDP_ALIVE;
	struct ssdp_target target;

	if (!instant_due(voice->announce_due, now))
		return;
	for (unsigned i = 0; i < BURST; i++) {
		if (!ssdp_target_next(ssdp->context->announcement, &voice->place, &target)) {
			end_round(ssdp, voice, now);
			return;
		}
		voice->announced |= kind == SSDP_ALIVE;
		ssdp_compose_target(ssdp, now, kind, &target, &send, outbox);
	}
	voice->announce_due = instant_add(now, BURST_PAUSE);
}

void ssdp_announce_goodbye(
    const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now, struct outbox *outbox)
{
	struct outbox_send send = ssdp_voice_multicast(ssdp, voice, CHANNEL_SHARED);
	struct ssdp_target target;

	if (!voice->announced)
		return;
	/* Nobody repeats a goodbye once we are gone, and a lost one stays in tables for max-age. */
	for (unsigned i = 0; i < GOODBYES; i++) {
		struct ssdp_place place = {0};
		while (ssdp_target_next(ssdp->context->announcement, &place, &target))
			ssdp_compose_target(ssdp, now, SSDP_BYEBYE, &target, &send, outbox);
	}
	voice->announced = false;
}

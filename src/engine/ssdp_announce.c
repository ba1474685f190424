/* SPDX-License-Identifier: ISC
 * ssdp_announce: says that we are here, again before that is forgotten, that we are to be found
 * elsewhere too, and that we leave (UDA 2.0, 1.2). */
#include "engine/location.h"
#include "engine/ssdp_internal.h"
#include <stdlib.h>

enum {
	STARTING_ROUNDS = 3, /* of alive, for datagrams get lost */
	UPDATES = 2,         /* of ssdp:update, likewise */
	BURST = 4,           /* datagrams at a time, so that small receivers keep up */
	GOODBYES = 2,
};
#define BURST_PAUSE MILLISECONDS(10)

bool ssdp_announce_is_possible(
    const struct ssdp *ssdp, const struct ssdp_voice *voice, const struct announced_tree *tree)
{
	const struct link *link = link_set_find(ssdp->context->links, voice->link);
	return location_reaches(tree, link, &voice->source);
}

static struct ssdp_speech *find_speech(const struct ssdp_voice *voice, uint64_t tree)
{
	for (size_t i = 0; i < voice->speech_count; i++)
		if (voice->speeches[i].tree == tree)
			return &voice->speeches[i];
	return NULL;
}

static void start_searching(const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now)
{
	if (instant_is_never(voice->search_due))
		ssdp_search_start(ssdp, voice, now);
}

/* UDA 2.0, 1.2.1: a moment of up to 100 ms, so that not everybody speaks when the lights go on. */
static struct instant some_moment(const struct ssdp *ssdp, struct instant now)
{
	return instant_add(now, rng_between(ssdp->context->rng, 0, MILLISECONDS(100)));
}

static struct ssdp_speech start_of(const struct ssdp *ssdp, const struct ssdp_voice *voice,
    const struct announced_tree *tree, struct instant now)
{
	bool possible = ssdp_announce_is_possible(ssdp, voice, tree);

	return (struct ssdp_speech){
	    .tree = tree->number,
	    .boot_id = tree->boot_id,
	    /* a byebye takes a whole device away (UDA 2.0, 1.2.3), and with it the other pieces */
	    .round = announced_tree_is_whole(tree) ? 0 : 1,
	    .due = possible ? some_moment(ssdp, now) : INSTANT_NEVER,
	};
}

void ssdp_announce_follow_trees(
    const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now)
{
	const struct announcement *announcement = ssdp->context->announcement;
	size_t kept = 0;

	for (size_t i = 0; i < voice->speech_count; i++)
		if (announcement_find(announcement, voice->speeches[i].tree))
			voice->speeches[kept++] = voice->speeches[i];
	voice->speech_count = kept;
	struct ssdp_speech *speeches = reallocarray(voice->speeches,
	    announcement->tree_count ? announcement->tree_count : 1, sizeof(*speeches));
	if (!speeches)
		return;
	voice->speeches = speeches;
	for (size_t i = 0; i < announcement->tree_count; i++) {
		const struct announced_tree *tree = announcement->trees[i];
		if (!find_speech(voice, tree->number))
			speeches[voice->speech_count++] = start_of(ssdp, voice, tree, now);
	}
	/* without anything to announce there is no byebye that a question has to wait for */
	if (instant_is_never(ssdp_announce_deadline(voice)))
		start_searching(ssdp, voice, now);
}

void ssdp_announce_again(const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now)
{
	for (size_t i = 0; i < voice->speech_count; i++) {
		struct ssdp_speech *speech = &voice->speeches[i];
		if (speech->round == 0)
			continue;
		speech->round = 1;
		speech->place = (struct ssdp_place){0};
		speech->due = some_moment(ssdp, now);
	}
}

void ssdp_announce_update(const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now)
{
	for (size_t i = 0; i < voice->speech_count; i++) {
		struct ssdp_speech *speech = &voice->speeches[i];
		const struct announced_tree *tree =
		    announcement_find(ssdp->context->announcement, speech->tree);
		/* an update that is under way has been heard by some, perhaps by all */
		if (speech->updating)
			speech->boot_id = speech->next_boot_id;
		if (!tree || speech->boot_id == tree->boot_id)
			continue;
		/* who has not heard of it yet hears the new number at once */
		if (!speech->announced || instant_is_never(speech->due)) {
			speech->boot_id = tree->boot_id;
			continue;
		}
		speech->updating = speech->settling = true;
		speech->next_boot_id = tree->boot_id;
		speech->round = 0;
		speech->repeats = UPDATES - 1;
		speech->place = (struct ssdp_place){0};
		speech->due = now;
	}
}

/* Whether ssdp:update is still being said somewhere, of any tree. */
static bool is_updating(const struct ssdp *ssdp)
{
	for (size_t i = 0; i < ssdp->voice_count; i++)
		for (size_t k = 0; k < ssdp->voices[i].speech_count; k++)
			if (ssdp->voices[i].speeches[k].updating)
				return true;
	return false;
}

bool ssdp_announce_is_settling(const struct ssdp *ssdp)
{
	for (size_t i = 0; i < ssdp->voice_count; i++)
		for (size_t k = 0; k < ssdp->voices[i].speech_count; k++)
			if (ssdp->voices[i].speeches[k].settling)
				return true;
	return false;
}

struct instant ssdp_announce_byebye_is_out(const struct ssdp *ssdp, uint32_t link)
{
	struct instant latest = {INT64_MIN};
	unsigned count = 0;

	for (size_t i = 0; i < ssdp->voice_count; i++) {
		const struct ssdp_voice *voice = &ssdp->voices[i];
		for (size_t k = 0; voice->link == link && k < voice->speech_count; k++) {
			const struct ssdp_speech *speech = &voice->speeches[k];
			const struct announced_tree *tree =
			    announcement_find(ssdp->context->announcement, speech->tree);
			if (!tree || speech->round > 0 || speech->updating ||
			    instant_is_never(speech->due))
				continue;
			count += ssdp_target_count(tree);
			latest = instant_later(latest, instant_later(speech->due, voice->breath));
		}
	}
	return count ? instant_add(latest, (count / BURST + 1) * BURST_PAUSE) : latest;
}

uint32_t ssdp_announce_is_known(struct ssdp *ssdp, uint32_t link, const struct announced_tree *tree)
{
	uint32_t boot_id = tree->boot_id;

	for (size_t i = 0; i < ssdp->voice_count; i++) {
		struct ssdp_speech *speech = find_speech(&ssdp->voices[i], tree->number);
		if (!speech || ssdp->voices[i].link != link)
			continue;
		speech->announced = true;
		if (speech->updating)
			boot_id = speech->boot_id;
	}
	return boot_id;
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

static void end_round(const struct ssdp *ssdp, struct ssdp_voice *voice, struct ssdp_speech *speech,
    const struct announced_tree *tree, struct instant now)
{
	start_searching(ssdp, voice, now);
	speech->due = instant_add(now, pause_after(ssdp, speech->round));
	speech->place = (struct ssdp_place){0};
	if (speech->updating && speech->repeats > 0) {
		speech->repeats--;
		return;
	}
	if (speech->updating) {
		speech->updating = false;
		speech->boot_id = tree->boot_id;
	}
	speech->settling &= speech->round == 0;
	if (speech->round < STARTING_ROUNDS)
		speech->round++;
}

static enum ssdp_kind kind_of(const struct ssdp_speech *speech)
{
	if (speech->updating)
		return SSDP_UPDATE;
	return speech->round == 0 ? SSDP_BYEBYE : SSDP_ALIVE;
}

/* Says the next target of a speech. False at the end of a round. */
static bool say_next(const struct ssdp *ssdp, struct ssdp_voice *voice, struct ssdp_speech *speech,
    struct instant now, struct outbox *outbox)
{
	const struct announced_tree *tree =
	    announcement_find(ssdp->context->announcement, speech->tree);
	struct outbox_send send = ssdp_voice_multicast(ssdp, voice, CHANNEL_SHARED);
	struct ssdp_target target;
	struct ssdp_saying saying = {
	    .kind = kind_of(speech),
	    .tree = tree,
	    .target = &target,
	    .boot_id = speech->boot_id,
	};

	if (!ssdp_target_next(tree, &speech->place, &target)) {
		end_round(ssdp, voice, speech, tree, now);
		return false;
	}
	speech->announced |= saying.kind == SSDP_ALIVE;
	ssdp_compose_target(ssdp, now, &saying, &send, outbox);
	return true;
}

/* The speech whose turn it is, or NULL. While an update is under way alive has to wait. */
static struct ssdp_speech *next_due(struct ssdp_voice *voice, struct instant now, bool updating)
{
	struct ssdp_speech *next = NULL;

	for (size_t i = 0; i < voice->speech_count; i++) {
		struct ssdp_speech *speech = &voice->speeches[i];
		if (!instant_due(speech->due, now))
			continue;
		if (updating && kind_of(speech) == SSDP_ALIVE) {
			speech->due = instant_add(now, BURST_PAUSE);
			continue;
		}
		if (!next || instant_before(speech->due, next->due))
			next = speech;
	}
	return next;
}

void ssdp_announce_advance(
    const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now, struct outbox *outbox)
{
	struct ssdp_speech *speech;
	bool updating = is_updating(ssdp);

	if (!instant_due(voice->breath, now))
		return;
	for (unsigned said = 0; said < BURST; said++) {
		while ((speech = next_due(voice, now, updating)) &&
		       !say_next(ssdp, voice, speech, now, outbox))
			;
		if (!speech)
			return;
	}
	voice->breath = instant_add(now, BURST_PAUSE);
}

struct instant ssdp_announce_deadline(const struct ssdp_voice *voice)
{
	struct instant deadline = INSTANT_NEVER;

	for (size_t i = 0; i < voice->speech_count; i++)
		deadline = instant_earlier(deadline, voice->speeches[i].due);
	return instant_later(deadline, voice->breath);
}

void ssdp_announce_goodbye(const struct ssdp *ssdp, struct ssdp_voice *voice,
    const struct announced_tree *tree, struct instant now, struct outbox *outbox)
{
	struct ssdp_speech *speech = find_speech(voice, tree->number);
	struct outbox_send send = ssdp_voice_multicast(ssdp, voice, CHANNEL_SHARED);
	struct ssdp_target target;

	if (!speech || !speech->announced)
		return;
	struct ssdp_saying saying = {
	    .kind = SSDP_BYEBYE, .tree = tree, .target = &target, .boot_id = speech->boot_id};
	/* Nobody repeats a goodbye once we are gone, and a lost one stays in tables for max-age. */
	for (unsigned i = 0; i < GOODBYES; i++) {
		struct ssdp_place place = {0};
		while (ssdp_target_next(tree, &place, &target))
			ssdp_compose_target(ssdp, now, &saying, &send, outbox);
	}
	speech->announced = false;
}

void ssdp_announce_goodbyes(
    const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now, struct outbox *outbox)
{
	const struct announcement *announcement = ssdp->context->announcement;

	for (size_t i = 0; i < announcement->tree_count; i++)
		ssdp_announce_goodbye(ssdp, voice, announcement->trees[i], now, outbox);
}

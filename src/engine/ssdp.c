/* SPDX-License-Identifier: ISC
 * ssdp: the UPnP way of discovery (UPnP Device Architecture 2.0, part 1) as an engine. */
#include "engine/ssdp_internal.h"
#include <stdlib.h>

static const char *const COUNTER_NAMES[SSDP_COUNTERS] = {
    [SSDP_RECEIVED] = "received",
    [SSDP_OVERSIZED] = "oversized",
    [SSDP_MALFORMED] = "malformed",
    [SSDP_SURPLUS] = "surplus",
    [SSDP_OWN] = "own",
    [SSDP_OFF_LINK] = "off-link",
    [SSDP_IGNORED] = "ignored",
    [SSDP_NOTIFIES] = "notifies",
    [SSDP_RESPONSES] = "responses",
    [SSDP_LATE_RESPONSES] = "late-responses",
    [SSDP_SEARCHES] = "searches",
    [SSDP_SEARCHES_WITHOUT_MX] = "searches-without-mx",
    [SSDP_SEARCHES_UNMATCHED] = "searches-unmatched",
    [SSDP_SEARCHES_REPEATED] = "searches-repeated",
    [SSDP_SEARCHES_LIMITED] = "searches-limited",
    [SSDP_SEARCHES_REFUSED] = "searches-refused",
    [SSDP_ANSWERS] = "answers",
    [SSDP_ANSWERS_DROPPED] = "answers-dropped",
    [SSDP_QUESTIONS] = "questions",
};

static bool ssdp_enabled(const struct config *config)
{
	return config->ssdp.enabled;
}

static struct engine_port ssdp_port(const struct config *config)
{
	return (struct engine_port){
	    .port = SSDP_PORT,
	    .ipv6 = config->network.ipv6,
	    .may_move = true,
	    .groups = SSDP_GROUPS,
	    .group_count = SSDP_GROUP_COUNT,
	};
}

static struct ssdp *ssdp_of(struct engine *engine)
{
	return CONTAINER_OF(engine, struct ssdp, engine);
}

static const struct ssdp *ssdp_of_const(const struct engine *engine)
{
	return CONTAINER_OF(engine, const struct ssdp, engine);
}

static void ssdp_destroy(struct engine *engine)
{
	struct ssdp *ssdp = ssdp_of(engine);
	ssdp_answer_fini(ssdp);
	for (size_t i = 0; i < ssdp->voice_count; i++)
		ssdp_voice_fini(&ssdp->voices[i]);
	question_queue_fini(&ssdp->questions);
	free(ssdp->voices);
	free(ssdp);
}

static struct engine *ssdp_create(const struct engine_context *context)
{
	struct ssdp *ssdp = calloc(1, sizeof(*ssdp));
	if (!ssdp)
		return NULL;
	ssdp->engine.type = &SSDP_ENGINE;
	ssdp->context = context;
	ssdp->request.repeat_due = INSTANT_NEVER;
	ssdp->moves.due = INSTANT_NEVER;
	counters_init(ssdp->counters, COUNTER_NAMES, SSDP_COUNTERS);
	if (ssdp_answer_init(ssdp) < 0) {
		ssdp_destroy(&ssdp->engine);
		return NULL;
	}
	return &ssdp->engine;
}

static void ssdp_start(struct engine *engine, struct instant now, struct outbox *outbox)
{
	(void)outbox;
	ssdp_voice_follow_links(ssdp_of(engine), now);
}

static void ssdp_input(struct engine *engine, struct instant now, const struct datagram *datagram,
    struct outbox *outbox)
{
	ssdp_listen(ssdp_of(engine), now, datagram, outbox);
}

static void ssdp_advance(struct engine *engine, struct instant now, struct outbox *outbox)
{
	struct ssdp *ssdp = ssdp_of(engine);
	if (instant_due(ssdp->moves.due, now) && ssdp_voice_follow_links(ssdp, now)) {
		/* nothing is said before the update */
		outbox->renumber = true;
		return;
	}
	for (size_t i = 0; i < ssdp->voice_count; i++) {
		ssdp_announce_advance(ssdp, &ssdp->voices[i], now, outbox);
		ssdp_search_advance(ssdp, &ssdp->voices[i], now, outbox);
	}
	ssdp_search_repeat_request(ssdp, now, outbox);
	ssdp_question_advance(ssdp, now, outbox);
	ssdp_answer_advance(ssdp, now, outbox);
}

static struct instant ssdp_deadline(const struct engine *engine)
{
	const struct ssdp *ssdp = ssdp_of_const(engine);
	struct instant deadline =
	    instant_earlier(ssdp_answer_deadline(ssdp), ssdp->request.repeat_due);
	deadline = instant_earlier(deadline, question_queue_deadline(&ssdp->questions));
	deadline = instant_earlier(deadline, ssdp->moves.due);
	for (size_t i = 0; i < ssdp->voice_count; i++) {
		deadline = instant_earlier(deadline, ssdp_announce_deadline(&ssdp->voices[i]));
		deadline = instant_earlier(deadline, ssdp->voices[i].search_due);
	}
	return deadline;
}

/* A link that is used no more may still carry a goodbye: it was denied, say. From an address that
 * is gone nothing can be sent: what was said with it is left to expire. */
static void ssdp_link_changed(struct engine *engine, struct instant now,
    const struct link_change *change, struct outbox *outbox)
{
	struct ssdp *ssdp = ssdp_of(engine);
	for (size_t i = 0; change->event == LINK_GONE && i < ssdp->voice_count; i++)
		if (ssdp->voices[i].link == change->link->index &&
		    ssdp->voices[i].generation == change->link->generation)
			ssdp_announce_goodbyes(ssdp, &ssdp->voices[i], now, outbox);
	outbox->renumber |= ssdp_voice_follow_links(ssdp, now);
}

static void voice_announcement_changed(struct ssdp *ssdp, struct ssdp_voice *voice,
    struct instant now, const struct announcement_change *change, struct outbox *outbox)
{
	switch (change->event) {
	case ANNOUNCEMENT_GONE:
		ssdp_announce_goodbye(ssdp, voice, change->tree, now, outbox);
		ssdp_announce_follow_trees(ssdp, voice, now);
		break;
	case ANNOUNCEMENT_CAME:
		ssdp_announce_follow_trees(ssdp, voice, now);
		break;
	case ANNOUNCEMENT_RENUMBERED:
		ssdp_announce_update(ssdp, voice, now);
		break;
	case ANNOUNCEMENT_RETIMED:
		ssdp_announce_again(ssdp, voice, now);
		ssdp_search_again(ssdp, voice, now);
		break;
	}
}

/* An update is not left for later: other messages of ours may carry the new number at once. */
static void ssdp_announcement_changed(struct engine *engine, struct instant now,
    const struct announcement_change *change, struct outbox *outbox)
{
	struct ssdp *ssdp = ssdp_of(engine);

	for (size_t i = 0; i < ssdp->voice_count; i++)
		voice_announcement_changed(ssdp, &ssdp->voices[i], now, change, outbox);
	for (size_t i = 0; change->event == ANNOUNCEMENT_RENUMBERED && i < ssdp->voice_count; i++)
		ssdp_announce_advance(ssdp, &ssdp->voices[i], now, outbox);
}

static void ssdp_search(struct engine *engine, struct instant now, struct slice target,
    unsigned seconds, struct outbox *outbox)
{
	ssdp_search_request(ssdp_of(engine), now, target, seconds, outbox);
}

static void ssdp_question(
    struct engine *engine, struct instant now, const struct engine_question *question)
{
	question_queue_add(&ssdp_of(engine)->questions, now, question);
}

static void ssdp_stop(struct engine *engine, struct instant now, struct outbox *outbox)
{
	struct ssdp *ssdp = ssdp_of(engine);
	/* The first address is the one that people know: it goes last. */
	for (size_t i = ssdp->voice_count; i-- > 0;)
		ssdp_announce_goodbyes(ssdp, &ssdp->voices[i], now, outbox);
}

static struct counter_group ssdp_counters(const struct engine *engine)
{
	const struct ssdp *ssdp = ssdp_of_const(engine);
	return (struct counter_group){SSDP_ENGINE.name, ssdp->counters, SSDP_COUNTERS};
}

const struct engine_type SSDP_ENGINE = {
    .name = "ssdp",
    .enabled = ssdp_enabled,
    .port = ssdp_port,
    .create = ssdp_create,
    .destroy = ssdp_destroy,
    .start = ssdp_start,
    .input = ssdp_input,
    .advance = ssdp_advance,
    .deadline = ssdp_deadline,
    .link_changed = ssdp_link_changed,
    .announcement_changed = ssdp_announcement_changed,
    .search = ssdp_search,
    .question = ssdp_question,
    .stop = ssdp_stop,
    .counters = ssdp_counters,
};

/* SPDX-License-Identifier: ISC
 * ssdp_search: asks who is there (UDA 2.0, 1.3.2): at start, from time to time, and on request. */
#include "base/array.h"
#include "engine/ssdp_internal.h"
#include <string.h>

enum {
	MX_START = 1, /* whoever starts wants to see */
	MX_LATER = 3, /* no hurry: answers may take their time */
	REPEATS = 2,  /* each target is asked for twice, for datagrams get lost */
};

/* An answer that is late by this much still belongs to its search. */
#define ANSWER_MARGIN SECONDS(2)

/* Some devices answer upnp:rootdevice alone. */
static const struct slice ALWAYS[] = {SLICE("ssdp:all"), SLICE("upnp:rootdevice")};
enum { ALWAYS_COUNT = COUNT_OF(ALWAYS) };

/* SLICE_NONE behind the last. */
static struct slice target_at(const struct ssdp *ssdp, size_t at)
{
	const struct text_list *configured = &ssdp->context->config->ssdp.search_targets;

	if (at < ALWAYS_COUNT)
		return ALWAYS[at];
	at -= ALWAYS_COUNT;
	return at < configured->count ? slice_of(configured->items[at]) : SLICE_NONE;
}

/* So that the answers to all targets do not come at once. */
static int64_t target_pause(const struct ssdp *ssdp)
{
	return rng_between(ssdp->context->rng, MILLISECONDS(80), MILLISECONDS(160));
}

static int64_t repeat_pause(const struct ssdp *ssdp)
{
	return rng_between(ssdp->context->rng, MILLISECONDS(200), MILLISECONDS(400));
}

void ssdp_search_ask(struct ssdp *ssdp, struct instant now, struct outbox_send *send,
    struct slice target, uint32_t mx, struct outbox *outbox)
{
	const struct announcement *announcement = ssdp->context->announcement;
	const struct announced_tree *own = announcement_own(announcement);
	struct ssdp_message message = {
	    .kind = SSDP_SEARCH,
	    .target = target,
	    .mx = {true, mx},
	    .server = slice_of(announcement->server),
	};

	if (own) {
		/* it names us, so that those who hear it know of us */
		ssdp_announce_is_known(ssdp, send->link, own);
		message.friendly_name = slice_of(own->devices[0].name);
		message.control_point = slice_of(own->devices[0].udn);
	}
	ssdp->asked_until =
	    instant_later(ssdp->asked_until, instant_add(now, SECONDS(mx) + ANSWER_MARGIN));
	ssdp_compose(ssdp, &message, send, outbox);
}

/* From a socket of our own: answers to port 1900 reach whichever program bound it last. */
static void ask(struct ssdp *ssdp, struct instant now, const struct ssdp_voice *voice,
    struct slice target, uint32_t mx, struct outbox *outbox)
{
	struct outbox_send send = ssdp_voice_multicast(ssdp, voice, CHANNEL_OWN);
	ssdp_search_ask(ssdp, now, &send, target, mx, outbox);
}

static void start_with(struct ssdp_voice *voice, size_t target, uint32_t mx, struct instant due)
{
	voice->target = target;
	voice->repeats = 0;
	voice->mx = mx;
	voice->search_due = due;
}

void ssdp_search_start(const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now)
{
	int64_t pause = rng_between(ssdp->context->rng, MILLISECONDS(50), MILLISECONDS(100));

	start_with(voice, 0, MX_START, instant_add(now, pause));
}

void ssdp_search_again(const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now)
{
	if (voice->searched)
		ssdp_search_start(ssdp, voice, now);
}

static struct instant next_round(const struct ssdp *ssdp, struct instant now)
{
	int64_t interval = SECONDS(ssdp->context->config->ssdp.search_interval);
	return instant_add(now, rng_around(ssdp->context->rng, interval));
}

/* The repeats of one target follow each other, so that they fall into its MX: who answers once in
 * that time needs to answer once. */
void ssdp_search_advance(
    struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now, struct outbox *outbox)
{
	struct slice target = target_at(ssdp, voice->target);

	if (!instant_due(voice->search_due, now))
		return;
	/* After a reload there may be fewer targets than before. */
	if (target.bytes)
		ask(ssdp, now, voice, target, voice->mx, outbox);
	if (target.bytes && ++voice->repeats < REPEATS) {
		voice->search_due = instant_add(now, repeat_pause(ssdp));
		return;
	}
	if (target_at(ssdp, voice->target + 1).bytes) {
		start_with(
		    voice, voice->target + 1, voice->mx, instant_add(now, target_pause(ssdp)));
		return;
	}
	voice->searched = true;
	start_with(voice, 0, MX_LATER, next_round(ssdp, now));
}

static void ask_request(struct ssdp *ssdp, struct instant now, struct outbox *outbox)
{
	const struct ssdp_request *request = &ssdp->request;
	for (size_t i = 0; i < ssdp->voice_count; i++)
		ask(ssdp, now, &ssdp->voices[i],
		    (struct slice){request->target, request->target_len}, request->mx, outbox);
}

/* The rest of a round whose first target was just asked for; the first one of the start comes
 * anyway. */
static void continue_as_round(struct ssdp *ssdp, struct instant now)
{
	for (size_t i = 0; i < ssdp->voice_count; i++)
		if (ssdp->voices[i].searched)
			start_with(&ssdp->voices[i], 1, ssdp->request.mx,
			    instant_add(now, target_pause(ssdp)));
}

void ssdp_search_request(struct ssdp *ssdp, struct instant now, struct slice target,
    unsigned seconds, struct outbox *outbox)
{
	struct ssdp_request *request = &ssdp->request;

	if (target.len == 0 || target.len > sizeof(request->target))
		return;
	memcpy(request->target, target.bytes, target.len);
	request->target_len = target.len;
	request->mx = seconds < 1 ? 1 : seconds > SSDP_MX_MAX ? SSDP_MX_MAX : seconds;
	ask_request(ssdp, now, outbox);
	request->repeat_due = instant_add(now, repeat_pause(ssdp));
	if (slice_equal(target, ALWAYS[0]))
		continue_as_round(ssdp, now);
}

void ssdp_search_repeat_request(struct ssdp *ssdp, struct instant now, struct outbox *outbox)
{
	if (!instant_due(ssdp->request.repeat_due, now))
		return;
	ssdp->request.repeat_due = INSTANT_NEVER;
	ask_request(ssdp, now, outbox);
}

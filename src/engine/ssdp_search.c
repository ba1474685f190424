/* SPDX-License-Identifier: ISC
 * ssdp_search: asks who is there (UDA 2.0, 1.3.2): at start, from time to time, and on request. */
#include "engine/ssdp_internal.h"
#include <string.h>

enum {
	MX_START = 1, /* whoever starts wants to see */
	MX_LATER = 3, /* no hurry: answers may take their time */
	REPEATS = 2,  /* each question is asked twice, for datagrams get lost */
};

static int64_t repeat_pause(const struct ssdp *ssdp)
{
	return rng_between(ssdp->context->rng, MILLISECONDS(200), MILLISECONDS(400));
}

void ssdp_search_ask(struct ssdp *ssdp, struct outbox_send *send, struct slice target, uint32_t mx,
    struct outbox *outbox)
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
	ssdp_compose(ssdp, &message, send, outbox);
}

/* From a socket of our own: answers to port 1900 reach whichever program bound it last. */
static void ask(struct ssdp *ssdp, const struct ssdp_voice *voice, struct slice target, uint32_t mx,
    struct outbox *outbox)
{
	struct outbox_send send = ssdp_voice_multicast(ssdp, voice, CHANNEL_OWN);
	ssdp_search_ask(ssdp, &send, target, mx, outbox);
}

void ssdp_search_start(const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now)
{
	voice->repeats = 0;
	voice->search_due =
	    instant_add(now, rng_between(ssdp->context->rng, MILLISECONDS(50), MILLISECONDS(100)));
}

static struct instant next_search(const struct ssdp *ssdp, struct instant now)
{
	int64_t interval = SECONDS(ssdp->context->config->ssdp.search_interval);
	return instant_add(now, rng_around(ssdp->context->rng, interval));
}

void ssdp_search_bring_forward(
    const struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now)
{
	if (voice->searched)
		voice->search_due = instant_earlier(voice->search_due, next_search(ssdp, now));
}

void ssdp_search_advance(
    struct ssdp *ssdp, struct ssdp_voice *voice, struct instant now, struct outbox *outbox)
{
	if (!instant_due(voice->search_due, now))
		return;
	ask(ssdp, voice, SLICE("ssdp:all"), voice->searched ? MX_LATER : MX_START, outbox);
	if (++voice->repeats < REPEATS) {
		voice->search_due = instant_add(now, repeat_pause(ssdp));
		return;
	}
	voice->repeats = 0;
	voice->searched = true;
	voice->search_due = next_search(ssdp, now);
}

static void ask_request(struct ssdp *ssdp, struct outbox *outbox)
{
	const struct ssdp_request *request = &ssdp->request;
	for (size_t i = 0; i < ssdp->voice_count; i++)
		ask(ssdp, &ssdp->voices[i], (struct slice){request->target, request->target_len},
		    request->mx, outbox);
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
	ask_request(ssdp, outbox);
	request->repeat_due = instant_add(now, repeat_pause(ssdp));
}

void ssdp_search_repeat_request(struct ssdp *ssdp, struct instant now, struct outbox *outbox)
{
	if (!instant_due(ssdp->request.repeat_due, now))
		return;
	ssdp->request.repeat_due = INSTANT_NEVER;
	ask_request(ssdp, outbox);
}

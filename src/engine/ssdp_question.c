/* SPDX-License-Identifier: ISC
 * ssdp_question: asks one device whether it is still there, by a unicast search (UDA 2.0, 1.3.2).
 */
#include "engine/ssdp_internal.h"

/* UDA gives a unicast search no MX and has it answered within a second. libupnp, gssdp and
 * node-ssdp pass over one without, and take this one for the same second. */
enum { MX = 1 };

struct asking {
	struct ssdp *ssdp;
	struct instant now;
	struct outbox *outbox;
};

/* Some hear multicast searches alone (minidlna), or share their port with a program that takes what
 * is unicast. */
static void ask_everybody(const struct asking *asking, const struct engine_question *question)
{
	struct ssdp *ssdp = asking->ssdp;

	for (size_t i = 0; i < ssdp->voice_count; i++) {
		const struct ssdp_voice *voice = &ssdp->voices[i];
		if (voice->link != question->link ||
		    voice->source.family != question->address.family)
			continue;
		struct outbox_send send = ssdp_voice_multicast(ssdp, voice, CHANNEL_OWN);
		ssdp_search_ask(ssdp, asking->now, &send, question->id, MX, asking->outbox);
	}
}

/* Addresses may have changed since the question came up: it goes to nobody outside of the link's
 * networks. */
static void send_question(void *context, const struct engine_question *question, bool again)
{
	const struct asking *asking = context;
	struct ssdp *ssdp = asking->ssdp;
	const struct link *link = link_set_find(ssdp->context->links, question->link);
	const struct link_address *source =
	    link ? link_source(link, question->address.family, &question->address) : NULL;

	if (!source || !link_has_neighbour(link, &question->address))
		return;
	ssdp_counted(ssdp, SSDP_QUESTIONS);
	if (again && question->insist) {
		ask_everybody(asking, question);
		return;
	}
	struct outbox_send send = {
	    .channel = CHANNEL_OWN,
	    .link = question->link,
	    .source = source->prefix.address,
	    .to = {question->address, question->port ? question->port : SSDP_PORT},
	};
	ssdp_search_ask(ssdp, asking->now, &send, question->id, MX, asking->outbox);
}

void ssdp_question_advance(struct ssdp *ssdp, struct instant now, struct outbox *outbox)
{
	question_queue_advance(
	    &ssdp->questions, now, send_question, &(struct asking){ssdp, now, outbox});
}

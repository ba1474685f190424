/* SPDX-License-Identifier: ISC
 * ssdp_question: asks one device, at its own address, whether it is still there (a unicast search,
 * UDA 2.0, 1.3.2). */
#include "engine/ssdp_internal.h"

/* UDA gives a unicast search no MX and has it answered within a second. libupnp, gssdp and
 * node-ssdp pass over one without, and take this one for the same second. */
enum { MX = 1 };

struct asking {
	struct ssdp *ssdp;
	struct outbox *outbox;
};

/* Whoever hears it knows of us, as with every search. Addresses may have changed since the question
 * came up: it goes to nobody outside of the link's networks. */
static void send_question(void *context, const struct engine_question *question)
{
	const struct asking *asking = context;
	struct ssdp *ssdp = asking->ssdp;
	const struct link *link = link_set_find(ssdp->context->links, question->link);
	const struct link_address *source =
	    link ? link_source(link, question->address.family, &question->address) : NULL;

	if (!source || !link_has_neighbour(link, &question->address))
		return;
	struct outbox_send send = {
	    .channel = CHANNEL_OWN,
	    .link = question->link,
	    .source = source->prefix.address,
	    .to = {question->address, question->port ? question->port : SSDP_PORT},
	};
	ssdp_counted(ssdp, SSDP_QUESTIONS);
	ssdp_voice_is_known(ssdp, question->link);
	ssdp_search_ask(ssdp, &send, question->id, MX, asking->outbox);
}

void ssdp_question_advance(struct ssdp *ssdp, struct instant now, struct outbox *outbox)
{
	question_queue_advance(
	    &ssdp->questions, now, send_question, &(struct asking){ssdp, outbox});
}

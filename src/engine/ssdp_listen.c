/* SPDX-License-Identifier: ISC
 * ssdp_listen: makes sightings of what others say, and knows our own voice when it comes back. */
#include "engine/ssdp_internal.h"
#include "wire/url.h"
#include "wire/usn.h"
#include <errno.h>

/* A control point promises nothing: it is there while it asks now and then. */
#define SEARCHER_LIFETIME SECONDS(300)

static bool is_our_location(const struct ssdp *ssdp, struct slice location)
{
	struct url url;
	struct address host;

	return url_parse(location, &url) == 0 && address_parse(url.host, &host) == 0 &&
	       url.port == ssdp->context->announcement->http_port &&
	       link_set_has_address(ssdp->context->links, &host);
}

/* Boards flashed from one image may share their uuid, so that alone never says that it is us. From
 * an address of ours it does: a program that has discoverd announce it may speak for itself, too.
 */
static bool is_our_own(const struct ssdp *ssdp, const struct datagram *datagram,
    const struct ssdp_message *message, struct slice id)
{
	const struct announcement *ours = ssdp->context->announcement;
	bool from_here = link_set_has_address(ssdp->context->links, &datagram->from.address);

	if (message->instance.len > 0 && slice_equal(message->instance, slice_of(ours->instance)))
		return true;
	if (datagram->from.port == datagram->own_port && from_here)
		return true;
	if (!announcement_find_udn(ours, id))
		return false;
	return (from_here && message->instance.len == 0) ||
	       is_our_location(ssdp, message->location);
}

static bool is_twin(const struct ssdp *ssdp, struct slice id)
{
	return announcement_find_udn(ssdp->context->announcement, id) != NULL;
}

static struct sighting_number number_of(struct ssdp_number number)
{
	return (struct sighting_number){number.present, number.value};
}

/* What all messages have in common. */
static struct sighting sighting_of(const struct ssdp *ssdp, const struct datagram *datagram,
    const struct ssdp_message *message, enum sighting_event event, struct slice id)
{
	const struct link *link = link_set_find(ssdp->context->links, datagram->link);

	return (struct sighting){
	    .event = event,
	    .protocol = SSDP_ENGINE.name,
	    .id = id,
	    .from = datagram->from.address,
	    .link = datagram->link,
	    .network = link_network_len(link, &datagram->from.address),
	    .search_port = (uint16_t)message->search_port.value,
	    .location = message->location,
	    .server = message->server,
	    .boot_id = number_of(message->boot_id),
	    .next_boot_id = number_of(message->next_boot_id),
	    .config_id = number_of(message->config_id),
	};
}

/* NOTIFY and responses; `target` is NT or ST. */
static void sight_device(const struct ssdp *ssdp, const struct datagram *datagram,
    const struct ssdp_message *message, struct slice id, struct outbox *outbox)
{
	static const enum sighting_event EVENTS[] = {
	    [SSDP_ALIVE] = SIGHTING_ALIVE,
	    [SSDP_UPDATE] = SIGHTING_UPDATE,
	    [SSDP_BYEBYE] = SIGHTING_BYE,
	    [SSDP_RESPONSE] = SIGHTING_ALIVE,
	};
	struct sighting sighting = sighting_of(ssdp, datagram, message, EVENTS[message->kind], id);

	sighting.lifetime = SECONDS(message->max_age);
	sighting.root = slice_equal(message->target, SLICE("upnp:rootdevice"));
	if (urn_is_device(message->target))
		sighting.type = message->target;
	if (urn_is_service(message->target)) {
		sighting.service = message->target;
		sighting.usn = message->usn;
	}
	sighting.answers_us = datagram->channel == CHANNEL_OWN;
	sighting.is_ourselves_elsewhere = is_twin(ssdp, id);
	outbox_sighting(outbox, &sighting);
}

static void sight_searcher(const struct ssdp *ssdp, const struct datagram *datagram,
    const struct ssdp_message *message, struct slice id, struct outbox *outbox)
{
	struct sighting sighting = sighting_of(ssdp, datagram, message, SIGHTING_SEARCHED, id);

	sighting.lifetime = SEARCHER_LIFETIME;
	sighting.name = message->friendly_name;
	sighting.is_ourselves_elsewhere = is_twin(ssdp, id);
	outbox_sighting(outbox, &sighting);
}

static struct ssdp_departed *departed_slot(
    struct ssdp *ssdp, const struct address *from, struct slice id, uint64_t *who)
{
	char key[sizeof(from->bytes) + SSDP_TARGET_MAX + sizeof("uuid:")];
	struct writer w;

	writer_init(&w, key, sizeof(key));
	writer_bytes(&w, from->bytes, sizeof(from->bytes));
	writer_slice(&w, id);
	*who = siphash(&ssdp->context->key, writer_result(&w));
	return &ssdp->departed[*who % SSDP_DEPARTED_MAX];
}

/* Answers wait up to MX seconds for their moment, and some let them out after the goodbye: whoever
 * believed that would keep somebody who is gone for a whole lifetime. True when this is one. */
static bool is_late(struct ssdp *ssdp, struct instant now, const struct datagram *datagram,
    const struct ssdp_message *message, struct slice id)
{
	uint64_t who;
	struct ssdp_departed *slot = departed_slot(ssdp, &datagram->from.address, id, &who);

	if (message->kind == SSDP_BYEBYE)
		*slot = (struct ssdp_departed){who, instant_add(now, SECONDS(SSDP_MX_MAX))};
	if (slot->who != who || message->kind == SSDP_BYEBYE)
		return false;
	if (message->kind == SSDP_RESPONSE)
		return !instant_due(slot->until, now);
	slot->until = now;
	return false;
}

static void refuse(struct ssdp *ssdp, enum ssdp_counter why, struct outbox *outbox)
{
	ssdp_counted(ssdp, why);
	outbox->refused = true;
}

/* Our own port is for answers alone: what else is sent there is a mistake. */
static void dispatch(struct ssdp *ssdp, struct instant now, const struct datagram *datagram,
    const struct ssdp_message *message, struct slice id, struct outbox *outbox)
{
	if (message->kind != SSDP_SEARCH && is_late(ssdp, now, datagram, message, id)) {
		ssdp_counted(ssdp, SSDP_LATE_RESPONSES);
	} else if (message->kind == SSDP_RESPONSE) {
		ssdp_counted(ssdp, SSDP_RESPONSES);
		question_queue_answered(&ssdp->questions, &datagram->from.address, id);
		sight_device(ssdp, datagram, message, id, outbox);
	} else if (datagram->channel == CHANNEL_OWN) {
		refuse(ssdp, SSDP_IGNORED, outbox);
	} else if (message->kind == SSDP_SEARCH) {
		ssdp_counted(ssdp, SSDP_SEARCHES);
		sight_searcher(ssdp, datagram, message, id, outbox);
		ssdp_answer_search(ssdp, now, datagram, message);
	} else {
		ssdp_counted(ssdp, SSDP_NOTIFIES);
		sight_device(ssdp, datagram, message, id, outbox);
	}
}

/* 0, or why it is no message for us. */
static int read_message(const struct datagram *datagram, struct ssdp_message *message)
{
	if (datagram->truncated)
		return -EMSGSIZE;
	int error = ssdp_parse(datagram->bytes, message);
	/* UDA 2.0, 1.3.2: a search without the right MAN is to be discarded. */
	if (!error && message->kind == SSDP_SEARCH && !message->man_discover)
		return -EBADMSG;
	return error;
}

/* Some small servers answer a search with a NOTIFY to the socket that it came from. */
static bool is_answer(const struct ssdp *ssdp, struct instant now, const struct datagram *datagram)
{
	return datagram->channel == CHANNEL_OWN && !instant_due(ssdp->asked_until, now);
}

void ssdp_listen(
    struct ssdp *ssdp, struct instant now, const struct datagram *datagram, struct outbox *outbox)
{
	const struct link *link = link_set_find(ssdp->context->links, datagram->link);
	struct ssdp_message message;
	char text[SSDP_TARGET_MAX + sizeof("uuid:")], location[URL_MAX];
	struct writer room, location_room;

	ssdp_counted(ssdp, SSDP_RECEIVED);
	int error = read_message(datagram, &message);
	if (error) {
		bool oversized = error == -EMSGSIZE || error == -E2BIG;
		refuse(ssdp, oversized ? SSDP_OVERSIZED : SSDP_MALFORMED, outbox);
		return;
	}
	ssdp->counters[SSDP_SURPLUS].value += message.surplus;
	writer_init(&location_room, location, sizeof(location));
	message.location = url_repair(message.location, &location_room);
	if (message.kind == SSDP_ALIVE && is_answer(ssdp, now, datagram))
		message.kind = SSDP_RESPONSE;
	bool search = message.kind == SSDP_SEARCH;
	/* without a uuid the sender is known by its address, as somebody who sends no USN */
	writer_init(&room, text, sizeof(text));
	struct slice id = usn_udn(search ? message.control_point : message.usn, &room);
	if (is_our_own(ssdp, datagram, &message, id))
		ssdp_counted(ssdp, SSDP_OWN);
	else if (!link || datagram->from.port == 0 ||
		 !link_has_neighbour(link, &datagram->from.address))
		refuse(ssdp, SSDP_OFF_LINK, outbox);
	else
		dispatch(ssdp, now, datagram, &message, id, outbox);
}

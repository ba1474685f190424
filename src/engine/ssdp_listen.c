/* SPDX-License-Identifier: ISC
 * ssdp_listen: makes sightings of received messages, and recognizes our own. */
#include "engine/ssdp_internal.h"
#include "model/offers.h"
#include "wire/url.h"
#include "wire/usn.h"
#include <errno.h>

/* A control point gives no lifetime: it is there while it keeps searching. */
#define SEARCHER_LIFETIME SECONDS(300)

static bool is_our_location(const struct ssdp *ssdp, struct slice location)
{
	struct url url;
	struct address host;

	return url_parse(location, &url) == 0 && address_parse(url.host, &host) == 0 &&
	       url.port == ssdp->context->offers->http_port &&
	       link_set_has_address(ssdp->context->links, &host);
}

/* Boards flashed from one image may share their uuid, so the uuid alone is no proof. From an
 * address of ours it is: a program that discoverd announces may announce itself, too. */
static bool is_our_own(const struct ssdp *ssdp, const struct datagram *datagram,
    const struct ssdp_message *message, struct slice id)
{
	const struct offers *ours = ssdp->context->offers;
	bool from_here = link_set_has_address(ssdp->context->links, &datagram->from.address);

	if (message->instance.len > 0 && slice_equal(message->instance, slice_of(ours->instance)))
		return true;
	if (datagram->from.port == datagram->own_port && from_here)
		return true;
	if (!offers_find_udn(ours, id))
		return false;
	return (from_here && message->instance.len == 0) ||
	       is_our_location(ssdp, message->location);
}

static bool is_duplicate_uuid(const struct ssdp *ssdp, struct slice id)
{
	return offers_find_udn(ssdp->context->offers, id) != NULL;
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
	    .scope = SCOPE_GROUP,
	    .protocol = &ssdp->engine.type->id,
	    .key = key_of_id(id),
	    .from = datagram->from.address,
	    .link = datagram->link,
	    .network = link_network_len(link, &datagram->from.address),
	    .port = (uint16_t)message->search_port.value,
	    .url = message->location,
	    .facts[FACT_SERVER] = message->server,
	    .epoch = number_of(message->boot_id),
	    .next_epoch = number_of(message->next_boot_id),
	    .revision = number_of(message->config_id),
	};
}

/* NOTIFY and responses; `target` is NT or ST. */
static void sight_device(const struct ssdp *ssdp, const struct datagram *datagram,
    const struct ssdp_message *message, struct slice id, struct outbox *outbox)
{
	static const enum sighting_event EVENTS[] = {
	    [SSDP_ALIVE] = SIGHTING_ALIVE,
	    [SSDP_UPDATE] = SIGHTING_RENUMBERS,
	    [SSDP_BYEBYE] = SIGHTING_LEFT,
	    [SSDP_RESPONSE] = SIGHTING_ALIVE,
	};
	struct sighting sighting = sighting_of(ssdp, datagram, message, EVENTS[message->kind], id);

	sighting.lifetime = SECONDS(message->max_age);
	sighting.primary = slice_equal(message->target, SLICE("upnp:rootdevice"));
	if (urn_is_device(message->target))
		sighting.facts[FACT_TYPE] = message->target;
	struct sighted_service service = {.type = message->target};
	if (urn_is_service(message->target)) {
		sighting.services = &service;
		sighting.service_count = 1;
	}
	sighting.answers_us = datagram->channel == CHANNEL_OWN;
	sighting.is_ourselves_elsewhere = is_duplicate_uuid(ssdp, id);
	outbox_sighting(outbox, &sighting);
}

static void sight_searcher(const struct ssdp *ssdp, const struct datagram *datagram,
    const struct ssdp_message *message, struct slice id, struct outbox *outbox)
{
	struct sighting sighting = sighting_of(ssdp, datagram, message, SIGHTING_ASKED, id);

	sighting.lifetime = SEARCHER_LIFETIME;
	sighting.facts[FACT_NAME] = message->friendly_name;
	sighting.is_ourselves_elsewhere = is_duplicate_uuid(ssdp, id);
	outbox_sighting(outbox, &sighting);
}

static struct ssdp_recent_byebye *byebye_slot(
    struct ssdp *ssdp, const struct address *from, struct slice id, uint64_t *sender)
{
	char key[sizeof(from->bytes) + SSDP_TARGET_MAX + sizeof("uuid:")];
	struct writer w;

	writer_init(&w, key, sizeof(key));
	writer_bytes(&w, from->bytes, sizeof(from->bytes));
	writer_slice(&w, id);
	*sender = siphash(&ssdp->context->key, writer_result(&w));
	return &ssdp->recent_byebyes[*sender % SSDP_RECENT_BYEBYES_MAX];
}

struct instant ssdp_byebye_settled(struct ssdp *ssdp, const struct address *from, struct slice id)
{
	uint64_t sender;
	const struct ssdp_recent_byebye *slot = byebye_slot(ssdp, from, id, &sender);

	return slot->sender == sender ? slot->until : (struct instant){0};
}

/* Answers are delayed by up to MX seconds, and some devices send them after their byebye. True for
 * such an answer: it would keep a device that has left for a whole lifetime. One that was asked
 * after that has not left. */
static bool is_late(struct ssdp *ssdp, struct instant now, const struct datagram *datagram,
    const struct ssdp_message *message, struct slice id)
{
	uint64_t sender;

	if (message->kind != SSDP_BYEBYE && instant_due(ssdp->byebyes_until, now))
		return false;
	struct ssdp_recent_byebye *slot = byebye_slot(ssdp, &datagram->from.address, id, &sender);
	if (message->kind == SSDP_BYEBYE) {
		*slot = (struct ssdp_recent_byebye){sender, ssdp->multicast_until};
		ssdp->byebyes_until = instant_later(ssdp->byebyes_until, ssdp->multicast_until);
	}
	if (slot->sender != sender || message->kind == SSDP_BYEBYE)
		return false;
	if (message->kind == SSDP_RESPONSE)
		return !instant_due(slot->until, now) &&
		       !reconfirm_queue_is_asking(&ssdp->reconfirms, &datagram->from.address, id);
	slot->until = now;
	return false;
}

static void refuse(struct ssdp *ssdp, enum ssdp_counter why, struct outbox *outbox)
{
	ssdp_counted(ssdp, why);
	outbox->refused = true;
}

/* What is repeatable. */
enum { REPEATS_ALIVE = 1, REPEATS_SEARCH };

/* Two slots: of the last two messages with this hash modulo their number. */
static struct ssdp_read_search *read_search_slots(struct ssdp *ssdp, uint64_t message)
{
	return &ssdp->read_searches[message % (SSDP_READ_SEARCHES_MAX / 2) * 2];
}

/* A search with the same bytes is answered without being read again. */
static void note_search(struct ssdp *ssdp, const struct datagram *datagram,
    const struct ssdp_wanted *wanted, struct outbox *outbox)
{
	if (datagram->hash == 0)
		return;
	bool found = ssdp_index_find(ssdp, wanted) > 0;
	struct ssdp_read_search *slots = read_search_slots(ssdp, datagram->hash);

	slots[1] = slots[0];
	slots[0] = (struct ssdp_read_search){
	    .message = datagram->hash,
	    .target = (uint16_t)(wanted->target.bytes - datagram->bytes.bytes),
	    .target_len = found ? (uint16_t)wanted->target.len : 0,
	    .wanted = *wanted,
	};
	outbox->repeatable = REPEATS_SEARCH;
}

static void hear_search(struct ssdp *ssdp, struct instant now, const struct datagram *datagram,
    const struct ssdp_message *message, struct outbox *outbox)
{
	struct ssdp_wanted wanted = ssdp_wanted_of(ssdp, message);

	ssdp_answer_search(ssdp, now, datagram, &wanted, outbox);
	if (message->surplus == 0)
		note_search(ssdp, datagram, &wanted, outbox);
}

/* Only answers are taken from our ephemeral port. */
static void dispatch(struct ssdp *ssdp, struct instant now, const struct datagram *datagram,
    const struct ssdp_message *message, struct slice id, struct outbox *outbox)
{
	if (message->kind != SSDP_SEARCH && is_late(ssdp, now, datagram, message, id)) {
		ssdp_counted(ssdp, SSDP_LATE_RESPONSES);
	} else if (message->kind == SSDP_RESPONSE) {
		ssdp_counted(ssdp, SSDP_RESPONSES);
		reconfirm_queue_answered(&ssdp->reconfirms, &datagram->from.address, id);
		sight_device(ssdp, datagram, message, id, outbox);
	} else if (datagram->channel == CHANNEL_OWN) {
		refuse(ssdp, SSDP_IGNORED, outbox);
	} else if (message->kind == SSDP_SEARCH) {
		ssdp_counted(ssdp, SSDP_SEARCHES);
		sight_searcher(ssdp, datagram, message, id, outbox);
		hear_search(ssdp, now, datagram, message, outbox);
	} else {
		ssdp_counted(ssdp, SSDP_NOTIFIES);
		sight_device(ssdp, datagram, message, id, outbox);
		if (message->kind == SSDP_ALIVE && message->surplus == 0)
			outbox->repeatable = REPEATS_ALIVE;
	}
}

/* After a byebye an alive may end the time in which answers count as late, so it is read as long as
 * that is not over. */
static bool repeat_alive(struct ssdp *ssdp, struct instant now)
{
	if (!instant_due(ssdp->byebyes_until, now))
		return false;
	ssdp_counted(ssdp, SSDP_RECEIVED);
	ssdp_counted(ssdp, SSDP_NOTIFIES);
	return true;
}

static bool repeat_search(
    struct ssdp *ssdp, struct instant now, const struct datagram *datagram, struct outbox *outbox)
{
	const struct ssdp_read_search *known = read_search_slots(ssdp, datagram->hash);

	if (known->message != datagram->hash)
		known++;
	if (known->message != datagram->hash)
		return false;
	struct ssdp_wanted wanted = known->wanted;
	struct slice target = slice_skip(datagram->bytes, known->target);
	wanted.target = slice_head(target, known->target_len);
	ssdp_counted(ssdp, SSDP_RECEIVED);
	ssdp_counted(ssdp, SSDP_SEARCHES);
	ssdp_answer_search(ssdp, now, datagram, &wanted, outbox);
	return true;
}

bool ssdp_listen_repeated(struct ssdp *ssdp, struct instant now, const struct datagram *datagram,
    uint8_t kind, struct outbox *outbox)
{
	if (kind == REPEATS_SEARCH)
		return repeat_search(ssdp, now, datagram, outbox);
	return repeat_alive(ssdp, now);
}

/* 0, or a negative errno where it is no message for us. */
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

/* Some devices answer a search with a NOTIFY to the port that it came from. */
static bool is_answer(const struct ssdp *ssdp, struct instant now, const struct datagram *datagram)
{
	return datagram->channel == CHANNEL_OWN && !instant_due(ssdp->answers_until, now);
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
	/* without a uuid the sender is known by its address, like one that sends no USN */
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

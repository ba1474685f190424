/* SPDX-License-Identifier: ISC
 * publication: see publication.h. */
#include "mqtt/publication.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "base/log.h"
#include "mqtt/document.h"

/* More than any topic needs of what discoverd gives out. */
enum { TOPIC_MAX = 8192 };

enum { STAGE_DOCUMENT, STAGE_CONFIG, STAGE_STATE, STAGE_END };

/* What was begun is continued in the same turn: its parts are made once for each. */
struct turn {
	const struct publication *publication;
	struct outgoing_item *item;
	struct json_object *device; /* NULL: it has gone, or there is no memory */
	int64_t wall;
};

static int publish(const struct publication *publication, struct writer *topic,
    struct slice payload, uint32_t expiry)
{
	writer_char(topic, '\0');
	if (writer_error(topic))
		return -EMSGSIZE;
	return broker_publish(publication->broker, &(struct broker_message){.topic = topic->buffer,
						       .payload = payload,
						       .qos = 1,
						       .retain = true,
						       .expiry = expiry});
}

static int send_document(const struct turn *turn)
{
	const struct tracker_board *board = &turn->publication->board;
	struct outgoing_item *item = turn->item;
	struct slice text = item->gone ? SLICE_NONE : (struct slice){item->text, item->len};
	char buffer[TOPIC_MAX];
	struct writer topic;

	writer_init(&topic, buffer, sizeof(buffer));
	topic_write(&topic, slice_of(board->site), slice_of(board->board), TOPIC_DEVICE,
	    slice_of(item->id));
	int error = publish(turn->publication, &topic, text, TOPIC_EXPIRY);
	if (!error)
		item->published = true;
	return error;
}

static int send_to_tracker(
    const struct turn *turn, const char *prefix, enum tracker_topic kind, struct slice payload)
{
	struct tracker_board board = turn->publication->board;
	char buffer[TOPIC_MAX];
	struct writer topic;

	board.prefix = prefix;
	writer_init(&topic, buffer, sizeof(buffer));
	tracker_write_topic(&topic, &board, turn->item->id, kind);
	return publish(turn->publication, &topic, payload, 0);
}

/* Unless it is what was published last. */
static int send_news(const struct turn *turn, enum tracker_topic kind, struct json_writer *payload)
{
	const struct publication *publication = turn->publication;
	struct slice text = {payload->bytes, payload->len};
	uint64_t mark = siphash(&publication->key, text) | 1;
	int error = 0;

	if (payload->failed)
		error = -EMSGSIZE;
	else if (mark != turn->item->marks[kind] || !turn->item->changed)
		error = send_to_tracker(turn, publication->board.prefix, kind, text);
	if (!error)
		turn->item->marks[kind] = mark;
	json_writer_fini(payload);
	return error;
}

static bool is_forgotten(const struct turn *turn)
{
	return turn->item->gone && turn->wall - turn->item->gone_since >= PUBLICATION_AWAY_S;
}

static int send_tracker(const struct turn *turn, enum tracker_topic kind)
{
	const struct publication *publication = turn->publication;
	struct outgoing_item *item = turn->item;
	struct json_writer text = {0};

	if (item->misplaced)
		return send_to_tracker(turn, publication->former_prefix, kind, SLICE_NONE);
	if (!publication->board.prefix || (!item->tracked && item->gone))
		return 0;
	if (item->tracked && is_forgotten(turn))
		return send_to_tracker(turn, publication->board.prefix, kind, SLICE_NONE);
	if (!item->tracked && !tracker_wants(turn->device))
		return 0;
	if (kind == TRACKER_CONFIG && !turn->device)
		return 0;
	if (kind == TRACKER_CONFIG)
		tracker_write_config(&text, &publication->board, turn->device);
	else
		tracker_write_state(&text, turn->device, !item->gone);
	return send_news(turn, kind, &text);
}

static int send_stage(const struct turn *turn)
{
	switch (turn->item->stage) {
	case STAGE_DOCUMENT:
		return send_document(turn);
	case STAGE_CONFIG:
		return send_tracker(turn, TRACKER_CONFIG);
	default:
		return send_tracker(turn, TRACKER_STATE);
	}
}

/* One stage is over. What was published below another prefix is then below this one. */
static void go_on(const struct turn *turn)
{
	const struct publication *publication = turn->publication;
	struct outgoing_item *item = turn->item;

	if (++item->stage < STAGE_END)
		return;
	if (item->misplaced) {
		item->misplaced = false;
		if (publication->board.prefix)
			item->stage = STAGE_CONFIG;
	} else if (item->tracked && is_forgotten(turn)) {
		item->tracked = false;
	} else if (publication->board.prefix && !item->gone && tracker_wants(turn->device)) {
		item->tracked = true;
	}
}

int publication_continue(
    const struct publication *publication, struct outgoing_item *item, int64_t wall, int64_t *keep)
{
	struct turn turn = {.publication = publication, .item = item, .wall = wall};
	int error = 0;

	/* The clock may have been set back since. */
	if (item->gone && (!item->gone_since || item->gone_since > wall))
		item->gone_since = wall;
	if (publication->board.prefix && item->text)
		turn.device = json_tokener_parse(item->text);
	while (!error && item->stage < STAGE_END) {
		if (!broker_has_room(publication->broker)) {
			error = -EAGAIN;
			break;
		}
		error = send_stage(&turn);
		if (error == -EMSGSIZE || error == -ENOMEM) {
			log_warning("%s: %s: it is not published", item->id, strerror(-error));
			error = 0;
		}
		if (!error)
			go_on(&turn);
	}
	json_object_put(turn.device);
	*keep =
	    item->gone && item->tracked ? SECONDS(item->gone_since + PUBLICATION_AWAY_S - wall) : 0;
	return error;
}

/* False when it does not fit, or something was left out. */
static bool make_message(const struct publication *publication, enum topic_kind kind,
    const struct json_writer *text, struct writer *topic, struct broker_message *message)
{
	const struct tracker_board *board = &publication->board;
	bool is_event = kind == TOPIC_EVENT;

	topic_write(topic, slice_of(board->site), slice_of(board->board), kind, SLICE_NONE);
	writer_char(topic, '\0');
	*message = (struct broker_message){.topic = topic->buffer,
	    .payload = {text->bytes, text->len},
	    .qos = !is_event,
	    .retain = !is_event,
	    .expiry = is_event ? 0 : TOPIC_EXPIRY};
	return !writer_error(topic) && !text->failed;
}

int publication_set_will(const struct publication *publication, const struct json_writer *text)
{
	char buffer[TOPIC_MAX];
	struct writer topic;
	struct broker_message message;

	writer_init(&topic, buffer, sizeof(buffer));
	if (!make_message(publication, TOPIC_STATE, text, &topic, &message))
		return -ENOMEM;
	return broker_set_will(publication->broker, &message);
}

int publication_send(
    const struct publication *publication, enum topic_kind kind, const struct json_writer *text)
{
	char buffer[TOPIC_MAX];
	struct writer topic;
	struct broker_message message;

	writer_init(&topic, buffer, sizeof(buffer));
	if (!make_message(publication, kind, text, &topic, &message))
		return -ENOMEM;
	return broker_publish(publication->broker, &message);
}

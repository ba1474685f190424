/* SPDX-License-Identifier: ISC
 * publication: how what is known of a device gets to the broker: its document, and what Home
 * Assistant gets it. */
#ifndef MQTT_PUBLICATION_H
#define MQTT_PUBLICATION_H

#include "mqtt/broker.h"
#include "mqtt/outgoing.h"
#include "mqtt/topic.h"
#include "mqtt/tracker.h"

/* All is borrowed. */
struct publication {
	struct broker *broker;
	/* Without a prefix nothing is published for Home Assistant. */
	struct tracker_board board;
	/* Where an earlier run published for it what is misplaced now; NULL: nowhere else. */
	const char *former_prefix;
	struct siphash_key key;
};

/* Home Assistant shows a device that has gone as away for so long. */
#define PUBLICATION_AWAY_S (7 * 24 * 3600)

/* Publishes what is left of this turn, with the time in seconds since 1970. 0: it is done, and
 * *keep is how long one that has gone is to be kept; -EAGAIN: it is to be continued when there is
 * room; another negative errno: the connection is lost. */
int publication_continue(
    const struct publication *publication, struct outgoing_item *item, int64_t wall, int64_t *keep);
/* The broker says this of the board, retained, when the connection is lost. 0 or -ENOMEM. */
int publication_set_will(const struct publication *publication, const struct json_writer *text);
/* Publishes one message below SITE/BOARD/. As broker_publish(). */
int publication_send(
    const struct publication *publication, enum topic_kind kind, const struct json_writer *text);

#endif

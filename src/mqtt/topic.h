/* SPDX-License-Identifier: ISC
 * topic: the topics below discoverd/v1/SITE/BOARD/, and what of a name may stand in one. */
#ifndef MQTT_TOPIC_H
#define MQTT_TOPIC_H

#include "base/writer.h"

/* Below it, a topic has the levels SITE, BOARD, that of its kind, and for a device also its id. */
#define TOPIC_ROOT "discoverd/v1"

/* How long a broker keeps what is retained and is not published again, in seconds (with MQTT 5). */
enum { TOPIC_EXPIRY = 48 * 3600 };

enum topic_kind { TOPIC_STATE, TOPIC_INFO, TOPIC_DEVICE, TOPIC_EVENT };

/* The parts of a topic that was read, borrowed and still escaped. */
struct topic {
	enum topic_kind kind;
	struct slice site, board;
	struct slice id; /* of TOPIC_DEVICE, else SLICE_NONE */
};

/* Writes a text as one level: '%', '/', '+', '#' and all that is not printable ASCII becomes %HH,
 * byte by byte. A level is so always valid UTF-8, and stands for one text only. */
void topic_write_level(struct writer *w, struct slice text);
/* Undoes that; a '%' that escapes nothing stays. The text may hold any bytes. */
void topic_read_level(struct writer *w, struct slice level);

/* Writes a whole topic from texts that are not escaped; `id` matters for TOPIC_DEVICE only. */
void topic_write(
    struct writer *w, struct slice site, struct slice board, enum topic_kind kind, struct slice id);
/* False: it is none of ours. Levels that are empty are none. */
bool topic_read(struct slice text, struct topic *topic);

#endif

/* SPDX-License-Identifier: ISC
 * published_ids: the file with the ids of what was published, so that the next run can remove what
 * has gone meanwhile. */
#ifndef MQTT_PUBLISHED_IDS_H
#define MQTT_PUBLISHED_IDS_H

#include "mqtt/outgoing.h"
#include "wire/json_writer.h"

/* Where it was published. */
struct published_ids {
	const char *site, *board;
	const char *prefix; /* of Home Assistant; NULL: none */
};

/* Writes one for all items that were published. */
void published_ids_write(struct json_writer *w, const struct published_ids *published_ids,
    const struct outgoing *outgoing);
/* Has `outgoing` expect the items of a file. `prefix` (on the heap, or NULL) is where Home
 * Assistant has them. 0; -EBADMSG: it is no such file, and what could be read of it is
 * expected; -EXDEV: it is of another site or board, whose items expire; -ENOMEM. */
int published_ids_read(struct slice text, const struct published_ids *published_ids,
    struct outgoing *outgoing, char **prefix);

#endif

/* SPDX-License-Identifier: ISC
 * published_ids_file: keeps the published ids in the state directory. It is written seldom, to
 * spare flash memory: 15 min after it was written last, and at the end. What a run that is killed
 * has not written expires at the broker. */
#ifndef MQTT_PUBLISHED_IDS_FILE_H
#define MQTT_PUBLISHED_IDS_FILE_H

#include "mqtt/published_ids.h"

struct published_ids_file {
	const char *directory; /* NULL: there is none, and nothing is written */
	struct published_ids published_ids;
	bool changed;
	struct instant written_at, write_at; /* write_at: never while it is as written */
};

/* Reads what an earlier run has left (published_ids_read()). The texts are borrowed until it is
 * closed. */
void published_ids_file_open(struct published_ids_file *file, const char *directory,
    const struct published_ids *published_ids, struct outgoing *outgoing, char **prefix,
    struct instant now);
/* What is published is not the same any more. */
void published_ids_file_note(struct published_ids_file *file, struct instant now);
void published_ids_file_advance(
    struct published_ids_file *file, const struct outgoing *outgoing, struct instant now);
void published_ids_file_close(struct published_ids_file *file, const struct outgoing *outgoing);

#endif

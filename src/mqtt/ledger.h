/* SPDX-License-Identifier: ISC
 * ledger: the file with the ids of what was published, so that the next run can remove what has
 * gone meanwhile. */
#ifndef MQTT_LEDGER_H
#define MQTT_LEDGER_H

#include "mqtt/shelf.h"
#include "wire/json_writer.h"

/* Where it was published. */
struct ledger {
	const char *site, *board;
	const char *prefix; /* of Home Assistant; NULL: none */
};

/* Writes one for all items that were published. */
void ledger_write(struct json_writer *w, const struct ledger *ledger, const struct shelf *shelf);
/* Has the shelf expect the items of a file. `prefix` (on the heap, or NULL) is where Home Assistant
 * was told of them. 0; -EBADMSG: it is no such file, and what could be read of it is expected;
 * -EXDEV: it is of another site or board, whose items expire; -ENOMEM. */
int ledger_read(struct slice text, const struct ledger *ledger, struct shelf *shelf, char **prefix);

#endif

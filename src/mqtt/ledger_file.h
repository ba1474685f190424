/* SPDX-License-Identifier: ISC
 * ledger_file: keeps the ledger in the state directory. It is written seldom, to spare flash
 * memory: 15 min after it was written last, and at the end. What a run that is killed has not
 * written expires at the broker. */
#ifndef MQTT_LEDGER_FILE_H
#define MQTT_LEDGER_FILE_H

#include "mqtt/ledger.h"

struct ledger_file {
	const char *directory; /* NULL: there is none, and nothing is written */
	struct ledger ledger;
	bool changed;
	struct instant written_at, write_at; /* write_at: never while it is as written */
};

/* Reads what an earlier run has left (ledger_read()). The texts are borrowed until it is closed. */
void ledger_file_open(struct ledger_file *file, const char *directory, const struct ledger *ledger,
    struct shelf *shelf, char **prefix, struct instant now);
/* What is published is not the same any more. */
void ledger_file_note(struct ledger_file *file, struct instant now);
void ledger_file_advance(struct ledger_file *file, const struct shelf *shelf, struct instant now);
void ledger_file_close(struct ledger_file *file, const struct shelf *shelf);

#endif

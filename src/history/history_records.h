/* SPDX-License-Identifier: ISC
 * history_records: devices of the tables as JSON of io.discoverd.History, and which are called so.
 */
#ifndef HISTORY_HISTORY_RECORDS_H
#define HISTORY_HISTORY_RECORDS_H

#include "history/store.h"
#include "wire/json_writer.h"

/* How records are written. */
struct record_view {
	struct store *store;
	int64_t seen;  /* date until when devices that are here were seen */
	int64_t since; /* what was before is left out */
};

/* A row of enum device_column, as type Device. */
void record_write(const struct record_view *view, sqlite3_stmt *row, struct json_writer *w);
/* As type Candidate. */
void record_write_candidate(sqlite3_stmt *row, struct json_writer *w);

/* The keys of the devices that a text means: those with this alias, else with this identity, else
 * at this address, else with this name, else those whose alias or name begins with it. Their
 * number, one more than RECORDS_FOUND_MAX where there are more. */
enum { RECORDS_FOUND_MAX = 32 };
size_t record_find(struct store *store, const char *text, int64_t keys[RECORDS_FOUND_MAX + 1]);

#endif

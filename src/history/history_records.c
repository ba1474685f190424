/* SPDX-License-Identifier: ISC
 * history_records: devices of the tables as JSON of io.discoverd.History, and which are called so.
 */
#include "history/history_records.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/utc.h"

enum { TEXT_MAX = 256 };
#define LAST_OF_9999 INT64_C(253402300799)

static void put_text(struct json_writer *w, struct slice name, sqlite3_stmt *row, int column)
{
	json_writer_name(w, name);
	json_writer_string(w, (const char *)sqlite3_column_text(row, column));
}

static void put_date(struct json_writer *w, int64_t date)
{
	struct utc_day day = {0};
	char buffer[UTC_TEXT_MAX];

	/* years that are written with four digits, whatever the file says */
	date = date < 0 ? 0 : date > LAST_OF_9999 ? LAST_OF_9999 : date;
	json_writer_plain(w, utc_text(&day, date * 1000000, buffer));
}

static void put_column_date(struct json_writer *w, struct slice name, sqlite3_stmt *row, int column)
{
	json_writer_name(w, name);
	if (sqlite3_column_type(row, column) == SQLITE_NULL)
		json_writer_null(w);
	else
		put_date(w, sqlite3_column_int64(row, column));
}

/* A column of a row that becomes a member of an object. */
struct member {
	struct slice name;
	bool is_date;
};
enum { MEMBERS = 4 };
static const struct member PRESENCE[MEMBERS] = {
    {JSON_NAME("segment"), false},
    {JSON_NAME("address"), false},
    {JSON_NAME("started"), true},
    {JSON_NAME("ended"), true},
};
static const struct member EVENT[MEMBERS] = {
    {JSON_NAME("at"), true},
    {JSON_NAME("kind"), false},
    {JSON_NAME("old"), false},
    {JSON_NAME("new"), false},
};

/* An array of what a device has had since the moment of the view. */
static void put_list(const struct record_view *view, int64_t key, enum statement question,
    const struct member members[MEMBERS], struct json_writer *w)
{
	const struct store_value values[] = {STORE_NUMBER(key), STORE_NUMBER(view->since)};
	sqlite3_stmt *row = store_ask(view->store, question, values, COUNT_OF(values));

	json_writer_open(w, '[');
	while (store_next(row)) {
		json_writer_open(w, '{');
		for (int i = 0; i < MEMBERS; i++)
			if (members[i].is_date)
				put_column_date(w, members[i].name, row, i);
			else
				put_text(w, members[i].name, row, i);
		json_writer_close(w, '}');
	}
	json_writer_close(w, ']');
	store_done(view->store, row);
}

static void put_identities(const struct record_view *view, int64_t key, struct json_writer *w)
{
	sqlite3_stmt *row = store_ask(view->store, IDENTITIES_OF, &STORE_NUMBER(key), 1);

	json_writer_name(w, JSON_NAME("identities"));
	json_writer_open(w, '[');
	while (store_next(row))
		json_writer_string(w, (const char *)sqlite3_column_text(row, 0));
	json_writer_close(w, ']');
	store_done(view->store, row);
}

static int name_column(sqlite3_stmt *row)
{
	return sqlite3_column_type(row, COLUMN_ALIAS) == SQLITE_NULL ? COLUMN_NAME : COLUMN_ALIAS;
}

void record_write(const struct record_view *view, sqlite3_stmt *row, struct json_writer *w)
{
	int64_t key = sqlite3_column_int64(row, COLUMN_KEY);
	int64_t last_seen = sqlite3_column_int64(row, COLUMN_LAST_SEEN);
	bool present = sqlite3_column_type(row, COLUMN_STARTED) != SQLITE_NULL;

	json_writer_open(w, '{');
	put_text(w, JSON_NAME("id"), row, COLUMN_ID);
	put_identities(view, key, w);
	put_text(w, JSON_NAME("name"), row, name_column(row));
	put_text(w, JSON_NAME("alias"), row, COLUMN_ALIAS);
	put_text(w, JSON_NAME("type"), row, COLUMN_TYPE);
	put_text(w, JSON_NAME("manufacturer"), row, COLUMN_MANUFACTURER);
	put_text(w, JSON_NAME("model"), row, COLUMN_MODEL);
	put_text(w, JSON_NAME("mac"), row, COLUMN_MAC);
	put_text(w, JSON_NAME("vendor"), row, COLUMN_VENDOR);
	json_writer_name(w, JSON_NAME("random_mac"));
	json_writer_truth(w, sqlite3_column_int(row, COLUMN_RANDOM_MAC));
	put_column_date(w, JSON_NAME("first_seen"), row, COLUMN_FIRST_SEEN);
	json_writer_name(w, JSON_NAME("last_seen"));
	put_date(w, present && view->seen > last_seen ? view->seen : last_seen);
	json_writer_name(w, JSON_NAME("present"));
	json_writer_truth(w, present);
	json_writer_name(w, JSON_NAME("acknowledged"));
	json_writer_truth(w, sqlite3_column_int(row, COLUMN_ACKNOWLEDGED));
	json_writer_name(w, JSON_NAME("presences"));
	put_list(view, key, PRESENCES_OF, PRESENCE, w);
	json_writer_name(w, JSON_NAME("events"));
	put_list(view, key, EVENTS_OF, EVENT, w);
	json_writer_close(w, '}');
}

void record_write_candidate(sqlite3_stmt *row, struct json_writer *w)
{
	json_writer_open(w, '{');
	put_text(w, JSON_NAME("id"), row, COLUMN_ID);
	put_text(w, JSON_NAME("name"), row, name_column(row));
	put_text(w, JSON_NAME("address"), row, COLUMN_ADDRESS);
	json_writer_close(w, '}');
}

static size_t collect(struct store *store, enum statement question, const char *text,
    int64_t keys[RECORDS_FOUND_MAX + 1])
{
	sqlite3_stmt *row = store_ask(store, question, &STORE_TEXT(text), 1);
	size_t count = 0;

	while (count <= RECORDS_FOUND_MAX && store_next(row))
		keys[count++] = sqlite3_column_int64(row, COLUMN_KEY);
	store_done(store, row);
	return count;
}

size_t record_find(struct store *store, const char *text, int64_t keys[RECORDS_FOUND_MAX + 1])
{
	/* Other hosts choose their names: what a user has given, or identifies a device, comes
	 * before them. */
	static const enum statement questions[] = {
	    DEVICES_ALIASED, DEVICES_IDENTIFIED, DEVICES_AT, DEVICES_CALLED};
	char pattern[2 * TEXT_MAX + 2], *at = pattern;
	size_t count = 0;

	for (size_t i = 0; i < COUNT_OF(questions) && *text && !count; i++)
		count = collect(store, questions[i], text, keys);
	if (count || !*text || strlen(text) > TEXT_MAX)
		return count;
	for (; *text; text++) {
		if (strchr("%_\\", *text))
			*at++ = '\\';
		*at++ = *text;
	}
	strcpy(at, "%");
	return collect(store, DEVICES_LIKE, pattern, keys);
}

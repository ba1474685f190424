/* SPDX-License-Identifier: ISC
 * recorder_fixture: see recorder_fixture.h. */
#include "recorder_fixture.h"

#include <check.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 4096 };

static void note_report(void *context, const struct recorder_event *event)
{
	struct recorder_fixture *fixture = context;
	size_t len = strlen(fixture->reports);

	snprintf(fixture->reports + len, sizeof(fixture->reports) - len, "%s:%s ", event->kind,
	    event->device->facts.texts[FACT_NAME]);
}

static int64_t wall_us(const struct recorder_fixture *fixture)
{
	return SECONDS(fixture->wall_offset) + fixture->now.us;
}

static void open_all(struct recorder_fixture *fixture)
{
	const struct store_options store = {fixture->directory, fixture->config.max_size};
	const struct recorder_options options = {.config = &fixture->config,
	    .calendar = &fixture->calendar,
	    .key = {{1, 2}},
	    .report = note_report,
	    .context = fixture};

	ck_assert_int_eq(store_open(&store, &fixture->store), 0);
	calendar_init(&fixture->calendar, store_ask_number(fixture->store, LAST_DATE, NULL, 0, 0),
	    wall_us(fixture), fixture->now);
	struct recorder_options with_store = options;
	with_store.store = fixture->store;
	ck_assert_int_eq(recorder_open(&with_store, fixture->now, &fixture->recorder), 0);
}

void fixture_begin(struct recorder_fixture *fixture)
{
	*fixture = (struct recorder_fixture){.directory = "/tmp/discoverd-history-XXXXXX",
	    .config = {.event_days = 90,
		.presence_days = 400,
		.max_devices = 10000,
		.max_size = 32 << 20},
	    .now = {SECONDS(100)},
	    .wall_offset = TODAY - 100};
	ck_assert_ptr_nonnull(mkdtemp(fixture->directory));
	open_all(fixture);
	fixture_sync(fixture);
}

void fixture_end(struct recorder_fixture *fixture)
{
	char command[128];

	recorder_close(fixture->recorder, fixture->now);
	store_close(fixture->store);
	snprintf(command, sizeof(command), "rm -r %s", fixture->directory);
	ck_assert_int_eq(system(command), 0);
}

/* A kill, as the file sees it: another transaction is open, and does not end. */
static void copy_as_killed(struct recorder_fixture *fixture)
{
	char command[512];

	snprintf(command, sizeof(command), "mkdir %s/k && cp %s/history.db* %s/k",
	    fixture->directory, fixture->directory, fixture->directory);
	ck_assert_int_eq(system(command), 0);
}

static void take_copy(struct recorder_fixture *fixture)
{
	char command[512];

	snprintf(command, sizeof(command), "rm %s/history.db* && mv %s/k/* %s && rmdir %s/k",
	    fixture->directory, fixture->directory, fixture->directory, fixture->directory);
	ck_assert_int_eq(system(command), 0);
}

void fixture_restart(struct recorder_fixture *fixture, bool killed)
{
	if (killed)
		copy_as_killed(fixture);
	recorder_close(fixture->recorder, fixture->now);
	store_close(fixture->store);
	if (killed)
		take_copy(fixture);
	fixture->reports[0] = '\0';
	open_all(fixture);
}

void fixture_pass(struct recorder_fixture *fixture, int64_t seconds)
{
	int64_t from, moved;

	fixture->now = instant_add(fixture->now, SECONDS(seconds));
	moved = calendar_update(&fixture->calendar, wall_us(fixture), fixture->now, &from);
	if (moved)
		recorder_move_dates(fixture->recorder, moved, from);
	recorder_advance(fixture->recorder, fixture->now);
}

void fixture_sync(struct recorder_fixture *fixture)
{
	recorder_synced(fixture->recorder, fixture->now);
}

static void change(struct recorder_fixture *fixture, const char *text, int event, const char *into)
{
	struct json_object *device = json_tokener_parse(text), *id = NULL;

	ck_assert_ptr_nonnull(device);
	json_object_object_get_ex(device, "id", &id);
	recorder_changed(fixture->recorder,
	    &(struct watcher_change){.event = event,
		.id = json_object_get_string(id),
		.device = device,
		.merged_into = into},
	    fixture->now);
	json_object_put(device);
}

void fixture_see(struct recorder_fixture *fixture, const char *device)
{
	change(fixture, device, WATCHER_UPDATED, NULL);
}

void fixture_miss(struct recorder_fixture *fixture, const char *device, const char *into)
{
	change(fixture, device, WATCHER_REMOVED, into);
}

/* Another connection to the file reads it as it is after a commit. */
const char *fixture_query(struct recorder_fixture *fixture, const char *sql)
{
	static char text[TEXT_MAX];
	char path[128];
	sqlite3 *db;
	sqlite3_stmt *rows;

	ck_assert_int_eq(store_commit(fixture->store), 0);
	snprintf(path, sizeof(path), "%s/history.db", fixture->directory);
	ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &rows, NULL), SQLITE_OK);
	text[0] = '\0';
	while (sqlite3_step(rows) == SQLITE_ROW) {
		strcat(text, *text ? ";" : "");
		for (int i = 0; i < sqlite3_column_count(rows); i++) {
			const char *value = (const char *)sqlite3_column_text(rows, i);
			ck_assert_uint_lt(strlen(text) + strlen(value ? value : "-") + 3, TEXT_MAX);
			strcat(text, i ? "," : "");
			strcat(text, value ? value : "-");
		}
	}
	sqlite3_finalize(rows);
	sqlite3_close(db);
	return text;
}

const char *fixture_device(const char *id, const char *name, const char *mac, const char *address)
{
	static char text[TEXT_MAX];
	char quoted[64] = "null";

	if (mac)
		snprintf(quoted, sizeof(quoted), "\"%s\"", mac);
	snprintf(text, sizeof(text),
	    "{\"id\":\"%s\",\"name\":\"%s\",\"kind\":\"device\",\"addresses\":[{\"address\":\"%s\","
	    "\"interface\":\"eth0\",\"mac\":%s,\"random_mac\":%s}]}",
	    id, name, address, quoted, mac && mac[1] == '2' ? "true" : "false");
	return text;
}

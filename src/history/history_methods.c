/* SPDX-License-Identifier: ISC
 * history_methods: the methods of io.discoverd.History. */
#include "history/history_methods.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/utc_parse.h"
#include "client/field.h"
#include "history/history_records.h"

enum { ALIAS_MAX = 64, BATCH_BYTES = 65536, ACKNOWLEDGED_MAX = 1024 };

/* A History that is not answered to its end. */
struct report {
	int64_t after; /* the key of the last device */
	int64_t since;
	bool new;
	size_t count, next; /* of `keys` */
	bool chosen;        /* only those of `keys` */
	int64_t keys[RECORDS_FOUND_MAX + 1];
};

static struct record_view view_of(const struct history_host *host, int64_t since)
{
	return (struct record_view){host->store, recorder_seen(host->recorder), since};
}

/* The devices that were chosen: one more. False when there is none. */
static bool put_chosen(
    const struct history_host *host, struct report *report, struct json_writer *out)
{
	const struct record_view view = view_of(host, report->since);
	sqlite3_stmt *row;

	if (report->next == report->count)
		return false;
	row = store_ask(host->store, DEVICE_OF_KEY, &STORE_NUMBER(report->keys[report->next++]), 1);
	if (store_next(row) && (!report->new || !sqlite3_column_int(row, COLUMN_ACKNOWLEDGED)))
		record_write(&view, row, out);
	store_done(host->store, row);
	return true;
}

/* A batch of all. False when it was the last. */
static bool put_batch(
    const struct history_host *host, struct report *report, struct json_writer *out)
{
	const struct record_view view = view_of(host, report->since);
	const struct store_value values[] = {STORE_NUMBER(report->after), STORE_NUMBER(report->new),
	    STORE_NUMBER(host->config->random_macs), STORE_NUMBER(report->since)};
	sqlite3_stmt *row = store_ask(host->store, DEVICES_AFTER, values, COUNT_OF(values));
	size_t begin = out->len;
	bool any = false;

	while (out->len - begin < BATCH_BYTES && store_next(row)) {
		any = true;
		report->after = sqlite3_column_int64(row, COLUMN_KEY);
		record_write(&view, row, out);
	}
	store_done(host->store, row);
	return any;
}

static bool next_reply(void *context, void *job, struct json_writer *out)
{
	const struct history_host *host = context;
	struct report *report = job;
	bool goes_on;

	varlink_reply_begin(out, NULL);
	json_writer_open(out, '{');
	json_writer_name(out, JSON_NAME("devices"));
	json_writer_open(out, '[');
	goes_on = report->chosen ? put_chosen(host, report, out) : put_batch(host, report, out);
	json_writer_close(out, ']');
	json_writer_name(out, JSON_NAME("current"));
	json_writer_truth(out, recorder_is_synced(host->recorder));
	json_writer_close(out, '}');
	varlink_reply_end(out, goes_on);
	return goes_on;
}

static void handle_history(struct server_call *call)
{
	const struct history_host *host = call->context;
	struct json_object *device = server_given(call, "device");
	struct json_object *since = server_given(call, "since");
	struct report *report = calloc(1, sizeof(*report));

	call->out->failed |= !report;
	if (!report)
		return;
	report->new = json_object_get_boolean(server_given(call, "new"));
	if (since && utc_parse(json_object_get_string(since), &report->since)) {
		free(report);
		server_invalid(call, "since");
		return;
	}
	report->chosen = device;
	if (device)
		report->count =
		    record_find(host->store, json_object_get_string(device), report->keys);
	if (device && !report->count) {
		free(report);
		server_fail(call, "io.discoverd.History.NotFound", "device", field_text(device));
		return;
	}
	call->next = next_reply;
	call->job = report;
}

static void fail_ambiguous(
    struct server_call *call, struct slice device, const int64_t *keys, size_t count)
{
	const struct history_host *host = call->context;
	struct json_writer *out = call->out;

	varlink_reply_begin(out, "io.discoverd.History.Ambiguous");
	json_writer_open(out, '{');
	json_writer_name(out, JSON_NAME("device"));
	json_writer_slice(out, device);
	json_writer_name(out, JSON_NAME("candidates"));
	json_writer_open(out, '[');
	for (size_t i = 0; i < count && i < RECORDS_FOUND_MAX; i++) {
		sqlite3_stmt *row =
		    store_ask(host->store, DEVICE_OF_KEY, &STORE_NUMBER(keys[i]), 1);
		if (store_next(row))
			record_write_candidate(row, out);
		store_done(host->store, row);
	}
	json_writer_close(out, ']');
	json_writer_close(out, '}');
	varlink_reply_end(out, false);
}

/* The key of the one device that the text means; 0: the call has been answered. */
static int64_t find_one(struct server_call *call, struct json_object *text)
{
	const struct history_host *host = call->context;
	int64_t keys[RECORDS_FOUND_MAX + 1];
	size_t count = record_find(host->store, json_object_get_string(text), keys);

	if (count == 1)
		return keys[0];
	if (count)
		fail_ambiguous(call, field_text(text), keys, count);
	else
		server_fail(call, "io.discoverd.History.NotFound", "device", field_text(text));
	return 0;
}

static void reply_written(struct server_call *call, int error)
{
	const struct history_host *host = call->context;
	int saved = host->save(host->context);

	/* What waited for another attempt is written by one that succeeds. */
	if (saved || (error && error != -EIO))
		server_fail(call, "io.discoverd.History.NotWritten", NULL, SLICE_NONE);
	else
		varlink_reply_write(call->out, NULL, NULL, false);
}

static void handle_acknowledge(struct server_call *call)
{
	const struct history_host *host = call->context;
	struct json_object *devices = server_given(call, "devices");
	int64_t keys[ACKNOWLEDGED_MAX];
	size_t count = field_length(devices);
	int error = 0;

	for (size_t i = 0; i < count; i++) {
		struct json_object *device = field_entry(devices, i);
		if (count > ACKNOWLEDGED_MAX || !json_object_is_type(device, json_type_string)) {
			server_invalid(call, "devices");
			return;
		}
		keys[i] = find_one(call, device);
		if (!keys[i])
			return;
	}
	for (size_t i = 0; i < count; i++) {
		int failed = recorder_acknowledge(host->recorder, keys[i]);
		error = error ? error : failed;
	}
	reply_written(call, error);
}

static void handle_name(struct server_call *call)
{
	const struct history_host *host = call->context;
	struct json_object *alias = server_given(call, "alias");
	struct slice text = field_text(alias);

	if (text.len > ALIAS_MAX || !text_is_clean(text)) {
		server_invalid(call, "alias");
		return;
	}
	int64_t key = find_one(call, server_given(call, "device"));
	if (!key)
		return;
	int error =
	    recorder_name(host->recorder, key, text.len ? json_object_get_string(alias) : NULL);
	if (!error && text.len)
		error = recorder_acknowledge(host->recorder, key);
	reply_written(call, error);
}

static void handle_aliases(struct server_call *call)
{
	const struct history_host *host = call->context;
	struct json_writer *out = call->out;
	sqlite3_stmt *row = store_ask(host->store, ALIASES, NULL, 0);

	varlink_reply_begin(out, NULL);
	json_writer_open(out, '{');
	json_writer_name(out, JSON_NAME("aliases"));
	json_writer_open(out, '[');
	while (store_next(row)) {
		json_writer_open(out, '{');
		json_writer_name(out, JSON_NAME("id"));
		json_writer_string(out, (const char *)sqlite3_column_text(row, 1));
		json_writer_name(out, JSON_NAME("alias"));
		json_writer_string(out, (const char *)sqlite3_column_text(row, 2));
		json_writer_close(out, '}');
	}
	store_done(host->store, row);
	json_writer_close(out, ']');
	json_writer_close(out, '}');
	varlink_reply_end(out, false);
}

const struct server_method HISTORY_METHODS[] = {
    {{"io.discoverd.History.History", .needs_more = true,
	 .parameters = {{"device", json_type_string, false}, {"new", json_type_boolean, false},
	     {"since", json_type_string, false}}},
	handle_history},
    {{"io.discoverd.History.Acknowledge", .changes = true,
	 .parameters = {{"devices", json_type_array, true}}},
	handle_acknowledge},
    {{"io.discoverd.History.Name", .changes = true,
	 .parameters = {{"device", json_type_string, true}, {"alias", json_type_string, false}}},
	handle_name},
    {{.name = "io.discoverd.History.Aliases"}, handle_aliases},
    {.row = {.name = NULL}},
};

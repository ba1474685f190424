/* SPDX-License-Identifier: ISC
 * event_streams: sends open pages what changes, as server-sent events (HTML Living Standard, 9.2):
 * "reset", "row", "removed", "synced" and "alive", each with JSON. A page that reads slowly gets
 * the newest of each device, and no queue grows for it. */
#include "web/event_streams.h"

#include <errno.h>
#include <event2/buffer.h>
#include <stdlib.h>

#include "web/row.h"
#include "wire/json_writer.h"

/* Bytes that are prepared for one stream; how long its client may read nothing. */
enum { FILL = 16 * 1024, SILENT_TICKS_MAX = 3 };
#define TICK  SECONDS(20)
#define RETRY "retry: 1000\n\n" /* ms until the browser connects again */

struct event_stream {
	LIST_ENTRY(event_stream) entry;
	struct event_streams *streams;
	struct web_visit *visit;
	struct row_table_reader reader;
	bool whole;            /* it gets all rows first: only their end is a place to go on from */
	bool synced;           /* "synced" was sent, … */
	bool synced_connected; /* … with this */
	unsigned silent_ticks;
};

struct event_streams {
	struct row_table *rows;
	LIST_HEAD(, event_stream) all;
	unsigned count;
	bool connected;
	struct instant tick_at;
};

struct event_streams *event_streams_new(struct row_table *rows)
{
	struct event_streams *streams = calloc(1, sizeof(*streams));

	if (!streams)
		return NULL;
	streams->rows = rows;
	streams->tick_at = INSTANT_NEVER;
	LIST_INIT(&streams->all);
	return streams;
}

void event_streams_free(struct event_streams *streams)
{
	free(streams);
}

/* `change` 0: no place to go on from. */
static void put_event(struct event_stream *stream, struct evbuffer *out, const char *name,
    uint64_t change, struct slice data)
{
	char token[ROW_TABLE_TOKEN_MAX];

	evbuffer_add_printf(out, "event: %s\n", name);
	if (change) {
		row_table_token(stream->streams->rows, change, token);
		evbuffer_add_printf(out, "id: %s\n", token);
	}
	evbuffer_add_printf(out, "data: ");
	evbuffer_add(out, data.bytes, data.len);
	evbuffer_add(out, "\n\n", 2);
}

/* False when out of memory. */
static bool put_change(struct event_stream *stream, struct evbuffer *out, const struct row *row,
    const char *id, uint64_t change)
{
	struct json_writer w = {0};

	if (row) {
		row_json(row, &w);
	} else {
		json_writer_open(&w, '{');
		json_writer_name(&w, JSON_NAME("id"));
		json_writer_string(&w, id);
		json_writer_close(&w, '}');
	}
	bool done = !w.failed;
	if (done)
		put_event(stream, out, row ? "row" : "removed", stream->whole ? 0 : change,
		    (struct slice){w.bytes, w.len});
	json_writer_fini(&w);
	return done;
}

static void put_synced(struct event_stream *stream, struct evbuffer *out)
{
	bool connected = stream->streams->connected;

	stream->whole = false;
	stream->synced = true;
	stream->synced_connected = connected;
	put_event(stream, out, "synced", stream->streams->rows->change,
	    connected ? SLICE("{\"connected\":true}") : SLICE("{\"connected\":false}"));
}

/* False when out of memory. */
static bool put_news(struct event_stream *stream, struct evbuffer *out)
{
	const struct row *row;
	const char *id;
	uint64_t change;

	while (evbuffer_get_length(out) < FILL) {
		if (!row_table_next(&stream->reader, &row, &id, &change)) {
			if (!stream->synced ||
			    stream->synced_connected != stream->streams->connected)
				put_synced(stream, out);
			return true;
		}
		if (!put_change(stream, out, row, id, change))
			return false;
	}
	return true;
}

void event_stream_fill(struct event_stream *stream)
{
	struct web_client *client = web_visit_client(stream->visit);
	struct evbuffer *out;

	stream->silent_ticks = 0;
	if (web_client_backlog(client) >= FILL)
		return;
	out = evbuffer_new();
	if (out && put_news(stream, out))
		web_client_send(client, out);
	else
		web_client_drop(client);
	if (out)
		evbuffer_free(out);
}

static unsigned count_of(const struct event_streams *streams, const struct web_visit *visit)
{
	const struct event_stream *stream;
	unsigned count = 0;

	LIST_FOREACH(stream, &streams->all, entry)
	count += web_visit_same_source(stream->visit, visit);
	return count;
}

/* The oldest of an address that has two more than that of `visit`. */
static struct event_stream *find_displaceable(
    const struct event_streams *streams, const struct web_visit *visit)
{
	struct event_stream *stream, *found = NULL;
	unsigned most = count_of(streams, visit) + 1;

	LIST_FOREACH(stream, &streams->all, entry)
	{
		unsigned count = count_of(streams, stream->visit);
		if (count > most || (found && count == most)) {
			most = count;
			found = stream;
		}
	}
	return found;
}

int event_stream_begin(struct event_streams *streams, struct web_visit *visit, struct slice token,
    struct event_stream **begun)
{
	struct event_stream *stream;
	struct web_response response = {
	    .status = 200, .content_type = "text/event-stream", .endless = true};
	struct evbuffer *out;

	if (streams->count >= EVENT_STREAMS_MAX) {
		stream = find_displaceable(streams, visit);
		if (!stream)
			return -EBUSY;
		web_client_close(web_visit_client(stream->visit));
	}
	stream = calloc(1, sizeof(*stream));
	out = stream ? evbuffer_new() : NULL;
	if (!out) {
		free(stream);
		return -ENOMEM;
	}
	stream->streams = streams;
	stream->visit = visit;
	stream->whole = !row_table_read(streams->rows, &stream->reader, token);
	LIST_INSERT_HEAD(&streams->all, stream, entry);
	streams->count++;
	*begun = stream;
	evbuffer_add_printf(out, RETRY);
	if (stream->whole)
		put_event(stream, out, "reset", 0, SLICE("{}"));
	web_client_answer(web_visit_client(visit), &response, out);
	evbuffer_free(out);
	event_stream_fill(stream);
	return 0;
}

void event_stream_end(struct event_stream *stream)
{
	struct event_streams *streams = stream->streams;

	row_table_leave(&stream->reader);
	LIST_REMOVE(stream, entry);
	streams->count--;
	if (!streams->count)
		streams->tick_at = INSTANT_NEVER;
	free(stream);
}

void event_streams_set_connected(struct event_streams *streams, bool connected)
{
	streams->connected = connected;
}

/* Shows that the connection stands, and finds those that do not. */
static void tick(struct event_streams *streams)
{
	struct event_stream *stream;

	LIST_FOREACH(stream, &streams->all, entry)
	{
		struct web_client *client = web_visit_client(stream->visit);
		struct evbuffer *out = evbuffer_new();
		if (++stream->silent_ticks >= SILENT_TICKS_MAX && web_client_backlog(client))
			web_client_drop(client);
		else if (out && !web_client_backlog(client)) {
			put_event(stream, out, "alive", 0, SLICE("{}"));
			web_client_send(client, out);
		}
		if (out)
			evbuffer_free(out);
	}
}

static bool has_news(const struct event_stream *stream)
{
	return !stream->synced || stream->synced_connected != stream->streams->connected ||
	       row_table_has_next(&stream->reader);
}

void event_streams_advance(struct event_streams *streams, struct instant now)
{
	struct event_stream *stream;

	if (streams->count && instant_is_never(streams->tick_at))
		streams->tick_at = instant_add(now, TICK);
	if (instant_due(streams->tick_at, now)) {
		tick(streams);
		streams->tick_at = instant_add(now, TICK);
	}
	LIST_FOREACH(stream, &streams->all, entry)
	if (has_news(stream) && web_client_backlog(web_visit_client(stream->visit)) < FILL)
		event_stream_fill(stream);
}

struct instant event_streams_deadline(const struct event_streams *streams)
{
	return streams->tick_at;
}

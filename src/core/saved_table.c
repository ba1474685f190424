/* SPDX-License-Identifier: ISC
 * saved_table: the lines of a saved table: what it begins and ends with, and its devices. */
#include "core/saved_table.h"
#include "core/saved_table_internal.h"
#include "model/protocol_id.h"
#include "model/table_cursor.h"
#include "wire/json_print.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 8, ENDPOINTS_OF_DEVICE_MAX = 1024 };

/* It finds damage; nothing secret depends on it. */
static const struct siphash_key SUM_KEY = {{0x646973636f766572, 0x642d646576696365}};

int saved_table_write_end(struct slice lines, struct writer *w)
{
	uint64_t count = 0;

	for (size_t i = 0; i < lines.len; i++)
		count += lines.bytes[i] == '\n';
	writer_format(w, "{\"end\":{\"lines\":%llu,\"sum\":\"%016llx\"}}\n",
	    (unsigned long long)count, (unsigned long long)siphash(&SUM_KEY, lines));
	return writer_error(w);
}

/* Writing. */

struct saved_writer {
	struct table_cursor cursor;
	const struct link_set *links;
	char *text;
	size_t len, capacity;
	bool begun, ended;
	int error;
	char *host, *boot;
	struct saved_stamp stamp;
};

struct saved_writer *saved_writer_new(
    struct table *table, const struct link_set *links, const struct saved_stamp *stamp)
{
	struct saved_writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return NULL;
	writer->links = links;
	writer->stamp = *stamp;
	table_cursor_open(&writer->cursor, table);
	writer->stamp.host = writer->host = strdup(stamp->host);
	writer->stamp.boot = writer->boot = strdup(stamp->boot);
	if (writer->host && writer->boot)
		return writer;
	saved_writer_free(writer);
	return NULL;
}

void saved_writer_free(struct saved_writer *writer)
{
	if (!writer)
		return;
	table_cursor_close(&writer->cursor);
	free(writer->host);
	free(writer->boot);
	free(writer->text);
	free(writer);
}

static bool reserve(struct saved_writer *writer, size_t len)
{
	size_t capacity = writer->capacity ? writer->capacity : 4096;

	while (capacity < writer->len + len)
		capacity *= 2;
	if (capacity == writer->capacity)
		return true;
	char *text = realloc(writer->text, capacity);
	if (!text) {
		writer->error = -ENOMEM;
		return false;
	}
	writer->text = text;
	writer->capacity = capacity;
	return true;
}

/* An object with this member alone, or NULL. Takes the value over. */
static struct json_object *under(const char *key, struct json_object *value)
{
	struct json_object *object = json_object_new_object();

	saved_put(object, key, value);
	return object;
}

/* Takes the object over. False where there is no room for its line. */
static bool add_line(struct saved_writer *writer, struct json_object *object)
{
	size_t len = 0;
	char *line = object ? json_print(object, &len) : NULL;

	if (!line)
		writer->error = -ENOMEM;
	bool fits = line && len + 1 < SAVED_LINE_MAX &&
		    writer->len + len + 1 + SAVED_END_MAX <= SAVED_TABLE_MAX &&
		    reserve(writer, len + 1);
	if (fits) {
		memcpy(writer->text + writer->len, line, len);
		writer->text[writer->len + len] = '\n';
		writer->len += len + 1;
	}
	free(line);
	json_object_put(object);
	return fits;
}

static void add_head(struct saved_writer *writer)
{
	const struct saved_stamp *stamp = &writer->stamp;
	struct json_object *object = json_object_new_object();
	struct json_object *links = json_object_new_object();

	for (size_t i = 0; i < writer->links->count; i++) {
		const struct link *link = &writer->links->links[i];
		char mac[18] = "";
		struct writer w;

		writer_init(&w, mac, sizeof(mac) - 1);
		if (link->mac.known)
			mac_format(&link->mac, &w);
		struct json_object *text = json_object_new_string_len(mac, (int)w.len);
		if (links && text && json_object_object_add(links, link->name, text) == 0)
			continue;
		json_object_put(text);
		if (links)
			json_print_refuse(links);
	}
	saved_put_number(object, "discoverd-devices", SAVED_TABLE_VERSION);
	saved_put_text(object, "host", stamp->host);
	saved_put_text(object, "boot", stamp->boot);
	saved_put(object, "at", json_object_new_int64(stamp->at.us));
	saved_put(object, "wall_offset", json_object_new_int64(stamp->wall_offset));
	saved_put_true(object, "running", stamp->running);
	saved_put(object, "interfaces", links);
	if (!add_line(writer, object))
		writer->error = writer->error ? writer->error : -ENOSPC;
}

static void add_end(struct saved_writer *writer)
{
	char end[SAVED_END_MAX];
	struct writer w;

	writer_init(&w, end, sizeof(end));
	if (saved_table_write_end((struct slice){writer->text, writer->len}, &w) < 0 ||
	    !reserve(writer, w.len))
		return;
	memcpy(writer->text + writer->len, end, w.len);
	writer->len += w.len;
}

/* Only what says something of itself: the kernel knows its neighbours, and what only asks is heard
 * again when it asks. */
static bool is_saved(const struct endpoint *endpoint)
{
	return endpoint->is_device && endpoint->protocol->rank != PROTOCOL_RANK_NEIGHBOUR;
}

/* An id that is made of an address ends with the index of its link, which may be another one after
 * the next start: the interface is written by its name. */
static void put_id(struct json_object *object, const struct link_set *links, const char *id)
{
	struct slice rest = slice_of(id), head;
	char text[DEVICE_ID_MAX + LINK_NAME_MAX];
	const struct link *link = NULL;
	uint64_t index;

	if (slice_starts_with(rest, SLICE("address:")) && slice_cut(&rest, '%', &head) &&
	    slice_to_u64(rest, UINT32_MAX, &index) == 0)
		link = link_set_find(links, (uint32_t)index);
	if (link)
		snprintf(text, sizeof(text), "%.*s%%%s", SLICE_ARGS(head), link->name);
	saved_put_text(object, "id", link ? text : id);
}

static void add_device(struct saved_writer *writer, const struct device *device)
{
	struct json_object *object;
	const struct endpoint *endpoint;
	char id[KEY_UUID_TEXT_MAX];
	size_t left = ENDPOINTS_OF_DEVICE_MAX;

	if (!device->reported || device_kind(device) != DEVICE_KIND_DEVICE)
		return;
	object = json_object_new_object();
	put_id(object, writer->links, device_id(device, id));
	saved_put_number(object, "first_seen", device->first_seen.us);
	saved_put_number(object, "first_seen_wall", device->first_seen_wall);
	saved_put_number(object, "last_seen", device->last_seen.us);
	if (device->reachable != DEVICE_REACHABLE_UNKNOWN)
		saved_put(object, "reachable",
		    json_object_new_boolean(device->reachable == DEVICE_REACHABLE_YES));
	if (!add_line(writer, under("device", object)))
		return;
	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	if (is_saved(endpoint) && left > 0) {
		left--;
		add_line(writer, under("endpoint", saved_endpoint_write(endpoint, writer->links)));
	}
}

bool saved_writer_step(struct saved_writer *writer, size_t bytes)
{
	size_t until = writer->len + bytes;
	const struct device *device;

	if (!writer->begun)
		add_head(writer);
	writer->begun = true;
	while (!writer->ended && !writer->error && writer->len < until) {
		device = table_cursor_next(&writer->cursor);
		if (device) {
			add_device(writer, device);
			continue;
		}
		add_end(writer);
		writer->ended = true;
	}
	return writer->ended || writer->error;
}

int saved_writer_take(struct saved_writer *writer, char **text, size_t *len)
{
	if (writer->error)
		return writer->error;
	*text = writer->text;
	*len = writer->len;
	writer->text = NULL;
	return 0;
}

/* Reading. */

struct reading {
	struct json_tokener *tokener;
	struct saved_times times;
	const struct link_set *links;
	struct json_object *former; /* MACs of interfaces by name, borrowed */
	struct json_object *device; /* the one that endpoints are of, or NULL */
	saved_endpoint_fn *fn;
	void *context;
	struct saved_endpoint saved;
};

/* 0, -EBADMSG or -ENOMEM. Where json-c stops without finding a fault, it had no memory. */
static int parse(struct json_tokener *tokener, struct slice line, struct json_object **out)
{
	if (line.len >= SAVED_LINE_MAX)
		return -EBADMSG;
	json_tokener_reset(tokener);
	struct json_object *object = json_tokener_parse_ex(tokener, line.bytes, (int)line.len);
	bool faultless = json_tokener_get_error(tokener) == json_tokener_success;
	if (faultless && json_tokener_get_parse_end(tokener) == line.len &&
	    json_object_is_type(object, json_type_object)) {
		*out = object;
		return 0;
	}
	json_object_put(object);
	return faultless && !object && line.len > strlen("null") ? -ENOMEM : -EBADMSG;
}

/* Cuts the last line off, which has to say what the lines before it are. False where it does not.
 */
static bool check_end(struct slice *text)
{
	char expected[SAVED_END_MAX];
	size_t end = text->len;
	struct writer w;

	if (text->len == 0 || text->len > SAVED_TABLE_MAX)
		return false;
	do
		end--;
	while (end > 0 && text->bytes[end - 1] != '\n');
	struct slice last = slice_skip(*text, end);
	text->len = end;
	writer_init(&w, expected, sizeof(expected));
	return saved_table_write_end(*text, &w) == 0 && slice_equal(last, writer_result(&w));
}

static int read_head(
    struct reading *reading, struct json_object *head, const struct saved_stamp *stamp)
{
	struct saved_times *times = &reading->times;

	if (!saved_get(head, "discoverd-devices", json_type_int))
		return -EBADMSG;
	if (saved_get_number(head, "discoverd-devices", 0, INT32_MAX) != SAVED_TABLE_VERSION)
		return -EPROTONOSUPPORT;
	if (!slice_equal(slice_of(saved_get_text(head, "host")), slice_of(stamp->host)))
		return -EXDEV;
	reading->former = saved_get(head, "interfaces", json_type_object);
	*times = (struct saved_times){
	    .written = {saved_get_number(head, "at", 0, INT64_MAX / 4)},
	    .now = stamp->at,
	    .wall_offset = saved_get_number(head, "wall_offset", INT64_MIN / 4, INT64_MAX / 4),
	    .same_boot = *stamp->boot &&
			 slice_equal(slice_of(saved_get_text(head, "boot")), slice_of(stamp->boot)),
	    .running = saved_get_true(head, "running"),
	};
	return times->same_boot && instant_before(times->now, times->written) ? -EBADMSG : 0;
}

static void get_id(struct json_object *object, const struct link_set *links, char id[DEVICE_ID_MAX])
{
	struct slice rest = slice_of(saved_get_text(object, "id")), head = rest;
	const struct link *link = NULL;

	if (slice_starts_with(rest, SLICE("address:")) && slice_cut(&rest, '%', &head))
		link = link_set_find_name(links, rest);
	if (link)
		snprintf(id, DEVICE_ID_MAX, "%.*s%%%u", SLICE_ARGS(head), (unsigned)link->index);
	else
		snprintf(id, DEVICE_ID_MAX, "%s", saved_get_text(object, "id"));
}

static void hand_out(struct reading *reading)
{
	const struct saved_times *times = &reading->times;
	struct json_object *object = reading->device;
	char id[DEVICE_ID_MAX];
	struct device device = {
	    .id_text = id,
	    .first_seen = saved_past(times, object, "first_seen"),
	    .first_seen_wall = saved_wall(times, object),
	    .last_seen = saved_past(times, object, "last_seen"),
	    .reachable = DEVICE_REACHABLE_UNKNOWN,
	};

	get_id(object, reading->links, id);
	if (saved_get(object, "reachable", json_type_boolean))
		device.reachable = saved_get_true(object, "reachable") ? DEVICE_REACHABLE_YES
								       : DEVICE_REACHABLE_NO;
	reading->fn(reading->context, &device, &reading->saved.endpoint);
}

/* A line of a device or an endpoint; `object` is taken over. */
static int read_line(struct reading *reading, struct json_object *object)
{
	struct json_object *device = saved_get(object, "device", json_type_object);
	struct json_object *endpoint = saved_get(object, "endpoint", json_type_object);
	int error = -EBADMSG;

	if (device && saved_get_text(device, "id")) {
		json_object_put(reading->device);
		reading->device = json_object_get(device);
		error = 0;
	} else if (endpoint && reading->device) {
		error = saved_endpoint_read(
		    endpoint, &reading->times, reading->former, reading->links, &reading->saved);
		if (!error && reading->fn)
			hand_out(reading);
		error = error == -ENOENT ? 0 : error;
	}
	json_object_put(object);
	return error;
}

static int read_lines(struct reading *reading, struct slice text)
{
	struct slice line;
	int error = 0;

	json_object_put(reading->device);
	reading->device = NULL;
	while (!error && text.len > 0 && slice_cut(&text, '\n', &line)) {
		struct json_object *object;

		error = parse(reading->tokener, line, &object);
		if (!error)
			error = read_line(reading, object);
	}
	return error;
}

/* All lines are read once before the first endpoint is handed out. */
static int read_all(struct reading *reading, struct slice text, const struct saved_stamp *stamp,
    saved_endpoint_fn *fn)
{
	struct slice line;

	if (!check_end(&text) || !slice_cut(&text, '\n', &line))
		return -EBADMSG;
	struct json_object *head = NULL;
	int error = parse(reading->tokener, line, &head);
	if (!error)
		error = read_head(reading, head, stamp);
	if (!error)
		error = read_lines(reading, text);
	reading->fn = fn;
	if (!error)
		error = read_lines(reading, text);
	json_object_put(reading->device);
	json_object_put(head);
	return error;
}

int saved_table_read(struct slice text, const struct saved_stamp *stamp,
    const struct link_set *links, saved_endpoint_fn *fn, void *context, struct instant *written)
{
	struct reading *reading = calloc(1, sizeof(*reading));
	int error = -ENOMEM;

	if (reading && (reading->tokener = json_tokener_new_ex(DEPTH_MAX))) {
		reading->links = links;
		reading->context = context;
		error = read_all(reading, text, stamp, fn);
		if (!error && written)
			*written =
			    reading->times.same_boot ? reading->times.written : INSTANT_NEVER;
		json_tokener_free(reading->tokener);
	}
	free(reading);
	return error;
}

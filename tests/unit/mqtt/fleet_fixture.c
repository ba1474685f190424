/* SPDX-License-Identifier: ISC
 * fleet_fixture: see fleet_fixture.h. */
#include "mqtt/fleet_fixture.h"
#include "base/writer.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/field.h"
#include "mqtt/fleet_device.h"
#include "suites.h"

enum { TEXT_MAX = 4096, LINES_MAX = 64 };

struct fleet fleet;
const struct siphash_key fleet_key = {{1, 2}};

void fleet_setup(void)
{
	ck_assert_int_eq(fleet_init(&fleet, &fleet_key), 0);
}

void fleet_teardown(void)
{
	fleet_fini(&fleet);
}

void say_at(int64_t published, const char *topic, const char *payload)
{
	char text[TEXT_MAX];

	snprintf(text, sizeof(text), "discoverd/v1/%s", topic);
	fleet_take(&fleet, slice_of(text), slice_of(payload), published);
}

void say(const char *topic, const char *payload)
{
	say_at(0, topic, payload);
}

void say_board(const char *path, const char *segment, unsigned count)
{
	char topic[TEXT_MAX], text[TEXT_MAX], quoted[64] = "null";

	snprintf(topic, sizeof(topic), "%s/state", path);
	say(topic, "{\"online\":true,\"session\":1}");
	if (segment)
		snprintf(quoted, sizeof(quoted), "\"%s\"", segment);
	snprintf(topic, sizeof(topic), "%s/info", path);
	snprintf(text, sizeof(text),
	    "{\"version\":\"1\",\"name\":\"%s\",\"devices\":%u,\"links\":[{\"name\":\"eth0\","
	    "\"kind\":\"ethernet\",\"segment\":%s,\"gateway\":\"192.168.1.1\",\"addresses\":[{"
	    "\"address\":\"192.168.1.2\",\"network\":\"192.168.1.0\",\"prefix\":24}]}]}",
	    strchr(path, '/') + 1, count, quoted);
	say(topic, text);
}

void say_device(
    const char *path, const char *id, const char *address, const char *mac, const char *members)
{
	char topic[TEXT_MAX], text[TEXT_MAX], quoted[64] = "null";

	if (mac)
		snprintf(quoted, sizeof(quoted), "\"%s\"", mac);
	snprintf(topic, sizeof(topic), "%s/device/%s", path, id);
	snprintf(text, sizeof(text),
	    "{\"id\":\"%s\",\"name\":\"%s\",\"kind\":\"device\",\"protocols\":[\"ssdp\"],"
	    "\"addresses\":[{\"address\":\"%s\",\"interface\":\"eth0\",\"mac\":%s}]%s%s}",
	    id, id, address, quoted, *members ? "," : "", members);
	say(topic, text);
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void put_list(struct writer *w, struct json_object *array, const char *member)
{
	for (size_t i = 0; i < field_length(array); i++) {
		struct json_object *entry = field_entry(array, i);
		writer_text(w, i ? "," : " ");
		writer_slice(w, field_text(member ? field_get(entry, member) : entry));
	}
}

static char *line_of(const struct fleet_row *row)
{
	struct json_object *device = fleet_device_new(row);
	char text[TEXT_MAX];
	struct writer w;

	ck_assert_ptr_nonnull(device);
	writer_init(&w, text, sizeof(text));
	writer_slice(&w, field_text(field_get(device, "id")));
	writer_text(&w, " at ");
	writer_slice(&w, field_text(field_get(device, "site")));
	writer_char(&w, ':');
	put_list(&w, field_get(device, "boards"), "id");
	put_list(&w, field_get(device, "addresses"), "address");
	put_list(&w, field_get(device, "flags"), NULL);
	writer_char(&w, '\n');
	json_object_put(device);
	return slice_dup(writer_result(&w));
}

const char *devices(void)
{
	static char text[LINES_MAX * TEXT_MAX];
	char *lines[LINES_MAX];
	struct fleet_rows rows;
	struct writer w;

	ck_assert_int_eq(fleet_rows_make(&rows, &fleet), 0);
	ck_assert_uint_lt(rows.count, LINES_MAX);
	for (size_t i = 0; i < rows.count; i++)
		lines[i] = line_of(&rows.rows[i]);
	qsort(lines, rows.count, sizeof(*lines), compare_lines);
	writer_init(&w, text, sizeof(text));
	for (size_t i = 0; i < rows.count; i++) {
		writer_text(&w, lines[i]);
		free(lines[i]);
	}
	writer_char(&w, '\0');
	fleet_rows_fini(&rows, &fleet);
	return text;
}

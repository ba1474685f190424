/* SPDX-License-Identifier: ISC
 * tracker: see tracker.h. The state has a topic of its own, as a document that is empty, once its
 * device has gone, is no state for Home Assistant. */
#include "mqtt/tracker.h"

#include <json-c/json.h>

#include "base/ascii.h"
#include "client/field.h"
#include "client/web_link.h"
#include "mqtt/topic.h"

/* More than any topic needs of what discoverd gives out. */
enum { TOPIC_MAX = 4096 };

void tracker_write_name(struct writer *w, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.bytes[i];
		if (ascii_is_letter(c) || ascii_is_digit(c) || c == '-')
			writer_char(w, c);
		else
			writer_format(w, "_%02x", (unsigned char)c);
	}
}

void tracker_write_topic(
    struct writer *w, const struct tracker_board *board, const char *id, enum tracker_topic topic)
{
	static const char *const LEVELS[] = {
	    [TRACKER_CONFIG] = "config", [TRACKER_STATE] = "state"};

	writer_text(w, board->prefix);
	writer_text(w, "/device_tracker/");
	tracker_write_name(w, slice_of(board->board));
	writer_char(w, '/');
	tracker_write_name(w, slice_of(id));
	writer_char(w, '/');
	writer_text(w, LEVELS[topic]);
}

bool tracker_wants(struct json_object *device)
{
	return slice_equal(field_text_of(device, "kind"), SLICE("device"));
}

static void write_text(struct json_writer *w, struct slice name, struct slice value)
{
	if (!value.len)
		return;
	json_writer_name(w, name);
	json_writer_slice(w, value);
}

static void write_written(struct json_writer *w, struct slice name, const struct writer *value)
{
	if (writer_error(value))
		w->failed = true;
	else
		write_text(w, name, writer_result(value));
}

/* By it Home Assistant knows the device from other integrations, too. A random MAC is no identity.
 */
static void write_connections(struct json_writer *w, struct json_object *device)
{
	struct json_object *first = field_entry(field_get(device, "addresses"), 0);
	struct slice mac = field_text_of(first, "mac");
	struct json_object *random = field_get(first, "random_mac");

	if (!mac.len || !random || json_object_get_boolean(random))
		return;
	json_writer_name(w, JSON_NAME("connections"));
	json_writer_open(w, '[');
	json_writer_open(w, '[');
	json_writer_plain(w, SLICE("mac"));
	json_writer_slice(w, mac);
	json_writer_close(w, ']');
	json_writer_close(w, ']');
}

static void write_device(struct json_writer *w, struct slice name, struct json_object *device)
{
	struct slice url = field_text_of(device, "presentation_url");

	json_writer_name(w, JSON_NAME("device"));
	json_writer_open(w, '{');
	json_writer_name(w, JSON_NAME("identifiers"));
	json_writer_open(w, '[');
	json_writer_slice(w, name);
	json_writer_close(w, ']');
	write_connections(w, device);
	write_text(w, JSON_NAME("name"), field_text_of(device, "name"));
	write_text(w, JSON_NAME("manufacturer"), field_text_of(device, "manufacturer"));
	write_text(w, JSON_NAME("model"), field_text_of(device, "model"));
	write_text(w, JSON_NAME("serial_number"), field_text_of(device, "serial"));
	if (web_link_allowed(url))
		write_text(w, JSON_NAME("configuration_url"), url);
	json_writer_close(w, '}');
}

/* The board's own state, which its will ends. */
static void write_availability(struct json_writer *w, const struct tracker_board *board)
{
	char text[TOPIC_MAX];
	struct writer topic;

	writer_init(&topic, text, sizeof(text));
	topic_write(&topic, slice_of(board->site), slice_of(board->board), TOPIC_STATE, SLICE_NONE);
	write_written(w, JSON_NAME("availability_topic"), &topic);
	write_text(w, JSON_NAME("availability_template"),
	    SLICE("{{ 'online' if value_json.online else 'offline' }}"));
}

void tracker_write_config(
    struct json_writer *w, const struct tracker_board *board, struct json_object *device)
{
	const char *id = json_object_get_string(field_get(device, "id"));
	char topic_text[TOPIC_MAX], name_text[TOPIC_MAX];
	struct writer topic, name;

	writer_init(&topic, topic_text, sizeof(topic_text));
	tracker_write_topic(&topic, board, id, TRACKER_STATE);
	writer_init(&name, name_text, sizeof(name_text));
	writer_text(&name, "discoverd_");
	tracker_write_name(&name, slice_of(board->board));
	writer_text(&name, "__"); /* no escape ends with one */
	tracker_write_name(&name, slice_of(id));
	json_writer_open(w, '{');
	/* The name of the device is that of its only entity. */
	json_writer_name(w, JSON_NAME("name"));
	json_writer_null(w);
	write_written(w, JSON_NAME("unique_id"), &name);
	write_written(w, JSON_NAME("state_topic"), &topic);
	write_text(w, JSON_NAME("value_template"), SLICE("{{ value_json.state }}"));
	write_written(w, JSON_NAME("json_attributes_topic"), &topic);
	write_text(w, JSON_NAME("source_type"), SLICE("router"));
	write_availability(w, board);
	write_device(w, writer_result(&name), device);
	json_writer_name(w, JSON_NAME("origin"));
	json_writer_open(w, '{');
	write_text(w, JSON_NAME("name"), SLICE("discoverd-mqtt"));
	write_text(w, JSON_NAME("sw_version"), slice_of(board->version));
	json_writer_close(w, '}');
	json_writer_close(w, '}');
}

void tracker_write_state(struct json_writer *w, struct json_object *device, bool home)
{
	struct json_object *first = field_entry(field_get(device, "addresses"), 0);
	struct json_object *host = field_entry(field_get(device, "host_names"), 0);

	json_writer_open(w, '{');
	write_text(w, JSON_NAME("state"), home ? SLICE("home") : SLICE("not_home"));
	write_text(w, JSON_NAME("ip"), field_text_of(first, "address"));
	write_text(w, JSON_NAME("mac"), field_text_of(first, "mac"));
	write_text(w, JSON_NAME("host_name"), field_text(host));
	write_text(w, JSON_NAME("type"), field_text_of(device, "type"));
	write_text(w, JSON_NAME("attached_to"), field_text_of(device, "attached_to"));
	json_writer_close(w, '}');
}

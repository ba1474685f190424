/* SPDX-License-Identifier: ISC
 * fuzz_fleet: messages at a broker, a line each: the topic below discoverd/v1/, a blank, and what
 * is published; an empty line begins a new round. A watcher and a list are answered after each
 * round: every device has an id of its own, and what the watcher was told is what the list has. */
#include "client/field.h"
#include "fuzz.h"
#include "mqtt/fleet_session.h"
#include "wire/varlink_message.h"
#include <json-c/json.h>
#include <string.h>

enum { MESSAGES_MAX = 64, TOPIC_MAX = 4096 };

static void say(struct fleet *fleet, struct slice line, int64_t at)
{
	char text[TOPIC_MAX];
	struct slice topic;
	int len;

	slice_cut(&line, ' ', &topic);
	len = snprintf(text, sizeof(text), "discoverd/v1/%.*s", (int)topic.len, topic.bytes);
	if (len < TOPIC_MAX) {
		struct slice payload = fuzz_copy((const uint8_t *)line.bytes, line.len);
		fleet_take(fleet, (struct slice){text, strlen(text)}, payload, at % 3 ? at : 0);
		fuzz_free(payload);
	}
}

static void take_event(struct json_object *known, struct json_object *parameters)
{
	const char *event = json_object_get_string(field_get(parameters, "event"));
	struct json_object *device = field_get(parameters, "device");
	const char *id = json_object_get_string(field_get(device, "id"));

	if (!event)
		return;
	FUZZ_CHECK(id);
	bool was_known = field_get(known, id);
	FUZZ_CHECK(was_known == (strcmp(event, "added") != 0));
	if (strcmp(event, "removed") == 0)
		json_object_object_del(known, id);
	else
		field_add(known, id, json_object_get(device));
}

/* All replies of a session. */
static void read_replies(struct fleet_session *session,
    void (*take)(struct json_object *known, struct json_object *parameters),
    struct json_object *known)
{
	bool more = true;

	while (more || fleet_session_output(session).len) {
		more = fleet_session_turn(session);
		struct slice output = fleet_session_output(session);
		for (struct slice rest = output, text;
		     slice_cut(&rest, '\0', &text) && rest.bytes;) {
			struct varlink_reply reply;
			FUZZ_CHECK(varlink_reply_parse(text, &reply) == 0 && !reply.error);
			take(known, reply.parameters);
			varlink_reply_fini(&reply);
		}
		fleet_session_sent(session, output.len);
		if (output.len)
			more = true;
	}
	FUZZ_CHECK(!fleet_session_has_failed(session));
}

static void take_devices(struct json_object *listed, struct json_object *parameters)
{
	struct json_object *devices = field_get(parameters, "devices");

	for (size_t i = 0; i < field_length(devices); i++) {
		struct json_object *device = field_entry(devices, i);
		const char *id = json_object_get_string(field_get(device, "id"));
		FUZZ_CHECK(id && !field_get(listed, id));
		FUZZ_CHECK(field_length(field_get(device, "boards")) > 0);
		field_add(listed, id, json_object_get(device));
	}
}

static void take_nothing(struct json_object *known, struct json_object *parameters)
{
	(void)known;
	FUZZ_CHECK(parameters);
}

static void call(struct fleet_session *session, const char *text)
{
	FUZZ_CHECK(fleet_session_feed(session, (struct slice){text, strlen(text) + 1}) == 0);
}

/* Keys that change without an event are as they were when the device was reported last. */
static void compare(struct json_object *known, struct json_object *listed)
{
	FUZZ_CHECK(json_object_object_length(known) == json_object_object_length(listed));
	json_object_object_foreach(listed, id, device)
	{
		struct json_object *reported = field_get(known, id);
		FUZZ_CHECK(reported);
		json_object_object_foreach(device, key, value)
		{
			bool silent = !strcmp(key, "ids") || !strcmp(key, "attached_to") ||
				      !strcmp(key, "first_seen");
			FUZZ_CHECK(silent || json_object_equal(value, field_get(reported, key)));
		}
	}
}

static void check(struct fleet *fleet, struct fleet_session *watcher, struct json_object *known)
{
	const struct siphash_key key = {{3, 4}};
	struct fleet_session *other = fleet_session_new(fleet, "mqtt://x", &key);
	struct json_object *listed = json_object_new_object();

	FUZZ_CHECK(other);
	read_replies(watcher, take_event, known);
	call(other, "{\"method\":\"io.discoverd.List\",\"more\":true,\"parameters\":{\"filter\":"
		    "{\"neighbours\":true}}}");
	read_replies(other, take_devices, listed);
	call(other, "{\"method\":\"io.discoverd.Interfaces\"}");
	call(other, "{\"method\":\"io.discoverd.Status\"}");
	read_replies(other, take_nothing, NULL);
	compare(known, listed);
	json_object_put(listed);
	fleet_session_free(other);
}

int fuzz_fleet(const uint8_t *data, size_t size)
{
	const struct siphash_key key = {{1, 2}};
	struct slice rest = {(const char *)data, size}, line;
	struct json_object *known = json_object_new_object();
	struct fleet fleet;

	FUZZ_CHECK(fleet_init(&fleet, &key) == 0);
	struct fleet_session *watcher = fleet_session_new(&fleet, "mqtt://x", &key);
	FUZZ_CHECK(watcher);
	call(watcher, "{\"method\":\"io.discoverd.Monitor\",\"more\":true,\"parameters\":{"
		      "\"snapshot\":true,\"filter\":{\"neighbours\":true}}}");
	for (int i = 0; i < MESSAGES_MAX && slice_cut(&rest, '\n', &line); i++) {
		if (line.len) {
			say(&fleet, line, i);
			continue;
		}
		check(&fleet, watcher, known);
		fleet_sweep(&fleet);
		fleet_begin(&fleet);
	}
	check(&fleet, watcher, known);
	json_object_put(known);
	fleet_session_free(watcher);
	fleet_fini(&fleet);
	return 0;
}

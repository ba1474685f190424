/* SPDX-License-Identifier: ISC
 * Tests of mqtt/fleet_session, fleet_device, fleet_filter and fleet_monitor: what a program is
 * answered. */
#include "mqtt/fleet_session.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/writer.h"
#include "client/field.h"
#include "mqtt/fleet_fixture.h"
#include "suites.h"
#include "wire/varlink_message.h"

#define U1    "uuid:00000000-0000-4000-8000-000000000001"
#define U2    "uuid:00000000-0000-4000-8000-000000000002"
#define GATE1 "02:ff:00:00:00:01"
#define MAC1  "02:00:00:00:00:01"
#define MAC2  "02:00:00:00:00:02"

static struct fleet_session *session;

static void setup(void)
{
	fleet_setup();
	session = fleet_session_new(&fleet, "mqtt://broker", &fleet_key);
	ck_assert_ptr_nonnull(session);
}

static void teardown(void)
{
	fleet_session_free(session);
	fleet_teardown();
}

static void call(const char *text)
{
	ck_assert_int_eq(fleet_session_feed(session, (struct slice){text, strlen(text) + 1}), 0);
	while (fleet_session_turn(session))
		continue;
}

/* The next reply, for varlink_reply_fini(). */
static struct varlink_reply next(void)
{
	struct slice output = fleet_session_output(session);
	size_t len = slice_find(output, '\0');
	struct varlink_reply reply;

	ck_assert_uint_lt(len, output.len);
	ck_assert_int_eq(varlink_reply_parse(slice_head(output, len), &reply), 0);
	fleet_session_sent(session, len + 1);
	return reply;
}

static void expect_error(const char *error, const char *key, const char *value)
{
	struct varlink_reply reply = next();

	ck_assert_str_eq(reply.error, error);
	if (key)
		ck_assert_str_eq(field_text(field_get(reply.parameters, key)).bytes, value);
	ck_assert_uint_eq(fleet_session_output(session).len, 0);
	varlink_reply_fini(&reply);
}

/* "event name changed,changed" */
static void expect_event(const char *expected)
{
	struct varlink_reply reply = next();
	struct json_object *changed = field_get(reply.parameters, "changed");
	struct json_object *device = field_get(reply.parameters, "device");
	char text[512];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_slice(&w, field_text(field_get(reply.parameters, "event")));
	writer_char(&w, ' ');
	writer_slice(&w, field_text(field_get(device, "name")));
	for (size_t i = 0; i < field_length(changed); i++) {
		writer_char(&w, i ? ',' : ' ');
		writer_slice(&w, field_text(field_entry(changed, i)));
	}
	writer_char(&w, '\0');
	ck_assert_str_eq(text, expected);
	ck_assert(reply.continues);
	varlink_reply_fini(&reply);
}

static void expect_silence(void)
{
	ck_assert(!fleet_session_turn(session));
	ck_assert_uint_eq(fleet_session_output(session).len, 0);
}

static void say_two(void)
{
	say_board("home/a", GATE1, 2);
	say_device("home/a", U1, "192.168.1.5", MAC1, "\"type\":\"urn:x:device:Basic:1\"");
	say_device("home/a", U2, "192.168.1.6", MAC2, "\"host_names\":[\"tv.local\"]");
}

/* How many devices List gives with this filter. */
static size_t count(const char *filter)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "{\"method\":\"io.discoverd.List\",\"parameters\":{\"filter\":%s}}", filter);
	call(text);
	struct varlink_reply reply = next();
	ck_assert_ptr_null(reply.error);
	ck_assert(!reply.continues);
	size_t length = field_length(field_get(reply.parameters, "devices"));
	varlink_reply_fini(&reply);
	return length;
}

START_TEST(list_has_a_filter)
{
	say_two();
	say_device("home/a", "mac:02:00:00:00:00:03", "192.168.1.7", "02:00:00:00:00:03", "");
	say("home/a/device/n", "{\"id\":\"n\",\"name\":\"n\",\"kind\":\"neighbour\"}");
	ck_assert_uint_eq(count("null"), 3);
	ck_assert_uint_eq(count("{}"), 3);
	ck_assert_uint_eq(count("{\"neighbours\":true}"), 4);
	ck_assert_uint_eq(count("{\"kind\":\"neighbour\"}"), 1);
	ck_assert_uint_eq(count("{\"type\":\"Basic\"}"), 1);
	ck_assert_uint_eq(count("{\"type\":\"Bas\"}"), 0);
	ck_assert_uint_eq(count("{\"name\":\"" U2 "\"}"), 1);
	ck_assert_uint_eq(count("{\"name\":\"uuid:*\"}"), 2);
	ck_assert_uint_eq(count("{\"address\":\"192.168.1.5\"}"), 1);
	ck_assert_uint_eq(count("{\"interface\":\"home/*\"}"), 3);
	ck_assert_uint_eq(count("{\"interface\":\"eth0\"}"), 0);
	ck_assert_uint_eq(count("{\"via\":\"ssdp\"}"), 0); /* no endpoint has it */
}
END_TEST

START_TEST(list_with_more_comes_in_batches)
{
	char id[64], address[64];
	size_t found = 0, replies = 0;
	bool continues = true;

	say_board("home/a", NULL, 200);
	for (int i = 0; i < 200; i++) {
		snprintf(id, sizeof(id), "uuid:00000000-0000-4000-8000-0000000000%02x", i);
		snprintf(address, sizeof(address), "192.168.1.%d", i);
		say_device("home/a", id, address, NULL, "");
	}
	call("{\"method\":\"io.discoverd.List\",\"more\":true}");
	for (; continues; replies++) {
		struct varlink_reply reply = next();
		size_t length = field_length(field_get(reply.parameters, "devices"));
		ck_assert_uint_le(length, 64);
		found += length;
		continues = reply.continues;
		varlink_reply_fini(&reply);
	}
	ck_assert_uint_eq(found, 200);
	ck_assert_uint_eq(replies, 4);
	expect_silence();
}
END_TEST

static void expect_device(const char *asked, const char *name)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "{\"method\":\"io.discoverd.Get\",\"parameters\":{\"id\":\"%s\"}}", asked);
	call(text);
	struct varlink_reply reply = next();
	ck_assert_msg(!reply.error, "%s: %s", asked, reply.error);
	struct json_object *device = field_get(reply.parameters, "device");
	ck_assert_str_eq(field_text(field_get(device, "name")).bytes, name);
	varlink_reply_fini(&reply);
}

START_TEST(get_finds_by_each_key)
{
	say_two();
	expect_device(U1, U1);
	expect_device("urn:" U1, U1);
	expect_device(&U1[5], U1);
	expect_device(MAC2, U2);
	expect_device("192.168.1.6", U2);
	expect_device("TV.local", U2);
	call("{\"method\":\"io.discoverd.Get\",\"parameters\":{\"id\":\"x\"}}");
	expect_error("io.discoverd.NotFound", "id", "x");
	say("home/a/device/n",
	    "{\"id\":\"n\",\"name\":\"n\",\"kind\":\"neighbour\",\"host_names\":[\"tv.local\"]}");
	expect_device("tv.local", U2); /* a device is meant rather than a neighbour */
	say_device("home/a", "x", "192.168.1.5", NULL, "");
	call("{\"method\":\"io.discoverd.Get\",\"parameters\":{\"id\":\"192.168.1.5\"}}");
	expect_error("io.discoverd.Ambiguous", "id", "192.168.1.5");
}
END_TEST

START_TEST(a_device_has_what_its_boards_say)
{
	static const char *const KEYS[] = {"id", "ids", "name", "type", "manufacturer", "model",
	    "model_number", "serial", "presentation_url", "icon_url", "kind", "protocols",
	    "addresses", "host_names", "attached_to", "reachable", "first_seen", "last_seen",
	    "expires_in", "flags", "endpoints", "site", "boards"};
	size_t i = 0;

	say_board("home/a", GATE1, 1);
	say_board("home/b", GATE1, 1);
	say("home/a/device/tv.local",
	    "{\"id\":\"tv.local\",\"name\":\"tv\",\"kind\":\"neighbour\",\"protocols\":"
	    "[\"neighbour\"],\"first_seen\":\"2026-01-01T00:00:00Z\",\"addresses\":[{\"address\":"
	    "\"192.168.1.5\",\"interface\":\"eth0\",\"mac\":\"" MAC1 "\"}],\"model\":\"M\"}");
	say("home/b/device/" U1,
	    "{\"id\":\"" U1 "\",\"name\":\"Television\",\"kind\":\"device\",\"protocols\":"
	    "[\"ssdp\"],\"first_seen\":\"2026-01-02T00:00:00Z\",\"addresses\":[{\"address\":"
	    "\"192.168.1.5\",\"interface\":\"eth0\",\"mac\":\"" MAC1 "\"}],\"attached_to\":\"x\","
	    "\"endpoints\":[{\"protocol\":\"ssdp\",\"key\":\"" U1 "\"}]}");
	call("{\"method\":\"io.discoverd.Get\",\"parameters\":{\"id\":\"" U1 "\"}}");
	struct varlink_reply reply = next();
	struct json_object *device = field_get(reply.parameters, "device");
	json_object_object_foreach(device, key, value)
	{
		(void)value;
		ck_assert_str_eq(key, KEYS[i++]);
	}
	ck_assert_uint_eq(i, sizeof(KEYS) / sizeof(*KEYS));
	ck_assert_str_eq(field_text(field_get(device, "name")).bytes, "Television");
	ck_assert_str_eq(field_text(field_get(device, "model")).bytes, "M");
	ck_assert_str_eq(field_text(field_get(device, "first_seen")).bytes, "2026-01-01T00:00:00Z");
	ck_assert_str_eq(field_text(field_get(device, "ids")).bytes, "[ \"tv.local\" ]");
	ck_assert_str_eq(field_text(field_get(device, "protocols")).bytes, "[ \"ssdp\" ]");
	ck_assert_ptr_null(field_get(device, "attached_to"));
	struct json_object *address = field_entry(field_get(device, "addresses"), 0);
	ck_assert_uint_eq(field_length(field_get(device, "addresses")), 1);
	ck_assert_str_eq(field_text(field_get(address, "interface")).bytes, "home/192.168.1.0/24");
	varlink_reply_fini(&reply);
}
END_TEST

START_TEST(wrong_calls_are_refused)
{
	call("{\"method\":\"io.discoverd.Reload\"}");
	expect_error("org.varlink.service.MethodNotFound", "method", "io.discoverd.Reload");
	call("{\"method\":\"io.discoverd.Get\"}");
	expect_error("org.varlink.service.InvalidParameter", "parameter", "id");
	call("{\"method\":\"io.discoverd.List\",\"parameters\":{\"filter\":{\"x\":1}}}");
	expect_error("org.varlink.service.InvalidParameter", "parameter", "filter.x");
	call("{\"method\":\"io.discoverd.List\",\"parameters\":{\"filter\":{\"via\":1}}}");
	expect_error("org.varlink.service.InvalidParameter", "parameter", "filter.via");
	call("{\"method\":\"io.discoverd.List\",\"parameters\":{\"filter\":7}}");
	expect_error("org.varlink.service.InvalidParameter", "parameter", "filter");
	call("{\"method\":\"io.discoverd.Monitor\"}");
	expect_error("org.varlink.service.ExpectedMore", NULL, NULL);
	ck_assert(!fleet_session_has_failed(session));
	call("{\"method\":7}");
	ck_assert(fleet_session_has_failed(session));
	ck_assert_int_eq(fleet_session_feed(session, SLICE("x")), -EBADMSG);
}
END_TEST

START_TEST(monitor_reports_what_differs)
{
	say_two();
	call("{\"method\":\"io.discoverd.Monitor\",\"more\":true,\"parameters\":"
	     "{\"snapshot\":true}}");
	ck_assert(fleet_session_follows(session));
	expect_event("added " U1);
	expect_event("added " U2);
	expect_event(" ");
	expect_silence();
	say_two(); /* as after a new connection */
	expect_silence();
	say_device("home/a", U1, "192.168.1.9", MAC1, "\"type\":\"urn:x:device:Basic:1\"");
	fleet_session_turn(session);
	expect_event("updated " U1 " addresses");
	say_board("home/b", GATE1, 1);
	say_device("home/b", U1, "192.168.1.9", MAC1, "\"attached_to\":\"br0/eth1\"");
	fleet_session_turn(session);
	expect_event("updated " U1 " boards");
	say("home/a/state", "{\"online\":false}");
	fleet_session_turn(session);
	expect_event("updated " U1 " type,boards");
	expect_event("updated " U2 " flags");
	say("home/a/device/" U2, "");
	fleet_session_turn(session);
	expect_event("removed " U2);
	expect_silence();
}
END_TEST

START_TEST(monitor_without_a_snapshot_begins_with_changes)
{
	say_two();
	call("{\"method\":\"io.discoverd.Monitor\",\"more\":true,\"parameters\":"
	     "{\"filter\":{\"address\":\"*.5\"}}}");
	expect_event(" ");
	say_device("home/a", U2, "192.168.1.7", MAC2, "");
	expect_silence();
	say_device("home/a", U2, "192.168.2.5", MAC2, "");
	fleet_session_turn(session);
	expect_event("added " U2); /* selected from now on */
	say_device("home/a", U2, "192.168.2.6", MAC2, "");
	fleet_session_turn(session);
	expect_event("removed " U2);
	expect_silence();
}
END_TEST

/* What a program does not read is not kept for it: it gets the newest. */
START_TEST(a_slow_watcher_costs_no_memory)
{
	char id[64], pad[3000], members[3100];
	size_t most = 0;

	memset(pad, 'x', sizeof(pad) - 1);
	pad[sizeof(pad) - 1] = '\0';
	snprintf(members, sizeof(members), "\"model\":\"%s\"", pad);
	say_board("home/a", NULL, 500);
	for (int i = 0; i < 500; i++) {
		snprintf(id, sizeof(id), "uuid:00000000-0000-4000-8000-000000000%03x", i);
		say_device("home/a", id, "192.168.1.9", NULL, members);
	}
	call("{\"method\":\"io.discoverd.Monitor\",\"more\":true,\"parameters\":"
	     "{\"snapshot\":true}}");
	for (int round = 0; round < 100; round++) {
		say_device("home/a", id, round % 2 ? "192.168.1.8" : "192.168.1.7", NULL, members);
		fleet_session_turn(session);
		size_t len = fleet_session_output(session).len;
		most = len > most ? len : most;
	}
	ck_assert_uint_lt(most, 300 * 1024);
	size_t events = 0;
	while (fleet_session_output(session).len) {
		struct varlink_reply reply = next();
		events++;
		varlink_reply_fini(&reply);
		if (!fleet_session_output(session).len)
			fleet_session_turn(session);
	}
	ck_assert_uint_eq(events, 501);
}
END_TEST

START_TEST(networks_and_state_are_those_of_the_fleet)
{
	call("{\"method\":\"io.discoverd.Status\"}");
	struct varlink_reply reply = next();
	ck_assert_str_eq(field_text(field_get(reply.parameters, "name")).bytes, "mqtt://broker");
	ck_assert_uint_eq(field_length(field_get(reply.parameters, "warnings")), 1);
	varlink_reply_fini(&reply);
	say_two();
	call("{\"method\":\"io.discoverd.Status\"}");
	reply = next();
	ck_assert_uint_eq(field_length(field_get(reply.parameters, "warnings")), 0);
	ck_assert_int_eq(json_object_get_int(field_get(reply.parameters, "devices")), 2);
	varlink_reply_fini(&reply);
	call("{\"method\":\"io.discoverd.Interfaces\"}");
	reply = next();
	ck_assert_uint_eq(field_length(field_get(reply.parameters, "interfaces")), 2);
	varlink_reply_fini(&reply);
}
END_TEST

Suite *fleet_session_suite(void)
{
	Suite *suite = suite_create("mqtt/fleet_session");
	TCase *tcase = tcase_create("fleet_session");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, list_has_a_filter);
	tcase_add_test(tcase, list_with_more_comes_in_batches);
	tcase_add_test(tcase, get_finds_by_each_key);
	tcase_add_test(tcase, a_device_has_what_its_boards_say);
	tcase_add_test(tcase, wrong_calls_are_refused);
	tcase_add_test(tcase, monitor_reports_what_differs);
	tcase_add_test(tcase, monitor_without_a_snapshot_begins_with_changes);
	tcase_add_test(tcase, a_slow_watcher_costs_no_memory);
	tcase_add_test(tcase, networks_and_state_are_those_of_the_fleet);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of mqtt/document and mqtt/tracker: the texts that are published. */
#include "mqtt/document.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "mqtt/tracker.h"
#include "suites.h"

static struct json_writer w;

static void teardown(void)
{
	json_writer_fini(&w);
}

static const char *written(void)
{
	json_writer_bytes(&w, (struct slice){"", 1});
	ck_assert(!w.failed);
	return w.bytes;
}

static struct json_object *parsed(const char *text)
{
	struct json_object *object = json_tokener_parse(text);

	ck_assert_ptr_nonnull(object);
	return object;
}

START_TEST(a_document_has_no_times_that_always_change)
{
	struct json_object *device =
	    parsed("{\"id\":\"a\",\"first_seen\":\"x\",\"last_seen\":\"y\",\"expires_in\":7,"
		   "\"endpoints\":[{\"key\":\"k\",\"last_seen\":\"y\",\"expires_in\":7,"
		   "\"services\":[{\"type\":\"t\",\"expires_in\":7}]},{\"key\":\"l\"},null,5]}");
	size_t len;
	char *text = document_of_device(device, &len);

	ck_assert_str_eq(text, "{\"id\":\"a\",\"first_seen\":\"x\",\"endpoints\":[{\"key\":\"k\","
			       "\"services\":[{\"type\":\"t\"}]},{\"key\":\"l\"},null,5]}");
	ck_assert_uint_eq(len, strlen(text));
	free(text);
	json_object_put(device);
}
END_TEST

START_TEST(state_and_info_are_written)
{
	struct json_object *links = parsed("[{\"name\":\"eth0\"}]");

	document_write_state(&w, true, 1796072304123);
	ck_assert_str_eq(written(), "{\"online\":true,\"session\":1796072304123}");
	json_writer_fini(&w);
	document_write_info(&w, &(struct document_board){"1.0", "b", links, 5, 12});
	ck_assert_str_eq(written(), "{\"version\":\"1.0\",\"name\":\"b\",\"session\":5,"
				    "\"devices\":12,\"links\":[{\"name\":\"eth0\"}]}");
	json_writer_fini(&w);
	document_write_info(&w, &(struct document_board){"1.0", NULL, NULL, 5, 0});
	ck_assert_str_eq(written(), "{\"version\":\"1.0\",\"name\":null,\"session\":5,"
				    "\"devices\":0,\"links\":[]}");
	json_object_put(links);
}
END_TEST

START_TEST(events_are_written)
{
	struct json_object *device =
	    parsed("{\"id\":\"a\",\"name\":\"\\\"x\\\"\",\"addresses\":[{\"address\":\"::1\"}]}");

	document_write_event(&w, "moved", device, "10.0.0.1", NULL);
	ck_assert_str_eq(written(), "{\"event\":\"moved\",\"id\":\"a\",\"name\":\"\\\"x\\\"\","
				    "\"address\":\"::1\",\"former\":\"10.0.0.1\"}");
	json_writer_fini(&w);
	document_write_event(&w, "removed", NULL, NULL, "b");
	ck_assert_str_eq(written(), "{\"event\":\"removed\",\"id\":null,\"name\":null,"
				    "\"address\":null,\"merged_into\":\"b\"}");
	json_object_put(device);
}
END_TEST

START_TEST(a_link_has_what_is_constant_and_its_segment)
{
	struct json_object *interface = parsed("{\"index\":2,\"name\":\"eth0\",\"received\":5,"
					       "\"gateway\":\"10.0.0.1\",\"up\":true}");
	struct json_object *link = document_of_link(interface, "02:00:00:00:00:01");

	ck_assert_str_eq(json_object_to_json_string_ext(link, JSON_C_TO_STRING_PLAIN),
	    "{\"name\":\"eth0\",\"kind\":null,\"mac\":null,\"up\":true,\"addresses\":null,"
	    "\"gateway\":\"10.0.0.1\",\"segment\":\"02:00:00:00:00:01\"}");
	json_object_put(link);
	json_object_put(interface);
}
END_TEST

/* --- Home Assistant --- */

static const struct tracker_board BOARD = {"homeassistant", "home", "b/1", "1.0"};

static const struct {
	const char *text, *name;
} NAMES[] = {
    {"aZ09-", "aZ09-"},
    {"a.b", "a_2eb"},
    {"a_b", "a_5fb"},
    {"\xc3\xbc/+", "_c3_bc_2f_2b"},
};

START_TEST(a_name_for_home_assistant_stands_for_one_text)
{
	char buffer[64];
	struct writer name;

	writer_init(&name, buffer, sizeof(buffer));
	tracker_write_name(&name, slice_of(NAMES[_i].text));
	ck_assert(slice_equal(writer_result(&name), slice_of(NAMES[_i].name)));
}
END_TEST

START_TEST(a_tracker_is_described)
{
	struct json_object *device = parsed(
	    "{\"id\":\"mac:02\",\"name\":\"TV\",\"manufacturer\":null,\"model\":\"M\","
	    "\"presentation_url\":\"javascript:x\",\"kind\":\"device\",\"addresses\":[{"
	    "\"address\":\"10.0.0.2\",\"mac\":\"00:11:22:33:44:55\",\"random_mac\":false}]}");

	ck_assert(tracker_wants(device));
	tracker_write_config(&w, &BOARD, device);
	ck_assert_str_eq(written(),
	    "{\"name\":null,\"unique_id\":\"discoverd_b_2f1__mac_3a02\","
	    "\"state_topic\":\"homeassistant/device_tracker/b_2f1/mac_3a02/state\","
	    "\"value_template\":\"{{ value_json.state }}\","
	    "\"json_attributes_topic\":\"homeassistant/device_tracker/b_2f1/mac_3a02/state\","
	    "\"source_type\":\"router\","
	    "\"availability_topic\":\"discoverd/v1/home/b%2F1/state\","
	    "\"availability_template\":\"{{ 'online' if value_json.online else 'offline' }}\","
	    "\"device\":{\"identifiers\":[\"discoverd_b_2f1__mac_3a02\"],"
	    "\"connections\":[[\"mac\",\"00:11:22:33:44:55\"]],\"name\":\"TV\",\"model\":\"M\"},"
	    "\"origin\":{\"name\":\"discoverd-mqtt\",\"sw_version\":\"1.0\"}}");
	json_writer_fini(&w);
	tracker_write_state(&w, device, true);
	ck_assert_str_eq(
	    written(), "{\"state\":\"home\",\"ip\":\"10.0.0.2\",\"mac\":\"00:11:22:33:44:55\"}");
	json_writer_fini(&w);
	tracker_write_state(&w, NULL, false);
	ck_assert_str_eq(written(), "{\"state\":\"not_home\"}");
	json_object_put(device);
}
END_TEST

static const char *const UNWANTED[] = {
    "{\"id\":\"a\",\"kind\":\"control-point\"}",
    "{\"id\":\"a\",\"kind\":\"neighbour\"}",
    "{\"id\":\"a\"}",
};

START_TEST(what_only_asks_is_not_tracked)
{
	struct json_object *device = parsed(UNWANTED[_i]);

	ck_assert(!tracker_wants(device));
	json_object_put(device);
}
END_TEST

Suite *document_suite(void)
{
	Suite *suite = suite_create("mqtt/document");
	TCase *tcase = tcase_create("document"), *tracker = tcase_create("tracker");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, a_document_has_no_times_that_always_change);
	tcase_add_test(tcase, state_and_info_are_written);
	tcase_add_test(tcase, events_are_written);
	tcase_add_test(tcase, a_link_has_what_is_constant_and_its_segment);
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tracker, NULL, teardown);
	tcase_add_loop_test(
	    tracker, a_name_for_home_assistant_stands_for_one_text, 0, COUNT_OF(NAMES));
	tcase_add_test(tracker, a_tracker_is_described);
	tcase_add_loop_test(tracker, what_only_asks_is_not_tracked, 0, COUNT_OF(UNWANTED));
	suite_add_tcase(suite, tracker);
	return suite;
}

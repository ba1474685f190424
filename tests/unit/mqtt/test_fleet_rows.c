/* SPDX-License-Identifier: ISC
 * Tests of mqtt/fleet_rows and fleet_networks: which documents are about one device. */
#include "base/writer.h"
#include "mqtt/fleet_fixture.h"
#include "suites.h"

#include <json-c/json.h>
#include <stdio.h>

#include "client/field.h"
#include "mqtt/fleet_networks.h"

#define U1    "uuid:00000000-0000-4000-8000-000000000001"
#define U2    "uuid:00000000-0000-4000-8000-000000000002"
#define GATE1 "02:ff:00:00:00:01"
#define GATE2 "02:ff:00:00:00:02"
#define MAC1  "02:00:00:00:00:01"
#define MAC2  "02:00:00:00:00:02"

START_TEST(two_boards_in_one_network_give_one_row)
{
	say_board("home/a", GATE1, 3);
	say_board("home/b", GATE1, 3);
	say_device("home/a", U1, "192.168.1.5", MAC1, "");
	say_device("home/b", U1, "192.168.1.5", MAC1, "");
	say_device("home/a", "tv.local", "192.168.1.6", MAC2, "");
	say_device("home/b", "mac:" MAC2, "192.168.1.6", MAC2, "");
	ck_assert_str_eq(devices(),
	    "home/" GATE1 "/" MAC2 " at home: a,b 192.168.1.6\n" U1 " at home: a,b 192.168.1.5\n");
}
END_TEST

START_TEST(a_board_that_knows_no_uuid_joins_by_the_mac)
{
	say_board("home/a", GATE1, 1);
	say_board("home/b", GATE1, 1);
	say_device("home/a", U1, "192.168.1.5", MAC1, "");
	say_device("home/b", "tv.local", "192.168.1.5", MAC1, "");
	ck_assert_str_eq(devices(), U1 " at home: a,b 192.168.1.5\n");
}
END_TEST

START_TEST(further_ids_join)
{
	say_board("home/a", NULL, 1);
	say_board("home/b", NULL, 1);
	/* whether their networks are one is not known */
	say_device("home/a", U1, "192.168.1.5", NULL, "\"ids\":[\"" U2 "\"]");
	say_device("home/b", U2, "192.168.1.5", NULL, "");
	ck_assert_str_eq(devices(), U1 " at home: a,b 192.168.1.5,192.168.1.5\n");
}
END_TEST

START_TEST(equal_addresses_in_two_sites_do_not_meet)
{
	say_board("home/a", GATE1, 1);
	say_board("work/a", GATE1, 1);
	say_device("home/a", "tv.local", "192.168.1.5", MAC1, "");
	say_device("work/a", "tv.local", "192.168.1.5", MAC1, "");
	ck_assert_str_eq(devices(), "home/" GATE1 "/" MAC1 " at home: a 192.168.1.5\n"
				    "work/" GATE1 "/" MAC1 " at work: a 192.168.1.5\n");
}
END_TEST

START_TEST(equal_addresses_in_two_networks_do_not_meet)
{
	say_board("home/a", GATE1, 1);
	say_board("home/b", GATE2, 1);
	say_device("home/a", "tv.local", "192.168.1.5", MAC1, "");
	say_device("home/b", "tv.local", "192.168.1.5", MAC1, "");
	ck_assert_str_eq(devices(), "home/" GATE1 "/" MAC1 " at home: a 192.168.1.5\n"
				    "home/" GATE2 "/" MAC1 " at home: b 192.168.1.5\n");
}
END_TEST

START_TEST(without_a_gateway_a_device_is_of_its_board)
{
	say_board("home/a", NULL, 1);
	say_board("home/b", NULL, 1);
	say_device("home/a", "tv.local", "192.168.1.5", MAC1, "");
	say_device("home/b", "tv.local", "192.168.1.5", MAC1, "");
	ck_assert_str_eq(devices(),
	    "home/a/tv.local at home: a 192.168.1.5\nhome/b/tv.local at home: b 192.168.1.5\n");
}
END_TEST

START_TEST(a_uuid_of_two_devices_is_no_key)
{
	const char *flag = "\"flags\":[\"duplicate-uuid\"]";

	say_board("home/a", GATE1, 2);
	say_board("home/b", GATE1, 1);
	say_device("home/a", U1, "192.168.1.5", MAC1, flag);
	say_device("home/a", "mac:" MAC2, "192.168.1.6", MAC2,
	    "\"ids\":[\"" U1 "\"],\"flags\":[\"duplicate-uuid\"]");
	say_device("home/b", U1, "192.168.1.6", MAC2, ""); /* it has not heard the other */
	ck_assert_str_eq(devices(),
	    "home/" GATE1 "/" MAC1 " at home: a 192.168.1.5 duplicate-uuid\n"
	    "home/" GATE1 "/" MAC2 " at home: a,b 192.168.1.6 duplicate-uuid\n");
}
END_TEST

START_TEST(the_nil_uuid_joins_nothing)
{
	const char *nil = "uuid:00000000-0000-0000-0000-000000000000";

	say_board("home/a", NULL, 1);
	say_board("home/b", NULL, 1);
	say_device("home/a", nil, "192.168.1.5", NULL, "");
	say_device("home/b", nil, "192.168.1.6", NULL, "");
	ck_assert_str_eq(devices(),
	    "home/a/uuid:00000000-0000-0000-0000-000000000000 at home: a 192.168.1.5\n"
	    "home/b/uuid:00000000-0000-0000-0000-000000000000 at home: b 192.168.1.6\n");
}
END_TEST

/* Behind a repeater, two devices have its MAC. */
START_TEST(a_mac_of_several_devices_counts_with_the_address)
{
	say_board("home/a", GATE1, 2);
	say_board("home/b", GATE1, 2);
	say_device("home/a", "tv.local", "192.168.1.5", MAC1, "");
	say_device("home/a", "nas.local", "192.168.1.6", MAC1, "");
	say_device("home/b", "tv.local", "192.168.1.5", MAC1, "");
	say_device("home/b", "nas.local", "192.168.1.6", MAC1, "");
	ck_assert_str_eq(devices(),
	    "home/" GATE1 "/" MAC1 "/192.168.1.5 at home: a,b 192.168.1.5\n"
	    "home/" GATE1 "/" MAC1 "/192.168.1.6 at home: a,b 192.168.1.6\n");
}
END_TEST

static void say_seen(const char *path, int64_t published, const char *address, const char *first)
{
	char topic[256], text[1024];

	snprintf(topic, sizeof(topic), "%s/device/" U1, path);
	snprintf(text, sizeof(text),
	    "{\"id\":\"" U1 "\",\"name\":\"phone\",\"first_seen\":\"%s\",\"addresses\":"
	    "[{\"address\":\"%s\",\"interface\":\"eth0\"}]}",
	    first, address);
	say_at(published, topic, text);
}

START_TEST(a_device_that_roams_is_where_it_was_seen_last)
{
	say_board("home/a", GATE1, 1);
	say_board("work/b", GATE1, 1);
	say_seen("home/a", 1000, "192.168.1.5", "2026-01-02T00:00:00Z");
	say_seen("work/b", 2000, "192.168.1.77", "2026-01-01T00:00:00Z");
	ck_assert_str_eq(devices(), U1 " at work: b 192.168.1.77\n");
	say_seen("home/a", 3000, "192.168.1.6", "2026-01-02T00:00:00Z");
	ck_assert_str_eq(devices(), U1 " at home: a 192.168.1.6\n");
}
END_TEST

/* A broker of MQTT 3.1.1 does not tell when a message was published. */
START_TEST(without_a_time_it_is_where_it_was_seen_first_the_latest)
{
	say_board("home/a", GATE1, 1);
	say_board("work/b", GATE1, 1);
	say_seen("home/a", 0, "192.168.1.5", "2026-01-02T00:00:00Z");
	say_seen("work/b", 0, "192.168.1.77", "2026-01-01T00:00:00Z");
	ck_assert_str_eq(devices(), U1 " at home: a 192.168.1.5\n");
}
END_TEST

START_TEST(the_address_of_the_last_network_comes_first)
{
	say_board("home/a", GATE1, 1);
	say_board("home/b", GATE2, 1);
	say_seen("home/a", 1000, "192.168.1.5", "2026-01-01T00:00:00Z");
	say_seen("home/b", 2000, "192.168.1.77", "2026-01-02T00:00:00Z");
	ck_assert_str_eq(devices(), U1 " at home: a,b 192.168.1.77,192.168.1.5\n");
	say_seen("home/a", 3000, "192.168.1.5", "2026-01-01T00:00:00Z");
	ck_assert_str_eq(devices(), U1 " at home: a,b 192.168.1.5,192.168.1.77\n");
}
END_TEST

START_TEST(devices_of_a_board_that_is_offline_are_stale)
{
	say_board("home/a", GATE1, 2);
	say_board("home/b", GATE1, 1);
	say_device("home/a", U1, "192.168.1.5", MAC1, "");
	say_device("home/b", U1, "192.168.1.5", MAC1, "");
	say_device("home/a", U2, "192.168.1.6", MAC2, "\"flags\":[\"restored\"]");
	say("home/a/state", "{\"online\":false}");
	ck_assert_str_eq(devices(),
	    U1 " at home: b 192.168.1.5\n" U2 " at home: a 192.168.1.6 restored,stale\n");
	say("home/b/state", ""); /* as a broker forgets it */
	ck_assert_str_eq(devices(),
	    U1 " at home: a,b 192.168.1.5 stale\n" U2 " at home: a 192.168.1.6 restored,stale\n");
	say_board("home/a", GATE1, 2);
	ck_assert_str_eq(
	    devices(), U1 " at home: a 192.168.1.5\n" U2 " at home: a 192.168.1.6 restored\n");
}
END_TEST

START_TEST(a_device_of_a_board_without_a_state_is_stale)
{
	say_device("home/a", U1, "192.168.1.5", MAC1, "");
	ck_assert_str_eq(devices(), U1 " at home: a 192.168.1.5 stale\n");
}
END_TEST

/* What a board that is offline said last is no place where a device was seen last. */
START_TEST(a_board_that_is_online_counts_more)
{
	say_board("home/a", GATE1, 1);
	say_board("work/b", GATE1, 1);
	say_seen("home/a", 1000, "192.168.1.5", "2026-01-01T00:00:00Z");
	say_seen("work/b", 2000, "192.168.1.77", "2026-01-02T00:00:00Z");
	say("work/b/state", "{\"online\":false}");
	ck_assert_str_eq(devices(), U1 " at home: a 192.168.1.5\n");
}
END_TEST

static void expect_networks(const char *expected)
{
	struct fleet_networks networks;
	char text[1024];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	ck_assert_int_eq(fleet_networks_make(&networks, &fleet), 0);
	struct json_object *interfaces = fleet_networks_describe(&networks, &fleet);
	for (size_t i = 0; i < field_length(interfaces); i++) {
		struct json_object *interface = field_entry(interfaces, i);
		writer_slice(&w, field_text(field_get(interface, "name")));
		writer_text(&w, " of ");
		writer_slice(&w, field_text(field_get(interface, "master")));
		writer_format(&w, " %zu\n", field_length(field_get(interface, "addresses")));
	}
	writer_char(&w, '\0');
	ck_assert_str_eq(text, expected);
	json_object_put(interfaces);
	fleet_networks_fini(&networks, &fleet);
}

START_TEST(networks_have_names_of_their_own)
{
	expect_networks("");
	say_board("home/a", GATE1, 0);
	say_board("home/b", GATE1, 0);
	say_board("work/a", GATE1, 0);
	expect_networks("home of  0\nwork of  0\nhome/192.168.1.0/24 of home 2\n"
			"work/192.168.1.0/24 of work 1\n");
	say_board("home/b", GATE2, 0);
	say_board("work/a", NULL, 0);
	expect_networks("home of  0\nwork of  0\n"
			"home/192.168.1.0/24 (" GATE1 ") of home 1\n"
			"home/192.168.1.0/24 (" GATE2 ") of home 1\nwork/a/eth0 of work 1\n");
	say("home/b/info", "{\"links\":[{\"name\":\"eth1\",\"segment\":\"" GATE2 "\"},{},7]}");
	say("work/a/info", "{\"name\":\"x\",\"links\":7}");
	expect_networks("home of  0\nwork of  0\nhome/192.168.1.0/24 of home 1\n"
			"home/" GATE2 " of home 0\n");
}
END_TEST

Suite *fleet_rows_suite(void)
{
	Suite *suite = suite_create("mqtt/fleet_rows");
	TCase *tcase = tcase_create("fleet_rows");

	tcase_add_checked_fixture(tcase, fleet_setup, fleet_teardown);
	tcase_add_test(tcase, two_boards_in_one_network_give_one_row);
	tcase_add_test(tcase, a_board_that_knows_no_uuid_joins_by_the_mac);
	tcase_add_test(tcase, further_ids_join);
	tcase_add_test(tcase, equal_addresses_in_two_sites_do_not_meet);
	tcase_add_test(tcase, equal_addresses_in_two_networks_do_not_meet);
	tcase_add_test(tcase, without_a_gateway_a_device_is_of_its_board);
	tcase_add_test(tcase, a_uuid_of_two_devices_is_no_key);
	tcase_add_test(tcase, the_nil_uuid_joins_nothing);
	tcase_add_test(tcase, a_mac_of_several_devices_counts_with_the_address);
	tcase_add_test(tcase, a_device_that_roams_is_where_it_was_seen_last);
	tcase_add_test(tcase, without_a_time_it_is_where_it_was_seen_first_the_latest);
	tcase_add_test(tcase, the_address_of_the_last_network_comes_first);
	tcase_add_test(tcase, devices_of_a_board_that_is_offline_are_stale);
	tcase_add_test(tcase, a_device_of_a_board_without_a_state_is_stale);
	tcase_add_test(tcase, a_board_that_is_online_counts_more);
	tcase_add_test(tcase, networks_have_names_of_their_own);
	suite_add_tcase(suite, tcase);
	return suite;
}

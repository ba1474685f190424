/* SPDX-License-Identifier: ISC
 * Tests of mqtt/fleet: what boards have published, and what of it is missing. */
#include "mqtt/fleet_fixture.h"
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define U1 "uuid:00000000-0000-4000-8000-000000000001"
#define U2 "uuid:00000000-0000-4000-8000-000000000002"

static void expect_progress(
    uint64_t boards, uint64_t uninformed, uint64_t devices, uint64_t missing)
{
	struct fleet_progress progress = fleet_progress(&fleet);

	ck_assert_uint_eq(progress.boards, boards);
	ck_assert_uint_eq(progress.uninformed, uninformed);
	ck_assert_uint_eq(progress.devices, devices);
	ck_assert_uint_eq(progress.missing, missing);
}

START_TEST(what_is_missing_is_known)
{
	expect_progress(0, 0, 0, 0);
	say("home/b/state", "{\"online\":true}");
	expect_progress(1, 1, 0, 0);
	say_board("home/b", NULL, 2);
	expect_progress(1, 0, 0, 2);
	say_device("home/b", U1, "192.168.1.5", NULL, "");
	expect_progress(1, 0, 1, 1);
	say_device("home/b", U2, "192.168.1.6", NULL, "");
	expect_progress(1, 0, 2, 0);
	say("home/b/device/" U2, "");
	expect_progress(1, 0, 1, 1);
	say("home/b/state", "{\"online\":false}");
	expect_progress(1, 0, 1, 0); /* its documents run out */
}
END_TEST

START_TEST(what_is_not_said_again_is_swept)
{
	say_board("home/a", NULL, 1);
	say_board("home/b", NULL, 2);
	say_device("home/a", U1, "192.168.1.5", NULL, "");
	say_device("home/b", U1, "192.168.1.5", NULL, "");
	say_device("home/b", U2, "192.168.1.6", NULL, "");
	fleet_begin(&fleet);
	expect_progress(0, 0, 0, 0);
	say_board("home/b", NULL, 1);
	say_device("home/b", U2, "192.168.1.6", NULL, "");
	expect_progress(1, 0, 1, 0);
	fleet_sweep(&fleet);
	ck_assert_str_eq(devices(), U2 " at home: b 192.168.1.6\n");
	ck_assert_ptr_eq(TAILQ_NEXT(TAILQ_FIRST(&fleet.all), next), NULL);
}
END_TEST

START_TEST(each_board_is_asked_once_in_a_round)
{
	ck_assert_ptr_null(fleet_next_board(&fleet));
	say("home/a/state", "{\"online\":true}");
	ck_assert_str_eq(fleet_next_board(&fleet)->id, "a");
	ck_assert_ptr_null(fleet_next_board(&fleet));
	say("home/a/info", "{}");
	ck_assert_ptr_null(fleet_next_board(&fleet));
	say("home/b%2Fc/state", "{\"online\":true}");
	ck_assert_str_eq(fleet_next_board(&fleet)->id, "b/c");
	fleet_begin(&fleet);
	ck_assert_str_eq(fleet_next_board(&fleet)->id, "a");
	say("home/a/state", "{\"online\":true}");
	fleet_sweep(&fleet); /* the next one goes */
	ck_assert_ptr_null(fleet_next_board(&fleet));
}
END_TEST

static const char *const BROKEN[] = {"null", "[]", "{", "{}", "{\"id\":\"x\"}",
    "{\"id\":\"x\",\"name\":\"\"}", "{\"id\":\"\",\"name\":\"x\"}",
    "{\"id\":\"x\\u0000y\",\"name\":\"x\"}", "{\"id\":\"x\",\"name\":\"\xff\"}",
    "{\"id\":\"x\",\"name\":\"x\"} {}",
    "{\"id\":\"x\",\"name\":\"x\",\"a\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}"};

START_TEST(a_broken_document_is_counted_and_nothing_else_is_lost)
{
	say_board("home/b", NULL, 2);
	say_device("home/b", U1, "192.168.1.5", NULL, "");
	say("home/b/device/x", BROKEN[_i]);
	ck_assert_uint_eq(fleet.broken, 1);
	expect_progress(1, 0, 2, 0);
	ck_assert_str_eq(devices(), U1 " at home: b 192.168.1.5\n");
	say_device("home/b", "x", "192.168.1.6", NULL, "");
	ck_assert_uint_eq(fleet.broken, 0);
	say("home/b/device/x", BROKEN[_i]);
	ck_assert_uint_eq(fleet.broken, 1);
	say("home/b/device/x", "");
	ck_assert_uint_eq(fleet.broken, 0);
}
END_TEST

/* Members of any type stand where others are expected. */
static const char *const ODD[] = {"\"addresses\":7", "\"addresses\":[7,null,{\"address\":7}]",
    "\"ids\":{}", "\"ids\":[[]]", "\"flags\":\"stale\"", "\"endpoints\":[1,{},{\"protocol\":3}]",
    "\"endpoints\":[{\"protocol\":\"ssdp\",\"key\":\"x\",\"addresses\":3}]", "\"kind\":[]",
    "\"first_seen\":{}", "\"protocols\":[{}]", "\"reachable\":\"yes\"", "\"host_names\":[null]"};

START_TEST(odd_members_are_passed_over)
{
	char text[512];

	say_board("home/b", "02:ff:00:00:00:01", 1);
	snprintf(text, sizeof(text), "{\"id\":\"" U1 "\",\"name\":\"x\",%s}", ODD[_i]);
	say("home/b/device/" U1, text);
	ck_assert_uint_eq(fleet.broken, 0);
	ck_assert_str_eq(devices(), U1 " at home: b\n");
}
END_TEST

START_TEST(a_document_of_another_device_is_broken)
{
	say("home/b/state", "{\"online\":true}");
	say("home/b/device/" U1, "{\"id\":\"" U2 "\",\"name\":\"n\",\"addresses\":[]}");
	ck_assert_uint_eq(fleet.broken, 1);
	ck_assert_str_eq(devices(), "");
}
END_TEST

START_TEST(all_that_is_kept_is_counted)
{
	char topic[4096];

	say_board("home/b", NULL, 1);
	size_t before = fleet.bytes;
	ck_assert_uint_gt(before, sizeof(struct fleet_board));
	say("home/b/device/x", "x"); /* not understood, but there */
	ck_assert_uint_ge(fleet.bytes, before + sizeof(struct fleet_entry));
	say("home/b/device/x", "");
	ck_assert_uint_eq(fleet.bytes, before);
	memset(topic, 'x', sizeof(topic)); /* longer than any id */
	memcpy(topic, "home/b/device/", strlen("home/b/device/"));
	topic[sizeof(topic) - 1] = '\0';
	say(topic, "x");
	ck_assert_uint_eq(fleet.bytes, before);
	ck_assert_uint_eq(fleet.dropped, 1);
	fleet.bytes += FLEET_BYTES_MAX - before;
	say("home/b/device/y", "x");
	say("home/c/state", "{\"online\":true}");
	ck_assert_uint_eq(fleet.dropped, 3);
	fleet.bytes -= FLEET_BYTES_MAX - before;
}
END_TEST

START_TEST(messages_of_no_board_are_dropped)
{
	char text[3000] = "home/";

	say("home/b/other", "{}");
	say("home/b/device/x/y", "{}");
	say("home//state", "{}");
	say("home/%00/state", "{}");
	say("%FF/b/state", "{}");
	say("home/%1B/state", "{}");
	memset(text + 5, 'b', 2000);
	strcpy(text + 2005, "/state");
	say(text, "{}");
	ck_assert_uint_eq(fleet.dropped, 7);
	say("home/b/device/x", ""); /* of a board that is not known */
	ck_assert_uint_eq(fleet.dropped, 7);
	ck_assert_ptr_null(TAILQ_FIRST(&fleet.all));
	say("home/b/state", "{\"online\":1}");
	say("home/b/info", "7");
	ck_assert_uint_eq(fleet.dropped, 9);
	ck_assert(!TAILQ_FIRST(&fleet.all)->online);
}
END_TEST

START_TEST(a_document_that_is_too_long_is_none)
{
	char *text = malloc(FLEET_DOCUMENT_MAX + 100);
	int len = sprintf(text, "{\"id\":\"" U1 "\",\"name\":\"x\",\"a\":\"");

	memset(text + len, 'a', FLEET_DOCUMENT_MAX);
	strcpy(text + FLEET_DOCUMENT_MAX, "\"}");
	say("home/b/device/" U1, text);
	ck_assert_uint_eq(fleet.broken, 1);
	strcpy(text + FLEET_DOCUMENT_MAX - 2, "\"}");
	say("home/b/device/" U1, text);
	ck_assert_uint_eq(fleet.broken, 0);
	free(text);
}
END_TEST

Suite *fleet_suite(void)
{
	Suite *suite = suite_create("mqtt/fleet");
	TCase *tcase = tcase_create("fleet");

	tcase_add_checked_fixture(tcase, fleet_setup, fleet_teardown);
	tcase_add_test(tcase, what_is_missing_is_known);
	tcase_add_test(tcase, what_is_not_said_again_is_swept);
	tcase_add_test(tcase, each_board_is_asked_once_in_a_round);
	tcase_add_loop_test(tcase, a_broken_document_is_counted_and_nothing_else_is_lost, 0,
	    (int)(sizeof(BROKEN) / sizeof(*BROKEN)));
	tcase_add_loop_test(
	    tcase, odd_members_are_passed_over, 0, (int)(sizeof(ODD) / sizeof(*ODD)));
	tcase_add_test(tcase, a_document_of_another_device_is_broken);
	tcase_add_test(tcase, all_that_is_kept_is_counted);
	tcase_add_test(tcase, messages_of_no_board_are_dropped);
	tcase_add_test(tcase, a_document_that_is_too_long_is_none);
	suite_add_tcase(suite, tcase);
	return suite;
}

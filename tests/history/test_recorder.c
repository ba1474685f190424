/* SPDX-License-Identifier: ISC
 * Tests of history/recorder: devices that come, move, go and return, gaps, and the clock. */
#include "recorder_fixture.h"
#include "suites.h"

#define MAC    "00:00:5e:00:53:01"
#define OTHER  "00:00:5e:00:53:02"
#define RANDOM "02:00:5e:00:53:03"
#define UUID   "uuid:2fac1234-31f8-11b4-a222-08002b34c003"
#define EVENTS "SELECT kind, old, new FROM event ORDER BY rowid"
#define VISITS                                                                                     \
	"SELECT address, started - 1800000000, ended - 1800000000 FROM presence ORDER BY rowid"

static struct recorder_fixture f;

static void setup(void)
{
	fixture_begin(&f);
}

static void teardown(void)
{
	fixture_end(&f);
}

static const char *device(const char *mac, const char *address)
{
	return fixture_device("a.local", "a", mac, address);
}

START_TEST(a_device_is_new_once)
{
	fixture_see(&f, device(MAC, "192.0.2.1"));
	ck_assert(recorder_take_urgent(f.recorder) && !recorder_take_urgent(f.recorder));
	ck_assert_str_eq(fixture_query(&f, "SELECT id, name, mac, acknowledged FROM device"),
	    "a.local,a," MAC ",0");
	ck_assert_str_eq(f.reports, "");
	fixture_pass(&f, 2);
	ck_assert_str_eq(f.reports, "new:a ");
	fixture_pass(&f, 100);
	fixture_miss(&f, device(MAC, "192.0.2.1"), NULL);
	fixture_pass(&f, 100);
	fixture_see(&f, device(MAC, "192.0.2.1"));
	fixture_pass(&f, 100);
	ck_assert_str_eq(f.reports, "new:a removed:a added:a ");
	ck_assert_str_eq(
	    fixture_query(&f, EVENTS), "new,-,192.0.2.1;removed,192.0.2.1,-;added,-,192.0.2.1");
	ck_assert_str_eq(fixture_query(&f, VISITS), "192.0.2.1,0,102;192.0.2.1,202,-");
}
END_TEST

START_TEST(a_device_without_a_mac_is_reported_when_that_was_waited_for)
{
	fixture_see(&f, device(NULL, "192.0.2.1"));
	fixture_pass(&f, 9);
	ck_assert_str_eq(f.reports, "");
	fixture_pass(&f, 1);
	ck_assert_str_eq(f.reports, "new:a ");
}
END_TEST

START_TEST(an_old_device_is_recognised_by_a_mac_that_is_known_late)
{
	fixture_see(&f, fixture_device("b.local", "old", MAC, "192.0.2.1"));
	fixture_pass(&f, 2);
	fixture_miss(&f, fixture_device("b.local", "old", MAC, "192.0.2.1"), NULL);
	fixture_pass(&f, 1000);
	fixture_see(&f, device(NULL, "192.0.2.7"));
	fixture_pass(&f, 3);
	fixture_see(&f, device(MAC, "192.0.2.7"));
	fixture_pass(&f, 60);
	ck_assert_str_eq(f.reports, "new:old removed:old added:a ");
	ck_assert_str_eq(
	    fixture_query(&f, "SELECT count(*), min(first_seen) - 1800000000 FROM device"), "1,0");
	ck_assert_str_eq(fixture_query(&f, VISITS), "192.0.2.1,0,2;192.0.2.7,1002,-");
	ck_assert_str_eq(fixture_query(&f, "SELECT text FROM identity ORDER BY text"),
	    "a.local;b.local;mac:" MAC);
}
END_TEST

START_TEST(two_devices_behind_one_mac_stay_apart)
{
	fixture_see(&f, fixture_device("a.local", "a", MAC, "192.0.2.1"));
	fixture_see(&f, fixture_device("b.local", "b", MAC, "192.0.2.2"));
	fixture_pass(&f, 2);
	ck_assert_str_eq(f.reports, "new:a new:b ");
	ck_assert_str_eq(fixture_query(&f, "SELECT name FROM device ORDER BY key"), "a;b");
	fixture_restart(&f, false);
	fixture_see(&f, fixture_device("b.local", "b", MAC, "192.0.2.2"));
	fixture_see(&f, fixture_device("a.local", "a", MAC, "192.0.2.1"));
	fixture_sync(&f);
	fixture_pass(&f, 100);
	ck_assert_str_eq(f.reports, "");
	ck_assert_str_eq(fixture_query(&f, "SELECT name FROM device ORDER BY key"), "a;b");
}
END_TEST

START_TEST(two_devices_of_one_name_are_told_apart_by_their_macs)
{
	fixture_see(&f, device(MAC, "192.0.2.1"));
	fixture_pass(&f, 2);
	fixture_miss(&f, device(MAC, "192.0.2.1"), NULL);
	fixture_see(&f, device(OTHER, "192.0.2.1"));
	fixture_pass(&f, 2);
	ck_assert_str_eq(f.reports, "new:a removed:a new:a ");
}
END_TEST

START_TEST(a_uuid_recognises_a_device_with_another_mac)
{
	fixture_see(&f, fixture_device(UUID, "a", MAC, "192.0.2.1"));
	fixture_pass(&f, 2);
	fixture_miss(&f, fixture_device(UUID, "a", MAC, "192.0.2.1"), NULL);
	fixture_see(&f, fixture_device(UUID, "a", OTHER, "192.0.2.1"));
	fixture_pass(&f, 2);
	ck_assert_str_eq(f.reports, "new:a removed:a added:a ");
}
END_TEST

START_TEST(a_device_moves_when_it_has_lost_its_address)
{
	fixture_see(&f, device(MAC, "192.0.2.1"));
	fixture_pass(&f, 10);
	fixture_see(&f, "{\"id\":\"a.local\",\"name\":\"a\",\"addresses\":["
			"{\"address\":\"192.0.2.2\",\"interface\":\"eth0\",\"mac\":\"" MAC "\"},"
			"{\"address\":\"192.0.2.1\",\"interface\":\"eth0\",\"mac\":\"" MAC "\"}]}");
	ck_assert_str_eq(f.reports, "new:a ");
	fixture_see(&f, device(MAC, "192.0.2.2"));
	ck_assert_str_eq(f.reports, "new:a moved:a ");
	ck_assert_str_eq(fixture_query(&f, VISITS), "192.0.2.1,0,10;192.0.2.2,10,-");
	ck_assert_str_eq(fixture_query(&f, EVENTS), "new,-,192.0.2.1;moved,192.0.2.1,192.0.2.2");
}
END_TEST

START_TEST(a_device_that_turns_out_to_be_another_is_no_new_one)
{
	fixture_see(&f, device(MAC, "192.0.2.1"));
	fixture_pass(&f, 10);
	fixture_see(&f, fixture_device("b.local", "b", NULL, "192.0.2.9"));
	fixture_pass(&f, 1);
	fixture_miss(&f, fixture_device("b.local", "b", NULL, "192.0.2.9"), "a.local");
	fixture_pass(&f, 100);
	ck_assert_str_eq(f.reports, "new:a ");
	ck_assert_str_eq(fixture_query(&f, "SELECT name FROM device"), "a");
}
END_TEST

START_TEST(a_random_mac_is_silent_until_it_is_acknowledged)
{
	fixture_see(&f, device(RANDOM, "192.0.2.1"));
	fixture_pass(&f, 10);
	fixture_miss(&f, device(RANDOM, "192.0.2.1"), NULL);
	ck_assert_str_eq(f.reports, "");
	ck_assert_str_eq(fixture_query(&f, EVENTS), "added,-,192.0.2.1;removed,192.0.2.1,-");
	fixture_see(&f, device(RANDOM, "192.0.2.1"));
	ck_assert_int_eq(recorder_acknowledge(f.recorder, 1), 0);
	fixture_miss(&f, device(RANDOM, "192.0.2.1"), NULL);
	ck_assert_str_eq(f.reports, "removed:a ");
}
END_TEST

START_TEST(an_option_reports_random_macs)
{
	f.config.random_macs = true;
	fixture_see(&f, device(RANDOM, "192.0.2.1"));
	fixture_pass(&f, 10);
	ck_assert_str_eq(f.reports, "new:a ");
}
END_TEST

START_TEST(devices_that_come_at_first_are_taken_for_known)
{
	f.config.learn = 100;
	fixture_see(&f, device(MAC, "192.0.2.1"));
	fixture_pass(&f, 101);
	fixture_see(&f, fixture_device("b.local", "b", OTHER, "192.0.2.2"));
	fixture_pass(&f, 10);
	ck_assert_str_eq(f.reports, "new:b ");
	ck_assert_str_eq(fixture_query(&f, "SELECT name, acknowledged FROM device"), "a,1;b,0");
	fixture_restart(&f, false);
	fixture_see(&f, fixture_device("c.local", "c", "00:00:5e:00:53:09", "192.0.2.3"));
	fixture_pass(&f, 10);
	ck_assert_str_eq(f.reports, "new:c ");
}
END_TEST

START_TEST(neighbours_are_recorded_where_that_is_wanted)
{
	static const char neighbour[] =
	    "{\"id\":\"mac:" MAC "\",\"name\":\"n\",\"kind\":\"neighbour\"}";

	fixture_see(&f, neighbour);
	ck_assert_str_eq(fixture_query(&f, "SELECT count(*) FROM device"), "0");
	fixture_see(&f, fixture_device("mac:" MAC, "n", MAC, "192.0.2.1"));
	fixture_pass(&f, 10);
	fixture_see(&f, neighbour);
	ck_assert_str_eq(f.reports, "new:n removed:n ");
	f.config.neighbours = true;
	fixture_see(&f, neighbour);
	ck_assert_str_eq(f.reports, "new:n removed:n added:n ");
}
END_TEST

START_TEST(a_restart_goes_on_with_the_presences)
{
	fixture_see(&f, device(MAC, "192.0.2.1"));
	fixture_see(&f, fixture_device("b.local", "b", OTHER, "192.0.2.2"));
	fixture_pass(&f, 100);
	recorder_note_seen(f.recorder);
	fixture_restart(&f, false);
	fixture_pass(&f, 60);
	fixture_see(&f, device(MAC, "192.0.2.1"));
	fixture_sync(&f);
	fixture_pass(&f, 59);
	ck_assert_str_eq(f.reports, "");
	fixture_pass(&f, 1);
	ck_assert_str_eq(f.reports, "removed:b ");
	ck_assert_str_eq(fixture_query(&f, VISITS), "192.0.2.1,0,-;192.0.2.2,0,100");
}
END_TEST

START_TEST(a_kill_loses_what_was_not_written_and_no_identity)
{
	fixture_see(&f, device(MAC, "192.0.2.1"));
	fixture_pass(&f, 10);
	recorder_note_seen(f.recorder);
	ck_assert_int_eq(store_commit(f.store), 0);
	fixture_pass(&f, 100);
	fixture_miss(&f, device(MAC, "192.0.2.1"), NULL);
	fixture_restart(&f, true);
	fixture_sync(&f);
	fixture_pass(&f, 60);
	ck_assert_str_eq(f.reports, "removed:a ");
	ck_assert_str_eq(fixture_query(&f, VISITS), "192.0.2.1,0,10");
}
END_TEST

START_TEST(a_new_device_is_reported_after_a_kill)
{
	fixture_see(&f, device(MAC, "192.0.2.1"));
	ck_assert_int_eq(store_commit(f.store), 0);
	fixture_restart(&f, true);
	fixture_see(&f, device(MAC, "192.0.2.1"));
	fixture_sync(&f);
	fixture_pass(&f, 2);
	ck_assert_str_eq(f.reports, "new:a ");
	ck_assert_str_eq(fixture_query(&f, EVENTS), "new,-,192.0.2.1");
	fixture_restart(&f, true);
	fixture_see(&f, device(MAC, "192.0.2.1"));
	fixture_sync(&f);
	fixture_pass(&f, 200);
	ck_assert_str_eq(f.reports, "");
}
END_TEST

START_TEST(a_gap_ends_presences)
{
	fixture_see(&f, device(MAC, "192.0.2.1"));
	fixture_pass(&f, 100);
	recorder_lost(f.recorder);
	fixture_pass(&f, 7200);
	fixture_see(&f, device(MAC, "192.0.2.1"));
	fixture_sync(&f);
	ck_assert_str_eq(fixture_query(&f, VISITS), "192.0.2.1,0,100;192.0.2.1,7300,-");
	ck_assert_str_eq(f.reports, "new:a ");
	recorder_lost(f.recorder);
	fixture_pass(&f, 600);
	fixture_see(&f, device(MAC, "192.0.2.1"));
	fixture_sync(&f);
	ck_assert_str_eq(fixture_query(&f, VISITS), "192.0.2.1,0,100;192.0.2.1,7300,-");
}
END_TEST

START_TEST(a_device_that_is_missing_after_a_lost_connection_was_last_seen_before_it)
{
	fixture_see(&f, device(MAC, "192.0.2.1"));
	fixture_pass(&f, 100);
	recorder_lost(f.recorder);
	fixture_pass(&f, 600);
	fixture_sync(&f);
	fixture_pass(&f, 10);
	recorder_changed(
	    f.recorder, &(struct watcher_change){.event = WATCHER_REMOVED, .id = "a.local"}, f.now);
	ck_assert_str_eq(fixture_query(&f, VISITS), "192.0.2.1,0,100");
}
END_TEST

START_TEST(dates_move_when_the_clock_is_set)
{
	fixture_see(&f, device(MAC, "192.0.2.1"));
	fixture_pass(&f, 100);
	recorder_note_seen(f.recorder);
	fixture_restart(&f, false);
	f.wall_offset = -f.now.us / 1000000; /* 1970 */
	fixture_restart(&f, false);
	fixture_see(&f, device(MAC, "192.0.2.1"));
	fixture_sync(&f);
	fixture_pass(&f, 10);
	fixture_see(&f, fixture_device("b.local", "b", OTHER, "192.0.2.2"));
	fixture_pass(&f, 10);
	ck_assert_str_eq(fixture_query(&f, "SELECT first_seen - 1800000000 FROM device"), "0;111");
	f.wall_offset = TODAY + 500 - f.now.us / 1000000;
	fixture_pass(&f, 0);
	ck_assert_str_eq(fixture_query(&f, "SELECT first_seen - 1800000000 FROM device"), "0;490");
	ck_assert_str_eq(
	    fixture_query(&f, "SELECT at - 1800000000 FROM event WHERE at > 1800000100"), "490");
	ck_assert_str_eq(fixture_query(&f, VISITS), "192.0.2.1,0,-;192.0.2.2,490,-");
}
END_TEST

START_TEST(a_clock_of_1970_hides_no_time_without_a_history)
{
	fixture_see(&f, device(MAC, "192.0.2.1"));
	fixture_see(&f, fixture_device("b.local", "b", OTHER, "192.0.2.2"));
	fixture_pass(&f, 100);
	recorder_note_seen(f.recorder);
	f.wall_offset = -f.now.us / 1000000;
	fixture_restart(&f, false);
	fixture_see(&f, device(MAC, "192.0.2.1"));
	fixture_sync(&f);
	fixture_pass(&f, 10);
	f.wall_offset = TODAY + 86400 - f.now.us / 1000000;
	fixture_pass(&f, 0);
	fixture_pass(&f, 60);
	ck_assert_str_eq(
	    fixture_query(&f, VISITS), "192.0.2.1,0,100;192.0.2.2,0,100;192.0.2.1,86390,-");
}
END_TEST

START_TEST(names_of_users_are_kept)
{
	fixture_see(&f, device(MAC, "192.0.2.1"));
	ck_assert_int_eq(recorder_name(f.recorder, 1, "Lamp"), 0);
	fixture_see(&f, device(MAC, "192.0.2.2"));
	ck_assert_str_eq(fixture_query(&f, "SELECT alias FROM device"), "Lamp");
	ck_assert_int_eq(recorder_name(f.recorder, 1, NULL), 0);
	ck_assert_str_eq(fixture_query(&f, "SELECT alias FROM device"), "-");
}
END_TEST

Suite *recorder_suite(void)
{
	Suite *suite = suite_create("history/recorder");
	TCase *tcase = tcase_create("recorder");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_device_is_new_once);
	tcase_add_test(tcase, a_device_without_a_mac_is_reported_when_that_was_waited_for);
	tcase_add_test(tcase, an_old_device_is_recognised_by_a_mac_that_is_known_late);
	tcase_add_test(tcase, two_devices_behind_one_mac_stay_apart);
	tcase_add_test(tcase, two_devices_of_one_name_are_told_apart_by_their_macs);
	tcase_add_test(tcase, a_uuid_recognises_a_device_with_another_mac);
	tcase_add_test(tcase, a_device_moves_when_it_has_lost_its_address);
	tcase_add_test(tcase, a_device_that_turns_out_to_be_another_is_no_new_one);
	tcase_add_test(tcase, a_random_mac_is_silent_until_it_is_acknowledged);
	tcase_add_test(tcase, an_option_reports_random_macs);
	tcase_add_test(tcase, devices_that_come_at_first_are_taken_for_known);
	tcase_add_test(tcase, neighbours_are_recorded_where_that_is_wanted);
	tcase_add_test(tcase, a_restart_goes_on_with_the_presences);
	tcase_add_test(tcase, a_kill_loses_what_was_not_written_and_no_identity);
	tcase_add_test(tcase, a_new_device_is_reported_after_a_kill);
	tcase_add_test(tcase, a_gap_ends_presences);
	tcase_add_test(
	    tcase, a_device_that_is_missing_after_a_lost_connection_was_last_seen_before_it);
	tcase_add_test(tcase, dates_move_when_the_clock_is_set);
	tcase_add_test(tcase, a_clock_of_1970_hides_no_time_without_a_history);
	tcase_add_test(tcase, names_of_users_are_kept);
	suite_add_tcase(suite, tcase);
	return suite;
}

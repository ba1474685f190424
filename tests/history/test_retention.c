/* SPDX-License-Identifier: ISC
 * Tests of history/retention: what is forgotten, and what a wrong clock does not make old. */
#include "recorder_fixture.h"
#include "suites.h"

#include <stdio.h>

enum { DAY = 86400 };

static struct recorder_fixture f;
static struct retention retention;

static void setup(void)
{
	fixture_begin(&f);
	retention_init(&retention, &f.config, f.now);
}

static void teardown(void)
{
	fixture_end(&f);
}

static void run(void)
{
	retention_run(&retention, f.store, &f.calendar, f.now);
}

static void add_past(int64_t key, int64_t date)
{
	char text[32];
	const char *id = text;

	snprintf(text, sizeof(text), "d%lld", (long long)key);
	STORE_WRITE(f.store, DEVICE_ADD, STORE_NUMBER(key), STORE_TEXT(id), STORE_NUMBER(date),
	    STORE_NUMBER(0));
	STORE_WRITE(f.store, IDENTITY_SET, STORE_TEXT(id), STORE_NUMBER(key));
	STORE_WRITE(f.store, PRESENCE_START, STORE_NUMBER(key), STORE_TEXT("eth0"),
	    STORE_TEXT("192.0.2.1"), STORE_NUMBER(date));
	STORE_WRITE(f.store, PRESENCE_END, STORE_NUMBER(key), STORE_NUMBER(date));
	STORE_WRITE(f.store, EVENT_ADD, STORE_NUMBER(date), STORE_NUMBER(key), STORE_TEXT("added"),
	    STORE_TEXT(NULL), STORE_TEXT("192.0.2.1"));
}

static const char *counts(void)
{
	return fixture_query(&f,
	    "SELECT (SELECT count(*) FROM device),"
	    " (SELECT count(*) FROM identity), (SELECT count(*) FROM presence),"
	    " (SELECT count(*) FROM event)");
}

START_TEST(what_is_too_old_goes_once_the_clock_is_settled)
{
	add_past(1, TODAY - 401 * DAY);
	add_past(2, TODAY - 100 * DAY);
	add_past(3, TODAY - 1 * DAY);
	run();
	ck_assert_str_eq(counts(), "3,3,3,3");
	fixture_pass(&f, 3600);
	run();
	ck_assert_str_eq(counts(), "3,3,2,1");
}
END_TEST

START_TEST(a_clock_that_was_set_to_another_year_forgets_nothing)
{
	add_past(1, TODAY - 10 * DAY);
	fixture_pass(&f, 3600);
	f.wall_offset += 20LL * 365 * DAY;
	fixture_pass(&f, 1);
	run();
	ck_assert_str_eq(counts(), "1,1,1,1");
	f.wall_offset -= 20LL * 365 * DAY;
	fixture_pass(&f, 3599);
	run();
	ck_assert_str_eq(counts(), "1,1,1,1");
	ck_assert_str_eq(fixture_query(&f, "SELECT max(at) - 1800000000 FROM event"), "-864000");
}
END_TEST

START_TEST(devices_that_were_seen_longest_ago_go_first)
{
	f.config.max_devices = 100;
	for (int i = 1; i <= 101; i++)
		add_past(i, TODAY - 1000 + i);
	STORE_WRITE(f.store, DEVICE_NAME, STORE_NUMBER(1), STORE_TEXT("Lamp"));
	fixture_see(&f, fixture_device("here", "here", NULL, "192.0.2.1"));
	run();
	ck_assert_str_eq(counts(), "99,99,99,98");
	ck_assert_str_eq(fixture_query(&f, "SELECT id FROM device ORDER BY key LIMIT 2"), "d1;d5");
	ck_assert_str_eq(fixture_query(&f, "SELECT count(*) FROM device WHERE id = 'here'"), "1");
}
END_TEST

START_TEST(the_file_does_not_outgrow_its_size)
{
	f.config.max_size = 1 << 20;
	fixture_restart(&f, false);
	retention_init(&retention, &f.config, f.now);
	for (int i = 1; i <= 100; i++)
		add_past(i, TODAY);
	for (int i = 0; i < 60000; i++) {
		STORE_WRITE(f.store, EVENT_ADD, STORE_NUMBER(TODAY + i), STORE_NUMBER(1),
		    STORE_TEXT("moved"), STORE_TEXT("192.0.2.1"), STORE_TEXT("192.0.2.2"));
		if (i % 500 == 0) {
			run();
			ck_assert_int_eq(store_commit(f.store), 0);
		}
	}
	run();
	ck_assert_str_eq(
	    fixture_query(&f, "SELECT page_count * 4096 <= 1048576 FROM pragma_page_count"), "1");
	ck_assert_str_eq(
	    fixture_query(&f, "SELECT max(at) - 1800000000, count(*) > 5000 FROM event"),
	    "59999,1");
	ck_assert_str_eq(fixture_query(&f, "SELECT count(*) FROM device"), "100");
	ck_assert_uint_eq(store_counts(f.store).failures, 0);
}
END_TEST

Suite *retention_suite(void)
{
	Suite *suite = suite_create("history/retention");
	TCase *tcase = tcase_create("retention");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_is_too_old_goes_once_the_clock_is_settled);
	tcase_add_test(tcase, a_clock_that_was_set_to_another_year_forgets_nothing);
	tcase_add_test(tcase, devices_that_were_seen_longest_ago_go_first);
	tcase_add_test(tcase, the_file_does_not_outgrow_its_size);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of history/store: what waits, what is lost, and other versions of the file. */
#include "recorder_fixture.h"
#include "suites.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

static struct recorder_fixture f;

static void setup(void)
{
	fixture_begin(&f);
}

static void teardown(void)
{
	fixture_end(&f);
}

static int add(int64_t key)
{
	return STORE_WRITE(f.store, DEVICE_ADD, STORE_NUMBER(key), STORE_TEXT("x"),
	    STORE_NUMBER(TODAY), STORE_NUMBER(0));
}

static int64_t count(void)
{
	return store_ask_number(f.store, DEVICE_COUNT, NULL, 0, -1);
}

START_TEST(a_question_sees_what_waits)
{
	ck_assert_int_eq(add(1), 0);
	ck_assert(store_is_dirty(f.store));
	ck_assert_int_eq(count(), 1);
	ck_assert_int_eq(store_commit(f.store), 0);
	ck_assert(!store_is_dirty(f.store));
	ck_assert_int_eq(count(), 1);
}
END_TEST

/* As a disk that is full: no file of this process grows. */
static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(what_cannot_be_written_waits_within_a_limit)
{
	int error = 0;
	int64_t written = 0;

	ck_assert_int_eq(store_commit(f.store), 0);
	limit_files(0);
	ck_assert_int_eq(add(1), 0);
	ck_assert_int_eq(store_commit(f.store), -EIO);
	ck_assert(store_is_failing(f.store) && store_is_kept(f.store));
	ck_assert_int_eq(count(), 1);
	for (int64_t i = 2; i < 100000 && error != -ENOBUFS; i++) {
		error = add(i);
		written += !error;
	}
	ck_assert_int_eq(error, -ENOBUFS);
	ck_assert_int_ge(written, 2000);
	ck_assert(!store_take_replaced(f.store));
	limit_files(RLIM_INFINITY);
	ck_assert_int_eq(store_commit(f.store), 0);
	ck_assert(!store_is_failing(f.store));
	ck_assert(store_take_replaced(f.store) && !store_take_replaced(f.store));
	ck_assert_int_eq(count(), written + 1);
	ck_assert_uint_ge(store_counts(f.store).dropped, 1);
}
END_TEST

START_TEST(devices_that_are_here_are_entered_again_after_a_loss)
{
	fixture_see(&f, fixture_device("a.local", "a", "00:00:5e:00:53:01", "192.0.2.1"));
	fixture_pass(&f, 10);
	ck_assert_int_eq(store_commit(f.store), 0);
	limit_files(0);
	while (add(1000) != -ENOBUFS)
		;
	fixture_see(&f, fixture_device("b.local", "b", "00:00:5e:00:53:02", "192.0.2.2"));
	limit_files(RLIM_INFINITY);
	ck_assert_int_eq(store_commit(f.store), 0);
	fixture_pass(&f, 10);
	ck_assert_str_eq(fixture_query(&f, "SELECT name FROM device WHERE name NOT NULL"
					   " ORDER BY name"),
	    "a;b");
	ck_assert_str_eq(
	    fixture_query(&f, "SELECT count(*) FROM presence WHERE ended IS NULL"), "2");
}
END_TEST

START_TEST(a_file_that_is_corrupt_is_replaced_and_the_past_is_kept_beside_it)
{
	char path[128];
	FILE *file;

	fixture_see(&f, fixture_device("a.local", "a", "00:00:5e:00:53:01", "192.0.2.1"));
	fixture_pass(&f, 10);
	fixture_restart(&f, false);
	recorder_close(f.recorder, f.now);
	store_close(f.store);
	snprintf(path, sizeof(path), "%s/history.db", f.directory);
	file = fopen(path, "r+");
	fputs("no database", file);
	fclose(file);
	const struct store_options options = {f.directory, f.config.max_size};
	ck_assert_int_eq(store_open(&options, &f.store), 0);
	f.recorder = NULL;
	ck_assert_int_eq(count(), 0);
	ck_assert_uint_eq(store_counts(f.store).replaced, 1);
}
END_TEST

/* While it runs: a bad block. */
START_TEST(a_file_that_becomes_corrupt_is_replaced_with_what_is_here)
{
	const struct store_value name[] = {STORE_TEXT("d19999")};
	char path[128], id[32];
	const char *text = id;

	/* more than is kept in memory */
	for (int i = 1; i < 20000; i++) {
		snprintf(id, sizeof(id), "d%d", i);
		STORE_WRITE(f.store, DEVICE_ADD, STORE_NUMBER(i), STORE_TEXT(text),
		    STORE_NUMBER(TODAY), STORE_NUMBER(0));
		if (i % 2000 == 0)
			ck_assert_int_eq(store_commit(f.store), 0);
	}
	fixture_see(&f, fixture_device("a.local", "a", "00:00:5e:00:53:01", "192.0.2.1"));
	fixture_pass(&f, 10);
	fixture_restart(&f, false);
	fixture_see(&f, fixture_device("a.local", "a", "00:00:5e:00:53:01", "192.0.2.1"));
	snprintf(path, sizeof(path), "%s/history.db", f.directory);
	FILE *file = fopen(path, "r+");
	fseek(file, 0, SEEK_END);
	long size = ftell(file);
	for (long at = 4096; at < size; at += 4096) {
		fseek(file, at, SEEK_SET);
		for (int i = 0; i < 4000; i++)
			fputc(0xff, file);
	}
	fclose(file);
	sqlite3_stmt *row = store_ask(f.store, DEVICES_CALLED, name, 1);
	while (store_next(row))
		;
	store_done(f.store, row);
	store_commit(f.store);
	fixture_pass(&f, 10);
	ck_assert_uint_eq(store_counts(f.store).replaced, 1);
	ck_assert_str_eq(fixture_query(&f, "SELECT name, mac FROM device"), "a,00:00:5e:00:53:01");
	ck_assert_str_eq(
	    fixture_query(&f, "SELECT count(*) FROM presence WHERE ended IS NULL"), "1");
}
END_TEST

START_TEST(a_file_of_a_later_version_is_refused)
{
	struct store *other;
	const struct store_options options = {f.directory, f.config.max_size};
	char path[128];
	sqlite3 *db;

	ck_assert_int_eq(store_open(&options, &other), -EWOULDBLOCK);
	recorder_close(f.recorder, f.now);
	store_close(f.store);
	f.recorder = NULL;
	f.store = NULL;
	snprintf(path, sizeof(path), "%s/history.db", f.directory);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	ck_assert_int_eq(store_open(&options, &other), -EPROTO);
}
END_TEST

Suite *store_suite(void)
{
	Suite *suite = suite_create("history/store");
	TCase *tcase = tcase_create("store");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_question_sees_what_waits);
	tcase_add_test(tcase, what_cannot_be_written_waits_within_a_limit);
	tcase_add_test(tcase, devices_that_are_here_are_entered_again_after_a_loss);
	tcase_add_test(tcase, a_file_that_is_corrupt_is_replaced_and_the_past_is_kept_beside_it);
	tcase_add_test(tcase, a_file_that_becomes_corrupt_is_replaced_with_what_is_here);
	tcase_add_test(tcase, a_file_of_a_later_version_is_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}

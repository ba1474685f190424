/* SPDX-License-Identifier: ISC
 * Tests of net/file_watch. */
#include "base/array.h"
#include "harness.h"
#include "net/file_watch.h"
#include "suites.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char root[64], directory[96];
static struct loop *loop;
static struct file_watch *watch;
static unsigned calls;

static void called(void *context)
{
	++*(unsigned *)context;
}

static void set_up(void)
{
	strcpy(root, "/tmp/discoverd-watch.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(directory, sizeof(directory), "%s/a/b", root);
	loop = loop_new();
	calls = 0;
}

static void tear_down(void)
{
	file_watch_close(watch);
	watch = NULL;
	loop_free(loop);
	command("rm -r %s", root);
}

static void open_watch(void)
{
	ck_assert_int_eq(file_watch_open(loop, directory, called, &calls, &watch), 0);
}

static bool was_called(void *context)
{
	(void)context;
	return calls > 0;
}

/* One call for all that has happened, and no second one. */
static void expect_one_call(const char *after)
{
	ck_assert_msg(run_until(loop, was_called, NULL, NULL), "no call after: %s", after);
	run_for(loop, MILLISECONDS(250));
	ck_assert_msg(calls == 1, "%u calls after: %s", calls, after);
	calls = 0;
}

START_TEST(what_happens_to_files_is_told_once_per_burst)
{
	static const char *const HAPPENINGS[] = {
	    "echo x >b/file",
	    "echo y >>b/file",
	    "mv b/file b/other",
	    "mv b/other elsewhere",
	    "mv elsewhere b/back",
	    "ln -s back b/link",
	    "rm b/back b/link",
	    "for i in 1 2 3 4 5 6 7 8 9; do echo $i >b/$i; done",
	};

	command("mkdir -p %s", directory);
	open_watch();
	for (size_t i = 0; i < COUNT_OF(HAPPENINGS); i++) {
		command("cd %s/a && %s", root, HAPPENINGS[i]);
		expect_one_call(HAPPENINGS[i]);
	}
}
END_TEST

/* A DHCP server keeps its file open, or writes another one and renames it. */
START_TEST(one_file_is_followed_whatever_becomes_of_it)
{
	static const char *const HAPPENINGS[] = {
	    "echo x >b/other; echo y >b/file",
	    "exec 3>>b/file; echo x >&3; : >b/other; echo y >&3",
	    "echo z >b/new && mv b/new b/file",
	    "echo z >>b/file",
	    "rm b/file",
	    "mv b elsewhere; mkdir b; echo x >b/file",
	    "echo y >>b/file",
	};
	char path[128];

	command("mkdir -p %s", directory);
	snprintf(path, sizeof(path), "%s/file", directory);
	ck_assert_int_eq(file_watch_open_file(loop, path, called, &calls, &watch), 0);
	for (size_t i = 0; i < COUNT_OF(HAPPENINGS); i++) {
		command("cd %s/a && %s", root, HAPPENINGS[i]);
		expect_one_call(HAPPENINGS[i]);
		command("cd %s && echo x >>other; rm other; echo x >../elsewhere.file", directory);
		run_for(loop, MILLISECONDS(300));
		ck_assert_uint_eq(calls, 0);
	}
}
END_TEST

START_TEST(a_file_that_stays_open_is_followed_while_it_is_written)
{
	char path[128];

	command("mkdir -p %s", directory);
	snprintf(path, sizeof(path), "%s/file", directory);
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(file_watch_open_file(loop, path, called, &calls, &watch), 0);
	for (unsigned i = 0; i < 3; i++) {
		fprintf(file, "x\n");
		fflush(file);
		expect_one_call("a line");
	}
	fclose(file);
}
END_TEST

START_TEST(a_call_comes_after_a_moment_of_quiet)
{
	command("mkdir -p %s", directory);
	open_watch();
	command("echo x >%s/file", directory);
	struct instant begin = loop_now(loop);
	ck_assert(run_until(loop, was_called, NULL, NULL));
	ck_assert_int_ge(instant_since(loop_now(loop), begin), MILLISECONDS(150));
}
END_TEST

/* As long as the second of a whole burst: something happens every 50 ms. */
START_TEST(news_without_end_are_told_nevertheless)
{
	command("mkdir -p %s", directory);
	open_watch();
	struct instant end = instant_add(loop_now(loop), SECONDS(60));
	while (calls == 0 && instant_before(loop_now(loop), end)) {
		command("echo x >%s/file", directory);
		run_for(loop, MILLISECONDS(50));
	}
	ck_assert_uint_eq(calls, 1);
}
END_TEST

START_TEST(nothing_is_told_of_what_does_not_belong_to_it)
{
	command("mkdir -p %s; echo x >%s/file", directory, directory);
	open_watch();
	command("cat %s/file >%s/a/copy; ls %s >/dev/null; mkdir %s/c", directory, root, directory,
	    root);
	run_for(loop, MILLISECONDS(300));
	ck_assert_uint_eq(calls, 0);
}
END_TEST

START_TEST(a_directory_that_comes_later_is_followed)
{
	open_watch(); /* not even its parent is there */
	command("mkdir %s/other", root);
	run_for(loop, MILLISECONDS(300));
	ck_assert_uint_eq(calls, 0);
	command("mkdir %s/a", root);
	expect_one_call("mkdir a");
	command("mkdir %s/a/b && echo x >%s/a/b/file", root, root);
	expect_one_call("mkdir b");
	command("echo x >%s/a/b/file", root);
	expect_one_call("a file in it");
}
END_TEST

START_TEST(a_whole_tree_that_comes_at_once_is_followed)
{
	open_watch();
	command("mkdir -p %s && echo x >%s/file", directory, directory);
	expect_one_call("mkdir -p");
	command("rm %s/file", directory);
	expect_one_call("a file in it");
}
END_TEST

START_TEST(a_directory_may_go_and_come_again)
{
	command("mkdir -p %s && echo x >%s/file", directory, directory);
	open_watch();
	for (unsigned i = 0; i < 3; i++) {
		command("rm -r %s", directory);
		expect_one_call("its end");
		command("mkdir %s", directory);
		expect_one_call("its return");
		command("echo x >%s/file", directory);
		expect_one_call("a file in it");
	}
	command("rm -r %s/a", root);
	expect_one_call("the end of its parent");
	command("mkdir -p %s", directory);
	expect_one_call("the return of both");
	command("echo x >%s/file", directory);
	expect_one_call("a file in it");
}
END_TEST

START_TEST(another_directory_in_its_place_is_followed)
{
	command("mkdir -p %s && mkdir %s/new", directory, root);
	open_watch();
	command("cd %s && mv a/b old && mv new a/b", root);
	expect_one_call("the exchange");
	command("echo x >%s/file", directory);
	expect_one_call("a file in the new one");
	command("echo x >%s/old/file", root);
	run_for(loop, MILLISECONDS(300));
	ck_assert_uint_eq(calls, 0);
}
END_TEST

START_TEST(a_path_that_leads_elsewhere_is_looked_up_when_asked)
{
	command("cd %s && mkdir a one two && ln -s ../one a/b", root);
	open_watch();
	command("cd %s && ln -sfn ../two a/b", root);
	ck_assert_int_eq(file_watch_renew(watch), 0);
	command("echo x >%s/two/file", root);
	expect_one_call("a file in the second one");
}
END_TEST

START_TEST(without_descriptors_it_is_an_error)
{
	struct rlimit before, none;

	if (skip_under_valgrind("without_descriptors_it_is_an_error"))
		return;
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	int result = file_watch_open(loop, directory, called, &calls, &watch);
	setrlimit(RLIMIT_NOFILE, &before);
	ck_assert_int_eq(result, -EMFILE);
	ck_assert_ptr_null(watch);
}
END_TEST

Suite *file_watch_suite(void)
{
	Suite *suite = suite_create("net/file_watch");
	TCase *tcase = tcase_create("file_watch");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, what_happens_to_files_is_told_once_per_burst);
	tcase_add_test(tcase, one_file_is_followed_whatever_becomes_of_it);
	tcase_add_test(tcase, a_file_that_stays_open_is_followed_while_it_is_written);
	tcase_add_test(tcase, a_call_comes_after_a_moment_of_quiet);
	tcase_add_test(tcase, news_without_end_are_told_nevertheless);
	tcase_add_test(tcase, nothing_is_told_of_what_does_not_belong_to_it);
	tcase_add_test(tcase, a_directory_that_comes_later_is_followed);
	tcase_add_test(tcase, a_whole_tree_that_comes_at_once_is_followed);
	tcase_add_test(tcase, a_directory_may_go_and_come_again);
	tcase_add_test(tcase, another_directory_in_its_place_is_followed);
	tcase_add_test(tcase, a_path_that_leads_elsewhere_is_looked_up_when_asked);
	tcase_add_test(tcase, without_descriptors_it_is_an_error);
	suite_add_tcase(suite, tcase);
	return suite;
}

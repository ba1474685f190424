/* SPDX-License-Identifier: ISC
 * Tests of net/file_writer. */
#include "base/instant.h"
#include "net/file_writer.h"
#include "runner.h"
#include "suites.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64], path[96], new_path[96];
static struct file_writer *writer;
static int result;
static unsigned done_count;

static void done(void *context, int error)
{
	(void)context;
	result = error;
	done_count++;
}

static void wait_until_done(void)
{
	while (done_count == 0) {
		file_writer_poll(writer);
		usleep(1000);
	}
}

static void set_up(void)
{
	strcpy(directory, "/tmp/discoverd-writer.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/devices", directory);
	snprintf(new_path, sizeof(new_path), "%s/devices.new", directory);
	done_count = 0;
	writer = file_writer_new(directory, "devices", done, NULL);
	ck_assert_ptr_nonnull(writer);
}

static void tear_down(void)
{
	file_writer_free(writer);
	unlink(path);
	unlink(new_path);
	rmdir(directory);
}

static const char *content(char text[32])
{
	FILE *file = fopen(path, "r");
	size_t len = file ? fread(text, 1, 31, file) : 0;

	text[len] = '\0';
	if (file)
		fclose(file);
	return text;
}

START_TEST(a_text_is_written_while_the_caller_goes_on)
{
	char text[32];
	ck_assert_int_eq(file_writer_begin(writer, strdup("one"), 3), 0);
	ck_assert(file_writer_is_busy(writer));
	ck_assert_int_eq(file_writer_begin(writer, strdup("two"), 3), -EBUSY);
	wait_until_done();
	ck_assert_int_eq(result, 0);
	ck_assert_str_eq(content(text), "one");
	ck_assert(!file_writer_is_busy(writer));
	ck_assert_int_eq(access(new_path, F_OK), -1);
	done_count = 0;
	ck_assert_int_eq(file_writer_begin(writer, strdup("three"), 5), 0);
	wait_until_done();
	ck_assert_str_eq(content(text), "three");
}
END_TEST

START_TEST(at_the_end_it_is_waited_for)
{
	char text[32];
	ck_assert_int_eq(file_writer_wait(writer, SECONDS(60)), 0);
	ck_assert_uint_eq(done_count, 0);
	ck_assert_int_eq(file_writer_begin(writer, strdup("one"), 3), 0);
	ck_assert_int_eq(file_writer_wait(writer, SECONDS(60)), 0);
	ck_assert_uint_eq(done_count, 1);
	ck_assert_str_eq(content(text), "one");
}
END_TEST

START_TEST(an_error_is_reported_and_the_former_text_stays)
{
	char text[32];
	ck_assert_int_eq(file_writer_begin(writer, strdup("one"), 3), 0);
	ck_assert_int_eq(file_writer_wait(writer, SECONDS(60)), 0);
	ck_assert_int_eq(mkfifo(new_path, 0600), 0);
	ck_assert_int_eq(file_writer_begin(writer, strdup("two"), 3), 0);
	ck_assert_int_eq(file_writer_wait(writer, SECONDS(60)), 0);
	ck_assert_int_eq(result, -ENXIO);
	ck_assert_str_eq(content(text), "one");
}
END_TEST

START_TEST(one_that_is_closed_meanwhile_leaves_nothing_half_written)
{
	char text[32];
	size_t len = 4 * 1024 * 1024;
	ck_assert_int_eq(file_writer_begin(writer, strdup("one"), 3), 0);
	ck_assert_int_eq(file_writer_wait(writer, SECONDS(60)), 0);
	ck_assert_int_eq(file_writer_begin(writer, calloc(1, len), len), 0);
	file_writer_free(writer);
	writer = NULL;
	content(text);
	ck_assert(strcmp(text, "one") == 0 || strcmp(text, "") == 0);
	/* the thread goes on: the folder is not removed under it */
	struct stat st;
	while (stat(path, &st) == 0 && (size_t)st.st_size != len)
		usleep(1000);
}
END_TEST

Suite *file_writer_suite(void)
{
	Suite *suite = suite_create("net/file_writer");
	TCase *tcase = tcase_create("file_writer");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_text_is_written_while_the_caller_goes_on);
	tcase_add_test(tcase, at_the_end_it_is_waited_for);
	tcase_add_test(tcase, an_error_is_reported_and_the_former_text_stays);
	tcase_add_test(tcase, one_that_is_closed_meanwhile_leaves_nothing_half_written);
	suite_add_tcase(suite, tcase);
	return suite;
}

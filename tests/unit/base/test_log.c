/* SPDX-License-Identifier: ISC
 * Tests of base/log. */
#include "base/log.h"
#include "suites.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static char last[4096];
static enum log_level last_level;
static unsigned lines;

static void keep(void *context, enum log_level level, const char *line)
{
	ck_assert_ptr_eq(context, last);
	snprintf(last, sizeof(last), "%s", line);
	last_level = level;
	lines++;
}

static void setup(void)
{
	lines = 0;
	last[0] = '\0';
	log_set_sink(keep, last);
	log_set_level(LOG_LEVEL_INFO);
}

static void teardown(void)
{
	log_set_sink(NULL, NULL);
	log_set_level(LOG_LEVEL_INFO);
}

START_TEST(a_line_goes_to_the_sink)
{
	log_warning("%s: %d", "eth0", 7);
	ck_assert_uint_eq(lines, 1);
	ck_assert_str_eq(last, "eth0: 7");
	ck_assert_int_eq(last_level, LOG_LEVEL_WARNING);
}
END_TEST

START_TEST(what_is_above_the_level_is_not_written)
{
	log_debug("x");
	ck_assert_uint_eq(lines, 0);
	log_set_level(LOG_LEVEL_DEBUG);
	ck_assert_int_eq(log_get_level(), LOG_LEVEL_DEBUG);
	log_debug("x");
	log_set_level(LOG_LEVEL_ERROR);
	log_warning("x");
	log_error("x");
	ck_assert_uint_eq(lines, 2);
}
END_TEST

START_TEST(without_a_sink_nothing_happens)
{
	log_set_sink(NULL, NULL);
	log_error("x");
	ck_assert_uint_eq(lines, 0);
}
END_TEST

START_TEST(a_line_is_bounded_and_says_where_it_was_cut)
{
	char text[2100];

	memset(text, 'x', sizeof(text));
	log_info("%.2047s", text);
	ck_assert_uint_eq(strlen(last), 2047);
	ck_assert_ptr_null(strstr(last, "..."));
	log_info("%.2048s", text);
	ck_assert_uint_eq(strlen(last), 2047);
	ck_assert_str_eq(last + 2044, "...");
}
END_TEST

START_TEST(a_cut_does_not_divide_a_character)
{
	char text[2201] = "";

	for (size_t shift = 0; shift < 4; shift++) {
		memset(text, 'x', shift);
		for (size_t at = shift; at + 4 < sizeof(text); at += 4)
			memcpy(text + at, "\xf0\x9f\x92\xa1", 5);
		log_info("%s", text);
		size_t len = strlen(last);
		ck_assert_str_eq(last + len - 3, "...");
		ck_assert_uint_eq((len - 3 - shift) % 4, 0);
		ck_assert_uint_ge(len, 2044);
	}
}
END_TEST

START_TEST(one_event_stays_one_line)
{
	log_info("a\nb\r\033[2J\x7f\\");
	ck_assert_str_eq(last, "a\\x0ab\\x0d\\x1b[2J\\x7f\\\\");
	log_info("%s", "C1 \xc2\x9b, right to left \xe2\x80\xae, no UTF-8 \xff, \xc3\xbc");
	ck_assert_str_eq(
	    last, "C1 \\xc2\\x9b, right to left \\xe2\\x80\\xae, no UTF-8 \\xff, \xc3\xbc");
}
END_TEST

START_TEST(an_escaped_line_is_bounded_too)
{
	char text[1000];

	memset(text, '\n', sizeof(text));
	log_info("%.1000s", text);
	ck_assert_uint_eq(strlen(last), 2047);
	ck_assert_str_eq(last + 2040, "\\x0a...");
}
END_TEST

START_TEST(levels_have_names)
{
	enum log_level level;

	for (enum log_level i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++) {
		ck_assert_int_eq(log_level_parse(slice_of(log_level_name(i)), &level), 0);
		ck_assert_int_eq(level, i);
	}
	ck_assert_ptr_null(log_level_name((enum log_level)2));
	ck_assert_ptr_null(log_level_name((enum log_level)8));
	ck_assert_int_eq(log_level_parse(SLICE("loud"), &level), -EINVAL);
	ck_assert_int_eq(log_level_parse(SLICE_NONE, &level), -EINVAL);
	ck_assert_int_eq(log_level_parse(SLICE(""), &level), -EINVAL);
}
END_TEST

static unsigned passes(struct log_limit *limit, int64_t second, unsigned tries, unsigned *held_back)
{
	unsigned passed = 0;

	while (tries--)
		passed += log_limit_pass(limit, (struct instant){SECONDS(second)}, held_back);
	return passed;
}

START_TEST(a_burst_of_ten_passes_and_then_one_in_ten_seconds)
{
	struct log_limit limit = {0};
	unsigned held_back = 99;

	ck_assert_uint_eq(passes(&limit, 1000, 25, &held_back), 10);
	ck_assert_uint_eq(held_back, 0);
	ck_assert_uint_eq(passes(&limit, 1009, 5, &held_back), 0);
	ck_assert_uint_eq(passes(&limit, 1010, 5, &held_back), 1);
	ck_assert_uint_eq(held_back, 20);
	ck_assert_uint_eq(passes(&limit, 1019, 5, &held_back), 0);
	ck_assert_uint_eq(passes(&limit, 1030, 5, &held_back), 2);
	ck_assert_uint_eq(held_back, 0);
	ck_assert_uint_eq(passes(&limit, 1129, 20, &held_back), 9);
	ck_assert_uint_eq(passes(&limit, 9999, 20, &held_back), 10);
}
END_TEST

START_TEST(a_burst_can_be_another)
{
	struct log_limit limit = {.burst = 100};
	unsigned held_back;

	ck_assert_uint_eq(passes(&limit, 1000, 250, &held_back), 100);
	ck_assert_uint_eq(passes(&limit, 1010, 5, &held_back), 1);
	ck_assert_uint_eq(held_back, 150);
}
END_TEST

START_TEST(time_between_two_lines_is_not_lost)
{
	struct log_limit limit = {0};
	unsigned held_back;

	ck_assert_uint_eq(passes(&limit, 1000, 10, &held_back), 10);
	ck_assert_uint_eq(passes(&limit, 1015, 5, &held_back), 1);
	ck_assert_uint_eq(passes(&limit, 1020, 5, &held_back), 1);
}
END_TEST

START_TEST(a_limit_works_from_the_first_moment_on)
{
	struct log_limit limit = {0};
	unsigned held_back;

	ck_assert_uint_eq(passes(&limit, 0, 20, &held_back), 10);
	ck_assert_uint_eq(passes(&limit, 9, 20, &held_back), 0);
	ck_assert_uint_eq(passes(&limit, 10, 20, &held_back), 1);
}
END_TEST

Suite *log_suite(void)
{
	Suite *suite = suite_create("base/log");
	TCase *tcase = tcase_create("log");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_line_goes_to_the_sink);
	tcase_add_test(tcase, what_is_above_the_level_is_not_written);
	tcase_add_test(tcase, without_a_sink_nothing_happens);
	tcase_add_test(tcase, a_line_is_bounded_and_says_where_it_was_cut);
	tcase_add_test(tcase, a_cut_does_not_divide_a_character);
	tcase_add_test(tcase, one_event_stays_one_line);
	tcase_add_test(tcase, an_escaped_line_is_bounded_too);
	tcase_add_test(tcase, levels_have_names);
	tcase_add_test(tcase, a_burst_of_ten_passes_and_then_one_in_ten_seconds);
	tcase_add_test(tcase, a_burst_can_be_another);
	tcase_add_test(tcase, time_between_two_lines_is_not_lost);
	tcase_add_test(tcase, a_limit_works_from_the_first_moment_on);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of base/utc: the same text as of the C library. */
#include "base/array.h"
#include "base/instant.h"
#include "base/rng.h"
#include "base/utc.h"
#include "base/utc_parse.h"
#include "suites.h"
#include <errno.h>
#include <stdio.h>
#include <time.h>

static struct utc_day day;

static void check(int64_t seconds)
{
	char buffer[UTC_TEXT_MAX], wanted[64];
	time_t time = (time_t)seconds;
	struct tm tm;

	ck_assert_ptr_nonnull(gmtime_r(&time, &tm));
	strftime(wanted, sizeof(wanted), "%Y-%m-%dT%H:%M:%SZ", &tm);
	struct slice text = utc_text(&day, SECONDS(seconds), buffer);
	ck_assert_msg(
	    slice_equal(text, slice_of(wanted)), "%.*s is not %s", SLICE_ARGS(text), wanted);
	if (seconds % 997 == 0) {
		int64_t read = seconds + 1;
		ck_assert_int_eq(utc_parse(wanted, &read), 0);
		ck_assert_int_eq(read, seconds);
	}
}

START_TEST(each_day_of_eight_centuries_is_right)
{
	const int64_t length = 86400, year_1600 = -135140 * length;

	for (int64_t i = 0; i < 2 * (int64_t)146097; i++)
		check(year_1600 + i * length + i % length);
}
END_TEST

START_TEST(times_of_a_day_are_right)
{
	struct rng rng;

	rng_init(&rng, 1);
	for (unsigned i = 0; i < 10000; i++)
		check((int64_t)rng_below(&rng, UINT32_MAX));
	check(0);
	check(-1);
	check(1709164799); /* 2024-02-28T23:59:59Z */
	check(1709251200); /* 2024-03-01T00:00:00Z */
}
END_TEST

START_TEST(the_longest_years_fit)
{
	char buffer[UTC_TEXT_MAX];

	ck_assert(slice_equal(utc_text(&day, INT64_MIN, buffer), SLICE("-290308-12-21T19:59:06Z")));
	ck_assert(slice_equal(utc_text(&day, INT64_MAX, buffer), SLICE("294247-01-10T04:00:54Z")));
}
END_TEST

START_TEST(what_is_no_moment_is_refused)
{
	static const char *const TEXTS[] = {"", "2026-01-31", "2026-01-31T12:00:00",
	    "2026-01-31T12:00:00Z ", "2026-13-31T12:00:00Z", "yesterday"};
	int64_t seconds;

	ck_assert_int_eq(utc_parse(NULL, &seconds), -EINVAL);
	for (size_t i = 0; i < COUNT_OF(TEXTS); i++)
		ck_assert_msg(utc_parse(TEXTS[i], &seconds) == -EINVAL, "%s", TEXTS[i]);
}
END_TEST

Suite *utc_suite(void)
{
	Suite *suite = suite_create("base/utc");
	TCase *tcase = tcase_create("utc");

	tcase_add_test(tcase, each_day_of_eight_centuries_is_right);
	tcase_add_test(tcase, times_of_a_day_are_right);
	tcase_add_test(tcase, the_longest_years_fit);
	tcase_add_test(tcase, what_is_no_moment_is_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of history/calendar: dates with a clock that is wrong, set, or adjusted. */
#include "history/calendar.h"
#include "suites.h"

enum { LAST = 1800000000 };

static struct calendar calendar;
static int64_t from;

static struct instant at(int64_t seconds)
{
	return (struct instant){SECONDS(seconds)};
}

static int64_t update(int64_t wall, int64_t now)
{
	return calendar_update(&calendar, SECONDS(wall), at(now), &from);
}

START_TEST(a_right_clock_is_followed)
{
	calendar_init(&calendar, LAST, SECONDS(LAST + 100), at(10));
	ck_assert_int_eq(calendar_date(&calendar, at(10)), LAST + 100);
	ck_assert_int_eq(update(LAST + 200, 110), 0);
	ck_assert_int_eq(calendar_date(&calendar, at(110)), LAST + 200);
	ck_assert(!calendar_is_settled(&calendar, at(10 + 3599)));
	ck_assert(calendar_is_settled(&calendar, at(10 + 3600)));
}
END_TEST

START_TEST(a_clock_of_1970_goes_on_from_the_last_date_until_it_is_set)
{
	calendar_init(&calendar, LAST, SECONDS(60), at(5));
	ck_assert_int_eq(calendar_date(&calendar, at(5)), LAST + 1);
	ck_assert_int_eq(update(65, 10), 0);
	ck_assert_int_eq(calendar_date(&calendar, at(10)), LAST + 6);
	ck_assert_int_eq(update(LAST + 1000, 25), 1000 - 21);
	ck_assert_int_eq(from, LAST + 1);
	ck_assert_int_eq(calendar_date(&calendar, at(25)), LAST + 1000);
	ck_assert(!calendar_is_settled(&calendar, at(25 + 3599)));
	ck_assert(calendar_is_settled(&calendar, at(25 + 3600)));
}
END_TEST

START_TEST(a_clock_before_the_last_date_is_believed_after_an_hour)
{
	calendar_init(&calendar, LAST, SECONDS(LAST - 86400), at(0));
	ck_assert_int_eq(update(LAST - 86400 + 3599, 3599), 0);
	ck_assert(!calendar_is_settled(&calendar, at(3600)));
	ck_assert_int_eq(update(LAST - 86400 + 3600, 3600), -86401);
	ck_assert_int_eq(from, LAST + 1);
	ck_assert_int_eq(calendar_date(&calendar, at(3600)), LAST - 86400 + 3600);
	ck_assert(calendar_is_settled(&calendar, at(3600)));
}
END_TEST

START_TEST(a_clock_that_is_set_back_moves_what_this_run_has_recorded)
{
	calendar_init(&calendar, LAST, SECONDS(LAST + 1000000), at(0));
	ck_assert_int_eq(update(LAST + 500, 10), 500 - 1000010);
	ck_assert_int_eq(from, LAST + 1000000);
	ck_assert_int_eq(update(LAST + 700, 20), 190);
	ck_assert_int_eq(from, LAST + 490);
}
END_TEST

START_TEST(a_clock_that_is_adjusted_slowly_is_steady)
{
	calendar_init(&calendar, 0, SECONDS(LAST), at(0));
	for (int64_t i = 1; i <= 4000; i++)
		calendar_update(&calendar, SECONDS(LAST + i) + i * 500, at(i), &from);
	ck_assert(calendar_is_settled(&calendar, at(4000)));
	ck_assert_int_le(LAST + 4000, calendar_date(&calendar, at(4000)));
	ck_assert_int_ge(LAST + 4002, calendar_date(&calendar, at(4000)));
}
END_TEST

Suite *calendar_suite(void)
{
	Suite *suite = suite_create("history/calendar");
	TCase *tcase = tcase_create("calendar");

	tcase_add_test(tcase, a_right_clock_is_followed);
	tcase_add_test(tcase, a_clock_of_1970_goes_on_from_the_last_date_until_it_is_set);
	tcase_add_test(tcase, a_clock_before_the_last_date_is_believed_after_an_hour);
	tcase_add_test(tcase, a_clock_that_is_set_back_moves_what_this_run_has_recorded);
	tcase_add_test(tcase, a_clock_that_is_adjusted_slowly_is_steady);
	suite_add_tcase(suite, tcase);
	return suite;
}

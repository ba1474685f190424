/* SPDX-License-Identifier: ISC
 * Tests of engine/record_life. */
#include "engine/record_life.h"
#include "suites.h"

static const struct instant BEGIN = {SECONDS(1000)};

static struct instant at(int64_t seconds)
{
	return instant_add(BEGIN, SECONDS(seconds));
}

static struct record_life life_of(uint32_t ttl, uint8_t jitter)
{
	struct record_life life;

	record_life_begin(&life, ttl, jitter, BEGIN);
	return life;
}

START_TEST(what_is_kept_is_asked_for_four_times_rfc6762_5_2)
{
	static const int PERCENT[] = {80, 85, 90, 95};
	struct record_life life = life_of(1000, 0);

	for (size_t i = 0; i < 4; i++) {
		struct instant due = at(10 * PERCENT[i]);
		ck_assert_int_eq(record_life_due(&life, RECORD_KEPT).us, due.us);
		ck_assert(!record_life_ask(&life, RECORD_KEPT, instant_add(due, -1)));
		ck_assert(record_life_ask(&life, RECORD_KEPT, due));
		ck_assert(!record_life_ask(&life, RECORD_KEPT, due));
	}
	ck_assert_int_eq(record_life_due(&life, RECORD_KEPT).us, at(1000).us);
	ck_assert(!record_life_is_over(&life, RECORD_KEPT, at(999)));
	ck_assert(record_life_is_over(&life, RECORD_KEPT, at(1000)));
}
END_TEST

START_TEST(the_jitter_is_at_most_two_percent)
{
	struct record_life life = life_of(1000, UINT8_MAX);
	int64_t late = instant_since(record_life_due(&life, RECORD_KEPT), at(800));

	ck_assert_int_gt(late, SECONDS(19));
	ck_assert_int_le(late, SECONDS(20));
}
END_TEST

/* As after a long time in which it was not needed. */
START_TEST(what_has_lapsed_is_checked_before_it_goes)
{
	struct record_life life = life_of(120, 0);

	ck_assert(instant_is_never(record_life_due(&life, RECORD_LAPSES)));
	ck_assert(!record_life_is_over(&life, RECORD_LAPSES, at(500)));
	ck_assert(!record_life_ask(&life, RECORD_LAPSES, at(500)));
	ck_assert(!record_life_is_over(&life, RECORD_KEPT, at(500)));
	ck_assert(record_life_ask(&life, RECORD_KEPT, at(500)));
	ck_assert(!record_life_is_over(&life, RECORD_KEPT, at(509)));
	ck_assert(record_life_is_over(&life, RECORD_KEPT, at(510)));
}
END_TEST

START_TEST(what_ends_is_not_asked_for)
{
	struct record_life life = life_of(120, 0);

	ck_assert_int_eq(record_life_due(&life, RECORD_ENDS).us, at(120).us);
	ck_assert(!record_life_ask(&life, RECORD_ENDS, at(119)));
	ck_assert(!record_life_ask(&life, RECORD_ENDS, at(120)));
	ck_assert(record_life_is_over(&life, RECORD_ENDS, at(120)));
}
END_TEST

START_TEST(a_goodbye_leaves_a_second_rfc6762_10_1)
{
	const enum record_care care[] = {RECORD_LAPSES, RECORD_ENDS, RECORD_KEPT};
	struct record_life life = life_of(120, 0);

	record_life_end(&life, BEGIN);
	record_life_end(&life, at(5)); /* a second one does not put it off */
	ck_assert_int_eq(record_life_due(&life, care[_i]).us, at(1).us);
	ck_assert(!record_life_ask(&life, care[_i], at(1)));
	ck_assert(record_life_is_over(&life, care[_i], at(1)));
	record_life_begin(&life, 120, 0, at(1));
	ck_assert(!record_life_is_over(&life, care[_i], at(2)));
}
END_TEST

START_TEST(what_is_checked_is_asked_for_and_goes_in_ten_seconds_rfc6762_10_4)
{
	const enum record_care care[] = {RECORD_LAPSES, RECORD_ENDS, RECORD_KEPT};
	struct record_life life = life_of(4500, 0);
	unsigned asked = 0;

	record_life_check(&life, BEGIN);
	for (int i = 0; i < 10; i++)
		asked += record_life_ask(&life, care[_i], at(i));
	ck_assert_uint_eq(asked, 4);
	ck_assert(!record_life_is_over(&life, care[_i], at(9)));
	ck_assert(record_life_is_over(&life, care[_i], at(10)));
}
END_TEST

START_TEST(what_was_never_heard_is_neither_asked_for_nor_over)
{
	struct record_life life = {.ttl = 0};

	record_life_end(&life, BEGIN);
	record_life_check(&life, BEGIN);
	ck_assert(instant_is_never(record_life_due(&life, RECORD_KEPT)));
	ck_assert(!record_life_ask(&life, RECORD_KEPT, BEGIN));
	ck_assert(!record_life_is_over(&life, RECORD_KEPT, BEGIN));
}
END_TEST

Suite *record_life_suite(void)
{
	Suite *suite = suite_create("engine/record_life");
	TCase *tcase = tcase_create("record_life");

	tcase_add_test(tcase, what_is_kept_is_asked_for_four_times_rfc6762_5_2);
	tcase_add_test(tcase, the_jitter_is_at_most_two_percent);
	tcase_add_test(tcase, what_has_lapsed_is_checked_before_it_goes);
	tcase_add_test(tcase, what_ends_is_not_asked_for);
	tcase_add_loop_test(tcase, a_goodbye_leaves_a_second_rfc6762_10_1, 0, 3);
	tcase_add_loop_test(
	    tcase, what_is_checked_is_asked_for_and_goes_in_ten_seconds_rfc6762_10_4, 0, 3);
	tcase_add_test(tcase, what_was_never_heard_is_neither_asked_for_nor_over);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of engine/broadcast_askers. */
#include "engine/broadcast_askers.h"
#include "suites.h"

static const struct siphash_key KEY = {{1, 2}};
static struct broadcast_askers askers;
static struct instant now;

static void set_up(void)
{
	now = (struct instant){SECONDS(1000)};
	ck_assert_int_eq(broadcast_askers_init(&askers, &KEY), 0);
}

static void tear_down(void)
{
	broadcast_askers_fini(&askers);
}

/* All in seconds. */
static int64_t asked(int64_t pause, uint8_t host, uint32_t link)
{
	struct address from = address_ipv4(192, 0, 2, host);
	now = instant_add(now, SECONDS(pause));
	return broadcast_askers_asked(&askers, now, &from, link) / SECONDS(1);
}

static int64_t answered(int64_t our_interval, uint8_t host)
{
	struct address from = address_ipv4(192, 0, 2, host);
	return broadcast_askers_answered(&askers, &from, 1, SECONDS(our_interval)) / SECONDS(1);
}

START_TEST(an_asker_lives_for_three_of_its_intervals)
{
	ck_assert_int_eq(asked(0, 9, 1), 90);
	ck_assert_int_eq(asked(20, 9, 1), 60);
	ck_assert_int_eq(asked(20, 9, 1), 60);
	ck_assert_int_eq(asked(60, 9, 1), 180);
}
END_TEST

START_TEST(a_lifetime_has_bounds)
{
	asked(0, 9, 1);
	ck_assert_int_eq(asked(5, 9, 1), 30);
	ck_assert_int_eq(asked(101, 9, 1), 300);
	ck_assert_int_eq(asked(100000, 9, 1), 300);
}
END_TEST

START_TEST(repeated_asks_are_one)
{
	asked(0, 9, 1);
	ck_assert_int_eq(asked(0, 9, 1), 90);
	ck_assert_int_eq(asked(1, 9, 1), 90);
	ck_assert_int_eq(asked(19, 9, 1), 60);
	ck_assert_int_eq(asked(1, 9, 1), 60);
	ck_assert_int_eq(asked(19, 9, 1), 60);
}
END_TEST

START_TEST(who_asks_every_second_is_known_for_it)
{
	for (int i = 0; i < 10; i++)
		asked(1, 9, 1);
	ck_assert_int_eq(asked(1, 9, 1), 30);
}
END_TEST

START_TEST(askers_are_told_apart_by_address_and_link)
{
	asked(0, 9, 1);
	ck_assert_int_eq(asked(20, 10, 1), 90);
	ck_assert_int_eq(asked(0, 9, 2), 90);
	ck_assert_int_eq(asked(0, 9, 1), 60);
}
END_TEST

START_TEST(who_only_answers_lives_for_three_of_our_intervals)
{
	ck_assert_int_eq(answered(60, 9), 180);
	ck_assert_int_eq(answered(5, 9), 30);
	ck_assert_int_eq(answered(86400, 9), 300);
	asked(0, 9, 1);
	ck_assert_int_eq(answered(60, 9), 180);
	asked(15, 9, 1);
	ck_assert_int_eq(answered(60, 9), 45);
}
END_TEST

Suite *broadcast_askers_suite(void)
{
	Suite *suite = suite_create("engine/broadcast_askers");
	TCase *tcase = tcase_create("broadcast_askers");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, an_asker_lives_for_three_of_its_intervals);
	tcase_add_test(tcase, a_lifetime_has_bounds);
	tcase_add_test(tcase, repeated_asks_are_one);
	tcase_add_test(tcase, who_asks_every_second_is_known_for_it);
	tcase_add_test(tcase, askers_are_told_apart_by_address_and_link);
	tcase_add_test(tcase, who_only_answers_lives_for_three_of_our_intervals);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of base/rng. */
#include "base/rng.h"
#include "suites.h"
#include <stdbool.h>

START_TEST(the_same_seed_repeats_and_another_differs)
{
	struct rng a, b, c;

	rng_init(&a, 1);
	rng_init(&b, 1);
	rng_init(&c, 2);
	for (int i = 0; i < 100; i++) {
		uint64_t x = rng_u64(&a);
		ck_assert_uint_eq(x, rng_u64(&b));
		ck_assert_uint_ne(x, rng_u64(&c));
	}
}
END_TEST

/* The first numbers of the reference code, its state { 1, 2, 3, 4 }. */
START_TEST(the_generator_is_the_published_one)
{
	struct rng rng = {{1, 2, 3, 4}};

	ck_assert_uint_eq(rng_u64(&rng), 11520);
	ck_assert_uint_eq(rng_u64(&rng), 0);
	ck_assert_uint_eq(rng_u64(&rng), 1509978240);
	ck_assert_uint_eq(rng_u64(&rng), 1215971899390074240);
}
END_TEST

START_TEST(seed_zero_is_as_good_as_any)
{
	struct rng rng;
	uint64_t all = 0;

	rng_init(&rng, 0);
	for (int i = 0; i < 64; i++)
		all |= rng_u64(&rng);
	ck_assert_uint_eq(all, UINT64_MAX);
}
END_TEST

START_TEST(below_reaches_every_value_and_no_other)
{
	struct rng rng;
	unsigned seen[7] = {0};

	rng_init(&rng, 3);
	for (int i = 0; i < 7000; i++) {
		uint64_t x = rng_below(&rng, 7);
		ck_assert_uint_lt(x, 7);
		seen[x]++;
	}
	for (int i = 0; i < 7; i++)
		ck_assert_msg(seen[i] > 850 && seen[i] < 1150, "%d: %u", i, seen[i]);
	ck_assert_uint_eq(rng_below(&rng, 0), 0);
	ck_assert_uint_eq(rng_below(&rng, 1), 0);
}
END_TEST

/* A bare remainder would give the lower half of this range twice as often. */
START_TEST(below_is_fair_for_great_limits)
{
	struct rng rng;
	const uint64_t third = UINT64_MAX / 3;
	unsigned low = 0;

	rng_init(&rng, 4);
	for (int i = 0; i < 3000; i++)
		low += rng_below(&rng, 2 * third) < third;
	ck_assert_msg(low > 1350 && low < 1650, "%u", low);
}
END_TEST

START_TEST(between_includes_both_ends)
{
	struct rng rng;
	bool first = false, last = false;

	rng_init(&rng, 5);
	for (int i = 0; i < 1000; i++) {
		int64_t x = rng_between(&rng, -3, 3);
		ck_assert(x >= -3 && x <= 3);
		first |= x == -3;
		last |= x == 3;
	}
	ck_assert(first && last);
	ck_assert_int_eq(rng_between(&rng, 5, 5), 5);
	ck_assert_int_eq(rng_between(&rng, 5, 4), 5);
}
END_TEST

START_TEST(between_spans_all_numbers)
{
	struct rng rng;
	bool negative = false, positive = false;

	rng_init(&rng, 6);
	for (int i = 0; i < 100; i++) {
		int64_t x = rng_between(&rng, INT64_MIN, INT64_MAX);
		negative |= x < 0;
		positive |= x > 0;
	}
	ck_assert(negative && positive);
}
END_TEST

START_TEST(around_stays_within_a_fifth)
{
	struct rng rng;
	int64_t least = INT64_MAX, most = 0;

	rng_init(&rng, 7);
	for (int i = 0; i < 1000; i++) {
		int64_t x = rng_around(&rng, 100);
		least = x < least ? x : least;
		most = x > most ? x : most;
	}
	ck_assert_int_eq(least, 80);
	ck_assert_int_eq(most, 120);
}
END_TEST

Suite *rng_suite(void)
{
	Suite *suite = suite_create("base/rng");
	TCase *tcase = tcase_create("rng");

	tcase_add_test(tcase, the_same_seed_repeats_and_another_differs);
	tcase_add_test(tcase, the_generator_is_the_published_one);
	tcase_add_test(tcase, seed_zero_is_as_good_as_any);
	tcase_add_test(tcase, below_reaches_every_value_and_no_other);
	tcase_add_test(tcase, below_is_fair_for_great_limits);
	tcase_add_test(tcase, between_includes_both_ends);
	tcase_add_test(tcase, between_spans_all_numbers);
	tcase_add_test(tcase, around_stays_within_a_fifth);
	suite_add_tcase(suite, tcase);
	return suite;
}

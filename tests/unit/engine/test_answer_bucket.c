/* SPDX-License-Identifier: ISC
 * Tests of engine/answer_bucket. */
#include "engine/answer_bucket.h"
#include "suites.h"

static const struct siphash_key KEY = {{1, 2}};
static const struct instant START = {SECONDS(1000)};
/* Those of DISCOVER. */
static const struct answer_limits LIMITS = {
    .source_burst = 4, .source_rate = 1, .total_burst = 64, .total_rate = 32};

static struct rng rng;
static struct answer_buckets *buckets;

static void set_up(void)
{
	rng_init(&rng, 1);
	buckets = answer_buckets_new(&LIMITS, &KEY, &rng);
}

static void set_up_with(const struct answer_limits *limits)
{
	answer_buckets_free(buckets);
	buckets = answer_buckets_new(limits, &KEY, &rng);
}

static void tear_down(void)
{
	answer_buckets_free(buckets);
	buckets = NULL;
}

static struct instant at(int64_t us)
{
	return instant_add(START, us);
}

static bool ask(unsigned host, int64_t us, unsigned count)
{
	struct address address = address_ipv4(10, 0, (uint8_t)(host >> 8), (uint8_t)host);
	return answer_buckets_take(buckets, at(us), &address, count);
}

static unsigned ask_often(unsigned host, int64_t us, unsigned times)
{
	unsigned answered = 0;
	for (unsigned i = 0; i < times; i++)
		answered += ask(host, us, 1);
	return answered;
}

START_TEST(a_source_gets_its_burst_and_then_its_rate)
{
	ck_assert_uint_eq(ask_often(1, 0, 20), 4);
	ck_assert(!ask(1, SECONDS(1) - 1, 1));
	ck_assert_uint_eq(ask_often(1, SECONDS(1), 5), 1);
	ck_assert_uint_eq(ask_often(1, SECONDS(3), 5), 2);
}
END_TEST

START_TEST(a_bucket_never_holds_more_than_its_burst)
{
	ck_assert_uint_eq(ask_often(1, 0, 20), 4);
	ck_assert_uint_eq(ask_often(1, SECONDS(86400), 20), 4);
}
END_TEST

START_TEST(one_source_does_not_empty_the_bucket_of_another)
{
	ck_assert_uint_eq(ask_often(1, 0, 100), 4);
	ck_assert_uint_eq(ask_often(2, 0, 100), 4);
}
END_TEST

START_TEST(all_sources_together_get_the_total)
{
	unsigned answered = 0;
	for (unsigned host = 0; host < 100; host++)
		answered += ask_often(host, 0, 4);
	ck_assert_uint_eq(answered, 64);
	answered = 0;
	for (unsigned host = 100; host < 200; host++)
		answered += ask_often(host, SECONDS(1), 4);
	ck_assert_uint_eq(answered, 32);
}
END_TEST

START_TEST(a_query_refused_by_the_total_costs_its_source_nothing)
{
	for (unsigned host = 0; host < 16; host++)
		ck_assert_uint_eq(ask_often(host, 0, 4), 4);
	ck_assert_uint_eq(ask_often(99, 0, 50), 0);
	ck_assert_uint_eq(ask_often(99, SECONDS(1), 50), 4);
}
END_TEST

START_TEST(an_answer_of_several_datagrams_takes_as_many)
{
	ck_assert(ask(1, 0, 3));
	ck_assert(!ask(1, 0, 2));
	ck_assert(ask(1, 0, 1));
}
END_TEST

START_TEST(an_answer_larger_than_the_bucket_is_paid_off_afterwards)
{
	ck_assert(ask(1, 0, 10));
	ck_assert(!ask(1, SECONDS(6), 1));
	ck_assert(ask(1, SECONDS(7), 1));
	ck_assert(!ask(1, SECONDS(11) - 1, 10));
	ck_assert(ask(1, SECONDS(11), 10));
}
END_TEST

START_TEST(some_queries_of_an_emptied_source_leak_at_random)
{
	struct answer_limits limits = {1, 1, 100000, 1, .random_leak = 4};
	set_up_with(&limits);
	unsigned answered = ask_often(1, 0, 4001);
	ck_assert_uint_gt(answered, 850);
	ck_assert_uint_lt(answered, 1150);
	/* They are no debt of the source's. */
	ck_assert(ask(1, SECONDS(1), 1));
}
END_TEST

START_TEST(the_random_leak_stays_within_the_total)
{
	struct answer_limits limits = {1, 1, 20, 1, .random_leak = 4};
	set_up_with(&limits);
	ck_assert_uint_eq(ask_often(1, 0, 4000), 20);
}
END_TEST

START_TEST(a_flood_of_forged_sources_gains_no_more_than_the_total)
{
	ck_assert_uint_eq(ask_often(60000, 0, 10), 4);
	unsigned answered = 4;
	for (unsigned host = 0; host < 10 * ANSWER_SOURCES_MAX; host++)
		answered += ask(host, 0, 1) + ask(60000, 0, 1);
	ck_assert_uint_eq(answered, 64);
}
END_TEST

START_TEST(a_source_that_keeps_asking_is_not_forgotten)
{
	ck_assert_uint_eq(ask_often(60000, 0, 10), 4);
	for (unsigned host = 0; host < 10 * ANSWER_SOURCES_MAX; host++) {
		ask(host, 0, 1);
		ck_assert(!ask(60000, 0, 1));
	}
}
END_TEST

START_TEST(a_rate_above_a_million_is_no_limit)
{
	struct answer_limits limits = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, 0};
	set_up_with(&limits);
	ck_assert_uint_eq(ask_often(1, 0, 10000), 10000);
}
END_TEST

/* Whatever is asked when: no source ever gets more than burst + rate × time, seen from any moment
 * at which it was answered. */
START_TEST(no_window_of_time_exceeds_burst_and_rate)
{
	enum { HOSTS = 40, STEPS = 4000 };
	static int64_t when[HOSTS + 1][STEPS];
	unsigned counts[HOSTS + 1] = {0};
	int64_t now = 0;
	rng_init(&rng, (uint64_t)_i);
	for (unsigned step = 0; step < STEPS; step++) {
		now += (int64_t)rng_below(&rng, MILLISECONDS(rng_below(&rng, 8) ? 5 : 500));
		unsigned host = (unsigned)rng_below(&rng, HOSTS);
		if (!ask(host, now, 1))
			continue;
		when[host][counts[host]++] = now;
		when[HOSTS][counts[HOSTS]++] = now;
	}
	unsigned exceeded = 0;
	for (unsigned host = 0; host <= HOSTS; host++) {
		int64_t burst = host < HOSTS ? LIMITS.source_burst : LIMITS.total_burst;
		int64_t rate = host < HOSTS ? LIMITS.source_rate : LIMITS.total_rate;
		for (unsigned first = 0; first < counts[host]; first++)
			for (unsigned last = first; last < counts[host]; last++)
				exceeded += SECONDS(last - first + 1 - burst) >
					    (when[host][last] - when[host][first]) * rate;
	}
	ck_assert_uint_eq(exceeded, 0);
}
END_TEST

Suite *answer_bucket_suite(void)
{
	Suite *suite = suite_create("engine/answer_bucket");
	TCase *tcase = tcase_create("answer_bucket");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_source_gets_its_burst_and_then_its_rate);
	tcase_add_test(tcase, a_bucket_never_holds_more_than_its_burst);
	tcase_add_test(tcase, one_source_does_not_empty_the_bucket_of_another);
	tcase_add_test(tcase, all_sources_together_get_the_total);
	tcase_add_test(tcase, a_query_refused_by_the_total_costs_its_source_nothing);
	tcase_add_test(tcase, an_answer_of_several_datagrams_takes_as_many);
	tcase_add_test(tcase, an_answer_larger_than_the_bucket_is_paid_off_afterwards);
	tcase_add_test(tcase, some_queries_of_an_emptied_source_leak_at_random);
	tcase_add_test(tcase, the_random_leak_stays_within_the_total);
	tcase_add_test(tcase, a_flood_of_forged_sources_gains_no_more_than_the_total);
	tcase_add_test(tcase, a_source_that_keeps_asking_is_not_forgotten);
	tcase_add_test(tcase, a_rate_above_a_million_is_no_limit);
	tcase_add_loop_test(tcase, no_window_of_time_exceeds_burst_and_rate, 1, 9);
	suite_add_tcase(suite, tcase);
	return suite;
}

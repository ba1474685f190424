/* SPDX-License-Identifier: ISC
 * Tests of discoverd/echoes. */
#include "discoverd/echoes.h"
#include "suites.h"
#include <check.h>

static struct instant at(int64_t seconds)
{
	return (struct instant){SECONDS(seconds)};
}

START_TEST(a_link_is_silent_when_nothing_comes_back)
{
	struct echoes echoes = {0};
	for (unsigned i = 0; i < ECHOES_SENT; i++) {
		ck_assert(echoes_deadline(&echoes).us == INSTANT_NEVER.us);
		echoes_sent(&echoes, at(i), 2, ADDRESS_IPV4);
	}
	ck_assert_int_eq(echoes_deadline(&echoes).us, ECHOES_WAIT);
	ck_assert(!echoes_advance(&echoes, at(4)) && !echoes_is_silent(&echoes, 2));
	ck_assert(echoes_advance(&echoes, at(5)) && echoes_is_silent(&echoes, 2));
	ck_assert(!echoes_is_silent(&echoes, 3));
	/* It is told once. */
	ck_assert(!echoes_advance(&echoes, at(6)));
	ck_assert(echoes_deadline(&echoes).us == INSTANT_NEVER.us);
	ck_assert(!echoes_heard(&echoes, 2, ADDRESS_IPV6) && echoes_is_silent(&echoes, 2));
	ck_assert(echoes_heard(&echoes, 2, ADDRESS_IPV4) && !echoes_is_silent(&echoes, 2));
	ck_assert(!echoes_heard(&echoes, 2, ADDRESS_IPV4));
	echoes_fini(&echoes);
}
END_TEST

START_TEST(a_few_lost_ones_prove_nothing)
{
	struct echoes echoes = {0};
	for (int64_t i = 0; i < 100; i++) {
		echoes_sent(&echoes, at(10 * i), 2, ADDRESS_IPV4);
		echoes_sent(&echoes, at(10 * i), 2, ADDRESS_IPV4);
		ck_assert(!echoes_advance(&echoes, at(10 * i + 9)));
		echoes_heard(&echoes, 2, ADDRESS_IPV4);
	}
	echoes_fini(&echoes);
}
END_TEST

START_TEST(what_was_lost_in_a_full_queue_proves_nothing)
{
	struct echoes echoes = {0};
	for (unsigned i = 0; i < ECHOES_SENT; i++) {
		echoes_sent(&echoes, at(0), 2, ADDRESS_IPV4);
		echoes_sent(&echoes, at(0), 3, ADDRESS_IPV6);
	}
	echoes_excuse(&echoes, ADDRESS_IPV6);
	ck_assert(echoes_advance(&echoes, at(5)));
	ck_assert(echoes_is_silent(&echoes, 2) && !echoes_is_silent(&echoes, 3));
	echoes_excuse(&echoes, ADDRESS_IPV4);
	ck_assert(echoes_is_silent(&echoes, 2));
	echoes_fini(&echoes);
}
END_TEST

START_TEST(what_was_found_of_a_link_goes_with_it)
{
	struct echoes echoes = {0};
	for (uint32_t link = 2; link < 5; link++)
		for (unsigned i = 0; i < ECHOES_SENT; i++) {
			echoes_sent(&echoes, at(0), link, ADDRESS_IPV4);
			echoes_sent(&echoes, at(0), link, ADDRESS_IPV6);
		}
	ck_assert(echoes_advance(&echoes, at(5)));
	echoes_forget(&echoes, 3);
	ck_assert(!echoes_is_silent(&echoes, 3));
	ck_assert(echoes_is_silent(&echoes, 2) && echoes_is_silent(&echoes, 4));
	ck_assert_uint_eq(echoes.count, 4);
	echoes_fini(&echoes);
}
END_TEST

Suite *echoes_suite(void)
{
	Suite *suite = suite_create("discoverd/echoes");
	TCase *tcase = tcase_create("echoes");
	tcase_add_test(tcase, a_link_is_silent_when_nothing_comes_back);
	tcase_add_test(tcase, a_few_lost_ones_prove_nothing);
	tcase_add_test(tcase, what_was_lost_in_a_full_queue_proves_nothing);
	tcase_add_test(tcase, what_was_found_of_a_link_goes_with_it);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of engine/recent. */
#include "engine/recent.h"
#include "suites.h"

static const struct siphash_key KEY = {{1, 2}};

struct noted {
	struct recent_host host;
	unsigned value;
};

static struct address host(unsigned n)
{
	return address_ipv4(10, 0, (uint8_t)(n >> 8), (uint8_t)n);
}

static struct noted *touch(struct recent *recent, unsigned n)
{
	struct address address = host(n);
	return recent_touch(recent, &address, 1);
}

static struct noted *find(const struct recent *recent, unsigned n)
{
	struct address address = host(n);
	return recent_find(recent, &address, 1);
}

START_TEST(a_host_keeps_what_was_noted)
{
	struct recent recent;
	ck_assert_int_eq(recent_init(&recent, 4, sizeof(struct noted), &KEY), 0);
	ck_assert_ptr_null(find(&recent, 1));
	ck_assert_uint_eq(touch(&recent, 1)->value, 0);
	touch(&recent, 1)->value = 7;
	touch(&recent, 2)->value = 8;
	ck_assert_uint_eq(find(&recent, 1)->value, 7);
	ck_assert_uint_eq(touch(&recent, 2)->value, 8);
	recent_fini(&recent);
}
END_TEST

START_TEST(one_address_on_two_links_is_two_hosts)
{
	struct recent recent;
	ck_assert_int_eq(recent_init(&recent, 4, sizeof(struct noted), &KEY), 0);
	struct address address = host(1);
	ck_assert_ptr_ne(recent_touch(&recent, &address, 1), recent_touch(&recent, &address, 2));
	ck_assert_ptr_null(recent_find(&recent, &address, 3));
	recent_fini(&recent);
}
END_TEST

START_TEST(the_host_not_heard_for_longest_is_replaced)
{
	struct recent recent;
	ck_assert_int_eq(recent_init(&recent, 3, sizeof(struct noted), &KEY), 0);
	for (unsigned n = 1; n <= 3; n++)
		touch(&recent, n)->value = n;
	touch(&recent, 1);
	ck_assert_uint_eq(touch(&recent, 4)->value, 0);
	ck_assert_ptr_null(find(&recent, 2));
	ck_assert_uint_eq(find(&recent, 1)->value, 1);
	ck_assert_uint_eq(find(&recent, 3)->value, 3);
	recent_fini(&recent);
}
END_TEST

START_TEST(a_limit_of_one_works)
{
	struct recent recent;
	ck_assert_int_eq(recent_init(&recent, 1, sizeof(struct noted), &KEY), 0);
	for (unsigned n = 0; n < 5; n++)
		ck_assert_ptr_nonnull(touch(&recent, n));
	ck_assert_ptr_null(find(&recent, 3));
	ck_assert_ptr_nonnull(find(&recent, 4));
	recent_fini(&recent);
}
END_TEST

Suite *recent_suite(void)
{
	Suite *suite = suite_create("engine/recent");
	TCase *tcase = tcase_create("recent");
	tcase_add_test(tcase, a_host_keeps_what_was_noted);
	tcase_add_test(tcase, one_address_on_two_links_is_two_hosts);
	tcase_add_test(tcase, the_host_not_heard_for_longest_is_replaced);
	tcase_add_test(tcase, a_limit_of_one_works);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of table/string_pool. */
#include "base/string_pool.h"
#include "suites.h"
#include <stdio.h>

static const struct siphash_key KEY = {{3, 4}};

START_TEST(equal_strings_are_kept_once)
{
	struct string_pool pool;
	ck_assert_int_eq(string_pool_init(&pool, &KEY), 0);
	const char *one = string_pool_get(&pool, SLICE("Acme"));
	size_t bytes = pool.bytes;
	char same[] = {'A', 'c', 'm', 'e', '!'};
	ck_assert_ptr_eq(string_pool_get(&pool, (struct slice){same, 4}), one);
	ck_assert_uint_eq(pool.bytes, bytes);
	const char *other = string_pool_get(&pool, SLICE("acme"));
	ck_assert_ptr_ne(other, one);
	ck_assert_str_eq(one, "Acme");
	ck_assert_ptr_eq(string_pool_find(&pool, SLICE("acme")), other);
	string_pool_put(&pool, one);
	ck_assert_str_eq(string_pool_find(&pool, SLICE("Acme")), "Acme");
	string_pool_put(&pool, one);
	ck_assert_ptr_null(string_pool_find(&pool, SLICE("Acme")));
	ck_assert_uint_eq(pool.bytes, bytes);
	string_pool_put(&pool, other);
	ck_assert_uint_eq(pool.bytes, 0);
	string_pool_fini(&pool);
}
END_TEST

START_TEST(a_pool_that_has_become_empty_is_small)
{
	const char *strings[1000];
	struct string_pool pool;
	char text[16];
	ck_assert_int_eq(string_pool_init(&pool, &KEY), 0);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "string %u", i);
		strings[i] = string_pool_get(&pool, slice_of(text));
	}
	ck_assert_uint_gt(pool.strings.size, 255);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "string %u", i);
		ck_assert_ptr_eq(string_pool_find(&pool, slice_of(text)), strings[i]);
		string_pool_put(&pool, strings[i]);
	}
	ck_assert_uint_lt(pool.strings.capacity, 32);
	string_pool_fini(&pool);
}
END_TEST

START_TEST(strings_that_are_held_go_with_the_pool)
{
	struct string_pool pool;
	char text[16];
	ck_assert_int_eq(string_pool_init(&pool, &KEY), 0);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "string %u", i);
		ck_assert_ptr_nonnull(string_pool_get(&pool, slice_of(text)));
	}
	ck_assert_str_eq(string_pool_get(&pool, SLICE_NONE), "");
	string_pool_fini(&pool);
}
END_TEST

Suite *string_pool_suite(void)
{
	Suite *suite = suite_create("model/string_pool");
	TCase *tc = tcase_create("string_pool");
	tcase_add_test(tc, equal_strings_are_kept_once);
	tcase_add_test(tc, a_pool_that_has_become_empty_is_small);
	tcase_add_test(tc, strings_that_are_held_go_with_the_pool);
	suite_add_tcase(suite, tc);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of engine/instance_name. */
#include "engine/instance_name.h"
#include "suites.h"
#include <string.h>

static const char *made(const char *wanted, uint32_t number)
{
	static char out[INSTANCE_NAME_SIZE];
	size_t len = instance_name_make(slice_of(wanted), number, out);

	ck_assert_uint_eq(len, strlen(out));
	return out;
}

START_TEST(the_first_name_is_the_wanted_one)
{
	ck_assert_str_eq(made("Greenhouse", 1), "Greenhouse");
	ck_assert_str_eq(made("Greenhouse (2)", 1), "Greenhouse (2)");
	ck_assert_str_eq(made("", 1), "");
}
END_TEST

START_TEST(later_names_have_a_number)
{
	ck_assert_str_eq(made("Greenhouse", 2), "Greenhouse (2)");
	ck_assert_str_eq(made("Greenhouse", 11), "Greenhouse (11)");
	ck_assert_str_eq(made("", 2), "");
}
END_TEST

START_TEST(a_name_with_a_number_goes_on_counting)
{
	ck_assert_str_eq(made("Greenhouse (2)", 2), "Greenhouse (3)");
	ck_assert_str_eq(made("Greenhouse (9)", 3), "Greenhouse (11)");
	ck_assert_str_eq(made("Greenhouse (1)", 2), "Greenhouse (1) (2)");
	ck_assert_str_eq(made("Greenhouse ()", 2), "Greenhouse () (2)");
	ck_assert_str_eq(made("Greenhouse(2)", 2), "Greenhouse(2) (2)");
	ck_assert_str_eq(made(" (2)", 2), "(2) (2)");
	ck_assert_str_eq(made("2)", 2), "2) (2)");
	ck_assert_str_eq(made(")", 2), ") (2)");
	ck_assert_str_eq(made("X (99999999999999999999)", 2), "X (99999999999999999999) (2)");
}
END_TEST

/* 63 bytes; a character of two bytes lies across the end. */
START_TEST(a_long_name_is_cut_at_a_character)
{
	char wanted[65] = {0};

	for (size_t i = 0; i < 64; i += 2)
		memcpy(wanted + i, "\xc3\xa4", 2);
	ck_assert_uint_eq(strlen(made(wanted, 1)), 62);
	ck_assert_uint_eq(strlen(made(wanted, 2)), 58 + 4);
	ck_assert(slice_ends_with(slice_of(made(wanted, 2)), SLICE("\xc3\xa4 (2)")));
	ck_assert_uint_eq(strlen(made(wanted, 100)), 56 + 6);
}
END_TEST

Suite *instance_name_suite(void)
{
	Suite *suite = suite_create("engine/instance_name");
	TCase *tcase = tcase_create("instance_name");
	tcase_add_test(tcase, the_first_name_is_the_wanted_one);
	tcase_add_test(tcase, later_names_have_a_number);
	tcase_add_test(tcase, a_name_with_a_number_goes_on_counting);
	tcase_add_test(tcase, a_long_name_is_cut_at_a_character);
	suite_add_tcase(suite, tcase);
	return suite;
}

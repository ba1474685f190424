/* SPDX-License-Identifier: ISC
 * Tests of discoverctl/cell: widths as a terminal shows them. */
#include "base/array.h"
#include "discoverctl/cell.h"
#include "suites.h"
#include <locale.h>
#include <stdlib.h>

static void setup(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
}

static void teardown(void)
{
	setlocale(LC_CTYPE, "C");
}

START_TEST(wide_characters_take_two_columns_and_combining_ones_none)
{
	ck_assert_uint_eq(cell_width(SLICE("abc")), 3);
	ck_assert_uint_eq(cell_width(SLICE("日本")), 4);
	ck_assert_uint_eq(cell_width(SLICE("e\xcc\x81")), 1);
	ck_assert_uint_eq(cell_width(SLICE("\xff")), 1);
	ck_assert_uint_eq(cell_width(SLICE("")), 0);
}
END_TEST

START_TEST(no_character_is_cut_in_two)
{
	ck_assert_uint_eq(cell_head(SLICE("日本"), 3).len, 3);
	ck_assert_uint_eq(cell_head(SLICE("e\xcc\x81x"), 1).len, 3);
	ck_assert_uint_eq(cell_head(SLICE("abc"), 0).len, 0);
}
END_TEST

static const struct {
	const char *text;
	struct cell_style style;
	const char *printed;
} ROWS[] = {
    {"ab", {.width = 4}, "ab  "},
    {"ab", {.width = 4, .right = true}, "  ab"},
    {"abcdef", {.width = 4}, "abcdef"},
    {"abcdef", {.width = 4, .cut = true}, "abc…"},
    {"abcd", {.width = 4, .cut = true}, "abcd"},
    {"日本日本", {.width = 4, .cut = true}, "日… "},
    {"ab", {.width = 3, .paint = "\033[1m"}, "\033[1mab\033[0m "},
};

START_TEST(a_cell_is_filled_and_cut)
{
	char *printed = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&printed, &len);
	cell_print(stream, slice_of(ROWS[_i].text), &ROWS[_i].style);
	fclose(stream);
	ck_assert_str_eq(printed, ROWS[_i].printed);
	free(printed);
}
END_TEST

Suite *cell_suite(void)
{
	Suite *suite = suite_create("discoverctl/cell");
	TCase *tcase = tcase_create("cell");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, wide_characters_take_two_columns_and_combining_ones_none);
	tcase_add_test(tcase, no_character_is_cut_in_two);
	tcase_add_loop_test(tcase, a_cell_is_filled_and_cut, 0, COUNT_OF(ROWS));
	suite_add_tcase(suite, tcase);
	return suite;
}

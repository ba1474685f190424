/* SPDX-License-Identifier: ISC
 * Tests of base/slice. */
#include "base/array.h"
#include "base/slice.h"
#include "suites.h"
#include <errno.h>
#include <stdlib.h>

START_TEST(absent_and_empty_differ_only_in_bytes)
{
	ck_assert_ptr_null(slice_of(NULL).bytes);
	ck_assert_ptr_nonnull(slice_of("").bytes);
	ck_assert(slice_equal(SLICE_NONE, SLICE("")));
	ck_assert(slice_starts_with(SLICE_NONE, SLICE_NONE));
	ck_assert_uint_eq(slice_find(SLICE_NONE, 'x'), 0);
	ck_assert_ptr_null(slice_trim(SLICE_NONE).bytes);
	ck_assert_ptr_null(slice_skip(SLICE_NONE, 5).bytes);
}
END_TEST

START_TEST(comparing_knows_ascii_case_only)
{
	ck_assert(slice_equal(SLICE("a\0b"), SLICE("a\0b")));
	ck_assert(!slice_equal(SLICE("a\0b"), SLICE("a\0c")));
	ck_assert(!slice_equal(SLICE("ab"), SLICE("abc")));
	ck_assert(slice_equal_nocase(SLICE("Max-AGE"), SLICE("mAX-age")));
	ck_assert(!slice_equal_nocase(SLICE("ab"), SLICE("abc")));
	ck_assert(!slice_equal_nocase(SLICE("\xc3\xa4"), SLICE("\xc3\x84")));
	ck_assert(!slice_equal_nocase(SLICE("@["), SLICE("`{"))); /* beside the letters */
}
END_TEST

START_TEST(comparing_looks_at_every_byte)
{
	for (size_t at = 0; at < 20; at++) {
		char text[] = "abcdefghijklmnopqrst";
		struct slice slice = {text, sizeof(text) - 1};
		text[at] = (char)(text[at] - 'a' + 'A');
		ck_assert(slice_equal_nocase(slice, SLICE("abcdefghijklmnopqrst")));
		text[at] = '.';
		ck_assert(!slice_equal_nocase(slice, SLICE("abcdefghijklmnopqrst")));
	}
}
END_TEST

START_TEST(heads_and_tails_match_when_they_fit)
{
	ck_assert(slice_starts_with(SLICE("uuid:x"), SLICE("uuid:")));
	ck_assert(!slice_starts_with(SLICE("uui"), SLICE("uuid:")));
	ck_assert(!slice_starts_with(SLICE("UUID:x"), SLICE("uuid:")));
	ck_assert(slice_starts_with_nocase(SLICE("UUID:x"), SLICE("uuid:")));
	ck_assert(!slice_starts_with_nocase(SLICE("UUI"), SLICE("uuid:")));
	ck_assert(
	    slice_equal(slice_without_prefix_nocase(SLICE("UUID:x"), SLICE("uuid:")), SLICE("x")));
	ck_assert(slice_equal(slice_without_prefix_nocase(SLICE("x"), SLICE("uuid:")), SLICE("x")));
	ck_assert(slice_ends_with(SLICE("x.conf"), SLICE(".conf")));
	ck_assert(!slice_ends_with(SLICE("conf"), SLICE(".conf")));
	ck_assert(slice_ends_with(SLICE("x"), SLICE("")));
}
END_TEST

START_TEST(skip_and_head_stay_inside)
{
	ck_assert(slice_equal(slice_skip(SLICE("abc"), 1), SLICE("bc")));
	ck_assert_uint_eq(slice_skip(SLICE("abc"), 3).len, 0);
	ck_assert_uint_eq(slice_skip(SLICE("abc"), SIZE_MAX).len, 0);
	ck_assert(slice_equal(slice_head(SLICE("abc"), 2), SLICE("ab")));
	ck_assert(slice_equal(slice_head(SLICE("abc"), SIZE_MAX), SLICE("abc")));
}
END_TEST

START_TEST(trim_takes_blanks_and_tabs_at_both_ends)
{
	ck_assert(slice_equal(slice_trim(SLICE(" \ta b\t ")), SLICE("a b")));
	ck_assert(slice_equal(slice_trim(SLICE("a\n")), SLICE("a\n")));
	ck_assert_uint_eq(slice_trim(SLICE(" \t ")).len, 0);
}
END_TEST

static void ck_cuts(const char *text, const char *const *expected)
{
	struct slice rest = slice_of(text), head;

	for (; *expected; expected++) {
		ck_assert(slice_cut(&rest, ',', &head));
		ck_assert(slice_equal(head, slice_of(*expected)));
		ck_assert_ptr_nonnull(head.bytes);
	}
	ck_assert(!slice_cut(&rest, ',', &head));
	ck_assert_ptr_null(rest.bytes);
}

START_TEST(cut_gives_each_field_once_with_the_empty_ones)
{
	ck_cuts("a,bc,d", (const char *const[]){"a", "bc", "d", NULL});
	ck_cuts("a", (const char *const[]){"a", NULL});
	ck_cuts("", (const char *const[]){"", NULL});
	ck_cuts(",", (const char *const[]){"", "", NULL});
	ck_cuts("a,", (const char *const[]){"a", "", NULL});
	ck_cuts(",,b", (const char *const[]){"", "", "b", NULL});
	ck_cuts(NULL, (const char *const[]){NULL});
}
END_TEST

START_TEST(numbers_are_decimal_digits_within_the_maximum)
{
	static const struct {
		const char *text;
		uint64_t max;
		int result;
		uint64_t value;
	} rows[] = {
	    {"0", 0, 0, 0},
	    {"1", 0, -ERANGE, 0},
	    {"007", 9, 0, 7},
	    {"255", 255, 0, 255},
	    {"256", 255, -ERANGE, 0},
	    {"260", 255, -ERANGE, 0},
	    {"18446744073709551615", UINT64_MAX, 0, UINT64_MAX},
	    {"18446744073709551616", UINT64_MAX, -ERANGE, 0},
	    {"99999999999999999999999", UINT64_MAX, -ERANGE, 0},
	    {"9999999999999999999999x", UINT64_MAX, -EINVAL, 0},
	    {"", 9, -EINVAL, 0},
	    {"-1", 9, -EINVAL, 0},
	    {"+1", 9, -EINVAL, 0},
	    {" 1", 9, -EINVAL, 0},
	    {"1 ", 9, -EINVAL, 0},
	    {"0x1", 9, -EINVAL, 0},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint64_t value = 42;
		int result = slice_to_u64(slice_of(rows[i].text), rows[i].max, &value);
		ck_assert_msg(result == rows[i].result, "%s", rows[i].text);
		ck_assert_uint_eq(value, result == 0 ? rows[i].value : 42);
	}
}
END_TEST

START_TEST(a_copy_ends_with_a_nul)
{
	char *copy = slice_dup(slice_head(SLICE("abc"), 2));
	char *empty = slice_dup(SLICE_NONE);

	ck_assert_str_eq(copy, "ab");
	ck_assert_str_eq(empty, "");
	free(copy);
	free(empty);
}
END_TEST

Suite *slice_suite(void)
{
	Suite *suite = suite_create("base/slice");
	TCase *tcase = tcase_create("slice");

	tcase_add_test(tcase, absent_and_empty_differ_only_in_bytes);
	tcase_add_test(tcase, comparing_knows_ascii_case_only);
	tcase_add_test(tcase, comparing_looks_at_every_byte);
	tcase_add_test(tcase, heads_and_tails_match_when_they_fit);
	tcase_add_test(tcase, skip_and_head_stay_inside);
	tcase_add_test(tcase, trim_takes_blanks_and_tabs_at_both_ends);
	tcase_add_test(tcase, cut_gives_each_field_once_with_the_empty_ones);
	tcase_add_test(tcase, numbers_are_decimal_digits_within_the_maximum);
	tcase_add_test(tcase, a_copy_ends_with_a_nul);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of base/writer. */
#include "base/writer.h"
#include "suites.h"
#include <errno.h>
#include <string.h>

static char buffer[16];
static struct writer w;

static void setup(void)
{
	memset(buffer, '#', sizeof(buffer));
	writer_init(&w, buffer, 8);
}

static void ck_holds(const char *text)
{
	ck_assert_int_eq(writer_error(&w), 0);
	ck_assert(slice_equal(writer_result(&w), slice_of(text)));
}

START_TEST(what_fits_to_the_last_byte_is_written)
{
	writer_text(&w, "ab");
	writer_char(&w, 'c');
	writer_slice(&w, SLICE_NONE);
	writer_text(&w, NULL);
	writer_u64(&w, 12345);
	ck_holds("abc12345");
	writer_bytes(&w, "", 0);
	ck_holds("abc12345");
	ck_assert_int_eq(buffer[8], '#');
}
END_TEST

START_TEST(a_format_fits_to_the_last_byte_too)
{
	writer_format(&w, "%s", "");
	writer_format(&w, "%d-%s", 12, "345");
	ck_holds("12-345");
	writer_format(&w, "%c%c", 'x', 'y');
	ck_holds("12-345xy");
	writer_format(&w, "%s", "");
	ck_holds("12-345xy");
	ck_assert_int_eq(buffer[8], '#');
}
END_TEST

START_TEST(what_does_not_fit_is_refused_whole_and_for_good)
{
	writer_text(&w, "abcdef");
	writer_text(&w, "ghi");
	ck_assert_int_eq(writer_error(&w), -ENOSPC);
	writer_char(&w, 'g');
	writer_u64(&w, 1);
	writer_format(&w, "%d", 1);
	ck_assert_int_eq(writer_error(&w), -ENOSPC);
	ck_assert(slice_equal(writer_result(&w), SLICE("abcdef")));
}
END_TEST

START_TEST(a_format_that_does_not_fit_is_refused)
{
	writer_text(&w, "abcdef");
	writer_format(&w, "%s", "ghi");
	ck_assert_int_eq(writer_error(&w), -ENOSPC);
	ck_assert(slice_equal(writer_result(&w), SLICE("abcdef")));
	ck_assert_int_eq(buffer[8], '#');
}
END_TEST

START_TEST(a_length_near_the_greatest_does_not_wrap)
{
	volatile size_t greatest = SIZE_MAX; /* hidden from the compiler, which would warn */
	writer_char(&w, 'a');
	writer_bytes(&w, buffer, greatest);
	ck_assert_int_eq(writer_error(&w), -ENOSPC);
	ck_assert_uint_eq(w.len, 1);
}
END_TEST

START_TEST(a_writer_without_room_takes_nothing_only)
{
	writer_init(&w, NULL, 0);
	writer_text(&w, "");
	writer_format(&w, "%s", "");
	ck_assert_int_eq(writer_error(&w), 0);
	writer_format(&w, "%s", "x");
	ck_assert_int_eq(writer_error(&w), -ENOSPC);
}
END_TEST

START_TEST(numbers_have_all_their_digits)
{
	char digits[20];

	writer_init(&w, digits, sizeof(digits));
	writer_u64(&w, UINT64_MAX);
	ck_holds("18446744073709551615");
	writer_init(&w, digits, sizeof(digits));
	writer_u64(&w, 0);
	ck_holds("0");
}
END_TEST

Suite *writer_suite(void)
{
	Suite *suite = suite_create("base/writer");
	TCase *tcase = tcase_create("writer");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, what_fits_to_the_last_byte_is_written);
	tcase_add_test(tcase, a_format_fits_to_the_last_byte_too);
	tcase_add_test(tcase, what_does_not_fit_is_refused_whole_and_for_good);
	tcase_add_test(tcase, a_format_that_does_not_fit_is_refused);
	tcase_add_test(tcase, a_length_near_the_greatest_does_not_wrap);
	tcase_add_test(tcase, a_writer_without_room_takes_nothing_only);
	tcase_add_test(tcase, numbers_have_all_their_digits);
	suite_add_tcase(suite, tcase);
	return suite;
}

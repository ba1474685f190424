/* SPDX-License-Identifier: ISC
 * Tests of wire/header_block. */
#include "error_name.h"
#include "expect.h"
#include "suites.h"
#include "wire/header_block.h"
#include <errno.h>
#include <string.h>

/* "name=value;" of every header, then the error if there is one. */
static const char *walk(struct slice block, char out[2048])
{
	struct header_cursor cursor;
	struct header header;
	struct writer w;

	writer_init(&w, out, 2047);
	header_cursor_init(&cursor, block);
	while (header_next(&cursor, &header)) {
		writer_slice(&w, header.name);
		writer_char(&w, '=');
		writer_slice(&w, header.value);
		writer_char(&w, ';');
	}
	if (cursor.error)
		writer_format(&w, "%s", error_name(cursor.error));
	ck_assert(!header_next(&cursor, &header));
	out[w.len] = '\0';
	return out;
}

#define ck_assert_walk(block, expected)                                                            \
	do {                                                                                       \
		char out_[2048];                                                                   \
		ck_assert_str_eq(walk(SLICE(block), out_), expected);                              \
	} while (0)

START_TEST(blanks_around_a_value_go)
{
	ck_assert_walk("A: 1\r\nB:2\r\nC:\t3 \t\r\nD :4\r\n\r\n", "A=1;B=2;C=3;D=4;");
	ck_assert_walk("A: \r1\r\t\r\nB:2\r\r \r\n", "A=1;B=2;");
	ck_assert_walk("A:\r\nB: \r\nC: x: y\r\n\r\n", "A=;B=;C=x: y;");
}
END_TEST

START_TEST(lines_end_with_lf_or_crlf_or_not_at_all)
{
	ck_assert_walk("A: 1\nB: 2\n\nC: 3\n", "A=1;B=2;");
	ck_assert_walk("A: 1\r\nB: 2", "A=1;B=2;");
	ck_assert_walk("A: 1\r\r\nB: 2\r\r\n\r\r\nC: 3", "A=1;B=2;");
	ck_assert_walk("", "");
	ck_assert_walk("\r\nA: 1\r\n", "");
}
END_TEST

START_TEST(lines_without_a_name_or_a_colon_are_passed_over)
{
	ck_assert_walk("A: 1\r\nnonsense\r\n: 2\r\nB: 3\r\n", "A=1;B=3;");
}
END_TEST

START_TEST(a_folded_line_fills_an_empty_value_and_nothing_else)
{
	ck_assert_walk("A: 1\r\n more\r\n\tmore: 5\r\nB: 2\r\n", "A=1;B=2;");
	ck_assert_walk("A:\r\n 1\r\n 2\r\nB: 3\r\n", "A=1;B=3;");
	ck_assert_walk("A:\r\n \r\n\t1\r\nB: 3\r\n", "A=1;B=3;");
	ck_assert_walk("A:\r\n\r\n 1\r\n", "A=;");
	ck_assert_walk(" A: 1\r\nB: 2\r\n", "B=2;");
}
END_TEST

START_TEST(a_nul_ends_the_block_with_an_error)
{
	ck_assert_walk("A: 1\r\nB: 2\0003\r\nC: 4\r\n", "A=1;EBADMSG");
	ck_assert_walk("A:\r\n 1\0\r\nC: 4\r\n", "EBADMSG");
	ck_assert_walk("A: 1\r\n\r\n\0\0", "A=1;");
}
END_TEST

START_TEST(a_line_has_512_bytes_at_most)
{
	char block[HEADER_LINE_MAX + 3], out[2048];
	struct slice value;

	memset(block, 'x', sizeof(block));
	memcpy(block, "A: ", 3);
	memcpy(block + HEADER_LINE_MAX, "\r\n", 3);
	ck_assert_int_eq(
	    header_find((struct slice){block, HEADER_LINE_MAX + 2}, SLICE("a"), &value), 0);
	ck_assert_uint_eq(value.len, HEADER_LINE_MAX - 3);
	memcpy(block + HEADER_LINE_MAX, "x\r\n", 3);
	ck_assert_str_eq(walk((struct slice){block, HEADER_LINE_MAX + 3}, out), "EMSGSIZE");
	/* A datagram's block has no such limit. */
	ck_assert_int_eq(header_find((struct slice){block, sizeof(block)}, SLICE("a"), &value), 0);
	ck_assert_uint_eq(value.len, HEADER_LINE_MAX - 2);
}
END_TEST

START_TEST(a_block_has_32_headers_at_most)
{
	char block[HEADER_COUNT_MAX * 6 + 6] = "", out[2048];
	struct slice value;

	for (int i = 0; i < HEADER_COUNT_MAX; i++)
		strcat(block, "A: 1\r\n");
	walk(slice_of(block), out);
	ck_assert_uint_eq(strlen(out), HEADER_COUNT_MAX * 4);
	strcat(block, "B: 1\n");
	ck_assert_ptr_nonnull(strstr(walk(slice_of(block), out), ";E2BIG"));
	ck_assert_int_eq(header_find(slice_of(block), SLICE("B"), &value), 0);
	ck_assert_slice(value, "1");
}
END_TEST

START_TEST(find_takes_the_first_regardless_of_case)
{
	struct slice value;

	ck_assert_int_eq(header_find(SLICE("a: 1\r\nnt: 2\r\nNT: 3\r\n"), SLICE("Nt"), &value), 0);
	ck_assert_slice(value, "2");
	ck_assert_int_eq(header_find(SLICE("a: 1\r\n\r\nnt: 2"), SLICE("NT"), &value), 0);
	ck_assert_ptr_null(value.bytes);
}
END_TEST

static const struct {
	const char *value;
	int result;
	uint32_t seconds;
} MAX_AGES[] = {
    {"max-age=1800", 0, 1800},
    {"max-age = 1800", 0, 1800},
    {"max-age\t=\t1800 ", 0, 1800},
    {"MAX-AGE=\"100\"", 0, 100},
    {"max-age=\" 100 \"", 0, 100},
    {"no-cache=\"Ext\", max-age=5000", 0, 5000},
    {"max-age=5, max-age=6", 0, 5},
    {"max-age=900;", 0, 900},
    {"max-age=900; no-cache", 0, 900},
    {"no-cache; max-age=900", 0, 900},
    {"max-age: 900", 0, 900},
    {"max-age:900", 0, 900},
    {"max-age 900", 0, 900},
    {"max-age = 900, no-cache", 0, 900},
    {"public, max-age=900", 0, 900},
    {"\"max-age=900\"", 0, 900},
    {"no-cache=\"a, max-age=5\", max-age=900", 0, 900},
    {"max-age-limit=5, max-age=900", 0, 900},
    {"max-age=\"900", 0, 900},
    {",;, max-age=900", 0, 900},
    {"max-age=0", 0, 0},
    {"max-age=000060", 0, 60},
    {"max-age=4294967295", 0, UINT32_MAX},
    {"max-age=4294967296", 0, UINT32_MAX},
    {"max-age=99999999999999999999999999", 0, UINT32_MAX},
    {"max-age=-1", -EINVAL, 0},
    {"max-age=+1", -EINVAL, 0},
    {"max-age=1.5", -EINVAL, 0},
    {"max-age=", -EINVAL, 0},
    {"max-age", -EINVAL, 0},
    {"max-age=\"", -EINVAL, 0},
    {"max-age=18 00", -EINVAL, 0},
    {"s-maxage=5", -ENOENT, 0},
    {"x-max-age=5", -ENOENT, 0},
    {"max-age5", -ENOENT, 0},
    {"max-age-5", -ENOENT, 0},
    {"max-age==5", -EINVAL, 0},
    {"no-cache", -ENOENT, 0},
    {"", -ENOENT, 0},
};

START_TEST(max_age_is_read)
{
	uint32_t seconds = 0;

	ck_assert_int_eq(
	    cache_control_max_age(slice_of(MAX_AGES[_i].value), &seconds), MAX_AGES[_i].result);
	ck_assert_uint_eq(seconds, MAX_AGES[_i].seconds);
}
END_TEST

START_TEST(what_is_written_stays_one_line)
{
	char out[64];
	struct writer w;

	writer_init(&w, out, sizeof(out));
	header_write(&w, SLICE("A"), SLICE("1\r\nB: 2\0"));
	header_write(&w, SLICE("C"), SLICE(""));
	header_write(&w, SLICE("D"), SLICE_NONE);
	header_write(&w, SLICE("E"), SLICE("x"));
	ck_assert_slice(writer_result(&w), "A: 1  B: 2 \r\nC:\r\nE: x\r\n");
}
END_TEST

Suite *header_block_suite(void)
{
	Suite *suite = suite_create("wire/header_block");
	TCase *tcase = tcase_create("header_block");
	tcase_add_test(tcase, blanks_around_a_value_go);
	tcase_add_test(tcase, lines_end_with_lf_or_crlf_or_not_at_all);
	tcase_add_test(tcase, lines_without_a_name_or_a_colon_are_passed_over);
	tcase_add_test(tcase, a_folded_line_fills_an_empty_value_and_nothing_else);
	tcase_add_test(tcase, a_nul_ends_the_block_with_an_error);
	tcase_add_test(tcase, a_line_has_512_bytes_at_most);
	tcase_add_test(tcase, a_block_has_32_headers_at_most);
	tcase_add_test(tcase, find_takes_the_first_regardless_of_case);
	add_test_of_rows(tcase, max_age_is_read, MAX_AGES);
	tcase_add_test(tcase, what_is_written_stays_one_line);
	suite_add_tcase(suite, tcase);
	return suite;
}

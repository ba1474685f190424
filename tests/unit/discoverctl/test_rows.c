/* SPDX-License-Identifier: ISC
 * Tests of discoverctl/rows: texts are put in order by their keys, and some of them dropped. */
#include "discoverctl/columns.h"
#include "discoverctl/rows.h"
#include "suites.h"
#include <stdio.h>
#include <string.h>

static void add(struct rows *rows, const char *keys, size_t len, const char *text)
{
	rows_begin(rows, (struct slice){keys, len});
	rows_put(rows, slice_head(slice_of(text), 1));
	rows_put(rows, slice_skip(slice_of(text), 1));
	rows_end(rows);
}

static void expect(const struct rows *rows, const char *wanted)
{
	char got[64] = "";

	for (size_t i = 0; i < rows->count; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%.*s ",
		    SLICE_ARGS(row_text(&rows->rows[i])));
	ck_assert_str_eq(got, wanted);
}

static bool is_odd(const void *context, const struct row *row)
{
	(void)context;
	return row->place % 2;
}

START_TEST(rows_are_sorted_and_selected)
{
	const struct sort_order by_name = sort_order_of(&DEVICE_COLUMNS, "name,-id");
	struct rows rows = {0};

	add(&rows, "b\0001", 4, "zero");
	add(&rows, "\0002", 3, "one");
	add(&rows, "a10\0001", 6, "two");
	add(&rows, "a9\0001", 5, "three");
	add(&rows, "b\0002", 4, "four");
	add(&rows, "b\0002", 4, "five");
	rows_sort(&rows, &by_name);
	expect(&rows, "three two four five zero one ");
	rows_select(&rows, is_odd, NULL);
	expect(&rows, "three five one ");
	rows_fini(&rows);
}
END_TEST

START_TEST(many_rows_and_long_ones_are_kept)
{
	struct rows rows = {0};
	char text[5000];

	for (unsigned i = 0; i < 3000; i++) {
		memset(text, (char)('a' + i % 26), sizeof(text));
		rows_begin(&rows, SLICE("k\0"));
		rows_put(&rows, (struct slice){text, i});
		rows_end(&rows);
	}
	ck_assert_uint_eq(rows.count, 3000);
	for (unsigned i = 1; i < 3000; i++) {
		struct slice kept = row_text(&rows.rows[i]);
		ck_assert_uint_eq(kept.len, i);
		ck_assert_int_eq(kept.bytes[i - 1], (char)('a' + i % 26));
	}
	rows_fini(&rows);
}
END_TEST

Suite *rows_suite(void)
{
	Suite *suite = suite_create("discoverctl/rows");
	TCase *tcase = tcase_create("rows");

	tcase_add_test(tcase, rows_are_sorted_and_selected);
	tcase_add_test(tcase, many_rows_and_long_ones_are_kept);
	suite_add_tcase(suite, tcase);
	return suite;
}

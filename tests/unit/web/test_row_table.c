/* SPDX-License-Identifier: ISC
 * Tests of web/row_table: a reader is told the newest of each row, once. */
#include "row_fixture.h"
#include "suites.h"
#include "web/row.h"
#include "web/row_table.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct row_table rows;
static struct row_table_reader reader;
static char told[4096];

static void setup(void)
{
	ck_assert_int_eq(row_table_init(&rows, &(struct siphash_key){{1, 2}}, 0xabc), 0);
}

static void teardown(void)
{
	row_table_fini(&rows);
}

static int put(const char *id, const char *name)
{
	return row_table_put(&rows, row_fixture(id, name));
}

/* What is told until there is nothing more: "CHANGE:NAME " or "CHANGE:-ID ". */
static const char *read_all(void)
{
	const struct row *row;
	const char *id;
	uint64_t change;

	told[0] = '\0';
	while (row_table_next(&reader, &row, &id, &change)) {
		size_t len = strlen(told);
		struct slice name = row ? row->texts[ROW_NAME] : slice_of(id);
		snprintf(told + len, sizeof(told) - len, "%u:%s%.*s ", (unsigned)change,
		    row ? "" : "-", SLICE_ARGS(name));
	}
	ck_assert(!row_table_has_next(&reader));
	return told;
}

static bool begin(const char *token)
{
	return row_table_read(&rows, &reader, slice_of(token));
}

static const char *token_of(uint64_t change)
{
	static char token[ROW_TABLE_TOKEN_MAX];

	row_table_token(&rows, change, token);
	return token;
}

START_TEST(a_row_is_changed_when_a_text_of_it_is)
{
	ck_assert_int_eq(put("a", "one"), 1);
	ck_assert_int_eq(put("a", "one"), 0);
	ck_assert_int_eq(put("a", "two"), 1);
	ck_assert_uint_eq(rows.count, 1);
	ck_assert_ptr_nonnull(row_table_find(&rows, "a"));
	ck_assert(row_table_remove(&rows, "a"));
	ck_assert(!row_table_remove(&rows, "a"));
	ck_assert_ptr_null(row_table_find(&rows, "a"));
	ck_assert_uint_eq(rows.count, 0);
}
END_TEST

START_TEST(a_reader_skips_what_is_not_the_newest)
{
	put("a", "a1");
	put("b", "b1");
	ck_assert(!begin(""));
	put("a", "a2");
	put("a", "a3");
	put("c", "c1");
	row_table_remove(&rows, "b");
	ck_assert_str_eq(read_all(), "4:a3 5:c1 6:-b ");
	put("b", "b2");
	ck_assert(row_table_has_next(&reader));
	ck_assert_str_eq(read_all(), "7:b2 ");
	row_table_leave(&reader);
}
END_TEST

START_TEST(a_reader_stands_where_a_row_is_moved_or_forgotten)
{
	const struct row *row;
	const char *id;
	uint64_t change;

	put("a", "a1");
	put("b", "b1");
	put("c", "c1");
	begin("");
	ck_assert(row_table_next(&reader, &row, &id, &change));
	ck_assert_str_eq(id, "a");
	put("b", "b2"); /* is the next one */
	row_table_remove(&rows, "a");
	ck_assert_str_eq(read_all(), "3:c1 4:b2 5:-a ");
	row_table_leave(&reader);
}
END_TEST

START_TEST(a_token_is_a_place_to_go_on)
{
	put("a", "a1");
	put("b", "b1");
	ck_assert(begin(token_of(1)));
	ck_assert_str_eq(read_all(), "2:b1 ");
	row_table_leave(&reader);
	row_table_remove(&rows, "a");
	ck_assert(begin(token_of(2)));
	ck_assert_str_eq(read_all(), "3:-a ");
	row_table_leave(&reader);
	ck_assert(begin(token_of(3)));
	ck_assert_str_eq(read_all(), "");
	row_table_leave(&reader);
}
END_TEST

START_TEST(without_a_known_token_all_rows_are_read_and_no_former_ones)
{
	const char *const wrong[] = {"", "x", "-", "0000000000000abc", "0000000000000abc-",
	    "0000000000000abc-9", "0000000000000abd-1", "0000000000000abc-1-1",
	    "0000000000000abc-+1", "0000000000000ab-1"};

	put("a", "a1");
	put("b", "b1");
	row_table_remove(&rows, "a");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		ck_assert_msg(!begin(wrong[i]), "%s", wrong[i]);
		ck_assert_str_eq(read_all(), "2:b1 ");
		row_table_leave(&reader);
	}
	begin("");
	row_table_remove(&rows, "b");
	ck_assert_str_eq(read_all(), "4:-b ");
	row_table_leave(&reader);
}
END_TEST

START_TEST(what_went_is_forgotten_at_last)
{
	char id[16];

	for (unsigned i = 0; i <= ROW_TABLE_GONE_MAX; i++) {
		snprintf(id, sizeof(id), "%u", i);
		put(id, "x");
		row_table_remove(&rows, id);
	}
	ck_assert_uint_eq(rows.map.count, ROW_TABLE_GONE_MAX);
	ck_assert_uint_eq(rows.covered, 2);
	ck_assert(!begin(token_of(1))); /* that "0" went is not known any more */
	row_table_leave(&reader);
	ck_assert(begin(token_of(2)));
	row_table_leave(&reader);
	put("5", "y"); /* comes back, and is not forgotten */
	ck_assert_uint_eq(rows.gone_count, ROW_TABLE_GONE_MAX - 1);
	ck_assert_uint_eq(rows.count, 1);
}
END_TEST

START_TEST(all_rows_are_lent_out)
{
	const struct row *all[4];

	put("a", "a1");
	put("b", "b1");
	put("c", "c1");
	row_table_remove(&rows, "b");
	ck_assert_uint_eq(row_table_all(&rows, all, 4), 2);
	ck_assert_str_eq(row_id(all[0]), "a");
	ck_assert_str_eq(row_id(all[1]), "c");
	ck_assert_uint_eq(row_table_all(&rows, all, 1), 1);
}
END_TEST

Suite *row_table_suite(void)
{
	Suite *suite = suite_create("web/row_table");
	TCase *tcase = tcase_create("row_table");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_row_is_changed_when_a_text_of_it_is);
	tcase_add_test(tcase, a_reader_skips_what_is_not_the_newest);
	tcase_add_test(tcase, a_reader_stands_where_a_row_is_moved_or_forgotten);
	tcase_add_test(tcase, a_token_is_a_place_to_go_on);
	tcase_add_test(tcase, without_a_known_token_all_rows_are_read_and_no_former_ones);
	tcase_add_test(tcase, what_went_is_forgotten_at_last);
	tcase_add_test(tcase, all_rows_are_lent_out);
	suite_add_tcase(suite, tcase);
	return suite;
}

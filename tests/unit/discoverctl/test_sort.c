/* SPDX-License-Identifier: ISC
 * Tests of discoverctl/sort: the order that people expect. */
#include "base/array.h"
#include "client/natural_order.h"
#include "discoverctl/columns.h"
#include "discoverctl/sort.h"
#include "suites.h"

static const char *const ORDERED[] = {
    "", "07", "8", "10", "192.168.1.9", "192.168.1.10", "eth", "eth9", "Eth10", "eth10a", "wlan0"};
enum { ORDERED_COUNT = COUNT_OF(ORDERED) };

START_TEST(numbers_in_texts_count_by_their_value)
{
	for (int i = 0; i < ORDERED_COUNT; i++)
		for (int j = 0; j < ORDERED_COUNT; j++) {
			int order = natural_order(slice_of(ORDERED[i]), slice_of(ORDERED[j]));
			ck_assert_msg((order > 0) - (order < 0) == (i > j) - (i < j), "%s, %s",
			    ORDERED[i], ORDERED[j]);
		}
}
END_TEST

static void expect_order(const char *by, const char *ids)
{
	struct json_object *records =
	    json_tokener_parse("[{\"id\":\"1\",\"name\":\"b\"},{\"id\":\"2\",\"name\":null},{"
			       "\"id\":\"3\",\"name\":\"A\"},{\"id\":\"4\",\"name\":\"b\"}]");
	char got[8] = "";
	sort_records(&DEVICE_COLUMNS, by, records);
	for (size_t i = 0; i < 4; i++)
		got[i] = json_object_get_string(
		    json_object_object_get(json_object_array_get_idx(records, i), "id"))[0];
	ck_assert_str_eq(got, ids);
	json_object_put(records);
}

START_TEST(alike_records_keep_their_order_and_unknown_ones_come_last)
{
	expect_order("name", "3142");
	expect_order("-name", "1432");
	expect_order("id", "1234");
	expect_order("-id", "4321");
}
END_TEST

START_TEST(the_next_column_decides_where_one_is_alike)
{
	expect_order("name,-id", "3412");
	expect_order("name, id", "3142");
	expect_order("kind,-id", "4321");
	expect_order("-name,-id", "4132");
}
END_TEST

START_TEST(letters_of_any_script_sort_without_case)
{
	struct json_object *records =
	    json_tokener_parse("[{\"id\":\"1\",\"name\":\"ébc\"},{\"id\":\"2\",\"name\":\"Éba\"}]");
	sort_records(&DEVICE_COLUMNS, "name", records);
	struct json_object *first = json_object_array_get_idx(records, 0);
	ck_assert_str_eq(json_object_get_string(json_object_object_get(first, "id")), "2");
	json_object_put(records);
}
END_TEST

Suite *sort_suite(void)
{
	Suite *suite = suite_create("discoverctl/sort");
	TCase *tcase = tcase_create("sort");
	tcase_add_test(tcase, numbers_in_texts_count_by_their_value);
	tcase_add_test(tcase, alike_records_keep_their_order_and_unknown_ones_come_last);
	tcase_add_test(tcase, the_next_column_decides_where_one_is_alike);
	tcase_add_test(tcase, letters_of_any_script_sort_without_case);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of wire/json_print. */
#include "suites.h"
#include "wire/json_print.h"
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

static void check(const char *text)
{
	struct json_object *value = json_tokener_parse(text);
	size_t len = 0;
	char *printed = json_print(value, &len);

	ck_assert_str_eq(printed, text);
	ck_assert_uint_eq(len, strlen(text));
	free(printed);
	json_object_put(value);
}

START_TEST(values_are_printed_without_blanks)
{
	check("null");
	check("true");
	check("-9223372036854775808");
	check("[18446744073709551615,9223372036854775807,0.25,1e999]");
	check("[]");
	check("[[],{},[1,[2,null]]]");
	check("{\"a\":1,\"b\":{\"c\":[\"d\",false]},\"e\":null}");
}
END_TEST

START_TEST(strings_are_escaped_as_rfc_8259_section_7_says)
{
	check("\"/ \\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\"");
	check("{\"\\u0002\\\"\":\"Größe \xe2\x80\xae\x7f\"}");
	check("\"a\\u0000b\"");
}
END_TEST

START_TEST(a_value_with_user_data_is_printed_as_that)
{
	struct json_object *array = json_object_new_array();
	size_t len;

	json_object_array_add(array, json_object_new_double_s(0.1, "0.100"));
	char *printed = json_print(array, &len);
	ck_assert_str_eq(printed, "[0.100]");
	free(printed);
	json_object_array_add(array, json_object_new_double(0.25));
	printed = json_print(array, &len);
	ck_assert_str_eq(printed, "[0.100,0.25]");
	free(printed);
	json_object_put(array);
}
END_TEST

START_TEST(a_value_that_lacks_a_part_is_not_printed)
{
	struct json_object *value = json_tokener_parse("[1,{\"a\":[2]}]");
	struct json_object *inner =
	    json_object_object_get(json_object_array_get_idx(value, 1), "a");
	size_t len;

	json_print_refuse(inner);
	ck_assert_ptr_null(json_print(value, &len));
	json_object_put(value);
}
END_TEST

Suite *json_print_suite(void)
{
	Suite *suite = suite_create("wire/json_print");
	TCase *tcase = tcase_create("json_print");

	tcase_add_test(tcase, values_are_printed_without_blanks);
	tcase_add_test(tcase, strings_are_escaped_as_rfc_8259_section_7_says);
	tcase_add_test(tcase, a_value_with_user_data_is_printed_as_that);
	tcase_add_test(tcase, a_value_that_lacks_a_part_is_not_printed);
	suite_add_tcase(suite, tcase);
	return suite;
}

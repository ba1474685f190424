/* SPDX-License-Identifier: ISC
 * Tests of control/json_build. */
#include "control/json_build.h"
#include "suites.h"
#include "wire/json_print.h"

START_TEST(an_array_without_memory_for_a_part_is_not_printed)
{
	struct json_object *array = json_object_new_array();
	size_t len;

	json_append(array, json_text("a"));
	json_append(array, NULL);
	ck_assert_uint_eq(json_object_array_length(array), 1);
	ck_assert_ptr_null(json_print(array, &len));
	json_object_put(array);
	json_append(NULL, json_text("a"));
}
END_TEST

START_TEST(a_flat_value_has_the_same_text)
{
	struct json_object *object = json_object_new_object();

	json_add(object, "a", json_text("\"/\n"));
	object = json_flat(object);
	ck_assert_str_eq(
	    json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN), "{\"a\":\"\\\"/\\n\"}");
	json_object_put(object);
}
END_TEST

Suite *json_build_suite(void)
{
	Suite *suite = suite_create("control/json_build");
	TCase *tcase = tcase_create("json_build");

	tcase_add_test(tcase, an_array_without_memory_for_a_part_is_not_printed);
	tcase_add_test(tcase, a_flat_value_has_the_same_text);
	suite_add_tcase(suite, tcase);
	return suite;
}

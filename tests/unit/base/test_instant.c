/* SPDX-License-Identifier: ISC
 * Tests of base/instant. */
#include "base/instant.h"
#include "suites.h"

START_TEST(adding_saturates)
{
	struct instant t = {INT64_MAX - 5};
	ck_assert(instant_is_never(instant_add(t, 6)));
	ck_assert(instant_is_never(instant_add(INSTANT_NEVER, SECONDS(1))));
	ck_assert_int_eq(instant_add((struct instant){1}, MILLISECONDS(2)).us, 2001);
}
END_TEST

/* What a host remembers of former boots lies before 0. */
START_TEST(moments_before_the_boot_are_added_to_as_well)
{
	struct instant before = {-SECONDS(99)}, first = {INT64_MIN + 5};
	ck_assert_int_eq(instant_add(before, SECONDS(9)).us, -SECONDS(90));
	ck_assert_int_eq(instant_add(before, -SECONDS(1)).us, -SECONDS(100));
	ck_assert_int_eq(instant_add(first, -6).us, INT64_MIN);
	ck_assert_int_eq(instant_since(before, (struct instant){SECONDS(1)}), -SECONDS(100));
	ck_assert_int_eq(instant_since(INSTANT_NEVER, before), INT64_MAX);
	ck_assert_int_eq(instant_since(first, (struct instant){SECONDS(1)}), INT64_MIN);
}
END_TEST

START_TEST(due_includes_the_moment_itself)
{
	struct instant t = {10};
	ck_assert(instant_due(t, t));
	ck_assert(!instant_due(t, (struct instant){9}));
	ck_assert(!instant_due(INSTANT_NEVER, t));
}
END_TEST

Suite *instant_suite(void)
{
	Suite *suite = suite_create("base/instant");
	TCase *tcase = tcase_create("instant");
	tcase_add_test(tcase, adding_saturates);
	tcase_add_test(tcase, moments_before_the_boot_are_added_to_as_well);
	tcase_add_test(tcase, due_includes_the_moment_itself);
	suite_add_tcase(suite, tcase);
	return suite;
}

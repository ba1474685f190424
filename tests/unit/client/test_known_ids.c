/* SPDX-License-Identifier: ISC
 * Tests of client/known_ids: which devices a snapshot lacks. */
#include "client/known_ids.h"
#include "suites.h"

static struct known_ids ids;

static void setup(void)
{
	ck_assert_int_eq(known_ids_init(&ids, &(struct siphash_key){{1, 2}}), 0);
}

static void teardown(void)
{
	known_ids_fini(&ids);
}

START_TEST(an_id_is_new_once)
{
	ck_assert_int_eq(known_ids_add(&ids, "uuid:a"), 1);
	ck_assert_int_eq(known_ids_add(&ids, "uuid:a"), 0);
	ck_assert(known_ids_remove(&ids, "uuid:a"));
	ck_assert(!known_ids_remove(&ids, "uuid:a"));
	ck_assert_int_eq(known_ids_add(&ids, "uuid:a"), 1);
}
END_TEST

START_TEST(what_a_snapshot_lacks_is_missing)
{
	known_ids_add(&ids, "uuid:a");
	known_ids_add(&ids, "uuid:b");
	known_ids_add(&ids, "uuid:c");
	ck_assert_ptr_null(known_ids_missing(&ids));
	known_ids_begin(&ids);
	known_ids_add(&ids, "uuid:b");
	known_ids_add(&ids, "uuid:d");
	ck_assert_str_eq(known_ids_missing(&ids), "uuid:a");
	known_ids_remove(&ids, "uuid:a");
	ck_assert_str_eq(known_ids_missing(&ids), "uuid:c");
	known_ids_remove(&ids, "uuid:c");
	ck_assert_ptr_null(known_ids_missing(&ids));
	ck_assert_int_eq(known_ids_add(&ids, "uuid:b"), 0);
}
END_TEST

START_TEST(a_snapshot_that_was_cut_off_leaves_them_missing)
{
	known_ids_add(&ids, "uuid:a");
	known_ids_add(&ids, "uuid:b");
	known_ids_begin(&ids);
	known_ids_add(&ids, "uuid:a");
	known_ids_begin(&ids);
	known_ids_add(&ids, "uuid:b");
	ck_assert_str_eq(known_ids_missing(&ids), "uuid:a");
}
END_TEST

Suite *known_ids_suite(void)
{
	Suite *suite = suite_create("client/known_ids");
	TCase *tcase = tcase_create("known_ids");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, an_id_is_new_once);
	tcase_add_test(tcase, what_a_snapshot_lacks_is_missing);
	tcase_add_test(tcase, a_snapshot_that_was_cut_off_leaves_them_missing);
	suite_add_tcase(suite, tcase);
	return suite;
}

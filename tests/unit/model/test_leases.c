/* SPDX-License-Identifier: ISC
 * Tests of model/leases: which of several leases gives the name. */
#include "model/leases.h"
#include "suites.h"
#include <errno.h>

static struct leases leases;

static void setup(void)
{
	ck_assert_int_eq(leases_init(&leases, &(struct siphash_key){{1, 2}}), 0);
}

static void teardown(void)
{
	leases_fini(&leases);
}

static struct mac mac_of(unsigned number)
{
	return (struct mac){{2, 0, 0, 0, (uint8_t)(number >> 8), (uint8_t)number}, .known = true};
}

static struct lease lease_of(unsigned number, const char *name, int64_t expires)
{
	struct lease lease = {.mac = mac_of(number), .name = slice_of(name), .expires = expires};

	ck_assert_int_eq(address_parse(SLICE("192.0.2.1"), &lease.address), 0);
	return lease;
}

static int put(unsigned source, struct lease lease)
{
	return leases_put(&leases, source, &lease, 100);
}

static void expect_name(unsigned number, int64_t now, const char *name)
{
	struct mac mac = mac_of(number);

	ck_assert_pstr_eq(leases_find(&leases, &mac, now), name);
}

START_TEST(a_lease_gives_its_name_until_it_ends)
{
	ck_assert_int_eq(put(0, lease_of(1, "laptop", 200)), 0);
	ck_assert_int_eq(put(0, lease_of(2, "printer", INT64_MAX)), 0);
	ck_assert_int_eq(put(0, lease_of(3, "old", 100)), 0);
	ck_assert_uint_eq(leases_count(&leases), 2);
	ck_assert_int_eq(leases_next_end(&leases, 100), 200);
	expect_name(1, 199, "laptop");
	expect_name(1, 200, NULL);
	expect_name(2, 200, "printer");
	expect_name(3, 100, NULL);
	ck_assert_int_eq(leases_next_end(&leases, 200), INT64_MAX);
	leases_empty(&leases);
	expect_name(2, 100, NULL);
}
END_TEST

START_TEST(the_last_line_about_an_address_counts)
{
	struct lease elsewhere = lease_of(1, "", 200);

	put(0, lease_of(1, "laptop", 200));
	put(0, lease_of(1, "notebook", 300));
	expect_name(1, 250, "notebook");
	ck_assert_int_eq(address_parse(SLICE("192.0.2.9"), &elsewhere.address), 0);
	put(0, elsewhere);
	expect_name(1, 250, "notebook");
	put(0, lease_of(1, "", 300));
	expect_name(1, 250, NULL);
	put(0, lease_of(1, "again", 300));
	put(0, lease_of(1, "again", 0));
	expect_name(1, 250, NULL);
}
END_TEST

START_TEST(the_first_source_counts)
{
	put(0, lease_of(1, "laptop", 200));
	put(1, lease_of(1, "other", 300));
	put(1, lease_of(1, "", 300));
	expect_name(1, 150, "laptop");
	put(0, lease_of(2, "", 300));
	put(1, lease_of(2, "printer", 300));
	expect_name(2, 150, "printer");
}
END_TEST

START_TEST(there_is_a_limit)
{
	for (unsigned i = 0; i < LEASES_MAX; i++)
		ck_assert_int_eq(put(0, lease_of(i, "a", 200)), 0);
	ck_assert_int_eq(put(0, lease_of(LEASES_MAX, "a", 200)), -ENOSPC);
	ck_assert_int_eq(put(0, lease_of(0, "b", 200)), 0);
	expect_name(0, 150, "b");
	ck_assert_uint_eq(leases_count(&leases), LEASES_MAX);
}
END_TEST

Suite *leases_suite(void)
{
	Suite *suite = suite_create("model/leases");
	TCase *tcase = tcase_create("leases");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_lease_gives_its_name_until_it_ends);
	tcase_add_test(tcase, the_last_line_about_an_address_counts);
	tcase_add_test(tcase, the_first_source_counts);
	tcase_add_test(tcase, there_is_a_limit);
	suite_add_tcase(suite, tcase);
	return suite;
}

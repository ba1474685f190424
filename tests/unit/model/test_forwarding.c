/* SPDX-License-Identifier: ISC
 * Tests of model/forwarding: behind which port a MAC is. */
#include "base/mac.h"
#include "model/forwarding.h"
#include "suites.h"
#include <check.h>

static const struct siphash_key KEY = {{1, 2}};

static struct mac mac_of(unsigned number)
{
	return (struct mac){{2, 0, 0, 0, (uint8_t)(number >> 8), (uint8_t)number}, true};
}

static struct forwarding_entry entry(uint32_t bridge, unsigned mac, uint16_t vlan, uint32_t port)
{
	return (struct forwarding_entry){bridge, port, mac_of(mac), vlan};
}

static void put(struct forwarding *set, struct forwarding_entry e)
{
	forwarding_put(set, &e);
}

static uint32_t port(const struct forwarding *set, uint32_t bridge, unsigned mac, uint16_t vlan)
{
	struct mac is = mac_of(mac);
	return forwarding_port(set, bridge, &is, vlan);
}

START_TEST(a_mac_is_behind_one_port_of_each_bridge)
{
	struct forwarding set;
	ck_assert_int_eq(forwarding_init(&set, &KEY, 8), 0);
	put(&set, entry(1, 9, 0, 4));
	put(&set, entry(2, 9, 0, 5));
	ck_assert_uint_eq(port(&set, 1, 9, 0), 4);
	ck_assert_uint_eq(port(&set, 2, 9, 0), 5);
	ck_assert_uint_eq(port(&set, 1, 8, 0), 0);
	put(&set, entry(1, 9, 0, 6));
	ck_assert_uint_eq(port(&set, 1, 9, 0), 6);
	struct forwarding_entry gone = entry(1, 9, 0, 4);
	forwarding_remove(&set, &gone);
	ck_assert_uint_eq(port(&set, 1, 9, 0), 0);
	ck_assert_uint_eq(forwarding_count(&set), 1);
	forwarding_fini(&set);
}
END_TEST

START_TEST(vlans_are_told_apart)
{
	struct forwarding set;
	ck_assert_int_eq(forwarding_init(&set, &KEY, 8), 0);
	put(&set, entry(1, 9, 10, 4));
	ck_assert_uint_eq(port(&set, 1, 9, 10), 4);
	ck_assert_uint_eq(port(&set, 1, 9, 11), 0);
	ck_assert_uint_eq(port(&set, 1, 9, 0), 4);
	put(&set, entry(1, 9, 11, 4));
	ck_assert_uint_eq(port(&set, 1, 9, 0), 4);
	put(&set, entry(1, 9, 12, 5));
	ck_assert_uint_eq(port(&set, 1, 9, 0), 0);
	ck_assert_uint_eq(port(&set, 1, 9, 12), 5);
	put(&set, entry(1, 9, 0, 6));
	ck_assert_uint_eq(port(&set, 1, 9, 0), 6);
	forwarding_fini(&set);
}
END_TEST

START_TEST(a_flood_behind_one_port_leaves_the_others_alone)
{
	struct forwarding set;
	ck_assert_int_eq(forwarding_init(&set, &KEY, 64), 0);
	put(&set, entry(1, 1, 0, 3));
	for (unsigned i = 10; i < 1000; i++)
		put(&set, entry(1, i, 0, 4));
	ck_assert_uint_eq(port(&set, 1, 1, 0), 3);
	ck_assert_uint_eq(port(&set, 1, 999, 0), 4);
	ck_assert_uint_eq(forwarding_count(&set), 64);
	forwarding_fini(&set);
}
END_TEST

START_TEST(what_a_reading_does_not_tell_is_gone)
{
	struct forwarding set;
	ck_assert_int_eq(forwarding_init(&set, &KEY, 8), 0);
	put(&set, entry(1, 1, 0, 3));
	put(&set, entry(1, 2, 0, 3));
	put(&set, entry(1, 3, 0, 3));
	forwarding_begin(&set);
	put(&set, entry(1, 2, 0, 3));
	put(&set, entry(1, 3, 0, 4));
	forwarding_sweep(&set);
	ck_assert_uint_eq(port(&set, 1, 1, 0), 0);
	ck_assert_uint_eq(port(&set, 1, 2, 0), 3);
	ck_assert_uint_eq(port(&set, 1, 3, 0), 4);
	forwarding_fini(&set);
}
END_TEST

Suite *forwarding_suite(void)
{
	Suite *suite = suite_create("model/forwarding");
	TCase *tcase = tcase_create("forwarding");
	tcase_add_test(tcase, a_mac_is_behind_one_port_of_each_bridge);
	tcase_add_test(tcase, vlans_are_told_apart);
	tcase_add_test(tcase, a_flood_behind_one_port_leaves_the_others_alone);
	tcase_add_test(tcase, what_a_reading_does_not_tell_is_gone);
	suite_add_tcase(suite, tcase);
	return suite;
}

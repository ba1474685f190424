/* SPDX-License-Identifier: ISC
 * Scenarios of hosts that the kernel knows as neighbours and that say nothing. */
#include "base/mac.h"
#include "id_of.h"
#include "scenarios.h"
#include "world.h"
#include <string.h>

START_TEST(a_host_that_only_the_kernel_knows_is_a_neighbour_for_ten_minutes)
{
	struct world *world = world_new(1, WITH_BOTH);
	struct host *a = world_add_running_host(world);

	world_set_mac(world, 1, "10.1.0.70", 0x7000, false);
	host_confirms(a, 2, "10.1.0.70");
	world_run(world, SECONDS(1));
	const struct device *device = host_device_at(a, "10.1.0.70");
	ck_assert_ptr_nonnull(device);
	ck_assert_int_eq(device_kind(device), DEVICE_KIND_NEIGHBOUR);
	ck_assert_str_eq(ID_OF(device), "mac:02:00:00:00:70:00");
	world_run(world, SECONDS(500));
	host_confirms(a, 2, "10.1.0.70");
	world_run(world, SECONDS(500));
	ck_assert_uint_eq(host_count(a), 1);
	world_run(world, SECONDS(101));
	ck_assert_uint_eq(host_count(a), 0);
	world_free(world);
}
END_TEST

START_TEST(addresses_of_this_host_are_no_neighbours)
{
	struct world *world = world_new(2, WITH_BOTH);
	struct host *a = world_add_running_host(world);
	const struct address group = address_ipv4(239, 255, 255, 250),
			     other = address_ipv4(10, 1, 0, 9);
	const struct mac mac = {{2, 0, 0, 0, 9, 9}, true};

	host_plug(a, 3, 2, "10.2.0.1");
	host_confirms(a, 2, "10.1.0.1");
	host_confirms(a, 2, "10.2.0.1");
	core_neighbour(a->core, world->now, 2, &group, &mac);
	core_neighbour(a->core, world->now, 99, &other, &mac);
	world_run(world, SECONDS(1));
	ck_assert_uint_eq(host_count(a), 0);
	world_free(world);
}
END_TEST

START_TEST(a_neighbour_that_announces_itself_gets_the_id_that_it_announces)
{
	struct world *world = world_new(3, (unsigned)_i);
	struct host *a = world_add_running_host(world), *b = world_add_host(world);
	char told[WORLD_TOLD_MAX];

	host_plug(b, 2, 1, "10.1.0.2");
	host_confirms(a, 2, "10.1.0.2");
	world_run(world, SECONDS(1));
	ck_assert_str_eq(host_told(a, told), "+mac:02:00:00:00:02:02 ");
	host_start(b);
	world_run(world, SECONDS(10));
	const struct device *device = host_row_of(a, b);
	ck_assert_ptr_nonnull(device);
	ck_assert_uint_eq(host_count(a), 1);
	ck_assert_str_eq(ID_OF(device), b->udn);
	host_told(a, told);
	ck_assert_msg(strstr(told, "-mac:02:00:00:00:02:02>uuid:"), "%s", told);
	ck_assert_int_eq(device_kind(device), DEVICE_KIND_DEVICE);
	ck_assert_str_eq(device_fact(device, FACT_NAME), "Host 2");
	ck_assert_uint_eq(a->events[TABLE_ADDED], 2);
	ck_assert_uint_eq(a->events[TABLE_REMOVED], 1);
	/* The kernel still knows it after it has stopped. */
	host_confirms(a, 2, "10.1.0.2");
	host_stop(b);
	world_run(world, SECONDS(5));
	host_confirms(a, 2, "10.1.0.2");
	world_run(world, SECONDS(1));
	device = host_device_at(a, "10.1.0.2");
	ck_assert_ptr_nonnull(device);
	ck_assert_int_eq(device_kind(device), DEVICE_KIND_NEIGHBOUR);
	ck_assert_ptr_null(device_fact(device, FACT_NAME));
	world_free(world);
}
END_TEST

Suite *neighbours_suite(void)
{
	Suite *suite = suite_create("scenario/neighbours");
	TCase *tcase = tcase_create("neighbours");
	tcase_add_test(tcase, a_host_that_only_the_kernel_knows_is_a_neighbour_for_ten_minutes);
	tcase_add_test(tcase, addresses_of_this_host_are_no_neighbours);
	tcase_add_loop_test(tcase, a_neighbour_that_announces_itself_gets_the_id_that_it_announces,
	    WITH_SSDP, WITH_BOTH + 1);
	suite_add_tcase(suite, tcase);
	return suite;
}

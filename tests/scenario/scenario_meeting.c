/* SPDX-License-Identifier: ISC
 * Scenarios of hosts that come, go, die and return. Each is played with SSDP, with broadcast, and
 * with both. */
#include "engine/ssdp.h"
#include "scenarios.h"
#include "world.h"
#include <string.h>

enum { FIRST = WITH_SSDP, END = WITH_BOTH + 1 };

START_TEST(two_hosts_see_each_other_within_a_second)
{
	for (uint64_t seed = 0; seed < 50; seed++) {
		struct world *world = world_new(seed, (unsigned)_i);
		struct host *a = world_add_running_host(world);
		world_run(world, SECONDS(60));
		struct host *b = world_add_running_host(world);
		world_run(world, SECONDS(1));
		ck_assert(host_sees(a, b) && host_sees(b, a));
		world_free(world);
	}
}
END_TEST

START_TEST(two_hosts_that_start_together_see_each_other_within_a_second)
{
	for (uint64_t seed = 0; seed < 50; seed++) {
		struct world *world = world_new(seed, (unsigned)_i);
		world_add_running_host(world);
		world_add_running_host(world);
		world_run(world, SECONDS(1));
		ck_assert(world_is_complete(world));
		world_free(world);
	}
}
END_TEST

START_TEST(one_device_over_both_protocols_is_one_row)
{
	struct world *world = world_new(1, WITH_BOTH);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);
	world_run(world, SECONDS(10));
	ck_assert_uint_eq(host_count(a), 1);
	ck_assert(device_heard_by(host_row_of(a, b), "ssdp"));
	ck_assert(device_heard_by(host_row_of(a, b), "broadcast"));
	world_free(world);
}
END_TEST

START_TEST(a_clean_stop_removes_within_a_second)
{
	struct world *world = world_new(2, (unsigned)_i);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);
	world_run(world, SECONDS(100));
	ck_assert(host_sees(a, b));
	host_stop(b);
	world_run(world, SECONDS(1));
	ck_assert_uint_eq(host_count(a), 0);
	ck_assert_uint_eq(a->events[TABLE_REMOVED], 1);
	world_free(world);
}
END_TEST

START_TEST(a_host_that_comes_is_added_once)
{
	struct world *world = world_new(3, (unsigned)_i);
	struct host *a = world_add_running_host(world);
	world_run(world, SECONDS(60));
	world_add_running_host(world);
	world_run(world, SECONDS(10));
	ck_assert_uint_eq(a->events[TABLE_ADDED], 1);
	ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
	world_free(world);
}
END_TEST

START_TEST(a_host_that_dies_is_gone_after_its_lifetime)
{
	struct world *world = world_new(4, (unsigned)_i);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);
	int64_t lifetime = SECONDS(ssdp_config(core_config(b->core))->max_age);
	world_run(world, SECONDS(1000));
	host_die(b);
	world_run(world, SECONDS(10));
	ck_assert(host_sees(a, b));
	world_run(world, lifetime);
	ck_assert_uint_eq(host_count(a), 0);
	world_free(world);
}
END_TEST

START_TEST(a_host_that_lives_is_never_lost)
{
	struct world *world = world_new(5, (unsigned)_i);
	struct host *a = world_add_running_host(world);
	world_add_running_host(world);
	world_run(world, SECONDS(86400));
	ck_assert(world_is_complete(world));
	ck_assert_uint_eq(a->events[TABLE_ADDED], 1);
	ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
	world_free(world);
}
END_TEST

START_TEST(a_new_boot_id_is_a_restart)
{
	struct world *world = world_new(6, WITH_SSDP);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);
	world_run(world, SECONDS(60));
	host_die(b);
	host_start(b);
	/* Neither goodbye nor byebye before the first alive comes through. */
	world->conditions.loss = 100;
	world_run(world, MILLISECONDS(250));
	world->conditions.loss = 0;
	world_run(world, SECONDS(5));
	ck_assert_uint_eq(host_endpoint_of(a, b)->epoch, host_epoch(b));
	ck_assert_uint_eq(host_table_counter(a, "restarts"), 1);
	ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
	world_free(world);
}
END_TEST

START_TEST(a_link_that_comes_late_gets_the_full_start)
{
	struct world *world = world_new(7, (unsigned)_i);
	struct host *a = world_add_running_host(world);
	struct host *b = world_add_host(world);
	host_plug(b, 2, 9, "10.9.0.1");
	host_start(b);
	world_run(world, SECONDS(500));
	ck_assert(!host_sees(b, a));
	host_plug(a, 3, 9, "10.9.0.2");
	world_run(world, SECONDS(1));
	ck_assert(host_sees(a, b) && host_sees(b, a));
	world_free(world);
}
END_TEST

START_TEST(each_link_hears_the_location_that_it_can_reach)
{
	struct world *world = world_new(8, WITH_SSDP);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);
	struct host *c = world_add_host(world);
	host_plug(c, 2, 9, "10.9.0.7");
	host_start(c);
	host_plug(a, 3, 9, "10.9.0.2");
	world_run(world, SECONDS(3600));
	ck_assert_str_eq(host_endpoint_of(b, a)->url, "http://10.1.0.1:5006/description.xml");
	ck_assert_str_eq(host_endpoint_of(c, a)->url, "http://10.9.0.2:5006/description.xml");
	world_free(world);
}
END_TEST

START_TEST(a_link_that_goes_takes_its_hosts_along)
{
	struct world *world = world_new(9, (unsigned)_i);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);
	world_run(world, SECONDS(60));
	host_unplug(a, 2);
	ck_assert_uint_eq(host_count(a), 0);
	world_run(world, SECONDS(60));
	host_plug(a, 2, 1, "10.1.0.1");
	world_run(world, SECONDS(1));
	ck_assert(host_sees(a, b) && host_sees(b, a));
	world_free(world);
}
END_TEST

START_TEST(twenty_flaps_do_no_harm)
{
	struct world *world = world_new(10, (unsigned)_i);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);
	for (int i = 0; i < 20; i++) {
		world_run(world, rng_between(&world->rng, 0, SECONDS(1)));
		host_unplug(a, 2);
		world_run(world, rng_between(&world->rng, 0, SECONDS(1)));
		host_plug(a, 2, 1, "10.1.0.1");
	}
	world_run(world, SECONDS(5));
	ck_assert(host_sees(a, b) && host_sees(b, a));
	ck_assert_uint_eq(host_count(a), 1);
	ck_assert_uint_eq(host_count(b), 1);
	world_free(world);
}
END_TEST

START_TEST(a_host_of_another_network_on_the_same_switch_is_not_listed)
{
	struct world *world = world_new(11, (unsigned)_i);
	struct host *a = world_add_running_host(world);
	struct host *stranger = world_add_host(world);
	host_plug(stranger, 2, 1, "172.16.0.1");
	host_start(stranger);
	world_run(world, SECONDS(100));
	ck_assert_uint_eq(host_count(a), 0);
	ck_assert_uint_eq(host_count(stranger), 0);
	world_free(world);
}
END_TEST

Suite *meeting_suite(void)
{
	Suite *suite = suite_create("scenario/meeting");
	TCase *tcase = tcase_create("meeting");
	tcase_add_loop_test(tcase, two_hosts_see_each_other_within_a_second, FIRST, END);
	tcase_add_loop_test(
	    tcase, two_hosts_that_start_together_see_each_other_within_a_second, FIRST, END);
	tcase_add_test(tcase, one_device_over_both_protocols_is_one_row);
	tcase_add_loop_test(tcase, a_clean_stop_removes_within_a_second, FIRST, END);
	tcase_add_loop_test(tcase, a_host_that_comes_is_added_once, FIRST, END);
	tcase_add_loop_test(tcase, a_host_that_dies_is_gone_after_its_lifetime, FIRST, END);
	tcase_add_loop_test(tcase, a_host_that_lives_is_never_lost, FIRST, END);
	tcase_add_test(tcase, a_new_boot_id_is_a_restart);
	tcase_add_loop_test(tcase, a_link_that_comes_late_gets_the_full_start, FIRST, END);
	tcase_add_test(tcase, each_link_hears_the_location_that_it_can_reach);
	tcase_add_loop_test(tcase, a_link_that_goes_takes_its_hosts_along, FIRST, END);
	tcase_add_loop_test(tcase, twenty_flaps_do_no_harm, FIRST, END);
	tcase_add_loop_test(
	    tcase, a_host_of_another_network_on_the_same_switch_is_not_listed, FIRST, END);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Scenarios in which a host hears itself: it must never list itself. */
#include "scenarios.h"
#include "world.h"
#include <string.h>

enum { FIRST = WITH_SSDP, END = WITH_BOTH + 1 };

/* No host heard itself, not even to take that for a copy of itself elsewhere. */
static void expect_no_echo(const struct world *world)
{
	ck_assert(world_no_host_lists_itself(world));
	for (size_t i = 0; i < world->host_count; i++)
		ck_assert_uint_eq(host_table_counter(world->hosts[i], "ours-elsewhere"), 0);
}

START_TEST(no_host_lists_itself)
{
	struct world *world = world_new(1, (unsigned)_i);
	for (int i = 0; i < 3; i++)
		world_add_running_host(world);
	world_run(world, SECONDS(2000));
	expect_no_echo(world);
	ck_assert(world_is_complete(world));
	world_free(world);
}
END_TEST

START_TEST(no_host_lists_itself_with_two_links_in_one_network)
{
	struct world *world = world_new(2, (unsigned)_i);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);
	host_plug(a, 3, 1, "10.1.0.101");
	host_plug(b, 3, 1, "10.1.0.102");
	world_run(world, SECONDS(2000));
	expect_no_echo(world);
	ck_assert_uint_eq(host_count(a), 1);
	ck_assert_uint_eq(host_count(b), 1);
	world_free(world);
}
END_TEST

START_TEST(no_host_lists_itself_behind_a_switch_that_reflects)
{
	struct world *world = world_new(3, (unsigned)_i);
	struct host *a = world_add_running_host(world);
	world_add_running_host(world);
	host_plug(a, 3, 1, "10.1.0.101");
	world->conditions = (struct conditions){.reflects = true, .delay = MILLISECONDS(30)};
	world_run(world, SECONDS(2000));
	expect_no_echo(world);
	ck_assert(world_is_complete(world));
	world_free(world);
}
END_TEST

START_TEST(no_host_lists_itself_after_a_new_start)
{
	struct world *world = world_new(4, (unsigned)_i);
	struct host *a = world_add_running_host(world);
	world->conditions = (struct conditions){.reflects = true, .delay = MILLISECONDS(30)};
	world_run(world, SECONDS(10));
	host_stop(a);
	host_start(a);
	world_run(world, SECONDS(2000));
	ck_assert(world_no_host_lists_itself(world));
	world_free(world);
}
END_TEST

START_TEST(boards_that_share_their_uuid_see_each_other)
{
	struct world *world = world_new(5, (unsigned)_i);
	struct host *a = world_add_running_host(world), *b = world_add_host(world);
	strcpy(b->udn, a->udn);
	host_plug(b, 2, 1, "10.1.0.99");
	host_start(b);
	world_run(world, SECONDS(10));
	ck_assert(host_row_of(a, a) && host_row_of(b, b));
	ck_assert_uint_gt(host_table_counter(a, "ours-elsewhere"), 0);
	world_free(world);
}
END_TEST

Suite *own_device_suite(void)
{
	Suite *suite = suite_create("scenario/own_device");
	TCase *tcase = tcase_create("own_device");
	tcase_add_loop_test(tcase, no_host_lists_itself, FIRST, END);
	tcase_add_loop_test(tcase, no_host_lists_itself_with_two_links_in_one_network, FIRST, END);
	tcase_add_loop_test(tcase, no_host_lists_itself_behind_a_switch_that_reflects, FIRST, END);
	tcase_add_loop_test(tcase, no_host_lists_itself_after_a_new_start, FIRST, END);
	tcase_add_loop_test(tcase, boards_that_share_their_uuid_see_each_other, FIRST, END);
	suite_add_tcase(suite, tcase);
	return suite;
}

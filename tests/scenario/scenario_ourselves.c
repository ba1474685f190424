/* SPDX-License-Identifier: ISC
 * Scenarios in which a host hears itself: it must never list itself. */
#include "scenarios.h"
#include "world.h"

enum { FIRST = WITH_SSDP, END = WITH_BOTH + 1 };

/* Nobody heard of himself, not even to take it for a copy of himself elsewhere. */
static void expect_no_echo(const struct world *world)
{
	ck_assert(world_nobody_lists_himself(world));
	for (size_t i = 0; i < world->host_count; i++)
		ck_assert_uint_eq(host_table_counter(world->hosts[i], "ours-elsewhere"), 0);
}

START_TEST(nobody_lists_himself)
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

START_TEST(nobody_lists_himself_with_two_links_in_one_network)
{
	struct world *world = world_new(2, (unsigned)_i);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);
	host_plug(a, 3, 1, "10.1.0.101");
	host_plug(b, 3, 1, "10.1.0.102");
	world_run(world, SECONDS(2000));
	expect_no_echo(world);
	ck_assert_uint_eq(table_count(a->table), 1);
	ck_assert_uint_eq(table_count(b->table), 1);
	world_free(world);
}
END_TEST

START_TEST(nobody_lists_himself_behind_a_switch_that_reflects)
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

START_TEST(nobody_lists_himself_after_a_new_start)
{
	struct world *world = world_new(4, (unsigned)_i);
	struct host *a = world_add_running_host(world);
	world->conditions = (struct conditions){.reflects = true, .delay = MILLISECONDS(30)};
	world_run(world, SECONDS(10));
	host_stop(a);
	host_start(a);
	world_run(world, SECONDS(2000));
	ck_assert(world_nobody_lists_himself(world));
	world_free(world);
}
END_TEST

START_TEST(boards_that_share_their_uuid_see_each_other)
{
	struct world *world = world_new(5, (unsigned)_i);
	struct host *a = world_add_running_host(world), *b = world_add_host(world);
	b->number = a->number;
	announcement_fini(&b->announcement);
	struct world *twin = world_new(0, WITH_BOTH);
	struct host *same = world_add_host(twin);
	b->announcement = same->announcement;
	announcement_init(&same->announcement);
	world_free(twin);
	host_plug(b, 2, 1, "10.1.0.99");
	host_start(b);
	world_run(world, SECONDS(10));
	ck_assert(host_row_of(a, a) && host_row_of(b, b));
	ck_assert_uint_gt(host_table_counter(a, "ours-elsewhere"), 0);
	world_free(world);
}
END_TEST

Suite *ourselves_suite(void)
{
	Suite *suite = suite_create("scenario/ourselves");
	TCase *tcase = tcase_create("ourselves");
	tcase_add_loop_test(tcase, nobody_lists_himself, FIRST, END);
	tcase_add_loop_test(tcase, nobody_lists_himself_with_two_links_in_one_network, FIRST, END);
	tcase_add_loop_test(tcase, nobody_lists_himself_behind_a_switch_that_reflects, FIRST, END);
	tcase_add_loop_test(tcase, nobody_lists_himself_after_a_new_start, FIRST, END);
	tcase_add_loop_test(tcase, boards_that_share_their_uuid_see_each_other, FIRST, END);
	suite_add_tcase(suite, tcase);
	return suite;
}

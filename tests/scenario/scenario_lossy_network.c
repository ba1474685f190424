/* SPDX-License-Identifier: ISC
 * Scenarios in which the network loses, doubles and reorders, or is full. */
#include "scenarios.h"
#include "world.h"
#include <string.h>

enum { FIRST = WITH_SSDP, END = WITH_BOTH + 1 };

static void add_running_hosts(struct world *world, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		world_add_running_host(world);
}

START_TEST(with_a_fifth_lost_all_are_found_and_kept)
{
	struct world *world = world_new(1, (unsigned)_i);
	world->conditions.loss = 20;
	add_running_hosts(world, 10);
	world_run(world, SECONDS(60));
	ck_assert(world_is_complete(world));
	world_run(world, SECONDS(7200));
	ck_assert(world_is_complete(world));
	ck_assert(world_no_host_lists_itself(world));
	world_free(world);
}
END_TEST

START_TEST(doubled_and_reordered_is_nothing_new)
{
	struct world *world = world_new(2, (unsigned)_i);
	world->conditions = (struct conditions){.duplication = 50, .delay = MILLISECONDS(40)};
	add_running_hosts(world, 5);
	world_run(world, SECONDS(20));
	ck_assert(world_is_complete(world));
	struct instant settled = world->now;
	world_run(world, SECONDS(7200));
	for (size_t i = 0; i < world->host_count; i++) {
		const struct host *host = world->hosts[i];
		ck_assert_uint_eq(host->events[TABLE_ADDED], 4);
		ck_assert_uint_eq(host->events[TABLE_REMOVED], 0);
		ck_assert(instant_before(host->last_event, settled));
	}
	world_free(world);
}
END_TEST

START_TEST(a_goodbye_over_ssdp_is_heard_through_loss)
{
	struct world *world = world_new(3, WITH_SSDP);
	add_running_hosts(world, 20);
	world_run(world, SECONDS(60));
	world->conditions.loss = 20;
	host_stop(world->hosts[0]);
	world_run(world, SECONDS(1));
	for (size_t i = 1; i < world->host_count; i++)
		ck_assert(!host_row_of(world->hosts[i], world->hosts[0]));
	world_free(world);
}
END_TEST

/* Three rounds of three alive and one of byebye; searches for two targets, each sent twice, and
 * from each other host an answer of three to the one and of one to the other. */
static uint64_t ssdp_bound(uint64_t hosts, uint64_t rounds, uint64_t searches)
{
	return hosts * (3 * rounds + 4 * searches) + hosts * (hosts - 1) * 4 * searches;
}

START_TEST(fifty_hosts_converge_and_stay_quiet)
{
	struct world *world = world_new(4, WITH_SSDP);
	add_running_hosts(world, 50);
	world_run(world, SECONDS(10));
	ck_assert(world_is_complete(world));
	ck_assert(world_no_host_lists_itself(world));
	ck_assert_uint_eq(host_count(world->hosts[0]), 49);
	ck_assert_uint_le(world->sent, ssdp_bound(50, 4, 1));
	uint64_t start = world->sent;
	world_run(world, SECONDS(3600));
	ck_assert_uint_le(world->sent - start, ssdp_bound(50, 8, 5));
	ck_assert_uint_le(world->largest_burst, 16);
	ck_assert_uint_eq(world->hosts[0]->events[TABLE_ADDED], 49);
	world_free(world);
}
END_TEST

START_TEST(fifty_hosts_converge_over_both_protocols)
{
	struct world *world = world_new(5, WITH_BOTH);
	add_running_hosts(world, 50);
	world_run(world, SECONDS(10));
	ck_assert(world_is_complete(world));
	ck_assert(world_no_host_lists_itself(world));
	ck_assert_uint_eq(host_count(world->hosts[0]), 49);
	world_free(world);
}
END_TEST

Suite *lossy_network_suite(void)
{
	Suite *suite = suite_create("scenario/lossy_network");
	TCase *tcase = tcase_create("lossy_network");
	tcase_add_loop_test(tcase, with_a_fifth_lost_all_are_found_and_kept, FIRST, END);
	tcase_add_loop_test(tcase, doubled_and_reordered_is_nothing_new, FIRST, END);
	tcase_add_test(tcase, a_goodbye_over_ssdp_is_heard_through_loss);
	tcase_add_test(tcase, fifty_hosts_converge_and_stay_quiet);
	tcase_add_test(tcase, fifty_hosts_converge_over_both_protocols);
	suite_add_tcase(suite, tcase);
	return suite;
}

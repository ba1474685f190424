/* SPDX-License-Identifier: ISC
 * Scenarios of a host on two networks, one of which comes, goes and changes (UDA 2.0, 1.2.4). */
#include "scenarios.h"
#include "world.h"

/* A host on networks 1 and 2, and a neighbour in each. */
struct homes {
	struct world *world;
	struct host *both, *first, *second;
};

static struct host *add_neighbour(struct world *world, unsigned network, const char *address)
{
	struct host *host = world_add_host(world);
	host_plug(host, 2, network, address);
	host_start(host);
	return host;
}

static struct homes homes_new(uint64_t seed, unsigned engines)
{
	struct homes homes = {.world = world_new(seed, engines)};
	homes.both = world_add_host(homes.world);
	host_plug(homes.both, 2, 1, "10.1.0.1");
	host_plug(homes.both, 3, 2, "10.2.0.1");
	homes.first = add_neighbour(homes.world, 1, "10.1.0.2");
	homes.second = add_neighbour(homes.world, 2, "10.2.0.2");
	host_start(homes.both);
	world_run(homes.world, SECONDS(20));
	ck_assert(host_sees(homes.first, homes.both) && host_sees(homes.second, homes.both));
	return homes;
}

/* The neighbour in network 1 saw nothing come or go, and holds the number that is in force. */
static void assert_undisturbed(const struct homes *homes, uint32_t former)
{
	const struct host *first = homes->first;
	ck_assert_uint_eq(first->events[TABLE_ADDED], 1);
	ck_assert_uint_eq(first->events[TABLE_REMOVED], 0);
	ck_assert_uint_eq(host_table_counter(first, "restarts"), 0);
	ck_assert_uint_gt(host_epoch(homes->both), former);
	ck_assert_uint_eq(host_endpoint_of(first, homes->both)->epoch, host_epoch(homes->both));
}

START_TEST(a_network_that_goes_disturbs_no_host_in_the_other)
{
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct homes homes = homes_new(seed, (unsigned)_i);
		uint32_t former = host_epoch(homes.both);
		host_unplug(homes.both, 3);
		world_run(homes.world, SECONDS(5));
		assert_undisturbed(&homes, former);
		world_free(homes.world);
	}
}
END_TEST

START_TEST(a_network_that_comes_disturbs_no_host_in_the_other)
{
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct homes homes = homes_new(seed, (unsigned)_i);
		host_unplug(homes.both, 3);
		world_run(homes.world, SECONDS(5));
		uint32_t former = host_epoch(homes.both);
		host_plug(homes.both, 3, 2, "10.2.0.77");
		/* the other neighbour first finds out that the old address is dead */
		world_run(homes.world, SECONDS(6));
		assert_undisturbed(&homes, former);
		ck_assert(host_sees(homes.second, homes.both));
		ck_assert_uint_eq(
		    host_endpoint_of(homes.second, homes.both)->epoch, host_epoch(homes.both));
		world_free(homes.world);
	}
}
END_TEST

START_TEST(flaps_of_one_network_disturb_no_host_in_the_other)
{
	struct homes homes = homes_new(3, (unsigned)_i);
	uint32_t former = host_epoch(homes.both);
	for (int i = 0; i < 20; i++) {
		host_unplug(homes.both, 3);
		world_run(homes.world, rng_between(&homes.world->rng, 0, MILLISECONDS(300)));
		host_plug(homes.both, 3, 2, "10.2.0.1");
		world_run(homes.world, rng_between(&homes.world->rng, 0, MILLISECONDS(300)));
	}
	world_run(homes.world, SECONDS(5));
	assert_undisturbed(&homes, former);
	world_free(homes.world);
}
END_TEST

/* Two updates may both get lost; then the next alive looks like a restart, which removes nothing.
 */
START_TEST(an_update_that_is_lost_removes_no_host)
{
	for (uint64_t seed = 0; seed < 50; seed++) {
		struct homes homes = homes_new(seed, WITH_SSDP);
		homes.world->conditions.loss = 30;
		host_unplug(homes.both, 3);
		world_run(homes.world, SECONDS(5));
		ck_assert_uint_eq(homes.first->events[TABLE_REMOVED], 0);
		ck_assert_uint_eq(
		    host_endpoint_of(homes.first, homes.both)->epoch, host_epoch(homes.both));
		world_free(homes.world);
	}
}
END_TEST

Suite *multihomed_suite(void)
{
	Suite *suite = suite_create("scenario/multihomed");
	TCase *tcase = tcase_create("multihomed");
	/* broadcast alone announces no number before it is used */
	static const int ENGINES[] = {WITH_SSDP, WITH_BOTH};
	for (size_t i = 0; i < 2; i++) {
		tcase_add_loop_test(tcase, a_network_that_goes_disturbs_no_host_in_the_other,
		    ENGINES[i], ENGINES[i] + 1);
		tcase_add_loop_test(tcase, a_network_that_comes_disturbs_no_host_in_the_other,
		    ENGINES[i], ENGINES[i] + 1);
		tcase_add_loop_test(tcase, flaps_of_one_network_disturb_no_host_in_the_other,
		    ENGINES[i], ENGINES[i] + 1);
	}
	tcase_add_test(tcase, an_update_that_is_lost_removes_no_host);
	suite_add_tcase(suite, tcase);
	return suite;
}

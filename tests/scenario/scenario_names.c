/* SPDX-License-Identifier: ISC
 * Scenarios of names that only one host of a network may have (RFC 6762, 8 and 9). */
#include "scenarios.h"
#include "world.h"
#include <string.h>

enum { SEEDS = 20 };

/* A web server of this name: the number of its offer. */
static uint64_t offer_web(struct host *host, const char *name)
{
	struct offer *offer = offer_new();
	struct offered_device *device = offer_add_device(offer, 0);
	struct offered_service service = {.port = 8080};
	struct core_offered offered;

	device->type = strdup("urn:schemas-upnp-org:device:Basic:1");
	device->name = strdup(name);
	ck_assert_int_eq(offered_service_set_type(&service, SLICE("mdns"), SLICE("_http._tcp")), 0);
	ck_assert_int_eq(offered_device_copy_service(device, &service), 0);
	offered_service_fini(&service);
	ck_assert_int_eq(core_offer(host->core, host->world->now, offer, &offered), 0);
	return offered.number;
}

/* True when the web server of the host is announced by this name. */
static bool has_name(const struct host *host, const char *name)
{
	struct announced_name announced;

	for (size_t i = 0; core_announced(host->core, i, &announced); i++)
		if (slice_equal(announced.type, SLICE("_http._tcp")) && announced.claimed &&
		    slice_equal(announced.name, slice_of(name)))
			return true;
	return false;
}

/* The services of this type that a host lists, of this name, or of any. */
static unsigned count_listed(const struct host *host, const char *name)
{
	struct table_cursor cursor;
	const struct device *device;
	const struct endpoint *endpoint;
	unsigned count = 0;

	table_cursor_open(&cursor, core_table(host->core));
	while ((device = table_cursor_next(&cursor)))
		TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	for (size_t i = 0; i < endpoint->service_count; i++)
		count += strcmp(endpoint->services[i].type, "_http._tcp") == 0 &&
			 (!name || strcmp(endpoint->services[i].name, name) == 0);
	table_cursor_close(&cursor);
	return count;
}

START_TEST(who_comes_later_gets_a_number)
{
	struct world *world = world_new(1, WITH_MDNS);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);

	offer_web(a, "Greenhouse");
	world_run(world, SECONDS(5));
	ck_assert(has_name(a, "Greenhouse"));
	uint64_t number = offer_web(b, "Greenhouse");
	world_run(world, SECONDS(5));
	ck_assert(has_name(a, "Greenhouse") && has_name(b, "Greenhouse (2)"));
	ck_assert_uint_eq(count_listed(a, "Greenhouse (2)"), 1);
	ck_assert_uint_eq(count_listed(b, "Greenhouse"), 1);
	core_withdraw(b->core, world->now, number);
	world_run(world, SECONDS(3));
	ck_assert_uint_eq(count_listed(a, NULL), 0);
	host_stop(a);
	world_run(world, SECONDS(3));
	ck_assert_uint_eq(count_listed(b, NULL), 0);
	world_free(world);
}
END_TEST

START_TEST(a_number_is_kept_over_a_restart)
{
	struct world *world = world_new(1, WITH_MDNS);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);

	offer_web(a, "Greenhouse");
	world_run(world, SECONDS(5));
	offer_web(b, "Greenhouse");
	world_run(world, SECONDS(5));
	host_stop(a);
	host_stop(b);
	host_start(b);
	offer_web(b, "Greenhouse");
	offer_web(b, "Shed");
	world_run(world, SECONDS(5));
	ck_assert(has_name(b, "Greenhouse (2)") && has_name(b, "Shed"));
	world_free(world);
}
END_TEST

/* What is lost is found out when it is announced. */
START_TEST(of_two_that_begin_together_each_has_a_name_of_its_own)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct world *world = world_new(seed, WITH_MDNS);
		struct host *a = world_add_running_host(world), *b = world_add_running_host(world);

		world->conditions.loss = (unsigned)(10 * _i);
		world->conditions.delay = MILLISECONDS(5);
		offer_web(a, "Greenhouse");
		offer_web(b, "Greenhouse");
		world_run(world, SECONDS(30));
		ck_assert_msg((has_name(a, "Greenhouse") && has_name(b, "Greenhouse (2)")) ||
				  (has_name(b, "Greenhouse") && has_name(a, "Greenhouse (2)")),
		    "seed %u, loss %d %%", (unsigned)seed, 10 * _i);
		world_free(world);
	}
}
END_TEST

START_TEST(a_network_that_repeats_everything_takes_no_name)
{
	struct world *world = world_new(1, WITH_MDNS);
	struct host *a = world_add_running_host(world);

	world->conditions.reflects = true;
	world->conditions.duplication = 50;
	offer_web(a, "Greenhouse");
	world_run(world, SECONDS(30));
	ck_assert(has_name(a, "Greenhouse"));
	ck_assert(world_no_host_lists_itself(world));
	world_free(world);
}
END_TEST

START_TEST(two_links_of_one_network_take_no_name)
{
	struct world *world = world_new(1, WITH_MDNS);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);

	host_plug(a, 3, 1, "10.1.0.101");
	offer_web(a, "Greenhouse");
	world_run(world, SECONDS(30));
	ck_assert(has_name(a, "Greenhouse"));
	ck_assert(world_no_host_lists_itself(world));
	/* each says the addresses of both, so that none takes that of the other back (10.2) */
	ck_assert_uint_eq(count_listed(b, "Greenhouse"), 1);
	ck_assert_ptr_eq(host_device_at(b, "10.1.0.101"), host_device_at(b, "10.1.0.1"));
	unsigned updates = b->events[TABLE_UPDATED];
	world_run(world, SECONDS(1));
	ck_assert(!instant_due(core_deadline(b->core), world->now));
	core_set_watched(b->core, true);
	ck_assert(instant_due(core_deadline(b->core), world->now));
	world_run(world, SECONDS(3600));
	ck_assert_uint_eq(b->events[TABLE_UPDATED], updates);
	host_unplug(a, 3);
	world_run(world, SECONDS(10));
	ck_assert_ptr_null(host_device_at(b, "10.1.0.101"));
	ck_assert_uint_eq(count_listed(b, "Greenhouse"), 1);
	world_free(world);
}
END_TEST

/* Without a goodbye: it is asked at its former address, where nothing answers (RFC 6762, 10.4). */
START_TEST(a_host_that_moves_is_listed_once)
{
	struct world *world = world_new(1, WITH_MDNS);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);

	world->conditions.no_macs = _i;
	offer_web(b, "Greenhouse");
	world_run(world, SECONDS(30));
	ck_assert_uint_eq(count_listed(a, "Greenhouse"), 1);
	host_die(b);
	host_renumber(b, 2, "10.1.0.77");
	host_start(b);
	offer_web(b, "Greenhouse");
	world_run(world, SECONDS(10));
	ck_assert_uint_eq(count_listed(a, "Greenhouse"), 1);
	ck_assert_ptr_nonnull(host_device_at(a, "10.1.0.77"));
	ck_assert_ptr_null(host_device_at(a, "10.1.0.2"));
	world_free(world);
}
END_TEST

Suite *names_suite(void)
{
	Suite *suite = suite_create("scenario/names");
	TCase *tcase = tcase_create("names");

	tcase_add_test(tcase, who_comes_later_gets_a_number);
	tcase_add_test(tcase, a_number_is_kept_over_a_restart);
	tcase_add_loop_test(tcase, of_two_that_begin_together_each_has_a_name_of_its_own, 0, 2);
	tcase_add_test(tcase, a_network_that_repeats_everything_takes_no_name);
	tcase_add_test(tcase, two_links_of_one_network_take_no_name);
	tcase_add_loop_test(tcase, a_host_that_moves_is_listed_once, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}

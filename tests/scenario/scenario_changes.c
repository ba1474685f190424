/* SPDX-License-Identifier: ISC
 * Scenarios of devices that change while they are known, and what is reported of that. */
#include "id_of.h"
#include "scenarios.h"
#include "world.h"
#include <stdio.h>
#include <string.h>

#define THING_UDN "uuid:00000000-0000-5000-8000-0000000000e1"
#define OTHER_UDN "uuid:00000000-0000-5000-8000-0000000000e2"

#define PAGE(udn, name)                                                                            \
	"<?xml version=\"1.0\"?><root xmlns=\"urn:schemas-upnp-org:device-1-0\"><device>"          \
	"<deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType><friendlyName>" name          \
	"</friendlyName><manufacturer>Maker</manufacturer><modelName>Model</modelName><UDN>" udn   \
	"</UDN></device></root>"

/* A running host, and one that forges from 10.1.0.66. */
static struct host *add_forger(struct world *world)
{
	struct host *forger = world_add_host(world);

	host_plug(forger, 2, 1, "10.1.0.66");
	return forger;
}

static void expect_moved(unsigned engines, bool macs, unsigned updates)
{
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct world *world = world_new(seed, engines);
		struct host *a = world_add_running_host(world), *b = world_add_running_host(world);
		char id[DEVICE_ID_MAX], told[WORLD_TOLD_MAX];

		world->conditions.no_macs = !macs;
		world_run(world, SECONDS(60));
		strcpy(id, ID_OF(host_row_of(a, b)));
		host_told(a, told);
		unsigned before = a->events[TABLE_UPDATED];
		host_renumber(b, 2, "10.1.0.99");
		world_run(world, SECONDS(6));
		const struct device *device = host_device_at(a, "10.1.0.99");
		ck_assert_ptr_nonnull(device);
		ck_assert_str_eq(ID_OF(device), id);
		ck_assert_uint_eq(host_count(a), 1);
		ck_assert_ptr_null(host_device_at(a, "10.1.0.2"));
		ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
		host_told(a, told);
		ck_assert_msg(a->events[TABLE_UPDATED] - before <= updates, "%s", told);
		world_free(world);
	}
}

START_TEST(another_address_of_the_same_mac_is_one_update)
{
	expect_moved((unsigned)_i, true, 1);
}
END_TEST

START_TEST(another_address_of_the_same_uuid_is_the_same_device)
{
	expect_moved((unsigned)_i, false, 3);
}
END_TEST

START_TEST(a_keyless_host_with_another_address_is_the_same_device_within_a_second)
{
	struct world *world = world_new(1, WITH_BROADCAST);
	struct host *a = world_add_running_host(world), *forger = add_forger(world);
	char id[DEVICE_ID_MAX], told[WORLD_TOLD_MAX];

	world_set_mac(world, 1, "10.1.0.50", 0x5000, false);
	world_set_mac(world, 1, "10.1.0.51", 0x5000, false);
	host_forge(forger, "10.1.0.50", "DISCOVER from laptop");
	world_run(world, SECONDS(20));
	strcpy(id, ID_OF(host_device_at(a, "10.1.0.50")));
	host_told(a, told);
	host_forge(forger, "10.1.0.51", "DISCOVER from laptop");
	world_run(world, MILLISECONDS(1100));
	const struct device *device = host_device_at(a, "10.1.0.51");
	ck_assert_ptr_nonnull(device);
	ck_assert_str_eq(ID_OF(device), id);
	ck_assert_uint_eq(host_count(a), 1);
	ck_assert_ptr_null(host_device_at(a, "10.1.0.50"));
	world_run(world, SECONDS(2));
	host_told(a, told);
	ck_assert_uint_eq(a->events[TABLE_ADDED], 1);
	ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
	ck_assert_uint_eq(a->events[TABLE_UPDATED], 1);
	ck_assert_msg(strstr(told, "(addresses") != NULL, "%s", told);
	world_free(world);
}
END_TEST

START_TEST(two_urls_in_turn_are_no_news)
{
	struct world *world = world_new(2, WITH_SSDP);
	struct host *a = world_add_running_host(world), *forger = add_forger(world);
	struct forged forged = {"10.1.0.50", THING_UDN, "upnp:rootdevice", NULL, 1};
	char told[WORLD_TOLD_MAX];

	world_serve(world, "10.1.0.50", 80, "/one.xml", PAGE(THING_UDN, "One"));
	world_serve(world, "10.1.0.50", 80, "/two.xml", PAGE(THING_UDN, "Two"));
	for (unsigned i = 0; i < 40; i++) {
		forged.location = i % 2 ? "http://10.1.0.50/two.xml" : "http://10.1.0.50/one.xml";
		host_forge_alive(forger, &forged);
		world_run(world, i < 10 ? MILLISECONDS(100) : SECONDS(60));
		if (i == 10)
			host_told(a, told);
	}
	ck_assert_str_eq(host_told(a, told), "");
	const struct device *device = host_device(a, THING_UDN);
	ck_assert_str_eq(device_fact(device, FACT_NAME), "One");
	ck_assert_str_eq(TAILQ_FIRST(&device->endpoints)->url, "http://10.1.0.50/one.xml");
	ck_assert_uint_le(a->fetches, 3);
	/* The one that is not announced any more gives way. */
	for (unsigned i = 0; i < 10; i++) {
		forged.location = "http://10.1.0.50/two.xml";
		host_forge_alive(forger, &forged);
		world_run(world, SECONDS(300));
	}
	ck_assert_str_eq(device_fact(host_device(a, THING_UDN), FACT_NAME), "Two");
	world_free(world);
}
END_TEST

START_TEST(of_two_urls_the_other_counts_when_the_first_does_not_answer)
{
	struct world *world = world_new(3, WITH_SSDP);
	struct host *a = world_add_running_host(world), *forger = add_forger(world);
	struct forged forged = {
	    "10.1.0.50", THING_UDN, "upnp:rootdevice", "http://10.1.0.50/one.xml", 1};

	world_serve(world, "10.1.0.50", 80, "/one.xml", PAGE(THING_UDN, "One"));
	world_serve(world, "10.1.0.50", 80, "/two.xml", PAGE(THING_UDN, "Two"));
	host_forge_alive(forger, &forged);
	world_run(world, SECONDS(10));
	ck_assert_str_eq(device_fact(host_device(a, THING_UDN), FACT_NAME), "One");
	world_serve(world, "10.1.0.50", 80, "/one.xml", NULL);
	forged.location = "http://10.1.0.50/two.xml";
	host_forge_alive(forger, &forged);
	world_run(world, SECONDS(10));
	ck_assert_str_eq(device_fact(host_device(a, THING_UDN), FACT_NAME), "Two");
	world_free(world);
}
END_TEST

START_TEST(a_device_that_makes_a_new_uuid_at_each_boot_stays_one_device)
{
	struct world *world = world_new(4, (unsigned)_i);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);
	char id[DEVICE_ID_MAX];

	world_run(world, SECONDS(60));
	strcpy(id, ID_OF(host_row_of(a, b)));
	for (unsigned i = 0; i < 5; i++) {
		char former[UDN_TEXT_MAX];
		strcpy(former, b->udn);
		host_die(b);
		world_run(world, SECONDS(15));
		b->udn[strlen(b->udn) - 3]++;
		host_start(b);
		world_run(world, SECONDS(10));
		ck_assert_uint_eq(host_count(a), 1);
		ck_assert_str_eq(ID_OF(host_row_of(a, b)), id);
		if (_i != WITH_BROADCAST) /* its ends its claim after its lifetime */
			ck_assert_ptr_null(device_endpoint(host_row_of(a, b), "ssdp", former));
	}
	ck_assert_uint_eq(a->events[TABLE_ADDED], 1);
	ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
	world_free(world);
}
END_TEST

START_TEST(a_sole_announcer_that_the_page_does_not_name_is_kept)
{
	struct world *world = world_new(5, WITH_SSDP);
	struct host *a = world_add_running_host(world), *forger = add_forger(world);
	const struct forged forged = {
	    "10.1.0.50", THING_UDN, "upnp:rootdevice", "http://10.1.0.50/d.xml", 1};

	world_serve(world, "10.1.0.50", 80, "/d.xml", PAGE(OTHER_UDN, "Thing"));
	host_forge_alive(forger, &forged);
	world_run(world, SECONDS(60));
	const struct device *device = host_device(a, THING_UDN);
	ck_assert_ptr_nonnull(device);
	ck_assert_str_eq(device_fact(device, FACT_NAME), "Thing");
	world_free(world);
}
END_TEST

static unsigned count_events(const struct host *host)
{
	return host->events[TABLE_ADDED] + host->events[TABLE_UPDATED] +
	       host->events[TABLE_REMOVED];
}

static void offer_media_server(struct host *host)
{
	static const char *const SERVICES[] = {"urn:schemas-upnp-org:service:ContentDirectory:1",
	    "urn:schemas-upnp-org:service:ConnectionManager:1"};
	struct offer *offer = offer_new();
	struct offered_device *device = offer_add_device(offer, 0);
	struct core_offered offered;

	device->type = strdup("urn:schemas-upnp-org:device:MediaServer:1");
	for (size_t i = 0; i < 2; i++) {
		char id[64];
		snprintf(id, sizeof(id), "urn:upnp-org:serviceId:S%zu", i);
		ck_assert_int_eq(offered_device_add_service(device, SERVICES[i], id), 0);
	}
	ck_assert_int_eq(core_offer(host->core, host->world->now, offer, &offered), 0);
}

START_TEST(a_media_server_that_starts_is_added_and_at_most_twice_updated)
{
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct world *world = world_new(seed, (unsigned)_i);
		struct host *a = world_add_running_host(world), *b = world_add_host(world);
		char told[WORLD_TOLD_MAX];

		host_plug(b, 2, 1, "10.1.0.2");
		world_run(world, SECONDS(60));
		host_start(b);
		offer_media_server(b);
		world_run(world, SECONDS(20));
		host_told(a, told);
		ck_assert_uint_eq(host_count(a), 1);
		ck_assert_uint_eq(a->events[TABLE_ADDED], 1);
		ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
		ck_assert_msg(a->events[TABLE_UPDATED] <= 2, "%s", told);
		world_free(world);
	}
}
END_TEST

START_TEST(a_neighbour_that_restarts_is_at_most_four_events)
{
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct world *world = world_new(seed, (unsigned)_i);
		struct host *a = world_add_running_host(world), *b = world_add_running_host(world);
		char told[WORLD_TOLD_MAX];

		world_run(world, SECONDS(60));
		unsigned before = count_events(a);
		host_told(a, told);
		if (seed % 2)
			host_stop(b);
		else
			host_die(b);
		world_run(world, SECONDS(3));
		host_start(b);
		world_run(world, SECONDS(20));
		host_told(a, told);
		ck_assert(host_sees(a, b));
		ck_assert_msg(count_events(a) - before <= 4, "%s", told);
		world_free(world);
	}
}
END_TEST

START_TEST(what_one_protocol_said_goes_with_it)
{
	struct world *world = world_new(7, WITH_BOTH);
	struct host *a = world_add_running_host(world), *forger = add_forger(world);
	struct forged forged = {
	    "10.1.0.50", THING_UDN, "upnp:rootdevice", "http://10.1.0.50/d.xml", 1};

	world_serve(world, "10.1.0.50", 80, "/d.xml", PAGE(THING_UDN, "Thing"));
	host_forge(forger, "10.1.0.50", "DISCOVER from laptop");
	host_forge_alive(forger, &forged);
	forged.target = "urn:schemas-upnp-org:service:Print:1";
	host_forge_alive(forger, &forged);
	world_run(world, SECONDS(5));
	const struct device *device = host_device_at(a, "10.1.0.50");
	ck_assert_str_eq(device_fact(device, FACT_NAME), "Thing");
	ck_assert_str_eq(device_fact(device, FACT_MANUFACTURER), "Maker");
	ck_assert(device_heard_by(device, "ssdp"));
	host_forge_byebye(forger, &forged);
	world_run(world, SECONDS(5));
	device = host_device_at(a, "10.1.0.50");
	ck_assert_ptr_nonnull(device);
	ck_assert_uint_eq(host_count(a), 1);
	ck_assert_str_eq(device_fact(device, FACT_NAME), "laptop");
	ck_assert(!device_heard_by(device, "ssdp"));
	for (size_t i = 0; i < FACTS; i++)
		if (i != FACT_NAME && i != FACT_SERVER)
			ck_assert_ptr_null(device_fact(device, (enum endpoint_fact)i));
	ck_assert_ptr_null(TAILQ_FIRST(&device->endpoints)->url);
	ck_assert_uint_eq(host_devices_of(a, THING_UDN), 0);
	ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
	world_free(world);
}
END_TEST

START_TEST(a_new_start_of_the_daemon_gives_the_same_ids)
{
	struct world *world = world_new(8, (unsigned)_i);
	struct host *a = world_add_running_host(world);
	char ids[5][DEVICE_ID_MAX];

	for (unsigned i = 0; i < 5; i++)
		world_add_running_host(world);
	world_run(world, SECONDS(60));
	for (unsigned i = 0; i < 5; i++)
		strcpy(ids[i], ID_OF(host_row_of(a, world->hosts[i + 1])));
	host_stop(a);
	world_run(world, SECONDS(5));
	host_start(a);
	world_run(world, SECONDS(20));
	ck_assert_uint_eq(host_count(a), 5);
	for (unsigned i = 0; i < 5; i++)
		ck_assert_str_eq(ids[i], ID_OF(host_row_of(a, world->hosts[i + 1])));
	world_free(world);
}
END_TEST

Suite *changes_suite(void)
{
	Suite *suite = suite_create("scenario/changes");
	TCase *tcase = tcase_create("changes");
	const int first = WITH_SSDP, end = WITH_BOTH + 1;

	tcase_add_loop_test(tcase, another_address_of_the_same_mac_is_one_update, first, end);
	tcase_add_loop_test(tcase, another_address_of_the_same_uuid_is_the_same_device, first, end);
	tcase_add_test(
	    tcase, a_keyless_host_with_another_address_is_the_same_device_within_a_second);
	tcase_add_test(tcase, two_urls_in_turn_are_no_news);
	tcase_add_test(tcase, of_two_urls_the_other_counts_when_the_first_does_not_answer);
	tcase_add_loop_test(
	    tcase, a_device_that_makes_a_new_uuid_at_each_boot_stays_one_device, first, end);
	tcase_add_test(tcase, a_sole_announcer_that_the_page_does_not_name_is_kept);
	tcase_add_loop_test(
	    tcase, a_media_server_that_starts_is_added_and_at_most_twice_updated, first, end);
	tcase_add_loop_test(tcase, a_neighbour_that_restarts_is_at_most_four_events, first, end);
	tcase_add_test(tcase, what_one_protocol_said_goes_with_it);
	tcase_add_loop_test(tcase, a_new_start_of_the_daemon_gives_the_same_ids, first, end);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Scenarios of hosts that are heard in several ways and are one device. */
#include "id_of.h"
#include "scenarios.h"
#include "world.h"
#include <string.h>

/* Another root device of this host, with so many embedded ones. */
static void offer_root(struct host *host, const char *udn, const char *type, unsigned embedded)
{
	struct offer *offer = offer_new();
	struct offered_device *device = offer_add_device(offer, 0);
	struct core_offered offered;

	device->udn = strdup(udn);
	device->type = strdup(type);
	for (unsigned i = 0; i < embedded; i++)
		offer_add_device(offer, 0)->type = strdup("urn:schemas-upnp-org:device:Part:1");
	ck_assert_int_eq(core_offer(host->core, host->world->now, offer, &offered), 0);
}

static size_t count_places(const struct device *device)
{
	const struct presence *place = NULL;
	size_t count = 0;

	while ((place = device_next_place(device, place)))
		count++;
	return count;
}

START_TEST(a_nas_with_two_root_devices_a_broadcast_name_and_ipv6_is_one_device)
{
	static const char SECOND[] = "uuid:00000000-0000-5000-8000-0000000000aa";
	struct world *world = world_new(1, WITH_BOTH);
	struct host *a = world_add_host(world), *b = world_add_host(world);

	host_plug(a, 2, 1, "10.1.0.1");
	host_plug(a, 2, 1, "fe80::1");
	host_start(a);
	host_plug(b, 2, 1, "10.1.0.2");
	host_plug(b, 2, 1, "fe80::2");
	host_start(b);
	offer_root(b, SECOND, "urn:schemas-upnp-org:device:MediaServer:1", 0);
	world_run(world, SECONDS(20));
	const struct device *device = host_row_of(a, b);
	ck_assert_ptr_nonnull(device);
	ck_assert_uint_eq(host_count(a), 1);
	ck_assert_ptr_eq(host_device(a, SECOND), device);
	ck_assert_ptr_eq(host_device_at(a, "fe80::2"), device);
	ck_assert_ptr_eq(host_device_at(a, "10.1.0.2"), device);
	ck_assert_ptr_nonnull(device_endpoint(device, "ssdp", b->udn));
	ck_assert_ptr_nonnull(device_endpoint(device, "ssdp", SECOND));
	ck_assert_ptr_nonnull(device_endpoint(device, "broadcast", b->udn));
	ck_assert_str_eq(device_fact(device, FACT_NAME), "Host 2");
	ck_assert_uint_eq(count_places(device), 2);
	ck_assert_uint_eq(a->events[TABLE_ADDED], 1);
	ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
	world_free(world);
}
END_TEST

START_TEST(a_router_with_five_root_devices_and_eleven_embedded_ones_is_one_device)
{
	static const unsigned EMBEDDED[] = {3, 3, 3, 2};
	char udn[] = "uuid:00000000-0000-5000-8000-0000000000b0";
	struct world *world = world_new(2, WITH_SSDP);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);

	for (size_t i = 0; i < 4; i++) {
		udn[strlen(udn) - 1]++;
		offer_root(
		    b, udn, "urn:schemas-upnp-org:device:InternetGatewayDevice:1", EMBEDDED[i]);
	}
	world_run(world, SECONDS(20));
	ck_assert_uint_eq(host_count(a), 1);
	const struct device *device = host_row_of(a, b);
	ck_assert_uint_eq(device->endpoint_count, 16);
	const struct endpoint *endpoint;
	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	ck_assert(endpoint->described);
	ck_assert_uint_eq(a->events[TABLE_ADDED], 1);
	ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
	world_free(world);
}
END_TEST

/* a and b, on networks 1 and `second`. */
static void add_pair(struct world *world, unsigned second, struct host **a, struct host **b)
{
	*a = world_add_host(world);
	*b = world_add_host(world);
	host_plug(*a, 2, 1, "10.1.0.1");
	host_plug(*b, 2, 1, "10.1.0.2");
	host_plug(*b, 3, second, second == 1 ? "10.1.0.102" : "10.2.0.2");
	if (second != 1)
		host_plug(*a, 3, second, "10.2.0.1");
	host_start(*a);
	host_start(*b);
}

static void expect_one_with_two_places(unsigned engines, unsigned second)
{
	for (uint64_t seed = 0; seed < 10; seed++) {
		struct world *world = world_new(seed, engines);
		struct host *a, *b;

		add_pair(world, second, &a, &b);
		world_run(world, SECONDS(20));
		const struct device *device = host_row_of(a, b);
		ck_assert_ptr_nonnull(device);
		ck_assert_uint_eq(host_count(a), 1);
		ck_assert_uint_eq(count_places(device), 2);
		ck_assert_uint_eq(device->flags & DEVICE_DUPLICATE_UUID, 0);
		ck_assert_uint_eq(a->events[TABLE_ADDED], 1);
		ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
		world_run(world, SECONDS(4000));
		ck_assert_uint_eq(host_count(a), 1);
		ck_assert_uint_eq(a->events[TABLE_ADDED], 1);
		ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
		world_free(world);
	}
}

START_TEST(a_host_on_two_of_our_links_is_one_device)
{
	expect_one_with_two_places((unsigned)_i, 2);
}
END_TEST

START_TEST(a_host_with_two_cards_in_one_network_is_one_device)
{
	expect_one_with_two_places((unsigned)_i, 1);
}
END_TEST

#define LATE_UDN "uuid:00000000-0000-5000-8000-0000000000cc"

START_TEST(ipv4_and_ipv6_become_one_device_when_the_mac_is_known)
{
	struct world *world = world_new(4, WITH_BOTH);
	struct host *a = world_add_running_host(world), *forger = world_add_host(world);
	char told[WORLD_TOLD_MAX];

	host_plug(forger, 2, 1, "10.1.0.66");
	host_plug(a, 2, 1, "fe80::1");
	world_set_mac(world, 1, "10.1.0.50", 0, false);
	world_set_mac(world, 1, "fe80::50", 0, false);
	host_forge(forger, "10.1.0.50", "DISCOVER from old");
	world_run(world, SECONDS(1));
	host_forge_alive(forger, &(struct forged){"fe80::50", LATE_UDN, "upnp:rootdevice",
				     "http://[fe80::50]:80/d.xml", 1});
	world_run(world, SECONDS(1));
	ck_assert_uint_eq(host_count(a), 2);
	ck_assert_str_eq(host_told(a, told), "+address:10.1.0.50%2 +" LATE_UDN " ");
	world_set_mac(world, 1, "10.1.0.50", 0x5000, false);
	world_set_mac(world, 1, "fe80::50", 0x5000, false);
	world_learn_macs(world);
	world_run(world, SECONDS(2));
	ck_assert_uint_eq(host_count(a), 1);
	const struct device *device = host_device_at(a, "10.1.0.50");
	ck_assert_ptr_eq(host_device(a, LATE_UDN), device);
	ck_assert_ptr_eq(host_device_at(a, "fe80::50"), device);
	ck_assert_str_eq(ID_OF(device), "address:10.1.0.50%2");
	host_told(a, told);
	ck_assert_msg(slice_starts_with(slice_of(told),
			  SLICE("-" LATE_UDN ">address:10.1.0.50%2 ~address:10.1.0.50%2(")),
	    "%s", told);
	ck_assert_uint_eq(a->events[TABLE_UPDATED], 1);
	world_free(world);
}
END_TEST

START_TEST(a_keyless_host_that_moves_to_another_of_our_links_is_one_device)
{
	struct world *world = world_new(5, WITH_BROADCAST);
	struct host *a = world_add_host(world), *forger = world_add_host(world);

	host_plug(a, 2, 1, "10.1.0.1");
	host_plug(a, 3, 2, "10.1.0.101");
	host_start(a);
	host_plug(forger, 2, 1, "10.1.0.66");
	world_set_mac(world, 1, "10.1.0.50", 0x5000, false);
	host_forge(forger, "10.1.0.50", "DISCOVER from laptop");
	world_run(world, SECONDS(5));
	ck_assert_uint_eq(host_count(a), 1);
	host_unplug(forger, 2);
	host_plug(forger, 2, 2, "10.1.0.66");
	world_set_mac(world, 2, "10.1.0.50", 0x5000, false);
	host_forge(forger, "10.1.0.50", "DISCOVER from laptop");
	world_run(world, SECONDS(5));
	ck_assert_uint_eq(host_count(a), 1);
	ck_assert_uint_eq(a->events[TABLE_ADDED], 1);
	ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
	world_free(world);
}
END_TEST

START_TEST(several_ipv4_addresses_of_one_host_are_one_device)
{
	for (uint64_t seed = 0; seed < 10; seed++) {
		struct world *world = world_new(seed, (unsigned)_i);
		struct host *a = world_add_running_host(world), *b = world_add_host(world);

		world->conditions.no_macs = seed % 2;
		host_plug(b, 2, 1, "10.1.0.2");
		host_plug(b, 2, 1, "10.1.0.22");
		host_plug(b, 2, 1, "10.1.0.222");
		host_start(b);
		world_run(world, SECONDS(20));
		ck_assert_uint_eq(host_count(a), 1);
		ck_assert_uint_eq(a->events[TABLE_ADDED], 1);
		ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
		world_run(world, SECONDS(4000));
		ck_assert_uint_eq(host_count(a), 1);
		ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
		world_free(world);
	}
}
END_TEST

Suite *one_device_suite(void)
{
	Suite *suite = suite_create("scenario/one_device");
	TCase *tcase = tcase_create("one_device");
	tcase_add_test(tcase, a_nas_with_two_root_devices_a_broadcast_name_and_ipv6_is_one_device);
	tcase_add_test(
	    tcase, a_router_with_five_root_devices_and_eleven_embedded_ones_is_one_device);
	tcase_add_loop_test(
	    tcase, a_host_on_two_of_our_links_is_one_device, WITH_SSDP, WITH_BOTH + 1);
	tcase_add_loop_test(
	    tcase, a_host_with_two_cards_in_one_network_is_one_device, WITH_SSDP, WITH_BOTH + 1);
	tcase_add_test(tcase, ipv4_and_ipv6_become_one_device_when_the_mac_is_known);
	tcase_add_test(tcase, a_keyless_host_that_moves_to_another_of_our_links_is_one_device);
	tcase_add_loop_test(
	    tcase, several_ipv4_addresses_of_one_host_are_one_device, WITH_SSDP, WITH_BOTH + 1);
	suite_add_tcase(suite, tcase);
	return suite;
}

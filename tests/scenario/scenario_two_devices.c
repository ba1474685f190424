/* SPDX-License-Identifier: ISC
 * Scenarios of different hosts that share a UUID, an address or a MAC and are told apart. */
#include "id_of.h"
#include "scenarios.h"
#include "world.h"
#include <stdio.h>
#include <string.h>

/* A host with the UUID of another one. */
static struct host *add_clone(struct world *world, const struct host *like, const char *address)
{
	struct host *host = world_add_host(world);

	strcpy(host->udn, like->udn);
	host->epoch = like->epoch + 1000;
	host_plug(host, 2, 1, address);
	return host;
}

/* Each of the two has its own place, epoch and name, and both are flagged. */
static void expect_two(const struct host *a, const struct host *b, const struct host *c)
{
	const struct device *first = host_device_at(a, "10.1.0.2");
	const struct device *second = host_device_at(a, "10.1.0.3");

	ck_assert_uint_eq(host_count(a), 2);
	ck_assert_uint_eq(host_devices_of(a, b->udn), 2);
	ck_assert(first && second && first != second);
	ck_assert_uint_ne(first->flags & DEVICE_DUPLICATE_UUID, 0);
	ck_assert_uint_ne(second->flags & DEVICE_DUPLICATE_UUID, 0);
	ck_assert_uint_eq(TAILQ_FIRST(&first->endpoints)->epoch, host_epoch(b));
	ck_assert_uint_eq(TAILQ_FIRST(&second->endpoints)->epoch, host_epoch(c));
	ck_assert_str_eq(device_fact(first, FACT_NAME), "Host 2");
	ck_assert_str_eq(device_fact(second, FACT_NAME), "Host 3");
}

START_TEST(boards_cloned_from_one_image_are_two_flagged_devices)
{
	for (uint64_t seed = 0; seed < 10; seed++) {
		struct world *world = world_new(seed, (unsigned)_i);
		struct host *a = world_add_running_host(world), *b = world_add_running_host(world);
		struct host *c = add_clone(world, b, "10.1.0.3");

		if (seed % 2)
			world_run(world, SECONDS(60));
		host_start(c);
		world_run(world, SECONDS(60));
		expect_two(a, b, c);
		/* The first claimant has the UUID for its id. */
		if (seed % 2) {
			ck_assert_str_eq(ID_OF(host_device_at(a, "10.1.0.2")), b->udn);
			ck_assert_str_eq(
			    ID_OF(host_device_at(a, "10.1.0.3")), "mac:02:00:00:00:03:02");
		}
		world_run(world, SECONDS(4000));
		expect_two(a, b, c);
		ck_assert_uint_eq(a->events[TABLE_ADDED], 2);
		ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
		world_free(world);
	}
}
END_TEST

START_TEST(the_owner_of_a_uuid_that_comes_after_an_impostor_has_its_own_facts)
{
	struct world *world = world_new(1, (unsigned)_i);
	struct host *a = world_add_running_host(world), *impostor = world_add_running_host(world);
	struct host *owner = add_clone(world, impostor, "10.1.0.3");

	host_configure(owner, "[Device]\nmanufacturer = Owner\nmodel = Real\n");
	world_run(world, SECONDS(60));
	host_start(owner);
	world_run(world, SECONDS(20));
	expect_two(a, impostor, owner);
	ck_assert_str_eq(device_fact(host_device_at(a, "10.1.0.3"), FACT_MANUFACTURER), "Owner");
	ck_assert_str_eq(
	    device_fact(host_device_at(a, "10.1.0.2"), FACT_MANUFACTURER), "discoverd");
	host_stop(impostor);
	world_run(world, SECONDS(2));
	ck_assert_uint_eq(host_count(a), 1);
	ck_assert_ptr_eq(host_device(a, owner->udn), host_device_at(a, "10.1.0.3"));
	ck_assert_uint_eq(host_device(a, owner->udn)->flags & DEVICE_DUPLICATE_UUID, 0);
	world_free(world);
}
END_TEST

#define OLD_UDN "uuid:00000000-0000-5000-8000-0000000000d1"
#define NEW_UDN "uuid:00000000-0000-5000-8000-0000000000d2"

static struct forged at_50(const char *udn)
{
	return (struct forged){"10.1.0.50", udn, "upnp:rootdevice", "http://10.1.0.50/d.xml", 1};
}

START_TEST(an_address_that_goes_to_another_host_does_not_join_the_two)
{
	struct world *world = world_new(2, WITH_SSDP);
	struct host *a = world_add_running_host(world), *forger = world_add_host(world);
	const struct forged before = at_50(OLD_UDN), after = at_50(NEW_UDN);

	host_plug(forger, 2, 1, "10.1.0.66");
	world_set_mac(world, 1, "10.1.0.50", 0x5000, false);
	host_forge_alive(forger, &before);
	world_run(world, SECONDS(60));
	ck_assert_uint_eq(host_count(a), 1);
	/* The kernel has not noticed yet. */
	world_set_mac(world, 1, "10.1.0.50", 0x5000, true);
	host_forge_alive(forger, &after);
	world_run(world, MILLISECONDS(500));
	ck_assert_ptr_ne(host_device(a, NEW_UDN), host_device(a, OLD_UDN));
	world_set_mac(world, 1, "10.1.0.50", 0x5001, false);
	world_learn_macs(world);
	host_forge_alive(forger, &after);
	world_run(world, SECONDS(5));
	ck_assert_uint_eq(host_count(a), 1);
	const struct device *device = host_device(a, NEW_UDN);
	ck_assert_ptr_nonnull(device);
	ck_assert_str_eq(ID_OF(device), NEW_UDN);
	ck_assert_ptr_null(host_device(a, OLD_UDN));
	world_free(world);
}
END_TEST

START_TEST(hosts_behind_a_repeater_with_one_mac_are_different_devices)
{
	for (uint64_t seed = 0; seed < 10; seed++) {
		struct world *world = world_new(seed, (unsigned)_i);
		struct host *a = world_add_running_host(world);

		for (unsigned i = 0; i < 3; i++) {
			char address[ADDRESS_TEXT_MAX];
			struct host *host = world_add_host(world);
			snprintf(address, sizeof(address), "10.1.0.%u", host->number);
			host_plug(host, 2, 1, address);
			world_set_mac(world, 1, address, 0x7000, false);
			host_start(host);
		}
		world_run(world, SECONDS(30));
		ck_assert_uint_eq(host_count(a), 3);
		for (size_t i = 1; i < 4; i++)
			ck_assert(host_sees(a, world->hosts[i]));
		ck_assert_uint_eq(a->events[TABLE_ADDED], 3);
		ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
		world_run(world, SECONDS(4000));
		ck_assert_uint_eq(host_count(a), 3);
		ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
		world_free(world);
	}
}
END_TEST

/* What is shown of a device. */
struct look {
	char name[64], manufacturer[64], url[128];
	uint32_t epoch;
	uint8_t services;
};

static struct look look_at(const struct host *a)
{
	const struct device *device = host_device_at(a, "10.1.0.2");
	const char *manufacturer = device_fact(device, FACT_MANUFACTURER);
	struct look look = {.name = ""};
	const struct endpoint *endpoint;

	/* Those at its own address: a claimant may be taken for another card of it. */
	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	if (STAILQ_FIRST(&endpoint->presences)->address.bytes[3] == 2)
		break;
	ck_assert_ptr_nonnull(endpoint);
	look.epoch = endpoint->epoch;
	look.services = endpoint->service_count;
	snprintf(look.name, sizeof(look.name), "%s", device_fact(device, FACT_NAME));
	snprintf(
	    look.manufacturer, sizeof(look.manufacturer), "%s", manufacturer ? manufacturer : "");
	snprintf(look.url, sizeof(look.url), "%s", endpoint->url);
	return look;
}

/* Everything that a host can say of a device that is another one. */
static void forge_all(struct host *forger, const char *from, const char *udn, unsigned i)
{
	bool ipv6 = strchr(from, ':') != NULL;
	char ask[400], url[80];
	struct forged claim = {from, udn, "upnp:rootdevice", url, 1 + i};

	snprintf(
	    url, sizeof(url), "http://%s%s%s/evil.xml", ipv6 ? "[" : "", from, ipv6 ? "]" : "");
	host_forge_alive(forger, &claim);
	claim.target = "urn:schemas-upnp-org:service:Evil:1";
	host_forge_alive(forger, &claim);
	claim.target = udn;
	if (i % 3 == 0)
		host_forge_byebye(forger, &claim);
	if (ipv6)
		return;
	snprintf(ask, sizeof(ask),
	    "DISCOVER from evil\r\nUSN: %s\r\nCACHE-CONTROL: max-age=86400\r\n"
	    "BOOTID.UPNP.ORG: %u\r\nLOCATION: %s\r\n\r\n",
	    udn, 1 + i, url);
	host_forge(forger, from, ask);
	if (i % 4 == 0) {
		snprintf(ask, sizeof(ask), "BYE from evil\r\nUSN: %s\r\n\r\n", udn);
		host_forge(forger, from, ask);
	}
}

static void expect_unchanged(struct world *world, const char *from)
{
	struct host *a = world->hosts[0], *b = world->hosts[1], *forger = world->hosts[2];
	const struct look before = look_at(a);

	world_serve(world, from, 80, "/evil.xml",
	    "<root><device><friendlyName>evil</friendlyName><manufacturer>evil</manufacturer>"
	    "</device></root>");
	for (unsigned i = 0; i < 200; i++) {
		forge_all(forger, from, b->udn, i);
		world_run(world, MILLISECONDS(200));
		const struct look after = look_at(a);
		ck_assert_str_eq(after.name, before.name);
		ck_assert_str_eq(after.manufacturer, before.manufacturer);
		ck_assert_str_eq(after.url, before.url);
		ck_assert_uint_eq(after.epoch, before.epoch);
		ck_assert_uint_eq(after.services, before.services);
		ck_assert_str_eq(ID_OF(host_device_at(a, "10.1.0.2")), b->udn);
	}
	world_run(world, SECONDS(5));
	const struct device *known = host_device_at(a, "10.1.0.2");
	const struct device *claimant = host_device_at(a, from);
	ck_assert_ptr_ne(claimant, known);
	if (claimant)
		ck_assert_uint_ne(known->flags & DEVICE_DUPLICATE_UUID, 0);
	else
		ck_assert(strchr(from, ':') && !(world->engines & WITH_SSDP));
}

/* a and b on network 1, and a forger that a hears by its link 2 or 3, by IPv4 or IPv6. */
static void expect_claims_to_fail(unsigned engines, unsigned network, const char *from)
{
	struct world *world = world_new(3, engines);
	struct host *a = world_add_host(world);

	host_plug(a, 2, 1, "10.1.0.1");
	host_plug(a, 2, 1, "fe80::1");
	host_plug(a, 3, 2, "10.2.0.1");
	host_plug(a, 3, 2, "fe80::101");
	host_start(a);
	world_add_running_host(world);
	struct host *forger = world_add_host(world);
	host_plug(forger, 2, network, from);
	world_run(world, SECONDS(60));
	expect_unchanged(world, from);
	world_free(world);
}

START_TEST(a_claim_from_the_same_link_changes_nothing_of_a_known_device)
{
	expect_claims_to_fail((unsigned)_i, 1, "10.1.0.66");
}
END_TEST

START_TEST(a_claim_from_another_link_changes_nothing_of_a_known_device)
{
	expect_claims_to_fail((unsigned)_i, 2, "10.2.0.66");
}
END_TEST

START_TEST(a_claim_by_ipv6_changes_nothing_of_a_known_device)
{
	expect_claims_to_fail((unsigned)_i, 1, "fe80::66");
	expect_claims_to_fail((unsigned)_i, 2, "fe80::66");
}
END_TEST

Suite *two_devices_suite(void)
{
	Suite *suite = suite_create("scenario/two_devices");
	TCase *tcase = tcase_create("two_devices");
	tcase_add_loop_test(
	    tcase, boards_cloned_from_one_image_are_two_flagged_devices, WITH_SSDP, WITH_BOTH + 1);
	tcase_add_loop_test(tcase,
	    the_owner_of_a_uuid_that_comes_after_an_impostor_has_its_own_facts, WITH_SSDP,
	    WITH_BOTH + 1);
	tcase_add_test(tcase, an_address_that_goes_to_another_host_does_not_join_the_two);
	tcase_add_loop_test(tcase, hosts_behind_a_repeater_with_one_mac_are_different_devices,
	    WITH_SSDP, WITH_BOTH + 1);
	tcase_add_loop_test(tcase, a_claim_from_the_same_link_changes_nothing_of_a_known_device,
	    WITH_SSDP, WITH_BOTH + 1);
	tcase_add_loop_test(tcase, a_claim_from_another_link_changes_nothing_of_a_known_device,
	    WITH_SSDP, WITH_BOTH + 1);
	tcase_add_loop_test(
	    tcase, a_claim_by_ipv6_changes_nothing_of_a_known_device, WITH_SSDP, WITH_BOTH + 1);
	suite_add_tcase(suite, tcase);
	return suite;
}

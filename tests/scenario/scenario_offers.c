/* SPDX-License-Identifier: ISC
 * Scenarios of what a host offers: its own device and those of programs, and a reload. */
#include "model/offers.h"
#include "scenarios.h"
#include "world.h"
#include <errno.h>
#include <string.h>

#define GIVEN_UDN "uuid:00000000-0000-5000-8000-0000000000f1"
#define OTHER_UDN "uuid:00000000-0000-5000-8000-0000000000f2"

static struct offer *new_offer(const char *udn, const char *url)
{
	struct offer *offer = offer_new();
	struct offered_device *device = offer_add_device(offer, 0);

	device->type = strdup("urn:schemas-upnp-org:device:Basic:1");
	if (udn)
		device->udn = strdup(udn);
	if (url)
		offer->url = strdup(url);
	offer->source = OFFER_SOURCE_CONTROL;
	return offer;
}

static int offer_to(struct host *host, struct offer *offer, struct core_offered *offered)
{
	return core_offer(host->core, host->world->now, offer, offered);
}

START_TEST(what_a_program_offers_is_served_announced_and_withdrawn)
{
	struct world *world = world_new(1, WITH_BOTH);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);
	struct core_offered offered;

	world_run(world, SECONDS(20));
	ck_assert_int_eq(offer_to(b, new_offer(GIVEN_UDN, NULL), &offered), 0);
	ck_assert_str_eq(offered.udn, GIVEN_UDN);
	ck_assert_uint_gt(offered.number, 0);
	world_run(world, SECONDS(5));
	const struct device *device = host_device(a, GIVEN_UDN);
	ck_assert_ptr_eq(device, host_row_of(a, b));
	const struct endpoint *endpoint = device_endpoint(device, "ssdp", GIVEN_UDN);
	ck_assert_str_eq(
	    endpoint->url, "http://10.1.0.2:5006/00000000-0000-5000-8000-0000000000f1.xml");
	ck_assert_str_eq(endpoint_fact(endpoint, FACT_NAME), "Host 2 Basic");
	ck_assert_str_eq(endpoint_fact(endpoint, FACT_MANUFACTURER), "discoverd");
	core_withdraw(b->core, world->now, offered.number);
	ck_assert_ptr_null(core_find_offer(b->core, offered.number));
	world_run(world, SECONDS(1));
	ck_assert_uint_eq(host_devices_of(a, GIVEN_UDN), 0);
	ck_assert(host_sees(a, b));
	core_withdraw(b->core, world->now, offered.number);
	world_free(world);
}
END_TEST

START_TEST(a_uuid_is_offered_once_and_programs_have_a_limit)
{
	struct world *world = world_new(2, WITH_SSDP);
	struct host *b = world_add_host(world);
	struct core_offered offered;

	host_plug(b, 2, 1, "10.1.0.2");
	host_configure(b, "[Control]\nmax-announcements = 2\n");
	host_start(b);
	ck_assert_int_eq(offer_to(b, new_offer(GIVEN_UDN, NULL), &offered), 0);
	ck_assert_int_eq(offer_to(b, new_offer(GIVEN_UDN, NULL), &offered), -EEXIST);
	ck_assert_str_eq(offered.udn, GIVEN_UDN);
	ck_assert_int_eq(offer_to(b, new_offer(b->udn, NULL), &offered), -EEXIST);
	ck_assert_str_eq(offered.udn, b->udn);
	ck_assert_int_eq(offer_to(b, new_offer(NULL, "http://10.1.0.2/x.xml"), &offered), 0);
	ck_assert_int_eq(offer_to(b, new_offer(NULL, NULL), &offered), -ENOSPC);
	ck_assert_uint_eq(offered.limit, 2);
	struct offer *file = new_offer(OTHER_UDN, NULL);
	file->source = "file";
	ck_assert_int_eq(offer_to(b, file, &offered), 0);
	ck_assert_uint_eq(core_offers(b->core)->count, 4);
	core_withdraw_all(b->core, world->now);
	ck_assert_uint_eq(core_offers(b->core)->count, 1);
	world_free(world);
}
END_TEST

START_TEST(made_up_uuids_are_the_same_each_time)
{
	struct world *world = world_new(3, WITH_SSDP);
	struct host *b = world_add_running_host(world);
	struct core_offered first, second;

	ck_assert_int_eq(offer_to(b, new_offer(NULL, NULL), &first), 0);
	core_withdraw(b->core, world->now, first.number);
	ck_assert_int_eq(offer_to(b, new_offer(NULL, NULL), &second), 0);
	ck_assert_str_eq(first.udn, second.udn);
	ck_assert_uint_ne(first.number, second.number);
	world_free(world);
}
END_TEST

/* One of the targets of a device, as minissdpd's socket takes them. */
static struct offer *new_piece(unsigned part)
{
	struct offer *offer = new_offer(GIVEN_UDN, "http://10.1.0.2:80/d.xml");

	offer->devices[0].parts = part;
	offer->source = "minissdpd";
	return offer;
}

START_TEST(pieces_of_one_device_share_their_numbers)
{
	struct world *world = world_new(4, WITH_SSDP);
	struct host *b = world_add_running_host(world);
	struct core_offered first, second, whole;

	ck_assert_int_eq(offer_to(b, new_piece(OFFERED_AS_ROOT), &first), 0);
	ck_assert_int_eq(offer_to(b, new_piece(OFFERED_BY_UUID), &second), 0);
	ck_assert_uint_eq(core_find_offer(b->core, first.number)->epoch,
	    core_find_offer(b->core, second.number)->epoch);
	ck_assert_ptr_null(core_find_offer(b->core, first.number)->devices[0].name);
	ck_assert_int_eq(offer_to(b, new_offer(GIVEN_UDN, NULL), &whole), -EEXIST);
	world_free(world);
}
END_TEST

START_TEST(a_description_is_rendered_when_its_offer_changes_and_not_before)
{
	struct world *world = world_new(5, WITH_BOTH);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);

	world_run(world, SECONDS(20));
	unsigned published = b->publications;
	uint64_t sent = world->sent;
	uint32_t epoch = host_epoch(b);
	ck_assert_int_eq(core_renew_own(b->core, world->now), 0);
	host_configure(b, "");
	ck_assert_uint_eq(b->publications, published);
	ck_assert_uint_eq(world->sent, sent);
	ck_assert_uint_eq(host_epoch(b), epoch);
	host_configure(b, "[Device]\nname = Renamed\n");
	ck_assert_uint_eq(b->publications, published + 1);
	ck_assert_uint_gt(host_epoch(b), epoch);
	world_run(world, SECONDS(5));
	ck_assert_str_eq(device_fact(host_row_of(a, b), FACT_NAME), "Renamed");
	ck_assert_uint_eq(host_count(a), 1);
	world_free(world);
}
END_TEST

START_TEST(another_port_of_the_server_moves_all_descriptions_there)
{
	struct world *world = world_new(6, WITH_SSDP);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);
	struct core_offered served, elsewhere;

	ck_assert_int_eq(offer_to(b, new_offer(GIVEN_UDN, NULL), &served), 0);
	ck_assert_int_eq(offer_to(b, new_offer(NULL, "http://10.1.0.2:80/x.xml"), &elsewhere), 0);
	world_run(world, SECONDS(10));
	uint32_t epoch = core_find_offer(b->core, elsewhere.number)->epoch;
	unsigned published = b->publications;
	ck_assert_int_eq(core_set_http_port(b->core, world->now, 5007), 0);
	ck_assert_uint_eq(b->publications, published + 2);
	ck_assert_str_eq(core_find_offer(b->core, served.number)->url,
	    "http://*:5007/00000000-0000-5000-8000-0000000000f1.xml");
	ck_assert_str_eq(
	    core_find_offer(b->core, elsewhere.number)->url, "http://10.1.0.2:80/x.xml");
	ck_assert_uint_eq(core_find_offer(b->core, elsewhere.number)->epoch, epoch);
	world_run(world, SECONDS(5));
	ck_assert_str_eq(host_endpoint_of(a, b)->url, "http://10.1.0.2:5007/description.xml");
	/* The same port again: a new server there has nothing yet, and nothing is announced. */
	uint64_t sent = world->sent;
	ck_assert_int_eq(core_set_http_port(b->core, world->now, 5007), 0);
	ck_assert_uint_eq(b->publications, published + 4);
	ck_assert_uint_eq(world->sent, sent);
	/* No server: known by no description any more. */
	ck_assert_int_eq(core_set_http_port(b->core, world->now, 0), 0);
	ck_assert_ptr_null(core_find_offer(b->core, served.number)->url);
	struct core_offered refused;
	ck_assert_int_eq(offer_to(b, new_offer(OTHER_UDN, NULL), &refused), -ENOTSUP);
	world_free(world);
}
END_TEST

START_TEST(a_reload_with_a_shorter_lifetime_announces_it_within_that)
{
	struct world *world = world_new(7, WITH_SSDP);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);

	world_run(world, SECONDS(20));
	struct instant before = endpoint_expires(host_endpoint_of(a, b));
	ck_assert(instant_before(instant_add(world->now, SECONDS(1000)), before));
	host_configure(b, "[SSDP]\nmax-age = 100\n");
	world_run(world, SECONDS(60)); /* half of the new lifetime, and a little */
	struct instant after = endpoint_expires(host_endpoint_of(a, b));
	ck_assert(instant_before(after, instant_add(world->now, SECONDS(101))));
	world_run(world, SECONDS(3600));
	ck_assert(host_sees(a, b));
	ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
	world_free(world);
}
END_TEST

START_TEST(a_reload_that_denies_an_interface_forgets_what_was_there)
{
	struct world *world = world_new(8, (unsigned)_i);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);

	world_run(world, SECONDS(20));
	host_configure(a, "[Network]\ndeny-interfaces = eth2\n");
	ck_assert_uint_eq(host_count(a), 0);
	ck_assert_uint_eq(core_usable_links(a->core)->count, 0);
	ck_assert_uint_eq(core_links(a->core)->count, 1);
	world_run(world, SECONDS(2));
	ck_assert(!host_sees(b, a));
	host_configure(a, "");
	world_run(world, SECONDS(2));
	ck_assert(host_sees(a, b) && host_sees(b, a));
	world_free(world);
}
END_TEST

Suite *offers_suite(void)
{
	Suite *suite = suite_create("scenario/offers");
	TCase *tcase = tcase_create("offers");
	tcase_add_test(tcase, what_a_program_offers_is_served_announced_and_withdrawn);
	tcase_add_test(tcase, a_uuid_is_offered_once_and_programs_have_a_limit);
	tcase_add_test(tcase, made_up_uuids_are_the_same_each_time);
	tcase_add_test(tcase, pieces_of_one_device_share_their_numbers);
	tcase_add_test(tcase, a_description_is_rendered_when_its_offer_changes_and_not_before);
	tcase_add_test(tcase, another_port_of_the_server_moves_all_descriptions_there);
	tcase_add_test(tcase, a_reload_with_a_shorter_lifetime_announces_it_within_that);
	tcase_add_loop_test(tcase, a_reload_that_denies_an_interface_forgets_what_was_there,
	    WITH_SSDP, WITH_BOTH + 1);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Scenarios of devices that speak only the format of their vendor. */
#include "host.h"
#include "scenarios.h"
#include "world.h"
#include <string.h>

enum { WIZ = 38900, PLEX = 32414 };
#define LAMP   "{\"method\":\"firstBeat\",\"params\":{\"mac\":\"a8bb50123456\"}}"
#define SERVER "HELLO * HTTP/1.0\r\nName: Films\r\nResource-Identifier: a8bb50123456\r\n\r\n"
#define BYE    "BYE * HTTP/1.0\r\nResource-Identifier: a8bb50123456\r\n\r\n"

static struct address parse(const char *text)
{
	struct address address;

	ck_assert_int_eq(address_parse(slice_of(text), &address), 0);
	return address;
}

/* A datagram that some device sends by the switch of this host. */
static void send_to(
    struct host *host, const char *from, const char *to, uint16_t port, const char *text)
{
	struct address_port source = {parse(from), port};
	struct outbox_send send = {
	    .channel = CHANNEL_OWN, .link = 2, .to = {parse(to), port}, .bytes = slice_of(text)};

	world_send(host->world, host, &send, &source);
	world_run(host->world, SECONDS(1));
}

static void shine(struct host *host, const char *from)
{
	send_to(host, from, "255.255.255.255", WIZ, LAMP);
}

/* Two hosts: what is returned observes, from the other one's switch devices send. */
static struct host *observer(struct world **world)
{
	*world = world_new(1, WITH_BOTH);
	struct host *host = world_add_running_host(*world);
	world_add_running_host(*world);
	world_run(*world, SECONDS(10));
	ck_assert_uint_eq(host_count(host), 1);
	return host;
}

START_TEST(a_beacon_makes_a_row_until_it_is_silent_for_three_intervals)
{
	struct world *world;
	struct host *host = observer(&world);

	shine(world->hosts[1], "10.1.0.77");
	const struct device *lamp = host_device(host, "wiz:a8bb50123456");
	ck_assert_ptr_nonnull(lamp);
	ck_assert(device_heard_by(lamp, "beacon"));
	ck_assert_str_eq(device_fact(lamp, FACT_MANUFACTURER), "WiZ");
	ck_assert_ptr_eq(host_device_at(host, "10.1.0.77"), lamp);
	world_run(world, 2 * SECONDS(1200));
	ck_assert_ptr_nonnull(host_device(host, "wiz:a8bb50123456"));
	world_run(world, SECONDS(1200) + SECONDS(60));
	ck_assert_ptr_null(host_device(host, "wiz:a8bb50123456"));
	ck_assert_uint_eq(host_count(host), 1);
	world_free(world);
}
END_TEST

START_TEST(a_bye_removes_it_at_once)
{
	struct world *world;
	struct host *host = observer(&world);

	send_to(world->hosts[1], "10.1.0.77", "239.0.0.250", PLEX, SERVER);
	ck_assert_ptr_nonnull(host_device(host, "plex:a8bb50123456"));
	send_to(world->hosts[1], "10.1.0.77", "239.0.0.250", PLEX, BYE);
	world_run(world, SECONDS(5));
	ck_assert_ptr_null(host_device(host, "plex:a8bb50123456"));
	world_free(world);
}
END_TEST

START_TEST(an_id_in_a_message_joins_nothing_of_another_vendor_or_address)
{
	struct world *world;
	struct host *host = observer(&world);

	/* both have the MAC of host 2's link in their message, or the same id */
	shine(world->hosts[1], "10.1.0.77");
	send_to(world->hosts[1], "10.1.0.78", "239.0.0.250", PLEX, SERVER);
	send_to(world->hosts[1], "10.1.0.79", "255.255.255.255", WIZ,
	    "{\"method\":\"firstBeat\",\"params\":{\"mac\":\"020000000202\"}}");
	ck_assert_uint_eq(host_count(host), 4);
	ck_assert(host_sees(host, world->hosts[1]));
	world_free(world);
}
END_TEST

START_TEST(a_device_at_another_address_is_the_same_row)
{
	struct world *world;
	struct host *host = observer(&world);

	shine(world->hosts[1], "10.1.0.77");
	shine(world->hosts[1], "10.1.0.78");
	world_run(world, SECONDS(10));
	ck_assert_uint_eq(host_count(host), 2);
	ck_assert_ptr_nonnull(host_device_at(host, "10.1.0.78"));
	ck_assert_ptr_null(host_device_at(host, "10.1.0.77"));
	world_free(world);
}
END_TEST

START_TEST(a_beacon_from_another_network_is_ignored)
{
	struct world *world;
	struct host *host = observer(&world);

	shine(world->hosts[1], "203.0.113.7");
	ck_assert_uint_eq(host_count(host), 1);
	world_free(world);
}
END_TEST

/* The host that listens sends nothing more than one that does not. */
START_TEST(listening_sends_nothing)
{
	struct world *world = world_new(1, 0);
	struct host *host = world_add_running_host(world);

	world_run(world, SECONDS(4000));
	ck_assert_uint_eq(world->sent, 0);
	shine(world_add_running_host(world), "10.1.0.77");
	ck_assert_uint_eq(host_count(host), 1);
	world_free(world);
}
END_TEST

START_TEST(a_host_that_asks_is_no_device)
{
	struct world *world = world_new(1, 0);
	struct host *host = world_add_running_host(world), *asking = world_add_host(world);

	host_configure(asking, "[Beacons]\nask = yes\n");
	host_plug(asking, 2, 1, "10.1.0.2");
	host_start(asking);
	world_run(world, SECONDS(1000));
	ck_assert_uint_gt(world->sent, 0);
	ck_assert_uint_eq(host_count(host), 0);
	ck_assert_uint_eq(host_count(asking), 0);
	world_free(world);
}
END_TEST

Suite *beacons_suite(void)
{
	Suite *suite = suite_create("scenario/beacons");
	TCase *tcase = tcase_create("beacons");
	tcase_add_test(tcase, a_beacon_makes_a_row_until_it_is_silent_for_three_intervals);
	tcase_add_test(tcase, a_bye_removes_it_at_once);
	tcase_add_test(tcase, an_id_in_a_message_joins_nothing_of_another_vendor_or_address);
	tcase_add_test(tcase, a_device_at_another_address_is_the_same_row);
	tcase_add_test(tcase, a_beacon_from_another_network_is_ignored);
	tcase_add_test(tcase, listening_sends_nothing);
	tcase_add_test(tcase, a_host_that_asks_is_no_device);
	suite_add_tcase(suite, tcase);
	return suite;
}

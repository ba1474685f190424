/* SPDX-License-Identifier: ISC
 * Scenarios of programs that search for devices and ask for the addresses of hosts. */
#include "host.h"
#include "scenarios.h"
#include "world.h"
#include <string.h>

#define BASIC "urn:schemas-upnp-org:device:Basic:1"

START_TEST(a_search_is_answered_in_the_protocol_that_knows_its_target)
{
	struct world *world = world_new(1, WITH_SSDP | WITH_MDNS);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);

	world_run(world, SECONDS(30));
	unsigned before = a->answers;
	core_search(a->core, world->now, SLICE("_nothing._tcp"), 3);
	world_run(world, SECONDS(5));
	ck_assert_uint_eq(a->answers, before);
	core_search(a->core, world->now, SLICE(BASIC), 3);
	world_run(world, SECONDS(5));
	ck_assert_uint_gt(a->answers, before);
	const struct endpoint *endpoint = device_endpoint(host_row_of(a, b), "ssdp", b->udn);
	ck_assert(core_matches(a->core, endpoint, SLICE(BASIC)));
	ck_assert(!core_matches(a->core, endpoint, SLICE("urn:schemas-upnp-org:device:Basic:2")));
	ck_assert(!core_matches(a->core, endpoint, SLICE("_http._tcp")));
	world_free(world);
}
END_TEST

START_TEST(a_search_for_everything_goes_out_over_every_protocol)
{
	struct world *world = world_new(1, WITH_BOTH);
	struct host *a = world_add_running_host(world);

	world_add_running_host(world);
	world_run(world, SECONDS(30));
	unsigned before = a->answers;
	core_search(a->core, world->now, SLICE(""), 3);
	world_run(world, SECONDS(5));
	ck_assert_uint_ge(a->answers, before + 2);
	world_free(world);
}
END_TEST

START_TEST(a_host_answers_with_its_address)
{
	struct world *world = world_new(1, WITH_MDNS);
	struct host *a = world_add_running_host(world);
	char text[64];
	struct writer whole;

	world_run(world, SECONDS(5));
	world_add_running_host(world);
	world_run(world, SECONDS(30));
	writer_init(&whole, text, sizeof(text));
	ck_assert(core_host_name(SLICE("discoverd-000000000002"), &whole));
	ck_assert(slice_equal(writer_result(&whole), SLICE("discoverd-000000000002.local")));
	ck_assert(core_resolve(a->core, world->now, writer_result(&whole), 3));
	world_run(world, SECONDS(3));
	ck_assert_ptr_nonnull(strstr(a->resolved, "discoverd-000000000002.local=10.1.0.2@2 "));
	a->resolved[0] = '\0';
	ck_assert(core_resolve(a->core, world->now, SLICE("nothing.local"), 3));
	world_run(world, SECONDS(5));
	ck_assert_str_eq(a->resolved, "");
	ck_assert(!core_resolve(a->core, world->now, SLICE("host.example"), 3));
	ck_assert(!core_host_name(SLICE("host.example"), &whole));
	world_free(world);
}
END_TEST

START_TEST(without_a_protocol_for_names_no_host_is_asked_for)
{
	struct world *world = world_new(1, WITH_SSDP);
	struct host *a = world_add_running_host(world);

	ck_assert(!core_resolve(a->core, world->now, SLICE("host.local"), 3));
	world_free(world);
}
END_TEST

/* What a host sends in the round in which this comes to it from another one. */
static uint64_t sent_at_once(struct host *host, struct datagram *datagram)
{
	uint64_t before = host->sent;

	host_receive(host, datagram, 1900);
	host_advance(host);
	return host->sent - before;
}

START_TEST(what_the_datagrams_of_a_round_cause_leaves_together)
{
	struct world *world = world_new(1, WITH_SSDP);
	struct host *a = world_add_running_host(world);
	struct datagram datagram = {
	    .link = 2,
	    .to = address_ipv4(10, 1, 0, 1),
	    .bytes = SLICE("M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\n"
			   "ST: upnp:rootdevice\r\n\r\n"),
	};

	world_run(world, SECONDS(30));
	uint64_t before = a->sent, together = a->sent_together;
	for (uint8_t i = 0; i < 100; i++) {
		datagram.from = (struct address_port){address_ipv4(10, 1, 0, 10 + i), 5000};
		host_receive(a, &datagram, 1900);
		ck_assert_uint_eq(a->sent - before, i < 63 ? 0 : 64);
		if (i != 63)
			ck_assert(instant_due(host_deadline(a), world->now));
	}
	host_advance(a);
	ck_assert_uint_eq(a->sent - before, 100);
	ck_assert_uint_eq(a->sent_together - together, 2);
	world_free(world);
}
END_TEST

START_TEST(a_unicast_search_is_answered_in_the_round_that_reads_it)
{
	struct world *world = world_new(1, WITH_SSDP);
	struct host *a = world_add_running_host(world);
	struct datagram datagram = {
	    .link = 2,
	    .from = {address_ipv4(10, 1, 0, 9), 5000},
	    .to = address_ipv4(10, 1, 0, 1),
	    .bytes = SLICE("M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\n"
			   "ST: upnp:rootdevice\r\n\r\n"),
	};

	world_run(world, SECONDS(30));
	ck_assert_uint_eq(sent_at_once(a, &datagram), 1);
	/* a repeat of it is none, and one of the group waits */
	ck_assert_uint_eq(sent_at_once(a, &datagram), 0);
	datagram.to = address_ipv4(239, 255, 255, 250);
	datagram.bytes = SLICE("M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\n"
			       "ST: ssdp:all\r\n\r\n");
	uint64_t before = a->sent;
	ck_assert_uint_eq(sent_at_once(a, &datagram), 0);
	world_run(world, SECONDS(1));
	ck_assert_uint_eq(a->sent - before, 3);
	world_free(world);
}
END_TEST

Suite *searches_suite(void)
{
	Suite *suite = suite_create("searches");
	TCase *tcase = tcase_create("searches");

	tcase_add_test(tcase, a_search_is_answered_in_the_protocol_that_knows_its_target);
	tcase_add_test(tcase, a_search_for_everything_goes_out_over_every_protocol);
	tcase_add_test(tcase, a_host_answers_with_its_address);
	tcase_add_test(tcase, without_a_protocol_for_names_no_host_is_asked_for);
	tcase_add_test(tcase, what_the_datagrams_of_a_round_cause_leaves_together);
	tcase_add_test(tcase, a_unicast_search_is_answered_in_the_round_that_reads_it);
	suite_add_tcase(suite, tcase);
	return suite;
}

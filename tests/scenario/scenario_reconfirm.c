/* SPDX-License-Identifier: ISC
 * Scenarios of hosts that change their address, and of others that say so falsely. */
#include "scenarios.h"
#include "world.h"
#include <string.h>

enum { FIRST = WITH_SSDP, END = WITH_BOTH + 1 };

/* What `b` of the scenarios below is called: it is host number 2. */
#define B_UDN "uuid:00000000-0000-5000-8000-000000000002"
#define B_BYE                                                                                      \
	"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\n"               \
	"NTS: ssdp:byebye\r\nUSN: " B_UDN "::upnp:rootdevice\r\n\r\n"
#define B_ALIVE(address)                                                                           \
	"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\n"               \
	"NTS: ssdp:alive\r\nUSN: " B_UDN "::upnp:rootdevice\r\nCACHE-CONTROL: max-age=86400\r\n"   \
	"LOCATION: http://" address "/evil.xml\r\n\r\n"
#define B_BYE_BROADCAST "BYE from x\r\nUSN: " B_UDN "\r\n\r\n"
#define B_ASK_BROADCAST                                                                            \
	"DISCOVER from x\r\nUSN: " B_UDN "\r\nCACHE-CONTROL: max-age=86400\r\n"                    \
	"LOCATION: http://10.1.0.66/evil.xml\r\n\r\n"

static bool is_only_at(const struct device *device, const char *text)
{
	const struct presence *place = NULL;
	struct address address;

	ck_assert_int_eq(address_parse(slice_of(text), &address), 0);
	while ((place = device_next_place(device, place)))
		if (!address_equal(&place->address, &address))
			return false;
	return true;
}

START_TEST(a_host_that_changes_its_address_is_followed_within_five_seconds)
{
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct world *world = world_new(seed, (unsigned)_i);
		struct host *a = world_add_running_host(world), *b = world_add_running_host(world);
		world_run(world, SECONDS(60));
		host_renumber(b, 2, "10.1.0.99");
		for (int i = 0; i < 50; i++) {
			world_run(world, MILLISECONDS(100));
			ck_assert(host_sees(a, b));
		}
		ck_assert(is_only_at(host_row_of(a, b), "10.1.0.99"));
		ck_assert_str_eq(
		    host_endpoint_of(a, b)->url, "http://10.1.0.99:5006/description.xml");
		ck_assert_uint_eq(a->events[TABLE_ADDED], 1);
		ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
		ck_assert(host_sees(b, a));
		world_run(world, SECONDS(4000));
		ck_assert(is_only_at(host_row_of(a, b), "10.1.0.99"));
		world_free(world);
	}
}
END_TEST

START_TEST(forgeries_from_another_address_remove_no_host_and_draw_few_questions)
{
	static const char *const SSDP[] = {B_BYE, B_ALIVE("10.1.0.66"), B_BYE, B_BYE,
	    B_ALIVE("10.1.0.2"), B_ALIVE("10.1.0.67"), B_BYE};
	static const char *const BROADCAST[] = {
	    B_BYE_BROADCAST, B_ASK_BROADCAST, B_BYE_BROADCAST, B_BYE_BROADCAST};
	struct world *world = world_new(1, (unsigned)_i);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);
	struct host *forger = world_add_host(world);
	host_plug(forger, 2, 1, "10.1.0.66");
	world_run(world, SECONDS(60));
	for (unsigned i = 0; i < 3000; i++) {
		host_forge(forger, i % 9 ? "10.1.0.66" : "10.1.0.67", SSDP[i % 7]);
		host_forge(forger, i % 9 ? "10.1.0.66" : "10.1.0.67", BROADCAST[i % 4]);
		world_run(world, MILLISECONDS(20));
		ck_assert(host_sees(a, b));
		ck_assert_str_eq(
		    host_endpoint_of(a, b)->url, "http://10.1.0.2:5006/description.xml");
	}
	ck_assert_uint_eq(a->events[TABLE_REMOVED], 0);
	/* b was asked once in ten seconds for each protocol; where the forger says to be there is
	 * silence, and all together are bounded. */
	ck_assert_uint_gt(host_table_counter(a, "questions-confirmed"), 0);
	ck_assert_uint_le(host_table_counter(a, "questions-confirmed"), 2 * 6);
	ck_assert_uint_le(host_table_counter(a, "questions"), 32 + 8 * 60);
	world_free(world);
}
END_TEST

START_TEST(a_dead_host_that_is_said_to_have_moved_is_gone)
{
	struct world *world = world_new(2, (unsigned)_i);
	struct host *a = world_add_running_host(world), *b = world_add_running_host(world);
	struct host *other = world_add_host(world);
	host_plug(other, 2, 1, "10.1.0.66");
	world_run(world, SECONDS(60));
	host_die(b);
	world_run(world, SECONDS(10));
	ck_assert(host_sees(a, b));
	host_forge(other, "10.1.0.66", B_BYE);
	host_forge(other, "10.1.0.66", B_BYE_BROADCAST);
	world_run(world, SECONDS(4));
	ck_assert_uint_eq(host_count(a), 0);
	world_free(world);
}
END_TEST

Suite *reconfirm_suite(void)
{
	Suite *suite = suite_create("scenario/reconfirm");
	TCase *tcase = tcase_create("reconfirm");
	tcase_add_loop_test(
	    tcase, a_host_that_changes_its_address_is_followed_within_five_seconds, FIRST, END);
	tcase_add_loop_test(tcase,
	    forgeries_from_another_address_remove_no_host_and_draw_few_questions, FIRST, END);
	tcase_add_loop_test(tcase, a_dead_host_that_is_said_to_have_moved_is_gone, FIRST, END);
	suite_add_tcase(suite, tcase);
	return suite;
}

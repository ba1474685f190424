/* SPDX-License-Identifier: ISC
 * Tests of control/probe_plan: what a target means, and whether it may be probed. */
#include "base/array.h"
#include "control/control_fixture.h"
#include "control/probe_plan.h"
#include "suites.h"
#include <check.h>
#include <errno.h>
#include <stdio.h>

static struct control_fixture f;
static struct probe_plan plan;
static struct probe_refusal refusal;

static void setup(void)
{
	control_fixture_init(&f);
}

static void teardown(void)
{
	control_fixture_fini(&f);
}

static int aim(const char *target)
{
	plan = (struct probe_plan){0};
	return probe_plan_aim(&plan, &f.host, slice_of(target), false, &refusal);
}

static int aim_anywhere(const char *target)
{
	plan = (struct probe_plan){0};
	return probe_plan_aim(&plan, &f.host, slice_of(target), true, &refusal);
}

/* Where it was aimed at: "192.0.2.2 on 2 for uuid:1". */
static const char *aimed(void)
{
	static char text[512];
	char address[ADDRESS_TEXT_MAX];
	snprintf(text, sizeof(text), "%s on %u for %s", address_text(&plan.address, address),
	    (unsigned)plan.link, plan.device);
	return text;
}

#define EXPECT_AIM(target, where)                                                                  \
	do {                                                                                       \
		ck_assert_int_eq(aim(target), 0);                                                  \
		ck_assert_str_eq(aimed(), (where));                                                \
	} while (0)

START_TEST(a_device_is_meant_by_id_name_or_address)
{
	control_fixture_device(&f, 1);
	EXPECT_AIM("uuid:1", "192.0.2.2 on 2 for uuid:1");
	EXPECT_AIM("1", "192.0.2.2 on 2 for uuid:1");
	EXPECT_AIM("Device 1", "192.0.2.2 on 2 for uuid:1");
	EXPECT_AIM("192.0.2.2", "192.0.2.2 on 2 for uuid:1");
	EXPECT_AIM("address:192.0.2.2%eth0", "192.0.2.2 on 2 for uuid:1");
	ck_assert_int_eq(aim("device 2"), -ENOENT);
	ck_assert_int_eq(aim(""), -ENOENT);
}
END_TEST

START_TEST(any_neighbour_may_be_asked)
{
	EXPECT_AIM("192.0.2.77", "192.0.2.77 on 2 for ");
	EXPECT_AIM("192.0.3.77", "192.0.3.77 on 3 for ");
	EXPECT_AIM("192.0.3.77%wlan0", "192.0.3.77 on 3 for ");
	EXPECT_AIM("192.0.3.77%3", "192.0.3.77 on 3 for ");
	ck_assert_int_eq(aim("192.0.3.77%eth0"), -EHOSTUNREACH);
	ck_assert_int_eq(aim("192.0.3.77%nope"), -ENOENT);
}
END_TEST

START_TEST(ourselves_may_be_asked)
{
	EXPECT_AIM("192.0.2.1", "192.0.2.1 on 2 for ");
	EXPECT_AIM("127.0.0.1", "127.0.0.1 on 0 for ");
	EXPECT_AIM("::1", "::1 on 0 for ");
}
END_TEST

START_TEST(strangers_are_asked_only_where_that_is_wanted)
{
	ck_assert_int_eq(aim("198.51.100.1"), -EHOSTUNREACH);
	ck_assert_int_eq(aim("2001:db8::1"), -EHOSTUNREACH);
	ck_assert_int_eq(aim_anywhere("198.51.100.1"), 0);
	ck_assert_str_eq(aimed(), "198.51.100.1 on 0 for ");
	ck_assert_int_eq(aim_anywhere("192.0.3.77%eth0"), 0);
}
END_TEST

START_TEST(what_is_no_host_is_never_asked)
{
	static const char *const NONE[] = {"224.0.0.1", "255.255.255.255", "0.0.0.0",
	    "::", "ff02::1", "ff02::1%eth0", "192.0.2.255", "192.0.2.255%eth0"};
	for (size_t i = 0; i < COUNT_OF(NONE); i++) {
		ck_assert_msg(aim(NONE[i]) == -EINVAL, "%s", NONE[i]);
		ck_assert_msg(aim_anywhere(NONE[i]) == -EINVAL, "%s", NONE[i]);
	}
}
END_TEST

START_TEST(a_link_local_address_needs_its_link)
{
	ck_assert_int_eq(aim("fe80::7"), -ENOTUNIQ);
	ck_assert_uint_eq(refusal.link_count, 2);
	ck_assert_uint_eq(refusal.lookup.candidate_count, 0);
	EXPECT_AIM("fe80::7%wlan0", "fe80::7 on 3 for ");
	/* as a device was seen there, it is known */
	struct sighting seen = {.event = SIGHTING_ALIVE,
	    .protocol = &FIXTURE_SSDP,
	    .key = key_of_id(SLICE("uuid:7")),
	    .link = 3,
	    .lifetime = SECONDS(60)};
	address_parse(SLICE("fe80::7"), &seen.from);
	control_fixture_observe(&f, seen);
	EXPECT_AIM("fe80::7", "fe80::7 on 3 for uuid:7");
	f.host.usable = &(struct link_set){0};
	ck_assert_int_eq(aim("fe80::7"), -EHOSTUNREACH);
	ck_assert_int_eq(aim_anywhere("fe80::9"), -EHOSTUNREACH);
}
END_TEST

/* A device at 192.0.2.2 on eth0 and at 192.0.3.2 on wlan0, with its description at `location`. */
static void observe_at_two_addresses(const char *location)
{
	struct sighting seen = control_sighting("uuid:1", 2);
	seen.facts[FACT_NAME] = SLICE("lamp");
	seen.url = slice_of(location);
	control_fixture_observe(&f, seen);
	seen.from = address_ipv4(192, 0, 3, 2);
	seen.link = 3;
	control_fixture_observe(&f, seen);
}

START_TEST(a_device_of_several_addresses_is_asked_at_the_one_that_is_named)
{
	observe_at_two_addresses("http://192.0.2.2:80/");
	EXPECT_AIM("192.0.2.2", "192.0.2.2 on 2 for uuid:1");
	EXPECT_AIM("192.0.3.2", "192.0.3.2 on 3 for uuid:1");
	EXPECT_AIM("192.0.3.2%wlan0", "192.0.3.2 on 3 for uuid:1");
}
END_TEST

START_TEST(a_device_that_is_named_is_asked_where_its_description_is)
{
	EXPECT_AIM("192.0.3.2", "192.0.3.2 on 3 for ");
	observe_at_two_addresses("http://192.0.3.2:80/");
	EXPECT_AIM("lamp", "192.0.3.2 on 3 for uuid:1");
	EXPECT_AIM("uuid:1", "192.0.3.2 on 3 for uuid:1");
	EXPECT_AIM("192.0.2.2", "192.0.2.2 on 2 for uuid:1");
}
END_TEST

START_TEST(a_device_whose_description_is_elsewhere_is_asked_where_it_was_seen_first)
{
	observe_at_two_addresses("http://192.0.2.99:80/");
	EXPECT_AIM("lamp", "192.0.2.2 on 2 for uuid:1");
}
END_TEST

START_TEST(a_device_that_is_only_at_a_link_local_address_is_asked_on_its_link)
{
	struct sighting seen = {.event = SIGHTING_ALIVE,
	    .protocol = &FIXTURE_SSDP,
	    .key = key_of_id(SLICE("uuid:7")),
	    .link = 3,
	    .facts[FACT_NAME] = SLICE("lamp"),
	    .url = SLICE("http://[fe80::7]:80/"),
	    .lifetime = SECONDS(60)};
	address_parse(SLICE("fe80::7"), &seen.from);
	control_fixture_observe(&f, seen);
	EXPECT_AIM("lamp", "fe80::7 on 3 for uuid:7");
	EXPECT_AIM("uuid:7", "fe80::7 on 3 for uuid:7");
	EXPECT_AIM("fe80::7", "fe80::7 on 3 for uuid:7");
	EXPECT_AIM("fe80::7%wlan0", "fe80::7 on 3 for uuid:7");
	/* The same address on another link is another host's. */
	EXPECT_AIM("fe80::7%eth0", "fe80::7 on 2 for ");
}
END_TEST

START_TEST(several_devices_of_one_name_are_listed)
{
	struct sighting other = control_sighting("uuid:other", 9);
	control_fixture_device(&f, 1);
	other.facts[FACT_NAME] = SLICE("device 1");
	control_fixture_observe(&f, other);
	ck_assert_int_eq(aim("device 1"), -ENOTUNIQ);
	ck_assert_uint_eq(refusal.lookup.candidate_count, 2);
	EXPECT_AIM("192.0.2.2", "192.0.2.2 on 2 for uuid:1");
}
END_TEST

START_TEST(announced_ports_are_those_of_this_address)
{
	static const struct sighted_service SERVICES[] = {{.type = SLICE("_ipp._tcp"), .port = 631},
	    {.type = SLICE("_http._tcp"), .url = SLICE("http://192.0.2.2:8080/")},
	    {.type = SLICE("_x._tcp"), .url = SLICE("http://192.0.2.77:97/")}};
	struct sighting seen = control_sighting("uuid:1", 2);
	seen.url = SLICE("http://192.0.2.2:8200/root.xml");
	control_fixture_observe(&f, seen);
	seen.event = SIGHTING_DESCRIBED;
	seen.facts[FACT_PRESENTATION_URL] = SLICE("http://192.0.2.2/");
	control_fixture_observe(&f, seen);
	seen = control_sighting("uuid:2", 2);
	seen.url = SLICE("http://192.0.2.9:99/other-host.xml");
	seen.services = SERVICES;
	seen.service_count = COUNT_OF(SERVICES);
	control_fixture_observe(&f, seen);
	seen = control_sighting("uuid:3", 2);
	seen.url = SLICE("http://name.example:98/");
	control_fixture_observe(&f, seen);
	ck_assert_int_eq(aim("192.0.2.2"), 0);
	probe_plan_add_announced(&plan, f.table);
	ck_assert_uint_eq(plan.port_count, 4);
	ck_assert_uint_eq(plan.ports[0], 8200);
	ck_assert_uint_eq(plan.ports[1], 80);
	ck_assert_uint_eq(plan.ports[2], 631);
	ck_assert_uint_eq(plan.ports[3], 8080);
	ck_assert_int_eq(aim("192.0.2.9"), 0);
	probe_plan_add_announced(&plan, f.table);
	ck_assert_uint_eq(plan.port_count, 0);
}
END_TEST

START_TEST(ports_are_numbers_each_once_and_not_too_many)
{
	plan = (struct probe_plan){0};
	ck_assert(!probe_plan_add_port(&plan, 0));
	ck_assert(!probe_plan_add_port(&plan, -1));
	ck_assert(!probe_plan_add_port(&plan, 65536));
	ck_assert(!probe_plan_add_port(&plan, 4294967296 + 80));
	ck_assert(probe_plan_add_port(&plan, 65535));
	ck_assert(probe_plan_add_port(&plan, 65535));
	ck_assert_uint_eq(plan.port_count, 1);
	for (int port = 1; port < PROBE_PORTS_MAX; port++)
		ck_assert(probe_plan_add_port(&plan, port));
	ck_assert(!probe_plan_add_port(&plan, 60000));
	ck_assert(probe_plan_add_port(&plan, 65535));
	ck_assert_uint_eq(plan.port_count, PROBE_PORTS_MAX);
}
END_TEST

Suite *probe_plan_suite(void)
{
	Suite *suite = suite_create("control/probe_plan");
	TCase *tcase = tcase_create("probe_plan");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_device_is_meant_by_id_name_or_address);
	tcase_add_test(tcase, any_neighbour_may_be_asked);
	tcase_add_test(tcase, ourselves_may_be_asked);
	tcase_add_test(tcase, strangers_are_asked_only_where_that_is_wanted);
	tcase_add_test(tcase, what_is_no_host_is_never_asked);
	tcase_add_test(tcase, a_link_local_address_needs_its_link);
	tcase_add_test(tcase, a_device_of_several_addresses_is_asked_at_the_one_that_is_named);
	tcase_add_test(tcase, a_device_that_is_named_is_asked_where_its_description_is);
	tcase_add_test(
	    tcase, a_device_whose_description_is_elsewhere_is_asked_where_it_was_seen_first);
	tcase_add_test(tcase, a_device_that_is_only_at_a_link_local_address_is_asked_on_its_link);
	tcase_add_test(tcase, several_devices_of_one_name_are_listed);
	tcase_add_test(tcase, announced_ports_are_those_of_this_address);
	tcase_add_test(tcase, ports_are_numbers_each_once_and_not_too_many);
	suite_add_tcase(suite, tcase);
	return suite;
}

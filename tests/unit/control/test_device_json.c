/* SPDX-License-Identifier: ISC
 * Tests of control/device_json: a device as the interface's definition has it. */
#include "base/array.h"
#include "control/control_fixture.h"
#include "control/device_json.h"
#include "suites.h"
#include <string.h>

static struct control_fixture f;

static void setup(void)
{
	control_fixture_init(&f);
}

static void teardown(void)
{
	control_fixture_fini(&f);
}

static struct sighting seen(const char *protocol, uint32_t link)
{
	return (struct sighting){
	    .event = SIGHTING_ALIVE,
	    .protocol = protocol,
	    .id = SLICE("uuid:a"),
	    .from = address_ipv4(192, 0, 2, 9),
	    .link = link,
	    .lifetime = SECONDS(1800),
	};
}

static struct json_object *shown(const char *id)
{
	return device_json_new(&f.host, f.now, table_find(f.table, slice_of(id)));
}

START_TEST(every_key_is_there_when_nothing_is_known)
{
	control_fixture_observe(&f, seen("broadcast", 2));
	struct json_object *device = shown("uuid:a");
	ck_assert_str_eq(json_object_to_json_string_ext(device, JSON_C_TO_STRING_PLAIN),
	    "{\"id\":\"uuid:a\",\"name\":\"192.0.2.9\",\"kind\":\"device\",\"type\":null,"
	    "\"manufacturer\":null,"
	    "\"model\":null,\"serial\":null,\"presentation_url\":null,\"server\":null,"
	    "\"protocols\":[\"broadcast\"],"
	    "\"addresses\":[{\"address\":\"192.0.2.9\",\"interface\":\"eth0\",\"mac\":null,"
	    "\"vendor\":null}],"
	    "\"location\":null,\"services\":[],\"boot_id\":null,\"config_id\":null,"
	    "\"first_seen\":\"2026-01-02T03:20:45Z\",\"last_seen\":\"2026-01-02T03:20:45Z\","
	    "\"expires_in\":1800,"
	    "\"reachable\":null,\"attached_to\":\"eth0\"}");
	json_object_put(device);
}
END_TEST

START_TEST(one_address_by_two_protocols_is_one_address)
{
	control_fixture_observe(&f, seen("ssdp", 2));
	control_fixture_observe(&f, seen("broadcast", 2));
	control_fixture_observe(&f, seen("ssdp", 3));
	struct json_object *device = shown("uuid:a");
	EXPECT_AT(device, "protocols", "[ \"ssdp\", \"broadcast\" ]");
	EXPECT_AT(device, "addresses.0.interface", "eth0");
	EXPECT_AT(device, "addresses.1.interface", "wlan0");
	EXPECT_AT(device, "addresses.2", "missing");
	EXPECT_AT(device, "attached_to", "null");
	json_object_put(device);
}
END_TEST

START_TEST(a_nameless_device_keeps_one_name_while_it_leaves)
{
	struct sighting over_ipv6 = seen("ssdp", 2), over_ipv4 = seen("ssdp", 2);
	ck_assert_int_eq(address_parse(SLICE("fe80::9"), &over_ipv6.from), 0);
	control_fixture_observe(&f, over_ipv6);
	struct json_object *device = shown("uuid:a");
	EXPECT_AT(device, "name", "fe80::9");
	json_object_put(device);
	control_fixture_observe(&f, over_ipv4);
	control_fixture_observe(&f, over_ipv6);
	device = shown("uuid:a");
	EXPECT_AT(device, "name", "192.0.2.9");
	EXPECT_AT(device, "addresses.0.address", "192.0.2.9");
	EXPECT_AT(device, "addresses.1.address", "fe80::9");
	json_object_put(device);
	over_ipv4.event = SIGHTING_BYE;
	control_fixture_observe(&f, over_ipv4);
	device = shown("uuid:a");
	EXPECT_AT(device, "name", "192.0.2.9");
	EXPECT_AT(device, "addresses.0.address", "fe80::9");
	EXPECT_AT(device, "addresses.1", "missing");
	json_object_put(device);
	/* It is still there by IPv6 alone. */
	control_fixture_observe(&f, over_ipv6);
	device = shown("uuid:a");
	EXPECT_AT(device, "name", "fe80::9");
	json_object_put(device);
}
END_TEST

START_TEST(what_is_known_is_shown)
{
	struct sighting sighting = seen("ssdp", 2);
	sighting.mac = (struct mac){{2, 0, 0, 0xab, 0, 1}, true};
	sighting.boot_id = (struct sighting_number){true, 4000000000U};
	sighting.config_id = (struct sighting_number){true, 7};
	sighting.location = SLICE("http://192.0.2.9/d.xml");
	sighting.service = SLICE("urn:x:service:s:1");
	sighting.usn = SLICE("uuid:a::urn:x:service:s:1");
	control_fixture_observe(&f, sighting);
	table_set_reachable(f.table, f.now, SLICE("uuid:a"), true);
	f.now = instant_add(f.now, SECONDS(60) + 1);
	struct json_object *device = shown("uuid:a");
	EXPECT_AT(device, "addresses.0.mac", "02:00:00:ab:00:01");
	EXPECT_AT(device, "boot_id", "4000000000");
	EXPECT_AT(device, "config_id", "7");
	EXPECT_AT(device, "location", "http://192.0.2.9/d.xml");
	EXPECT_AT(device, "services.0.type", "urn:x:service:s:1");
	EXPECT_AT(device, "services.0.usn", "uuid:a::urn:x:service:s:1");
	EXPECT_AT(device, "services.0.expires_in", "1740");
	EXPECT_AT(device, "expires_in", "1740");
	EXPECT_AT(device, "reachable", "true");
	json_object_put(device);
}
END_TEST

START_TEST(every_service_is_shown)
{
	static const char *const TYPES[] = {"urn:x:service:s:1", "urn:x:service:t:1", "urn:y:z"};
	struct sighting sighting = seen("ssdp", 2);
	for (size_t i = 0; i < COUNT_OF(TYPES); i++) {
		sighting.service = slice_of(TYPES[i]);
		control_fixture_observe(&f, sighting);
	}
	struct json_object *device = shown("uuid:a");
	EXPECT_AT(device, "services.0.type", TYPES[0]);
	EXPECT_AT(device, "services.1.type", TYPES[1]);
	EXPECT_AT(device, "services.2.type", TYPES[2]);
	EXPECT_AT(device, "services.3", "missing");
	json_object_put(device);
}
END_TEST

START_TEST(an_interface_that_is_gone_is_shown_by_its_index)
{
	control_fixture_observe(&f, seen("ssdp", 9));
	struct json_object *device = shown("uuid:a");
	EXPECT_AT(device, "addresses.0.interface", "9");
	json_object_put(device);
}
END_TEST

Suite *device_json_suite(void)
{
	Suite *suite = suite_create("control/device_json");
	TCase *tcase = tcase_create("device_json");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, every_key_is_there_when_nothing_is_known);
	tcase_add_test(tcase, one_address_by_two_protocols_is_one_address);
	tcase_add_test(tcase, a_nameless_device_keeps_one_name_while_it_leaves);
	tcase_add_test(tcase, what_is_known_is_shown);
	tcase_add_test(tcase, every_service_is_shown);
	tcase_add_test(tcase, an_interface_that_is_gone_is_shown_by_its_index);
	suite_add_tcase(suite, tcase);
	return suite;
}

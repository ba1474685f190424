/* SPDX-License-Identifier: ISC
 * Tests of control/attachment: where a device is plugged in. */
#include "base/array.h"
#include "base/mac.h"
#include "control/attachment.h"
#include "control/control_fixture.h"
#include "control/device_json.h"
#include "suites.h"
#include <stdio.h>
#include <string.h>

static struct control_fixture f;
static struct forwarding forwarding;
enum { BRIDGE = 20, VLAN, UPLINK, NAMED, NUMBERED, OURS, OUR_END };

static const char *netns_name(void *context, int32_t netns)
{
	(void)context;
	return netns == 5 ? "app" : NULL;
}

static const char *vendor(void *context, const struct mac *mac)
{
	(void)context;
	return mac->known ? "Acme" : NULL;
}

static struct link *add(uint32_t index, const char *name, const char *kind)
{
	struct link *link = link_set_add(&f.links, index);
	snprintf(link->name, sizeof(link->name), "%s", name);
	snprintf(link->kind, sizeof(link->kind), "%s", kind);
	return link;
}

static void add_veth(uint32_t index, const char *name, uint32_t peer, int32_t netns)
{
	struct link *link = add(index, name, "veth");
	link->peer = peer;
	link->peer_netns = netns;
}

static void setup(void)
{
	struct siphash_key key = {{3, 4}};
	control_fixture_init(&f);
	ck_assert_int_eq(forwarding_init(&forwarding, &key, 64), 0);
	f.host.forwarding = &forwarding;
	f.host.netns_name = netns_name;
	f.host.vendor = vendor;
	add(BRIDGE, "br0", "bridge");
	struct link *vlan = add(VLAN, "br0.7", "vlan");
	vlan->lower = BRIDGE;
	vlan->vlan = 7;
	add(UPLINK, "eth1", "ethernet");
	add_veth(NAMED, "veth7", 38, 5);
	add_veth(NUMBERED, "veth8", 39, 2);
	add_veth(OURS, "veth9", OUR_END, -1);
	add_veth(OUR_END, "inner", OURS, -1);
}

static void teardown(void)
{
	forwarding_fini(&forwarding);
	control_fixture_fini(&f);
}

/* The device sends with this MAC (0: not known) from an address on a link. */
static void seen(uint32_t link, uint8_t address, uint8_t mac)
{
	control_fixture_observe(&f, (struct sighting){
					.event = SIGHTING_ALIVE,
					.protocol = &FIXTURE_SSDP,
					.key = key_of_id(SLICE("uuid:a")),
					.from = address_ipv4(192, 0, 2, address),
					.link = link,
					.mac = {{2, 0, 0, 0, 0, mac}, mac != 0},
					.lifetime = SECONDS(1800),
				    });
}

static void learned(uint8_t mac, uint16_t vlan, uint32_t port)
{
	struct forwarding_entry entry = {BRIDGE, port, {{2, 0, 0, 0, 0, mac}, true}, vlan};
	forwarding_put(&forwarding, &entry);
}

static void expect(const char *text)
{
	char buffer[ATTACHMENT_TEXT_MAX];
	struct slice found = attachment_text(&f.host, control_fixture_find(&f, "uuid:a"), buffer);
	ck_assert(slice_equal(found.bytes ? found : SLICE("null"), slice_of(text)));
}

START_TEST(behind_no_bridge_it_is_the_interface)
{
	learned(9, 0, NAMED);
	seen(2, 1, 9);
	expect("eth0");
	seen(2, 2, 8);
	expect("eth0");
	seen(3, 1, 9);
	expect("null");
}
END_TEST

START_TEST(behind_a_bridge_it_is_the_port_and_what_is_behind)
{
	static const struct {
		uint32_t port;
		const char *text;
	} CASES[] = {
	    {UPLINK, "br0/eth1"},
	    {NAMED, "br0/veth7 (app, if 38)"},
	    {NUMBERED, "br0/veth8 (netns 2, if 39)"},
	    {OURS, "br0/veth9 (inner, if 26)"},
	    {99, "br0/99"},
	};
	seen(BRIDGE, 1, 9);
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		learned(9, 0, CASES[i].port);
		expect(CASES[i].text);
	}
	f.host.netns_name = NULL;
	learned(9, 0, NAMED);
	expect("br0/veth7 (netns 5, if 38)");
}
END_TEST

START_TEST(what_the_bridge_has_not_learned_is_left_out)
{
	seen(BRIDGE, 1, 0);
	expect("br0");
	seen(BRIDGE, 1, 9);
	expect("br0");
	learned(8, 0, NAMED);
	expect("br0");
	f.host.forwarding = NULL;
	learned(9, 0, NAMED);
	expect("br0");
}
END_TEST

START_TEST(an_address_without_a_mac_does_not_hide_the_port)
{
	learned(9, 0, UPLINK);
	seen(BRIDGE, 1, 9);
	seen(BRIDGE, 2, 0);
	expect("br0/eth1");
	learned(8, 0, NAMED);
	seen(BRIDGE, 3, 8);
	expect("null");
}
END_TEST

START_TEST(a_vlan_above_a_bridge_asks_the_bridge)
{
	learned(9, 7, UPLINK);
	learned(9, 6, NAMED);
	seen(VLAN, 1, 9);
	expect("br0.7/eth1");
}
END_TEST

START_TEST(each_address_has_its_own_mac_and_vendor)
{
	seen(2, 1, 9);
	seen(2, 2, 0);
	seen(3, 1, 8);
	struct json_object *device = control_shown(&f, "uuid:a");
	EXPECT_AT(device, "addresses.0.mac", "02:00:00:00:00:09");
	EXPECT_AT(device, "addresses.0.vendor", "Acme");
	EXPECT_AT(device, "addresses.1.mac", "null");
	EXPECT_AT(device, "addresses.1.vendor", "null");
	EXPECT_AT(device, "addresses.2.mac", "02:00:00:00:00:08");
	json_object_put(device);
}
END_TEST

Suite *attachment_suite(void)
{
	Suite *suite = suite_create("control/attachment");
	TCase *tcase = tcase_create("attachment");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, behind_no_bridge_it_is_the_interface);
	tcase_add_test(tcase, behind_a_bridge_it_is_the_port_and_what_is_behind);
	tcase_add_test(tcase, what_the_bridge_has_not_learned_is_left_out);
	tcase_add_test(tcase, an_address_without_a_mac_does_not_hide_the_port);
	tcase_add_test(tcase, a_vlan_above_a_bridge_asks_the_bridge);
	tcase_add_test(tcase, each_address_has_its_own_mac_and_vendor);
	suite_add_tcase(suite, tcase);
	return suite;
}

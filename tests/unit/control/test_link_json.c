/* SPDX-License-Identifier: ISC
 * Tests of control/link_json: an interface as the interface's definition has it. */
#include "base/array.h"
#include "control/control_fixture.h"
#include "control/link_json.h"
#include "suites.h"
#include <stdio.h>

static struct control_fixture f;

static void setup(void)
{
	control_fixture_init(&f);
}

static void teardown(void)
{
	control_fixture_fini(&f);
}

static struct link *add(uint32_t index, const char *name, const char *kind)
{
	struct link *link = link_set_add(&f.links, index);
	snprintf(link->name, sizeof(link->name), "%s", name);
	snprintf(link->kind, sizeof(link->kind), "%s", kind);
	return link;
}

static struct address numeric(const char *text)
{
	struct address address = {0};
	if (text)
		ck_assert_int_eq(address_parse(slice_of(text), &address), 0);
	return address;
}

static struct json_object *shown(uint32_t index)
{
	struct control_link_traffic traffic = {.received = 7, .sent = 8, .dropped = 3};
	return link_json_new(&f.host, link_set_find(&f.links, index), &traffic);
}

struct expected {
	const char *address;
	uint8_t len;
	const char *peer, *broadcast;
	const char *shown_peer, *network, *first, *last, *hosts;
};

START_TEST(every_form_of_address_has_its_range)
{
	static const struct expected CASES[] = {
	    {"10.1.2.3", 20, NULL, "10.1.15.255", "null", "10.1.0.0", "10.1.0.1", "10.1.15.254",
		"4094"},
	    {"10.1.2.4", 31, NULL, NULL, "null", "10.1.2.4", "10.1.2.4", "10.1.2.5", "2"},
	    {"10.1.2.3", 32, NULL, NULL, "null", "10.1.2.3", "10.1.2.3", "10.1.2.3", "1"},
	    {"10.7.0.1", 32, "10.7.0.2", NULL, "10.7.0.2", "10.7.0.2", "10.7.0.2", "10.7.0.2", "1"},
	    {"10.7.0.1", 24, "10.8.0.2", NULL, "10.8.0.2", "10.8.0.0", "10.8.0.1", "10.8.0.254",
		"254"},
	    {"fd01::5", 64, NULL, NULL, "null", "fd01::", "fd01::", "fd01::ffff:ffff:ffff:ffff",
		"null"},
	    {"fd01::6", 127, NULL, NULL, "null", "fd01::6", "fd01::6", "fd01::7", "2"},
	    {"fd01::9", 128, NULL, NULL, "null", "fd01::9", "fd01::9", "fd01::9", "1"},
	};
	struct link *link = add(9, "tun0", "tun");
	size_t count = COUNT_OF(CASES);
	link->point_to_point = true;
	for (size_t i = 0; i < count; i++) {
		struct link_address address = {.prefix = {numeric(CASES[i].address), CASES[i].len},
		    .peer = numeric(CASES[i].peer),
		    .broadcast = numeric(CASES[i].broadcast)};
		ck_assert_int_eq(link_add_address(link, &address), 0);
	}
	struct json_object *object = shown(9), *addresses;
	ck_assert(json_object_object_get_ex(object, "addresses", &addresses));
	ck_assert_uint_eq(json_object_array_length(addresses), count);
	for (size_t i = 0; i < count; i++) {
		struct json_object *entry = json_object_array_get_idx(addresses, i);
		EXPECT_AT(entry, "address", CASES[i].address);
		EXPECT_AT(entry, "peer", CASES[i].shown_peer);
		EXPECT_AT(entry, "broadcast", CASES[i].broadcast ? CASES[i].broadcast : "null");
		EXPECT_AT(entry, "network", CASES[i].network);
		EXPECT_AT(entry, "first_host", CASES[i].first);
		EXPECT_AT(entry, "last_host", CASES[i].last);
		EXPECT_AT(entry, "hosts", CASES[i].hosts);
	}
	EXPECT_AT(object, "dropped", "3");
	json_object_put(object);
}
END_TEST

static const char *netns_name(void *context, int32_t netns)
{
	(void)context;
	return netns == 5 ? "app" : NULL;
}

START_TEST(a_bridge_has_ports_and_a_port_a_peer)
{
	f.host.netns_name = netns_name;
	add(9, "br0", "bridge");
	struct link *port = add(10, "veth7", "veth");
	port->master = 9;
	port->peer = 38;
	port->peer_netns = 5;
	port = add(11, "veth8", "veth");
	port->master = 9;
	port->peer = 3;
	struct json_object *bridge = shown(9), *there = shown(10), *here = shown(11);
	EXPECT_AT(bridge, "kind", "bridge");
	EXPECT_AT(bridge, "bridge_ports", "[ \"veth7\", \"veth8\" ]");
	EXPECT_AT(bridge, "peer", "null");
	EXPECT_AT(bridge, "master", "null");
	EXPECT_AT(there, "master", "br0");
	EXPECT_AT(there, "peer.index", "38");
	EXPECT_AT(there, "peer.netns", "5");
	EXPECT_AT(there, "peer.netns_name", "app");
	EXPECT_AT(there, "peer.name", "null");
	EXPECT_AT(here, "peer.netns", "null");
	EXPECT_AT(here, "peer.netns_name", "null");
	EXPECT_AT(here, "peer.name", "wlan0");
	json_object_put(bridge);
	json_object_put(there);
	json_object_put(here);
}
END_TEST

Suite *link_json_suite(void)
{
	Suite *suite = suite_create("control/link_json");
	TCase *tcase = tcase_create("link_json");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, every_form_of_address_has_its_range);
	tcase_add_test(tcase, a_bridge_has_ports_and_a_port_a_peer);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of discoverctl/host_group and interface_record: who is one host, who is in a network. */
#include "base/array.h"
#include "discoverctl/field.h"
#include "discoverctl/host_group.h"
#include "discoverctl/interface_record.h"
#include "suites.h"
#include <stdlib.h>

/* Devices by their addresses "ADDRESS INTERFACE MAC", and the number that each gets. */
static const struct {
	const char *addresses[4]; /* one device each; several addresses parted by commas */
	size_t numbers[4];
	size_t count;
} SAME[] = {
    /* the same MAC, wherever */
    {{"192.0.2.1 eth0 m1", "192.0.2.2 eth0 m1", "192.0.2.3 wlan0 m1"}, {0, 0, 0}, 3},
    {{"192.0.2.1 eth0 m1", "192.0.2.2 eth0 m2"}, {0, 1}, 2},
    /* without a MAC the same address on the same interface */
    {{"192.0.2.1 eth0 -", "192.0.2.1 eth0 -", "192.0.2.1 eth1 -"}, {0, 0, 2}, 3},
    /* one of them has a MAC, in whichever order */
    {{"192.0.2.1 eth0 -", "192.0.2.2 eth0 -", "192.0.2.1 eth0 m1"}, {0, 1, 0}, 3},
    {{"192.0.2.1 eth0 m1", "192.0.2.1 eth0 -"}, {0, 0}, 2},
    /* two who quarrel about one address */
    {{"192.0.2.1 eth0 m1", "192.0.2.1 eth0 m2"}, {0, 1}, 2},
    /* a device on two networks brings the neighbours of both together */
    {{"192.0.2.1 eth0 m1", "192.0.2.2 wlan0 m2", "192.0.2.2 wlan0 m2,192.0.2.1 eth0 m1"}, {0, 0, 0},
	3},
    {{"192.0.2.1 eth0 -", "", "", "192.0.2.1 eth0 -"}, {0, 1, 2, 0}, 4},
};
enum { SAME_COUNT = COUNT_OF(SAME) };

static void add_address(struct json_object *addresses, struct slice words)
{
	static const char *const keys[] = {"address", "interface", "mac"};
	struct json_object *address = json_object_new_object();
	struct slice word;
	for (size_t i = 0; i < 3 && slice_cut(&words, ' ', &word); i++)
		json_object_object_add(address, keys[i],
		    slice_equal(word, SLICE("-"))
			? NULL
			: json_object_new_string_len(word.bytes, (int)word.len));
	json_object_array_add(addresses, address);
}

static struct json_object *new_device(const char *text)
{
	struct json_object *device = host_group_new();
	struct slice rest = slice_of(text), one;
	while (rest.len && slice_cut(&rest, ',', &one))
		add_address(field_get(device, "addresses"), one);
	return device;
}

START_TEST(a_host_is_told_by_its_mac_or_its_address)
{
	struct json_object *devices = json_object_new_array();
	for (size_t i = 0; i < SAME[_i].count; i++)
		json_object_array_add(devices, new_device(SAME[_i].addresses[i]));
	size_t *numbers = host_group_numbers(devices);
	ck_assert_ptr_nonnull(numbers);
	for (size_t i = 0; i < SAME[_i].count; i++)
		ck_assert_msg(numbers[i] == SAME[_i].numbers[i], "row %d, device %zu: %zu", _i, i,
		    numbers[i]);
	free(numbers);
	json_object_put(devices);
}
END_TEST

START_TEST(an_address_is_added_once_and_the_mac_is_kept)
{
	struct json_object *host = host_group_new();
	struct json_object *device =
	    new_device("192.0.2.1 eth0 -,192.0.2.1 eth0 m1,192.0.2.1 eth0 -,192.0.2.1 eth1 -");
	struct json_object *addresses = field_get(device, "addresses");
	for (size_t i = 0; i < field_length(addresses); i++)
		host_group_add(host, field_entry(addresses, i));
	struct json_object *kept = field_get(host, "addresses");
	ck_assert_uint_eq(field_length(kept), 2);
	ck_assert(slice_equal(field_text(field_get(field_entry(kept, 0), "mac")), SLICE("m1")));
	json_object_put(device);
	json_object_put(host);
}
END_TEST

START_TEST(people_know_a_host_by_ipv4)
{
	static const char *const rows[][2] = {
	    {"fe80::1 eth0 -,2001:db8::1 eth0 -,192.0.2.1 eth0 -", "192.0.2.1"},
	    {"fe80::1 eth0 -,2001:db8::1 eth0 -,169.254.0.1 eth0 -", "2001:db8::1"},
	    {"nonsense eth0 -,fe80::1 eth0 -", "fe80::1"},
	    {"", ""},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct json_object *device = new_device(rows[i][0]);
		ck_assert_msg(slice_equal(host_group_address(device), slice_of(rows[i][1])), "%s",
		    rows[i][0]);
		json_object_put(device);
	}
}
END_TEST

START_TEST(a_network_has_its_addresses)
{
	static const struct {
		const char *network, *address;
		bool inside;
	} rows[] = {
	    {"192.0.2.0/24", "192.0.2.200", true},
	    {"192.0.2.0/24", "192.0.3.1", false},
	    {"192.0.2.0/25", "192.0.2.200", false},
	    {"2001:db8::/64", "2001:db8::5", true},
	    {"2001:db8::/64", "192.0.2.1", false},
	    {"192.0.2.0/33", "192.0.2.1", false},
	    {"192.0.2.0", "192.0.2.0", false},
	    {"192.0.2.0/", "192.0.2.0", false},
	    {"", "192.0.2.0", false},
	    {"192.0.2.0/24", "", false},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		ck_assert_msg(interface_record_contains(slice_of(rows[i].network),
				  slice_of(rows[i].address)) == rows[i].inside,
		    "%s %s", rows[i].network, rows[i].address);
}
END_TEST

Suite *host_group_suite(void)
{
	Suite *suite = suite_create("discoverctl/host_group");
	TCase *tcase = tcase_create("host_group");
	tcase_add_loop_test(tcase, a_host_is_told_by_its_mac_or_its_address, 0, SAME_COUNT);
	tcase_add_test(tcase, an_address_is_added_once_and_the_mac_is_kept);
	tcase_add_test(tcase, people_know_a_host_by_ipv4);
	tcase_add_test(tcase, a_network_has_its_addresses);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of base/address. */
#include "base/address.h"
#include "base/array.h"
#include "base/mac.h"
#include "suites.h"
#include <errno.h>
#include <string.h>

static struct address parsed(const char *text)
{
	struct address address;

	ck_assert_msg(address_parse(slice_of(text), &address) == 0, "%s", text);
	return address;
}

static struct prefix prefix(const char *text, uint8_t len)
{
	return (struct prefix){parsed(text), len};
}

static void ck_address(struct address address, const char *expected)
{
	char buffer[ADDRESS_TEXT_MAX];

	ck_assert_str_eq(address_text(&address, buffer), expected);
}

START_TEST(text_survives_a_round_trip)
{
	static const char *const same[] = {"0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "::1",
	    "2001:db8::1", "fe80::1:2:3:4", "1:2:3:4:5:6:7:8"};

	for (size_t i = 0; i < COUNT_OF(same); i++)
		ck_address(parsed(same[i]), same[i]);
	ck_address(parsed("2001:DB8:0:0::0001"), "2001:db8::1");
}
END_TEST

START_TEST(an_ipv4_address_in_ipv6_clothes_is_ipv4)
{
	struct address plain = parsed("192.0.2.1"), mapped = parsed("::ffff:192.0.2.1"),
		       hex = parsed("::ffff:c000:201");

	ck_assert(address_equal(&plain, &mapped));
	ck_assert(address_equal(&plain, &hex));
	ck_assert_int_eq(parsed("::192.0.2.1").family, ADDRESS_IPV6);
}
END_TEST

START_TEST(only_a_bare_numeric_address_parses)
{
	static const char *const bad[] = {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4 ",
	    " 1.2.3.4", "1.2.3.4/24", "1.2.3.4:80", "0x1.2.3.4", "01.2.3.4", "1", "localhost",
	    "[::1]", "fe80::1%eth0", "fe80::1%2", "1:2:3:4:5:6:7:8:9",
	    "::1::", ":::", "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"};
	struct address address = {.family = 77};

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		ck_assert_msg(address_parse(slice_of(bad[i]), &address) == -EINVAL, "%s", bad[i]);
	ck_assert_int_eq(address_parse(SLICE("1.2.3.4\0x"), &address), -EINVAL);
	ck_assert_int_eq(address_parse(SLICE_NONE, &address), -EINVAL);
	ck_assert_int_eq(address.family, 77);
}
END_TEST

START_TEST(a_slice_is_read_up_to_its_end_only)
{
	struct address address;

	ck_assert_int_eq(address_parse(slice_head(SLICE("1.2.3.45"), 7), &address), 0);
	ck_address(address, "1.2.3.4");
}
END_TEST

/* What each predicate says of one address. */
static const struct {
	const char *text;
	bool loopback, multicast, link_local, unspecified, limited_broadcast, unicast;
} CLASSES[] = {
    {"0.0.0.0", .unspecified = true},
    {"::", .unspecified = true},
    {"255.255.255.255", .limited_broadcast = true},
    {"255.255.255.254", .unicast = true},
    {"127.0.0.1", .loopback = true, .unicast = true},
    {"127.255.255.255", .loopback = true, .unicast = true},
    {"128.0.0.1", .unicast = true},
    {"::1", .loopback = true, .unicast = true},
    {"::2", .unicast = true},
    {"223.255.255.255", .unicast = true},
    {"224.0.0.0", .multicast = true},
    {"239.255.255.250", .multicast = true},
    {"240.0.0.1", .unicast = true},
    {"ff02::c", .multicast = true},
    {"feff::1", .unicast = true},
    {"169.254.1.1", .link_local = true, .unicast = true},
    {"169.255.1.1", .unicast = true},
    {"fe80::1", .link_local = true, .unicast = true},
    {"febf::1", .link_local = true, .unicast = true},
    {"fec0::1", .unicast = true},
    {"fe7f::1", .unicast = true},
    {"7f00::1", .unicast = true},
    {"a9fe::1", .unicast = true},
};

START_TEST(each_address_has_its_classes)
{
	struct address a = parsed(CLASSES[_i].text);

	ck_assert_int_eq(address_is_loopback(&a), CLASSES[_i].loopback);
	ck_assert_int_eq(address_is_multicast(&a), CLASSES[_i].multicast);
	ck_assert_int_eq(address_is_link_local(&a), CLASSES[_i].link_local);
	ck_assert_int_eq(address_is_unspecified(&a), CLASSES[_i].unspecified);
	ck_assert_int_eq(address_is_limited_broadcast(&a), CLASSES[_i].limited_broadcast);
	ck_assert_int_eq(address_is_unicast(&a), CLASSES[_i].unicast);
	ck_assert(!address_is_none(&a));
}
END_TEST

START_TEST(no_address_is_in_no_class_and_prints_as_nothing)
{
	struct address none = {0}, zero = parsed("0.0.0.0");

	ck_assert(address_is_none(&none));
	ck_assert(!address_is_unspecified(&none) && !address_is_unicast(&none));
	ck_assert(!address_is_loopback(&none) && !address_is_multicast(&none));
	ck_assert(!address_equal(&none, &zero));
	ck_address(none, "");
}
END_TEST

START_TEST(endpoints_print_with_brackets_around_ipv6)
{
	char buffer[64];
	struct writer w;
	struct address_port v4 = {parsed("192.0.2.1"), 80}, v6 = {parsed("2001:db8::1"), 65535};

	writer_init(&w, buffer, sizeof(buffer));
	address_port_format(&v4, &w);
	writer_char(&w, ' ');
	address_port_format(&v6, &w);
	ck_assert(slice_equal(writer_result(&w), SLICE("192.0.2.1:80 [2001:db8::1]:65535")));
	ck_assert(address_port_equal(&v4, &v4));
	ck_assert(!address_port_equal(&v4, &(struct address_port){v4.address, 81}));
	ck_assert(!address_port_equal(&v4, &(struct address_port){v6.address, 80}));
}
END_TEST

/* A prefix and all that follows from it; "" is no address. */
static const struct {
	const char *address;
	uint8_t len;
	const char *network, *broadcast, *first, *last;
	uint64_t hosts;
} PREFIXES[] = {
    {"192.0.2.77", 24, "192.0.2.0", "192.0.2.255", "192.0.2.1", "192.0.2.254", 254},
    {"192.0.2.77", 30, "192.0.2.76", "192.0.2.79", "192.0.2.77", "192.0.2.78", 2},
    {"192.0.2.77", 31, "192.0.2.76", "", "192.0.2.76", "192.0.2.77", 2},
    {"192.0.2.77", 32, "192.0.2.77", "", "192.0.2.77", "192.0.2.77", 1},
    {"192.0.2.77", 0, "0.0.0.0", "255.255.255.255", "0.0.0.1", "255.255.255.254", 4294967294},
    {"10.20.30.40", 8, "10.0.0.0", "10.255.255.255", "10.0.0.1", "10.255.255.254", 16777214},
    {"172.20.129.1", 17, "172.20.128.0", "172.20.255.255", "172.20.128.1", "172.20.255.254", 32766},
    {"192.0.2.77", 200, "192.0.2.77", "", "192.0.2.77", "192.0.2.77", 1},
    {"2001:db8::1", 64, "2001:db8::", "", "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff",
	UINT64_MAX},
    {"2001:db8::1", 65, "2001:db8::", "", "2001:db8::", "2001:db8::7fff:ffff:ffff:ffff",
	UINT64_C(1) << 63},
    {"2001:db8::1", 127, "2001:db8::", "", "2001:db8::", "2001:db8::1", 2},
    {"2001:db8::1", 128, "2001:db8::1", "", "2001:db8::1", "2001:db8::1", 1},
    {"2001:db8::1", 0, "::", "", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", UINT64_MAX},
};

START_TEST(a_prefix_knows_its_range)
{
	struct prefix p = prefix(PREFIXES[_i].address, PREFIXES[_i].len);
	struct address first = prefix_first_host(&p), last = prefix_last_host(&p);

	ck_address(prefix_network(&p), PREFIXES[_i].network);
	ck_address(prefix_broadcast(&p), PREFIXES[_i].broadcast);
	ck_address(first, PREFIXES[_i].first);
	ck_address(last, PREFIXES[_i].last);
	ck_assert_uint_eq(prefix_hosts(&p), PREFIXES[_i].hosts);
	ck_assert(prefix_contains(&p, &p.address));
	ck_assert(prefix_contains(&p, &first) && prefix_contains(&p, &last));
}
END_TEST

START_TEST(a_prefix_contains_what_shares_its_bits)
{
	static const struct {
		const char *prefix;
		uint8_t len;
		const char *address;
		bool inside;
	} rows[] = {
	    {"192.0.2.1", 24, "192.0.2.255", true},
	    {"192.0.2.1", 24, "192.0.3.1", false},
	    {"192.0.2.1", 23, "192.0.3.1", true},
	    {"192.0.2.0", 31, "192.0.2.1", true},
	    {"192.0.2.0", 31, "192.0.2.2", false},
	    {"192.0.2.0", 32, "192.0.2.1", false},
	    {"0.0.0.0", 0, "203.0.113.9", true},
	    {"0.0.0.0", 0, "2001:db8::1", false},
	    {"::", 0, "2001:db8::1", true},
	    {"::", 0, "203.0.113.9", false},
	    {"2001:db8::1", 64, "2001:db8::2:0:0:1", true},
	    {"2001:db8::1", 64, "2001:db8:0:1::1", false},
	    {"2001:db8::1", 128, "2001:db8::2", false},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct prefix p = prefix(rows[i].prefix, rows[i].len);
		struct address a = parsed(rows[i].address);
		ck_assert_msg(prefix_contains(&p, &a) == rows[i].inside, "row %zu", i);
	}
}
END_TEST

START_TEST(no_prefix_contains_nothing)
{
	struct prefix none = {0};
	struct address unknown = {0};

	ck_assert(!prefix_contains(&none, &unknown));
	ck_assert(!prefix_contains(&none, &(struct address){.family = ADDRESS_IPV4}));
	ck_assert_uint_eq(prefix_hosts(&none), 0);
	ck_address(prefix_network(&none), "");
	ck_address(prefix_last_host(&none), "");
}
END_TEST

START_TEST(hardware_addresses_print_and_compare)
{
	char buffer[32];
	struct writer w;
	struct mac a = {{0x02, 0, 0xab, 0xcd, 0xef, 0xff}, true}, b = a, unknown = {{2}, false};

	writer_init(&w, buffer, sizeof(buffer));
	mac_format(&a, &w);
	ck_assert(slice_equal(writer_result(&w), SLICE("02:00:ab:cd:ef:ff")));
	ck_assert(mac_equal(&a, &b));
	b.bytes[5] = 0;
	ck_assert(!mac_equal(&a, &b));
	ck_assert(!mac_equal(&a, &unknown));
	ck_assert(mac_equal(&unknown, &(struct mac){.known = false}));
}
END_TEST

START_TEST(a_hardware_address_is_six_pairs_of_digits)
{
	static const char *const NONE[] = {"", "02:00:ab:cd:ef", "02:00:ab:cd:ef:f",
	    "02:00:ab:cd:ef:fg", "02:00:ab-cd:ef:ff", "02.00.ab.cd.ef.ff",
	    "02:00:ab:cd:ef:ff:", "0200abcdefff"};
	struct mac expected = {{0x02, 0, 0xab, 0xcd, 0xef, 0xff}, true}, mac = {0};
	ck_assert_int_eq(mac_parse(SLICE("02:00:ab:CD:ef:ff"), &mac), 0);
	ck_assert(mac_equal(&mac, &expected));
	ck_assert_int_eq(mac_parse(SLICE("02-00-AB-cd-EF-ff"), &mac), 0);
	ck_assert(mac_equal(&mac, &expected));
	for (size_t i = 0; i < COUNT_OF(NONE); i++)
		ck_assert_msg(mac_parse(slice_of(NONE[i]), &mac) < 0, "%s", NONE[i]);
}
END_TEST

Suite *address_suite(void)
{
	Suite *suite = suite_create("base/address");
	TCase *tcase = tcase_create("address");

	tcase_add_test(tcase, text_survives_a_round_trip);
	tcase_add_test(tcase, an_ipv4_address_in_ipv6_clothes_is_ipv4);
	tcase_add_test(tcase, only_a_bare_numeric_address_parses);
	tcase_add_test(tcase, a_slice_is_read_up_to_its_end_only);
	tcase_add_loop_test(tcase, each_address_has_its_classes, 0, COUNT_OF(CLASSES));
	tcase_add_test(tcase, no_address_is_in_no_class_and_prints_as_nothing);
	tcase_add_test(tcase, endpoints_print_with_brackets_around_ipv6);
	tcase_add_loop_test(tcase, a_prefix_knows_its_range, 0, COUNT_OF(PREFIXES));
	tcase_add_test(tcase, a_prefix_contains_what_shares_its_bits);
	tcase_add_test(tcase, no_prefix_contains_nothing);
	tcase_add_test(tcase, hardware_addresses_print_and_compare);
	tcase_add_test(tcase, a_hardware_address_is_six_pairs_of_digits);
	suite_add_tcase(suite, tcase);
	return suite;
}

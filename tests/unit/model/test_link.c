/* SPDX-License-Identifier: ISC
 * Tests of model/link. */
#include "base/array.h"
#include "model/link.h"
#include "model/link_change.h"
#include "model/link_filter.h"
#include "suites.h"
#include <stdio.h>
#include <string.h>

/* "192.0.2.1/24" as a usable address. */
static struct link_address address_of(const char *text)
{
	struct slice rest = slice_of(text), head;
	struct link_address address = {.usable = true};
	uint64_t len = 0;
	ck_assert(slice_cut(&rest, '/', &head));
	ck_assert_int_eq(address_parse(head, &address.prefix.address), 0);
	ck_assert_int_eq(slice_to_u64(rest, 128, &len), 0);
	address.prefix.len = (uint8_t)len;
	address.broadcast = prefix_broadcast(&address.prefix);
	return address;
}

static struct address host(const char *text)
{
	struct address address;
	ck_assert_int_eq(address_parse(slice_of(text), &address), 0);
	return address;
}

static void add_address(struct link_set *set, uint32_t index, const char *text)
{
	struct link_address address = address_of(text);
	ck_assert_int_eq(link_add_address(link_set_find(set, index), &address), 0);
}

/* An ordinary interface that is up, without an address. */
static struct link *add_link(struct link_set *set, uint32_t index, const char *name)
{
	struct link *link = link_set_add(set, index);
	ck_assert_ptr_nonnull(link);
	snprintf(link->name, sizeof(link->name), "%s", name);
	link->up = link->broadcast = link->multicast = true;
	return link;
}

START_TEST(links_stand_sorted_by_index)
{
	static const uint32_t indexes[] = {7, 2, 9, 1, 5, 4, 3};
	struct link_set set;
	link_set_init(&set);
	for (size_t i = 0; i < COUNT_OF(indexes); i++)
		ck_assert_ptr_nonnull(link_set_add(&set, indexes[i]));
	ck_assert_uint_eq(set.count, COUNT_OF(indexes));
	for (size_t i = 1; i < set.count; i++)
		ck_assert_uint_lt(set.links[i - 1].index, set.links[i].index);
	ck_assert_ptr_null(link_set_find(&set, 6));
	ck_assert_ptr_null(link_set_find(&set, 10));
	link_set_remove(&set, 5);
	link_set_remove(&set, 6);
	ck_assert_ptr_null(link_set_find(&set, 5));
	ck_assert_uint_eq(link_set_find(&set, 7)->index, 7);
	ck_assert_uint_eq(set.count, COUNT_OF(indexes) - 1);
	link_set_fini(&set);
}
END_TEST

START_TEST(adding_twice_gives_the_same_link)
{
	struct link_set set;
	link_set_init(&set);
	add_link(&set, 3, "eth0")->mtu = 1500;
	uint32_t generation = link_set_find(&set, 3)->generation;
	ck_assert_uint_eq(link_set_add(&set, 3)->mtu, 1500);
	ck_assert_uint_eq(link_set_find(&set, 3)->generation, generation);
	ck_assert_uint_eq(set.count, 1);
	ck_assert_int_eq(link_set_find(&set, 3)->peer_netns, -1);
	link_set_fini(&set);
}
END_TEST

START_TEST(a_reused_index_is_another_generation)
{
	struct link_set set;
	link_set_init(&set);
	uint32_t first = add_link(&set, 3, "eth0")->generation;
	add_link(&set, 4, "eth1");
	link_set_remove(&set, 3);
	ck_assert_uint_ne(add_link(&set, 3, "eth0")->generation, first);
	ck_assert_uint_ne(link_set_find(&set, 3)->generation, link_set_find(&set, 4)->generation);
	link_set_fini(&set);
}
END_TEST

START_TEST(a_link_is_found_by_its_whole_name)
{
	struct link_set set;
	link_set_init(&set);
	add_link(&set, 3, "eth0");
	ck_assert_uint_eq(link_set_find_name(&set, SLICE("eth0"))->index, 3);
	ck_assert_ptr_null(link_set_find_name(&set, SLICE("eth")));
	ck_assert_ptr_null(link_set_find_name(&set, SLICE("eth01")));
	link_set_fini(&set);
}
END_TEST

START_TEST(an_address_is_replaced_by_its_prefix)
{
	struct link_set set;
	link_set_init(&set);
	struct link *link = add_link(&set, 3, "eth0");
	add_address(&set, 3, "192.0.2.1/24");
	add_address(&set, 3, "192.0.2.1/16");
	add_address(&set, 3, "192.0.2.2/24");
	struct link_address changed = address_of("192.0.2.1/24");
	changed.usable = false;
	ck_assert_int_eq(link_add_address(link, &changed), 0);
	ck_assert_uint_eq(link->address_count, 3);
	ck_assert(!link->addresses[0].usable);
	link_remove_address(link, &changed.prefix);
	link_remove_address(link, &changed.prefix);
	ck_assert_uint_eq(link->address_count, 2);
	ck_assert_uint_eq(link->addresses[0].prefix.len, 16);
	link_set_fini(&set);
}
END_TEST

START_TEST(a_copy_is_deep_and_keeps_generations)
{
	struct link_set set, copy;
	link_set_init(&set);
	link_set_remove(&set, (add_link(&set, 9, "old"), 9));
	add_link(&set, 3, "eth0");
	add_address(&set, 3, "192.0.2.1/24");
	ck_assert_int_eq(link_set_copy(&set, &copy), 0);
	struct link_address gone = address_of("192.0.2.1/24");
	link_remove_address(link_set_find(&set, 3), &gone.prefix);
	ck_assert_uint_eq(copy.count, 1);
	ck_assert_uint_eq(copy.links[0].address_count, 1);
	ck_assert_uint_eq(copy.links[0].generation, set.links[0].generation);
	ck_assert_uint_gt(link_set_add(&copy, 4)->generation, copy.links[0].generation);
	link_set_fini(&set);
	link_set_fini(&copy);
}
END_TEST

static const char *const ETH[] = {"eth*"};
static const char *const ETH1[] = {"eth1"};
static const char *const ALL[] = {"*"};
static const char *const LO[] = {"lo"};

/* What is usable of eth0, eth1, wlan0 and lo, as names. */
static const struct {
	struct link_filter filter;
	const char *usable;
} FILTERS[] = {
    {{NULL, 0, NULL, 0}, "eth0 eth1 wlan0 "},
    {{ETH, 1, NULL, 0}, "eth0 eth1 "},
    {{ETH, 1, ETH1, 1}, "eth0 "},
    {{NULL, 0, ETH, 1}, "wlan0 "},
    {{ETH, 1, ALL, 1}, ""},
    {{ALL, 1, NULL, 0}, "eth0 eth1 wlan0 "},
    {{LO, 1, NULL, 0}, "lo "},
    {{LO, 1, LO, 1}, ""},
};

START_TEST(the_filter_lets_through_what_is_allowed_and_not_denied)
{
	struct link_set set, usable;
	char names[64] = "";
	link_set_init(&set);
	struct link *lo = add_link(&set, 9, "lo");
	lo->loopback = true;
	lo->broadcast = lo->multicast = false;
	add_address(&set, 9, "127.0.0.1/8");
	add_link(&set, 2, "eth0");
	add_address(&set, 2, "192.0.2.1/24");
	add_link(&set, 3, "eth1");
	add_address(&set, 3, "fe80::1/64");
	add_link(&set, 4, "wlan0");
	add_address(&set, 4, "198.51.100.1/24");
	ck_assert_int_eq(link_set_usable(&set, &FILTERS[_i].filter, &usable), 0);
	for (size_t i = 0; i < usable.count; i++) {
		strcat(names, usable.links[i].name);
		strcat(names, " ");
	}
	ck_assert_str_eq(names, FILTERS[_i].usable);
	link_set_fini(&set);
	link_set_fini(&usable);
}
END_TEST

START_TEST(the_first_reason_why_a_link_is_not_used_is_told)
{
	static const struct {
		enum link_verdict verdict;
		const char *text;
	} TEXTS[] = {{LINK_USED, NULL}, {LINK_DENIED, "denied"}, {LINK_UNLISTED, "not listed"},
	    {LINK_IS_LOOPBACK, "loopback"}, {LINK_IS_PORT, "port of a bridge or bond"},
	    {LINK_DOWN, "down"}, {LINK_NO_CARRIER, "no carrier"},
	    {LINK_NO_MULTICAST, "no multicast"}, {LINK_NO_ADDRESS, "no usable address"}};
	const char *eth = "eth*", *wlan = "wlan0";
	struct link_filter none = {0}, denied = {.deny = &eth, .deny_count = 1},
			   unlisted = {.allow = &wlan, .allow_count = 1};
	struct link_set set;
	link_set_init(&set);
	strcpy(add_link(&set, 3, "br0")->kind, "bridge");
	struct link *link = add_link(&set, 2, "eth0");
	ck_assert_int_eq(link_judge(&set, link, &none), LINK_NO_ADDRESS);
	add_address(&set, 2, "192.0.2.1/24");
	ck_assert_int_eq(link_judge(&set, link, &none), LINK_USED);
	link->multicast = link->broadcast = false;
	ck_assert_int_eq(link_judge(&set, link, &none), LINK_NO_MULTICAST);
	link->up = false;
	ck_assert_int_eq(link_judge(&set, link, &none), LINK_DOWN);
	link->no_carrier = true;
	ck_assert_int_eq(link_judge(&set, link, &none), LINK_NO_CARRIER);
	link->master = 3;
	ck_assert_int_eq(link_judge(&set, link, &none), LINK_IS_PORT);
	ck_assert_int_eq(link_judge(&set, link, &unlisted), LINK_UNLISTED);
	link->loopback = true;
	ck_assert_int_eq(link_judge(&set, link, &unlisted), LINK_IS_LOOPBACK);
	ck_assert_int_eq(link_judge(&set, link, &denied), LINK_DENIED);
	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++)
		ck_assert_pstr_eq(link_verdict_text(TEXTS[i].verdict), TEXTS[i].text);
	ck_assert(link_set_matches(&set, "eth?") && !link_set_matches(&set, "wlan0"));
	link_set_fini(&set);
}
END_TEST

START_TEST(a_link_needs_to_be_up_to_reach_many_and_to_have_an_address)
{
	struct link_filter anything = {0};
	struct link_set set;
	link_set_init(&set);
	struct link *link = add_link(&set, 2, "eth0");
	ck_assert(!(link_judge(&set, link, &anything) == LINK_USED));
	add_address(&set, 2, "192.0.2.1/24");
	ck_assert((link_judge(&set, link, &anything) == LINK_USED));
	link->up = false;
	ck_assert(!(link_judge(&set, link, &anything) == LINK_USED));
	link->up = true;
	link->addresses[0].usable = false;
	ck_assert(!(link_judge(&set, link, &anything) == LINK_USED));
	link->addresses[0].usable = true;
	link->broadcast = false;
	ck_assert((link_judge(&set, link, &anything) == LINK_USED));
	link->multicast = false;
	link->point_to_point = true;
	ck_assert(!(link_judge(&set, link, &anything) == LINK_USED));
	link_set_fini(&set);
}
END_TEST

START_TEST(only_usable_addresses_are_copied)
{
	struct link_set set, usable;
	struct link_filter anything = {0};
	link_set_init(&set);
	add_link(&set, 2, "eth0");
	add_address(&set, 2, "192.0.2.1/24");
	add_address(&set, 2, "192.0.2.2/24");
	set.links[0].addresses[0].usable = false;
	ck_assert_int_eq(link_set_usable(&set, &anything, &usable), 0);
	ck_assert_uint_eq(usable.links[0].address_count, 1);
	ck_assert_uint_eq(usable.links[0].addresses[0].prefix.address.bytes[3], 2);
	ck_assert_uint_eq(set.links[0].address_count, 2);
	link_set_fini(&set);
	link_set_fini(&usable);
}
END_TEST

START_TEST(what_comes_in_by_a_port_is_its_masters)
{
	static const struct {
		const char *kind;
		bool usable;
	} CASES[] = {{"bridge", false}, {"bond", false}, {"vrf", true}};
	struct link_filter anything = {0};
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct link_set set, usable;
		link_set_init(&set);
		add_link(&set, 2, "eth0");
		add_address(&set, 2, "192.0.2.1/24");
		strcpy(link_set_add(&set, 7)->kind, CASES[i].kind);
		link_set_find(&set, 2)->master = 7;
		ck_assert_int_eq(link_set_usable(&set, &anything, &usable), 0);
		ck_assert_msg(
		    (link_set_find(&usable, 2) != NULL) == CASES[i].usable, "%s", CASES[i].kind);
		link_set_fini(&set);
		link_set_fini(&usable);
	}
}
END_TEST

/* Events as one line: "-3 -2:192.0.2.1 +4 +2:192.0.2.9 " */
static void note(void *context, const struct link_change *change)
{
	static const char *const signs[] = {"-", "+", "-", "+"};
	char *line = context, text[ADDRESS_TEXT_MAX];
	size_t len = strlen(line);
	snprintf(line + len, 256 - len, "%s%u%s%s ", signs[change->event], change->link->index,
	    change->address ? ":" : "",
	    change->address ? address_text(&change->address->prefix.address, text) : "");
}

static const char *difference(const struct link_set *a, const struct link_set *b, char line[256])
{
	line[0] = '\0';
	link_set_compare(a, b, note, line);
	return line;
}

START_TEST(equal_sets_do_not_differ)
{
	struct link_set before, after;
	char line[256];
	link_set_init(&before);
	add_link(&before, 2, "eth0");
	add_address(&before, 2, "192.0.2.1/24");
	add_address(&before, 2, "fe80::1/64");
	link_set_copy(&before, &after);
	ck_assert_str_eq(difference(&before, &after, line), "");
	after.links[0].mtu = 9000;
	ck_assert_str_eq(difference(&before, &after, line), "");
	link_set_fini(&before);
	link_set_fini(&after);
}
END_TEST

START_TEST(what_is_gone_is_told_before_what_came)
{
	struct link_set before, after;
	char line[256];
	link_set_init(&before);
	add_link(&before, 2, "eth0");
	add_address(&before, 2, "192.0.2.1/24");
	add_address(&before, 2, "192.0.2.2/24");
	add_link(&before, 3, "eth1");
	add_address(&before, 3, "192.0.2.3/24");
	link_set_copy(&before, &after);
	link_set_remove(&after, 3);
	add_link(&after, 1, "eth2");
	add_address(&after, 1, "192.0.2.4/24");
	struct link_address gone = address_of("192.0.2.1/24");
	link_remove_address(link_set_find(&after, 2), &gone.prefix);
	add_address(&after, 2, "192.0.2.5/24");
	ck_assert_str_eq(difference(&before, &after, line), "-2:192.0.2.1 -3 +1 +2:192.0.2.5 ");
	link_set_fini(&before);
	link_set_fini(&after);
}
END_TEST

START_TEST(a_reused_index_is_told_as_another_link)
{
	struct link_set before, after;
	char line[256];
	link_set_init(&before);
	add_link(&before, 2, "eth0");
	add_address(&before, 2, "192.0.2.1/24");
	link_set_copy(&before, &after);
	link_set_remove(&after, 2);
	add_link(&after, 2, "eth0");
	add_address(&after, 2, "192.0.2.1/24");
	ck_assert_str_eq(difference(&before, &after, line), "-2 +2 ");
	link_set_fini(&before);
	link_set_fini(&after);
}
END_TEST

START_TEST(a_renamed_link_is_told_as_another_link)
{
	struct link_set before, after;
	char line[256];
	link_set_init(&before);
	add_link(&before, 2, "eth0");
	link_set_copy(&before, &after);
	strcpy(after.links[0].name, "lan0");
	ck_assert_str_eq(difference(&before, &after, line), "-2 +2 ");
	link_set_fini(&before);
	link_set_fini(&after);
}
END_TEST

START_TEST(another_broadcast_address_or_usability_is_another_address)
{
	struct link_set before, after;
	char line[256];
	link_set_init(&before);
	add_link(&before, 2, "eth0");
	add_address(&before, 2, "192.0.2.1/24");
	link_set_copy(&before, &after);
	after.links[0].addresses[0].broadcast = host("192.0.2.127");
	ck_assert_str_eq(difference(&before, &after, line), "-2:192.0.2.1 +2:192.0.2.1 ");
	after.links[0].addresses[0] = before.links[0].addresses[0];
	after.links[0].addresses[0].usable = false;
	ck_assert_str_eq(difference(&before, &after, line), "-2:192.0.2.1 +2:192.0.2.1 ");
	link_set_fini(&before);
	link_set_fini(&after);
}
END_TEST

START_TEST(the_source_is_the_first_usable_address_or_the_one_in_the_prefix)
{
	struct link_set set;
	link_set_init(&set);
	struct link *link = add_link(&set, 2, "eth0");
	ck_assert_ptr_null(link_source(link, ADDRESS_IPV4, NULL));
	add_address(&set, 2, "192.0.2.1/24");
	add_address(&set, 2, "192.0.2.2/24");
	add_address(&set, 2, "198.51.100.1/24");
	link->addresses[0].usable = false;
	struct address near = host("198.51.100.77"), far = host("203.0.113.1");
	ck_assert_ptr_eq(link_source(link, ADDRESS_IPV4, NULL), &link->addresses[1]);
	ck_assert_ptr_eq(link_source(link, ADDRESS_IPV4, &near), &link->addresses[2]);
	ck_assert_ptr_eq(link_source(link, ADDRESS_IPV4, &far), &link->addresses[1]);
	ck_assert_ptr_null(link_source(link, ADDRESS_IPV6, NULL));
	link_set_fini(&set);
}
END_TEST

START_TEST(on_link_is_what_a_prefix_holds_or_what_is_link_local_in_ipv6)
{
	struct link_set set;
	link_set_init(&set);
	struct link *link = add_link(&set, 2, "eth0");
	add_address(&set, 2, "192.0.2.1/24");
	struct address inside = host("192.0.2.200"), outside = host("192.0.3.1");
	struct address local6 = host("fe80::9"), global6 = host("2001:db8::9");
	struct address local4 = host("169.254.1.1");
	ck_assert(link_is_on_link(link, &inside));
	ck_assert(!link_is_on_link(link, &outside));
	ck_assert(link_is_on_link(link, &local6));
	ck_assert(!link_is_on_link(link, &local4));
	ck_assert(!link_is_on_link(link, &global6));
	add_address(&set, 2, "2001:db8::1/64");
	ck_assert(link_is_on_link(link, &global6));
	link_set_fini(&set);
}
END_TEST

START_TEST(a_neighbour_is_a_host_of_the_same_network)
{
	static const char *const NONE[] = {
	    "192.0.2.255", "192.0.3.1", "255.255.255.255", "239.255.255.250", "0.0.0.0", "ff02::c"};
	struct link_set set;
	link_set_init(&set);
	struct link *link = add_link(&set, 2, "eth0");
	add_address(&set, 2, "192.0.2.1/24");
	struct address inside = host("192.0.2.200"), local = host("fe80::9");
	ck_assert(link_has_neighbour(link, &inside));
	ck_assert(link_has_neighbour(link, &local));
	ck_assert_uint_eq(link_network_len(link, &inside), 24);
	ck_assert_uint_eq(link_network_len(link, &local), 0);
	for (size_t i = 0; i < COUNT_OF(NONE); i++) {
		struct address address = host(NONE[i]);
		ck_assert_msg(!link_has_neighbour(link, &address), "%s", NONE[i]);
	}
	link_set_fini(&set);
}
END_TEST

START_TEST(the_set_knows_its_own_addresses)
{
	struct link_set set;
	link_set_init(&set);
	add_link(&set, 2, "eth0");
	add_link(&set, 3, "eth1");
	add_address(&set, 3, "192.0.2.1/24");
	struct address own = host("192.0.2.1"), other = host("192.0.2.2");
	ck_assert(link_set_has_address(&set, &own));
	ck_assert(!link_set_has_address(&set, &other));
	link_set_fini(&set);
}
END_TEST

static void count_change(void *context, const struct link_change *change)
{
	(void)change;
	++*(unsigned *)context;
}

START_TEST(an_index_finds_the_first_link_with_an_address)
{
	static const char *const SHARED[] = {"fe80::1/64", "192.0.2.1/24"};
	struct link_set set, copy;
	char text[32], name[LINK_NAME_MAX];
	link_set_init(&set);
	for (uint32_t i = 1; i <= 100; i++) {
		snprintf(name, sizeof(name), "eth%u", i);
		add_link(&set, i, name);
		snprintf(text, sizeof(text), "10.%u.0.1/24", i * 37 % 101);
		add_address(&set, i, text);
		for (size_t k = 0; k < COUNT_OF(SHARED); k++)
			if (i % 7 == 0)
				add_address(&set, i, SHARED[k]);
	}
	ck_assert_int_eq(link_set_copy(&set, &copy), 0);
	ck_assert_ptr_nonnull(copy.places);
	for (unsigned i = 0; i <= 102; i++) {
		snprintf(text, sizeof(text), "10.%u.0.1", i);
		struct address address = host(text);
		const struct link *found = link_set_find_address(&copy, &address),
				  *searched = link_set_find_address(&set, &address);
		ck_assert_uint_eq(found ? found->index : 0, searched ? searched->index : 0);
		ck_assert_int_eq(found != NULL, i >= 1 && i <= 100);
	}
	struct address link_local = host("fe80::1"), ipv4 = host("192.0.2.1");
	ck_assert_uint_eq(link_set_find_address(&copy, &link_local)->index, 7);
	ck_assert_uint_eq(link_set_find_address(&copy, &ipv4)->index, 7);
	link_set_remove(&copy, 7);
	ck_assert_uint_eq(link_set_find_address(&copy, &ipv4)->index, 14);
	link_set_fini(&set);
	link_set_fini(&copy);
}
END_TEST

START_TEST(the_other_end_of_a_point_to_point_link_is_a_neighbour)
{
	struct link_set set, other;
	link_set_init(&set);
	struct link *link = add_link(&set, 2, "tun0");
	struct link_address address = {.prefix = {host("10.7.0.1"), 32}, .peer = host("10.8.0.2")};
	address.usable = true;
	ck_assert_int_eq(link_add_address(link, &address), 0);
	struct address there = host("10.8.0.2"), unused = host("10.8.0.3");
	ck_assert(link_has_neighbour(link, &there));
	ck_assert(!link_has_neighbour(link, &unused));
	ck_assert_uint_eq(link_network_len(link, &there), 32);
	ck_assert_ptr_eq(link_source(link, ADDRESS_IPV4, &there), &link->addresses[0]);
	/* Another end is another address. */
	ck_assert_int_eq(link_set_copy(&set, &other), 0);
	other.links[0].addresses[0].peer = unused;
	unsigned told = 0;
	link_set_compare(&set, &other, count_change, &told);
	ck_assert_uint_eq(told, 2);
	link_set_fini(&set);
	link_set_fini(&other);
}
END_TEST

Suite *link_suite(void)
{
	Suite *suite = suite_create("model/link");
	TCase *tcase = tcase_create("link");
	tcase_add_test(tcase, links_stand_sorted_by_index);
	tcase_add_test(tcase, adding_twice_gives_the_same_link);
	tcase_add_test(tcase, a_reused_index_is_another_generation);
	tcase_add_test(tcase, a_link_is_found_by_its_whole_name);
	tcase_add_test(tcase, an_address_is_replaced_by_its_prefix);
	tcase_add_test(tcase, a_copy_is_deep_and_keeps_generations);
	tcase_add_loop_test(
	    tcase, the_filter_lets_through_what_is_allowed_and_not_denied, 0, COUNT_OF(FILTERS));
	tcase_add_test(tcase, the_first_reason_why_a_link_is_not_used_is_told);
	tcase_add_test(tcase, a_link_needs_to_be_up_to_reach_many_and_to_have_an_address);
	tcase_add_test(tcase, only_usable_addresses_are_copied);
	tcase_add_test(tcase, what_comes_in_by_a_port_is_its_masters);
	tcase_add_test(tcase, equal_sets_do_not_differ);
	tcase_add_test(tcase, what_is_gone_is_told_before_what_came);
	tcase_add_test(tcase, a_reused_index_is_told_as_another_link);
	tcase_add_test(tcase, a_renamed_link_is_told_as_another_link);
	tcase_add_test(tcase, another_broadcast_address_or_usability_is_another_address);
	tcase_add_test(tcase, the_source_is_the_first_usable_address_or_the_one_in_the_prefix);
	tcase_add_test(tcase, on_link_is_what_a_prefix_holds_or_what_is_link_local_in_ipv6);
	tcase_add_test(tcase, a_neighbour_is_a_host_of_the_same_network);
	tcase_add_test(tcase, the_set_knows_its_own_addresses);
	tcase_add_test(tcase, an_index_finds_the_first_link_with_an_address);
	tcase_add_test(tcase, the_other_end_of_a_point_to_point_link_is_a_neighbour);
	suite_add_tcase(suite, tcase);
	return suite;
}

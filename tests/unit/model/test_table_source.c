/* SPDX-License-Identifier: ISC
 * Tests of model/table_source: caps, quotas, and who makes room for whom. */
#include "model/table_fixture.h"
#include "suites.h"
#include <errno.h>
#include <stdio.h>

static const struct table_limits SMALL = {
    .devices = 4,
    .devices_per_source = 3,
    .lifetime_min = SECONDS(30),
    .lifetime_max = SECONDS(86400),
};

static struct sighting lasting(const char *id, unsigned host, int64_t seconds)
{
	struct sighting sighting = fixture_alive(id, host);
	sighting.lifetime = SECONDS(seconds);
	return sighting;
}

static struct sighting by_mac(const char *id, unsigned host, uint8_t mac)
{
	struct sighting sighting = fixture_alive(id, host);
	sighting.mac = (struct mac){{2, 0, 0, 0, 0, mac}, true};
	return sighting;
}

START_TEST(a_source_at_its_cap_gets_nothing_more)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_observe(&f, fixture_alive("uuid:b", 1));
	fixture_observe(&f, fixture_alive("uuid:c", 1));
	EXPECT(&f, fixture_alive("uuid:d", 1), -ENOSPC, "+uuid:a +uuid:b +uuid:c ");
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, ".uuid:a ");
	EXPECT(&f, fixture_alive("uuid:d", 2), 0, "+uuid:d ");
	ck_assert_uint_eq(fixture_counter(&f, "refused-source"), 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_source_whose_mac_becomes_known_does_not_begin_anew)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_observe(&f, fixture_alive("uuid:b", 1));
	fixture_observe(&f, by_mac("uuid:c", 1, 7));
	EXPECT(&f, by_mac("uuid:d", 1, 7), -ENOSPC, "+uuid:a +uuid:b +uuid:c ");
	EXPECT(&f, fixture_alive("uuid:d", 2), 0, "+uuid:d ");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_source_that_loses_a_device_may_have_another)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_observe(&f, fixture_alive("uuid:b", 1));
	fixture_observe(&f, fixture_alive("uuid:c", 1));
	fixture_observe(&f, fixture_event(SIGHTING_BYE, "uuid:b", 1));
	EXPECT(&f, fixture_alive("uuid:d", 1), 0, "+uuid:a +uuid:b +uuid:c -uuid:b +uuid:d ");
	fixture_fini(&f);
}
END_TEST

START_TEST(the_same_address_on_another_link_is_another_source)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_observe(&f, fixture_alive("uuid:b", 1));
	fixture_observe(&f, fixture_alive("uuid:c", 1));
	struct sighting other = fixture_alive("uuid:d", 1);
	other.link = 3;
	EXPECT(&f, other, 0, "+uuid:a +uuid:b +uuid:c +uuid:d ");
	fixture_fini(&f);
}
END_TEST

START_TEST(one_mac_with_many_addresses_is_one_source)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	fixture_observe(&f, by_mac("uuid:a", 1, 9));
	fixture_observe(&f, by_mac("uuid:b", 2, 9));
	fixture_observe(&f, by_mac("uuid:c", 3, 9));
	EXPECT(&f, by_mac("uuid:d", 4, 9), -ENOSPC, "+uuid:a +uuid:b +uuid:c ");
	EXPECT(&f, by_mac("uuid:d", 4, 8), 0, "+uuid:d ");
	ck_assert_uint_eq(fixture_device(&f, "uuid:d")->presences[0].mac.bytes[5], 8);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_mac_learned_later_moves_the_device_to_its_source)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "+uuid:a ");
	EXPECT(&f, by_mac("uuid:b", 2, 9), 0, "+uuid:b ");
	EXPECT(&f, by_mac("uuid:c", 3, 9), 0, "+uuid:c ");
	EXPECT(&f, by_mac("uuid:a", 1, 9), 0, "~uuid:a ");
	EXPECT(&f, by_mac("uuid:a", 1, 9), 0, ".uuid:a ");
	EXPECT(&f, by_mac("uuid:d", 4, 9), -ENOSPC, "");
	/* Its address is free again. */
	EXPECT(&f, fixture_alive("uuid:e", 1), 0, "+uuid:e ");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_mac_is_not_learned_from_another_address)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "+uuid:a ");
	EXPECT(&f, by_mac("uuid:a", 66, 66), 0, "~uuid:a ");
	ck_assert(!fixture_device(&f, "uuid:a")->counted_by_mac);
	EXPECT(&f, by_mac("uuid:a", 1, 9), 0, "~uuid:a ");
	EXPECT(&f, by_mac("uuid:a", 66, 66), 0, ".uuid:a ");
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->presences[0].mac.bytes[5], 9);
	fixture_fini(&f);
}
END_TEST

/* 192.0.2.HOST on link 2 has the MAC ending in HOST for those below 5. */
static struct mac told_mac(void *context, uint32_t link, const struct address *address)
{
	(void)context;
	bool known = link == 2 && address->bytes[3] < 5;
	return (struct mac){{2, 0, 0, 0, 0, address->bytes[3]}, known};
}

START_TEST(macs_that_are_told_later_are_an_update)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "+uuid:a ");
	EXPECT(&f, fixture_alive("uuid:a", 2), 0, "~uuid:a ");
	EXPECT(&f, fixture_alive("uuid:b", 9), 0, "+uuid:b ");
	table_learn_macs(f.table, told_mac, NULL);
	EXPECT_TOLD(&f, "~uuid:a ");
	table_learn_macs(f.table, told_mac, NULL);
	EXPECT_TOLD(&f, "");
	const struct device *a = fixture_device(&f, "uuid:a");
	ck_assert(a->counted_by_mac && !fixture_device(&f, "uuid:b")->counted_by_mac);
	ck_assert_uint_eq(a->presences[0].mac.bytes[5], 1);
	ck_assert_uint_eq(a->presences[1].mac.bytes[5], 2);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_mac_stays_until_another_one_is_told)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	EXPECT(&f, by_mac("uuid:a", 9, 7), 0, "+uuid:a ");
	EXPECT(&f, fixture_alive("uuid:a", 9), 0, ".uuid:a ");
	table_learn_macs(f.table, told_mac, NULL);
	EXPECT_TOLD(&f, "");
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->presences[0].mac.bytes[5], 7);
	EXPECT(&f, by_mac("uuid:a", 9, 8), 0, "~uuid:a ");
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->presences[0].mac.bytes[5], 8);
	fixture_fini(&f);
}
END_TEST

START_TEST(one_mac_told_later_joins_what_two_addresses_hold)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	EXPECT(&f, by_mac("uuid:a", 30, 1), 0, "+uuid:a ");
	EXPECT(&f, by_mac("uuid:b", 31, 1), 0, "+uuid:b ");
	EXPECT(&f, fixture_alive("uuid:c", 1), 0, "+uuid:c ");
	table_learn_macs(f.table, told_mac, NULL);
	EXPECT_TOLD(&f, "~uuid:c ");
	EXPECT(&f, by_mac("uuid:d", 32, 1), -ENOSPC, "");
	fixture_fini(&f);
}
END_TEST

START_TEST(among_equals_the_soonest_to_expire_makes_room)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	fixture_observe(&f, lasting("uuid:a", 1, 400));
	fixture_observe(&f, lasting("uuid:b", 2, 200));
	fixture_observe(&f, lasting("uuid:c", 3, 300));
	fixture_observe(&f, lasting("uuid:d", 4, 500));
	EXPECT_TOLD(&f, "+uuid:a +uuid:b +uuid:c +uuid:d ");
	EXPECT(&f, fixture_alive("uuid:e", 5), 0, "-uuid:b +uuid:e ");
	ck_assert_uint_eq(table_count(f.table), 4);
	ck_assert_uint_eq(fixture_counter(&f, "evicted"), 1);
	ck_assert_uint_eq(fixture_counter(&f, "expired"), 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_refreshed_device_is_not_the_soonest_any_more)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	fixture_observe(&f, lasting("uuid:a", 1, 100));
	fixture_observe(&f, lasting("uuid:b", 2, 200));
	fixture_observe(&f, lasting("uuid:c", 3, 300));
	fixture_observe(&f, lasting("uuid:d", 4, 400));
	fixture_observe(&f, lasting("uuid:a", 1, 900));
	fixture_observe(&f, lasting("uuid:b", 2, 800));
	fixture_observe(&f, lasting("uuid:d", 4, 50));
	EXPECT_TOLD(&f, "+uuid:a +uuid:b +uuid:c +uuid:d .uuid:a .uuid:b .uuid:d ");
	EXPECT(&f, lasting("uuid:e", 5, 1000), 0, "-uuid:d +uuid:e ");
	EXPECT(&f, lasting("uuid:f", 6, 1000), 0, "-uuid:c +uuid:f ");
	EXPECT(&f, lasting("uuid:g", 7, 1000), 0, "-uuid:b +uuid:g ");
	fixture_fini(&f);
}
END_TEST

START_TEST(the_source_that_holds_most_makes_room_first)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	fixture_observe(&f, lasting("uuid:a", 1, 60));
	fixture_observe(&f, lasting("uuid:b", 2, 70));
	fixture_observe(&f, lasting("uuid:c", 3, 900));
	fixture_observe(&f, lasting("uuid:d", 3, 800));
	EXPECT_TOLD(&f, "+uuid:a +uuid:b +uuid:c +uuid:d ");
	EXPECT(&f, fixture_alive("uuid:e", 5), 0, "-uuid:d +uuid:e ");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_greedy_newcomer_makes_room_for_itself)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	fixture_observe(&f, lasting("uuid:a", 1, 60));
	fixture_observe(&f, lasting("uuid:b", 2, 900));
	fixture_observe(&f, lasting("uuid:c", 3, 70));
	fixture_observe(&f, lasting("uuid:d", 4, 80));
	EXPECT_TOLD(&f, "+uuid:a +uuid:b +uuid:c +uuid:d ");
	EXPECT(&f, lasting("uuid:e", 2, 900), 0, "-uuid:b +uuid:e ");
	fixture_fini(&f);
}
END_TEST

START_TEST(who_answered_is_never_pushed_out)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	fixture_observe(&f, lasting("uuid:a", 1, 60));
	fixture_observe(&f, lasting("uuid:b", 1, 70));
	fixture_observe(&f, lasting("uuid:c", 2, 80));
	fixture_observe(&f, lasting("uuid:d", 3, 900));
	table_set_reachable(f.table, f.now, SLICE("uuid:a"), true);
	table_set_reachable(f.table, f.now, SLICE("uuid:b"), true);
	fixture_observe(&f, fixture_event(SIGHTING_FACTS, "uuid:c", 2));
	table_set_reachable(f.table, f.now, SLICE("uuid:d"), false);
	fixture_told(&f, (char[1024]){0});
	EXPECT(&f, fixture_alive("uuid:e", 5), 0, "-uuid:d +uuid:e ");
	table_set_reachable(f.table, f.now, SLICE("uuid:e"), true);
	EXPECT(&f, fixture_alive("uuid:f", 6), -ENOSPC, "~uuid:e ");
	ck_assert_uint_eq(fixture_counter(&f, "refused-full"), 1);
	/* Who stops answering is as good as everybody again. */
	table_set_reachable(f.table, f.now, SLICE("uuid:b"), false);
	EXPECT(&f, fixture_alive("uuid:f", 6), 0, "~uuid:b -uuid:b +uuid:f ");
	fixture_fini(&f);
}
END_TEST

START_TEST(lower_limits_count_for_the_next_newcomer)
{
	struct fixture f;
	struct table_limits lower = SMALL;
	lower.devices = 2;
	fixture_init(&f, &SMALL);
	fixture_observe(&f, lasting("uuid:a", 1, 100));
	fixture_observe(&f, lasting("uuid:b", 2, 200));
	fixture_observe(&f, lasting("uuid:c", 3, 300));
	table_set_limits(f.table, &lower);
	EXPECT_TOLD(&f, "+uuid:a +uuid:b +uuid:c ");
	EXPECT(&f, lasting("uuid:a", 1, 100), 0, ".uuid:a ");
	EXPECT(&f, lasting("uuid:d", 4, 400), 0, "-uuid:a -uuid:b +uuid:d ");
	fixture_fini(&f);
}
END_TEST

/* A flood of forged sources: those that answered stay, the size stays, and it takes no time to
 * speak of. */
START_TEST(a_flood_of_forged_sources_leaves_who_answered)
{
	struct fixture f;
	char id[32];
	fixture_init(&f, NULL);
	table_set_watcher(f.table, NULL, NULL);
	for (unsigned i = 0; i < 200; i++) {
		snprintf(id, sizeof(id), "uuid:real-%u", i);
		fixture_observe(&f, fixture_alive(id, i));
		ck_assert_int_eq(table_set_reachable(f.table, f.now, slice_of(id), true), 0);
	}
	for (unsigned i = 0; i < 50000; i++) {
		snprintf(id, sizeof(id), "uuid:forged-%u", i);
		struct sighting forged = lasting(id, 0, 86400);
		forged.from = address_ipv4(10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i);
		ck_assert_int_eq(fixture_observe(&f, forged), 0);
		f.now = instant_add(f.now, 10);
	}
	ck_assert_uint_eq(table_count(f.table), TABLE_LIMITS_DEFAULT.devices);
	for (unsigned i = 0; i < 200; i++) {
		snprintf(id, sizeof(id), "uuid:real-%u", i);
		fixture_device(&f, id);
	}
	fixture_fini(&f);
}
END_TEST

Suite *table_source_suite(void)
{
	Suite *suite = suite_create("model/table_source");
	TCase *tcase = tcase_create("table_source");
	tcase_add_test(tcase, a_source_at_its_cap_gets_nothing_more);
	tcase_add_test(tcase, a_source_whose_mac_becomes_known_does_not_begin_anew);
	tcase_add_test(tcase, a_source_that_loses_a_device_may_have_another);
	tcase_add_test(tcase, the_same_address_on_another_link_is_another_source);
	tcase_add_test(tcase, one_mac_with_many_addresses_is_one_source);
	tcase_add_test(tcase, a_mac_learned_later_moves_the_device_to_its_source);
	tcase_add_test(tcase, a_mac_is_not_learned_from_another_address);
	tcase_add_test(tcase, macs_that_are_told_later_are_an_update);
	tcase_add_test(tcase, a_mac_stays_until_another_one_is_told);
	tcase_add_test(tcase, one_mac_told_later_joins_what_two_addresses_hold);
	tcase_add_test(tcase, among_equals_the_soonest_to_expire_makes_room);
	tcase_add_test(tcase, a_refreshed_device_is_not_the_soonest_any_more);
	tcase_add_test(tcase, the_source_that_holds_most_makes_room_first);
	tcase_add_test(tcase, a_greedy_newcomer_makes_room_for_itself);
	tcase_add_test(tcase, who_answered_is_never_pushed_out);
	tcase_add_test(tcase, lower_limits_count_for_the_next_newcomer);
	tcase_add_test(tcase, a_flood_of_forged_sources_leaves_who_answered);
	suite_add_tcase(suite, tcase);
	return suite;
}

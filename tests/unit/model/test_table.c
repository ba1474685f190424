/* SPDX-License-Identifier: ISC
 * Tests of model/table: identity, presences, expiry, changes and cursors. */
#include "base/array.h"
#include "model/table_fixture.h"
#include "suites.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

START_TEST(somebody_new_is_added_and_then_refreshed)
{
	struct fixture f;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "+uuid:a ");
	fixture_advance(&f, SECONDS(5));
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, ".uuid:a ");
	const struct device *device = fixture_device(&f, "uuid:a");
	ck_assert_int_eq(device->kind, DEVICE_KIND_DEVICE);
	ck_assert_int_eq(instant_since(device->last_seen, device->first_seen), SECONDS(5));
	ck_assert_int_eq(instant_since(device_expires(device), f.now), SECONDS(1800));
	ck_assert_uint_eq(table_count(f.table), 1);
	ck_assert_uint_eq(fixture_counter(&f, "added"), 1);
	ck_assert_uint_eq(fixture_counter(&f, "refreshed"), 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(observe_hands_out_the_row)
{
	struct fixture f;
	const struct device *device = NULL;
	fixture_init(&f, NULL);
	struct sighting sighting = fixture_alive("uuid:a", 1);
	ck_assert_int_eq(table_observe(f.table, f.now, &sighting, &device), 0);
	ck_assert_ptr_eq(device, fixture_device(&f, "uuid:a"));
	sighting.event = SIGHTING_BYE;
	ck_assert_int_eq(table_observe(f.table, f.now, &sighting, &device), 0);
	ck_assert_ptr_null(device);
	fixture_fini(&f);
}
END_TEST

START_TEST(the_case_of_a_uuid_makes_no_second_device)
{
	struct fixture f;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_alive("uuid:2FAC-ab", 1), 0, "+uuid:2FAC-ab ");
	EXPECT(&f, fixture_alive("UUID:2fac-AB", 1), 0, ".uuid:2FAC-ab ");
	EXPECT(&f, fixture_alive("uuid:2fac-ac", 1), 0, "+uuid:2fac-ac ");
	ck_assert_str_eq(fixture_device(&f, "Uuid:2fAC-AB")->id, "uuid:2FAC-ab");
	fixture_fini(&f);
}
END_TEST

START_TEST(without_a_uuid_address_and_link_are_the_identity)
{
	struct fixture f;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_alive(NULL, 7), 0, "+host:192.0.2.7%2 ");
	EXPECT(&f, fixture_alive("[fe80::1]:3540", 7), 0, ".host:192.0.2.7%2 ");
	struct sighting other_link = fixture_alive(NULL, 7);
	other_link.link = 11;
	EXPECT(&f, other_link, 0, "+host:192.0.2.7%11 ");
	/* Nobody can name a row that is not his. */
	EXPECT(&f, fixture_alive("host:192.0.2.7%11", 8), 0, "+host:192.0.2.8%2 ");
	fixture_fini(&f);
}
END_TEST

START_TEST(an_id_is_cleaned_and_bounded)
{
	struct fixture f;
	char id[600] = "uuid:a\nb\x1b[2J";
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_alive(id, 1), 0, "+uuid:a b [2J ");
	strcpy(id, "uuid:");
	memset(id + 5, 'x', 594);
	ck_assert_int_eq(fixture_observe(&f, fixture_alive(id, 1)), 0);
	ck_assert_int_eq(fixture_observe(&f, fixture_alive(id, 1)), 0);
	ck_assert_uint_eq(table_count(f.table), 2);
	id[DEVICE_ID_MAX - 1] = '\0';
	ck_assert_uint_eq(strlen(fixture_device(&f, id)->id), DEVICE_ID_MAX - 1);
	fixture_fini(&f);
}
END_TEST

static const struct {
	int64_t said, kept;
} LIFETIMES[] = {
    {INT64_MIN, SECONDS(30)},
    {-1, SECONDS(30)},
    {0, SECONDS(30)},
    {SECONDS(30) - 1, SECONDS(30)},
    {SECONDS(31), SECONDS(31)},
    {SECONDS(86401), SECONDS(86400)},
    {INT64_MAX, SECONDS(86400)},
};

START_TEST(a_lifetime_is_clamped)
{
	struct fixture f;
	fixture_init(&f, NULL);
	struct sighting sighting = fixture_alive("uuid:a", 1);
	sighting.lifetime = LIFETIMES[_i].said;
	EXPECT(&f, sighting, 0, "+uuid:a ");
	ck_assert_int_eq(instant_since(table_deadline(f.table), f.now), LIFETIMES[_i].kept);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_shorter_lifetime_is_believed)
{
	struct fixture f;
	fixture_init(&f, NULL);
	struct sighting sighting = fixture_alive("uuid:a", 1);
	fixture_observe(&f, sighting);
	sighting.lifetime = SECONDS(60);
	EXPECT(&f, sighting, 0, "+uuid:a .uuid:a ");
	ck_assert_int_eq(instant_since(table_deadline(f.table), f.now), SECONDS(60));
	fixture_fini(&f);
}
END_TEST

START_TEST(an_empty_table_has_no_deadline)
{
	struct fixture f;
	fixture_init(&f, NULL);
	ck_assert(instant_is_never(table_deadline(f.table)));
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	ck_assert_int_eq(instant_since(table_deadline(f.table), f.now), SECONDS(1800));
	fixture_advance(&f, SECONDS(1800));
	ck_assert(instant_is_never(table_deadline(f.table)));
	fixture_fini(&f);
}
END_TEST

START_TEST(who_is_silent_for_its_lifetime_is_removed)
{
	struct fixture f;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "+uuid:a ");
	fixture_advance(&f, SECONDS(1800) - 1);
	EXPECT_TOLD(&f, "");
	fixture_advance(&f, 1);
	EXPECT_TOLD(&f, "-uuid:a ");
	ck_assert_uint_eq(table_count(f.table), 0);
	ck_assert_ptr_null(table_find(f.table, SLICE("uuid:a")));
	ck_assert_uint_eq(fixture_counter(&f, "expired"), 1);
	ck_assert_uint_eq(fixture_counter(&f, "removed"), 1);
	fixture_fini(&f);
}
END_TEST

static void note_places(void *context, enum table_event event, const struct device *device)
{
	size_t *places = context;
	if (event == TABLE_REMOVED)
		*places = device->presence_count;
}

START_TEST(who_is_told_of_a_removal_sees_where_it_was)
{
	struct fixture f;
	size_t places = 0;
	fixture_init(&f, NULL);
	table_set_watcher(f.table, note_places, &places);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	if (_i < 2)
		fixture_observe(&f, fixture_alive("uuid:a", 2));
	switch (_i) {
	case 0:
		fixture_advance(&f, SECONDS(1800));
		break;
	case 1:
		table_drop_link(f.table, 2);
		break;
	default:
		fixture_observe(&f, fixture_event(SIGHTING_BYE, "uuid:a", 1));
	}
	ck_assert_uint_eq(table_count(f.table), 0);
	ck_assert_uint_eq(places, _i < 2 ? 2 : 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(each_presence_expires_by_itself)
{
	struct fixture f;
	fixture_init(&f, NULL);
	struct sighting by_broadcast = fixture_alive("uuid:a", 1);
	by_broadcast.protocol = "broadcast";
	by_broadcast.lifetime = SECONDS(90);
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "+uuid:a ");
	EXPECT(&f, by_broadcast, 0, "~uuid:a ");
	EXPECT(&f, by_broadcast, 0, ".uuid:a ");
	const struct device *device = fixture_device(&f, "uuid:a");
	ck_assert_uint_eq(device->presence_count, 2);
	ck_assert(device_has_protocol(device, "broadcast"));
	ck_assert_int_eq(instant_since(table_deadline(f.table), f.now), SECONDS(90));
	fixture_advance(&f, SECONDS(90));
	EXPECT_TOLD(&f, "~uuid:a ");
	ck_assert(!device_has_protocol(device, "broadcast"));
	ck_assert(device_has_protocol(device, "ssdp"));
	fixture_advance(&f, SECONDS(1710));
	EXPECT_TOLD(&f, "-uuid:a ");
	fixture_fini(&f);
}
END_TEST

START_TEST(another_address_or_link_is_another_presence)
{
	struct fixture f;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "+uuid:a ");
	EXPECT(&f, fixture_alive("uuid:a", 2), 0, "~uuid:a ");
	struct sighting other_link = fixture_alive("uuid:a", 2);
	other_link.link = 3;
	EXPECT(&f, other_link, 0, "~uuid:a ");
	const struct device *device = fixture_device(&f, "uuid:a");
	struct address second = address_ipv4(192, 0, 2, 2), third = address_ipv4(192, 0, 2, 3);
	ck_assert_uint_eq(device->presence_count, 3);
	ck_assert(device_has_address(device, &second, 2) && !device_has_address(device, &third, 2));
	ck_assert(
	    device_has_address(device, &second, 3) && !device_has_address(device, &second, 4));
	fixture_fini(&f);
}
END_TEST

START_TEST(presences_are_capped_and_the_soonest_to_expire_gives_way)
{
	struct fixture f;
	fixture_init(&f, NULL);
	for (unsigned i = 1; i <= DEVICE_PRESENCES_MAX; i++) {
		struct sighting sighting = fixture_alive("uuid:a", i);
		sighting.lifetime = SECONDS(i == 5 ? 60 : 600 + i);
		fixture_observe(&f, sighting);
	}
	fixture_observe(&f, fixture_alive("uuid:a", 99));
	const struct device *device = fixture_device(&f, "uuid:a");
	struct address fifth = address_ipv4(192, 0, 2, 5), newest = address_ipv4(192, 0, 2, 99);
	ck_assert_uint_eq(device->presence_count, DEVICE_PRESENCES_MAX);
	ck_assert(!device_has_address(device, &fifth, 2));
	ck_assert(device_has_address(device, &newest, 2));
	fixture_fini(&f);
}
END_TEST

START_TEST(strangers_do_not_push_out_the_presence_that_gave_the_location)
{
	struct fixture f;
	fixture_init(&f, NULL);
	struct sighting real = fixture_at("uuid:a", 1, "http://192.0.2.1/");
	real.lifetime = SECONDS(60);
	fixture_observe(&f, fixture_alive("uuid:a", 200));
	fixture_observe(&f, real);
	for (unsigned i = 2; i < 60; i++) {
		char forged[32];
		snprintf(forged, sizeof(forged), "http://192.0.2.%u/", i);
		fixture_observe(&f, fixture_at("uuid:a", i, forged));
	}
	const struct device *device = fixture_device(&f, "uuid:a");
	ck_assert_uint_eq(device->presence_count, DEVICE_PRESENCES_MAX);
	ck_assert(device_has_address(device, &real.from, 2));
	ck_assert_str_eq(device->facts[DEVICE_LOCATION], "http://192.0.2.1/");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_link_that_is_gone_takes_its_presences_along)
{
	struct fixture f;
	fixture_init(&f, NULL);
	struct sighting other_link = fixture_alive("uuid:b", 1);
	other_link.link = 3;
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_observe(&f, fixture_alive("uuid:b", 1));
	fixture_observe(&f, other_link);
	other_link.id = SLICE("uuid:c");
	fixture_observe(&f, other_link);
	EXPECT_TOLD(&f, "+uuid:a +uuid:b ~uuid:b +uuid:c ");
	table_drop_link(f.table, 2);
	EXPECT_TOLD(&f, "-uuid:a ~uuid:b ");
	table_drop_link(f.table, 2);
	EXPECT_TOLD(&f, "");
	ck_assert_uint_eq(table_count(f.table), 2);
	fixture_fini(&f);
}
END_TEST

START_TEST(who_asks_is_a_control_point)
{
	struct fixture f;
	fixture_init(&f, NULL);
	struct sighting asks = fixture_event(SIGHTING_SEARCHED, NULL, 1);
	asks.lifetime = SECONDS(300);
	EXPECT(&f, asks, 0, "+host:192.0.2.1%2 ");
	EXPECT(&f, asks, 0, ".host:192.0.2.1%2 ");
	ck_assert_int_eq(fixture_device(&f, "host:192.0.2.1%2")->kind, DEVICE_KIND_CONTROL_POINT);
	fixture_advance(&f, SECONDS(300));
	EXPECT_TOLD(&f, "-host:192.0.2.1%2 ");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_control_point_that_announces_becomes_a_device_and_stays_one)
{
	struct fixture f;
	fixture_init(&f, NULL);
	struct sighting asks = fixture_event(SIGHTING_SEARCHED, "uuid:a", 1);
	asks.lifetime = SECONDS(300);
	EXPECT(&f, asks, 0, "+uuid:a ");
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "~uuid:a ");
	EXPECT(&f, asks, 0, ".uuid:a ");
	const struct device *device = fixture_device(&f, "uuid:a");
	ck_assert_int_eq(device->kind, DEVICE_KIND_DEVICE);
	ck_assert_int_eq(instant_since(device_expires(device), f.now), SECONDS(1800));
	fixture_fini(&f);
}
END_TEST

START_TEST(a_device_that_carries_our_uuid_is_listed_and_counted)
{
	struct fixture f;
	fixture_init(&f, NULL);
	struct sighting twin = fixture_alive("uuid:ours", 1);
	twin.is_ourselves_elsewhere = true;
	EXPECT(&f, twin, 0, "+uuid:ours ");
	ck_assert_uint_eq(fixture_counter(&f, "ours-elsewhere"), 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_probe_tells_whether_it_is_reachable)
{
	struct fixture f;
	fixture_init(&f, NULL);
	ck_assert_int_eq(table_set_reachable(f.table, f.now, SLICE("uuid:a"), true), -ENOENT);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	ck_assert_int_eq(fixture_device(&f, "uuid:a")->reachable, DEVICE_REACHABLE_UNKNOWN);
	ck_assert_int_eq(table_set_reachable(f.table, f.now, SLICE("uuid:a"), true), 0);
	ck_assert_int_eq(table_set_reachable(f.table, f.now, SLICE("uuid:a"), true), 0);
	ck_assert_int_eq(fixture_device(&f, "uuid:a")->reachable, DEVICE_REACHABLE_YES);
	ck_assert_int_eq(table_set_reachable(f.table, f.now, SLICE("uuid:a"), false), 0);
	ck_assert_int_eq(fixture_device(&f, "uuid:a")->reachable, DEVICE_REACHABLE_NO);
	EXPECT_TOLD(&f, "+uuid:a ~uuid:a ~uuid:a ");
	fixture_fini(&f);
}
END_TEST

/* The ids that a cursor still has to hand out, as one line. */
static const char *walk(struct table_cursor *cursor, char line[256])
{
	const struct device *device;
	line[0] = '\0';
	while ((device = table_cursor_next(cursor))) {
		strcat(line, device->id);
		strcat(line, " ");
	}
	return line;
}

static void fill(struct fixture *f)
{
	static const char *const ids[] = {"uuid:a", "uuid:b", "uuid:c", "uuid:d"};
	for (size_t i = 0; i < COUNT_OF(ids); i++)
		fixture_observe(f, fixture_alive(ids[i], 1));
}

static void drop(struct fixture *f, const char *id)
{
	ck_assert_int_eq(fixture_observe(f, fixture_event(SIGHTING_BYE, id, 1)), 0);
}

START_TEST(a_cursor_walks_in_the_order_of_coming)
{
	struct fixture f;
	struct table_cursor cursor;
	char line[256];
	fixture_init(&f, NULL);
	fill(&f);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	table_cursor_open(&cursor, f.table);
	ck_assert_str_eq(walk(&cursor, line), "uuid:a uuid:b uuid:c uuid:d ");
	ck_assert_ptr_null(table_cursor_next(&cursor));
	table_cursor_close(&cursor);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_cursor_survives_the_removal_of_what_it_stands_at)
{
	struct fixture f;
	struct table_cursor cursor;
	char line[256];
	fixture_init(&f, NULL);
	fill(&f);
	table_cursor_open(&cursor, f.table);
	ck_assert_str_eq(table_cursor_next(&cursor)->id, "uuid:a");
	drop(&f, "uuid:b");
	drop(&f, "uuid:c");
	drop(&f, "uuid:a");
	ck_assert_str_eq(walk(&cursor, line), "uuid:d ");
	table_cursor_close(&cursor);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_cursor_meets_newcomers_at_the_end)
{
	struct fixture f;
	struct table_cursor early, late;
	char line[256];
	fixture_init(&f, NULL);
	table_cursor_open(&early, f.table);
	fill(&f);
	ck_assert_str_eq(walk(&early, line), "uuid:a uuid:b uuid:c uuid:d ");
	table_cursor_open(&late, f.table);
	ck_assert_str_eq(table_cursor_next(&late)->id, "uuid:a");
	drop(&f, "uuid:d");
	fixture_observe(&f, fixture_alive("uuid:e", 1));
	ck_assert_str_eq(walk(&early, line), "uuid:e ");
	ck_assert_str_eq(walk(&late, line), "uuid:b uuid:c uuid:e ");
	table_cursor_close(&early);
	table_cursor_close(&early);
	drop(&f, "uuid:e");
	table_cursor_close(&late);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_table_without_a_watcher_works)
{
	struct fixture f;
	fixture_init(&f, NULL);
	table_set_watcher(f.table, NULL, NULL);
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "");
	ck_assert_uint_eq(table_count(f.table), 1);
	fixture_fini(&f);
}
END_TEST

Suite *table_suite(void)
{
	Suite *suite = suite_create("model/table");
	TCase *tcase = tcase_create("table");
	tcase_add_test(tcase, somebody_new_is_added_and_then_refreshed);
	tcase_add_test(tcase, observe_hands_out_the_row);
	tcase_add_test(tcase, the_case_of_a_uuid_makes_no_second_device);
	tcase_add_test(tcase, without_a_uuid_address_and_link_are_the_identity);
	tcase_add_test(tcase, an_id_is_cleaned_and_bounded);
	tcase_add_loop_test(tcase, a_lifetime_is_clamped, 0, COUNT_OF(LIFETIMES));
	tcase_add_test(tcase, a_shorter_lifetime_is_believed);
	tcase_add_test(tcase, an_empty_table_has_no_deadline);
	tcase_add_test(tcase, who_is_silent_for_its_lifetime_is_removed);
	tcase_add_loop_test(tcase, who_is_told_of_a_removal_sees_where_it_was, 0, 3);
	tcase_add_test(tcase, each_presence_expires_by_itself);
	tcase_add_test(tcase, another_address_or_link_is_another_presence);
	tcase_add_test(tcase, presences_are_capped_and_the_soonest_to_expire_gives_way);
	tcase_add_test(tcase, strangers_do_not_push_out_the_presence_that_gave_the_location);
	tcase_add_test(tcase, a_link_that_is_gone_takes_its_presences_along);
	tcase_add_test(tcase, who_asks_is_a_control_point);
	tcase_add_test(tcase, a_control_point_that_announces_becomes_a_device_and_stays_one);
	tcase_add_test(tcase, a_device_that_carries_our_uuid_is_listed_and_counted);
	tcase_add_test(tcase, a_probe_tells_whether_it_is_reachable);
	tcase_add_test(tcase, a_cursor_walks_in_the_order_of_coming);
	tcase_add_test(tcase, a_cursor_survives_the_removal_of_what_it_stands_at);
	tcase_add_test(tcase, a_cursor_meets_newcomers_at_the_end);
	tcase_add_test(tcase, a_table_without_a_watcher_works);
	suite_add_tcase(suite, tcase);
	return suite;
}

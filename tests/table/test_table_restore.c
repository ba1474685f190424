/* SPDX-License-Identifier: ISC
 * Tests of model/table_restore and model/table_former: what is known from a former start. */
#include "id_of.h"
#include "model/table_internal.h"
#include "runner.h"
#include "suites.h"
#include "table_check.h"
#include "table_fixture.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define URL "http://192.0.2.7/d.xml"

static struct fixture f;

static void set_up(void)
{
	fixture_init(&f, NULL);
}

static void tear_down(void)
{
	struct report report = {.text = ""};
	table_check(f.table, &report);
	ck_assert_str_eq(report.text, "");
	fixture_fini(&f);
}

/* An endpoint of 192.0.2.HOST as it was, for 1800 s, and its device. */
struct former {
	struct device device;
	struct endpoint endpoint;
	struct presence presence;
};

static void former_init(struct former *former, const char *id, const char *key, unsigned host)
{
	*former = (struct former){
	    .device = {.id_text = (char *)id, .first_seen = {5}, .last_seen = {7}},
	    .endpoint = {.protocol = &FIXTURE_SSDP,
		.key = key_of_id(slice_of(key)),
		.link = 2,
		.is_device = true,
		.verified = true,
		.first_seen = {5},
		.last_seen = {7}},
	    .presence = {.address = address_ipv4(192, 0, 2, (uint8_t)host),
		.network = 24,
		.mac = {{2, 0, 0, 0, 0, 7}, true},
		.expires = instant_add(f.now, SECONDS(1800))},
	};
	STAILQ_INIT(&former->endpoint.presences);
	STAILQ_INSERT_TAIL(&former->endpoint.presences, &former->presence, next);
}

static int restore(const struct former *former)
{
	const struct endpoint *restored;
	return table_restore(f.table, f.now, &former->device, &former->endpoint, &restored);
}

static int restore_one(const char *id, const char *key, unsigned host)
{
	struct former former;
	former_init(&former, id, key, host);
	return restore(&former);
}

START_TEST(a_restored_device_is_known_at_once_and_not_reported_as_added)
{
	ck_assert_int_eq(restore_one("uuid:chosen", "uuid:a", 7), 0);
	table_restored(f.table);
	fixture_advance(&f, SECONDS(10));
	EXPECT_TOLD(&f, "");
	ck_assert_uint_eq(table_shown_count(f.table), 1);
	ck_assert_uint_eq(table_unconfirmed_count(f.table), 1);
	/* by its key, too */
	const struct device *device = fixture_device(&f, "uuid:a");
	ck_assert_str_eq(ID_OF(device), "uuid:chosen");
	ck_assert_uint_eq(device->flags, DEVICE_RESTORED);
	ck_assert_int_eq(device->first_seen.us, 5);
	ck_assert_uint_eq(fixture_counter(&f, "endpoints-restored"), 1);
}
END_TEST

START_TEST(what_is_heard_of_it_confirms_it_and_changes_its_flags_alone)
{
	restore_one("uuid:chosen", "uuid:a", 7);
	table_restored(f.table);
	EXPECT(&f, fixture_with_mac(fixture_alive("uuid:a", 7), 7), 0, "");
	EXPECT_LATER(&f, 1, "~uuid:chosen(flags) ");
	ck_assert_uint_eq(fixture_device(&f, "uuid:chosen")->flags, 0);
	ck_assert_uint_eq(fixture_counter(&f, "endpoints-confirmed"), 1);
	EXPECT(&f, fixture_with_mac(fixture_alive("uuid:a", 7), 7), 0, "");
	EXPECT_LATER(&f, 1, "");
}
END_TEST

START_TEST(an_announced_change_of_the_epoch_and_a_fetch_confirm_it_too)
{
	restore_one("uuid:a", "uuid:a", 7);
	restore_one("uuid:b", "uuid:b", 8);
	restore_one("uuid:c", "uuid:c", 9);
	table_restored(f.table);
	fixture_observe(&f, fixture_event(SIGHTING_RENUMBERS, "uuid:a", 7));
	fixture_observe(&f, fixture_described("uuid:b", 8, "B"));
	table_set_reachable(f.table, f.now, endpoint_number(fixture_endpoint(&f, "uuid:c")), true);
	ck_assert_uint_eq(fixture_counter(&f, "endpoints-confirmed"), 3);
}
END_TEST

START_TEST(one_that_stays_silent_ends_with_its_lifetime)
{
	restore_one("uuid:chosen", "uuid:a", 7);
	table_restored(f.table);
	EXPECT_LATER(&f, 1799, "");
	EXPECT_LATER(&f, 1, "-uuid:chosen ");
}
END_TEST

/* The kernel's word says that something is there, not that it is this. */
START_TEST(a_neighbour_confirms_nothing)
{
	restore_one("uuid:chosen", "uuid:a", 7);
	table_restored(f.table);
	struct address address = address_ipv4(192, 0, 2, 7);
	table_neighbour(f.table, f.now, &FIXTURE_NEIGHBOUR, 2, &address,
	    &(struct mac){{2, 0, 0, 0, 0, 7}, true}, SLICE(""));
	fixture_advance(&f, SECONDS(1));
	EXPECT_TOLD(&f, "");
	ck_assert_uint_eq(fixture_device(&f, "uuid:chosen")->endpoint_count, 2);
	ck_assert_uint_eq(table_unconfirmed_count(f.table), 1);
}
END_TEST

START_TEST(endpoints_of_one_id_are_one_device)
{
	restore_one("uuid:chosen", "uuid:a", 7);
	restore_one("uuid:chosen", "uuid:b", 7);
	ck_assert_int_eq(restore_one("uuid:chosen", "uuid:b", 7), -EEXIST);
	table_restored(f.table);
	ck_assert_uint_eq(table_device_count(f.table), 1);
	/* one of them is enough */
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:b", 7), 7));
	EXPECT_LATER(&f, 1, "~uuid:chosen(flags) ");
}
END_TEST

START_TEST(caps_hold_for_what_is_restored)
{
	struct table_limits limits = TABLE_LIMITS_DEFAULT;
	struct former former;
	char key[32];

	limits.endpoints = 40;
	table_set_limits(f.table, &limits);
	for (unsigned i = 0; i < 50; i++) {
		snprintf(key, sizeof(key), "uuid:%u", i);
		former_init(&former, key, key, i + 1);
		former.endpoint.verified = i >= 40;
		ck_assert_int_eq(restore(&former), i < 32 || (i >= 40 && i < 48) ? 0 : -ENOSPC);
	}
	table_restored(f.table);
	ck_assert_uint_eq(table_endpoint_count(f.table), 40);
}
END_TEST

START_TEST(one_without_an_address_lends_its_id_to_what_announces_its_key)
{
	struct former former;

	former_init(&former, "uuid:chosen", "uuid:a", 7);
	former.device.first_seen_wall = 9;
	STAILQ_INIT(&former.endpoint.presences);
	ck_assert_int_eq(restore(&former), 0);
	table_restored(f.table);
	ck_assert_uint_eq(table_device_count(f.table), 0);
	EXPECT(&f, fixture_alive("uuid:b", 8), 0, "+uuid:b ");
	EXPECT(&f, fixture_alive("uuid:a", 9), 0, "+uuid:chosen ");
	ck_assert_int_eq(fixture_device(&f, "uuid:a")->first_seen.us, 5);
	ck_assert_int_eq(fixture_device(&f, "uuid:a")->first_seen_wall, 9);
	/* where another device has that id by now, it keeps its own */
	fixture_advance(&f, SECONDS(300));
	ck_assert_int_eq(table_deadline(f.table).us, f.now.us + SECONDS(1500));
}
END_TEST

/* Texts of a hostile file are cleaned as those of the network are. */
START_TEST(texts_are_cleaned)
{
	const char *name = "a\nb\xff";
	struct former former;

	former_init(&former, "uuid:\x1b[2J", "uuid:\n\x1b", 7);
	former.endpoint.fact_texts = &name;
	former.endpoint.fact_set = 1u << FACT_NAME;
	former.endpoint.url = "http://x\x01/";
	ck_assert_int_eq(restore(&former), 0);
	table_restored(f.table);
	const struct device *device = NULL;
	struct table_cursor cursor;
	table_cursor_open(&cursor, f.table);
	device = table_cursor_next(&cursor);
	table_cursor_close(&cursor);
	ck_assert_ptr_null(strpbrk(ID_OF(device), "\x1b\n"));
	const struct endpoint *endpoint = TAILQ_FIRST(&device->endpoints);
	ck_assert_str_eq(endpoint_fact(endpoint, FACT_NAME), "a b\xef\xbf\xbd");
	ck_assert_str_eq(endpoint->url, "http://x /");
}
END_TEST

Suite *table_restore_suite(void)
{
	Suite *suite = suite_create("model/table_restore");
	TCase *tcase = tcase_create("table_restore");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_restored_device_is_known_at_once_and_not_reported_as_added);
	tcase_add_test(tcase, what_is_heard_of_it_confirms_it_and_changes_its_flags_alone);
	tcase_add_test(tcase, an_announced_change_of_the_epoch_and_a_fetch_confirm_it_too);
	tcase_add_test(tcase, one_that_stays_silent_ends_with_its_lifetime);
	tcase_add_test(tcase, a_neighbour_confirms_nothing);
	tcase_add_test(tcase, endpoints_of_one_id_are_one_device);
	tcase_add_test(tcase, caps_hold_for_what_is_restored);
	tcase_add_test(tcase, one_without_an_address_lends_its_id_to_what_announces_its_key);
	tcase_add_test(tcase, texts_are_cleaned);
	suite_add_tcase(suite, tcase);
	return suite;
}

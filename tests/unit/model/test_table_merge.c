/* SPDX-License-Identifier: ISC
 * Tests of model/table_merge: names, types, LOCATIONs, boot and configuration numbers. */
#include "base/array.h"
#include "model/table_fixture.h"
#include "suites.h"
#include <errno.h>
#include <string.h>

static const char *fact(const struct fixture *f, enum device_fact number)
{
	return fixture_device(f, "uuid:a")->facts[number];
}

static struct sighting facts(const char *name, const char *type)
{
	struct sighting sighting = fixture_event(SIGHTING_FACTS, "uuid:a", 0);
	sighting.from = (struct address){0};
	sighting.name = slice_of(name);
	sighting.type = slice_of(type);
	return sighting;
}

static struct sighting typed(const char *type)
{
	struct sighting sighting = fixture_alive("uuid:a", 1);
	sighting.type = slice_of(type);
	return sighting;
}

static struct sighting booted(uint32_t boot_id)
{
	struct sighting sighting = fixture_alive("uuid:a", 1);
	sighting.boot_id = (struct sighting_number){true, boot_id};
	return sighting;
}

START_TEST(a_broadcast_name_and_a_friendly_name_stand_beside_each_other)
{
	struct fixture f;
	struct sighting broadcast = fixture_alive("uuid:a", 1);
	broadcast.protocol = "broadcast";
	broadcast.name = SLICE("kitchen");
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "+uuid:a ");
	ck_assert_ptr_null(device_name(fixture_device(&f, "uuid:a")));
	EXPECT(&f, broadcast, 0, "~uuid:a ");
	ck_assert_str_eq(device_name(fixture_device(&f, "uuid:a")), "kitchen");
	EXPECT(&f, facts("Kitchen radio", NULL), 0, "~uuid:a ");
	ck_assert_str_eq(device_name(fixture_device(&f, "uuid:a")), "Kitchen radio");
	ck_assert_str_eq(fact(&f, DEVICE_BROADCAST_NAME), "kitchen");
	EXPECT(&f, broadcast, 0, ".uuid:a ");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_device_without_a_friendly_name_is_called_by_its_model_or_maker)
{
	struct fixture f;
	struct sighting nameless = facts("", NULL);
	nameless.manufacturer = SLICE("maker");
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "+uuid:a ");
	EXPECT(&f, nameless, 0, "~uuid:a ");
	ck_assert_str_eq(device_name(fixture_device(&f, "uuid:a")), "maker");
	nameless.model = SLICE("model");
	EXPECT(&f, nameless, 0, "~uuid:a ");
	ck_assert_str_eq(device_name(fixture_device(&f, "uuid:a")), "model");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_page_is_kept_until_another_is_read)
{
	struct page_device part = {.udn = "uuid:a", .model_number = "7"};
	struct device_page page = {.devices = &part, .device_count = 1};
	struct fixture f;
	struct sighting with_page = facts("name", NULL);
	with_page.page = &page;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "+uuid:a ");
	ck_assert_ptr_null(fixture_device(&f, "uuid:a")->page);
	EXPECT(&f, with_page, 0, "~uuid:a ");
	part.model_number = "8";
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, ".uuid:a ");
	ck_assert_str_eq(fixture_device(&f, "uuid:a")->page->devices[0].model_number, "7");
	EXPECT(&f, with_page, 0, ".uuid:a ");
	ck_assert_str_eq(fixture_device(&f, "uuid:a")->page->devices[0].model_number, "8");
	EXPECT(&f, facts("name", NULL), 0, ".uuid:a ");
	ck_assert_ptr_null(fixture_device(&f, "uuid:a")->page);
	EXPECT(&f, with_page, 0, ".uuid:a ");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_description_fills_every_fact_and_proves_reachability)
{
	struct fixture f;
	struct sighting all = facts("name", "type");
	all.manufacturer = SLICE("maker");
	all.model = SLICE("model");
	all.serial = SLICE("serial");
	all.presentation_url = SLICE("http://192.0.2.1/");
	fixture_init(&f, NULL);
	EXPECT(&f, all, -ENOENT, "");
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "+uuid:a ");
	struct instant expires = device_expires(fixture_device(&f, "uuid:a"));
	fixture_advance(&f, SECONDS(1));
	EXPECT(&f, all, 0, "~uuid:a ");
	EXPECT(&f, all, 0, ".uuid:a ");
	ck_assert_str_eq(fact(&f, DEVICE_FRIENDLY_NAME), "name");
	ck_assert_str_eq(fact(&f, DEVICE_TYPE), "type");
	ck_assert_str_eq(fact(&f, DEVICE_MANUFACTURER), "maker");
	ck_assert_str_eq(fact(&f, DEVICE_MODEL), "model");
	ck_assert_str_eq(fact(&f, DEVICE_SERIAL), "serial");
	ck_assert_str_eq(fact(&f, DEVICE_PRESENTATION_URL), "http://192.0.2.1/");
	ck_assert_int_eq(fixture_device(&f, "uuid:a")->reachable, DEVICE_REACHABLE_YES);
	ck_assert_int_eq(device_expires(fixture_device(&f, "uuid:a")).us, expires.us);
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->presence_count, 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(absent_and_empty_values_change_nothing)
{
	struct fixture f;
	struct sighting empty = fixture_alive("uuid:a", 1), full = empty;
	full.name = full.type = full.server = full.location = SLICE("x");
	empty.name = empty.type = empty.server = empty.location = empty.service = SLICE("\r\n ");
	fixture_init(&f, NULL);
	EXPECT(&f, full, 0, "+uuid:a ");
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, ".uuid:a ");
	EXPECT(&f, empty, 0, ".uuid:a ");
	ck_assert_str_eq(fact(&f, DEVICE_SERVER), "x");
	fixture_fini(&f);
}
END_TEST

START_TEST(text_is_kept_clean_and_bounded)
{
	struct fixture f;
	char longer[1000], url[1000];
	struct sighting dirty = fixture_alive("uuid:a", 1);
	memset(longer, 'n', sizeof(longer));
	memset(url, 'u', sizeof(url));
	dirty.name = (struct slice){longer, sizeof(longer)};
	dirty.location = (struct slice){url, sizeof(url)};
	dirty.server = SLICE("a\x1b[31m\xff\xe2\x80\xae");
	fixture_init(&f, NULL);
	EXPECT(&f, dirty, 0, "+uuid:a ");
	EXPECT(&f, dirty, 0, ".uuid:a ");
	ck_assert_uint_eq(strlen(fact(&f, DEVICE_BROADCAST_NAME)), DEVICE_TEXT_MAX - 1);
	ck_assert_uint_eq(strlen(fact(&f, DEVICE_LOCATION)), DEVICE_URL_MAX - 1);
	ck_assert_str_eq(fact(&f, DEVICE_SERVER), "a [31m\xef\xbf\xbd");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_refresh_does_not_touch_memory)
{
	struct fixture f;
	struct sighting sighting = fixture_serves("uuid:a", 1, "urn:a:service:b:1");
	sighting.name = SLICE("na\tme");
	sighting.usn = SLICE("uuid:a::urn:a:service:b:1");
	sighting.location = SLICE("http://192.0.2.1/");
	fixture_init(&f, NULL);
	fixture_observe(&f, sighting);
	const struct device *device = fixture_device(&f, "uuid:a");
	struct device before = *device;
	const char *usn = device->services[0].usn;
	EXPECT(&f, sighting, 0, "+uuid:a .uuid:a ");
	ck_assert_mem_eq(device->facts, before.facts, sizeof(before.facts));
	ck_assert_ptr_eq(device->presences, before.presences);
	ck_assert_ptr_eq(device->services, before.services);
	ck_assert_ptr_eq(device->services[0].usn, usn);
	fixture_fini(&f);
}
END_TEST

START_TEST(the_first_type_counts_until_a_boot_or_the_description)
{
	struct fixture f;
	struct sighting rebooted = typed("urn:a:device:y:1");
	fixture_init(&f, NULL);
	EXPECT(&f, typed("urn:a:device:x:1"), 0, "+uuid:a ");
	EXPECT(&f, typed("urn:a:device:y:1"), 0, ".uuid:a ");
	ck_assert_str_eq(fact(&f, DEVICE_TYPE), "urn:a:device:x:1");
	rebooted.boot_id = (struct sighting_number){true, 1};
	EXPECT(&f, rebooted, 0, "~uuid:a ");
	ck_assert_str_eq(fact(&f, DEVICE_TYPE), "urn:a:device:x:1");
	rebooted.boot_id.value = 2;
	EXPECT(&f, rebooted, 0, "~uuid:a ");
	ck_assert_str_eq(fact(&f, DEVICE_TYPE), "urn:a:device:y:1");
	rebooted.type = SLICE("urn:a:device:x:1");
	EXPECT(&f, rebooted, 0, ".uuid:a ");
	EXPECT(&f, facts("n", "urn:a:device:z:1"), 0, "~uuid:a ");
	EXPECT(&f, typed("urn:a:device:x:1"), 0, ".uuid:a ");
	ck_assert_str_eq(fact(&f, DEVICE_TYPE), "urn:a:device:z:1");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_question_fills_in_but_replaces_nothing)
{
	struct fixture f;
	struct sighting asks = fixture_event(SIGHTING_SEARCHED, NULL, 1);
	fixture_init(&f, NULL);
	asks.server = SLICE("Chrome");
	EXPECT(&f, asks, 0, "+host:192.0.2.1%2 ");
	asks.server = SLICE("Spotify");
	EXPECT(&f, asks, 0, ".host:192.0.2.1%2 ");
	ck_assert_str_eq(fixture_device(&f, "host:192.0.2.1%2")->facts[DEVICE_SERVER], "Chrome");
	fixture_fini(&f);
}
END_TEST

START_TEST(another_description_replaces_all_that_the_one_before_told)
{
	struct fixture f;
	struct sighting all = facts("name", "type");
	all.model = SLICE("model");
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "+uuid:a ");
	EXPECT(&f, all, 0, "~uuid:a ");
	EXPECT(&f, facts("other", NULL), 0, "~uuid:a ");
	ck_assert_str_eq(fact(&f, DEVICE_FRIENDLY_NAME), "other");
	ck_assert_str_eq(fact(&f, DEVICE_TYPE), "type");
	ck_assert_ptr_null(fact(&f, DEVICE_MODEL));
	EXPECT(&f, facts("other", NULL), 0, ".uuid:a ");
	fixture_fini(&f);
}
END_TEST

static const uint32_t OTHER_BOOTS[] = {6, 8, 0, UINT32_MAX};

START_TEST(another_boot_id_drops_the_services_and_in_time_what_was_described)
{
	struct fixture f;
	struct sighting serves = booted(7);
	serves.service = SLICE("urn:a:service:b:1");
	serves.name = SLICE("broadcast");
	fixture_init(&f, NULL);
	EXPECT(&f, serves, 0, "+uuid:a ");
	struct sighting described = facts("n", "urn:a:device:z:1");
	described.model = SLICE("model");
	EXPECT(&f, described, 0, "~uuid:a ");
	EXPECT(&f, booted(7), 0, ".uuid:a ");
	ck_assert_uint_eq(fixture_counter(&f, "reboots"), 0);
	EXPECT(&f, booted(OTHER_BOOTS[_i]), 0, "~uuid:a ");
	const struct device *device = fixture_device(&f, "uuid:a");
	ck_assert_uint_eq(fixture_counter(&f, "reboots"), 1);
	ck_assert_uint_eq(device->boot_id, OTHER_BOOTS[_i]);
	ck_assert_uint_eq(device->service_count, 0);
	/* Not without a name for a moment: perhaps only its ssdp:update was lost. */
	ck_assert_str_eq(device->facts[DEVICE_FRIENDLY_NAME], "n");
	ck_assert_str_eq(device->facts[DEVICE_TYPE], "urn:a:device:z:1");
	ck_assert_str_eq(device->facts[DEVICE_BROADCAST_NAME], "broadcast");
	EXPECT(&f, typed("urn:a:device:x:1"), 0, "~uuid:a ");
	ck_assert_str_eq(device->facts[DEVICE_TYPE], "urn:a:device:x:1");
	EXPECT(&f, facts("m", "urn:a:device:y:1"), 0, "~uuid:a ");
	ck_assert_str_eq(device->facts[DEVICE_FRIENDLY_NAME], "m");
	ck_assert_ptr_null(device->facts[DEVICE_MODEL]);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_root_device_stays_one)
{
	struct fixture f;
	struct sighting root = fixture_alive("uuid:a", 1);
	root.root = true;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "+uuid:a ");
	ck_assert(!fixture_device(&f, "uuid:a")->root);
	EXPECT(&f, root, 0, "~uuid:a ");
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, ".uuid:a ");
	ck_assert(fixture_device(&f, "uuid:a")->root);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_boot_id_by_another_protocol_is_no_reboot_while_the_first_is_there)
{
	struct fixture f;
	struct sighting other = booted(8);
	fixture_init(&f, NULL);
	other.protocol = "broadcast";
	other.secondary_numbers = true;
	fixture_observe(&f, booted(7));
	fixture_observe(&f, other);
	ck_assert_uint_eq(fixture_counter(&f, "reboots"), 0);
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->boot_id, 7);
	fixture_observe(&f, fixture_event(SIGHTING_BYE, "uuid:a", 1));
	fixture_observe(&f, other);
	ck_assert_uint_eq(fixture_counter(&f, "reboots"), 1);
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->boot_id, 8);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_message_from_before_an_update_is_no_reboot)
{
	struct fixture f;
	struct sighting update = fixture_event(SIGHTING_UPDATE, "uuid:a", 1);
	fixture_init(&f, NULL);
	update.boot_id = (struct sighting_number){true, 7};
	update.next_boot_id = (struct sighting_number){true, 8};
	fixture_observe(&f, booted(7));
	fixture_observe(&f, update);
	fixture_observe(&f, booted(7));
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->boot_id, 8);
	ck_assert_uint_eq(fixture_counter(&f, "reboots"), 0);
	fixture_advance(&f, SECONDS(6));
	fixture_observe(&f, booted(7));
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->boot_id, 7);
	ck_assert_uint_eq(fixture_counter(&f, "reboots"), 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_message_without_a_boot_id_is_no_reboot)
{
	struct fixture f;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "+uuid:a ");
	EXPECT(&f, booted(7), 0, "~uuid:a ");
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, ".uuid:a ");
	ck_assert_uint_eq(fixture_counter(&f, "reboots"), 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(an_update_takes_the_next_boot_id_over_and_keeps_everything)
{
	struct fixture f;
	struct sighting update = booted(7);
	update.event = SIGHTING_UPDATE;
	update.next_boot_id = (struct sighting_number){true, 8};
	update.lifetime = 0;
	fixture_init(&f, NULL);
	EXPECT(&f, update, -ENOENT, "");
	EXPECT(&f, booted(7), 0, "+uuid:a ");
	EXPECT(&f, facts("n", NULL), 0, "~uuid:a ");
	EXPECT(&f, update, 0, "~uuid:a ");
	EXPECT(&f, update, 0, ".uuid:a "); /* over the other link */
	EXPECT(&f, booted(8), 0, ".uuid:a ");
	ck_assert_uint_eq(fixture_counter(&f, "reboots"), 0);
	ck_assert_str_eq(fact(&f, DEVICE_FRIENDLY_NAME), "n");
	ck_assert_int_eq(instant_since(table_deadline(f.table), f.now), SECONDS(1800));
	fixture_fini(&f);
}
END_TEST

START_TEST(an_update_from_a_boot_that_was_not_heard_of_is_a_reboot)
{
	struct fixture f;
	struct sighting update = booted(9);
	update.event = SIGHTING_UPDATE;
	update.next_boot_id = (struct sighting_number){true, 10};
	fixture_init(&f, NULL);
	EXPECT(&f, booted(7), 0, "+uuid:a ");
	EXPECT(&f, update, 0, "~uuid:a ");
	ck_assert_uint_eq(fixture_counter(&f, "reboots"), 1);
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->boot_id, 10);
	fixture_fini(&f);
}
END_TEST

START_TEST(another_config_id_is_an_update_without_a_reboot)
{
	struct fixture f;
	struct sighting sighting = booted(7);
	fixture_init(&f, NULL);
	sighting.config_id = (struct sighting_number){true, 1};
	EXPECT(&f, sighting, 0, "+uuid:a ");
	EXPECT(&f, facts("n", NULL), 0, "~uuid:a ");
	sighting.config_id.value = 2;
	EXPECT(&f, sighting, 0, "~uuid:a ");
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->config_id, 2);
	ck_assert_str_eq(fact(&f, DEVICE_FRIENDLY_NAME), "n");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_new_location_from_the_same_address_is_believed)
{
	struct fixture f;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_at("uuid:a", 1, "http://192.0.2.1:80/"), 0, "+uuid:a ");
	EXPECT(&f, fixture_at("uuid:a", 1, "http://192.0.2.1:81/"), 0, "~uuid:a ");
	ck_assert_str_eq(fact(&f, DEVICE_LOCATION), "http://192.0.2.1:81/");
	ck_assert_uint_eq(fixture_counter(&f, "location-conflicts"), 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_new_location_from_another_address_is_counted_and_not_believed)
{
	struct fixture f;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_at("uuid:a", 1, "http://192.0.2.1/"), 0, "+uuid:a ");
	EXPECT(&f, fixture_at("uuid:a", 66, "http://192.0.2.66/"), 0, "~uuid:a ");
	EXPECT(&f, fixture_at("uuid:a", 66, "http://192.0.2.66/"), 0, ".uuid:a ");
	ck_assert_str_eq(fact(&f, DEVICE_LOCATION), "http://192.0.2.1/");
	ck_assert_uint_eq(fixture_counter(&f, "location-conflicts"), 2);
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->presence_count, 2);
	fixture_fini(&f);
}
END_TEST

START_TEST(another_location_takes_over_when_nobody_vouches_for_the_old_one)
{
	struct fixture f;
	struct sighting first = fixture_at("uuid:a", 1, "http://192.0.2.1/");
	struct sighting second = fixture_at("uuid:a", 2, "http://192.0.2.2/");
	first.lifetime = SECONDS(60);
	fixture_init(&f, NULL);
	EXPECT(&f, first, 0, "+uuid:a ");
	EXPECT(&f, second, 0, "~uuid:a ");
	fixture_advance(&f, SECONDS(60));
	EXPECT_TOLD(&f, "~uuid:a ");
	ck_assert_str_eq(fact(&f, DEVICE_LOCATION), "http://192.0.2.2/");
	/* It is shown by its new address from now on. */
	EXPECT(&f, second, 0, "~uuid:a ");
	EXPECT(&f, second, 0, ".uuid:a ");
	fixture_fini(&f);
}
END_TEST

/* The same device over a second link, and over IPv6 on the first. */
static struct sighting over_other_link(void)
{
	struct sighting sighting = fixture_at("uuid:a", 1, "http://198.51.100.1/");
	sighting.from = address_ipv4(198, 51, 100, 1);
	sighting.link = 3;
	return sighting;
}

static struct sighting over_ipv6(void)
{
	struct sighting sighting = fixture_at("uuid:a", 1, "http://[fe80::1]/");
	ck_assert_int_eq(address_parse(SLICE("fe80::1"), &sighting.from), 0);
	return sighting;
}

START_TEST(a_multi_homed_device_neither_flaps_nor_conflicts)
{
	struct fixture f;
	struct sighting first = fixture_at("uuid:a", 1, "http://192.0.2.1/");
	fixture_init(&f, NULL);
	EXPECT(&f, first, 0, "+uuid:a ");
	EXPECT(&f, over_other_link(), 0, "~uuid:a ");
	EXPECT(&f, over_ipv6(), 0, "~uuid:a ");
	for (int i = 0; i < 3; i++) {
		EXPECT(&f, first, 0, ".uuid:a ");
		EXPECT(&f, over_other_link(), 0, ".uuid:a ");
		EXPECT(&f, over_ipv6(), 0, ".uuid:a ");
	}
	ck_assert_str_eq(fact(&f, DEVICE_LOCATION), "http://192.0.2.1/");
	ck_assert_uint_eq(fixture_counter(&f, "location-conflicts"), 0);
	ck_assert_uint_eq(fixture_counter(&f, "doubts"), 0);
	table_drop_link(f.table, 3);
	EXPECT(&f, over_ipv6(), 0, "~uuid:a .uuid:a ");
	ck_assert_str_eq(fact(&f, DEVICE_LOCATION), "http://192.0.2.1/");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_multi_homed_device_that_loses_a_link_gets_the_location_of_the_other)
{
	struct fixture f;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_at("uuid:a", 1, "http://192.0.2.1/"), 0, "+uuid:a ");
	EXPECT(&f, over_other_link(), 0, "~uuid:a ");
	table_drop_link(f.table, 2);
	EXPECT_TOLD(&f, "~uuid:a ");
	ck_assert_str_eq(fact(&f, DEVICE_LOCATION), "http://198.51.100.1/");
	/* Its answer has the description read from there. */
	EXPECT_ASKED(&f, "uuid:a@198.51.100.1/ssdp ");
	/* It is shown by its new address from now on. */
	EXPECT(&f, over_other_link(), 0, "~uuid:a ");
	EXPECT(&f, over_other_link(), 0, ".uuid:a ");
	fixture_fini(&f);
}
END_TEST

Suite *table_merge_suite(void)
{
	Suite *suite = suite_create("model/table_merge");
	TCase *tcase = tcase_create("table_merge");
	tcase_add_test(tcase, a_broadcast_name_and_a_friendly_name_stand_beside_each_other);
	tcase_add_test(tcase, a_device_without_a_friendly_name_is_called_by_its_model_or_maker);
	tcase_add_test(tcase, a_page_is_kept_until_another_is_read);
	tcase_add_test(tcase, a_description_fills_every_fact_and_proves_reachability);
	tcase_add_test(tcase, absent_and_empty_values_change_nothing);
	tcase_add_test(tcase, text_is_kept_clean_and_bounded);
	tcase_add_test(tcase, a_refresh_does_not_touch_memory);
	tcase_add_test(tcase, the_first_type_counts_until_a_boot_or_the_description);
	tcase_add_test(tcase, a_question_fills_in_but_replaces_nothing);
	tcase_add_test(tcase, another_description_replaces_all_that_the_one_before_told);
	tcase_add_loop_test(tcase,
	    another_boot_id_drops_the_services_and_in_time_what_was_described, 0,
	    COUNT_OF(OTHER_BOOTS));
	tcase_add_test(tcase, a_root_device_stays_one);
	tcase_add_test(tcase, a_boot_id_by_another_protocol_is_no_reboot_while_the_first_is_there);
	tcase_add_test(tcase, a_message_from_before_an_update_is_no_reboot);
	tcase_add_test(tcase, a_message_without_a_boot_id_is_no_reboot);
	tcase_add_test(tcase, an_update_takes_the_next_boot_id_over_and_keeps_everything);
	tcase_add_test(tcase, an_update_from_a_boot_that_was_not_heard_of_is_a_reboot);
	tcase_add_test(tcase, another_config_id_is_an_update_without_a_reboot);
	tcase_add_test(tcase, a_new_location_from_the_same_address_is_believed);
	tcase_add_test(tcase, a_new_location_from_another_address_is_counted_and_not_believed);
	tcase_add_test(tcase, another_location_takes_over_when_nobody_vouches_for_the_old_one);
	tcase_add_test(tcase, a_multi_homed_device_neither_flaps_nor_conflicts);
	tcase_add_test(
	    tcase, a_multi_homed_device_that_loses_a_link_gets_the_location_of_the_other);
	suite_add_tcase(suite, tcase);
	return suite;
}

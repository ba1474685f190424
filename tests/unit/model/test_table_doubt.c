/* SPDX-License-Identifier: ISC
 * Tests of model/table_doubt: what is said of somebody from elsewhere, and the questions it causes.
 */
#include "model/table_fixture.h"
#include "suites.h"
#include <errno.h>
#include <stdio.h>

static struct sighting bye(const char *id, unsigned host)
{
	struct sighting sighting = fixture_event(SIGHTING_BYE, id, host);
	sighting.lifetime = 0;
	return sighting;
}

/* The same, said from an address that is no 192.0.2.HOST. */
static struct sighting from(struct sighting sighting, const char *address)
{
	ck_assert_int_eq(address_parse(slice_of(address), &sighting.from), 0);
	return sighting;
}

static struct sighting in_network(struct sighting sighting, uint8_t len)
{
	sighting.network = len;
	return sighting;
}

START_TEST(a_bye_from_elsewhere_causes_a_question_and_silence_confirms_it)
{
	struct fixture f;
	fixture_init(&f, NULL);
	struct sighting alive = fixture_alive("uuid:a", 1);
	alive.search_port = 49200;
	EXPECT(&f, alive, 0, "+uuid:a ");
	EXPECT(&f, bye("uuid:a", 2), 0, "");
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp ");
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->presences[0].search_port, 49200);
	/* The rest of his goodbyes asks nothing more. */
	EXPECT(&f, bye("uuid:a", 2), 0, "");
	EXPECT_ASKED(&f, "");
	fixture_advance(&f, SECONDS(3) - 1);
	EXPECT_TOLD(&f, "");
	fixture_advance(&f, 1);
	EXPECT_TOLD(&f, "-uuid:a ");
	ck_assert_uint_eq(fixture_counter(&f, "doubts"), 1);
	ck_assert_uint_eq(fixture_counter(&f, "doubts-confirmed"), 0);
	ck_assert_uint_eq(fixture_counter(&f, "doubts-limited"), 0);
	ck_assert_uint_eq(fixture_counter(&f, "byes"), 0);
	ck_assert_uint_eq(fixture_counter(&f, "byes-refused"), 0);
	fixture_fini(&f);
}
END_TEST

/* BOOTID 7 of 192.0.2.1 stands, whatever 192.0.2.66 says, with whichever LOCATION. */
START_TEST(numbers_and_services_from_elsewhere_are_not_believed)
{
	static const char *const LOCATIONS[] = {"http://192.0.2.1/", "http://192.0.2.66/"};
	for (size_t i = 0; i < 2; i++) {
		struct fixture f;
		fixture_init(&f, NULL);
		struct sighting alive = fixture_alive("uuid:a", 1);
		alive.location = SLICE("http://192.0.2.1/");
		alive.service = SLICE("urn:a:service:S:1");
		alive.boot_id = (struct sighting_number){true, 7};
		table_observe(f.table, f.now, &alive, NULL);
		struct sighting forged = alive;
		forged.location = slice_of(LOCATIONS[i]);
		forged.service = SLICE("urn:a:service:Evil:1");
		forged.type = SLICE("urn:a:device:Evil:1");
		forged.boot_id.value = 99;
		for (int k = 0; k < 3; k++) {
			struct sighting there = from(in_network(forged, 24), "192.0.2.66");
			table_observe(f.table, f.now, &there, NULL);
			there.event = SIGHTING_UPDATE;
			there.next_boot_id = (struct sighting_number){true, 100};
			ck_assert_int_eq(table_observe(f.table, f.now, &there, NULL), -EPERM);
			there = from(there, "192.0.2.67");
			ck_assert_int_eq(table_observe(f.table, f.now, &there, NULL), -EPERM);
			/* himself he is believed all the time */
			ck_assert_int_eq(table_observe(f.table, f.now, &alive, NULL), 0);
		}
		const struct device *device = fixture_device(&f, "uuid:a");
		ck_assert_uint_eq(device->boot_id, 7);
		ck_assert_uint_eq(device->service_count, 1);
		ck_assert_str_eq(device->services[0].type, "urn:a:service:S:1");
		ck_assert_ptr_null(device->facts[DEVICE_TYPE]);
		ck_assert_uint_eq(fixture_counter(&f, "reboots"), 0);
		alive.boot_id.value = 8;
		table_observe(f.table, f.now, &alive, NULL);
		ck_assert_uint_eq(fixture_device(&f, "uuid:a")->boot_id, 8);
		fixture_fini(&f);
	}
}
END_TEST

START_TEST(who_answers_stays_with_his_full_lifetime)
{
	struct fixture f;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "+uuid:a ");
	EXPECT(&f, bye("uuid:a", 66), 0, "");
	fixture_advance(&f, SECONDS(2));
	/* A sign of life from elsewhere is none. */
	EXPECT(&f, fixture_alive("uuid:a", 66), 0, "~uuid:a ");
	ck_assert_uint_eq(fixture_counter(&f, "doubts-confirmed"), 0);
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, ".uuid:a ");
	ck_assert_uint_eq(fixture_counter(&f, "doubts-confirmed"), 1);
	fixture_advance(&f, SECONDS(1799));
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->presence_count, 2);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_doubt_prolongs_nothing)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_advance(&f, SECONDS(1799));
	fixture_observe(&f, bye("uuid:a", 66));
	fixture_advance(&f, SECONDS(1));
	EXPECT_TOLD(&f, "+uuid:a -uuid:a ");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_presence_that_answered_is_left_in_peace_for_ten_seconds)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_observe(&f, bye("uuid:a", 66));
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp ");
	fixture_advance(&f, SECONDS(10) - 1);
	EXPECT_TOLD(&f, "+uuid:a .uuid:a ");
	EXPECT(&f, bye("uuid:a", 66), -EPERM, "");
	EXPECT_ASKED(&f, "");
	ck_assert_uint_eq(fixture_counter(&f, "doubts-limited"), 1);
	ck_assert_uint_eq(fixture_counter(&f, "byes-refused"), 1);
	fixture_advance(&f, 1);
	EXPECT(&f, bye("uuid:a", 66), 0, "");
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp ");
	fixture_fini(&f);
}
END_TEST

static unsigned doubt_all(struct fixture *f, unsigned devices)
{
	uint64_t before = fixture_counter(f, "doubts");
	for (unsigned i = 0; i < devices; i++) {
		char id[16];
		snprintf(id, sizeof(id), "uuid:%u", i);
		fixture_observe(f, bye(id, 250));
	}
	return (unsigned)(fixture_counter(f, "doubts") - before);
}

START_TEST(all_doubts_together_are_limited)
{
	struct fixture f;
	enum { DEVICES = 100 };
	fixture_init(&f, NULL);
	for (unsigned i = 0; i < DEVICES; i++) {
		char id[16];
		snprintf(id, sizeof(id), "uuid:%u", i);
		fixture_observe(&f, fixture_alive(id, i));
	}
	ck_assert_uint_eq(doubt_all(&f, DEVICES), 32);
	ck_assert_uint_eq(fixture_counter(&f, "doubts-limited"), DEVICES - 32);
	ck_assert_uint_eq(fixture_counter(&f, "byes-refused"), DEVICES - 32);
	fixture_advance(&f, SECONDS(1));
	ck_assert_uint_eq(doubt_all(&f, DEVICES), 8);
	fixture_advance(&f, SECONDS(100));
	ck_assert_uint_eq(doubt_all(&f, DEVICES), 32);
	fixture_fini(&f);
}
END_TEST

START_TEST(without_anybody_who_asks_nothing_is_doubted)
{
	struct fixture f;
	fixture_init(&f, NULL);
	table_set_questioner(f.table, NULL, NULL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	EXPECT(&f, bye("uuid:a", 66), -EPERM, "+uuid:a ");
	fixture_advance(&f, SECONDS(60));
	EXPECT_TOLD(&f, "");
	fixture_fini(&f);
}
END_TEST

/* What the device says by another voice of its, and which question a bye from 192.0.2.66 causes. */
START_TEST(a_bye_from_elsewhere_doubts_one_voice_only)
{
	struct fixture f;
	struct sighting broadcast = fixture_alive("uuid:a", 1), link = broadcast;
	broadcast.protocol = "broadcast";
	link.link = 3;
	fixture_init(&f, NULL);
	fixture_observe(&f, in_network(fixture_alive("uuid:a", 1), 24));
	fixture_observe(&f, broadcast);
	fixture_observe(&f, link);
	fixture_observe(&f, in_network(from(fixture_alive("uuid:a", 1), "198.51.100.1"), 24));
	fixture_observe(&f, from(fixture_alive("uuid:a", 1), "fe80::1"));
	fixture_observe(&f, from(fixture_alive("uuid:a", 1), "2001:db8::1"));
	ck_assert_int_eq(fixture_observe(&f, in_network(bye("uuid:a", 66), 24)), 0);
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp ");
	ck_assert_int_eq(fixture_observe(&f, from(bye("uuid:a", 66), "fe80::66")), 0);
	EXPECT_ASKED(&f, "uuid:a@fe80::1/ssdp ");
	ck_assert_int_eq(fixture_observe(&f, from(bye("uuid:a", 66), "2001:db8:1::66")), 0);
	EXPECT_ASKED(&f, "uuid:a@2001:db8::1/ssdp ");
	fixture_advance(&f, SECONDS(3));
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->presence_count, 3);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_bye_from_the_right_address_takes_that_and_doubts_the_others)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	/* A forger says that it is where he is, and takes it back. */
	fixture_observe(&f, fixture_alive("uuid:a", 66));
	EXPECT(&f, bye("uuid:a", 66), 0, "+uuid:a ~uuid:a ~uuid:a ");
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->presence_count, 1);
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp ");
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_advance(&f, SECONDS(1000));
	EXPECT_TOLD(&f, ".uuid:a ");
	fixture_fini(&f);
}
END_TEST

START_TEST(another_location_from_elsewhere_causes_a_question)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_at("uuid:a", 1, "http://192.0.2.1/"));
	fixture_observe(&f, fixture_at("uuid:a", 2, "http://192.0.2.2/"));
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp ");
	EXPECT_TOLD(&f, "+uuid:a ~uuid:a ");
	fixture_advance(&f, SECONDS(3));
	EXPECT_TOLD(&f, "~uuid:a ");
	const struct device *device = fixture_device(&f, "uuid:a");
	ck_assert_uint_eq(device->presence_count, 1);
	ck_assert_str_eq(device->facts[DEVICE_LOCATION], "http://192.0.2.2/");
	ck_assert_ptr_null(device->facts[DEVICE_NEXT_LOCATION]);
	/* So that the description is read where it is now. */
	EXPECT_ASKED(&f, "uuid:a@192.0.2.2/ssdp ");
	EXPECT(&f, fixture_at("uuid:a", 2, "http://192.0.2.2/"), 0, "~uuid:a ");
	EXPECT(&f, fixture_at("uuid:a", 2, "http://192.0.2.2/"), 0, ".uuid:a ");
	ck_assert_uint_eq(fixture_counter(&f, "doubts"), 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(it_insists_only_where_a_description_was_read)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_at("uuid:a", 1, "http://192.0.2.1/"));
	table_set_reachable(f.table, f.now, SLICE("uuid:a"), true);
	/* He says that it is with him, so he may be asked as well, but nobody else for him. */
	fixture_observe(&f, fixture_at("uuid:a", 66, "http://192.0.2.66/"));
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp! ");
	fixture_observe(&f, bye("uuid:a", 67));
	EXPECT_ASKED(&f, "uuid:a@192.0.2.66/ssdp ");
	fixture_observe(&f, fixture_at("uuid:b", 1, "http://192.0.2.1/"));
	fixture_observe(&f, bye("uuid:b", 67));
	EXPECT_ASKED(&f, "uuid:b@192.0.2.1/ssdp ");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_forged_location_changes_nothing_while_the_device_answers)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_at("uuid:a", 1, "http://192.0.2.1/"));
	fixture_observe(&f, fixture_at("uuid:a", 66, "http://192.0.2.66/"));
	for (int i = 0; i < 100; i++) {
		fixture_advance(&f, MILLISECONDS(500));
		fixture_observe(&f, fixture_at("uuid:a", 66, "http://192.0.2.66/"));
		fixture_observe(&f, fixture_at("uuid:a", 1, "http://192.0.2.1/"));
		ck_assert_str_eq(
		    fixture_device(&f, "uuid:a")->facts[DEVICE_LOCATION], "http://192.0.2.1/");
	}
	ck_assert_uint_le(fixture_counter(&f, "doubts"), 6);
	ck_assert_uint_eq(fixture_counter(&f, "removed"), 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(the_location_of_the_latest_conflict_takes_over_not_that_of_another_voice)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_at("uuid:a", 1, "http://192.0.2.1/"));
	fixture_observe(&f, from(fixture_at("uuid:a", 1, "http://[fe80::1]/"), "fe80::1"));
	fixture_observe(&f, fixture_at("uuid:a", 2, "http://192.0.2.2/"));
	fixture_observe(&f, from(fixture_at("uuid:a", 1, "http://[fe80::1]/"), "fe80::1"));
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp ");
	fixture_advance(&f, SECONDS(3));
	ck_assert_str_eq(fixture_device(&f, "uuid:a")->facts[DEVICE_LOCATION], "http://192.0.2.2/");
	fixture_observe(&f, bye("uuid:a", 2));
	fixture_observe(&f, from(fixture_at("uuid:a", 1, "http://[fe80::1]/"), "fe80::1"));
	ck_assert_str_eq(fixture_device(&f, "uuid:a")->facts[DEVICE_LOCATION], "http://[fe80::1]/");
	fixture_fini(&f);
}
END_TEST

START_TEST(one_location_per_network_and_scope_is_no_conflict)
{
	struct fixture f;
	fixture_init(&f, NULL);
	const struct sighting voices[] = {
	    in_network(fixture_at("uuid:a", 1, "http://192.0.2.1/"), 24),
	    in_network(from(fixture_at("uuid:a", 1, "http://10.0.0.1/"), "10.0.0.1"), 8),
	    from(fixture_at("uuid:a", 1, "http://[fe80::1]/"), "fe80::1"),
	    from(fixture_at("uuid:a", 1, "http://[2001:db8::1]/"), "2001:db8::1"),
	};
	for (int i = 0; i < 12; i++)
		fixture_observe(&f, voices[i % 4]);
	EXPECT_TOLD(&f, "+uuid:a ~uuid:a ~uuid:a ~uuid:a .uuid:a .uuid:a .uuid:a .uuid:a .uuid:a "
			".uuid:a .uuid:a .uuid:a ");
	EXPECT_ASKED(&f, "");
	ck_assert_uint_eq(fixture_counter(&f, "location-conflicts"), 0);
	/* Each takes its own goodbye. */
	for (int i = 0; i < 3; i++) {
		struct sighting goodbye = voices[i];
		goodbye.event = SIGHTING_BYE;
		ck_assert_int_eq(fixture_observe(&f, goodbye), 0);
		ck_assert_uint_eq(fixture_device(&f, "uuid:a")->presence_count, (unsigned)(3 - i));
	}
	EXPECT_ASKED(&f, "uuid:a@10.0.0.1/ssdp ");
	fixture_fini(&f);
}
END_TEST

Suite *table_doubt_suite(void)
{
	Suite *suite = suite_create("model/table_doubt");
	TCase *tcase = tcase_create("table_doubt");
	tcase_add_test(tcase, a_bye_from_elsewhere_causes_a_question_and_silence_confirms_it);
	tcase_add_test(tcase, numbers_and_services_from_elsewhere_are_not_believed);
	tcase_add_test(tcase, who_answers_stays_with_his_full_lifetime);
	tcase_add_test(tcase, a_doubt_prolongs_nothing);
	tcase_add_test(tcase, a_presence_that_answered_is_left_in_peace_for_ten_seconds);
	tcase_add_test(tcase, all_doubts_together_are_limited);
	tcase_add_test(tcase, without_anybody_who_asks_nothing_is_doubted);
	tcase_add_test(tcase, a_bye_from_elsewhere_doubts_one_voice_only);
	tcase_add_test(tcase, a_bye_from_the_right_address_takes_that_and_doubts_the_others);
	tcase_add_test(tcase, another_location_from_elsewhere_causes_a_question);
	tcase_add_test(tcase, it_insists_only_where_a_description_was_read);
	tcase_add_test(tcase, a_forged_location_changes_nothing_while_the_device_answers);
	tcase_add_test(
	    tcase, the_location_of_the_latest_conflict_takes_over_not_that_of_another_voice);
	tcase_add_test(tcase, one_location_per_network_and_scope_is_no_conflict);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of table/table_source: caps, budgets, and which endpoint gives way to which. */
#include "bytes_in_use.h"
#include "runner.h"
#include "suites.h"
#include "table_fixture.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct table_limits SMALL = {
    .endpoints = 4,
    .endpoints_per_source = 3,
    .memory = 1024 * 1024,
    .memory_per_source = 64 * 1024,
    .lifetime_min = SECONDS(30),
    .lifetime_max = SECONDS(86400),
};

static void verify(struct fixture *f, const char *id)
{
	ck_assert_int_eq(
	    table_set_reachable(f->table, f->now, endpoint_number(fixture_endpoint(f, id)), true),
	    0);
}

START_TEST(at_its_cap_a_source_replaces_its_own_oldest)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	fixture_observe(&f, fixture_alive("uuid:other", 2));
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_observe(&f, fixture_alive("uuid:b", 1));
	fixture_observe(&f, fixture_alive("uuid:c", 1));
	ck_assert_int_eq(fixture_observe(&f, fixture_alive("uuid:d", 1)), 0);
	ck_assert_ptr_null(fixture_endpoint(&f, "uuid:a"));
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:b"));
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:d"));
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:other"));
	ck_assert_uint_eq(fixture_counter(&f, "evicted"), 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(what_is_verified_does_not_count_against_the_cap)
{
	struct fixture f;
	struct table_limits limits = SMALL;
	char id[16];
	limits.endpoints = 100;
	fixture_init(&f, &limits);
	for (unsigned i = 0; i < 60; i++) {
		snprintf(id, sizeof(id), "uuid:%u", i);
		fixture_observe(&f, fixture_with_mac(fixture_alive(id, 1), 1));
		verify(&f, id);
	}
	ck_assert_uint_eq(table_endpoint_count(f.table), 60);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_mac_is_one_source_at_all_its_addresses)
{
	struct fixture f;
	char id[16];
	fixture_init(&f, &SMALL);
	for (unsigned i = 0; i < 5; i++) {
		snprintf(id, sizeof(id), "uuid:%u", i);
		fixture_observe(&f, fixture_with_mac(fixture_alive(id, 10 + i), 1));
	}
	ck_assert_uint_eq(table_endpoint_count(f.table), 3);
	fixture_fini(&f);
}
END_TEST

START_TEST(what_is_counted_by_address_moves_to_the_mac)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_observe(&f, fixture_alive("uuid:b", 1));
	fixture_learn(&f, 1, 7);
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:c", 1), 7));
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:d", 1), 7));
	ck_assert_uint_eq(table_endpoint_count(f.table), 3);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_full_table_gives_from_the_source_that_holds_most)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	fixture_observe(&f, fixture_alive("uuid:old", 2));
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_observe(&f, fixture_alive("uuid:b", 1));
	fixture_observe(&f, fixture_alive("uuid:c", 1));
	fixture_advance(&f, SECONDS(6));
	ck_assert_int_eq(fixture_observe(&f, fixture_alive("uuid:new", 3)), 0);
	ck_assert_ptr_null(fixture_endpoint(&f, "uuid:a"));
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:old"));
	fixture_fini(&f);
}
END_TEST

START_TEST(among_equal_sources_the_oldest_gives_whatever_lifetime_it_claims)
{
	struct fixture f;
	struct sighting sighting;
	char id[16];
	fixture_init(&f, &SMALL);
	for (unsigned i = 0; i < 4; i++) {
		snprintf(id, sizeof(id), "uuid:%u", i);
		sighting = fixture_alive(id, 1 + i);
		sighting.lifetime = SECONDS(86400 - 1000 * i);
		fixture_observe(&f, sighting);
		fixture_advance(&f, SECONDS(1));
	}
	fixture_advance(&f, SECONDS(5));
	fixture_observe(&f, fixture_alive("uuid:new", 9));
	ck_assert_ptr_null(fixture_endpoint(&f, "uuid:0"));
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:3"));
	fixture_fini(&f);
}
END_TEST

START_TEST(a_newcomer_has_a_grace_of_five_seconds)
{
	struct fixture f;
	char id[16];
	fixture_init(&f, &SMALL);
	for (unsigned i = 0; i < 4; i++) {
		snprintf(id, sizeof(id), "uuid:%u", i);
		fixture_observe(&f, fixture_alive(id, 1 + i));
	}
	ck_assert_int_eq(fixture_observe(&f, fixture_alive("uuid:new", 9)), -ENOSPC);
	ck_assert_uint_eq(fixture_counter(&f, "refused-full"), 1);
	fixture_advance(&f, SECONDS(5));
	ck_assert_int_eq(fixture_observe(&f, fixture_alive("uuid:new", 9)), 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_newcomer_that_the_kernel_knows_replaces_one_that_it_does_not)
{
	struct fixture f;
	char id[16];
	fixture_init(&f, &SMALL);
	for (unsigned i = 0; i < 4; i++) {
		snprintf(id, sizeof(id), "uuid:%u", i);
		fixture_observe(&f, fixture_alive(id, 1 + i));
	}
	ck_assert_int_eq(fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:new", 9), 9)), 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(what_is_verified_or_being_fetched_never_gives_way)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_observe(&f, fixture_alive("uuid:b", 2));
	fixture_observe(&f, fixture_alive("uuid:c", 3));
	fixture_observe(&f, fixture_alive("uuid:d", 4));
	fixture_advance(&f, SECONDS(60));
	verify(&f, "uuid:a");
	table_set_busy(f.table, endpoint_number(fixture_endpoint(&f, "uuid:b")), true);
	fixture_observe(&f, fixture_alive("uuid:e", 5));
	ck_assert_ptr_null(fixture_endpoint(&f, "uuid:c"));
	verify(&f, "uuid:d");
	verify(&f, "uuid:e");
	fixture_advance(&f, SECONDS(60));
	ck_assert_int_eq(fixture_observe(&f, fixture_alive("uuid:f", 6)), -ENOSPC);
	table_set_busy(f.table, endpoint_number(fixture_endpoint(&f, "uuid:b")), false);
	ck_assert_int_eq(fixture_observe(&f, fixture_alive("uuid:f", 6)), 0);
	ck_assert_ptr_null(fixture_endpoint(&f, "uuid:b"));
	fixture_fini(&f);
}
END_TEST

START_TEST(what_is_not_verified_lives_five_minutes_at_most_in_a_crowd)
{
	struct fixture f;
	struct sighting sighting = fixture_alive("uuid:a", 1);
	fixture_init(&f, &SMALL);
	sighting.lifetime = SECONDS(86400);
	fixture_observe(&f, sighting);
	fixture_advance(&f, SECONDS(3600));
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:a"));
	sighting.key = key_of_id(SLICE("uuid:b"));
	fixture_observe(&f, sighting);
	fixture_advance(&f, SECONDS(299));
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:b"));
	fixture_advance(&f, SECONDS(2));
	ck_assert_ptr_null(fixture_endpoint(&f, "uuid:b"));
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:a"));
	fixture_fini(&f);
}
END_TEST

START_TEST(what_outlives_the_crowd_lives_as_long_as_it_said)
{
	struct fixture f;
	struct sighting sighting = fixture_alive("uuid:a", 1);
	fixture_init(&f, &SMALL);
	sighting.lifetime = SECONDS(100);
	fixture_observe(&f, sighting);
	sighting = fixture_alive("uuid:b", 1);
	fixture_observe(&f, sighting);
	fixture_advance(&f, SECONDS(301));
	ck_assert_ptr_null(fixture_endpoint(&f, "uuid:a"));
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:b"));
	fixture_advance(&f, SECONDS(1498));
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:b"));
	fixture_advance(&f, SECONDS(2));
	ck_assert_ptr_null(fixture_endpoint(&f, "uuid:b"));
	fixture_fini(&f);
}
END_TEST

START_TEST(what_is_verified_in_a_crowd_lives_as_long_as_it_said)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_observe(&f, fixture_alive("uuid:b", 1));
	fixture_observe(&f, fixture_alive("uuid:c", 2));
	fixture_advance(&f, SECONDS(1));
	verify(&f, "uuid:c");
	fixture_advance(&f, SECONDS(1798));
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:c"));
	fixture_advance(&f, SECONDS(2));
	ck_assert_ptr_null(fixture_endpoint(&f, "uuid:c"));
	fixture_fini(&f);
}
END_TEST

static unsigned services_of(struct fixture *f, const char *id, unsigned host)
{
	char type[64];

	for (unsigned i = 0; i < 20; i++) {
		snprintf(type, sizeof(type), "urn:x:service:S%u:1", i);
		fixture_observe(f, fixture_serves(id, host, type));
	}
	return fixture_endpoint(f, id)->service_count;
}

START_TEST(an_unverified_endpoint_has_eight_services_in_a_crowd)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	ck_assert_uint_eq(services_of(&f, "uuid:a", 1), 20);
	ck_assert_uint_eq(fixture_counter(&f, "services-refused"), 0);
	fixture_observe(&f, fixture_alive("uuid:b", 2));
	ck_assert_uint_eq(services_of(&f, "uuid:c", 3), 8);
	ck_assert_uint_eq(fixture_counter(&f, "services-refused"), 12);
	verify(&f, "uuid:c");
	ck_assert_uint_eq(services_of(&f, "uuid:c", 3), 20);
	fixture_fini(&f);
}
END_TEST

START_TEST(an_answer_that_none_can_guess_verifies)
{
	struct fixture f;
	struct sighting sighting = fixture_alive("uuid:a", 1);

	fixture_init(&f, NULL);
	fixture_observe(&f, sighting);
	ck_assert(!fixture_endpoint(&f, "uuid:a")->verified);
	sighting.verified = true;
	fixture_observe(&f, sighting);
	ck_assert(fixture_endpoint(&f, "uuid:a")->verified);
	sighting = fixture_alive("uuid:b", 1);
	sighting.verified = true;
	fixture_observe(&f, sighting);
	ck_assert(fixture_endpoint(&f, "uuid:b")->verified);
	fixture_fini(&f);
}
END_TEST

static struct sighting long_winded(const char *id, unsigned host)
{
	static char text[200];
	struct sighting sighting = fixture_alive(id, host);
	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < FACTS; i++)
		sighting.facts[i] = (struct slice){text, sizeof(text)};
	return sighting;
}

START_TEST(a_source_has_a_budget_in_bytes)
{
	struct fixture f;
	struct table_limits limits = TABLE_LIMITS_DEFAULT;
	char id[16];
	limits.memory_per_source = 8 * 1024;
	fixture_init(&f, &limits);
	for (unsigned i = 0; i < 32; i++) {
		snprintf(id, sizeof(id), "uuid:%u", i);
		fixture_observe(&f, long_winded(id, 1));
		ck_assert_uint_le(table_memory(f.table), limits.memory_per_source);
	}
	ck_assert_uint_gt(fixture_counter(&f, "evicted"), 0);
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:31"));
	fixture_fini(&f);
}
END_TEST

START_TEST(the_table_has_a_budget_in_bytes)
{
	struct fixture f;
	struct table_limits limits = TABLE_LIMITS_DEFAULT;
	char id[16];
	limits.memory = 32 * 1024;
	fixture_init(&f, &limits);
	for (unsigned i = 0; i < 200; i++) {
		snprintf(id, sizeof(id), "uuid:%u", i);
		fixture_observe(&f, long_winded(id, 1 + i));
		fixture_advance(&f, SECONDS(6));
		ck_assert_uint_le(table_memory(f.table), limits.memory);
	}
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:199"));
	fixture_fini(&f);
}
END_TEST

START_TEST(a_flood_of_sources_without_a_mac_spares_those_with_one)
{
	struct fixture f;
	struct table_limits limits = SMALL;
	char id[32];
	limits.endpoints = 20;
	fixture_init(&f, &limits);
	/* Three endpoints of one host, which no page or answer has verified. */
	for (unsigned i = 0; i < 3; i++) {
		snprintf(id, sizeof(id), "uuid:honest-%u", i);
		fixture_observe(&f, fixture_with_mac(fixture_alive(id, 1), 1));
	}
	fixture_advance(&f, SECONDS(10));
	for (unsigned i = 0; i < 200; i++) {
		snprintf(id, sizeof(id), "uuid:forged-%u", i);
		fixture_observe(&f, fixture_alive(id, 2 + i));
		fixture_advance(&f, MILLISECONDS(100));
	}
	for (unsigned i = 0; i < 3; i++) {
		snprintf(id, sizeof(id), "uuid:honest-%u", i);
		ck_assert_ptr_nonnull(fixture_endpoint(&f, id));
	}
	/* And another honest one comes in. */
	ck_assert_int_eq(
	    fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:new", 222), 222)), 0);
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:new"));
	fixture_fini(&f);
}
END_TEST

START_TEST(what_has_a_mac_is_spared_also_while_all_others_are_being_fetched)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:honest", 1), 1));
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:also", 2), 2));
	fixture_observe(&f, fixture_alive("uuid:forged-a", 3));
	fixture_observe(&f, fixture_alive("uuid:forged-b", 3));
	table_set_busy(f.table, endpoint_number(fixture_endpoint(&f, "uuid:forged-a")), true);
	table_set_busy(f.table, endpoint_number(fixture_endpoint(&f, "uuid:forged-b")), true);
	fixture_advance(&f, SECONDS(10));
	ck_assert_int_eq(fixture_observe(&f, fixture_alive("uuid:forged-c", 4)), -ENOSPC);
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:honest"));
	ck_assert_int_eq(fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:new", 5), 5)), 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_newcomer_with_a_mac_replaces_what_is_made_up_before_others_with_a_mac)
{
	struct fixture f;
	fixture_init(&f, &SMALL);
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:honest", 1), 1));
	fixture_observe(&f, fixture_alive("uuid:forged-a", 3));
	fixture_observe(&f, fixture_alive("uuid:forged-b", 3));
	fixture_observe(&f, fixture_alive("uuid:forged-c", 4));
	table_set_busy(f.table, endpoint_number(fixture_endpoint(&f, "uuid:forged-a")), true);
	table_set_busy(f.table, endpoint_number(fixture_endpoint(&f, "uuid:forged-b")), true);
	fixture_advance(&f, SECONDS(10));
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:new", 5), 5));
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:honest"));
	ck_assert_ptr_null(fixture_endpoint(&f, "uuid:forged-c"));
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:new"));
	fixture_fini(&f);
}
END_TEST

START_TEST(a_newcomer_is_not_evicted_in_the_second_it_came)
{
	struct fixture f;
	char id[32];
	fixture_init(&f, &SMALL);
	for (unsigned i = 0; i < 4; i++) {
		snprintf(id, sizeof(id), "uuid:forged-%u", i);
		fixture_observe(&f, fixture_alive(id, 100 + i));
	}
	fixture_advance(&f, SECONDS(10));
	ck_assert_int_eq(fixture_observe(&f, fixture_alive("uuid:new", 1)), 0);
	for (unsigned i = 0; i < 49; i++) {
		snprintf(id, sizeof(id), "uuid:flood-%u", i);
		fixture_observe(&f, fixture_alive(id, 110 + i));
		fixture_advance(&f, MILLISECONDS(100));
		ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:new"));
	}
	fixture_fini(&f);
}
END_TEST

START_TEST(a_flood_of_one_key_does_not_grow_its_device)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 1), 1));
	verify(&f, "uuid:a");
	for (unsigned i = 2; i < 200; i++) {
		fixture_observe(&f, fixture_alive("uuid:a", i));
		fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 1), 1));
		fixture_advance(&f, MILLISECONDS(200));
	}
	ck_assert_uint_le(table_endpoint_count(f.table), 33);
	ck_assert_uint_eq(
	    endpoint_number(TAILQ_FIRST(&fixture_device(&f, "uuid:a")->endpoints)), 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(of_one_key_no_more_come_at_once_than_are_compared)
{
	struct fixture f;
	fixture_init(&f, NULL);
	for (unsigned i = 1; i < 200; i++)
		fixture_observe(&f, fixture_alive("uuid:a", i));
	ck_assert_uint_eq(table_endpoint_count(f.table), 32);
	fixture_fini(&f);
}
END_TEST

START_TEST(nothing_unverified_lives_long_while_the_memory_is_half_full)
{
	struct fixture f;
	struct table_limits limits = TABLE_LIMITS_DEFAULT;
	struct sighting sighting = fixture_alive("uuid:a", 1);
	fixture_init(&f, &limits);
	sighting.lifetime = SECONDS(86400);
	fixture_observe(&f, sighting);
	limits.memory = 3 * table_memory(f.table);
	table_set_limits(f.table, &limits);
	ck_assert_uint_le(2 * table_memory(f.table), limits.memory);
	sighting.key = key_of_id(SLICE("uuid:b"));
	fixture_observe(&f, sighting);
	ck_assert_uint_gt(2 * table_memory(f.table), limits.memory);
	fixture_advance(&f, SECONDS(301));
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:a"));
	ck_assert_ptr_null(fixture_endpoint(&f, "uuid:b"));
	fixture_fini(&f);
}
END_TEST

START_TEST(a_victim_at_its_cap_gets_in_past_what_was_forged_in_its_name)
{
	struct fixture f;
	struct sighting sighting;
	char id[32];
	fixture_init(&f, NULL);
	for (unsigned i = 0; i < 40; i++) {
		snprintf(id, sizeof(id), "uuid:forged-%u", i);
		sighting = fixture_with_mac(fixture_alive(id, 1), 1);
		sighting.lifetime = SECONDS(86400);
		fixture_observe(&f, sighting);
	}
	ck_assert_uint_eq(table_endpoint_count(f.table), 32);
	ck_assert_int_eq(
	    fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:honest", 1), 1)), 0);
	verify(&f, "uuid:honest");
	for (unsigned i = 40; i < 80; i++) {
		snprintf(id, sizeof(id), "uuid:forged-%u", i);
		fixture_observe(&f, fixture_with_mac(fixture_alive(id, 1), 1));
	}
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:honest"));
	fixture_fini(&f);
}
END_TEST

/* Of many devices that are alike, as most of a large table are; and of some with long ids. */
START_TEST(a_device_needs_no_more_bytes_than_are_counted_for_it)
{
	enum { DEVICES = 4000, BYTES = 815 };
	const char *const prefix = _i == 0 ? "00000000-0000-4000-8000-" : "an id that is no UUID ";
	struct table_limits limits = TABLE_LIMITS_DEFAULT;
	struct fixture f;
	fixture_init(&f, &limits);
	size_t before = bytes_in_use();
	for (unsigned i = 0; i < DEVICES; i++) {
		char id[256], url[64];
		snprintf(id, sizeof(id), "uuid:%s%0*x", prefix, _i == 0 ? 12 : 200, i);
		snprintf(
		    url, sizeof(url), "http://10.1.%u.%u:49152/description.xml", i >> 8, i & 255);
		struct sighting sighting = fixture_at(id, 0, url);
		sighting.from = address_ipv4(10, 1, (uint8_t)(i >> 8), (uint8_t)i);
		sighting.facts[FACT_TYPE] = SLICE("urn:schemas-upnp-org:device:Example:1");
		sighting.facts[FACT_SERVER] = SLICE("Linux/5.10 UPnP/1.0 Example/1.0");
		ck_assert_int_eq(fixture_observe(&f, sighting), 0);
	}
	fixture_advance(&f, SECONDS(1));
	size_t counted = table_memory(f.table), used = bytes_in_use() - before;
	ck_assert_uint_eq(table_device_count(f.table), DEVICES);
	fixture_fini(&f);
	if (used == 0) {
		skip_test("a_device_needs_no_more_bytes_than_are_counted_for_it",
		    "this malloc does not say what is in use");
		return;
	}
	if (_i == 0)
		ck_assert_uint_le(used, DEVICES * BYTES);
	ck_assert_uint_le(used, counted);
	ck_assert_uint_ge(used, counted / 2);
}
END_TEST

START_TEST(addresses_of_an_endpoint_are_within_its_budget)
{
	struct fixture f;
	struct table_limits limits = TABLE_LIMITS_DEFAULT;
	fixture_init(&f, &limits);
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 1), 1));
	limits.memory_per_source = table_memory(f.table) + 5 * sizeof(struct presence);
	table_set_limits(f.table, &limits);
	for (unsigned i = 2; i < 16; i++)
		fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", i), 1));
	ck_assert_uint_le(table_memory(f.table), limits.memory_per_source);
	ck_assert_uint_gt(fixture_counter(&f, "refused-memory"), 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(nothing_is_charged_in_an_empty_table)
{
	struct fixture f;
	fixture_init(&f, NULL);
	for (unsigned round = 0; round < 3; round++) {
		fixture_observe(&f, long_winded("uuid:a", 1));
		fixture_observe(&f, fixture_at("uuid:a", 2, "http://192.0.2.2/"));
		fixture_observe(&f, fixture_serves("uuid:a", 1, "urn:x:service:A:1"));
		fixture_observe(&f, fixture_described("uuid:a", 1, "lamp"));
		fixture_learn(&f, 1, 3);
		fixture_learn(&f, 2, 3);
		fixture_advance(&f, SECONDS(90000));
		ck_assert_uint_eq(table_memory(f.table), 0);
		ck_assert_uint_eq(table_endpoint_count(f.table), 0);
		ck_assert_uint_eq(table_device_count(f.table), 0);
	}
	fixture_fini(&f);
}
END_TEST

/* The one that answers makes another one sure at its address, which takes in a third one. */
START_TEST(room_for_what_an_answer_joins_is_not_that_of_the_answering_one)
{
	struct fixture f;
	struct sighting answering = fixture_with_mac(fixture_alive("uuid:f", 1), 7);
	struct sighting elsewhere = fixture_with_mac(fixture_alive("uuid:e", 2), 7);
	struct sighting unsure = fixture_with_mac(fixture_alive("uuid:e", 1), 9);
	struct table_limits limits = TABLE_LIMITS_DEFAULT;
	fixture_init(&f, NULL);
	unsure.mac_unsure = true;
	elsewhere.facts[FACT_SERVER] = SLICE("one that takes more bytes than the full table has");
	fixture_observe(&f, answering);
	fixture_observe(&f, elsewhere);
	fixture_advance(&f, SECONDS(6));
	fixture_observe(&f, unsure);
	/* another claim on its key has it asked */
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:f", 3), 8));
	limits.memory = table_memory(f.table);
	table_set_limits(f.table, &limits);
	ck_assert_int_eq(fixture_observe(&f, answering), 0);
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:f"));
	fixture_fini(&f);
}
END_TEST

Suite *table_source_suite(void)
{
	Suite *suite = suite_create("model/table_source");
	TCase *tc = tcase_create("source");
	tcase_add_test(tc, at_its_cap_a_source_replaces_its_own_oldest);
	tcase_add_test(tc, what_is_verified_does_not_count_against_the_cap);
	tcase_add_test(tc, a_mac_is_one_source_at_all_its_addresses);
	tcase_add_test(tc, what_is_counted_by_address_moves_to_the_mac);
	tcase_add_test(tc, a_full_table_gives_from_the_source_that_holds_most);
	tcase_add_test(tc, among_equal_sources_the_oldest_gives_whatever_lifetime_it_claims);
	tcase_add_test(tc, a_newcomer_has_a_grace_of_five_seconds);
	tcase_add_test(tc, a_newcomer_that_the_kernel_knows_replaces_one_that_it_does_not);
	tcase_add_test(tc, what_is_verified_or_being_fetched_never_gives_way);
	tcase_add_test(tc, what_is_not_verified_lives_five_minutes_at_most_in_a_crowd);
	tcase_add_test(tc, what_outlives_the_crowd_lives_as_long_as_it_said);
	tcase_add_test(tc, what_is_verified_in_a_crowd_lives_as_long_as_it_said);
	tcase_add_test(tc, an_unverified_endpoint_has_eight_services_in_a_crowd);
	tcase_add_test(tc, an_answer_that_none_can_guess_verifies);
	tcase_add_test(tc, a_source_has_a_budget_in_bytes);
	tcase_add_test(tc, the_table_has_a_budget_in_bytes);
	tcase_add_test(tc, a_flood_of_sources_without_a_mac_spares_those_with_one);
	tcase_add_test(tc, what_has_a_mac_is_spared_also_while_all_others_are_being_fetched);
	tcase_add_test(tc, a_newcomer_with_a_mac_replaces_what_is_made_up_before_others_with_a_mac);
	tcase_add_test(tc, a_newcomer_is_not_evicted_in_the_second_it_came);
	tcase_add_test(tc, a_flood_of_one_key_does_not_grow_its_device);
	tcase_add_test(tc, of_one_key_no_more_come_at_once_than_are_compared);
	tcase_add_test(tc, nothing_unverified_lives_long_while_the_memory_is_half_full);
	tcase_add_test(tc, a_victim_at_its_cap_gets_in_past_what_was_forged_in_its_name);
	tcase_add_loop_test(tc, a_device_needs_no_more_bytes_than_are_counted_for_it, 0, 2);
	tcase_add_test(tc, addresses_of_an_endpoint_are_within_its_budget);
	tcase_add_test(tc, nothing_is_charged_in_an_empty_table);
	tcase_add_test(tc, room_for_what_an_answer_joins_is_not_that_of_the_answering_one);
	suite_add_tcase(suite, tc);
	return suite;
}

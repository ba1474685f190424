/* SPDX-License-Identifier: ISC
 * Tests of table/table_observe: what each kind of sighting does, and what is reported of it. */
#include "base/array.h"
#include "base/mac.h"
#include "id_of.h"
#include "suites.h"
#include "table_fixture.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *name_of(const struct fixture *f, const char *id)
{
	static char buffer[ADDRESS_TEXT_MAX];
	return device_name(fixture_device(f, id), buffer);
}

START_TEST(what_comes_is_reported_at_once_where_there_is_nothing_to_read)
{
	struct fixture f;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_shout(1, "lamp"), 0, "+address:192.0.2.1%2 ");
	EXPECT(&f, fixture_shout(1, "lamp"), 0, "");
	EXPECT_LATER(&f, 1, "");
	fixture_fini(&f);
}
END_TEST

START_TEST(what_has_a_description_is_reported_when_that_was_read)
{
	struct fixture f;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_at("uuid:a", 1, "http://192.0.2.1/"), 0, "");
	fixture_advance(&f, MILLISECONDS(50));
	EXPECT(&f, fixture_described("uuid:a", 1, "tv"), 0, "+uuid:a ");
	EXPECT_LATER(&f, 1, "");
	fixture_fini(&f);
}
END_TEST

START_TEST(or_after_300_ms_and_then_what_it_said_is_one_update)
{
	struct fixture f;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_at("uuid:a", 1, "http://192.0.2.1/"), 0, "");
	EXPECT_LATER(&f, 0.299, "");
	EXPECT_LATER(&f, 0.002, "+uuid:a ");
	EXPECT(&f, fixture_described("uuid:a", 1, "tv"), 0, "");
	fixture_observe(&f, fixture_serves("uuid:a", 1, "urn:x:service:A:1"));
	fixture_observe(&f, fixture_serves("uuid:a", 1, "urn:x:service:B:1"));
	EXPECT_LATER(&f, 1, "~uuid:a(name,reachable,endpoints) ");
	fixture_fini(&f);
}
END_TEST

START_TEST(what_changes_and_changes_back_is_no_event)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_shout(1, "lamp"));
	EXPECT_TOLD(&f, "+address:192.0.2.1%2 ");
	fixture_observe(&f, fixture_shout(1, "light"));
	fixture_observe(&f, fixture_shout(1, "lamp"));
	EXPECT_LATER(&f, 1, "");
	fixture_fini(&f);
}
END_TEST

START_TEST(what_goes_before_it_was_reported_is_no_event)
{
	struct fixture f;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_at("uuid:a", 1, "http://192.0.2.1/"), 0, "");
	EXPECT(&f, fixture_event(SIGHTING_LEFT, "uuid:a", 1), 0, "");
	EXPECT_LATER(&f, 1, "");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_fact_goes_with_its_source)
{
	struct fixture f;
	struct sighting described = fixture_described("uuid:a", 1, "Television");
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_shout(1, "tv"));
	fixture_observe(&f, fixture_at("uuid:a", 1, "http://192.0.2.1/"));
	described.facts[FACT_MANUFACTURER] = SLICE("Acme");
	fixture_observe(&f, described);
	ck_assert_str_eq(name_of(&f, "uuid:a"), "Television");
	fixture_observe(&f, fixture_event(SIGHTING_LEFT, "uuid:a", 1));
	const struct device *device = table_find(f.table, SLICE("address:192.0.2.1%2"));
	char buffer[ADDRESS_TEXT_MAX];
	ck_assert_str_eq(device_name(device, buffer), "tv");
	ck_assert_ptr_null(device_fact(device, FACT_MANUFACTURER));
	ck_assert_uint_eq(device->endpoint_count, 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(two_instances_on_one_host_are_two_endpoints)
{
	struct fixture f;
	struct sighting laser = fixture_alive(NULL, 1), ink = fixture_alive(NULL, 1);
	fixture_init(&f, NULL);
	laser.key = key_of_name(SLICE("Laser._ipp._tcp.local"));
	laser.facts[FACT_NAME] = SLICE("Laser");
	ink.key = key_of_name(SLICE("Ink._ipp._tcp.local"));
	ink.facts[FACT_NAME] = SLICE("Ink");
	for (unsigned i = 0; i < 3; i++) {
		fixture_observe(&f, laser);
		fixture_observe(&f, ink);
	}
	fixture_advance(&f, SECONDS(1));
	ck_assert_uint_eq(table_device_count(f.table), 1);
	EXPECT_TOLD(&f, "+Laser._ipp._tcp.local ~Laser._ipp._tcp.local(endpoints) ");
	ink.event = SIGHTING_LEFT;
	fixture_observe(&f, ink);
	ck_assert_uint_eq(table_device_count(f.table), 1);
	ck_assert_uint_eq(table_endpoint_count(f.table), 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_service_is_found_by_a_name_that_the_table_writes_otherwise)
{
	struct fixture f;
	struct sighted_service service = {
	    .type = SLICE("_http._tcp"), .key = SLICE(" Web\x01 \xff "), .port = 80};
	struct sighting sighting = fixture_alive("uuid:a", 1);
	fixture_init(&f, NULL);
	sighting.services = &service;
	sighting.service_count = 1;
	for (unsigned i = 0; i < 3; i++)
		fixture_observe(&f, sighting);
	const struct endpoint *endpoint = fixture_endpoint(&f, "uuid:a");
	ck_assert_uint_eq(endpoint->service_count, 1);
	ck_assert_str_eq(endpoint->services[0].key, "Web \uFFFD");
	service.key = SLICE(" \x01 ");
	service.port = 81;
	fixture_observe(&f, sighting);
	ck_assert_uint_eq(endpoint->service_count, 1);
	ck_assert_uint_eq(endpoint->services[0].port, 80);
	service.key = SLICE(" Web\x01 \xff ");
	sighting.event = SIGHTING_LEFT;
	sighting.scope = SCOPE_SERVICE;
	fixture_observe(&f, sighting);
	ck_assert_uint_eq(endpoint->service_count, 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(one_service_of_many_leaves_alone)
{
	struct fixture f;
	struct sighting bye;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_serves("uuid:a", 1, "urn:x:service:A:1"));
	fixture_observe(&f, fixture_serves("uuid:a", 1, "urn:x:service:B:1"));
	fixture_observe(&f, fixture_serves("uuid:a", 1, "urn:x:service:C:1"));
	bye = fixture_serves("uuid:a", 1, "urn:x:service:B:1");
	bye.event = SIGHTING_LEFT;
	bye.scope = SCOPE_SERVICE;
	fixture_observe(&f, bye);
	const struct endpoint *endpoint = fixture_endpoint(&f, "uuid:a");
	ck_assert_uint_eq(endpoint->service_count, 2);
	ck_assert_str_eq(endpoint->services[0].type, "urn:x:service:A:1");
	ck_assert_str_eq(endpoint->services[1].type, "urn:x:service:C:1");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_group_leaves_as_one)
{
	struct fixture f;
	struct sighting bye = fixture_event(SIGHTING_LEFT, "uuid:a", 1);
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_at("uuid:a", 1, "http://192.0.2.1/"));
	fixture_observe(&f, fixture_at("uuid:b", 1, "http://192.0.2.1/"));
	fixture_observe(&f, fixture_at("uuid:c", 1, "http://192.0.2.1/other"));
	bye.scope = SCOPE_GROUP;
	fixture_observe(&f, bye);
	ck_assert_ptr_null(fixture_endpoint(&f, "uuid:a"));
	ck_assert_ptr_null(fixture_endpoint(&f, "uuid:b"));
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:c"));
	fixture_fini(&f);
}
END_TEST

START_TEST(a_goodbye_from_elsewhere_removes_nothing_but_has_it_asked)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	EXPECT_TOLD(&f, "+uuid:a ");
	EXPECT(&f, fixture_event(SIGHTING_LEFT, "uuid:a", 66), 0, "");
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp ");
	fixture_advance(&f, SECONDS(1));
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	EXPECT_LATER(&f, 10, "");
	EXPECT(&f, fixture_event(SIGHTING_LEFT, "uuid:a", 66), 0, "");
	EXPECT_LATER(&f, 3, "-uuid:a ");
	ck_assert_int_eq(fixture_observe(&f, fixture_event(SIGHTING_LEFT, "uuid:a", 1)), -ENOENT);
	fixture_fini(&f);
}
END_TEST

static struct sighting named(unsigned host, bool reflected)
{
	struct sighting sighting = fixture_alive(NULL, host);

	sighting.key = key_of_name(SLICE("tv.local"));
	sighting.reflected = reflected;
	return sighting;
}

/* RFC 6762, 9: a name is that of one host of the link, which may have moved. */
START_TEST(a_name_that_is_said_elsewhere_is_asked_where_it_was)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, named(1, false));
	fixture_observe(&f, named(2, false));
	EXPECT_ASKED(&f, "tv.local@192.0.2.1/ssdp ");
	fixture_observe(&f, named(1, false));
	fixture_advance(&f, SECONDS(4));
	ck_assert_uint_eq(table_device_count(f.table), 2);
	fixture_advance(&f, SECONDS(10));
	fixture_observe(&f, named(3, false));
	ck_assert_uint_eq(fixture_counter(&f, "questions"), 3);
	fixture_observe(&f, named(1, false));
	fixture_advance(&f, SECONDS(4));
	ck_assert_uint_eq(table_device_count(f.table), 2);
	fixture_advance(&f, SECONDS(10));
	fixture_observe(&f, named(4, true)); /* which repeats what it has heard */
	ck_assert_uint_eq(fixture_counter(&f, "questions"), 3);
	fixture_fini(&f);
}
END_TEST

static struct sighting answer(const char *id, unsigned host)
{
	struct sighting sighting = fixture_alive(id, host);
	sighting.answers_us = true;
	return sighting;
}

static void verify(struct fixture *f, const char *id)
{
	uint64_t number = endpoint_number(fixture_endpoint(f, id));
	ck_assert_int_eq(table_set_reachable(f->table, f->now, number, true), 0);
}

START_TEST(what_says_goodbye_goes_at_once_and_is_asked_once)
{
	struct fixture f;
	const struct sighting bye = fixture_event(SIGHTING_LEFT, "uuid:a", 1);
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	EXPECT(&f, bye, 0, "+uuid:a -uuid:a ");
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp ");
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	verify(&f, "uuid:a");
	fixture_advance(&f, SECONDS(5));
	EXPECT_TOLD(&f, "+uuid:a ~uuid:a(reachable) ");
	EXPECT(&f, bye, 0, "-uuid:a ");
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp ");
	EXPECT(&f, bye, -ENOENT, "");
	EXPECT_LATER(&f, 20, "");
	EXPECT_ASKED(&f, "");
	fixture_fini(&f);
}
END_TEST

START_TEST(what_comes_and_goes_all_the_time_is_asked_and_stays_when_it_answers)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	verify(&f, "uuid:a");
	for (unsigned i = 0; i < 100; i++) {
		char asked[1024];
		fixture_observe(&f, fixture_event(SIGHTING_LEFT, "uuid:a", 1));
		ck_assert((fixture_asked(&f, asked)[0] != 0) == (i % 50 == 0));
		fixture_advance(&f, MILLISECONDS(100));
		fixture_observe(&f, fixture_alive("uuid:a", 1));
	}
	fixture_observe(&f, fixture_event(SIGHTING_LEFT, "uuid:a", 1));
	for (unsigned i = 0; i < 20; i++) {
		fixture_advance(&f, MILLISECONDS(100));
		fixture_observe(&f, fixture_alive("uuid:a", 1));
		fixture_observe(&f, fixture_event(SIGHTING_LEFT, "uuid:a", 1));
	}
	fixture_observe(&f, answer("uuid:a", 1));
	fixture_observe(&f, fixture_event(SIGHTING_LEFT, "uuid:a", 1));
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:a"));
	fixture_fini(&f);
}
END_TEST

START_TEST(what_was_never_verified_is_asked_within_a_limit_and_is_not_verified_by_that)
{
	struct fixture f;
	char id[32], asked[1024], told[8192];
	unsigned questions = 0;
	fixture_init(&f, NULL);
	fixture_observe(&f, answer("uuid:a", 1));
	fixture_observe(&f, fixture_event(SIGHTING_LEFT, "uuid:a", 1));
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp ");
	fixture_advance(&f, SECONDS(2));
	fixture_observe(&f, answer("uuid:a", 1));
	fixture_observe(&f, fixture_event(SIGHTING_LEFT, "uuid:a", 1));
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp ");
	ck_assert(!fixture_endpoint(&f, "uuid:a")->verified);
	for (unsigned i = 2; i < 200; i++) {
		snprintf(id, sizeof(id), "uuid:%u", i);
		fixture_observe(&f, fixture_alive(id, i));
		fixture_observe(&f, fixture_event(SIGHTING_LEFT, id, i));
		questions += fixture_asked(&f, asked)[0] != '\0';
	}
	fixture_told(&f, told);
	ck_assert_uint_ge(questions, 60);
	ck_assert_uint_le(questions, 64);
	/* What has answered after a goodbye stays when too many others are asked. */
	for (unsigned i = 0; i < 20; i++)
		fixture_observe(&f, fixture_event(SIGHTING_LEFT, "uuid:a", 1));
	fixture_advance(&f, SECONDS(3));
	fixture_observe(&f, answer("uuid:a", 1));
	EXPECT_LATER(&f, 20, "");
	fixture_fini(&f);
}
END_TEST

START_TEST(what_answers_after_a_goodbye_is_asked_before_it_goes)
{
	struct fixture f;
	const struct sighting bye = fixture_event(SIGHTING_LEFT, "uuid:a", 1);
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	verify(&f, "uuid:a");
	fixture_observe(&f, bye);
	/* An answer to another question is none. */
	fixture_advance(&f, SECONDS(2) - 1);
	fixture_observe(&f, answer("uuid:a", 1));
	fixture_observe(&f, bye);
	ck_assert_ptr_null(fixture_endpoint(&f, "uuid:a"));
	fixture_advance(&f, SECONDS(2));
	fixture_observe(&f, answer("uuid:a", 1));
	EXPECT_TOLD(&f, "+uuid:a -uuid:a +uuid:a -uuid:a +uuid:a ");
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp ");
	ck_assert(fixture_endpoint(&f, "uuid:a")->verified);
	/* Whatever the common limit is: once a second at most. It answers after two. */
	unsigned questions = 0;
	for (unsigned i = 0; i < 600; i++) {
		char asked[1024];
		fixture_observe(&f, bye);
		questions += fixture_asked(&f, asked)[0] != '\0';
		fixture_advance(&f, MILLISECONDS(250));
		if (i % 8 == 7)
			fixture_observe(&f, answer("uuid:a", 1));
		ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:a"));
	}
	ck_assert_uint_ge(questions, 600 / 4 / 4);
	ck_assert_uint_le(questions, 600 / 4);
	EXPECT_TOLD(&f, "");
	fixture_advance(&f, SECONDS(1));
	fixture_observe(&f, bye);
	EXPECT_LATER(&f, 5, "-uuid:a ");
	/* Ten minutes after the last answer to one it is believed again. */
	fixture_observe(&f, answer("uuid:a", 1));
	verify(&f, "uuid:a");
	fixture_advance(&f, SECONDS(600));
	fixture_observe(&f, bye);
	ck_assert_ptr_null(fixture_endpoint(&f, "uuid:a"));
	fixture_fini(&f);
}
END_TEST

START_TEST(what_may_be_named_by_its_mac_is_reported_when_that_may_be_known)
{
	struct sighting shout = fixture_shout(1, "lamp"), other = fixture_shout(2, "switch");
	struct fixture f;

	fixture_init(&f, NULL);
	shout.mac_awaited = other.mac_awaited = true;
	EXPECT(&f, shout, 0, "");
	EXPECT(&f, other, 0, "");
	fixture_learn(&f, 1, 7);
	fixture_advance(&f, MILLISECONDS(300));
	ck_assert_ptr_nonnull(fixture_device(&f, "mac:02:00:00:00:00:07"));
	ck_assert_ptr_nonnull(fixture_device(&f, "address:192.0.2.2%2"));
	fixture_fini(&f);
}
END_TEST

START_TEST(what_has_answered_is_asked_before_its_lifetime_ends)
{
	struct fixture f;

	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_observe(&f, fixture_alive("uuid:b", 2));
	verify(&f, "uuid:a");
	fixture_advance(&f, SECONDS(1789));
	EXPECT_ASKED(&f, "");
	fixture_advance(&f, SECONDS(1));
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp! ");
	EXPECT_TOLD(&f, "+uuid:a +uuid:b ~uuid:a(reachable) ");
	/* it answers, and has another lifetime */
	fixture_observe(&f, answer("uuid:a", 1));
	fixture_advance(&f, SECONDS(10));
	EXPECT_TOLD(&f, "-uuid:b ");
	fixture_advance(&f, SECONDS(1779));
	EXPECT_ASKED(&f, "");
	/* what announces itself in time is not asked */
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_advance(&f, SECONDS(1789));
	EXPECT_ASKED(&f, "");
	/* it is silent, and goes when it had to */
	fixture_advance(&f, SECONDS(1));
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp! ");
	EXPECT_TOLD(&f, "");
	fixture_advance(&f, SECONDS(10));
	EXPECT_TOLD(&f, "-uuid:a ");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_goodbye_soon_after_a_question_about_another_one_is_believed_when_that_is_silent)
{
	struct fixture f;
	const struct sighting bye = fixture_event(SIGHTING_LEFT, "uuid:a", 1);
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	verify(&f, "uuid:a");
	fixture_observe(&f, bye);
	fixture_advance(&f, SECONDS(3));
	fixture_observe(&f, answer("uuid:a", 1));
	fixture_advance(&f, SECONDS(2));
	/* As at a start, and then a stop. */
	fixture_observe(&f, bye);
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp uuid:a@192.0.2.1/ssdp! ");
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_advance(&f, MILLISECONDS(100));
	fixture_observe(&f, bye);
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp! ");
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:a"));
	fixture_advance(&f, SECONDS(5));
	ck_assert_ptr_null(fixture_endpoint(&f, "uuid:a"));
	fixture_fini(&f);
}
END_TEST

START_TEST(a_goodbye_before_a_restart_makes_the_next_one_no_doubt)
{
	struct fixture f;
	const struct sighting bye = fixture_event(SIGHTING_LEFT, "uuid:a", 1);
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_epoch(fixture_alive("uuid:a", 1), 1));
	verify(&f, "uuid:a");
	fixture_observe(&f, bye);
	fixture_observe(&f, fixture_with_epoch(fixture_alive("uuid:a", 1), 2));
	fixture_advance(&f, SECONDS(3));
	fixture_observe(&f, fixture_with_epoch(answer("uuid:a", 1), 2));
	ck_assert(fixture_endpoint(&f, "uuid:a")->verified);
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp ");
	fixture_observe(&f, fixture_with_epoch(fixture_alive("uuid:a", 1), 3));
	fixture_observe(&f, bye);
	ck_assert_ptr_null(fixture_endpoint(&f, "uuid:a"));
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp ");
	/* It was a forger that made it seem so. */
	fixture_advance(&f, SECONDS(3));
	fixture_observe(&f, fixture_with_epoch(answer("uuid:a", 1), 2));
	fixture_observe(&f, bye);
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:a"));
	fixture_fini(&f);
}
END_TEST

START_TEST(the_page_of_what_answers_nothing_else_is_read_before_it_goes)
{
	struct fixture f;
	char told[2048];
	const struct sighting described = fixture_described("uuid:a", 1, "a");
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_at("uuid:a", 1, "http://192.0.2.1/"));
	fixture_observe(&f, described);
	for (unsigned host = 66; host > 0; host = host == 66 ? 1 : 0) {
		fixture_advance(&f, SECONDS(20));
		fixture_told(&f, told);
		f.checked[0] = '\0';
		fixture_observe(&f, fixture_event(SIGHTING_LEFT, "uuid:a", host));
		EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp! ");
		ck_assert_str_eq(f.checked, "http://192.0.2.1/ ");
		fixture_advance(&f, SECONDS(1));
		fixture_observe(&f, described);
		EXPECT_LATER(&f, 10, "");
	}
	fixture_observe(&f, fixture_event(SIGHTING_LEFT, "uuid:a", 1));
	EXPECT_LATER(&f, 5, "-uuid:a ");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_group_that_said_goodbye_is_asked_one_by_one)
{
	struct fixture f;
	struct sighting bye = fixture_event(SIGHTING_LEFT, "uuid:a", 1);
	fixture_init(&f, NULL);
	bye.scope = SCOPE_GROUP;
	fixture_observe(&f, fixture_at("uuid:a", 1, "http://192.0.2.1/"));
	fixture_observe(&f, fixture_at("uuid:b", 1, "http://192.0.2.1/"));
	fixture_observe(&f, fixture_described("uuid:a", 1, "a"));
	fixture_observe(&f, fixture_described("uuid:b", 1, "b"));
	fixture_observe(&f, bye);
	ck_assert_uint_eq(table_endpoint_count(f.table), 0);
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp uuid:b@192.0.2.1/ssdp ");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_restart_has_everything_read_again)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_epoch(fixture_at("uuid:a", 1, "http://192.0.2.1:80/"), 1));
	fixture_observe(&f, fixture_described("uuid:a", 1, "tv"));
	fixture_observe(&f, fixture_serves("uuid:a", 1, "urn:x:service:A:1"));
	fixture_observe(&f, fixture_with_epoch(fixture_at("uuid:a", 1, "http://192.0.2.1:81/"), 2));
	const struct endpoint *endpoint = fixture_endpoint(&f, "uuid:a");
	ck_assert_uint_eq(endpoint->service_count, 0);
	ck_assert(!endpoint->described);
	ck_assert_str_eq(endpoint_fact(endpoint, FACT_NAME), "tv");
	ck_assert_str_eq(endpoint->url, "http://192.0.2.1:81/");
	ck_assert_uint_eq(fixture_counter(&f, "restarts"), 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(an_announced_renumbering_is_no_restart)
{
	struct fixture f;
	struct sighting update = fixture_event(SIGHTING_RENUMBERS, "uuid:a", 1);
	fixture_init(&f, NULL);
	ck_assert_int_eq(fixture_observe(&f, update), -ENOENT);
	fixture_observe(&f, fixture_with_epoch(fixture_alive("uuid:a", 1), 1));
	fixture_observe(&f, fixture_serves("uuid:a", 1, "urn:x:service:A:1"));
	update.epoch = (struct sighting_number){true, 1};
	update.next_epoch = (struct sighting_number){true, 2};
	ck_assert_int_eq(fixture_observe(&f, update), 0);
	/* an answer to a search, sent before the device is announced with the new number */
	fixture_observe(&f, fixture_with_epoch(fixture_alive("uuid:a", 1), 1));
	ck_assert_int_eq(fixture_observe(&f, update), 0);
	fixture_observe(&f, fixture_with_epoch(fixture_alive("uuid:a", 1), 2));
	ck_assert_uint_eq(fixture_endpoint(&f, "uuid:a")->service_count, 1);
	ck_assert_uint_eq(fixture_endpoint(&f, "uuid:a")->epoch, 2);
	ck_assert_uint_eq(fixture_counter(&f, "restarts"), 0);
	update.from = address_ipv4(192, 0, 2, 66);
	ck_assert_int_eq(fixture_observe(&f, update), -ENOENT);
	fixture_fini(&f);
}
END_TEST

START_TEST(the_first_type_stays_until_the_description_tells)
{
	struct fixture f;
	struct sighting alive = fixture_with_epoch(fixture_alive("uuid:a", 1), 1);
	struct sighting described = fixture_described("uuid:a", 1, "tv");
	fixture_init(&f, NULL);
	alive.facts[FACT_TYPE] = SLICE("urn:x:device:Root:1");
	fixture_observe(&f, alive);
	alive.facts[FACT_TYPE] = SLICE("urn:x:device:Embedded:1");
	fixture_observe(&f, alive);
	ck_assert_str_eq(
	    endpoint_fact(fixture_endpoint(&f, "uuid:a"), FACT_TYPE), "urn:x:device:Root:1");
	described.facts[FACT_TYPE] = SLICE("urn:x:device:True:1");
	fixture_observe(&f, described);
	fixture_observe(&f, alive);
	ck_assert_str_eq(
	    endpoint_fact(fixture_endpoint(&f, "uuid:a"), FACT_TYPE), "urn:x:device:True:1");
	alive.epoch.value = 2;
	fixture_observe(&f, alive);
	ck_assert_str_eq(
	    endpoint_fact(fixture_endpoint(&f, "uuid:a"), FACT_TYPE), "urn:x:device:Embedded:1");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_question_promises_nothing)
{
	struct fixture f;
	struct sighting asked = fixture_event(SIGHTING_ASKED, NULL, 1);
	fixture_init(&f, NULL);
	asked.lifetime = SECONDS(300);
	asked.facts[FACT_NAME] = SLICE("phone");
	fixture_observe(&f, asked);
	const struct device *device = table_find(f.table, SLICE("address:192.0.2.1%2"));
	ck_assert_int_eq(device_kind(device), DEVICE_KIND_CONTROL_POINT);
	asked.facts[FACT_NAME] = SLICE("another program");
	fixture_observe(&f, asked);
	ck_assert_str_eq(endpoint_fact(TAILQ_FIRST(&device->endpoints), FACT_NAME), "phone");
	fixture_observe(&f, fixture_alive(NULL, 1));
	ck_assert_int_eq(device_kind(device), DEVICE_KIND_DEVICE);
	asked.lifetime = SECONDS(30);
	fixture_observe(&f, asked);
	fixture_advance(&f, SECONDS(1000));
	ck_assert_uint_eq(table_device_count(f.table), 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_description_takes_back_what_an_earlier_one_said)
{
	struct fixture f;
	struct sighting described = fixture_described("uuid:a", 1, "tv");
	struct sighted_service services[] = {
	    {.type = SLICE("urn:x:service:A:1"), .url = SLICE("http://192.0.2.1/a")},
	    {.type = SLICE("urn:x:service:B:1"), .key = SLICE("urn:x:serviceId:B")},
	};
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_serves("uuid:a", 1, "urn:x:service:A:1"));
	described.facts[FACT_MODEL] = SLICE("M1");
	described.services = services;
	described.service_count = 2;
	fixture_observe(&f, described);
	const struct endpoint *endpoint = fixture_endpoint(&f, "uuid:a");
	ck_assert_uint_eq(endpoint->service_count, 2);
	ck_assert_str_eq(endpoint->services[0].url, "http://192.0.2.1/a");
	described.facts[FACT_MODEL] = SLICE_NONE;
	described.service_count = 0;
	described.partial = true;
	fixture_observe(&f, described);
	ck_assert_msg(endpoint_fact(endpoint, FACT_MODEL) != NULL, "a part takes nothing back");
	ck_assert_uint_eq(endpoint->service_count, 2);
	described.partial = false;
	fixture_observe(&f, described);
	ck_assert_ptr_null(endpoint_fact(endpoint, FACT_MODEL));
	ck_assert_uint_eq(endpoint->service_count, 1);
	ck_assert_str_eq(endpoint->services[0].type, "urn:x:service:A:1");
	fixture_fini(&f);
}
END_TEST

START_TEST(of_two_descriptions_in_turn_the_first_that_was_read_stands)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_at("uuid:a", 1, "http://192.0.2.1/one"));
	fixture_observe(&f, fixture_described("uuid:a", 1, "tv"));
	EXPECT_TOLD(&f, "+uuid:a ");
	for (unsigned i = 0; i < 10; i++) {
		fixture_observe(&f, fixture_at("uuid:a", 1, "http://192.0.2.1/two"));
		fixture_observe(&f, fixture_at("uuid:a", 1, "http://192.0.2.1/one"));
		fixture_advance(&f, SECONDS(1));
	}
	EXPECT_TOLD(&f, "");
	ck_assert_str_eq(f.checked, "http://192.0.2.1/one ");
	ck_assert_str_eq(fixture_endpoint(&f, "uuid:a")->url, "http://192.0.2.1/one");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_description_that_does_not_answer_any_more_gives_way)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_at("uuid:a", 1, "http://192.0.2.1:1000/"));
	fixture_observe(&f, fixture_described("uuid:a", 1, "tv"));
	fixture_observe(&f, fixture_at("uuid:a", 1, "http://192.0.2.1:2000/"));
	ck_assert_str_eq(f.checked, "http://192.0.2.1:1000/ ");
	table_set_reachable(f.table, f.now, endpoint_number(fixture_endpoint(&f, "uuid:a")), false);
	ck_assert_str_eq(fixture_endpoint(&f, "uuid:a")->url, "http://192.0.2.1:2000/");
	fixture_fini(&f);
}
END_TEST

/* Its id is made from what the kernel knows, until the device announces one. */
START_TEST(a_neighbour_becomes_the_device_that_announces_itself_there)
{
	struct fixture f;
	struct address address = address_ipv4(192, 0, 2, 7);
	struct mac mac = {{2, 0, 0, 0, 0, 7}, true};
	fixture_init(&f, NULL);
	table_neighbour(f.table, f.now, &FIXTURE_NEIGHBOUR, 2, &address, &mac, SLICE_NONE);
	EXPECT_TOLD(&f, "+mac:02:00:00:00:00:07 ");
	const struct device *device = table_find(f.table, SLICE("mac:02:00:00:00:00:07"));
	ck_assert_int_eq(device_kind(device), DEVICE_KIND_NEIGHBOUR);
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 7), 7));
	EXPECT_LATER(&f, 1, "-mac:02:00:00:00:00:07>uuid:a +uuid:a ");
	device = fixture_device(&f, "uuid:a");
	ck_assert_int_eq(device_kind(device), DEVICE_KIND_DEVICE);
	ck_assert_uint_eq(device->endpoint_count, 2);
	fixture_fini(&f);
}
END_TEST

/* What it announced goes; the kernel's word for it stays, and it keeps its id. */
START_TEST(a_device_whose_endpoints_leave_is_a_neighbour_with_the_same_id)
{
	struct fixture f;
	struct address address = address_ipv4(192, 0, 2, 7);
	struct mac mac = {{2, 0, 0, 0, 0, 7}, true};
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 7), 7));
	EXPECT_LATER(&f, 1, "+uuid:a ");
	table_neighbour(f.table, f.now, &FIXTURE_NEIGHBOUR, 2, &address, &mac, SLICE_NONE);
	EXPECT_LATER(&f, 1, "");
	struct sighting left = fixture_with_mac(fixture_alive("uuid:a", 7), 7);
	left.event = SIGHTING_LEFT;
	fixture_observe(&f, left);
	EXPECT_TOLD(&f, "<uuid:a ");
	EXPECT_LATER(&f, 1, "~uuid:a(kind,protocols,endpoints) ");
	ck_assert_int_eq(device_kind(fixture_device(&f, "uuid:a")), DEVICE_KIND_NEIGHBOUR);
	EXPECT_LATER(&f, 601, "-uuid:a ");
	fixture_fini(&f);
}
END_TEST

static const char *find_name(void *context, const struct mac *mac)
{
	return mac->bytes[5] == 7 ? context : NULL;
}

static const char *shown_name(const struct fixture *f, const char *id, char text[ADDRESS_TEXT_MAX])
{
	return device_name(fixture_device(f, id), text);
}

/* The name in a lease names what has no better one. */
START_TEST(a_lease_names_a_neighbour_and_what_announces_no_name)
{
	struct fixture f;
	struct address address = address_ipv4(192, 0, 2, 7);
	struct mac mac = {{2, 0, 0, 0, 0, 7}, true};
	char text[ADDRESS_TEXT_MAX], lease[] = "laptop", renewed[] = "notebook";
	struct sighting said = fixture_with_mac(fixture_alive("uuid:a", 7), 7);

	fixture_init(&f, NULL);
	table_neighbour(f.table, f.now, &FIXTURE_NEIGHBOUR, 2, &address, &mac, slice_of(lease));
	EXPECT_TOLD(&f, "+mac:02:00:00:00:00:07 ");
	ck_assert_str_eq(shown_name(&f, "mac:02:00:00:00:00:07", text), "laptop");
	table_learn_names(f.table, f.now, find_name, renewed);
	EXPECT_LATER(&f, 1, "~mac:02:00:00:00:00:07(name,host_names,endpoints) ");
	ck_assert_str_eq(shown_name(&f, "mac:02:00:00:00:00:07", text), "notebook");
	table_learn_names(f.table, f.now, find_name, renewed);
	EXPECT_LATER(&f, 1, "");
	fixture_observe(&f, said);
	EXPECT_LATER(&f, 1, "-mac:02:00:00:00:00:07>uuid:a +uuid:a ");
	ck_assert_str_eq(shown_name(&f, "uuid:a", text), "notebook");
	said.facts[FACT_HOST_NAME] = SLICE("tv");
	fixture_observe(&f, said);
	ck_assert_str_eq(shown_name(&f, "uuid:a", text), "tv");
	EXPECT_LATER(&f, 1, "~uuid:a(name,host_names,endpoints) ");
	table_learn_names(f.table, f.now, find_name, NULL);
	EXPECT_LATER(&f, 1, "~uuid:a(host_names) ");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_link_takes_what_was_seen_there_along)
{
	struct fixture f;
	struct sighting other = fixture_alive("uuid:a", 9);
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_observe(&f, fixture_alive("uuid:b", 5));
	other.link = 3;
	fixture_observe(&f, other);
	EXPECT_LATER(&f, 1, "+uuid:a +uuid:b ~uuid:a(addresses,endpoints) ");
	table_drop_link(f.table, f.now, 2);
	EXPECT_LATER(&f, 1, "-uuid:b ~uuid:a(name,addresses,endpoints) ");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_cursor_passes_over_what_goes_and_meets_what_comes)
{
	struct fixture f;
	struct table_cursor cursor;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_observe(&f, fixture_alive("uuid:b", 2));
	fixture_observe(&f, fixture_alive("uuid:c", 3));
	table_cursor_open(&cursor, f.table);
	ck_assert_str_eq(ID_OF(table_cursor_next(&cursor)), "uuid:a");
	fixture_observe(&f, fixture_event(SIGHTING_LEFT, "uuid:b", 2));
	ck_assert_str_eq(ID_OF(table_cursor_next(&cursor)), "uuid:c");
	ck_assert_ptr_null(table_cursor_next(&cursor));
	fixture_observe(&f, fixture_alive("uuid:d", 4));
	ck_assert_str_eq(ID_OF(table_cursor_next(&cursor)), "uuid:d");
	ck_assert_ptr_null(table_cursor_next(&cursor));
	table_cursor_close(&cursor);
	fixture_fini(&f);
}
END_TEST

/* A uuid is kept by its bytes, and its id is as the others are. */
START_TEST(an_id_is_found_in_any_case_and_in_no_other_form)
{
	static const char *const IDS[] = {"uuid:0123abcd-0000-4000-8000-00000000abcd",
	    "uuid:urn:0123abcd000040008000000000000000", "uuid:Socket-1_0"};
	struct fixture f;
	char upper[64];
	fixture_init(&f, NULL);
	for (unsigned i = 0; i < COUNT_OF(IDS); i++) {
		fixture_observe(&f, fixture_alive(IDS[i], i + 1));
		const struct device *device = table_find(f.table, slice_of(IDS[i]));
		ck_assert_ptr_nonnull(device);
		ck_assert_str_eq(ID_OF(device), IDS[i]);
		for (size_t k = 0; k <= strlen(IDS[i]); k++)
			upper[k] = (char)toupper(IDS[i][k]);
		ck_assert_ptr_eq(table_find(f.table, slice_of(upper)), device);
	}
	ck_assert_ptr_null(table_find(f.table, SLICE("0123abcd-0000-4000-8000-00000000abcd")));
	ck_assert_ptr_null(table_find(f.table, SLICE("uuid:0123abcd00004000800000000000abcd")));
	ck_assert_ptr_null(table_find(f.table, SLICE("uuid:0123abcd000040008000000000000000")));
	fixture_fini(&f);
}
END_TEST

START_TEST(a_name_is_never_empty)
{
	struct fixture f;
	struct sighting described = fixture_described("uuid:a", 1, "");
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	ck_assert_str_eq(name_of(&f, "uuid:a"), "192.0.2.1");
	described.facts[FACT_MANUFACTURER] = SLICE("Acme");
	fixture_observe(&f, described);
	ck_assert_str_eq(name_of(&f, "uuid:a"), "Acme");
	described.facts[FACT_MODEL] = SLICE("M1");
	fixture_observe(&f, described);
	ck_assert_str_eq(name_of(&f, "uuid:a"), "M1");
	fixture_fini(&f);
}
END_TEST

Suite *table_observe_suite(void)
{
	Suite *suite = suite_create("model/table_observe");
	TCase *tc = tcase_create("observe");
	tcase_add_test(tc, what_comes_is_reported_at_once_where_there_is_nothing_to_read);
	tcase_add_test(tc, what_has_a_description_is_reported_when_that_was_read);
	tcase_add_test(tc, or_after_300_ms_and_then_what_it_said_is_one_update);
	tcase_add_test(tc, what_changes_and_changes_back_is_no_event);
	tcase_add_test(tc, what_goes_before_it_was_reported_is_no_event);
	tcase_add_test(tc, a_fact_goes_with_its_source);
	tcase_add_test(tc, two_instances_on_one_host_are_two_endpoints);
	tcase_add_test(tc, a_service_is_found_by_a_name_that_the_table_writes_otherwise);
	tcase_add_test(tc, one_service_of_many_leaves_alone);
	tcase_add_test(tc, a_group_leaves_as_one);
	tcase_add_test(tc, a_goodbye_from_elsewhere_removes_nothing_but_has_it_asked);
	tcase_add_test(tc, a_name_that_is_said_elsewhere_is_asked_where_it_was);
	tcase_add_test(tc, what_says_goodbye_goes_at_once_and_is_asked_once);
	tcase_add_test(tc, what_comes_and_goes_all_the_time_is_asked_and_stays_when_it_answers);
	tcase_add_test(
	    tc, what_was_never_verified_is_asked_within_a_limit_and_is_not_verified_by_that);
	tcase_add_test(tc, what_answers_after_a_goodbye_is_asked_before_it_goes);
	tcase_add_test(tc, what_may_be_named_by_its_mac_is_reported_when_that_may_be_known);
	tcase_add_test(tc, what_has_answered_is_asked_before_its_lifetime_ends);
	tcase_add_test(
	    tc, a_goodbye_soon_after_a_question_about_another_one_is_believed_when_that_is_silent);
	tcase_add_test(tc, a_goodbye_before_a_restart_makes_the_next_one_no_doubt);
	tcase_add_test(tc, the_page_of_what_answers_nothing_else_is_read_before_it_goes);
	tcase_add_test(tc, a_group_that_said_goodbye_is_asked_one_by_one);
	tcase_add_test(tc, a_restart_has_everything_read_again);
	tcase_add_test(tc, an_announced_renumbering_is_no_restart);
	tcase_add_test(tc, the_first_type_stays_until_the_description_tells);
	tcase_add_test(tc, a_question_promises_nothing);
	tcase_add_test(tc, a_description_takes_back_what_an_earlier_one_said);
	tcase_add_test(tc, of_two_descriptions_in_turn_the_first_that_was_read_stands);
	tcase_add_test(tc, a_description_that_does_not_answer_any_more_gives_way);
	tcase_add_test(tc, a_neighbour_becomes_the_device_that_announces_itself_there);
	tcase_add_test(tc, a_device_whose_endpoints_leave_is_a_neighbour_with_the_same_id);
	tcase_add_test(tc, a_lease_names_a_neighbour_and_what_announces_no_name);
	tcase_add_test(tc, a_link_takes_what_was_seen_there_along);
	tcase_add_test(tc, a_cursor_passes_over_what_goes_and_meets_what_comes);
	tcase_add_test(tc, an_id_is_found_in_any_case_and_in_no_other_form);
	tcase_add_test(tc, a_name_is_never_empty);
	suite_add_tcase(suite, tc);
	return suite;
}

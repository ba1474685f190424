/* SPDX-License-Identifier: ISC
 * Tests of model/table_presence: services, their expiry and their cap. */
#include "model/table_fixture.h"
#include "suites.h"
#include <stdio.h>
#include <string.h>

START_TEST(a_service_is_added_once_and_refreshed)
{
	struct fixture f;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, "+uuid:a ");
	EXPECT(&f, fixture_serves("uuid:a", 1, "urn:a:service:b:1"), 0, "~uuid:a ");
	EXPECT(&f, fixture_serves("uuid:a", 1, "urn:a:service:b:1"), 0, ".uuid:a ");
	EXPECT(&f, fixture_serves("uuid:a", 1, "urn:a:service:b:2"), 0, "~uuid:a ");
	const struct device *device = fixture_device(&f, "uuid:a");
	ck_assert_uint_eq(device->service_count, 2);
	ck_assert_str_eq(device->services[0].type, "urn:a:service:b:1");
	ck_assert_ptr_null(device->services[0].usn);
	ck_assert_str_eq(device->services[0].protocol, "ssdp");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_usn_is_kept_whether_it_ends_with_the_type_or_not)
{
	struct fixture f;
	struct sighting sighting = fixture_serves("uuid:a", 1, "urn:a:service:b:1");
	fixture_init(&f, NULL);
	sighting.usn = SLICE("uuid:a::urn:a:service:b:1");
	EXPECT(&f, sighting, 0, "+uuid:a ");
	const struct device *device = fixture_device(&f, "uuid:a");
	ck_assert_str_eq(device->services[0].usn, "uuid:a::urn:a:service:b:1");
	ck_assert_str_eq(device->services[0].type, "urn:a:service:b:1");
	sighting.usn = SLICE("odd");
	EXPECT(&f, sighting, 0, "~uuid:a ");
	EXPECT(&f, sighting, 0, ".uuid:a ");
	ck_assert_str_eq(device->services[0].usn, "odd");
	ck_assert_str_eq(device->services[0].type, "urn:a:service:b:1");
	sighting.usn = SLICE_NONE;
	EXPECT(&f, sighting, 0, ".uuid:a ");
	ck_assert_str_eq(device->services[0].usn, "odd");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_service_that_nobody_vouches_for_expires_by_itself)
{
	struct fixture f;
	struct sighting serves = fixture_serves("uuid:a", 1, "urn:a:service:b:1");
	serves.lifetime = SECONDS(60);
	fixture_init(&f, NULL);
	EXPECT(&f, serves, 0, "+uuid:a ");
	EXPECT(&f, fixture_alive("uuid:a", 1), 0, ".uuid:a ");
	ck_assert_int_eq(instant_since(table_deadline(f.table), f.now), SECONDS(60));
	fixture_advance(&f, SECONDS(60) - 1);
	EXPECT_TOLD(&f, "");
	fixture_advance(&f, 1);
	EXPECT_TOLD(&f, "~uuid:a ");
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->service_count, 0);
	fixture_fini(&f);
}
END_TEST

/* In the order of `order`, one each minute: what is left stays whole and in its order. */
static void expire_services_in(const unsigned order[3])
{
	static const char *const TYPES[] = {
	    "urn:a:service:one:1", "urn:a:service:second:1", "urn:a:service:number-three:1"};
	struct fixture f;
	bool there[3] = {true, true, true};
	fixture_init(&f, NULL);
	for (size_t i = 0; i < 3; i++) {
		struct sighting serves = fixture_serves("uuid:a", 1, TYPES[i]);
		char usn[64];
		snprintf(usn, sizeof(usn), "uuid:a::%s", TYPES[i]);
		serves.usn = slice_of(usn);
		for (size_t minute = 0; minute < 3; minute++)
			if (order[minute] == i)
				serves.lifetime = SECONDS(60) * (int64_t)(minute + 1);
		fixture_observe(&f, serves);
	}
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	for (size_t minute = 0; minute < 3; minute++) {
		fixture_advance(&f, SECONDS(60));
		there[order[minute]] = false;
		const struct device *device = fixture_device(&f, "uuid:a");
		size_t at = 0;
		for (size_t i = 0; i < 3; i++) {
			if (!there[i])
				continue;
			ck_assert_uint_lt(at, device->service_count);
			ck_assert_str_eq(device->services[at].type, TYPES[i]);
			ck_assert_str_eq(device->services[at].usn + strlen("uuid:a::"), TYPES[i]);
			at++;
		}
		ck_assert_uint_eq(device->service_count, at);
	}
	fixture_fini(&f);
}

START_TEST(services_expire_in_any_order_and_leave_the_others_whole)
{
	static const unsigned ORDERS[][3] = {
	    {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	expire_services_in(ORDERS[_i]);
}
END_TEST

START_TEST(services_are_capped_and_counted)
{
	struct fixture f;
	char type[32];
	fixture_init(&f, NULL);
	for (int i = 0; i < DEVICE_SERVICES_MAX + 3; i++) {
		snprintf(type, sizeof(type), "urn:a:service:s%d:1", i);
		ck_assert_int_eq(fixture_observe(&f, fixture_serves("uuid:a", 1, type)), 0);
	}
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->service_count, DEVICE_SERVICES_MAX);
	ck_assert_uint_eq(fixture_counter(&f, "services-refused"), 3);
	for (int i = 0; i < DEVICE_SERVICES_MAX; i++) {
		snprintf(type, sizeof(type), "urn:a:service:s%d:1", i);
		ck_assert_str_eq(fixture_device(&f, "uuid:a")->services[i].type, type);
	}
	/* A known one is still refreshed. */
	ck_assert_int_eq(fixture_observe(&f, fixture_serves("uuid:a", 1, "urn:a:service:s0:1")), 0);
	ck_assert_uint_eq(fixture_counter(&f, "services-refused"), 3);
	fixture_fini(&f);
}
END_TEST

START_TEST(services_leave_with_the_last_presence_of_their_protocol)
{
	struct fixture f;
	struct sighting broadcast = fixture_alive("uuid:a", 1);
	broadcast.protocol = "broadcast";
	fixture_init(&f, NULL);
	fixture_observe(&f, broadcast);
	fixture_observe(&f, fixture_serves("uuid:a", 1, "urn:a:service:b:1"));
	fixture_observe(&f, fixture_alive("uuid:a", 2));
	EXPECT_TOLD(&f, "+uuid:a ~uuid:a ~uuid:a ");
	EXPECT(&f, fixture_event(SIGHTING_BYE, "uuid:a", 2), 0, "~uuid:a ");
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->service_count, 1);
	EXPECT(&f, fixture_event(SIGHTING_BYE, "uuid:a", 1), 0, "~uuid:a ");
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->service_count, 0);
	fixture_fini(&f);
}
END_TEST

Suite *table_presence_suite(void)
{
	Suite *suite = suite_create("model/table_presence");
	TCase *tcase = tcase_create("table_presence");
	tcase_add_test(tcase, a_service_is_added_once_and_refreshed);
	tcase_add_test(tcase, a_usn_is_kept_whether_it_ends_with_the_type_or_not);
	tcase_add_test(tcase, a_service_that_nobody_vouches_for_expires_by_itself);
	tcase_add_loop_test(tcase, services_expire_in_any_order_and_leave_the_others_whole, 0, 6);
	tcase_add_test(tcase, services_are_capped_and_counted);
	tcase_add_test(tcase, services_leave_with_the_last_presence_of_their_protocol);
	suite_add_tcase(suite, tcase);
	return suite;
}

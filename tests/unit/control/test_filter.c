/* SPDX-License-Identifier: ISC
 * Tests of control/filter: what each of its globs looks at. */
#include "base/array.h"
#include "control/control_fixture.h"
#include "control/filter.h"
#include "suites.h"
#include <errno.h>

static struct control_fixture f;

static void setup(void)
{
	static const struct sighted_service SERVICES[] = {
	    {.type = SLICE("urn:schemas-upnp-org:service:ContentDirectory:2")},
	    {.type = SLICE("_ipp._tcp"), .key = SLICE("Laser")}};
	static struct page_device devices[] = {{.udn = "uuid:1"},
	    {.udn = "uuid:2", .type = "urn:schemas-upnp-org:device:WANDevice:1"}};
	static struct page_service services[] = {
	    {.type = "urn:schemas-upnp-org:service:WANIPConnection:1", .device = 1}};
	static const struct device_page PAGE = {
	    .devices = devices, .services = services, .device_count = 2, .service_count = 1};
	struct sighting service = control_sighting("uuid:1", 2);

	control_fixture_init(&f);
	control_fixture_device(&f, 1);
	service.services = SERVICES;
	service.service_count = 2;
	control_fixture_observe(&f, service);
	service.event = SIGHTING_DESCRIBED;
	service.facts[FACT_NAME] = SLICE("device 1");
	service.page = &PAGE;
	control_fixture_observe(&f, service);
	control_fixture_neighbour(&f, 9);
}

static void teardown(void)
{
	control_fixture_fini(&f);
}

static bool listed; /* [Table] neighbours */

static int device_matches(const char *json, const struct device *device)
{
	struct json_object *object = json_tokener_parse(json);
	const char *offending;
	struct filter filter;
	int result = filter_parse(&filter, object, listed, &offending);
	if (result == 0)
		result = filter_matches(&filter, &f.links, device);
	filter_fini(&filter);
	json_object_put(object);
	return result;
}

static int matches(const char *json)
{
	return device_matches(json, control_fixture_find(&f, "uuid:1"));
}

static const struct {
	const char *filter;
	int result;
} ROWS[] = {
    {"{}", true},
    {"{\"type\":null}", true},
    {"{\"type\":\"urn:schemas-upnp-org:device:MediaServer:1\"}", true},
    {"{\"type\":\"MediaServer\"}", true},
    {"{\"type\":\"mediaserver:1\"}", true},
    {"{\"type\":\"MediaServer:2\"}", false},
    {"{\"type\":\"Media*\"}", true},
    {"{\"type\":\"Media\"}", false},
    {"{\"type\":\"ContentDirectory\"}", true},
    {"{\"type\":\"device\"}", false},
    {"{\"type\":\"1\"}", false},
    {"{\"type\":\"WANDevice:1\"}", true},
    {"{\"type\":\"WANIPConnection\"}", true},
    {"{\"type\":\"_IPP._tcp\"}", true},
    {"{\"type\":\"ipp\"}", true},
    {"{\"type\":\"tcp\"}", false},
    {"{\"address\":\"192.0.2.*\"}", true},
    {"{\"address\":\"192.0.2\"}", false},
    {"{\"neighbours\":true}", true},
    {"{\"neighbours\":null}", true},
    {"{\"neighbours\":\"yes\"}", -EINVAL},
    {"{\"via\":\"ssdp\"}", true},
    {"{\"via\":\"broadcast\"}", false},
    {"{\"interface\":\"eth*\"}", true},
    {"{\"interface\":\"wlan0\"}", false},
    {"{\"kind\":\"device\"}", true},
    {"{\"kind\":\"control-point\"}", false},
    {"{\"name\":\"Device ?\"}", true},
    {"{\"name\":\"device\"}", false},
    {"{\"name\":\"device 1\",\"via\":\"broadcast\"}", false},
    {"{\"name\":\"device 1\",\"via\":\"[st]sdp\"}", true},
    {"{\"name\":1}", -EINVAL},
    {"{\"nmae\":\"x\"}", -EINVAL},
};

START_TEST(a_device_matches_when_every_glob_does)
{
	ck_assert_msg(matches(ROWS[_i].filter) == ROWS[_i].result, "%s", ROWS[_i].filter);
}
END_TEST

START_TEST(a_neighbour_matches_when_it_is_asked_for)
{
	const struct device *neighbour = control_fixture_find(&f, "mac:02:00:00:00:00:09");
	ck_assert_int_eq(device_matches("{}", neighbour), false);
	ck_assert_int_eq(device_matches("{\"name\":\"*\"}", neighbour), false);
	ck_assert_int_eq(device_matches("{\"kind\":\"device\"}", neighbour), false);
	ck_assert_int_eq(device_matches("{\"neighbours\":true}", neighbour), true);
	ck_assert_int_eq(device_matches("{\"kind\":\"neigh*\"}", neighbour), true);
	ck_assert_int_eq(device_matches("{\"kind\":\"*\"}", neighbour), true);
	ck_assert_int_eq(
	    device_matches("{\"neighbours\":true,\"kind\":\"device\"}", neighbour), false);
}
END_TEST

START_TEST(the_configuration_decides_where_the_filter_says_nothing)
{
	const struct device *neighbour = control_fixture_find(&f, "mac:02:00:00:00:00:09");

	listed = true;
	ck_assert_int_eq(device_matches("{}", neighbour), true);
	ck_assert_int_eq(device_matches("{\"neighbours\":null}", neighbour), true);
	ck_assert_int_eq(device_matches("{\"neighbours\":false}", neighbour), false);
	ck_assert_int_eq(device_matches("{\"kind\":\"device\"}", neighbour), false);
	ck_assert_int_eq(device_matches("null", neighbour), true);
}
END_TEST

START_TEST(a_device_that_was_not_reported_yet_does_not_match)
{
	struct sighting young = control_sighting("uuid:young", 20);
	young.url = SLICE("http://192.0.2.20/");
	control_fixture_observe(&f, young);
	const struct device *device = control_fixture_find(&f, "uuid:young");
	ck_assert_int_eq(device_matches("{}", device), false);
	control_fixture_later(&f, MILLISECONDS(300));
	ck_assert_int_eq(device_matches("{}", device), true);
}
END_TEST

START_TEST(many_stars_cost_no_time)
{
	ck_assert_int_eq(
	    matches("{\"name\":\"*d*e*v*i*c*e*d*e*v*i*c*e*d*e*v*i*c*e*d*e*v*i*c*e*x\"}"), false);
}
END_TEST

Suite *filter_suite(void)
{
	Suite *suite = suite_create("control/filter");
	TCase *tcase = tcase_create("filter");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, a_device_matches_when_every_glob_does, 0, COUNT_OF(ROWS));
	tcase_add_test(tcase, a_neighbour_matches_when_it_is_asked_for);
	tcase_add_test(tcase, the_configuration_decides_where_the_filter_says_nothing);
	tcase_add_test(tcase, a_device_that_was_not_reported_yet_does_not_match);
	tcase_add_test(tcase, many_stars_cost_no_time);
	suite_add_tcase(suite, tcase);
	return suite;
}

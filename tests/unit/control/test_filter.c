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
	control_fixture_init(&f);
	control_fixture_device(&f, 1);
	struct sighting service = {
	    .event = SIGHTING_ALIVE,
	    .protocol = "ssdp",
	    .id = SLICE("uuid:1"),
	    .from = address_ipv4(192, 0, 2, 2),
	    .link = 2,
	    .lifetime = SECONDS(1800),
	    .service = SLICE("urn:schemas-upnp-org:service:ContentDirectory:2"),
	    .usn = SLICE("uuid:1::urn:schemas-upnp-org:service:ContentDirectory:2"),
	};
	control_fixture_observe(&f, service);
}

static void teardown(void)
{
	control_fixture_fini(&f);
}

static int matches(const char *json)
{
	struct json_object *object = json_tokener_parse(json);
	const char *offending;
	struct filter filter;
	int result = filter_parse(&filter, object, &offending);
	if (result == 0)
		result = filter_matches(&filter, &f.links, table_find(f.table, SLICE("uuid:1")));
	filter_fini(&filter);
	json_object_put(object);
	return result;
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
	tcase_add_test(tcase, many_stars_cost_no_time);
	suite_add_tcase(suite, tcase);
	return suite;
}

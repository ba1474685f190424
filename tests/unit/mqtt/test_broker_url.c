/* SPDX-License-Identifier: ISC
 * Tests of mqtt/broker_url: where a broker is. */
#include "mqtt/broker_url.h"

#include <errno.h>

#include "base/array.h"
#include "suites.h"

static const struct {
	const char *text, *host;
	uint16_t port;
	bool tls;
} GOOD[] = {
    {"mqtt://broker", "broker", 1883, false},
    {"mqtts://broker.example/", "broker.example", 8883, true},
    {"MQTTS://10.0.0.1:18830", "10.0.0.1", 18830, true},
    {"mqtt://[fd00::1]:1884", "fd00::1", 1884, false},
    {"mqtt://[fe80::1%25eth0]", "fe80::1%eth0", 1883, false},
};

START_TEST(a_url_of_a_broker_is_read)
{
	struct broker_url url;

	ck_assert_int_eq(broker_url_parse(slice_of(GOOD[_i].text), &url), 0);
	ck_assert_str_eq(url.host, GOOD[_i].host);
	ck_assert_uint_eq(url.port, GOOD[_i].port);
	ck_assert_int_eq(url.tls, GOOD[_i].tls);
}
END_TEST

static const char *const BAD[] = {
    "",
    "broker",
    "broker:1883",
    "http://broker",
    "mqtt://",
    "mqtt://:1883",
    "mqtt://user:secret@broker",
    "mqtt://broker/topic",
    "mqtt://broker?x",
    "mqtt://broker:0",
    "mqtt://broker:65536",
    "mqtt://two words",
};

START_TEST(what_names_no_broker_is_refused)
{
	struct broker_url url;

	ck_assert_msg(broker_url_parse(slice_of(BAD[_i]), &url) == -EINVAL, "%s", BAD[_i]);
}
END_TEST

Suite *broker_url_suite(void)
{
	Suite *suite = suite_create("mqtt/broker_url");
	TCase *tcase = tcase_create("broker_url");

	tcase_add_loop_test(tcase, a_url_of_a_broker_is_read, 0, COUNT_OF(GOOD));
	tcase_add_loop_test(tcase, what_names_no_broker_is_refused, 0, COUNT_OF(BAD));
	suite_add_tcase(suite, tcase);
	return suite;
}

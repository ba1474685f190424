/* SPDX-License-Identifier: ISC
 * Tests of control/probe_method and control/probe_job: a Probe from its call to its last reply. */
#include "base/array.h"
#include "control/control_fixture.h"
#include "control/probe_plan.h"
#include "suites.h"
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct control_fixture f;

static void setup(void)
{
	control_fixture_init(&f);
}

static void teardown(void)
{
	control_fixture_fini(&f);
}

static void probe(const char *parameters)
{
	char call[256];
	snprintf(call, sizeof(call), "{'method':'io.discoverd.Probe','more':true,'parameters':%s}",
	    parameters);
	ck_assert_int_eq(control_say(&f, call), 0);
}

static void found(uint64_t number, struct probe_result result)
{
	control_session_probed(f.session, number, &result);
}

static const char *next(void)
{
	static char text[1024];
	return control_hear_text(&f, text, sizeof(text));
}

START_TEST(each_result_is_told_and_the_last_reply_has_none)
{
	probe("{'target':'192.0.2.9','ports':[22,80,81],'ping':true,'seconds':3,'banner':true}");
	ck_assert_str_eq(next(), "");
	ck_assert_uint_eq(f.probes, 1);
	ck_assert_uint_eq(f.plan.port_count, 3);
	ck_assert(f.plan.ping && f.plan.banner && !f.plan.silence_counts && !f.plan.tcp_fallback);
	ck_assert_uint_eq(f.plan.seconds, 3);
	found(1, (struct probe_result){.port = 22,
		     .state = PROBE_OPEN,
		     .us = 1050,
		     .banner = SLICE("SSH-2.0\x1b[31m x\r")});
	found(2, (struct probe_result){.port = 80}); /* of another job */
	ck_assert_str_eq(next(),
	    "{ 'parameters': { 'result': { 'target': '192.0.2.9', 'address': '192.0.2.9', "
	    "'port': 22, 'state': 'open', 'ms': 1.050, 'banner': 'SSH-2.0 [31m x', 'reason': null "
	    "} }, 'continues': true }");
	found(1, (struct probe_result){.port = 80, .state = PROBE_CLOSED, .us = 12});
	found(1, (struct probe_result){.state = PROBE_REFUSED, .reason = "so it is"});
	ck_assert_ptr_nonnull(strstr(next(), "'port': 80, 'state': 'closed', 'ms': 0.012"));
	ck_assert_ptr_nonnull(strstr(next(),
	    "'port': null, 'state': 'refused', 'ms': null, 'banner': null, 'reason': 'so it is'"));
	ck_assert_str_eq(next(), "");
	found(1, (struct probe_result){.port = 81, .state = PROBE_NO_ANSWER, .us = 3000000});
	ck_assert_ptr_nonnull(strstr(next(), "'state': 'no-answer', 'ms': 3000.000"));
	ck_assert_str_eq(next(), "{ 'parameters': { 'result': null } }");
	ck_assert_str_eq(next(), "");
	found(1, (struct probe_result){.port = 81}); /* one too many */
	ck_assert_str_eq(next(), "");
}
END_TEST

START_TEST(what_is_not_given_is_announced_ports_and_a_ping)
{
	control_fixture_device(&f, 1);
	probe("{'target':'device 1'}");
	ck_assert(f.plan.ping && f.plan.silence_counts && !f.plan.banner);
	ck_assert_uint_eq(f.plan.port_count, 0);
	ck_assert_uint_eq(f.plan.seconds, PROBE_SECONDS_DEFAULT);
	ck_assert_str_eq(f.plan.device, "uuid:1");
	found(1, (struct probe_result){.state = PROBE_OPEN});
	ck_assert_ptr_nonnull(strstr(next(), "'target': 'device 1', 'address': '192.0.2.2'"));
	ck_assert_str_eq(next(), "{ 'parameters': { 'result': null } }");
	probe("{'target':'192.0.2.2','ports':[1]}");
	ck_assert(!f.plan.ping && !f.plan.silence_counts);
}
END_TEST

START_TEST(a_link_local_address_is_told_with_its_link)
{
	struct sighting seen = {.event = SIGHTING_ALIVE,
	    .protocol = &FIXTURE_SSDP,
	    .key = key_of_id(SLICE("uuid:7")),
	    .link = 3,
	    .facts[FACT_NAME] = SLICE("lamp"),
	    .lifetime = SECONDS(60)};
	address_parse(SLICE("fe80::7"), &seen.from);
	control_fixture_observe(&f, seen);
	probe("{'target':'lamp','ports':[80]}");
	ck_assert_uint_eq(f.plan.link, 3);
	found(1, (struct probe_result){.port = 80, .state = PROBE_OPEN});
	ck_assert_ptr_nonnull(strstr(next(), "'target': 'lamp', 'address': 'fe80::7%wlan0'"));
	next();
	probe("{'target':'fd00::7%eth0','ports':[80],'anywhere':true}");
	found(2, (struct probe_result){.port = 80, .state = PROBE_OPEN});
	ck_assert_ptr_nonnull(strstr(next(), "'address': 'fd00::7'"));
}
END_TEST

START_TEST(what_cannot_be_done_is_said)
{
	static const struct {
		const char *parameters, *error;
	} ROWS[] = {
	    {"{}", "InvalidParameter', 'parameters': { 'parameter': 'target' }"},
	    {"{'target':'nobody'}", "io.discoverd.NotFound', 'parameters': { 'id': 'nobody' }"},
	    {"{'target':'198.51.100.1'}",
		"io.discoverd.OffLink', 'parameters': { 'address': '198.51.100.1' }"},
	    {"{'target':'192.0.2.255'}",
		"InvalidParameter', 'parameters': { 'parameter': 'target'"},
	    {"{'target':'192.0.2.9','ports':[70000]}", "{ 'parameter': 'ports' }"},
	    {"{'target':'192.0.2.9','ports':[80,0]}", "{ 'parameter': 'ports' }"},
	    {"{'target':'192.0.2.9','ports':['80']}", "{ 'parameter': 'ports' }"},
	    {"{'target':'192.0.2.9','ports':[]}", "{ 'parameter': 'ports' }"},
	    {"{'target':'192.0.2.9','ping':false}", "{ 'parameter': 'ports' }"},
	    {"{'target':'192.0.2.9','seconds':0}", "{ 'parameter': 'seconds' }"},
	    {"{'target':'192.0.2.9','seconds':11}", "{ 'parameter': 'seconds' }"},
	    {"{'target':'192.0.2.9','port':80}", "{ 'parameter': 'port' }"},
	    {"{'target':'fe80::1'}",
		"'id': 'fe80::1%wlan0', 'name': 'wlan0', 'address': 'fe80::1'"},
	};
	for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
		probe(ROWS[i].parameters);
		const char *said = next();
		ck_assert_msg(strstr(said, ROWS[i].error) && strstr(said, "'error'"), "%s: %s",
		    ROWS[i].parameters, said);
	}
	ck_assert_uint_eq(f.probes, 0);
	probe("{'target':'198.51.100.1','anywhere':true}");
	ck_assert_uint_eq(f.probes, 1);
}
END_TEST

START_TEST(it_is_for_privileged_users_and_needs_more)
{
	control_say(&f, "{'method':'io.discoverd.Probe','parameters':{'target':'192.0.2.9'}}");
	ck_assert_ptr_nonnull(strstr(next(), "ExpectedMore"));
	control_fixture_client(&f, false);
	probe("{'target':'192.0.2.9'}");
	ck_assert_ptr_nonnull(strstr(next(), "PermissionDenied"));
	ck_assert_uint_eq(f.probes, 0);
}
END_TEST

START_TEST(the_probes_of_a_client_end_with_its_connection)
{
	probe("{'target':'192.0.2.9','ports':[1,2]}");
	found(1, (struct probe_result){.port = 1, .state = PROBE_OPEN, .banner = SLICE("hello")});
	ck_assert_uint_eq(f.cancelled, 0);
	control_fixture_client(&f, true);
	ck_assert_uint_eq(f.cancelled, 1);
}
END_TEST

START_TEST(a_client_that_has_shut_down_its_sending_side_gets_the_rest)
{
	probe("{'target':'192.0.2.9','ports':[1]}");
	session_end(f.session);
	ck_assert(!session_is_done(f.session));
	found(1, (struct probe_result){.port = 1, .state = PROBE_OPEN});
	ck_assert_ptr_nonnull(strstr(next(), "'port': 1"));
	ck_assert_str_eq(next(), "{ 'parameters': { 'result': null } }");
	ck_assert(session_is_done(f.session));
}
END_TEST

START_TEST(what_takes_too_long_is_refused)
{
	probe("{'target':'192.0.2.9','ports':[1,2],'ping':true}");
	found(1, (struct probe_result){.port = 1, .state = PROBE_CLOSED});
	next();
	ck_assert_int_eq(instant_since(session_deadline(f.session), f.now), PROBE_TIME_MAX);
	f.now = instant_add(f.now, PROBE_TIME_MAX);
	session_advance(f.session, f.now);
	ck_assert_uint_eq(f.cancelled, 1);
	ck_assert_ptr_nonnull(
	    strstr(next(), "'port': null, 'state': 'refused', 'ms': null, 'banner': null, "
			   "'reason': 'out of time'"));
	ck_assert_ptr_nonnull(strstr(next(), "'port': 2, 'state': 'refused'"));
	ck_assert_str_eq(next(), "{ 'parameters': { 'result': null } }");
}
END_TEST

START_TEST(without_memory_the_client_is_let_go)
{
	f.probe_result = -ENOMEM;
	control_say(&f, "{'method':'io.discoverd.Probe','more':true,"
			"'parameters':{'target':'192.0.2.9'}}");
	ck_assert(session_is_done(f.session));
	ck_assert_uint_eq(f.cancelled, 0);
}
END_TEST

Suite *probe_job_suite(void)
{
	Suite *suite = suite_create("control/probe_job");
	TCase *tcase = tcase_create("probe_job");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, each_result_is_told_and_the_last_reply_has_none);
	tcase_add_test(tcase, what_is_not_given_is_announced_ports_and_a_ping);
	tcase_add_test(tcase, a_link_local_address_is_told_with_its_link);
	tcase_add_test(tcase, what_cannot_be_done_is_said);
	tcase_add_test(tcase, it_is_for_privileged_users_and_needs_more);
	tcase_add_test(tcase, the_probes_of_a_client_end_with_its_connection);
	tcase_add_test(tcase, a_client_that_has_shut_down_its_sending_side_gets_the_rest);
	tcase_add_test(tcase, what_takes_too_long_is_refused);
	tcase_add_test(tcase, without_memory_the_client_is_let_go);
	suite_add_tcase(suite, tcase);
	return suite;
}

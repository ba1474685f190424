/* SPDX-License-Identifier: ISC
 * Tests of discoverctl/probe_target: TARGET[:PORTS] of "probe". */
#include "base/array.h"
#include "discoverctl/probe_target.h"
#include "runner.h"
#include "suites.h"
#include <check.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

static struct probe_target target;

/* "NAME 22 80" */
static const char *read_target(const char *text)
{
	static char said[256];
	size_t len;

	if (probe_target_read(slice_of(text), &target) < 0)
		return "wrong";
	len = (size_t)snprintf(said, sizeof(said), "%.*s", SLICE_ARGS(target.name));
	for (unsigned port = 0; port < PROBE_TARGET_PORTS && target.port_count < 10; port++)
		if (target.ports[port])
			len += (size_t)snprintf(said + len, sizeof(said) - len, " %u", port);
	return said;
}

START_TEST(a_target_and_its_ports)
{
	static const char *const ROWS[][2] = {
	    {"kitchen", "kitchen"},
	    {"kitchen:80", "kitchen 80"},
	    {"10.0.0.1:22,80,8000-8002", "10.0.0.1 22 80 8000 8001 8002"},
	    {"10.0.0.1:80,80,79-81", "10.0.0.1 79 80 81"},
	    {"10.0.0.1%eth0:1", "10.0.0.1%eth0 1"},
	    {"fe80::1", "fe80::1"},
	    {"::1:80", "::1:80"},
	    {"fe80::1%eth0", "fe80::1%eth0"},
	    {"[fe80::1%eth0]:80", "fe80::1%eth0 80"},
	    {"[::1]", "::1"},
	    {"[::1]:65535", "::1 65535"},
	    {"host:fe80::1%eth0", "host:fe80::1%eth0"},
	    {"host:10.0.0.1%eth0:80", "host:10.0.0.1%eth0 80"},
	    {"uuid:12345", "uuid:12345"},
	    {"uuid:12345:80", "uuid:12345 80"},
	    {"uuid:Socket-1_0-2216XX:8-9", "uuid:Socket-1_0-2216XX 8 9"},
	    {"TV: upstairs", "TV: upstairs"},
	    {"192.0.2.0/24:22", "192.0.2.0/24 22"},
	    {"192.0.2.1-9:22", "192.0.2.1-9 22"},
	};
	for (size_t i = 0; i < COUNT_OF(ROWS); i++)
		ck_assert_str_eq(read_target(ROWS[i][0]), ROWS[i][1]);
	ck_assert_int_eq(probe_target_read(SLICE("a:1-65535"), &target), 0);
	ck_assert_uint_eq(target.port_count, 65535);
}
END_TEST

START_TEST(services_have_names)
{
	if (!getservbyname("http", "tcp")) {
		skip_test("services_have_names", "no services(5)");
		return;
	}
	ck_assert_str_eq(read_target("kitchen:http"), "kitchen 80");
	ck_assert_str_eq(read_target("kitchen:SSH,8000,http"), "kitchen 22 80 8000");
	ck_assert_str_eq(read_target("[fe80::1]:http"), "fe80::1 80");
}
END_TEST

START_TEST(what_is_no_port_is_refused)
{
	static const char *const WRONG[] = {"", ":80", "a:", "a:0", "a:70000", "a:65536",
	    "a:99999999999999999999", "a:22,", "a:22,,80", "a:9-2", "a:1-", "a:no-such-service",
	    "a:22,no", "a:1-2-3", "a:1-70000", "[fe80::1", "[fe80::1]80",
	    "[fe80::1]:", "[kitchen]:80", "[10.0.0.1]:80", "[]:80"};
	for (size_t i = 0; i < COUNT_OF(WRONG); i++)
		ck_assert_msg(!strcmp(read_target(WRONG[i]), "wrong"), "%s: %s", WRONG[i],
		    read_target(WRONG[i]));
}
END_TEST

Suite *probe_target_suite(void)
{
	Suite *suite = suite_create("discoverctl/probe_target");
	TCase *tcase = tcase_create("probe_target");
	tcase_add_test(tcase, a_target_and_its_ports);
	tcase_add_test(tcase, services_have_names);
	tcase_add_test(tcase, what_is_no_port_is_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}

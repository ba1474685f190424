/* SPDX-License-Identifier: ISC
 * Tests of discoverctl/probe_range: networks and ranges, and whether they are our own. */
#include "base/array.h"
#include "discoverctl/printing_fixture.h"
#include "discoverctl/probe_range.h"
#include "suites.h"
#include <errno.h>
#include <stdio.h>

static const struct {
	const char *text;
	int error;
	unsigned count;
	const char *first, *last;
} ROWS[] = {
    {"192.0.2.0/24", 0, 254, "192.0.2.1", "192.0.2.254"},
    {"192.0.2.77/30", 0, 2, "192.0.2.77", "192.0.2.78"},
    {"192.0.2.7/32", 0, 1, "192.0.2.7", "192.0.2.7"},
    {"192.0.2.6/31", 0, 2, "192.0.2.6", "192.0.2.7"},
    {"10.0.0.0/22", 0, 1022, "10.0.0.1", "10.0.3.254"},
    {"10.0.0.0/21", -E2BIG, 0, NULL, NULL},
    {"0.0.0.0/0", -E2BIG, 0, NULL, NULL},
    {"fd00::/120", 0, 256, "fd00::", "fd00::ff"},
    {"fd00::/64", -E2BIG, 0, NULL, NULL},
    {"192.0.2.0/33", -EINVAL, 0, NULL, NULL},
    {"192.0.2.0/", -EINVAL, 0, NULL, NULL},
    {"192.0.2.0/x", -EINVAL, 0, NULL, NULL},
    {"192.0.2.10-50", 0, 41, "192.0.2.10", "192.0.2.50"},
    {"192.0.2.10-10", 0, 1, "192.0.2.10", "192.0.2.10"},
    {"192.0.2.250-192.0.3.5", 0, 12, "192.0.2.250", "192.0.3.5"},
    {"192.0.2.10-9", -EINVAL, 0, NULL, NULL},
    {"192.0.2.10-256", -EINVAL, 0, NULL, NULL},
    {"192.0.2.10-", -EINVAL, 0, NULL, NULL},
    {"192.0.2.10-fd00::1", -EINVAL, 0, NULL, NULL},
    {"192.0.2.0-192.0.5.255", 0, 1024, "192.0.2.0", "192.0.5.255"},
    {"192.0.2.0-192.0.6.0", -E2BIG, 0, NULL, NULL},
    {"255.255.255.254-255", 0, 2, "255.255.255.254", "255.255.255.255"},
    {"fd00::a-1f", 0, 22, "fd00::a", "fd00::1f"},
    {"fd00::1-fd01::1", -EINVAL, 0, NULL, NULL},
    {"192.0.2.1", -ENOENT, 0, NULL, NULL},
    {"kitchen-pi", -ENOENT, 0, NULL, NULL},
    {"a/b", -ENOENT, 0, NULL, NULL},
    {"", -ENOENT, 0, NULL, NULL},
};

START_TEST(a_range_has_a_first_address_and_a_count)
{
	char text[ADDRESS_TEXT_MAX];
	struct probe_range range;

	ck_assert_msg(probe_range_read(slice_of(ROWS[_i].text), &range) == ROWS[_i].error, "%s",
	    ROWS[_i].text);
	if (ROWS[_i].error)
		return;
	ck_assert_uint_eq(range.count, ROWS[_i].count);
	ck_assert_str_eq(probe_range_address(&range, 0, text), ROWS[_i].first);
	ck_assert_str_eq(probe_range_address(&range, range.count - 1, text), ROWS[_i].last);
}
END_TEST

START_TEST(only_networks_of_used_interfaces_are_ours)
{
	struct json_object *interfaces = printing_input("interfaces.json");
	static const struct {
		const char *text;
		bool ours;
	} rows[] = {{"192.168.1.0/24", true}, {"192.168.1.10-20", true}, {"192.168.1.0/25", true},
	    {"192.168.0.0/23", false}, {"192.168.1.250-192.168.2.3", false},
	    {"127.0.0.0/24", false}, {"10.0.0.0/24", false}, {"fe80::/120", true}};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct probe_range range;
		ck_assert_int_eq(probe_range_read(slice_of(rows[i].text), &range), 0);
		ck_assert_msg(
		    probe_range_is_ours(&range, interfaces) == rows[i].ours, "%s", rows[i].text);
	}
	json_object_put(interfaces);
}
END_TEST

Suite *probe_range_suite(void)
{
	Suite *suite = suite_create("discoverctl/probe_range");
	TCase *tcase = tcase_create("probe_range");
	tcase_add_loop_test(tcase, a_range_has_a_first_address_and_a_count, 0, COUNT_OF(ROWS));
	tcase_add_test(tcase, only_networks_of_used_interfaces_are_ours);
	suite_add_tcase(suite, tcase);
	return suite;
}

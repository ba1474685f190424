/* SPDX-License-Identifier: ISC
 * Tests of discoverctl's device_record and lookup: which devices a word means, and their services.
 */
#include "base/array.h"
#include "client/device_record.h"
#include "client/field.h"
#include "discoverctl/lookup.h"
#include "discoverctl/printing_fixture.h"
#include "suites.h"
#include <stdlib.h>
#include <string.h>

static struct json_object *devices;

static void setup(void)
{
	printing_setup();
	devices = printing_input("devices.json");
}

static void teardown(void)
{
	json_object_put(devices);
	printing_teardown();
}

/* The names of what the patterns, separated by commas, select. */
static const char *selected(const char *text)
{
	static char names[512];
	char *copy = strdup(text), *patterns[8] = {NULL}, *rest = copy;
	const char *unmatched;
	struct writer w;

	for (size_t i = 0; rest; i++)
		patterns[i] = strsep(&rest, ",");
	struct json_object *found = lookup_select(devices, patterns, &unmatched);
	writer_init(&w, names, sizeof(names) - 1);
	for (size_t i = 0; i < field_length(found); i++) {
		writer_text(&w, i ? "," : "");
		writer_slice(
		    &w, slice_head(field_text(field_get(field_entry(found, i), "name")), 12));
	}
	if (unmatched)
		writer_format(&w, " but not %s", unmatched);
	names[w.len] = '\0';
	json_object_put(found);
	free(copy);
	return names;
}

START_TEST(a_word_means_devices_by_any_key)
{
	static const char *const rows[][2] = {
	    {"living", "Living room "},
	    {"LIVING ROOM TV", "Living room "},
	    {"tv", "Living room "},
	    {"tv.local", "Living room "},
	    {"tv library", "Living room "},
	    {"192.168.1.23", "Living room "},
	    {"b8:27:eb:96:c6:c2", "Living room "},
	    {"uuid:4d696e69", "Living room "},
	    {"4D696E69-444C-164E-9D41-B827EB96C6C3", "Living room "},
	    {"192.168.1.102", "192.168.1.10"},
	    {"192.168.*", "Living room ,kitchen-pi,192.168.1.10"},
	    {"kitchen-pi,living", "Living room ,kitchen-pi"},
	    {"k*,nothing,none", "kitchen-pi but not nothing"},
	    {"brn30055C", "Brother HL-L"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		ck_assert_str_eq(selected(rows[i][0]), rows[i][1]);
}
END_TEST

/* A device whose name is the beginning of another one's is still found. */
START_TEST(a_whole_match_goes_before_a_beginning)
{
	struct json_object *both = json_tokener_parse(
	    "[{\"id\":\"1\",\"name\":\"TV\"},{\"id\":\"2\",\"name\":\"TV upstairs\"}]");
	char *patterns[] = {(char[]){"tv"}, NULL};
	const char *unmatched;
	struct json_object *found = lookup_select(both, patterns, &unmatched);
	ck_assert_uint_eq(field_length(found), 1);
	ck_assert_ptr_null(unmatched);
	json_object_put(found);
	json_object_put(both);
}
END_TEST

START_TEST(rows_of_services_lose_nothing)
{
	struct json_object *rows = json_object_new_array(),
			   *golden = printing_input("services.json");
	for (size_t i = 0; i < field_length(devices); i++)
		device_record_services(field_entry(devices, i), false, rows);
	ck_assert(json_object_equal(rows, golden));
	size_t without = field_length(rows);
	for (size_t i = 0; i < field_length(devices); i++)
		device_record_services(field_entry(devices, i), true, rows);
	ck_assert_uint_eq(field_length(rows), 2 * without + 1);
	json_object_put(rows);
	json_object_put(golden);
}
END_TEST

START_TEST(a_device_has_the_types_of_its_endpoints_and_services)
{
	struct json_object *tv = field_entry(devices, 0);
	ck_assert(device_record_has_type(tv, SLICE("MediaRenderer")));
	ck_assert(device_record_has_type(tv, SLICE("MediaServer:2")));
	ck_assert(device_record_has_type(tv, SLICE("ContentDirectory")));
	ck_assert(device_record_has_type(tv, SLICE("airplay")));
	ck_assert(!device_record_has_type(tv, SLICE("Basic")));
}
END_TEST

START_TEST(an_address_that_people_know_goes_first)
{
	ck_assert(
	    slice_equal(device_record_address(field_entry(devices, 0)), SLICE("192.168.1.23")));
	ck_assert(slice_equal(device_record_address(field_entry(devices, 4)),
	    SLICE("2001:db8:0:1:3205:5cff:fe12:3456")));
	ck_assert_uint_eq(device_record_address(NULL).len, 0);
}
END_TEST

Suite *device_record_suite(void)
{
	Suite *suite = suite_create("discoverctl/device_record");
	TCase *tcase = tcase_create("device_record");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_word_means_devices_by_any_key);
	tcase_add_test(tcase, a_whole_match_goes_before_a_beginning);
	tcase_add_test(tcase, rows_of_services_lose_nothing);
	tcase_add_test(tcase, a_device_has_the_types_of_its_endpoints_and_services);
	tcase_add_test(tcase, an_address_that_people_know_goes_first);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of engine/ssdp_target. */
#include "base/array.h"
#include "engine/ssdp_internal.h"
#include "suites.h"
#include <stdlib.h>
#include <string.h>

static struct offer *a;

static void add_device(size_t parent, const char *udn, const char *type)
{
	struct offered_device *device = offer_add_device(a, parent);
	device->udn = strdup(udn);
	device->type = strdup(type);
}

static void add_service(size_t device, const char *type)
{
	ck_assert_int_eq(offered_device_add_service(&a->devices[device], type, "id"), 0);
}

static void setup(void)
{
	a = offer_new();
}

static void teardown(void)
{
	offer_free(a);
}

/* "NT USN" of each target, one per line. */
static const char *list(char *text, size_t capacity)
{
	struct writer w;
	struct ssdp_cursor cursor = {0};
	struct ssdp_target target;
	writer_init(&w, text, capacity - 1);
	while (ssdp_target_next(a, &cursor, &target)) {
		ssdp_target_write_nt(&target, &w);
		writer_char(&w, ' ');
		ssdp_target_write_usn(&target, &w);
		writer_char(&w, '\n');
	}
	ck_assert_int_eq(writer_error(&w), 0);
	text[w.len] = '\0';
	return text;
}

START_TEST(uda_1_2_2_the_set_is_3_and_2d_and_k)
{
	char text[1024];
	add_device(0, "uuid:r", "urn:a:device:Root:1");
	add_device(0, "uuid:e", "urn:a:device:Inner:1");
	add_service(0, "urn:a:service:S:1");
	add_service(0, "urn:a:service:S:1");
	add_service(0, "urn:a:service:T:1");
	add_service(1, "urn:a:service:S:1");
	ck_assert_str_eq(list(text, sizeof(text)),
	    "upnp:rootdevice uuid:r::upnp:rootdevice\n"
	    "uuid:r uuid:r\n"
	    "urn:a:device:Root:1 uuid:r::urn:a:device:Root:1\n"
	    "urn:a:service:S:1 uuid:r::urn:a:service:S:1\n"
	    "urn:a:service:T:1 uuid:r::urn:a:service:T:1\n"
	    "uuid:e uuid:e\n"
	    "urn:a:device:Inner:1 uuid:e::urn:a:device:Inner:1\n"
	    "urn:a:service:S:1 uuid:e::urn:a:service:S:1\n");
}
END_TEST

START_TEST(uda_1_2_2_only_the_highest_version_is_advertised)
{
	char text[512];
	add_device(0, "uuid:r", "urn:a:device:Root:1");
	add_service(0, "urn:a:service:S:9");
	add_service(0, "urn:a:service:S:10");
	add_service(0, "urn:a:service:S:2");
	ck_assert_ptr_nonnull(strstr(list(text, sizeof(text)), "::urn:a:service:S:10\n"));
	ck_assert_ptr_null(strstr(text, "S:9"));
	ck_assert_ptr_null(strstr(text, "S:2"));
}
END_TEST

START_TEST(a_device_that_is_submitted_in_pieces_has_one_target_in_each)
{
	static const struct {
		unsigned parts;
		const char *list;
	} CASES[] = {
	    {OFFERED_AS_ROOT, "upnp:rootdevice uuid:1::upnp:rootdevice\n"},
	    {OFFERED_BY_UUID, "uuid:1 uuid:1\n"},
	    {OFFERED_BY_TYPE, "urn:a:device:A:1 uuid:1::urn:a:device:A:1\n"},
	    {0, ""},
	};
	char text[512];
	add_device(0, "uuid:1", "urn:a:device:A:1");
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		a->devices[0].parts = CASES[i].parts;
		ck_assert_str_eq(list(text, sizeof(text)), CASES[i].list);
	}
}
END_TEST

START_TEST(nothing_announced_is_an_empty_set)
{
	char text[64];
	ck_assert_str_eq(list(text, sizeof(text)), "");
}
END_TEST

/* How many targets a search finds, and in `usn` the last of their USNs. */
static unsigned search(const char *wanted, char usn[SSDP_TARGET_MAX])
{
	struct ssdp_cursor cursor = {0};
	struct ssdp_target target;
	unsigned found = 0;
	while (ssdp_target_next(a, &cursor, &target)) {
		if (!ssdp_target_matches(&target, slice_of(wanted)))
			continue;
		struct writer w;
		writer_init(&w, usn, SSDP_TARGET_MAX - 1);
		ssdp_target_write_usn(&target, &w);
		usn[w.len] = '\0';
		found++;
	}
	return found;
}

START_TEST(uda_1_3_3_a_lower_version_is_found_as_asked_for)
{
	char usn[SSDP_TARGET_MAX];
	add_device(0, "uuid:r", "urn:a:device:Root:10");
	ck_assert_uint_eq(search("urn:a:device:Root:9", usn), 1);
	ck_assert_str_eq(usn, "uuid:r::urn:a:device:Root:9");
	ck_assert_uint_eq(search("urn:a:device:Root:10", usn), 1);
	ck_assert_str_eq(usn, "uuid:r::urn:a:device:Root:10");
	ck_assert_uint_eq(search("urn:a:device:Root:11", usn), 0);
	ck_assert_uint_eq(search("urn:a:device:Other:1", usn), 0);
}
END_TEST

START_TEST(searches_find_what_they_name)
{
	static const struct {
		const char *wanted;
		unsigned found;
	} CASES[] = {
	    {"ssdp:all", 5},
	    {"upnp:rootdevice", 1},
	    {"uuid:Ab", 1},
	    {"uuid:aB", 1},
	    {"uuid:other", 0},
	    {"urn:a:service:S:1", 1},
	    {"urn:a:device:**", 0},
	    {"urn:a:device:Root", 0},
	    {"UPNP:ROOTDEVICE", 0},
	    {"roku:ecp", 0},
	};
	char usn[SSDP_TARGET_MAX];
	add_device(0, "uuid:Ab", "urn:a:device:Root:1");
	add_service(0, "urn:a:service:S:1");
	add_service(0, "urn:a:service:T:1");
	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		ck_assert_msg(
		    search(CASES[i].wanted, usn) == CASES[i].found, "%s", CASES[i].wanted);
}
END_TEST

Suite *ssdp_target_suite(void)
{
	Suite *suite = suite_create("engine/ssdp_target");
	TCase *tcase = tcase_create("ssdp_target");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, uda_1_2_2_the_set_is_3_and_2d_and_k);
	tcase_add_test(tcase, uda_1_2_2_only_the_highest_version_is_advertised);
	tcase_add_test(tcase, a_device_that_is_submitted_in_pieces_has_one_target_in_each);
	tcase_add_test(tcase, nothing_announced_is_an_empty_set);
	tcase_add_test(tcase, uda_1_3_3_a_lower_version_is_found_as_asked_for);
	tcase_add_test(tcase, searches_find_what_they_name);
	suite_add_tcase(suite, tcase);
	return suite;
}

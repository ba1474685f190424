/* SPDX-License-Identifier: ISC
 * Tests of model/kept_names. */
#include "model/kept_names.h"
#include "suites.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HTTP SLICE("_http._tcp")

START_TEST(a_name_is_found_by_type_and_wanted_name)
{
	struct kept_names names = {.count = 0};

	ck_assert_uint_eq(kept_names_find(&names, HTTP, SLICE("Lamp")), 1);
	kept_names_note(&names, HTTP, SLICE("Lamp"), 2);
	kept_names_note(&names, HTTP, SLICE("Lamp"), 3);
	ck_assert_uint_eq(names.count, 1);
	ck_assert_uint_eq(kept_names_find(&names, SLICE("_HTTP._tcp"), SLICE("Lamp")), 3);
	ck_assert_uint_eq(kept_names_find(&names, SLICE("_ipp._tcp"), SLICE("Lamp")), 1);
	ck_assert_uint_eq(kept_names_find(&names, HTTP, SLICE("lamp")), 1);
}
END_TEST

START_TEST(the_oldest_gives_way)
{
	struct kept_names names = {.count = 0};
	char text[32];

	for (unsigned i = 0; i <= KEPT_NAMES_MAX; i++) {
		snprintf(text, sizeof(text), "Lamp %u", i);
		kept_names_note(&names, HTTP, slice_of(text), 2);
		if (i == 1)
			kept_names_note(&names, HTTP, SLICE("Lamp 0"), 3);
	}
	ck_assert_uint_eq(names.count, KEPT_NAMES_MAX);
	ck_assert_uint_eq(kept_names_find(&names, HTTP, SLICE("Lamp 0")), 3);
	ck_assert_uint_eq(kept_names_find(&names, HTTP, SLICE("Lamp 1")), 1);
}
END_TEST

START_TEST(what_is_written_is_read)
{
	struct kept_names names = {.count = 0}, read = {.count = 0};
	char text[256];
	struct writer w;

	kept_names_note(&names, HTTP, SLICE("The Lamp (3)"), 4294967295u);
	writer_init(&w, text, sizeof(text));
	kept_name_format(&names.list[0], &w);
	ck_assert_int_eq(kept_names_parse(&read, writer_result(&w)), 0);
	ck_assert_uint_eq(kept_names_find(&read, HTTP, SLICE("The Lamp (3)")), 4294967295u);
}
END_TEST

START_TEST(other_text_is_refused)
{
	static const char *const TEXTS[] = {"", "2", "2 _http._tcp", "2 _http._tcp ",
	    "1 _http._tcp a", "x _http._tcp a", "2  a", "4294967296 _http._tcp a",
	    "2 _http._tcp a\x01"};
	struct kept_names names = {.count = 0};

	ck_assert_int_eq(kept_names_parse(&names, slice_of(TEXTS[_i])), -EINVAL);
	ck_assert_uint_eq(names.count, 0);
}
END_TEST

START_TEST(what_does_not_fit_is_not_kept)
{
	struct kept_names names = {.count = 0};
	char text[KEPT_TYPE_SIZE];

	memset(text, 'x', sizeof(text));
	kept_names_note(&names, (struct slice){text, KEPT_TYPE_SIZE}, SLICE("Lamp"), 2);
	kept_names_note(&names, HTTP, (struct slice){text, KEPT_NAME_SIZE}, 2);
	ck_assert_uint_eq(names.count, 0);
	kept_names_note(&names, HTTP, (struct slice){text, KEPT_NAME_SIZE - 1}, 2);
	ck_assert_uint_eq(names.count, 1);
}
END_TEST

Suite *kept_names_suite(void)
{
	Suite *suite = suite_create("model/kept_names");
	TCase *tcase = tcase_create("kept_names");

	tcase_add_test(tcase, a_name_is_found_by_type_and_wanted_name);
	tcase_add_test(tcase, the_oldest_gives_way);
	tcase_add_test(tcase, what_is_written_is_read);
	tcase_add_loop_test(tcase, other_text_is_refused, 0, 9);
	tcase_add_test(tcase, what_does_not_fit_is_not_kept);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of client/pattern: globs and beginnings without regard to case. */
#include "base/array.h"
#include "client/pattern.h"
#include "suites.h"
#include <string.h>

static const struct {
	const char *pattern, *text;
	enum pattern_match match;
} ROWS[] = {
    {"kitchen-pi", "Kitchen-Pi", PATTERN_WHOLE},
    {"kitchen", "Kitchen-Pi", PATTERN_BEGINS},
    {"itchen", "Kitchen-Pi", PATTERN_NONE},
    {"küche", "KÜCHE", PATTERN_WHOLE},
    {"ΣΊΣΥΦΟΣ", "σίσυφος", PATTERN_WHOLE},
    {"кух", "Кухня", PATTERN_BEGINS},
    {"日本", "日本のテレビ", PATTERN_BEGINS},
    {"日?のテレビ", "日本のテレビ", PATTERN_WHOLE},
    {"K*", "küche", PATTERN_WHOLE},
    {"*Ü*", "küche", PATTERN_WHOLE},
    {"k[üu]che", "KÜCHE", PATTERN_WHOLE},
    {"k?che", "kche", PATTERN_NONE},
    {"k*", "TV", PATTERN_NONE},
    {"", "TV", PATTERN_NONE},
    {"\xff", "\xff", PATTERN_WHOLE},
    {"*", "\xff", PATTERN_WHOLE},
    {"*", "", PATTERN_WHOLE},
};

START_TEST(case_counts_in_no_script)
{
	ck_assert_msg(
	    pattern_match(slice_of(ROWS[_i].pattern), slice_of(ROWS[_i].text)) == ROWS[_i].match,
	    "%s, %s", ROWS[_i].pattern, ROWS[_i].text);
}
END_TEST

START_TEST(long_texts_match_nothing)
{
	char text[4000];
	memset(text, 'a', sizeof(text));
	struct slice whole = {text, sizeof(text)};
	ck_assert_int_eq(pattern_match(SLICE("*"), whole), PATTERN_NONE);
	ck_assert_int_eq(pattern_match(whole, SLICE("a")), PATTERN_NONE);
	ck_assert_int_eq(pattern_match(SLICE("a"), SLICE_NONE), PATTERN_NONE);
	ck_assert_int_eq(pattern_match(SLICE("*"), slice_head(whole, 1000)), PATTERN_WHOLE);
}
END_TEST

START_TEST(types_match_by_urn_and_by_name)
{
	static const char urn[] = "urn:schemas-upnp-org:device:MediaServer:1";
	static const char *const right[] = {urn, "mediaserver", "MediaServer:1", "Media*", "urn:*"};
	static const char *const wrong[] = {"Media", "MediaServer:2", "device", "1", ""};
	for (size_t i = 0; i < COUNT_OF(right); i++)
		ck_assert_msg(
		    pattern_matches_type(slice_of(right[i]), slice_of(urn)), "%s", right[i]);
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		ck_assert_msg(
		    !pattern_matches_type(slice_of(wrong[i]), slice_of(urn)), "%s", wrong[i]);
	ck_assert(pattern_matches_type(SLICE("ipp"), SLICE("_ipp._tcp")));
	ck_assert(pattern_matches_type(SLICE("_ipp._tcp"), SLICE("_ipp._tcp")));
	ck_assert(!pattern_matches_type(SLICE("tcp"), SLICE("_ipp._tcp")));
	ck_assert(pattern_matches_type(SLICE("odd"), SLICE("odd")));
}
END_TEST

Suite *pattern_suite(void)
{
	Suite *suite = suite_create("discoverctl/pattern");
	TCase *tcase = tcase_create("pattern");
	tcase_add_loop_test(tcase, case_counts_in_no_script, 0, COUNT_OF(ROWS));
	tcase_add_test(tcase, long_texts_match_nothing);
	tcase_add_test(tcase, types_match_by_urn_and_by_name);
	suite_add_tcase(suite, tcase);
	return suite;
}

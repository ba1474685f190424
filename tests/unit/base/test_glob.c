/* SPDX-License-Identifier: ISC
 * Tests of base/glob. */
#include "base/array.h"
#include "base/glob.h"
#include "suites.h"
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static bool matches(const char *pattern, const char *text)
{
	struct glob *glob;
	ck_assert_int_eq(glob_new(pattern, &glob), 0);
	bool result = glob_matches(glob, slice_of(text));
	glob_free(glob);
	return result;
}

static const struct {
	const char *pattern, *text;
	bool result;
} ROWS[] = {
    {"", "", true},
    {"", "a", false},
    {"*", "", true},
    {"*", "anything", true},
    {"**a**", "bab", true},
    {"a*c", "abbbc", true},
    {"a*c", "abbb", false},
    {"*ab", "aab", true},
    {"a?c", "abc", true},
    {"a?c", "ac", false},
    {"NAS", "nas", true},
    {"nas", "NAS", true},
    {"[a-c]x", "Bx", true},
    {"[!a-c]x", "bx", false},
    {"[!a-c]x", "dx", true},
    {"[^a]", "b", true},
    {"[]a]", "]", true},
    {"[a-]", "-", true},
    {"[[:digit:]]*", "7x", true},
    {"[[:digit:]]*", "x7", false},
    {"[[:nothing:]]", "x", false},
    {"[x", "[x", true},
    {"[x", "x", false},
    {"\\*", "*", true},
    {"\\*", "a", false},
    {"[\\]]", "]", true},
    {"a\\", "a\\", true},
    {"?", "\xc3\xa4", true},
    {"??", "\xc3\xa4", false},
    {"K?che",
	"K\xc3\xbc"
	"che",
	true},
    {"[!a]", "\xe2\x82\xac", true},
    {"[!a][!a]", "\xe2\x82\xac", false},
    {"\xc3\xa4*", "\xc3\xa4x", true},
    {"*\xc3\xa4", "x\xc3\xb6", false},
};

START_TEST(a_pattern_matches_as_the_shell_says)
{
	ck_assert_msg(matches(ROWS[_i].pattern, ROWS[_i].text) == ROWS[_i].result, "\"%s\" \"%s\"",
	    ROWS[_i].pattern, ROWS[_i].text);
}
END_TEST

static void compare_with_libc(const char *pattern)
{
	char text[4] = "";
	struct glob *glob;

	ck_assert_int_eq(glob_new(pattern, &glob), 0);
	for (size_t i = 0; i < 27; i++) {
		size_t rest = i;
		for (size_t k = 0; k < 3; k++, rest /= 3)
			text[k] = "ab]"[rest % 3];
		ck_assert_msg(glob_matches(glob, slice_of(text)) ==
				  (fnmatch(pattern, text, FNM_CASEFOLD) == 0),
		    "\"%s\" \"%s\"", pattern, text);
	}
	glob_free(glob);
}

/* POSIX leaves open what an escape in or before a bracket, and at the end, stands for. */
START_TEST(short_patterns_match_as_those_of_libc)
{
	static const char CHARACTERS[] = "aB*?[]!";
	size_t base = sizeof(CHARACTERS) - 1;

	for (size_t i = 0; i < base * base * base * base * base; i++) {
		char pattern[6] = "";
		size_t rest = i;
		for (size_t k = 0; k < 5; k++, rest /= base)
			pattern[k] = CHARACTERS[rest % base];
		compare_with_libc(pattern);
	}
}
END_TEST

START_TEST(a_pattern_has_128_bytes_at_most)
{
	char pattern[GLOB_MAX + 2], text[GLOB_MAX + 2];
	struct glob *glob;

	memset(pattern, 'a', sizeof(pattern));
	memset(text, 'A', sizeof(text));
	pattern[GLOB_MAX] = text[GLOB_MAX] = '\0';
	ck_assert(matches(pattern, text));
	text[GLOB_MAX - 1] = '\0';
	ck_assert(!matches(pattern, text));
	pattern[GLOB_MAX] = 'a';
	pattern[GLOB_MAX + 1] = '\0';
	ck_assert_int_eq(glob_new(pattern, &glob), -E2BIG);
}
END_TEST

/* Backtracking would take 2^40 steps. */
START_TEST(no_pattern_makes_a_long_text_slow)
{
	static char text[1 << 20];
	char pattern[GLOB_MAX + 1] = "";

	memset(text, 'a', sizeof(text) - 1);
	for (size_t i = 0; i + 5 <= GLOB_MAX; i += 4)
		strcat(pattern, "*[a]");
	pattern[strlen(pattern) - 2] = 'b';
	ck_assert(!matches(pattern, text));
}
END_TEST

Suite *glob_suite(void)
{
	Suite *suite = suite_create("base/glob");
	TCase *tcase = tcase_create("glob");
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_pattern_matches_as_the_shell_says, 0, COUNT_OF(ROWS));
	tcase_add_test(tcase, short_patterns_match_as_those_of_libc);
	tcase_add_test(tcase, a_pattern_has_128_bytes_at_most);
	tcase_add_test(tcase, no_pattern_makes_a_long_text_slow);
	suite_add_tcase(suite, tcase);
	return suite;
}

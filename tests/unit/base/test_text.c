/* SPDX-License-Identifier: ISC
 * Tests of base/text. */
#include "base/array.h"
#include "base/rng.h"
#include "base/text.h"
#include "suites.h"
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

/* A name as it came and as it is kept. */
static const struct {
	const char *in, *out;
} NAMES[] = {
    {"", ""},
    {"Kitchen lamp", "Kitchen lamp"},
    {"K\xc3\xbc"
     "che \xe5\x8f\xb0\xe6\x89\x80 \xf0\x9f\x92\xa1\xef\xb8\x8f",
	"K\xc3\xbc"
	"che \xe5\x8f\xb0\xe6\x89\x80 \xf0\x9f\x92\xa1\xef\xb8\x8f"},
    {"  a  \t b \r\n", "a b"},
    {" \t\n ", ""},
    {"a\nFrom: b", "a From: b"},
    {"a\033[2Jb", "a [2Jb"},
    {"a\x7f"
     "b",
	"a b"},
    {"a\xc2\x80"
     "b\xc2\x9b"
     "c\xc2\x9f"
     "d",
	"a b c d"}, /* C1 */
    {"a\xc2\xa0"
     "b",
	"a\xc2\xa0"
	"b"}, /* the first behind C1 */
    {"a\xe2\x80\xa8"
     "b\xe2\x80\xa9"
     "c",
	"a b c"}, /* U+2028, U+2029 */
    {"a\xe2\x80\xaa"
     "b\xe2\x80\xab"
     "c\xe2\x80\xac"
     "d\xe2\x80\xad"
     "e\xe2\x80\xae"
     "f",
	"a b c d e f"},
    {"a\xe2\x81\xa6"
     "b\xe2\x81\xa7"
     "c\xe2\x81\xa8"
     "d\xe2\x81\xa9"
     "e",
	"a b c d e"},
    {"a\xe2\x80\x8e"
     "b\xe2\x80\x8f"
     "c\xd8\x9c"
     "d",
	"a b c d"}, /* directional marks */
    {"a\xe2\x80\x8b"
     "b\xe2\x80\x8c"
     "c\xe2\x80\x8d"
     "d\xe2\x81\xa0"
     "e\xef\xbb\xbf"
     "f",
	"a b c d e f"}, /* zero width */
    {"a\xc2\xad"
     "b\xe1\x85\x9f"
     "c\xe3\x85\xa4"
     "d\xf3\xa0\x81\x81"
     "e",
	"a b c d e"},
    {"a\xef\xb7\x90"
     "b\xef\xb7\xaf"
     "c\xef\xbf\xbe"
     "d\xef\xbf\xbf"
     "e\xf0\x9f\xbf\xbe"
     "f"
     "\xf4\x8f\xbf\xbf",
	"a b c d e f"}, /* noncharacters */
    {"a\xef\xb7\x8f"
     "b\xef\xb7\xb0",
	"a\xef\xb7\x8f"
	"b\xef\xb7\xb0"}, /* beside them */
    {REPLACEMENT, REPLACEMENT},
    {"\xff", REPLACEMENT},
    {"a\x80"
     "b",
	"a" REPLACEMENT "b"}, /* a continuation alone */
    {"\xc3", REPLACEMENT},    /* cut off */
    {"\xe2\x82", REPLACEMENT REPLACEMENT},
    {"\xf0\x9f\x92", REPLACEMENT REPLACEMENT REPLACEMENT},
    {"\xc3(", REPLACEMENT "("}, /* no continuation */
    {"\xe2\x82(", REPLACEMENT REPLACEMENT "("},
    {"\xc0\x80", REPLACEMENT REPLACEMENT}, /* overlong NUL */
    {"\xc1\xbf", REPLACEMENT REPLACEMENT},
    {"\xe0\x9f\xbf", REPLACEMENT REPLACEMENT REPLACEMENT},
    {"\xf0\x8f\xbf\xbf", REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT},
    {"\xed\xa0\x80", REPLACEMENT REPLACEMENT REPLACEMENT}, /* a surrogate */
    {"\xed\x9f\xbf", "\xed\x9f\xbf"},                      /* the last before them */
    {"\xf4\x90\x80\x80", REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT}, /* above U+10FFFF */
    {"\xf8\x88\x80\x80\x80", REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT},
};

START_TEST(names_become_harmless)
{
	char out[128];
	size_t len = text_clean(slice_of(NAMES[_i].in), out, sizeof(out));

	ck_assert_str_eq(out, NAMES[_i].out);
	ck_assert_uint_eq(len, strlen(out));
	ck_assert_int_eq(
	    text_is_clean(slice_of(NAMES[_i].in)), strcmp(NAMES[_i].in, NAMES[_i].out) == 0);
	ck_assert(text_is_clean(slice_of(NAMES[_i].out)));
}
END_TEST

START_TEST(a_nul_is_a_control_character_like_any_other)
{
	char out[16];

	ck_assert_uint_eq(text_clean(SLICE("a\0b"), out, sizeof(out)), 3);
	ck_assert_str_eq(out, "a b");
	ck_assert(!text_is_clean(SLICE("a\0b")));
}
END_TEST

START_TEST(what_does_not_fit_ends_at_a_character)
{
	static const struct {
		const char *in;
		size_t capacity;
		const char *out;
	} rows[] = {
	    {"abc", 4, "abc"},
	    {"abc", 3, "ab"},
	    {"abc", 1, ""},
	    {"a\xc3\xbc"
	     "b",
		4, "a\xc3\xbc"},
	    {"a\xc3\xbc"
	     "b",
		3, "a"},
	    {"a\xf0\x9f\x92\xa1", 5, "a"},
	    {"\xff\xff", 6, REPLACEMENT},
	    {"ab cd", 4, "ab"}, /* no blank at the end */
	    {"ab cd", 5, "ab c"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char out[16];
		memset(out, '#', sizeof(out));
		size_t len = text_clean(slice_of(rows[i].in), out, rows[i].capacity);
		ck_assert_str_eq(out, rows[i].out);
		ck_assert_uint_eq(len, strlen(rows[i].out));
		ck_assert_int_eq(out[rows[i].capacity], '#');
	}
	char untouched = '#';
	ck_assert_uint_eq(text_clean(SLICE("a"), &untouched, 0), 0);
	ck_assert_int_eq(untouched, '#');
}
END_TEST

START_TEST(any_bytes_become_clean_text_and_then_stay_so)
{
	struct rng rng;

	rng_init(&rng, 1);
	for (int round = 0; round < 5000; round++) {
		char in[24], once[80], twice[80];
		size_t len = rng_below(&rng, sizeof(in) + 1);
		for (size_t i = 0; i < len; i++) /* mostly such as begin or go on with something */
			in[i] = (char)(rng_below(&rng, 2) ? rng_below(&rng, 256)
							  : 0x80 + rng_below(&rng, 128));
		size_t clean = text_clean((struct slice){in, len}, once, sizeof(once));
		ck_assert(text_is_clean((struct slice){once, clean}));
		ck_assert_uint_eq(
		    text_clean((struct slice){once, clean}, twice, sizeof(twice)), clean);
		ck_assert_str_eq(once, twice);
	}
}
END_TEST

/* Mostly of letters and single blanks, of which what need not be copied is made. */
START_TEST(what_need_not_be_changed_is_not_copied)
{
	static const char BYTES[] = "abcdefghijk~!     \t\x7f\xc3\xbc";
	struct rng rng;
	unsigned kept = 0;

	rng_init(&rng, 1);
	for (int round = 0; round < 20000; round++) {
		char in[20], out[80], other[80];
		size_t len = rng_below(&rng, sizeof(in) + 1), kinds = rng_below(&rng, 2) ? 14 : 22;
		size_t capacity = rng_below(&rng, 4) ? sizeof(out) : 1 + rng_below(&rng, 20);
		for (size_t i = 0; i < len; i++)
			in[i] = BYTES[rng_below(&rng, (uint32_t)kinds)];
		struct slice text = {in, len}, want = {out, text_clean(text, out, capacity)};
		struct slice got = text_cleaned(text, other, capacity);
		ck_assert(slice_equal(got, want));
		ck_assert(got.bytes == other || (got.bytes == in && got.len == len));
		kept += got.bytes == in && memchr(in, ' ', len);
	}
	ck_assert_uint_gt(kept, 1000);
}
END_TEST

START_TEST(every_character_decodes_to_itself)
{
	int32_t c;

	ck_assert_uint_eq(text_decode(SLICE("\0"), &c), 1);
	ck_assert_int_eq(c, 0);
	ck_assert_uint_eq(text_decode(SLICE("\xc2\x80"), &c), 2);
	ck_assert_int_eq(c, 0x80);
	ck_assert_uint_eq(text_decode(SLICE("\xe2\x82\xac"
					    "x"),
			      &c),
	    3);
	ck_assert_int_eq(c, 0x20ac);
	ck_assert_uint_eq(text_decode(SLICE("\xf4\x8f\xbf\xbd"), &c), 4);
	ck_assert_int_eq(c, 0x10fffd);
	ck_assert_uint_eq(text_decode(slice_head(SLICE("\xe2\x82\xac"), 2), &c), 1);
	ck_assert_int_eq(c, -1);
}
END_TEST

START_TEST(escaping_shows_what_cannot_be_seen)
{
	static const char *const rows[][2] = {
	    {"a b", "a b"},
	    {"  ", "  "},
	    {"a\\b", "a\\\\b"},
	    {"a\n\033[1m\x7f", "a\\x0a\\x1b[1m\\x7f"},
	    {"\xc3\xbc\xff", "\xc3\xbc\\xff"},
	    {"\xc2\x9b", "\\xc2\\x9b"},
	    {"\xe2\x80\xae", "\\xe2\\x80\\xae"},
	    {"\xc0\x80", "\\xc0\\x80"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char out[64];
		struct writer w;
		writer_init(&w, out, sizeof(out));
		text_escape(slice_of(rows[i][0]), &w);
		ck_assert_int_eq(writer_error(&w), 0);
		ck_assert(slice_equal(writer_result(&w), slice_of(rows[i][1])));
	}
}
END_TEST

START_TEST(a_uuid_has_one_shape)
{
	ck_assert(text_is_uuid(SLICE("2fac1234-31f8-11b4-a222-08002b34c003")));
	ck_assert(text_is_uuid(SLICE("2FAC1234-31F8-11B4-A222-08002B34C003")));
	ck_assert(!text_is_uuid(SLICE("2fac123-431f8-11b4-a222-08002b34c003")));
	ck_assert(!text_is_uuid(SLICE("2fac1234-31f8-11b4-a222-08002b34c00g")));
	ck_assert(!text_is_uuid(SLICE("2fac1234-31f8-11b4-a222-08002b34c00")));
	ck_assert(!text_is_uuid(SLICE("2fac1234-31f8-11b4-a222-08002b34c0033")));
	ck_assert(!text_is_uuid(SLICE_NONE));
}
END_TEST

/* Texts are looked at in pieces of several bytes. */
START_TEST(each_byte_counts_wherever_it_stands)
{
	for (size_t at = 0; at < 20; at++) {
		char text[] = "abcdefghijklmnopqrst";
		for (int byte = 0; byte < 256; byte++) {
			bool inner = at > 0 && at < sizeof(text) - 2;
			text[at] = (char)byte;
			ck_assert_int_eq(text_is_clean((struct slice){text, sizeof(text) - 1}),
			    (byte > ' ' && byte < 0x7f) || (byte == ' ' && inner));
		}
	}
}
END_TEST

Suite *text_suite(void)
{
	Suite *suite = suite_create("base/text");
	TCase *tcase = tcase_create("text");

	tcase_add_loop_test(tcase, names_become_harmless, 0, COUNT_OF(NAMES));
	tcase_add_test(tcase, a_nul_is_a_control_character_like_any_other);
	tcase_add_test(tcase, what_does_not_fit_ends_at_a_character);
	tcase_add_test(tcase, any_bytes_become_clean_text_and_then_stay_so);
	tcase_add_test(tcase, what_need_not_be_changed_is_not_copied);
	tcase_add_test(tcase, each_byte_counts_wherever_it_stands);
	tcase_add_test(tcase, every_character_decodes_to_itself);
	tcase_add_test(tcase, escaping_shows_what_cannot_be_seen);
	tcase_add_test(tcase, a_uuid_has_one_shape);
	suite_add_tcase(suite, tcase);
	return suite;
}

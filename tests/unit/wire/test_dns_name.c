/* SPDX-License-Identifier: ISC
 * Tests of wire/dns_name. */
#include "base/array.h"
#include "expect.h"
#include "suites.h"
#include "wire/dns_name.h"
#include <errno.h>
#include <string.h>

static struct dns_name name_of(const char *text)
{
	struct dns_name name;

	ck_assert_int_eq(dns_name_parse(slice_of(text), &name), 0);
	return name;
}

static void expect_text(const struct dns_name *name, const char *text)
{
	char buffer[DNS_NAME_TEXT_MAX];
	struct writer w;

	writer_init(&w, buffer, sizeof(buffer));
	dns_name_format(name, &w);
	ck_assert_int_eq(writer_error(&w), 0);
	ck_assert_slice(writer_result(&w), text);
}

#define L63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"
#define L61 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghi"

/* What is read, and what is written again; NULL where that is the same. */
static const struct {
	const char *text, *again;
	size_t labels;
	int error;
} TEXTS[] = {
    {"local", NULL, 1, 0},
    {"_http._tcp.local", NULL, 3, 0},
    {"_http._tcp.local.", "_http._tcp.local", 3, 0},
    {"a\\.b\\\\c._http._tcp.local", NULL, 4, 0},
    {"a\\ b.local", "a b.local", 2, 0},
    {"Küche._http._tcp.local", NULL, 4, 0},
    {"a\\007\\127.local", NULL, 2, 0},
    {"\\097\\255.local", "a\xFF.local", 2, 0},
    {"\\000", NULL, 1, 0},
    {".", NULL, 0, 0},
    {L63 "." L63 "." L63 "." L61, NULL, 4, 0},
    {"", NULL, 0, -EINVAL},
    {"..", NULL, 0, -EINVAL},
    {".local", NULL, 0, -EINVAL},
    {"a..local", NULL, 0, -EINVAL},
    {"a\\", NULL, 0, -EINVAL},
    {"a\\1", NULL, 0, -EINVAL},
    {"a\\12x", NULL, 0, -EINVAL},
    {"a\\256", NULL, 0, -EINVAL},
    {L63 "x", NULL, 0, -ENAMETOOLONG},
    {L63 "." L63 "." L63 "." L61 "x", NULL, 0, -ENAMETOOLONG},
};

START_TEST(text_is_read_and_written_with_escapes_of_rfc_1035)
{
	struct dns_name name;

	ck_assert_int_eq(dns_name_parse(slice_of(TEXTS[_i].text), &name), TEXTS[_i].error);
	if (TEXTS[_i].error)
		return;
	ck_assert_uint_eq(dns_name_label_count(&name), TEXTS[_i].labels);
	expect_text(&name, TEXTS[_i].again ? TEXTS[_i].again : TEXTS[_i].text);
}
END_TEST

START_TEST(the_longest_text_form_fits_its_limit)
{
	struct dns_name name;
	char zeros[DNS_LABEL_MAX] = {0};

	dns_name_init(&name);
	for (unsigned i = 0; i < 3; i++)
		ck_assert(dns_name_add(&name, (struct slice){zeros, sizeof(zeros)}));
	ck_assert(dns_name_add(&name, (struct slice){zeros, 61}));
	ck_assert_uint_eq(name.len, DNS_NAME_MAX - 1);

	char buffer[DNS_NAME_TEXT_MAX - 1];
	struct writer w;
	writer_init(&w, buffer, sizeof(buffer));
	dns_name_format(&name, &w);
	ck_assert_int_eq(writer_error(&w), 0);
}
END_TEST

START_TEST(what_makes_a_name_too_long_is_not_added)
{
	struct dns_name name = name_of(L63 "." L63 "." L63), suffix = name_of(L61), before = name;

	ck_assert(!dns_name_add(&name, SLICE("")));
	ck_assert(!dns_name_add(&name, SLICE(L63 "x")));
	ck_assert(!dns_name_add(&name, SLICE(L61 "x")));
	ck_assert(dns_name_equal(&name, &before));
	ck_assert(dns_name_append(&name, &suffix));
	ck_assert_uint_eq(name.len, DNS_NAME_MAX - 1);
	suffix = name_of("a");
	ck_assert(!dns_name_append(&name, &suffix));
	ck_assert_uint_eq(name.len, DNS_NAME_MAX - 1);
}
END_TEST

START_TEST(labels_are_taken_from_the_left)
{
	struct dns_name name = name_of("Web._http._tcp.local"), type = dns_name_without(&name, 1);

	ck_assert_slice(dns_name_label(&name, 0), "Web");
	ck_assert_slice(dns_name_label(&name, 3), "local");
	ck_assert_slice(dns_name_label(&name, 4), NULL);
	expect_text(&type, "_http._tcp.local");
	type = dns_name_without(&name, 4);
	expect_text(&type, ".");
	type = dns_name_without(&name, 9);
	expect_text(&type, ".");
	dns_name_init(&name);
	ck_assert_slice(dns_name_label(&name, 0), NULL);
}
END_TEST

static const struct {
	const char *a, *b;
	bool equal, ends_with;
} PAIRS[] = {
    {"_HTTP._Tcp.LOCAL", "_http._tcp.local", true, true},
    {"Web._http._tcp.local", "_http._TCP.local", false, true},
    {"local", "_tcp.local", false, false},
    {"a.b", "a\\.b", false, false},
    {"xa.b", "a.b", false, false},
    {"a\\001b", "b", false, false},
    {"\xC3\x84", "\xC3\xA4", false, false},
    {"[", "{", false, false},
    {"a", ".", false, true},
    {".", ".", true, true},
};

START_TEST(names_compare_without_the_case_of_ascii_letters)
{
	struct dns_name a = name_of(PAIRS[_i].a), b = name_of(PAIRS[_i].b);

	ck_assert_int_eq(dns_name_equal(&a, &b), PAIRS[_i].equal);
	ck_assert_int_eq(dns_name_ends_with(&a, &b), PAIRS[_i].ends_with);
}
END_TEST

#define HEADER "............"

/* Names at offset 12, up to the end. `end` is where the name ends; 0 where it does not. */
static const struct {
	struct slice bytes;
	size_t at, end;
	const char *text; /* NULL where it cannot be expanded */
} EXPANSIONS[] = {
    {SLICE(HEADER "\1a\0"), 12, 15, "a"},
    {SLICE(HEADER "\0"), 12, 13, "."},
    {SLICE(HEADER "\1a\0\1b\xC0\x0C"), 15, 19, "b.a"},
    {SLICE(HEADER "\1a\0\xC0\x0C"), 15, 17, "a"},
    {SLICE(HEADER "\1a\1b\0\1c\xC0\x0E"), 17, 21, "c.b"},
    {SLICE(HEADER "\xC0\x0C"), 12, 14, NULL},
    {SLICE(HEADER "\1a\xC0\x0C"), 12, 16, NULL},
    {SLICE(HEADER "\1a\xC0\x0E"), 12, 16, NULL},
    {SLICE(HEADER "\1a\xC0\x10\0"), 12, 16, NULL},
    {SLICE(HEADER "\1a\0\1b\xC0\x0B"), 15, 19, NULL},
    {SLICE(HEADER "\1a\xC0\x0F\1b\xC0\x0C"), 16, 20, NULL},
    {SLICE(HEADER "\1a"), 12, 0, NULL},
    {SLICE(HEADER "\2a"), 12, 0, NULL},
    {SLICE(HEADER "\1a\xC0"), 12, 0, NULL},
    {SLICE(HEADER "\x41"
		  "a\0"),
	12, 0, NULL},
    {SLICE(HEADER "\x81"
		  "a\0"),
	12, 0, NULL},
    {SLICE(HEADER), 12, 0, NULL},
};

START_TEST(pointers_are_followed_backward_only)
{
	struct slice message = EXPANSIONS[_i].bytes;
	size_t at = EXPANSIONS[_i].at;
	struct dns_name_ref ref;
	struct dns_name name;

	ck_assert_int_eq(dns_name_skip(message, &at, message.len), EXPANSIONS[_i].end > 0);
	ck_assert_uint_eq(at, EXPANSIONS[_i].end ? EXPANSIONS[_i].end : EXPANSIONS[_i].at);
	at = EXPANSIONS[_i].at;
	ck_assert_int_eq(dns_name_find(message, &at, &ref), EXPANSIONS[_i].text != NULL);
	ck_assert_uint_eq(at, EXPANSIONS[_i].text ? EXPANSIONS[_i].end : EXPANSIONS[_i].at);
	if (!EXPANSIONS[_i].text)
		return;
	dns_name_expand(&ref, &name);
	expect_text(&name, EXPANSIONS[_i].text);
	ck_assert_uint_eq(ref.len, name.len);
	ck_assert(dns_name_ref_is(&ref, &name));
}
END_TEST

/* Two names of one message, at these offsets. */
static const struct {
	struct slice bytes;
	size_t first, second;
	bool equal;
} PLACES[] = {
    {SLICE(HEADER "\1a\1b\0\1a\xC0\x0E"), 12, 17, true},
    {SLICE(HEADER "\1a\1b\0\1A\1B\0"), 12, 17, true},
    {SLICE(HEADER "\1a\1b\0\1a\1c\0"), 12, 17, false},
    {SLICE(HEADER "\1a\1b\0\xC0\x0C"), 12, 17, true},
    {SLICE(HEADER "\1a\1b\0\xC0\x0E"), 12, 17, false},
    {SLICE(HEADER "\1a\1b\1c\0\1a\1b\0"), 12, 19, false},
    {SLICE(HEADER "\2ab\1c\0\1a\2bc\0"), 12, 18, false},
    {SLICE(HEADER "\1[\0\1{\0"), 12, 15, false},
    {SLICE(HEADER "\0\xC0\x0C"), 12, 13, true},
};

START_TEST(names_in_a_message_compare_as_copies_do)
{
	struct slice message = PLACES[_i].bytes;
	size_t first_at = PLACES[_i].first, second_at = PLACES[_i].second;
	struct dns_name_ref first, second, parent;
	struct dns_name a, b, rest;

	ck_assert(dns_name_find(message, &first_at, &first));
	ck_assert(dns_name_find(message, &second_at, &second));
	dns_name_expand(&first, &a);
	dns_name_expand(&second, &b);
	ck_assert_int_eq(dns_name_refs_equal(&first, &second), PLACES[_i].equal);
	ck_assert_int_eq(dns_name_equal(&a, &b), PLACES[_i].equal);
	ck_assert_int_eq(dns_name_ref_is(&first, &b), PLACES[_i].equal);
	ck_assert_int_eq(dns_name_ref_is(&second, &a), PLACES[_i].equal);
	parent = dns_name_ref_parent(&second);
	rest = dns_name_without(&b, 1);
	ck_assert(dns_name_ref_is(&parent, &rest));
	if (b.len == 0)
		return;
	ck_assert(dns_name_ref_is_child(&second, dns_name_label(&b, 0), &rest));
	ck_assert_int_eq(
	    dns_name_ref_is_child(&first, dns_name_label(&b, 0), &rest), PLACES[_i].equal);
}
END_TEST

START_TEST(a_name_does_not_go_beyond_its_end)
{
	struct slice message = SLICE(HEADER "\1a\1b\0");
	size_t at = 12;

	ck_assert(!dns_name_skip(message, &at, 16));
	ck_assert_uint_eq(at, 12);
	ck_assert(dns_name_skip(message, &at, 17));
	ck_assert_uint_eq(at, 17);
}
END_TEST

/* RFC 1123 2.1, RFC 6762 16. */
static const struct {
	const char *text;
	int error;
} HOSTS[] = {
    {"tv", 0},
    {"TV-2.local.", 0},
    {"my_pc.local", 0},
    {"3com.local", 0},
    {"küche.local", 0},
    {"", -EINVAL},
    {".", -EINVAL},
    {"a..b", -EINVAL},
    {"_http._tcp.local", -EINVAL},
    {"living room.local", -EINVAL},
    {"a\\.b.local", -EINVAL},
    {"a/b", -EINVAL},
    {"tv\n", -EINVAL},
    {"192.0.2.5", -EINVAL},
    {"fe80::1", -EINVAL},
    {"fe80::1%eth0", -EINVAL},
    {L63 ".local", 0},
    {L63 "l.local", -ENAMETOOLONG},
};

START_TEST(host_names_have_letters_digits_and_hyphens)
{
	struct dns_name name;

	ck_assert_int_eq(dns_name_parse_host(slice_of(HOSTS[_i].text), &name), HOSTS[_i].error);
}
END_TEST

Suite *dns_name_suite(void)
{
	Suite *suite = suite_create("wire/dns_name");
	TCase *tcase = tcase_create("dns_name");
	add_test_of_rows(tcase, text_is_read_and_written_with_escapes_of_rfc_1035, TEXTS);
	tcase_add_test(tcase, the_longest_text_form_fits_its_limit);
	tcase_add_test(tcase, what_makes_a_name_too_long_is_not_added);
	tcase_add_test(tcase, labels_are_taken_from_the_left);
	add_test_of_rows(tcase, names_compare_without_the_case_of_ascii_letters, PAIRS);
	add_test_of_rows(tcase, pointers_are_followed_backward_only, EXPANSIONS);
	tcase_add_loop_test(
	    tcase, names_in_a_message_compare_as_copies_do, 0, (int)COUNT_OF(PLACES));
	tcase_add_test(tcase, a_name_does_not_go_beyond_its_end);
	add_test_of_rows(tcase, host_names_have_letters_digits_and_hyphens, HOSTS);
	suite_add_tcase(suite, tcase);
	return suite;
}

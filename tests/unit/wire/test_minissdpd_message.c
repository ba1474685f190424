/* SPDX-License-Identifier: ISC
 * Tests of wire/minissdpd_message. */
#include "base/array.h"
#include "suites.h"
#include "wire/minissdpd_message.h"
#include <check.h>
#include <errno.h>
#include <string.h>

static struct minissdpd_request request;
static size_t len;

#define PARSE(literal) minissdpd_request_parse(SLICE(literal), &request, &len)
#define EXPECT(slice, literal)                                                                     \
	ck_assert_msg(slice_equal((slice), SLICE(literal)), "%.*s", SLICE_ARGS(slice))

START_TEST(every_request_is_read_and_what_follows_it_is_left)
{
	ck_assert_int_eq(PARSE("\0\0rest"), 0);
	ck_assert_uint_eq(request.type, MINISSDPD_VERSION);
	ck_assert_uint_eq(len, 2);
	ck_assert_int_eq(PARSE("\1\3urn\3"), 0);
	ck_assert_uint_eq(request.type, MINISSDPD_BY_TYPE);
	EXPECT(request.text, "urn");
	ck_assert_uint_eq(len, 5);
	ck_assert_int_eq(PARSE("\4\1a\2bb\0\3ccc\4"), 0);
	EXPECT(request.submission.st, "a");
	EXPECT(request.submission.usn, "bb");
	EXPECT(request.submission.server, "");
	EXPECT(request.submission.location, "ccc");
	ck_assert_uint_eq(len, 11);
	ck_assert_int_eq(PARSE("\x99\1x"), 0);
	ck_assert_uint_eq(request.type, 0x99);
}
END_TEST

START_TEST(nothing_is_asked_for_only_where_it_may_be)
{
	ck_assert_int_eq(PARSE("\1\0"), -EBADMSG);
	ck_assert_int_eq(PARSE("\2\0"), -EBADMSG);
	ck_assert_int_eq(PARSE("\4\0\0\0\0"), -EBADMSG);
	ck_assert_int_eq(PARSE("\0\0"), 0);
	ck_assert_int_eq(PARSE("\3\0"), 0);
	ck_assert_int_eq(PARSE("\5\0"), 0);
	ck_assert_int_eq(PARSE("\6\0"), 0);
}
END_TEST

START_TEST(half_a_request_waits_for_the_other_half)
{
	struct slice whole = SLICE("\4\1a\2bb\2cc\2dd");
	for (size_t i = 0; i < whole.len; i++)
		ck_assert_int_eq(
		    minissdpd_request_parse(slice_head(whole, i), &request, &len), -EAGAIN);
	ck_assert_int_eq(minissdpd_request_parse(whole, &request, &len), 0);
	ck_assert_int_eq(PARSE("\1\x81"), -EAGAIN);
}
END_TEST

START_TEST(lengths_have_an_end)
{
	char text[3 + MINISSDPD_STRING_MAX] = "\1\x84\0";
	ck_assert_int_eq(
	    minissdpd_request_parse((struct slice){text, sizeof(text)}, &request, &len), 0);
	ck_assert_uint_eq(request.text.len, MINISSDPD_STRING_MAX);
	/* as soon as it is promised */
	ck_assert_int_eq(PARSE("\1\x84\1"), -EMSGSIZE);
	ck_assert_int_eq(PARSE("\1\xff\xff"), -EMSGSIZE);
	ck_assert_int_eq(PARSE("\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), -EMSGSIZE);
	ck_assert_int_eq(PARSE("\1\x90\x80\x80\x80\x80\x80\x80\x80\x80\1"), -EMSGSIZE);
	ck_assert_int_eq(PARSE("\4\1a\1b\1c\x84\1"), -EMSGSIZE);
	/* zeros in front of it mean nothing, but do not go on for ever */
	ck_assert_int_eq(PARSE("\1\x80\x80\1x"), 0);
	ck_assert_int_eq(PARSE("\1\x80\x80\x80\x80"), -EMSGSIZE);
}
END_TEST

START_TEST(lengths_are_written_as_short_as_they_are)
{
	static char text[20000];
	static char buffer[20010];
	static const struct {
		size_t len;
		const char *head;
		size_t head_len;
	} CASES[] = {{0, "\0", 1}, {1, "\1", 1}, {127, "\x7f", 1}, {128, "\x81\0", 2},
	    {512, "\x84\0", 2}, {16383, "\xff\x7f", 2}, {16384, "\x81\x80\0", 3}};
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct writer w;
		writer_init(&w, buffer, sizeof(buffer));
		minissdpd_string_format((struct slice){text, CASES[i].len}, &w);
		ck_assert_uint_eq(w.len, CASES[i].head_len + CASES[i].len);
		ck_assert_mem_eq(buffer, CASES[i].head, CASES[i].head_len);
	}
}
END_TEST

START_TEST(an_entry_takes_as_many_bytes_as_said)
{
	char buffer[1024], text[300];
	struct writer w;
	memset(text, 'x', sizeof(text));
	struct minissdpd_entry entry = {{text, 300}, {text, 128}, SLICE("uuid:a")};
	writer_init(&w, buffer, sizeof(buffer));
	minissdpd_entry_format(&entry, &w);
	ck_assert_uint_eq(w.len, minissdpd_entry_size(&entry));
	entry = (struct minissdpd_entry){SLICE("L"), SLICE("ST"), SLICE("USN")};
	writer_init(&w, buffer, sizeof(buffer));
	minissdpd_notice_format(MINISSDPD_REMOVE, &entry, &w);
	EXPECT(writer_result(&w), "\xff\3\1\1L\2ST\3USN");
}
END_TEST

START_TEST(a_type_is_compared_without_its_version)
{
	EXPECT(minissdpd_type_base(SLICE("urn:a:device:B:12")), "urn:a:device:B:");
	EXPECT(minissdpd_type_base(SLICE("upnp:rootdevice")), "upnp:rootdevice");
	EXPECT(minissdpd_type_base(SLICE("12")), "");
}
END_TEST

Suite *minissdpd_message_suite(void)
{
	Suite *suite = suite_create("wire/minissdpd_message");
	TCase *tcase = tcase_create("minissdpd_message");
	tcase_add_test(tcase, every_request_is_read_and_what_follows_it_is_left);
	tcase_add_test(tcase, nothing_is_asked_for_only_where_it_may_be);
	tcase_add_test(tcase, half_a_request_waits_for_the_other_half);
	tcase_add_test(tcase, lengths_have_an_end);
	tcase_add_test(tcase, lengths_are_written_as_short_as_they_are);
	tcase_add_test(tcase, an_entry_takes_as_many_bytes_as_said);
	tcase_add_test(tcase, a_type_is_compared_without_its_version);
	suite_add_tcase(suite, tcase);
	return suite;
}

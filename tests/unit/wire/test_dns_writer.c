/* SPDX-License-Identifier: ISC
 * Tests of wire/dns_writer. */
#include "expect.h"
#include "suites.h"
#include "wire/dns_writer.h"
#include <stdio.h>
#include <string.h>

enum { BUFFER_MAX = 20000 };

static struct dns_name name_of(const char *text)
{
	struct dns_name name;

	ck_assert_int_eq(dns_name_parse(slice_of(text), &name), 0);
	return name;
}

static struct dns_record ptr(const char *name, const char *target)
{
	return (struct dns_record){
	    .section = DNS_ANSWER,
	    .name = name_of(name),
	    .type = DNS_PTR,
	    .class = DNS_IN,
	    .ttl = 4500,
	    .target = name_of(target),
	};
}

static struct dns_record srv(const char *name, const char *target)
{
	struct dns_record record = ptr(name, target);

	record.type = DNS_SRV;
	record.flag = true;
	record.priority = 1;
	record.weight = 2;
	record.port = 8080;
	return record;
}

static void expect_bytes(const struct dns_writer *w, struct slice expected)
{
	struct slice found = dns_writer_result(w);

	ck_assert_uint_eq(found.len, expected.len);
	for (size_t i = 0; i < found.len; i++)
		ck_assert_msg(found.bytes[i] == expected.bytes[i], "byte %zu is %02x", i,
		    (uint8_t)found.bytes[i]);
}

START_TEST(names_point_to_earlier_ones)
{
	char buffer[BUFFER_MAX];
	struct dns_writer w;
	struct dns_name question = name_of("_http._tcp.local");
	struct dns_record record = ptr("_http._tcp.local", "Web._http._tcp.local");

	dns_writer_init(&w, buffer, sizeof(buffer), 0x1234, DNS_RESPONSE);
	ck_assert(dns_writer_question(&w, &question, DNS_PTR, DNS_IN, true));
	ck_assert(dns_writer_record(&w, &record));
	record = srv("Web._http._tcp.local", "host.local");
	ck_assert(dns_writer_record(&w, &record));
	dns_writer_flags(&w, DNS_RESPONSE | DNS_TRUNCATED);
	expect_bytes(&w, SLICE("\x12\x34\x82\x00\0\1\0\2\0\0\0\0"
			       "\5_http\4_tcp\5local\0\0\x0C\x80\1"
			       "\xC0\x0C\0\x0C\0\1\0\0\x11\x94\0\6\3Web\xC0\x0C"
			       "\xC0\x2E\0\x21\x80\1\0\0\x11\x94\0\x0D\0\1\0\2\x1F\x90"
			       "\4host\xC0\x17"));
}
END_TEST

START_TEST(srv_targets_stay_whole_where_wanted)
{
	char buffer[BUFFER_MAX];
	struct dns_writer w;
	struct dns_record record = srv("a.local", "b.local");

	dns_writer_init(&w, buffer, sizeof(buffer), 0, DNS_RESPONSE);
	w.whole_targets = true;
	ck_assert(dns_writer_record(&w, &record));
	expect_bytes(&w, SLICE("\0\0\x80\0\0\0\0\1\0\0\0\0"
			       "\1a\5local\0\0\x21\x80\1\0\0\x11\x94\0\x0F\0\1\0\2\x1F\x90"
			       "\1b\5local\0"));
}
END_TEST

START_TEST(each_name_keeps_its_case)
{
	char buffer[BUFFER_MAX];
	struct dns_writer w;
	struct dns_record record = ptr("A.local", "a.local");

	dns_writer_init(&w, buffer, sizeof(buffer), 0, 0);
	ck_assert(dns_writer_record(&w, &record));
	expect_bytes(&w, SLICE("\0\0\0\0\0\0\0\1\0\0\0\0"
			       "\1A\5local\0\0\x0C\0\1\0\0\x11\x94\0\4\1a\xC0\x0E"));
}
END_TEST

START_TEST(what_does_not_fit_leaves_the_message_as_it_was)
{
	char buffer[200];
	struct dns_record first = srv("Web._http._tcp.local", "host.local");
	struct dns_record second = ptr("_ipp._tcp.local", "Printer._ipp._tcp.local");
	struct dns_writer w, before;

	dns_writer_init(&w, buffer, sizeof(buffer), 0, DNS_RESPONSE);
	ck_assert(dns_writer_record(&w, &first));
	size_t one = w.len;
	ck_assert(dns_writer_record(&w, &second));
	for (size_t capacity = one; capacity < w.len; capacity++) {
		char small[200];
		struct dns_writer s;
		dns_writer_init(&s, small, capacity, 0, DNS_RESPONSE);
		ck_assert(dns_writer_record(&s, &first));
		before = s;
		ck_assert(!dns_writer_record(&s, &second));
		ck_assert_mem_eq(&s, &before, sizeof(s));
		ck_assert_mem_eq(
		    small + DNS_HEADER_LEN, buffer + DNS_HEADER_LEN, one - DNS_HEADER_LEN);
		ck_assert_mem_eq(small, "\0\0\x80\0\0\0\0\1\0\0\0\0", DNS_HEADER_LEN);
	}
}
END_TEST

START_TEST(sections_are_written_in_their_order)
{
	char buffer[BUFFER_MAX];
	struct dns_writer w;
	struct dns_record record = ptr("a.local", "b.local");
	struct dns_name name = name_of("a.local");

	dns_writer_init(&w, buffer, sizeof(buffer), 0, 0);
	record.section = DNS_AUTHORITY;
	ck_assert(dns_writer_record(&w, &record));
	ck_assert(!dns_writer_question(&w, &name, DNS_ANY, DNS_IN, false));
	record.section = DNS_ANSWER;
	ck_assert(!dns_writer_record(&w, &record));
	record.section = DNS_QUESTION;
	ck_assert(!dns_writer_record(&w, &record));
	record.section = DNS_ADDITIONAL;
	ck_assert(dns_writer_record(&w, &record));
	ck_assert_mem_eq(buffer, "\0\0\0\0\0\0\0\0\0\1\0\1", DNS_HEADER_LEN);
}
END_TEST

/* More names than are remembered, beyond what a pointer reaches, one below the other: what is
 * written can be read. */
START_TEST(what_is_written_can_be_read)
{
	char buffer[BUFFER_MAX];
	struct dns_writer w;
	struct dns_message message;
	struct dns_cursor cursor = {0};
	struct dns_record record, found;
	struct dns_name name = name_of("local");
	unsigned written = 0;

	dns_writer_init(&w, buffer, sizeof(buffer), 0, DNS_RESPONSE);
	for (unsigned i = 0; i < 100; i++) {
		struct dns_name longer;
		dns_name_init(&longer);
		if (i < 40) {
			ck_assert(dns_name_add(&longer, SLICE("x")));
			ck_assert(dns_name_append(&longer, &name));
			name = longer;
		}
		record = ptr("a.local", "b.local");
		record.name = record.target = name;
		written += dns_writer_record(&w, &record);
		record.type = DNS_TXT;
		record.rdata = (struct slice){(const char[200]){0}, 200};
		written += dns_writer_record(&w, &record);
	}
	ck_assert_uint_gt(w.len, 0x4000);
	ck_assert_int_eq(dns_message_parse(dns_writer_result(&w), &message), 0);
	for (unsigned i = 0; i < written; i++) {
		ck_assert(dns_message_next(&message, &cursor, &found));
		ck_assert(dns_name_ends_with(&found.name, &name) || i < 80);
		ck_assert(found.type == DNS_TXT || dns_name_equal(&found.name, &found.target));
	}
	ck_assert(!dns_message_next(&message, &cursor, &found));
	ck_assert(!cursor.cut && cursor.malformed == 0);
}
END_TEST

START_TEST(data_is_written_by_type)
{
	char buffer[BUFFER_MAX];
	struct dns_writer w;
	struct dns_record record = ptr("a.local", "a.local");

	dns_writer_init(&w, buffer, sizeof(buffer), 0, 0);
	record.type = DNS_A;
	record.address = address_ipv4(192, 0, 2, 1);
	ck_assert(dns_writer_record(&w, &record));
	record.type = DNS_AAAA;
	record.address = (struct address){ADDRESS_IPV6, {0xFE, 0x80, [15] = 1}};
	ck_assert(dns_writer_record(&w, &record));
	record.type = DNS_NSEC;
	record.types = SLICE("\0\1\x40");
	ck_assert(dns_writer_record(&w, &record));
	record.type = DNS_TXT;
	record.rdata = SLICE("\3a=1");
	ck_assert(dns_writer_record(&w, &record));
	record.rdata = SLICE_NONE;
	ck_assert(dns_writer_record(&w, &record));
#define HEAD(type) "\xC0\x0C\0" type "\0\1\0\0\x11\x94\0"
	expect_bytes(&w, SLICE("\0\0\0\0\0\0\0\5\0\0\0\0"
			       "\1a\5local\0\0\1\0\1\0\0\x11\x94\0\4\xC0\0\2\1" HEAD(
				   "\x1C") "\x10\xFE\x80\0\0\0"
					   "\0\0\0\0\0\0\0\0\0"
					   "\0\1" HEAD("\x2F") "\5\xC0\x0C\0\1\x40" HEAD(
					       "\x10") "\4\3a="
						       "1" HEAD("\x10") "\0"));
#undef HEAD
}
END_TEST

Suite *dns_writer_suite(void)
{
	Suite *suite = suite_create("wire/dns_writer");
	TCase *tcase = tcase_create("dns_writer");
	tcase_add_test(tcase, names_point_to_earlier_ones);
	tcase_add_test(tcase, srv_targets_stay_whole_where_wanted);
	tcase_add_test(tcase, each_name_keeps_its_case);
	tcase_add_test(tcase, what_does_not_fit_leaves_the_message_as_it_was);
	tcase_add_test(tcase, sections_are_written_in_their_order);
	tcase_add_test(tcase, what_is_written_can_be_read);
	tcase_add_test(tcase, data_is_written_by_type);
	suite_add_tcase(suite, tcase);
	return suite;
}

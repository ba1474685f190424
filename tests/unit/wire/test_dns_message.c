/* SPDX-License-Identifier: ISC
 * Tests of wire/dns_message. What packets are read as is tested by golden_packets. */
#include "expect.h"
#include "suites.h"
#include "wire/dns_message.h"
#include <errno.h>
#include <string.h>
#include <time.h>

enum { DATAGRAM_MAX = 9000, ROUNDS = 20 };

/* Name, type A, class IN, TTL 120, one address. */
#define RECORD(name) name "\0\1\0\1\0\0\0\x78\0\4\xC0\0\2\1"

START_TEST(a_header_has_12_bytes)
{
	struct slice bytes = SLICE("\x12\x34\x84\x00\0\1\0\2\0\3\1\4");
	struct dns_message message;

	ck_assert_int_eq(dns_message_parse(slice_head(bytes, 11), &message), -EINVAL);
	ck_assert_int_eq(dns_message_parse(SLICE_NONE, &message), -EINVAL);
	ck_assert_int_eq(dns_message_parse(bytes, &message), 0);
	ck_assert_uint_eq(message.id, 0x1234);
	ck_assert_uint_eq(message.flags, DNS_RESPONSE | DNS_AUTHORITATIVE);
	ck_assert_uint_eq(message.counts[DNS_QUESTION], 1);
	ck_assert_uint_eq(message.counts[DNS_ANSWER], 2);
	ck_assert_uint_eq(message.counts[DNS_AUTHORITY], 3);
	ck_assert_uint_eq(message.counts[DNS_ADDITIONAL], 0x104);
}
END_TEST

START_TEST(sections_follow_each_other)
{
	struct slice bytes = SLICE("\0\0\0\0\0\1\0\1\0\0\0\1"
				   "\1a\0\0\xFF\x80\1" RECORD("\1b\0") RECORD("\1c\0"));
	struct dns_message message;
	struct dns_cursor cursor = {0};
	struct dns_record record;

	ck_assert_int_eq(dns_message_parse(bytes, &message), 0);
	ck_assert(dns_message_next(&message, &cursor, &record));
	ck_assert_int_eq(record.section, DNS_QUESTION);
	ck_assert_uint_eq(record.type, DNS_ANY);
	ck_assert_uint_eq(record.class, DNS_IN);
	ck_assert(record.flag);
	ck_assert(dns_message_next(&message, &cursor, &record));
	ck_assert_int_eq(record.section, DNS_ANSWER);
	ck_assert_slice(dns_name_label(&record.name, 0), "b");
	ck_assert_uint_eq(record.ttl, 120);
	ck_assert(!record.flag);
	ck_assert(dns_message_next(&message, &cursor, &record));
	ck_assert_int_eq(record.section, DNS_ADDITIONAL);
	struct address expected = address_ipv4(192, 0, 2, 1);
	ck_assert(address_equal(&record.address, &expected));
	ck_assert(!dns_message_next(&message, &cursor, &record));
	ck_assert(!dns_message_next(&message, &cursor, &record));
	ck_assert(!cursor.cut && cursor.malformed == 0);
}
END_TEST

/* Each message cut at each byte: what was before the cut is read, and the cut is noticed. */
START_TEST(what_is_before_the_end_is_read)
{
	struct slice bytes = SLICE(
	    "\0\0\x84\0\0\0\0\3\0\0\0\0" RECORD("\1a\0") RECORD("\1b\xC0\x0E") RECORD("\xC0\x0C"));
	static const size_t ENDS[] = {29, 47, 63};

	for (size_t len = DNS_HEADER_LEN; len <= bytes.len; len++) {
		struct dns_message message;
		struct dns_cursor cursor = {0};
		struct dns_record record;
		size_t found = 0, expected = 0;
		ck_assert_int_eq(dns_message_parse(slice_head(bytes, len), &message), 0);
		while (dns_message_next(&message, &cursor, &record))
			found++;
		while (expected < COUNT_OF(ENDS) && len >= ENDS[expected])
			expected++;
		ck_assert_uint_eq(found, expected);
		ck_assert_int_eq(cursor.cut, len < bytes.len);
	}
}
END_TEST

static const struct {
	struct slice types; /* of the NSEC, behind its name */
	uint16_t type;
	bool has;
} BITMAPS[] = {
    {SLICE("\0\1\x40"), DNS_A, true},
    {SLICE("\0\1\x40"), DNS_AAAA, false},
    {SLICE("\0\4\0\0\0\x08"), DNS_AAAA, true},
    {SLICE("\0\5\0\0\x80\0\x40"), DNS_SRV, true},
    {SLICE("\0\5\0\0\x80\0\x40"), DNS_TXT, true},
    {SLICE("\0\5\0\0\x80\0\x40"), DNS_NSEC, false},
    {SLICE("\0\1\x40\1\1\x40"), 257, true},
    {SLICE("\0\1\x40\1\1\x40"), 256, false},
    {SLICE("\1\1\x40"), DNS_A, false},
    {SLICE("\0\2\x40"), DNS_A, true},
    {SLICE("\0\x21\xFF\xFF"), DNS_A, false},
    {SLICE("\0\0\0\1\x40"), DNS_A, false},
    {SLICE("\0\1"), DNS_A, false},
    {SLICE("\0"), DNS_A, false},
    {SLICE(""), DNS_A, false},
};

START_TEST(an_nsec_says_which_types_there_are)
{
	struct dns_record record = {.type = DNS_NSEC, .types = BITMAPS[_i].types};

	ck_assert_int_eq(dns_types_have(record.types, BITMAPS[_i].type), BITMAPS[_i].has);
}
END_TEST

/* The attacks below fill a datagram. */
struct attack {
	uint8_t bytes[DATAGRAM_MAX];
	size_t len;
};

static void put(struct attack *attack, const void *bytes, size_t len)
{
	if (len <= sizeof(attack->bytes) - attack->len) {
		memcpy(attack->bytes + attack->len, bytes, len);
		attack->len += len;
	}
}

static void begin(struct attack *attack, unsigned questions, unsigned records)
{
	const uint8_t header[] = {0, 0, 0, 0, (uint8_t)(questions >> 8), (uint8_t)questions,
	    (uint8_t)(records >> 8), (uint8_t)records, 0, 0, 0, 0};

	attack->len = 0;
	put(attack, header, sizeof(header));
}

static void put_pointer(struct attack *attack, size_t to)
{
	put(attack, (const uint8_t[]){(uint8_t)(0xC0 | to >> 8), (uint8_t)to}, 2);
}

/* Labels of one byte, 254 bytes of them. */
static void put_long_name(struct attack *attack)
{
	for (unsigned i = 0; i < 127; i++)
		put(attack, "\1a", 2);
	put(attack, "", 1);
}

/* 4,000 pointers, each to the one before, in the data of a record; names that point to the last. */
static void chain_pointers(struct attack *attack)
{
	begin(attack, 0, UINT16_MAX);
	put(attack, "\0\0\x0A\0\1\0\0\0\0", 9);
	put(attack, (const uint8_t[]){4000 >> 8, 4000 & 0xFF}, 2);
	size_t last = attack->len;
	put(attack, "\1a\0", 3);
	while (attack->len < DNS_HEADER_LEN + 11 + 4000 - 1) {
		put_pointer(attack, last);
		last = attack->len - 2;
	}
	put(attack, "", 1);
	while (attack->len + 16 <= DATAGRAM_MAX) {
		put_pointer(attack, last);
		put(attack, "\0\1\0\1\0\0\0\0\0\4\1\2\3\4", 14);
	}
}

static void point_to_itself(struct attack *attack)
{
	begin(attack, UINT16_MAX, 0);
	while (attack->len + 6 <= DATAGRAM_MAX) {
		put_pointer(attack, attack->len);
		put(attack, "\0\x0C\0\1", 4);
	}
}

static void point_to_the_longest_name(struct attack *attack)
{
	begin(attack, 0, UINT16_MAX);
	put_long_name(attack);
	put(attack, "\0\x0C\0\1\0\0\0\0\0\2\xC0\x0C", 12);
	while (attack->len + 14 <= DATAGRAM_MAX)
		put(attack, "\xC0\x0C\0\x0C\0\1\0\0\0\0\0\2\xC0\x0C", 14);
}

/* CNAMEs are not followed. */
static void loop_cnames(struct attack *attack)
{
	begin(attack, 0, UINT16_MAX);
	put(attack, "\1a\0\0\5\0\1\0\0\0\0\0\3\1b\0", 16);
	put(attack, "\1b\0\0\5\0\1\0\0\0\0\0\2\xC0\x0C", 15);
	while (attack->len + 14 <= DATAGRAM_MAX)
		put(attack, "\xC0\x0C\0\5\0\1\0\0\0\0\0\2\xC0\x0C", 14);
}

static void ask_for_the_root(struct attack *attack)
{
	begin(attack, UINT16_MAX, UINT16_MAX);
	while (attack->len + 5 <= DATAGRAM_MAX)
		put(attack, "\0\0\xFF\0\1", 5);
}

static void claim_more_data_than_there_is(struct attack *attack)
{
	begin(attack, 0, UINT16_MAX);
	while (attack->len + 11 <= DATAGRAM_MAX)
		put(attack, "\0\0\1\0\1\0\0\0\0\xFF\xFF", 11);
}

static void fill(struct attack *attack, uint8_t byte)
{
	begin(attack, UINT16_MAX, UINT16_MAX);
	memset(attack->bytes + attack->len, byte, DATAGRAM_MAX - attack->len);
	attack->len = DATAGRAM_MAX;
}

static void fill_with_zeros(struct attack *attack)
{
	fill(attack, 0);
}

static void fill_with_labels(struct attack *attack)
{
	fill(attack, 1);
}

static void fill_with_pointers(struct attack *attack)
{
	fill(attack, 0xC0);
}

static const struct {
	const char *name;
	void (*make)(struct attack *attack);
} ATTACKS[] = {
    {"chained pointers", chain_pointers},
    {"pointers to themselves", point_to_itself},
    {"pointers to the longest name", point_to_the_longest_name},
    {"CNAME loops", loop_cnames},
    {"questions for the root", ask_for_the_root},
    {"data longer than the message", claim_more_data_than_there_is},
    {"zeros", fill_with_zeros},
    {"labels of one byte", fill_with_labels},
    {"pointers to one place", fill_with_pointers},
};

static double milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* 1 ms is enough; the limit is for machines that are slow or check each access. */
START_TEST(no_message_takes_long)
{
	enum { LIMIT = 20 };
	struct attack attack;
	struct dns_message message;
	double least = 1e9;

	ATTACKS[_i].make(&attack);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct dns_cursor cursor = {0};
		struct dns_record record;
		unsigned entries = 0;
		double start = milliseconds();
		ck_assert_int_eq(
		    dns_message_parse((struct slice){(char *)attack.bytes, attack.len}, &message),
		    0);
		while (dns_message_next(&message, &cursor, &record))
			entries++;
		double took = milliseconds() - start;
		least = took < least ? took : least;
		ck_assert_uint_le(entries, DNS_QUESTIONS_MAX + DNS_RECORDS_MAX);
		ck_assert(cursor.cut);
	}
	ck_assert_msg(least < LIMIT, "%s: %.3f ms", ATTACKS[_i].name, least);
}
END_TEST

Suite *dns_message_suite(void)
{
	Suite *suite = suite_create("wire/dns_message");
	TCase *tcase = tcase_create("dns_message");
	tcase_add_test(tcase, a_header_has_12_bytes);
	tcase_add_test(tcase, sections_follow_each_other);
	tcase_add_test(tcase, what_is_before_the_end_is_read);
	add_test_of_rows(tcase, an_nsec_says_which_types_there_are, BITMAPS);
	add_test_of_rows(tcase, no_message_takes_long, ATTACKS);
	suite_add_tcase(suite, tcase);
	return suite;
}

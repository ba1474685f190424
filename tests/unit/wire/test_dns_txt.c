/* SPDX-License-Identifier: ISC
 * Tests of wire/dns_txt. */
#include "expect.h"
#include "suites.h"
#include "wire/dns_txt.h"
#include <string.h>

/* Pairs as "key=value", a key without value as "key"; `cut` where something was left out. */
static const struct {
	struct slice rdata;
	const char *pairs[4];
	bool cut;
} RECORDS[] = {
    {SLICE("\3a=1\4bc=2"), {"a=1", "bc=2"}, false},
    {SLICE("\1a\2b="), {"a", "b="}, false},
    {SLICE("\3a=1\3A=2\1a\3b=3"), {"a=1", "b=3"}, false},
    {SLICE("\1a\3A=2"), {"a"}, false},
    {SLICE("\5a=b=c"), {"a=b=c"}, false},
    {SLICE("\0\0\3a=1\0"), {"a=1"}, false},
    {SLICE("\2=x\1=\3a=1"), {"a=1"}, false},
    {SLICE("\3\xFC=1\3\x07=1\5a b=1"), {"a b=1"}, false},
    {SLICE("\3a=1\4b=2"), {"a=1"}, true},
    {SLICE("\3a=1\xFF"), {"a=1"}, true},
    {SLICE("\0"), {NULL}, false},
    {SLICE(""), {NULL}, false},
};

static void expect_pair(const struct dns_txt_pair *pair, const char *text)
{
	struct slice rest = slice_of(text), key;

	ck_assert(slice_cut(&rest, '=', &key));
	ck_assert(slice_equal(pair->key, key));
	ck_assert(slice_equal(pair->value, rest));
	ck_assert_int_eq(pair->value.bytes != NULL, rest.bytes != NULL);
}

START_TEST(the_first_of_equal_keys_counts)
{
	struct dns_txt_cursor cursor;
	struct dns_txt_pair pair;

	dns_txt_cursor_init(&cursor, RECORDS[_i].rdata);
	for (size_t i = 0; i < COUNT_OF(RECORDS[0].pairs) && RECORDS[_i].pairs[i]; i++) {
		ck_assert(dns_txt_next(&cursor, &pair));
		expect_pair(&pair, RECORDS[_i].pairs[i]);
	}
	ck_assert(!dns_txt_next(&cursor, &pair));
	ck_assert(!dns_txt_next(&cursor, &pair));
	ck_assert_int_eq(cursor.cut, RECORDS[_i].cut);
}
END_TEST

START_TEST(a_value_is_found_by_its_key)
{
	struct slice rdata = SLICE("\5id=12\1b\2c=\4bin=\5ID=34");

	ck_assert_slice(dns_txt_find(rdata, SLICE("Id")), "12");
	ck_assert_slice(dns_txt_find(rdata, SLICE("b")), NULL);
	ck_assert_slice(dns_txt_find(rdata, SLICE("c")), "");
	ck_assert(dns_txt_find(rdata, SLICE("c")).bytes != NULL);
	ck_assert_slice(dns_txt_find(rdata, SLICE("i")), NULL);
	ck_assert_slice(dns_txt_find(rdata, SLICE("id=12")), NULL);
	ck_assert_slice(dns_txt_find(SLICE_NONE, SLICE("id")), NULL);
}
END_TEST

START_TEST(at_most_1300_bytes_are_read)
{
	char rdata[DNS_TXT_MAX + 4];
	struct dns_txt_cursor cursor;
	struct dns_txt_pair pair;
	unsigned pairs = 0;

	/* 25 strings of 52 bytes, and one more */
	memset(rdata, 'x', sizeof(rdata));
	for (size_t i = 0; i < 25; i++)
		memcpy(rdata + i * 52, (const char[]){51, (char)('a' + i), '='}, 3);
	memcpy(rdata + DNS_TXT_MAX, "\3z=1", 4);
	dns_txt_cursor_init(&cursor, (struct slice){rdata, sizeof(rdata)});
	while (dns_txt_next(&cursor, &pair))
		pairs++;
	ck_assert_uint_eq(pairs, 25);
	ck_assert(cursor.cut);
	dns_txt_cursor_init(&cursor, (struct slice){rdata, DNS_TXT_MAX});
	while (dns_txt_next(&cursor, &pair))
		;
	ck_assert(!cursor.cut);
}
END_TEST

START_TEST(at_most_128_strings_are_read)
{
	char rdata[4 * (DNS_TXT_PAIRS_MAX + 1)];
	struct dns_txt_cursor cursor;
	struct dns_txt_pair pair;
	unsigned pairs = 0;

	for (size_t i = 0; i < sizeof(rdata); i += 4)
		memcpy(rdata + i,
		    (const char[]){3, (char)('a' + i / 4 % 16), (char)('a' + i / 64), '='}, 4);
	dns_txt_cursor_init(&cursor, (struct slice){rdata, sizeof(rdata)});
	while (dns_txt_next(&cursor, &pair))
		pairs++;
	ck_assert_uint_eq(pairs, DNS_TXT_PAIRS_MAX);
	ck_assert(cursor.cut);
}
END_TEST

Suite *dns_txt_suite(void)
{
	Suite *suite = suite_create("wire/dns_txt");
	TCase *tcase = tcase_create("dns_txt");
	add_test_of_rows(tcase, the_first_of_equal_keys_counts, RECORDS);
	tcase_add_test(tcase, a_value_is_found_by_its_key);
	tcase_add_test(tcase, at_most_1300_bytes_are_read);
	tcase_add_test(tcase, at_most_128_strings_are_read);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of wire/beacon_lifx; whole messages are among the golden packets. */
#include "expect.h"
#include "suites.h"
#include "wire/beacon.h"
#include <errno.h>
#include <string.h>

enum { LABEL_AT = 36, SIZE = LABEL_AT + 32 };

static struct beacon beacon;

/* A StateLabel of d0:73:d5:01:02:03. */
static void fill(char bytes[SIZE])
{
	memset(bytes, 0, SIZE);
	bytes[0] = SIZE;
	bytes[3] = 0x14;
	memcpy(bytes + 8, "\xd0\x73\xd5\1\2\3", 6);
	bytes[32] = 25;
	memcpy(bytes + LABEL_AT, "Lamp", 4);
}

static int read_bytes(const char *bytes, size_t len)
{
	return beacon_read_lifx((struct slice){bytes, len}, &beacon);
}

START_TEST(the_target_and_the_label_are_read)
{
	char bytes[SIZE];

	fill(bytes);
	ck_assert_int_eq(read_bytes(bytes, SIZE), 0);
	ck_assert_slice(beacon.id, "d073d5010203");
	ck_assert_slice(beacon.name, "Lamp");
	memset(bytes + LABEL_AT, 'x', 32);
	ck_assert_int_eq(read_bytes(bytes, SIZE), 0);
	ck_assert_uint_eq(beacon.name.len, 32);
}
END_TEST

static const struct {
	size_t at;
	char value;
} BROKEN[] = {
    {0, SIZE - 1}, {0, SIZE + 1}, {1, 1}, /* size */
    {2, 1}, {3, 0x18},                    /* protocol */
    {3, 0x04},                            /* not addressable */
};

START_TEST(a_broken_header_is_refused)
{
	char bytes[SIZE];

	fill(bytes);
	bytes[BROKEN[_i].at] = BROKEN[_i].value;
	ck_assert_int_eq(read_bytes(bytes, SIZE), -EBADMSG);
}
END_TEST

START_TEST(a_state_has_a_target)
{
	char bytes[SIZE];

	fill(bytes);
	memset(bytes + 8, 0, 6);
	ck_assert_int_eq(read_bytes(bytes, SIZE), -EBADMSG);
}
END_TEST

START_TEST(a_cut_message_is_refused)
{
	char bytes[SIZE];

	fill(bytes);
	for (size_t len = 0; len < SIZE; len++) {
		ck_assert_int_eq(read_bytes(bytes, len), -EBADMSG);
		bytes[0] = (char)len;
		ck_assert_int_eq(read_bytes(bytes, len), -EBADMSG);
		bytes[0] = SIZE;
	}
}
END_TEST

START_TEST(other_types_are_questions_and_commands)
{
	char bytes[SIZE];

	fill(bytes);
	bytes[32] = 21; /* SetPower */
	ck_assert_int_eq(read_bytes(bytes, SIZE), 0);
	ck_assert_int_eq(beacon.kind, BEACON_QUESTION);
	bytes[32] = 3; /* StateService */
	ck_assert_int_eq(read_bytes(bytes, SIZE), 0);
	ck_assert_int_eq(beacon.kind, BEACON_HERE);
	ck_assert_slice(beacon.name, NULL);
}
END_TEST

START_TEST(a_question_of_ours_is_read_as_one)
{
	char text[BEACON_ASK_MAX];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	beacon_ask_lifx(&w);
	ck_assert_uint_eq(w.len, 36);
	ck_assert_int_eq(beacon_read_lifx(writer_result(&w), &beacon), 0);
	ck_assert_int_eq(beacon.kind, BEACON_QUESTION);
}
END_TEST

START_TEST(a_datagram_has_a_longest_length)
{
	static char bytes[BEACON_DATAGRAM_MAX + 1];

	ck_assert_int_eq(read_bytes(bytes, sizeof(bytes)), -EMSGSIZE);
}
END_TEST

Suite *beacon_lifx_suite(void)
{
	Suite *suite = suite_create("wire/beacon_lifx");
	TCase *tcase = tcase_create("beacon_lifx");
	tcase_add_test(tcase, the_target_and_the_label_are_read);
	add_test_of_rows(tcase, a_broken_header_is_refused, BROKEN);
	tcase_add_test(tcase, a_state_has_a_target);
	tcase_add_test(tcase, a_cut_message_is_refused);
	tcase_add_test(tcase, other_types_are_questions_and_commands);
	tcase_add_test(tcase, a_question_of_ours_is_read_as_one);
	tcase_add_test(tcase, a_datagram_has_a_longest_length);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of table/key. */
#include "model/key.h"
#include "suites.h"
#include <string.h>

#define UUID "37ed2baa-dd46-548d-87c6-e5282b01bd6c"

static const char *const FORMS[] = {
    "uuid:" UUID,
    "UUID:37ED2BAA-DD46-548D-87C6-E5282B01BD6C",
    "urn:uuid:" UUID,
    "URN:UUID:" UUID,
    UUID,
    "{" UUID "}",
    "uuid:{" UUID "}",
    "37ed2baadd46548d87c6e5282b01bd6c",
    " uuid:" UUID " ",
};

START_TEST(a_uuid_is_one_key_however_it_is_written)
{
	struct key first = key_of_id(slice_of(FORMS[0])), key = key_of_id(slice_of(FORMS[_i]));
	char a[KEY_TEXT_MAX], b[KEY_TEXT_MAX];
	ck_assert_int_eq(key.kind, KEY_UUID);
	ck_assert(key_equal(&first, &key));
	ck_assert(key_joins(&key));
	size_t len = key_canonical(&first, a);
	ck_assert_uint_eq(key_canonical(&key, b), len);
	ck_assert_mem_eq(a, b, len);
	key_format(&key, b);
	ck_assert_str_eq(b, "uuid:" UUID);
}
END_TEST

static const char *const OPAQUE[] = {
    "uuid:Socket-1_0-2216XX",
    "uuid:RINCON_000E5812345601400",
    "[fe80::1]:3540",
    "uuid:37ed2baa-dd46-548d-87c6-e5282b01bd6",
    "uuid:37ed2baa-dd46-548d-87c6-e5282b01bd6g",
    "37ed2baa-dd46-548d-87c6e-5282b01bd6c",
    "{}",
};

START_TEST(what_is_no_uuid_is_compared_as_a_text)
{
	struct key key = key_of_id(slice_of(OPAQUE[_i]));
	char text[KEY_TEXT_MAX];
	ck_assert_int_eq(key.kind, KEY_OPAQUE);
	ck_assert(key_joins(&key));
	key_format(&key, text);
	ck_assert_str_eq(text, OPAQUE[_i]);
	struct key first = key_of_id(slice_of(OPAQUE[0]));
	ck_assert_int_eq(key_equal(&first, &key), _i == 0);
}
END_TEST

START_TEST(a_key_is_kept_as_clean_text)
{
	char text[KEY_TEXT_MAX], longer[2 * KEY_TEXT_MAX];
	struct key dirty = key_of_id(SLICE("uuid:x\xd4\x1b[1m")), clean = key_clean(&dirty, text);
	ck_assert_int_eq(clean.kind, KEY_OPAQUE);
	ck_assert(slice_equal(clean.text, SLICE("uuid:x\xef\xbf\xbd [1m")));
	dirty = key_of_name(SLICE("tv\n.local"));
	clean = key_clean(&dirty, text);
	ck_assert_int_eq(clean.kind, KEY_NAME);
	ck_assert(slice_equal(clean.text, SLICE("tv .local")));
	memset(longer, 'x', sizeof(longer));
	dirty = key_of_id((struct slice){longer, sizeof(longer)});
	clean = key_clean(&dirty, text);
	ck_assert_uint_eq(clean.text.len, KEY_TEXT_MAX - 1);
	/* Nothing can be seen of it: there is no key. */
	dirty = key_of_id(SLICE("\x01\x02"));
	ck_assert_int_eq(key_clean(&dirty, text).kind, KEY_ADDRESS);
	for (size_t i = 0; i < sizeof(FORMS) / sizeof(*FORMS); i++) {
		dirty = key_of_id(slice_of(FORMS[i]));
		clean = key_clean(&dirty, text);
		ck_assert_ptr_eq(clean.text.bytes, dirty.text.bytes);
	}
}
END_TEST

START_TEST(letters_of_either_case_are_the_same)
{
	struct key a = key_of_name(SLICE("Laser._ipp._tcp.local"));
	struct key b = key_of_name(SLICE("LASER._IPP._tcp.local"));
	char one[KEY_TEXT_MAX], two[KEY_TEXT_MAX];
	ck_assert(key_equal(&a, &b));
	ck_assert_uint_eq(key_canonical(&a, one), key_canonical(&b, two));
	ck_assert_mem_eq(one, two, a.text.len);
	ck_assert(!key_joins(&a));
	struct key c = key_of_id(SLICE("Laser._ipp._tcp.local"));
	ck_assert_msg(!key_equal(&a, &c), "a name is no id");
}
END_TEST

START_TEST(nothing_is_known_by_its_address)
{
	struct key none = key_of_id(SLICE_NONE), blank = key_of_id(SLICE("  "));
	ck_assert_int_eq(none.kind, KEY_ADDRESS);
	ck_assert_int_eq(blank.kind, KEY_ADDRESS);
	ck_assert_int_eq(key_of_name(SLICE_NONE).kind, KEY_ADDRESS);
	ck_assert(!key_joins(&none));
}
END_TEST

START_TEST(the_nil_uuid_is_no_identity)
{
	struct key nil = key_of_id(SLICE("uuid:00000000-0000-0000-0000-000000000000"));
	ck_assert_int_eq(nil.kind, KEY_UUID);
	ck_assert(!key_joins(&nil));
}
END_TEST

START_TEST(long_texts_stay_within_their_room)
{
	char text[1000], out[KEY_TEXT_MAX];
	memset(text, 'x', sizeof(text));
	struct key key = key_of_id((struct slice){text, sizeof(text)});
	ck_assert_uint_eq(key_canonical(&key, out), KEY_TEXT_MAX);
	key_format(&key, out);
	ck_assert_uint_eq(strlen(out), KEY_TEXT_MAX - 1);
}
END_TEST

Suite *key_suite(void)
{
	Suite *suite = suite_create("model/key");
	TCase *tc = tcase_create("key");
	tcase_add_loop_test(
	    tc, a_uuid_is_one_key_however_it_is_written, 0, sizeof(FORMS) / sizeof(FORMS[0]));
	tcase_add_loop_test(
	    tc, what_is_no_uuid_is_compared_as_a_text, 0, sizeof(OPAQUE) / sizeof(OPAQUE[0]));
	tcase_add_test(tc, a_key_is_kept_as_clean_text);
	tcase_add_test(tc, letters_of_either_case_are_the_same);
	tcase_add_test(tc, nothing_is_known_by_its_address);
	tcase_add_test(tc, the_nil_uuid_is_no_identity);
	tcase_add_test(tc, long_texts_stay_within_their_room);
	suite_add_tcase(suite, tc);
	return suite;
}

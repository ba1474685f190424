/* SPDX-License-Identifier: ISC
 * Tests of wire/beacon: what its readers share. */
#include "expect.h"
#include "suites.h"
#include "wire/beacon_internal.h"
#include <errno.h>
#include <string.h>

static struct beacon beacon;

static const struct {
	const char *written, *kept; /* NULL: refused */
} IDS[] = {
    {"50:C7:BF:01:02:0A", "50c7bf01020a"},
    {"50-C7-BF-01-02-0A", "50c7bf01020a"},
    {"B0BE760A0B0C", "b0be760a0b0c"},
    {" a8bb50123456 ", "a8bb50123456"},
    {"50:C7:BF:01:02", "50:C7:BF:01:02"},
    {"50:C7:BF:01:02:0A:", "50:C7:BF:01:02:0A:"},
    {"50::C7:BF:01:02:0A", "50::C7:BF:01:02:0A"},
    {"5:0C7:BF:01:02:0A", "5:0C7:BF:01:02:0A"},
    {":50C7BF01020A", ":50C7BF01020A"},
    {"0x000000000015243F", "0x000000000015243F"},
    {"", NULL},
    {" \t", NULL},
};

START_TEST(a_mac_is_kept_in_one_form)
{
	beacon_init(&beacon);
	ck_assert_int_eq(
	    beacon_set_id(&beacon, slice_of(IDS[_i].written)), IDS[_i].kept ? 0 : -EBADMSG);
	ck_assert_slice(beacon.id, IDS[_i].kept);
}
END_TEST

START_TEST(an_id_has_a_longest_length)
{
	char text[BEACON_ID_MAX + 1];

	memset(text, 'x', sizeof(text));
	beacon_init(&beacon);
	ck_assert_int_eq(beacon_set_id(&beacon, (struct slice){text, BEACON_ID_MAX}), 0);
	ck_assert_int_eq(beacon_set_id(&beacon, (struct slice){text, sizeof(text)}), -EBADMSG);
}
END_TEST

START_TEST(a_long_value_is_cut_where_a_character_ends)
{
	char text[2 * BEACON_VALUE_MAX];

	for (size_t i = 0; i < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	beacon_init(&beacon);
	struct slice whole = {text, sizeof(text)};
	ck_assert_uint_eq(beacon_value(&beacon, slice_head(whole, BEACON_VALUE_MAX)).len, 256);
	ck_assert_uint_eq(beacon.surplus, 0);
	ck_assert_uint_eq(beacon_value(&beacon, whole).len, 256);
	ck_assert_uint_eq(beacon_value(&beacon, slice_skip(whole, 1)).len, 255);
	ck_assert_uint_eq(beacon.surplus, 2);
	memset(text, 0x80, sizeof(text));
	ck_assert_uint_eq(beacon_value(&beacon, whole).len, 0);
}
END_TEST

START_TEST(what_finds_no_room_is_left_out)
{
	char text[BEACON_VALUE_MAX];

	memset(text, 'x', sizeof(text));
	beacon_init(&beacon);
	for (int i = 0; i < BEACON_TEXT_MAX / BEACON_VALUE_MAX; i++)
		ck_assert_uint_eq(
		    beacon_copy(&beacon, (struct slice){text, sizeof(text)}).len, sizeof(text));
	ck_assert_ptr_null(beacon_copy(&beacon, SLICE("y")).bytes);
	ck_assert_uint_eq(beacon.surplus, 1);
	ck_assert_ptr_null(beacon_copy(&beacon, SLICE_NONE).bytes);
	ck_assert_uint_eq(beacon.surplus, 1);
}
END_TEST

static const struct {
	struct slice text;
	bool is_object;
} TEXTS[] = {
    {SLICE("{}"), true},
    {SLICE(" {\"a\":1} \r\n\0"), true},
    {SLICE("{\"a\":[[[[[[[[[[1]]]]]]]]]]}"), true},
    {SLICE("{\"a\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}"), false},
    {SLICE("{\"a\":1}x"), false},
    {SLICE("{\"a\":1"), false},
    {SLICE("{\"a\":1,}"), false},
    {SLICE("[1]"), false},
    {SLICE("null"), false},
    {SLICE("\"{}\""), false},
    {SLICE(""), false},
    {SLICE("\0"), false},
};

START_TEST(a_json_text_is_an_object_and_nothing_else)
{
	struct json_object *object = beacon_json_parse(TEXTS[_i].text);

	ck_assert_int_eq(object != NULL, TEXTS[_i].is_object);
	json_object_put(object);
}
END_TEST

START_TEST(members_are_looked_up_by_their_kind)
{
	struct json_object *object = beacon_json_parse(
	    SLICE("{\"a\":{\"b\":{\"c\":\"d\",\"n\":1,\"e\":\"\"}},\"x\":null,\"y\":[]}"));
	struct json_object *b = beacon_json_at(object, "a", "b");

	ck_assert_ptr_nonnull(b);
	ck_assert_slice(beacon_json_text(b, "c", NULL), "d");
	ck_assert_slice(beacon_json_text(b, "n", "c"), "d");
	ck_assert_slice(beacon_json_text(b, "e", "c"), "d");
	ck_assert_slice(beacon_json_text(b, "n", NULL), NULL);
	ck_assert_slice(beacon_json_text(NULL, "c", "d"), NULL);
	ck_assert_ptr_null(beacon_json_at(object, "x", NULL));
	ck_assert_ptr_null(beacon_json_at(object, "y", "b"));
	ck_assert_ptr_null(beacon_json_at(object, "a", "c"));
	json_object_put(object);
}
END_TEST

Suite *beacon_suite(void)
{
	Suite *suite = suite_create("wire/beacon");
	TCase *tcase = tcase_create("beacon");
	add_test_of_rows(tcase, a_mac_is_kept_in_one_form, IDS);
	tcase_add_test(tcase, an_id_has_a_longest_length);
	tcase_add_test(tcase, a_long_value_is_cut_where_a_character_ends);
	tcase_add_test(tcase, what_finds_no_room_is_left_out);
	add_test_of_rows(tcase, a_json_text_is_an_object_and_nothing_else, TEXTS);
	tcase_add_test(tcase, members_are_looked_up_by_their_kind);
	suite_add_tcase(suite, tcase);
	return suite;
}

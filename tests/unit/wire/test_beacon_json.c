/* SPDX-License-Identifier: ISC
 * Tests of wire/beacon_json; whole messages are among the golden packets. */
#include "expect.h"
#include "suites.h"
#include "wire/beacon.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct beacon beacon;

static const struct {
	const char *text;
	int error;
	enum beacon_kind kind;
} WIZ[] = {
    {"{\"method\":\"pulse\",\"params\":{\"mac\":\"a8bb50123456\"}}", 0, BEACON_HERE},
    {"{\"method\":\"x\",\"result\":{\"mac\":\"1\"},\"params\":{}}", 0, BEACON_HERE},
    {"{\"method\":\"getPilot\",\"params\":{}}", 0, BEACON_QUESTION},
    {"{\"method\":\"getPilot\"}", 0, BEACON_QUESTION},
    {"{\"method\":\"x\",\"params\":{\"mac\":5}}", 0, BEACON_QUESTION},
    {"{\"method\":\"x\",\"params\":{\"mac\":\" \"}}", -EBADMSG, BEACON_HERE},
    {"{\"params\":{\"mac\":\"a8bb50123456\"}}", -EBADMSG, BEACON_HERE},
    {"{\"method\":\"pulse\",\"params\":{\"mac\":\"a8bb50123456\"}", -EBADMSG, BEACON_HERE},
    {"", -EBADMSG, BEACON_HERE},
    {"DISCOVER from x", -EBADMSG, BEACON_HERE},
};

START_TEST(wiz_names_its_mac)
{
	int error = beacon_read_wiz(slice_of(WIZ[_i].text), &beacon);

	ck_assert_int_eq(error, WIZ[_i].error);
	if (!error)
		ck_assert_int_eq(beacon.kind, WIZ[_i].kind);
}
END_TEST

/* As a device hides it. */
static struct slice hide(const char *text, char *hidden)
{
	unsigned char key = 171;

	for (size_t i = 0; text[i]; i++)
		hidden[i] = (char)(key = (unsigned char)(key ^ (unsigned char)text[i]));
	return (struct slice){hidden, strlen(text)};
}

static const struct {
	const char *info;
	int error;
	const char *id, *name;
} KASA[] = {
    {"{\"mac\":\"50:C7:BF:01:02:03\",\"alias\":\"Lamp\"}", 0, "50c7bf010203", "Lamp"},
    {"{\"mac\":\"\",\"deviceId\":\"8006\",\"alias\":7,\"dev_name\":\"Plug\"}", 0, "8006", "Plug"},
    {"{\"mic_mac\":\"50C7BF010203\"}", 0, "50c7bf010203", NULL},
    {"{}", 0, NULL, NULL},
    {"null", 0, NULL, NULL},
    {"[]", 0, NULL, NULL},
    {"{\"alias\":\"Lamp\"}", -EBADMSG, NULL, "Lamp"},
};

START_TEST(kasa_is_known_by_its_mac_or_id)
{
	char text[256], hidden[256];

	snprintf(text, sizeof(text), "{\"system\":{\"get_sysinfo\":%s}}", KASA[_i].info);
	int error = beacon_read_kasa(hide(text, hidden), &beacon);
	ck_assert_int_eq(error, KASA[_i].error);
	if (error)
		return;
	ck_assert_int_eq(beacon.kind, KASA[_i].id ? BEACON_HERE : BEACON_QUESTION);
	ck_assert_slice(beacon.id, KASA[_i].id);
	ck_assert_slice(beacon.name, KASA[_i].name);
}
END_TEST

START_TEST(other_requests_of_kasa_are_refused)
{
	char hidden[256];

	ck_assert_int_eq(beacon_read_kasa(hide("{\"smartlife\":{}}", hidden), &beacon), -EBADMSG);
	ck_assert_int_eq(beacon_read_kasa(SLICE("{\"system\":{}}"), &beacon), -EBADMSG);
	ck_assert_int_eq(beacon_read_kasa(SLICE_NONE, &beacon), -EBADMSG);
}
END_TEST

#define HEADER "\x02\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0"
static const struct {
	struct slice bytes;
	int error;
	enum beacon_kind kind;
} TPLINK[] = {
    {SLICE(HEADER "{\"result\":{\"mac\":\"78-8C-B5-01-02-03\"}}"), 0, BEACON_HERE},
    {SLICE(HEADER "{\"result\":{\"device_id\":\"1\"}}"), 0, BEACON_HERE},
    {SLICE(HEADER "{\"result\":{\"owner\":\"1\"}}"), -EBADMSG, BEACON_HERE},
    {SLICE(HEADER "{\"params\":{\"rsa_key\":\"k\"}}"), 0, BEACON_QUESTION},
    {SLICE(HEADER "{}"), -EBADMSG, BEACON_HERE},
    {SLICE(HEADER), 0, BEACON_QUESTION},
    {SLICE("\x02\0\0\x01\0\0\0\0\0\0\0\0\0\0\0"), -EBADMSG, BEACON_HERE},
    {SLICE("{\"result\":{\"mac\":\"78-8C-B5-01-02-03\"}}"), -EBADMSG, BEACON_HERE},
    {SLICE(""), -EBADMSG, BEACON_HERE},
};

START_TEST(newer_devices_of_tp_link_have_a_header)
{
	int error = beacon_read_tplink(TPLINK[_i].bytes, &beacon);

	ck_assert_int_eq(error, TPLINK[_i].error);
	if (!error)
		ck_assert_int_eq(beacon.kind, TPLINK[_i].kind);
}
END_TEST

static beacon_read_fn *const READS[] = {beacon_read_wiz, beacon_read_kasa, beacon_read_tplink};
static beacon_ask_fn *const ASKS[] = {beacon_ask_wiz, beacon_ask_kasa, beacon_ask_tplink};

START_TEST(a_question_of_ours_is_read_as_one)
{
	char text[BEACON_ASK_MAX];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	ASKS[_i](&w);
	ck_assert_int_eq(writer_error(&w), 0);
	ck_assert_int_eq(READS[_i](writer_result(&w), &beacon), 0);
	ck_assert_int_eq(beacon.kind, BEACON_QUESTION);
}
END_TEST

START_TEST(a_datagram_has_a_longest_length)
{
	static char bytes[BEACON_DATAGRAM_MAX + 1];

	ck_assert_int_eq(READS[_i]((struct slice){bytes, sizeof(bytes)}, &beacon), -EMSGSIZE);
	ck_assert_int_eq(READS[_i]((struct slice){bytes, sizeof(bytes) - 1}, &beacon), -EBADMSG);
}
END_TEST

Suite *beacon_json_suite(void)
{
	Suite *suite = suite_create("wire/beacon_json");
	TCase *tcase = tcase_create("beacon_json");
	add_test_of_rows(tcase, wiz_names_its_mac, WIZ);
	add_test_of_rows(tcase, kasa_is_known_by_its_mac_or_id, KASA);
	tcase_add_test(tcase, other_requests_of_kasa_are_refused);
	add_test_of_rows(tcase, newer_devices_of_tp_link_have_a_header, TPLINK);
	add_test_of_rows(tcase, a_question_of_ours_is_read_as_one, ASKS);
	add_test_of_rows(tcase, a_datagram_has_a_longest_length, READS);
	suite_add_tcase(suite, tcase);
	return suite;
}

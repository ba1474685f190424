/* SPDX-License-Identifier: ISC
 * Tests of wire/beacon_headers; whole messages are among the golden packets. */
#include "expect.h"
#include "suites.h"
#include "wire/beacon.h"
#include "wire/header_block.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct beacon beacon;

static int read_yeelight(const char *headers)
{
	static char text[1024];

	snprintf(text, sizeof(text), "NOTIFY * HTTP/1.1\r\n%s", headers);
	return beacon_read_yeelight(slice_of(text), &beacon);
}

static const struct {
	const char *written, *kept;
} NAMES[] = {
    {"QsO8cm8=", "B\xc3\xbcro"},
    {"TGFtcA==", "Lamp"},
    {"TGFtcCAx", "Lamp 1"},
    {"Lamp", "Lamp"}, /* base64 of bytes that are no UTF-8 */
    {"desk lamp", "desk lamp"},
    {"TGFtcA=", "TGFtcA="}, /* no whole groups of four */
    {"TGF=cA==", "TGF=cA=="},
    {"AAAA", "AAAA"}, /* base64 of NUL bytes */
    {"====", "===="},
    {"", NULL},
};

START_TEST(a_name_is_decoded_where_it_is_base64)
{
	char headers[256];

	snprintf(headers, sizeof(headers), "id: 0x1\r\nname: %s\r\n", NAMES[_i].written);
	ck_assert_int_eq(read_yeelight(headers), 0);
	ck_assert_slice(beacon.name, NAMES[_i].kept);
}
END_TEST

static const struct {
	const char *location;
	unsigned port;
} LOCATIONS[] = {
    {"yeelight://192.0.2.1:55443", 55443},
    {"YEELIGHT://lamp:1", 1},
    {"yeelight://192.0.2.1", 0},
    {"yeelight://192.0.2.1:", 0},
    {"yeelight://192.0.2.1:65536", 0},
    {"yeelight://192.0.2.1:1/", 0},
    {"http://192.0.2.1:80", 0},
    {"", 0},
};

START_TEST(of_a_location_the_port_alone_counts)
{
	char headers[256];

	snprintf(headers, sizeof(headers), "id: 0x1\r\nLocation: %s\r\n", LOCATIONS[_i].location);
	ck_assert_int_eq(read_yeelight(headers), 0);
	ck_assert_uint_eq(beacon.service_port, LOCATIONS[_i].port);
	ck_assert_int_eq(beacon.service_type.len > 0, LOCATIONS[_i].port > 0);
}
END_TEST

START_TEST(a_byebye_is_one)
{
	ck_assert_int_eq(read_yeelight("NTS: ssdp:byebye\r\nid: 0x1\r\n"), 0);
	ck_assert_int_eq(beacon.kind, BEACON_GONE);
}
END_TEST

static const char *const REFUSED[] = {
    "",
    "NOTIFY * HTTP/1.1\r\n\r\n",
    "NOTIFY * HTTP/1.1\r\nid:\r\n\r\n",
    "HTTP/1.1 404 Not Found\r\nid: 0x1\r\nResource-Identifier: 1\r\n\r\n",
    "GET / HTTP/1.1\r\nid: 0x1\r\nResource-Identifier: 1\r\n\r\n",
    "\r\nNOTIFY * HTTP/1.1\r\nid: 0x1\r\nResource-Identifier: 1\r\n",
};

START_TEST(what_is_no_such_message_is_refused)
{
	ck_assert_int_eq(beacon_read_yeelight(slice_of(REFUSED[_i]), &beacon), -EBADMSG);
	ck_assert_int_eq(beacon_read_plex(slice_of(REFUSED[_i]), &beacon), -EBADMSG);
}
END_TEST

START_TEST(a_datagram_has_a_longest_length)
{
	char text[BEACON_DATAGRAM_MAX + 1] = "HELLO * HTTP/1.0\r\nResource-Identifier: 1\r\nName: ";
	size_t len = strlen(text);

	memset(text + len, 'x', sizeof(text) - len);
	struct slice longest = {text, BEACON_DATAGRAM_MAX};
	ck_assert_int_eq(beacon_read_plex(longest, &beacon), 0);
	ck_assert_uint_eq(beacon.name.len, BEACON_VALUE_MAX);
	ck_assert_uint_eq(beacon.surplus, 1);
	longest.len++;
	ck_assert_int_eq(beacon_read_plex(longest, &beacon), -EMSGSIZE);
	ck_assert_int_eq(beacon_read_yeelight(longest, &beacon), -EMSGSIZE);
}
END_TEST

START_TEST(a_question_of_ours_is_read_as_one)
{
	beacon_ask_fn *const asks[] = {beacon_ask_yeelight, beacon_ask_plex};
	beacon_read_fn *const reads[] = {beacon_read_yeelight, beacon_read_plex};
	char text[BEACON_ASK_MAX];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	asks[_i](&w);
	ck_assert_int_eq(writer_error(&w), 0);
	ck_assert_int_eq(reads[_i](writer_result(&w), &beacon), 0);
	ck_assert_int_eq(beacon.kind, BEACON_QUESTION);
}
END_TEST

Suite *beacon_headers_suite(void)
{
	Suite *suite = suite_create("wire/beacon_headers");
	TCase *tcase = tcase_create("beacon_headers");
	add_test_of_rows(tcase, a_name_is_decoded_where_it_is_base64, NAMES);
	add_test_of_rows(tcase, of_a_location_the_port_alone_counts, LOCATIONS);
	tcase_add_test(tcase, a_byebye_is_one);
	add_test_of_rows(tcase, what_is_no_such_message_is_refused, REFUSED);
	tcase_add_test(tcase, a_datagram_has_a_longest_length);
	tcase_add_loop_test(tcase, a_question_of_ours_is_read_as_one, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* SPDX-License-Identifier: ISC
 * Tests of wire/broadcast_message. */
#include "expect.h"
#include "suites.h"
#include "wire/broadcast_message.h"
#include <errno.h>
#include <string.h>

static struct slice format(
    const struct broadcast_message *message, char out[BROADCAST_DATAGRAM_MAX])
{
	struct writer w;

	writer_init(&w, out, BROADCAST_DATAGRAM_MAX);
	broadcast_format(message, &w);
	ck_assert_int_eq(writer_error(&w), 0);
	return writer_result(&w);
}

static const char *const PLAIN[] = {
    [BROADCAST_ASK] = "DISCOVER from kitchen",
    [BROADCAST_ANSWER] = "Hello from kitchen!",
    [BROADCAST_BYE] = "BYE from kitchen",
};

START_TEST(a_plain_message_is_its_line_and_nothing_more)
{
	struct broadcast_message message = {.kind = (enum broadcast_kind)_i,
	    .name = SLICE("kitchen"),
	    .usn = SLICE("uuid:x"),
	    .pad = 9};
	char out[BROADCAST_DATAGRAM_MAX];

	ck_assert_slice(format(&message, out), PLAIN[_i]);
}
END_TEST

START_TEST(an_extended_message_has_its_headers_in_order)
{
	struct broadcast_message message = {
	    .kind = BROADCAST_ASK,
	    .name = SLICE("kitchen"),
	    .extended = true,
	    .usn = SLICE("uuid:x"),
	    .server = SLICE("Linux/6.1 UPnP/2.0 discoverd/0.1"),
	    .type = SLICE("urn:schemas-upnp-org:device:Basic:1"),
	    .location = SLICE("http://192.0.2.1:5006/description.xml"),
	    .instance = SLICE("0123456789abcdef"),
	    .max_age = 90,
	    .has_boot_id = true,
	    .boot_id = 7,
	    .pad = 3,
	};
	static const char EXPECTED[] = "DISCOVER from kitchen\r\n"
				       "USN: uuid:x\r\n"
				       "CACHE-CONTROL: max-age=90\r\n"
				       "BOOTID.UPNP.ORG: 7\r\n"
				       "SERVER: Linux/6.1 UPnP/2.0 discoverd/0.1\r\n"
				       "NT: urn:schemas-upnp-org:device:Basic:1\r\n"
				       "LOCATION: http://192.0.2.1:5006/description.xml\r\n"
				       "INSTANCE.DISCOVERD.IO: 0123456789abcdef\r\n"
				       "PAD: ...\r\n"
				       "\r\n";
	char out[BROADCAST_DATAGRAM_MAX], again[BROADCAST_DATAGRAM_MAX];

	struct slice text = format(&message, out);
	ck_assert_slice(text, EXPECTED);
	ck_assert_int_eq(broadcast_parse(text, &message), 0);
	ck_assert(message.extended);
	ck_assert_slice(format(&message, again), EXPECTED);
}
END_TEST

START_TEST(what_is_unset_is_not_written)
{
	struct broadcast_message message = {
	    .kind = BROADCAST_BYE, .name = SLICE("a"), .extended = true, .usn = SLICE("uuid:x")};
	char out[BROADCAST_DATAGRAM_MAX];

	ck_assert_slice(format(&message, out), "BYE from a\r\nUSN: uuid:x\r\n\r\n");
}
END_TEST

START_TEST(a_pad_is_never_longer_than_a_line_may_be)
{
	struct broadcast_message message = {.kind = BROADCAST_ASK,
	    .name = SLICE("a"),
	    .extended = true,
	    .usn = SLICE("uuid:x"),
	    .pad = 1000};
	char out[BROADCAST_DATAGRAM_MAX];

	ck_assert_int_eq(broadcast_parse(format(&message, out), &message), 0);
	ck_assert_uint_eq(message.pad, BROADCAST_PAD_MAX);
}
END_TEST

START_TEST(a_name_cannot_add_a_header)
{
	struct broadcast_message message = {.kind = BROADCAST_ASK, .name = SLICE("a\r\nUSN: x")};
	char out[BROADCAST_DATAGRAM_MAX];

	ck_assert_slice(format(&message, out), "DISCOVER from a  USN: x");
}
END_TEST

static const struct {
	const char *datagram;
	int kind; /* enum broadcast_kind, or a negative errno */
	const char *name;
} NAMES[] = {
    {"DISCOVER from kitchen", BROADCAST_ASK, "kitchen"},
    {"DISCOVER from kitchen\n", BROADCAST_ASK, "kitchen"},
    {"DISCOVER from  kitchen \r\n", BROADCAST_ASK, "kitchen"},
    {"DISCOVER from a board called from", BROADCAST_ASK, "a board called from"},
    {"DISCOVER", BROADCAST_ASK, ""},
    {"DISCOVER\nfrom x", BROADCAST_ASK, ""},
    {"DISCOVER from ", BROADCAST_ASK, ""},
    {"please DISCOVER me", BROADCAST_ASK, ""},
    {"from nobody DISCOVER from x", BROADCAST_ASK, "x"},
    {"a\r\nb\r\nDISCOVER from x\r\n", BROADCAST_ASK, "x"},
    {"REDISCOVERY from x", BROADCAST_ASK, "x"},
    {"Hello from kitchen!", BROADCAST_ANSWER, "kitchen"},
    {"Hello from kitchen!\r\n", BROADCAST_ANSWER, "kitchen"},
    {"Hello from kitchen", BROADCAST_ANSWER, "kitchen"},
    {"Hello from kitchen!!", BROADCAST_ANSWER, "kitchen!"},
    {"Hello from DISCOVERY board!", BROADCAST_ANSWER, "DISCOVERY board"},
    {"Hello from !", BROADCAST_ANSWER, ""},
    {"BYE from kitchen", BROADCAST_BYE, "kitchen"},
    {"BYE from DISCOVER", BROADCAST_BYE, "DISCOVER"},
    {"", -ENOMSG, NULL},
    {"discover from x", -ENOMSG, NULL},
    {"DISCOVE", -ENOMSG, NULL},
    {"hello from x!", -ENOMSG, NULL},
    {"M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nST: a\r\n\r\n", -ENOMSG, NULL},
};

START_TEST(kind_and_name_are_found)
{
	struct broadcast_message message;
	int error = broadcast_parse(slice_of(NAMES[_i].datagram), &message);

	ck_assert_int_eq(error ? error : (int)message.kind, NAMES[_i].kind);
	if (!error) {
		ck_assert_slice(message.name, NAMES[_i].name);
		ck_assert(!message.extended);
	}
}
END_TEST

START_TEST(nuls_around_do_not_matter)
{
	struct broadcast_message message;

	ck_assert_int_eq(broadcast_parse(SLICE("Hello from kitchen!\0\0"), &message), 0);
	ck_assert_slice(message.name, "kitchen");
	ck_assert_int_eq(broadcast_parse(SLICE("DISCOVER from \0\0kitchen\0\nx"), &message), 0);
	ck_assert_slice(message.name, "kitchen");
}
END_TEST

START_TEST(without_a_usn_a_block_counts_for_nothing)
{
	struct broadcast_message message;

	ck_assert_int_eq(
	    broadcast_parse(SLICE("DISCOVER from x\r\nNT: a\r\nPAD: ...\r\n"), &message), 0);
	ck_assert(!message.extended);
	ck_assert_ptr_null(message.type.bytes);
	ck_assert_uint_eq(message.pad, 0);
	ck_assert_int_eq(
	    broadcast_parse(SLICE("DISCOVER from x\r\nUSN:\r\nNT: a\r\n"), &message), 0);
	ck_assert(!message.extended);
}
END_TEST

START_TEST(binary_after_the_line_leaves_it_plain)
{
	struct broadcast_message message;

	ck_assert_int_eq(broadcast_parse(SLICE("DISCOVER from x\nUSN: a\n\1\0\2"), &message), 0);
	ck_assert_slice(message.name, "x");
	ck_assert(!message.extended);
}
END_TEST

START_TEST(the_first_header_counts_and_broken_numbers_are_left_out)
{
	struct broadcast_message message;

	ck_assert_int_eq(broadcast_parse(SLICE("BYE from x\nusn:a\nUSN: b\nBOOTID.UPNP.ORG: -1\n"
					       "BOOTID.UPNP.ORG: 1\nCACHE-CONTROL: max-age = 7\n"),
			     &message),
	    0);
	ck_assert(message.extended);
	ck_assert_slice(message.usn, "a");
	ck_assert(!message.has_boot_id);
	ck_assert_uint_eq(message.max_age, 7);
	ck_assert_int_eq(
	    broadcast_parse(SLICE("BYE from x\nUSN: b\nCACHE-CONTROL: max-age=x\n"), &message), 0);
	ck_assert_uint_eq(message.max_age, 0);
}
END_TEST

static const struct {
	const char *before, *after;
	size_t len;
	int result;
	bool extended;
	unsigned surplus;
} LENGTHS[] = {
    {"DISCOVER from ", "", 506, 0, false, 0},
    {"DISCOVER from ", "", 507, -EMSGSIZE, false, 0},
    {"BYE from a\r\nUSN: ", "", 256, 0, true, 0},
    {"BYE from a\r\nUSN: ", "", 257, 0, false, 1},
    {"BYE from a\r\nUSN: b\r\nNT: ", "", 256, 0, true, 0},
    {"BYE from a\r\nUSN: b\r\nNT: ", "", 257, 0, true, 1},
    {"BYE from a\r\nUSN: b\r\nPAD: ", "", 512, 0, true, 0},
    {"BYE from a\r\nUSN: b\r\nPAD: ", "", 513, 0, true, 1},
    {"BYE from a\n\n", "", 1488, 0, false, 0},
    {"BYE from a\n\n", "", 1489, -EMSGSIZE, false, 0},
};

START_TEST(each_length_has_its_limit)
{
	char out[BROADCAST_DATAGRAM_MAX + 1];
	struct broadcast_message message;
	struct writer w;

	writer_init(&w, out, sizeof(out));
	writer_text(&w, LENGTHS[_i].before);
	for (size_t i = 0; i < LENGTHS[_i].len; i++)
		writer_char(&w, 'x');
	writer_text(&w, LENGTHS[_i].after);
	ck_assert_int_eq(broadcast_parse(writer_result(&w), &message), LENGTHS[_i].result);
	ck_assert(message.extended == LENGTHS[_i].extended);
	ck_assert_uint_eq(message.surplus, LENGTHS[_i].surplus);
}
END_TEST

START_TEST(known_headers_are_read_behind_any_number_of_others)
{
	char out[BROADCAST_DATAGRAM_MAX] = "DISCOVER from x\n";
	struct broadcast_message message;

	for (int i = 0; i < 40; i++)
		strcat(out, "A: 1\n");
	strcat(out, "USN: a\nNT: b\n");
	ck_assert_int_eq(broadcast_parse(slice_of(out), &message), 0);
	ck_assert_slice(message.usn, "a");
	ck_assert_slice(message.type, "b");
	ck_assert_uint_eq(message.surplus, 8);
}
END_TEST

Suite *broadcast_message_suite(void)
{
	Suite *suite = suite_create("wire/broadcast_message");
	TCase *tcase = tcase_create("broadcast_message");
	add_test_of_rows(tcase, a_plain_message_is_its_line_and_nothing_more, PLAIN);
	tcase_add_test(tcase, an_extended_message_has_its_headers_in_order);
	tcase_add_test(tcase, what_is_unset_is_not_written);
	tcase_add_test(tcase, a_pad_is_never_longer_than_a_line_may_be);
	tcase_add_test(tcase, a_name_cannot_add_a_header);
	add_test_of_rows(tcase, kind_and_name_are_found, NAMES);
	tcase_add_test(tcase, nuls_around_do_not_matter);
	tcase_add_test(tcase, without_a_usn_a_block_counts_for_nothing);
	tcase_add_test(tcase, binary_after_the_line_leaves_it_plain);
	tcase_add_test(tcase, the_first_header_counts_and_broken_numbers_are_left_out);
	add_test_of_rows(tcase, each_length_has_its_limit, LENGTHS);
	tcase_add_test(tcase, known_headers_are_read_behind_any_number_of_others);
	suite_add_tcase(suite, tcase);
	return suite;
}

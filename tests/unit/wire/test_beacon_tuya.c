/* SPDX-License-Identifier: ISC
 * Tests of wire/beacon_tuya; whole messages are among the golden packets. */
#include "expect.h"
#include "suites.h"
#include "wire/beacon.h"
#include "wire/beacon_cipher.h"
#include <errno.h>
#include <string.h>

static struct beacon beacon;

/* clang-format off */
static const struct slice ENCRYPTED = SLICE(
    "\x00\x00\x55\xaa\x00\x00\x00\x00\x00\x00\x00\x13\x00\x00\x00\xac"
    "\x00\x00\x00\x00\x1f\x7e\x2f\x91\xf3\xa3\xdd\x03\x96\xcf\xdd\xe1"
    "\x43\xcd\x48\x0e\xc5\x14\xc0\xf5\xf1\xa6\xa1\xfc\x27\x73\xb1\xc7"
    "\xe4\xd8\x99\xfd\x2b\x73\xfd\x7d\xc1\x9c\x68\x1c\xf2\xe5\x70\xea"
    "\x87\x05\x02\x76\x26\x29\x7d\x78\x77\x69\x62\xef\x7c\xa3\x9e\x10"
    "\x2c\x8d\x51\xa1\xcb\x59\x24\xbb\x87\x92\xfe\x5e\xae\x7c\x90\x40"
    "\xe5\x92\x1a\x98\x01\x7f\x21\x70\x86\x04\x21\xe6\xfc\x66\xf0\xa1"
    "\xad\xe1\x38\x91\x5f\xde\x85\x0c\xd1\x57\x27\x0c\x5f\x3d\x1a\xb5"
    "\xae\x90\xb3\x00\x1c\x40\x47\x23\x52\x53\x1a\x2c\x5b\x27\x1f\x70"
    "\xc1\x32\xca\x0a\x1c\x83\x43\xbc\x25\xf3\x40\x3c\x0c\x4c\x3d\xb5"
    "\x93\x50\xd3\x4a\xe0\xbd\x1f\x2c\xba\xd7\x05\x88\x6d\x4e\xd8\xee"
    "\xd5\xab\x9e\xb9\xbc\xf0\xcb\x53\x00\x00\xaa\x55");

/* Of version 3.5. */
static const struct slice SEALED = SLICE(
    "\x00\x00\x66\x99\x00\x00\x00\x00\x00\x00\x00\x00\x00\x13\x00\x00"
    "\x00\xb2\x30\x31\x32\x33\x34\x35\x36\x37\x38\x39\x61\x62\x04\x2c"
    "\xe5\x2c\x19\x86\xe9\xab\xb3\xbe\xc8\x43\x69\x99\xf7\x32\x31\x35"
    "\xda\x22\xb4\xaa\x91\x0b\x63\x04\xc8\xf4\x76\xfe\x0f\x8d\x5f\x0b"
    "\xd0\xa4\x2a\x60\x29\x37\x1f\x8f\x33\x5c\x44\xcd\xa7\xe3\xbe\xc3"
    "\x5f\xe5\x99\x1c\x27\xea\xc9\x79\xf7\xbc\x37\x7f\x56\xcf\x67\x45"
    "\xd7\x60\xe0\x26\x41\xbe\x83\xd4\x79\x49\x87\x82\x34\xb4\xae\x7c"
    "\xc3\x87\x37\x3e\x8f\x59\x24\xc4\x7d\x0a\x17\xbc\x3a\xa8\x5e\xb1"
    "\xf8\x44\x5b\x0a\x41\xf9\xd2\x8f\xb7\x1f\x28\x08\xce\x91\x44\x76"
    "\x3a\x38\xaf\x69\x0d\xd7\x6a\xec\x6a\xed\x56\xaa\x5d\x24\x39\xe8"
    "\x13\xe0\xa4\x23\x10\x41\x12\x2e\xe3\x82\x04\xda\xeb\x98\xaf\x41"
    "\x8a\x2f\xaf\x48\x0a\xa1\x76\x93\x9b\x85\x51\x5a\xea\xaa\x44\xdf"
    "\x3c\x54\x4f\x63\x00\x00\x99\x66");
/* clang-format on */

/* The same with a payload of whole blocks behind the return code, and its CRC. */
static const struct slice FRAME = SLICE("\0\0\x55\xaa\0\0\0\0\0\0\0\0\0\0\0\x1c\0\0\0\0"
					"0123456789abcdef"
					"\0\0\0\0\0\0\xaa\x55");

static const struct {
	const struct slice *frame;
	const char *version;
} FRAMES[] = {{&ENCRYPTED, "3.3"}, {&SEALED, "3.5"}};

START_TEST(an_encrypted_beacon_is_read_where_there_is_a_cipher)
{
	int error = beacon_read_tuya(*FRAMES[_i].frame, &beacon);

	ck_assert_int_eq(error, BEACON_CIPHER_HERE ? 0 : -ENOTSUP);
	if (error)
		return;
	ck_assert_slice(beacon.id, "bf1234567890abcdefghij");
	ck_assert_slice(beacon.model, "keyjup78v54myhan");
	ck_assert_slice(beacon.version, FRAMES[_i].version);
}
END_TEST

START_TEST(no_byte_of_a_frame_may_differ)
{
	struct slice frame = *FRAMES[_i].frame;
	char bytes[512];
	bool readable = frame.bytes == ENCRYPTED.bytes || BEACON_CIPHER_HERE;
	int error;

	ck_assert_uint_le(frame.len, sizeof(bytes));
	for (size_t i = 0; i < frame.len; i++) {
		memcpy(bytes, frame.bytes, frame.len);
		bytes[i] ^= 1;
		error = beacon_read_tuya((struct slice){bytes, frame.len}, &beacon);
		ck_assert_int_eq(error, readable || i < 4 ? -EBADMSG : -ENOTSUP);
	}
	for (size_t len = 0; len < frame.len; len++) {
		error = beacon_read_tuya(slice_head(frame, len), &beacon);
		ck_assert_int_eq(error, readable || len < 4 ? -EBADMSG : -ENOTSUP);
	}
}
END_TEST

/* CRC-32 as ISO 3309 has it. */
static uint32_t crc_of(const char *bytes, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned char)bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

/* Puts a payload into a frame with a return code. */
static struct slice frame_of(struct slice payload, char *bytes)
{
	size_t end = 20 + payload.len;

	memcpy(bytes, FRAME.bytes, 20);
	memcpy(bytes + 20, payload.bytes, payload.len);
	bytes[14] = (char)((payload.len + 12) >> 8);
	bytes[15] = (char)(payload.len + 12);
	uint32_t crc = crc_of(bytes, end);
	for (int i = 0; i < 4; i++)
		bytes[end + (size_t)i] = (char)(crc >> (24 - 8 * i));
	memcpy(bytes + end + 4, "\0\0\xaa\x55", 4);
	return (struct slice){bytes, end + 8};
}

static const struct {
	struct slice payload;
	int error;
} PAYLOADS[] = {
    {SLICE("{\"gwId\":\"1\"}"), 0},
    {SLICE("{\"devId\":\"1\"}\0"), 0},
    {SLICE("{\"from\":\"app\"}"), 0},
    {SLICE("{\"gwId\":1}"), -EBADMSG},
    {SLICE("{\"gwId\":\"\"}"), -EBADMSG},
    {SLICE("{\"gwId\":\"1\""), -EBADMSG},
    {SLICE("{}"), -EBADMSG},
    {SLICE(""), -EBADMSG},
    {SLICE("0123456789abcde"), -EBADMSG},
    {SLICE("0123456789abcdef"), -EBADMSG},
};

START_TEST(a_payload_is_json_or_whole_blocks)
{
	char bytes[512];
	int error = beacon_read_tuya(frame_of(PAYLOADS[_i].payload, bytes), &beacon);
	bool encrypted = PAYLOADS[_i].payload.bytes[0] != '{';

	ck_assert_int_eq(error, encrypted && !BEACON_CIPHER_HERE ? -ENOTSUP : PAYLOADS[_i].error);
}
END_TEST

START_TEST(a_datagram_has_a_longest_length)
{
	static char bytes[BEACON_DATAGRAM_MAX + 1], payload[BEACON_DATAGRAM_MAX];

	memset(payload, ' ', sizeof(payload));
	memcpy(payload, "{\"gwId\":\"1\"}", 12);
	struct slice frame = frame_of((struct slice){payload, BEACON_DATAGRAM_MAX - 28}, bytes);
	ck_assert_uint_eq(frame.len, BEACON_DATAGRAM_MAX);
	ck_assert_int_eq(beacon_read_tuya(frame, &beacon), 0);
	frame.len++;
	ck_assert_int_eq(beacon_read_tuya(frame, &beacon), -EMSGSIZE);
}
END_TEST

Suite *beacon_tuya_suite(void)
{
	Suite *suite = suite_create("wire/beacon_tuya");
	TCase *tcase = tcase_create("beacon_tuya");
	add_test_of_rows(tcase, an_encrypted_beacon_is_read_where_there_is_a_cipher, FRAMES);
	add_test_of_rows(tcase, no_byte_of_a_frame_may_differ, FRAMES);
	add_test_of_rows(tcase, a_payload_is_json_or_whole_blocks, PAYLOADS);
	tcase_add_test(tcase, a_datagram_has_a_longest_length);
	suite_add_tcase(suite, tcase);
	return suite;
}

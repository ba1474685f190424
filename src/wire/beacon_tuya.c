/* SPDX-License-Identifier: ISC
 * beacon_tuya: the beacons of Tuya: JSON, plain or encrypted, in a frame with a CRC, or encrypted
 * in one with a tag. */
#include "base/array.h"
#include "wire/beacon_cipher.h"
#include "wire/beacon_internal.h"

#include <errno.h>
#include <string.h>

/* Prefix, number, command and length; behind them what the length counts: often four bytes with a
 * return code, the JSON text, its CRC and the suffix. All numbers are big-endian. */
enum { HEADER = 16, LENGTH_AT = 12, RETURN_CODE = 4, END = 8, SUFFIX = 4 };
#define PREFIX_VALUE 0x000055aau
#define SUFFIX_VALUE 0x0000aa55u

/* Since version 3.5: prefix, two bytes that are zero, number, command and length; behind them what
 * the length counts: nonce, encrypted text and its tag, which is also over the header behind the
 * prefix; and the suffix. */
enum { SEALED_HEADER = 18, SEALED_LENGTH_AT = 14, PREFIX = 4 };
#define SEALED_PREFIX_VALUE 0x00006699u
#define SEALED_SUFFIX_VALUE 0x00009966u

static uint32_t read_u32(struct slice bytes, size_t at)
{
	const unsigned char *b = (const unsigned char *)bytes.bytes + at;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* CRC-32 (ISO 3309). */
static uint32_t crc32_of(struct slice bytes)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < bytes.len; i++) {
		crc ^= (unsigned char)bytes.bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
	}
	return ~crc;
}

static bool read_frame(struct slice datagram, struct slice *payload)
{
	size_t len = datagram.len;

	if (len < HEADER + END || read_u32(datagram, 0) != PREFIX_VALUE ||
	    read_u32(datagram, LENGTH_AT) != len - HEADER ||
	    read_u32(datagram, len - SUFFIX) != SUFFIX_VALUE ||
	    read_u32(datagram, len - END) != crc32_of(slice_head(datagram, len - END)))
		return false;
	*payload = slice_head(slice_skip(datagram, HEADER), len - HEADER - END);
	if (payload->len >= RETURN_CODE && read_u32(*payload, 0) <= UINT8_MAX)
		*payload = slice_skip(*payload, RETURN_CODE);
	return true;
}

/* Without what fills its last block: as many bytes as their value says (RFC 5652, 6.3). */
static int decrypt(struct slice payload, char *text, struct slice *plain)
{
	if (!BEACON_CIPHER_HERE)
		return -ENOTSUP;
	if (payload.len == 0 || payload.len % BEACON_CIPHER_BLOCK)
		return -EBADMSG;
	beacon_cipher_decrypt((const uint8_t *)payload.bytes, payload.len, (uint8_t *)text);
	size_t padding = (unsigned char)text[payload.len - 1];
	if (padding == 0 || padding > BEACON_CIPHER_BLOCK)
		return -EBADMSG;
	*plain = (struct slice){text, payload.len - padding};
	return 0;
}

static bool is_sealed(struct slice datagram)
{
	return datagram.len >= PREFIX && read_u32(datagram, 0) == SEALED_PREFIX_VALUE;
}

/* The text may begin with a return code, and end with zeros. */
static int open_frame(struct slice datagram, char *text, struct slice *plain)
{
	const size_t around = SEALED_HEADER + BEACON_CIPHER_NONCE + BEACON_CIPHER_TAG + SUFFIX;
	const uint8_t *bytes = (const uint8_t *)datagram.bytes;
	size_t len = datagram.len;

	if (!BEACON_CIPHER_HERE)
		return -ENOTSUP;
	if (len < around || read_u32(datagram, SEALED_LENGTH_AT) != len - SEALED_HEADER - SUFFIX ||
	    read_u32(datagram, len - SUFFIX) != SEALED_SUFFIX_VALUE ||
	    !beacon_cipher_open(bytes + PREFIX, SEALED_HEADER - PREFIX, bytes + SEALED_HEADER,
		len - around, (uint8_t *)text))
		return -EBADMSG;
	*plain = (struct slice){text, len - around};
	if (plain->len >= RETURN_CODE && text[0] != '{')
		*plain = slice_skip(*plain, RETURN_CODE);
	while (plain->len > 0 && plain->bytes[plain->len - 1] == '\0')
		plain->len--;
	return 0;
}

/* The text of a frame, in it or in `text`. */
static int read_text(struct slice datagram, char *text, struct slice *payload)
{
	if (is_sealed(datagram))
		return open_frame(datagram, text, payload);
	if (!read_frame(datagram, payload))
		return -EBADMSG;
	return slice_starts_with(*payload, SLICE("{")) ? 0 : decrypt(*payload, text, payload);
}

static int read_message(struct json_object *message, struct beacon *beacon)
{
	struct slice id = beacon_json_text(message, "gwId", "devId");

	if (!id.bytes) {
		beacon->kind = BEACON_QUESTION;
		return beacon_json_text(message, "from", NULL).bytes ? 0 : -EBADMSG;
	}
	beacon->model = beacon_copy(beacon, beacon_json_text(message, "productKey", NULL));
	beacon->version = beacon_copy(beacon, beacon_json_text(message, "version", NULL));
	return beacon_set_id(beacon, id);
}

int beacon_read_tuya(struct slice datagram, struct beacon *beacon)
{
	char text[BEACON_DATAGRAM_MAX];
	struct slice payload;

	beacon_init(beacon);
	if (datagram.len > sizeof(text))
		return -EMSGSIZE;
	int error = read_text(datagram, text, &payload);
	if (error)
		return error;
	struct json_object *message = beacon_json_parse(payload);
	error = message ? read_message(message, beacon) : -EBADMSG;
	json_object_put(message);
	return error;
}

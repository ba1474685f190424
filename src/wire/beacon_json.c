/* SPDX-License-Identifier: ISC
 * beacon_json: the beacons of WiZ and TP-Link, which are JSON: plain, hidden by XOR, or behind a
 * header. */
#include "wire/beacon_internal.h"

#include <errno.h>

enum { KASA_KEY = 171, TPLINK_HEADER = 16, TPLINK_VERSION = 2 };

/* WiZ: the MAC stands in "result" of an answer and in "params" of a beacon. The parameters of a
 * question have none of that name. */
static int read_wiz(struct json_object *message, struct beacon *beacon)
{
	struct json_object *values = beacon_json_at(message, "result", NULL);

	if (!values)
		values = beacon_json_at(message, "params", NULL);
	struct slice mac = beacon_json_text(values, "mac", NULL);
	if (!beacon_json_text(message, "method", NULL).bytes)
		return -EBADMSG;
	if (!mac.bytes) {
		beacon->kind = BEACON_QUESTION;
		return 0;
	}
	beacon->model = beacon_copy(beacon, beacon_json_text(values, "moduleName", NULL));
	beacon->version = beacon_copy(beacon, beacon_json_text(values, "fwVersion", NULL));
	return beacon_set_id(beacon, mac);
}

/* The description of an older device. A question asks for the same members, but gives none. */
static int read_kasa(struct json_object *message, struct beacon *beacon)
{
	struct json_object *info = beacon_json_at(message, "system", "get_sysinfo");
	struct slice id = beacon_json_text(info, "mac", "mic_mac");

	if (!id.bytes)
		id = beacon_json_text(info, "deviceId", NULL);
	if (!id.bytes) {
		beacon->kind = BEACON_QUESTION;
		bool empty = !info || json_object_object_length(info) == 0;
		return empty && beacon_json_at(message, "system", NULL) ? 0 : -EBADMSG;
	}
	beacon->name = beacon_copy(beacon, beacon_json_text(info, "alias", "dev_name"));
	beacon->type = beacon_copy(beacon, beacon_json_text(info, "type", "mic_type"));
	beacon->model = beacon_copy(beacon, beacon_json_text(info, "model", NULL));
	beacon->version = beacon_copy(beacon, beacon_json_text(info, "sw_ver", NULL));
	return beacon_set_id(beacon, id);
}

static int read_tplink(struct json_object *message, struct beacon *beacon)
{
	struct json_object *result = beacon_json_at(message, "result", NULL);
	struct slice id = beacon_json_text(result, "mac", "device_id");

	if (!result) {
		beacon->kind = BEACON_QUESTION;
		return beacon_json_at(message, "params", NULL) ? 0 : -EBADMSG;
	}
	beacon->type = beacon_copy(beacon, beacon_json_text(result, "device_type", NULL));
	beacon->model = beacon_copy(beacon, beacon_json_text(result, "device_model", NULL));
	return beacon_set_id(beacon, id);
}

static int read_json(struct slice text,
    int (*read)(struct json_object *message, struct beacon *beacon), struct beacon *beacon)
{
	struct json_object *message = beacon_json_parse(text);
	int error = message ? read(message, beacon) : -EBADMSG;

	json_object_put(message);
	return error;
}

int beacon_read_wiz(struct slice datagram, struct beacon *beacon)
{
	beacon_init(beacon);
	return datagram.len > BEACON_DATAGRAM_MAX ? -EMSGSIZE
						  : read_json(datagram, read_wiz, beacon);
}

void beacon_ask_wiz(struct writer *w)
{
	writer_text(w, "{\"method\":\"registration\",\"params\":{\"phoneMac\":\"AAAAAAAAAAAA\","
		       "\"register\":false,\"phoneIp\":\"1.2.3.4\",\"id\":\"1\"}}");
}

/* Each byte is hidden by the one before it as it was sent. */
int beacon_read_kasa(struct slice datagram, struct beacon *beacon)
{
	char text[BEACON_DATAGRAM_MAX];
	uint8_t key = KASA_KEY;

	beacon_init(beacon);
	if (datagram.len > sizeof(text))
		return -EMSGSIZE;
	for (size_t i = 0; i < datagram.len; i++) {
		text[i] = (char)(datagram.bytes[i] ^ key);
		key = (uint8_t)datagram.bytes[i];
	}
	return read_json((struct slice){text, datagram.len}, read_kasa, beacon);
}

void beacon_ask_kasa(struct writer *w)
{
	struct slice text = SLICE("{\"system\":{\"get_sysinfo\":{}}}");
	uint8_t key = KASA_KEY;

	for (size_t i = 0; i < text.len; i++) {
		key = (uint8_t)(text.bytes[i] ^ key);
		writer_char(w, (char)key);
	}
}

/* A question may end with the header. */
int beacon_read_tplink(struct slice datagram, struct beacon *beacon)
{
	beacon_init(beacon);
	if (datagram.len > BEACON_DATAGRAM_MAX)
		return -EMSGSIZE;
	if (datagram.len < TPLINK_HEADER || datagram.bytes[0] != TPLINK_VERSION)
		return -EBADMSG;
	if (datagram.len == TPLINK_HEADER) {
		beacon->kind = BEACON_QUESTION;
		return 0;
	}
	return read_json(slice_skip(datagram, TPLINK_HEADER), read_tplink, beacon);
}

void beacon_ask_tplink(struct writer *w)
{
	/* version, type, operation, length, flags, padding, serial number, CRC */
	writer_slice(w, SLICE("\x02\0\0\x01\0\0\0\0\0\0\0\0\x46\x3c\xb5\xd3"));
}

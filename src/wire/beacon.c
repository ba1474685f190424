/* SPDX-License-Identifier: ISC
 * beacon: what the readers of beacons share: keeping values, and JSON by way of json-c. */
#include "base/ascii.h"
#include "wire/beacon_internal.h"
#include "wire/json_read.h"

#include <errno.h>
#include <string.h>

enum { MAC_DIGITS = 12 };

void beacon_init(struct beacon *beacon)
{
	memset(beacon, 0, sizeof(*beacon));
}

struct slice beacon_value(struct beacon *beacon, struct slice value)
{
	if (value.len <= BEACON_VALUE_MAX)
		return value;
	size_t len = BEACON_VALUE_MAX;
	while (len > 0 && ((unsigned char)value.bytes[len] & 0xc0) == 0x80)
		len--;
	beacon->surplus++;
	return slice_head(value, len);
}

struct slice beacon_copy(struct beacon *beacon, struct slice value)
{
	value = beacon_value(beacon, value);
	if (!value.bytes)
		return SLICE_NONE;
	if (value.len > BEACON_TEXT_MAX - beacon->text_len) {
		beacon->surplus++;
		return SLICE_NONE;
	}
	char *copy = beacon->text + beacon->text_len;
	memcpy(copy, value.bytes, value.len);
	beacon->text_len += value.len;
	return (struct slice){copy, value.len};
}

/* "a8bb50123456", "50:C7:BF:01:02:03", "50-C7-BF-01-02-03"; false for another text. */
static bool read_mac(struct slice text, char digits[MAC_DIGITS])
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.bytes[i];
		bool between = (c == ':' || c == '-') && count % 2 == 0 && count > 0;

		if (between && i + 1 < text.len && ascii_is_hex(text.bytes[i + 1]))
			continue;
		if (!ascii_is_hex(c) || count == MAC_DIGITS)
			return false;
		digits[count++] = ascii_lower(c);
	}
	return count == MAC_DIGITS;
}

int beacon_set_id(struct beacon *beacon, struct slice id)
{
	char digits[MAC_DIGITS];

	id = slice_trim(id);
	if (id.len == 0 || id.len > BEACON_ID_MAX)
		return -EBADMSG;
	if (read_mac(id, digits))
		id = (struct slice){digits, sizeof(digits)};
	beacon->id = beacon_copy(beacon, id);
	return beacon->id.len > 0 ? 0 : -EBADMSG;
}

static struct slice without_blank_end(struct slice text)
{
	while (text.len > 0 && strchr(" \t\r\n", text.bytes[text.len - 1]))
		text.len--; /* a NUL is found, too */
	return text;
}

struct json_object *beacon_json_parse(struct slice text)
{
	return json_read_any_bytes(without_blank_end(text));
}

static struct json_object *member_of(struct json_object *object, const char *name)
{
	struct json_object *member = object ? json_object_object_get(object, name) : NULL;

	return json_object_is_type(member, json_type_object) ? member : NULL;
}

struct json_object *beacon_json_at(
    struct json_object *object, const char *first, const char *second)
{
	object = member_of(object, first);
	return second ? member_of(object, second) : object;
}

static struct slice text_of(struct json_object *object, const char *name)
{
	struct json_object *value = object ? json_object_object_get(object, name) : NULL;

	if (!json_object_is_type(value, json_type_string) || json_object_get_string_len(value) < 1)
		return SLICE_NONE;
	return (struct slice){
	    json_object_get_string(value), (size_t)json_object_get_string_len(value)};
}

struct slice beacon_json_text(struct json_object *object, const char *name, const char *other)
{
	struct slice text = text_of(object, name);

	return text.bytes || !other ? text : text_of(object, other);
}

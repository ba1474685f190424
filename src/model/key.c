/* SPDX-License-Identifier: ISC
 * key: see key.h. */
#include "model/key.h"
#include "base/ascii.h"
#include "base/text.h"
#include <string.h>

enum { UUID_DIGITS = 32, UUID_HYPHENS = 4 };

/* 8-4-4-4-12 digits, or 32 of them without a hyphen. */
static bool read_uuid(struct slice text, uint8_t uuid[16])
{
	bool hyphens = text.len == UUID_DIGITS + UUID_HYPHENS;
	const char *at = text.bytes;

	if (!hyphens && text.len != UUID_DIGITS)
		return false;
	for (size_t i = 0; i < UUID_DIGITS / 2; i++, at += 2) {
		if (hyphens && (i == 4 || i == 6 || i == 8 || i == 10) && *at++ != '-')
			return false;
		int high = ascii_hex_value(at[0]), low = ascii_hex_value(at[1]);
		if (high < 0 || low < 0)
			return false;
		uuid[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

struct key key_of_id(struct slice id)
{
	struct key key = {.kind = KEY_OPAQUE, .text = slice_trim(id)};
	struct slice rest = key.text;

	if (rest.len == 0)
		return (struct key){.kind = KEY_ADDRESS};
	bool written = slice_starts_with(rest, SLICE("uuid:"));
	rest = slice_without_prefix_nocase(rest, SLICE("urn:"));
	rest = slice_without_prefix_nocase(rest, SLICE("uuid:"));
	if (rest.len > 2 && rest.bytes[0] == '{' && rest.bytes[rest.len - 1] == '}')
		rest = slice_head(slice_skip(rest, 1), rest.len - 2);
	if (!read_uuid(rest, key.uuid))
		return key;
	key.kind = KEY_UUID;
	if (!written)
		key.text = SLICE_NONE;
	return key;
}

struct key key_of_name(struct slice name)
{
	return (struct key){.kind = name.len > 0 ? KEY_NAME : KEY_ADDRESS, .text = name};
}

bool key_equal(const struct key *a, const struct key *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == KEY_UUID)
		return memcmp(a->uuid, b->uuid, sizeof(a->uuid)) == 0;
	return slice_equal_nocase(a->text, b->text);
}

bool key_joins(const struct key *key)
{
	static const uint8_t NIL[16];

	if (key->kind == KEY_UUID)
		return memcmp(key->uuid, NIL, sizeof(NIL)) != 0;
	return key->kind == KEY_OPAQUE;
}

struct key key_clean(const struct key *key, char buffer[KEY_TEXT_MAX])
{
	bool is_text = key->kind == KEY_OPAQUE || key->kind == KEY_NAME;

	if (!is_text || (key->text.len < KEY_TEXT_MAX && text_is_clean(key->text)))
		return *key;
	struct slice clean = {buffer, text_clean(key->text, buffer, KEY_TEXT_MAX)};
	return key->kind == KEY_NAME ? key_of_name(clean) : key_of_id(clean);
}

size_t key_canonical(const struct key *key, char out[KEY_TEXT_MAX])
{
	size_t len = 1;

	out[0] = (char)key->kind;
	if (key->kind == KEY_UUID) {
		memcpy(out + 1, key->uuid, sizeof(key->uuid));
		return 1 + sizeof(key->uuid);
	}
	for (size_t i = 0; i < key->text.len && len < KEY_TEXT_MAX; i++)
		out[len++] = ascii_lower(key->text.bytes[i]);
	return len;
}

const char *key_format_uuid(const uint8_t uuid[16], char out[KEY_UUID_TEXT_MAX])
{
	static const char SHAPE[] = "uuid:xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	char digits[32];

	for (size_t i = 0; i < 4; i++)
		ascii_put_hex(digits + 8 * i, uuid + 4 * i);
	memcpy(out, SHAPE, sizeof(SHAPE));
	memcpy(out + 5, digits, 8);
	memcpy(out + 14, digits + 8, 4);
	memcpy(out + 19, digits + 12, 4);
	memcpy(out + 24, digits + 16, 4);
	memcpy(out + 29, digits + 20, 12);
	return out;
}

void key_format(const struct key *key, char out[KEY_TEXT_MAX])
{
	if (key->kind == KEY_UUID) {
		key_format_uuid(key->uuid, out);
		return;
	}
	struct slice text = slice_head(key->text, KEY_TEXT_MAX - 1);
	memcpy(out, text.bytes ? text.bytes : "", text.len);
	out[text.len] = '\0';
}

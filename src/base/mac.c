/* SPDX-License-Identifier: ISC
 * mac: hardware addresses of 48 bits and their text. */
#include "base/mac.h"
#include "base/ascii.h"
#include <errno.h>
#include <string.h>

struct slice mac_text(const struct mac *mac, char buffer[MAC_TEXT_MAX])
{
	static const char HEX[] = "0123456789abcdef";
	char *at = buffer;

	for (size_t i = 0; i < sizeof(mac->bytes); i++) {
		*at++ = HEX[mac->bytes[i] >> 4];
		*at++ = HEX[mac->bytes[i] & 15];
		*at++ = ':';
	}
	return (struct slice){buffer, (size_t)(at - buffer) - 1};
}

void mac_format(const struct mac *mac, struct writer *w)
{
	char buffer[MAC_TEXT_MAX];

	writer_slice(w, mac_text(mac, buffer));
}

int mac_parse(struct slice text, struct mac *mac)
{
	struct mac read = {.known = true};

	if (text.len != 3 * sizeof(read.bytes) - 1 ||
	    (text.bytes[2] != ':' && text.bytes[2] != '-'))
		return -EINVAL;
	for (size_t i = 0; i < sizeof(read.bytes); i++) {
		const char *at = text.bytes + 3 * i;
		int high = ascii_hex_value(at[0]), low = ascii_hex_value(at[1]);
		if (high < 0 || low < 0 || (i > 0 && at[-1] != text.bytes[2]))
			return -EINVAL;
		read.bytes[i] = (uint8_t)(high << 4 | low);
	}
	*mac = read;
	return 0;
}

bool mac_equal(const struct mac *a, const struct mac *b)
{
	if (!a->known || !b->known)
		return a->known == b->known;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* SPDX-License-Identifier: ISC
 * mac: hardware addresses of 48 bits and their text. */
#ifndef BASE_MAC_H
#define BASE_MAC_H

#include "base/writer.h"

struct mac {
	uint8_t bytes[6];
	bool known;
};

/* aa:bb:cc:dd:ee:ff */
void mac_format(const struct mac *mac, struct writer *w);
enum { MAC_TEXT_MAX = sizeof("00:00:00:00:00:00") };
/* Likewise in a buffer, without a NUL. */
struct slice mac_text(const struct mac *mac, char buffer[MAC_TEXT_MAX]);
/* Six pairs of hexadecimal digits, all divided by ":" or all by "-". 0 or -EINVAL. */
int mac_parse(struct slice text, struct mac *mac);
bool mac_equal(const struct mac *a, const struct mac *b);

#endif

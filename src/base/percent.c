/* SPDX-License-Identifier: ISC
 * percent: see percent.h. */
#include "base/percent.h"
#include "base/ascii.h"

void percent_encode(struct slice text, bool (*stays)(char c), struct writer *w)
{
	for (size_t i = 0; i < text.len; i++) {
		if (stays(text.bytes[i]))
			writer_char(w, text.bytes[i]);
		else
			writer_format(w, "%%%02X", (unsigned)(unsigned char)text.bytes[i]);
	}
}

void percent_decode(struct slice text, struct writer *w)
{
	for (size_t i = 0; i < text.len; i++) {
		const char *c = text.bytes + i;
		if (*c == '%' && text.len - i > 2 && ascii_is_hex(c[1]) && ascii_is_hex(c[2])) {
			writer_char(w, (char)(ascii_hex_value(c[1]) << 4 | ascii_hex_value(c[2])));
			i += 2;
		} else {
			writer_char(w, *c);
		}
	}
}

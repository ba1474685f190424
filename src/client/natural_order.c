/* SPDX-License-Identifier: ISC
 * natural_order: see natural_order.h. */
#include "client/natural_order.h"
#include "base/ascii.h"
#include <string.h>

/* Takes the digits at the head of a text, without zeros in front. */
static struct slice take_number(struct slice *text)
{
	while (text->len > 1 && text->bytes[0] == '0' && ascii_is_digit(text->bytes[1]))
		*text = slice_skip(*text, 1);
	size_t len = 0;
	while (len < text->len && ascii_is_digit(text->bytes[len]))
		len++;
	struct slice number = slice_head(*text, len);
	*text = slice_skip(*text, len);
	return number;
}

static int compare_numbers(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return memcmp(a.bytes, b.bytes, a.len);
}

int natural_order(struct slice a, struct slice b)
{
	while (a.len && b.len) {
		int order;
		if (ascii_is_digit(a.bytes[0]) && ascii_is_digit(b.bytes[0])) {
			struct slice x = take_number(&a), y = take_number(&b);
			order = compare_numbers(x, y);
		} else {
			order = (unsigned char)ascii_lower(a.bytes[0]) -
				(unsigned char)ascii_lower(b.bytes[0]);
			a = slice_skip(a, 1);
			b = slice_skip(b, 1);
		}
		if (order)
			return order;
	}
	return (a.len > 0) - (b.len > 0);
}

/* SPDX-License-Identifier: ISC
 * instance_name: see instance_name.h. */
#include "engine/instance_name.h"
#include "base/ascii.h"
#include "base/text.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* " (4294967295)" and a NUL. */
enum { SUFFIX_SIZE = 14, NUMBER_MAX = 1000000000 };

/* Splits "NAME (5)" into "NAME", which is returned, and 5. A name without a number has 1. */
static struct slice split(struct slice wanted, uint32_t *number)
{
	struct slice digits = slice_head(wanted, wanted.len - 1);
	size_t from = digits.len;
	uint64_t value;

	*number = 1;
	if (!slice_ends_with(wanted, SLICE(")")))
		return wanted;
	while (from > 0 && ascii_is_digit(digits.bytes[from - 1]))
		from--;
	struct slice name = slice_head(wanted, from);
	if (!slice_ends_with(name, SLICE(" (")) || name.len == 2 ||
	    slice_to_u64(slice_skip(digits, from), NUMBER_MAX, &value) < 0 || value < 2)
		return wanted;
	*number = (uint32_t)value;
	return slice_head(name, name.len - 2);
}

size_t instance_name_make(struct slice wanted, uint32_t number, char out[INSTANCE_NAME_SIZE])
{
	char suffix[SUFFIX_SIZE] = "";
	uint32_t first;
	size_t len;

	if (number > 1 && wanted.len > 0) {
		wanted = split(wanted, &first);
		snprintf(suffix, sizeof(suffix), " (%" PRIu32 ")", first + (number - 1));
	}
	len = text_clean(wanted, out, INSTANCE_NAME_SIZE - strlen(suffix));
	memcpy(out + len, suffix, strlen(suffix) + 1);
	return len + strlen(suffix);
}

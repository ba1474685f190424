/* SPDX-License-Identifier: ISC
 * fuzz: what the fuzz targets share. */
#include "fuzz.h"
#include "wire/header_block.h"
#include <string.h>

struct slice fuzz_copy(const uint8_t *data, size_t size)
{
	char *copy = malloc(size);

	FUZZ_CHECK(copy || size == 0);
	if (size > 0)
		memcpy(copy, data, size);
	return (struct slice){copy, size};
}

void fuzz_free(struct slice copy)
{
	free((char *)copy.bytes);
}

bool fuzz_inside(struct slice part, struct slice whole)
{
	uintptr_t from = (uintptr_t)part.bytes, start = (uintptr_t)whole.bytes;

	if (!part.bytes)
		return part.len == 0;
	return from >= start && from - start <= whole.len && part.len <= whole.len - (from - start);
}

bool fuzz_same(struct slice a, struct slice b)
{
	return !a.bytes == !b.bytes && slice_equal(a, b);
}

bool fuzz_fits(struct slice datagram, size_t datagram_max, size_t line_max)
{
	struct slice line;
	bool fits = datagram.len <= datagram_max;

	while (fits && header_line(&datagram, &line))
		fits = line.len <= line_max;
	return fits;
}

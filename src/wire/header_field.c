/* SPDX-License-Identifier: ISC
 * header_field: fills a message from its headers, and writes them, by a table of rows. */
#include "wire/header_field.h"

void header_field_read_text(struct slice value, void *member)
{
	*(struct slice *)member = value;
}

void header_field_write_text(struct slice name, const void *member, struct writer *w)
{
	header_write(w, name, *(const struct slice *)member);
}

/* Index of the row, or `count`. */
static size_t find_field(
    const struct header_field *fields, size_t count, unsigned kind, struct slice name)
{
	size_t i = 0;

	while (
	    i < count && !(fields[i].name.len == name.len && fields[i].kinds & HEADER_KIND(kind) &&
			     fields[i].read && slice_starts_with_nocase(fields[i].name, name)))
		i++;
	return i;
}

int header_fields_read(const struct header_field *fields, size_t count, unsigned kind,
    struct slice block, void *message, unsigned *surplus)
{
	struct header_cursor cursor;
	struct header header;
	unsigned others = 0;
	uint32_t seen = 0; /* a bit per row */

	header_cursor_init_unlimited(&cursor, block);
	while (header_next(&cursor, &header)) {
		size_t i = find_field(fields, count, kind, header.name);
		if (i == count && ++others > HEADER_COUNT_MAX)
			++*surplus;
		if (i == count || seen & UINT32_C(1) << i)
			continue;
		seen |= UINT32_C(1) << i;
		bool over = header.value.len > HEADER_LINE_MAX;
		*surplus += over;
		if (!over || fields[i].kinds & HEADER_CUT)
			fields[i].read(slice_head(header.value, HEADER_LINE_MAX),
			    (char *)message + fields[i].offset);
	}
	return cursor.error;
}

void header_fields_write(const struct header_field *fields, size_t count, unsigned kind,
    const void *message, struct writer *w)
{
	for (size_t i = 0; i < count; i++)
		if (fields[i].kinds & HEADER_KIND(kind))
			fields[i].write(
			    fields[i].name, (const char *)message + fields[i].offset, w);
	writer_text(w, "\r\n");
}

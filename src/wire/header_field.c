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

static bool is_named(const struct header_field *field, unsigned kind, struct slice name)
{
	return field->name.len == name.len && field->kinds & HEADER_KIND(kind) && field->read &&
	       slice_starts_with_nocase(field->name, name);
}

/* Index of the row, or `count`. Most senders follow the order of the rows, so the row is seldom far
 * behind `from`. */
static size_t find_field(
    const struct header_field *fields, size_t count, unsigned kind, struct slice name, size_t from)
{
	for (size_t i = from; i < count; i++)
		if (is_named(&fields[i], kind, name))
			return i;
	for (size_t i = 0; i < from; i++)
		if (is_named(&fields[i], kind, name))
			return i;
	return count;
}

int header_fields_read(const struct header_field *fields, size_t count, unsigned kind,
    struct slice block, void *message, unsigned *surplus)
{
	struct header_cursor cursor;
	struct header header;
	unsigned others = 0;
	uint32_t seen = 0; /* a bit per row */
	size_t last = 0;

	header_cursor_init_unlimited(&cursor, block);
	while (header_next(&cursor, &header)) {
		size_t i = find_field(fields, count, kind, header.name, last);
		bool other = i == count || fields[i].kinds & HEADER_OTHER;
		if (other && ++others > HEADER_COUNT_MAX)
			++*surplus;
		if (i == count || seen & UINT32_C(1) << i)
			continue;
		last = i;
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

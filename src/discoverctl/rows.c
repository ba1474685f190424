/* SPDX-License-Identifier: ISC
 * rows: see rows.h. */
#include "discoverctl/rows.h"
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 64 };

void rows_fini(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		free(rows->rows[i].bytes);
	free(rows->rows);
	free(rows->made);
	*rows = (struct rows){0};
}

void rows_put(struct rows *rows, struct slice text)
{
	size_t needed = rows->made_len + text.len;

	if (needed > rows->made_capacity) {
		char *larger = realloc(rows->made, 2 * needed);
		rows->failed |= !larger;
		rows->made = larger ? larger : rows->made;
		rows->made_capacity = larger ? 2 * needed : rows->made_capacity;
	}
	if (rows->failed || !text.len)
		return;
	memcpy(rows->made + rows->made_len, text.bytes, text.len);
	rows->made_len = needed;
}

void rows_begin(struct rows *rows, struct slice keys)
{
	rows->made_len = 0;
	rows->failed = false;
	rows->keys_len = keys.len;
	rows_put(rows, keys);
}

void rows_end(struct rows *rows)
{
	size_t place = rows->next_place++;

	if (rows->count == rows->capacity) {
		size_t capacity = rows->capacity ? 2 * rows->capacity : CAPACITY_MIN;
		struct row *larger = reallocarray(rows->rows, capacity, sizeof(*larger));
		if (!larger)
			return;
		rows->rows = larger;
		rows->capacity = capacity;
	}
	char *bytes = rows->failed ? NULL : malloc(rows->made_len + 1);
	if (!bytes)
		return;
	if (rows->made_len)
		memcpy(bytes, rows->made, rows->made_len);
	rows->rows[rows->count] = (struct row){.bytes = bytes,
	    .keys_len = (uint32_t)rows->keys_len,
	    .len = (uint32_t)rows->made_len,
	    .place = place};
	rows->count++;
}

struct slice row_text(const struct row *row)
{
	return (struct slice){row->bytes + row->keys_len, row->len - row->keys_len};
}

static int compare(const void *left, const void *right, void *order)
{
	const struct row *a = left, *b = right;
	int result = sort_compare_keys(order, a->bytes, b->bytes);

	return result ? result : (a->place > b->place) - (a->place < b->place);
}

void rows_sort(struct rows *rows, const struct sort_order *order)
{
	struct sort_order copy = *order;

	if (rows->count)
		qsort_r(rows->rows, rows->count, sizeof(*rows->rows), compare, &copy);
}

void rows_select(struct rows *rows, rows_keep_fn *keep, const void *context)
{
	size_t kept = 0;

	for (size_t i = 0; i < rows->count; i++)
		if (keep(context, &rows->rows[i]))
			rows->rows[kept++] = rows->rows[i];
		else
			free(rows->rows[i].bytes);
	rows->count = kept;
}

/* SPDX-License-Identifier: ISC
 * sort: see sort.h. */
#include "discoverctl/sort.h"
#include "base/ascii.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/field.h"
#include "discoverctl/pattern.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_MAX = 1024, SORT_COLUMNS_MAX = 8 };

struct sorted {
	struct json_object *record; /* owned while it is out of the array */
	char *key;
	size_t place; /* its former index */
	bool reverse;
};

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

int sort_compare(struct slice a, struct slice b)
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

static int compare(const void *left, const void *right)
{
	const struct sorted *a = left, *b = right;
	struct slice x = slice_of(a->key), y = slice_of(b->key);
	int order = !x.len != !y.len ? !x.len - !y.len
		    : a->reverse     ? sort_compare(y, x)
				     : sort_compare(x, y);
	return order ? order : (a->place > b->place) - (a->place < b->place);
}

/* Takes the next column of "name,-last_seen"; false at the end. */
static bool next_column(struct slice *rest, struct slice *name, bool *reverse)
{
	if (!slice_cut(rest, ',', name))
		return false;
	*name = slice_trim(*name);
	*reverse = slice_starts_with(*name, SLICE("-"));
	*name = slice_skip(*name, *reverse);
	return true;
}

int sort_check(const struct column_set *set, const struct command_options *options)
{
	struct slice rest = slice_of(options->sort), name;
	struct chosen_column chosen;
	bool reverse;

	for (size_t count = 0; next_column(&rest, &name, &reverse); count++) {
		if (count < SORT_COLUMNS_MAX && column_set_find(set, name, &chosen))
			continue;
		return column_set_refuse(set, command_options_typed(options, "sort"), name);
	}
	return STATUS_DONE;
}

/* Folded: case is ignored. */
static char *key_of(const struct chosen_column *chosen, struct json_object *record)
{
	char text[KEY_MAX], folded[2 * KEY_MAX];
	struct column_view view = {.brief = false};
	struct writer w, f;

	writer_init(&w, text, sizeof(text));
	column_write(chosen, record, &view, &w);
	writer_init(&f, folded, sizeof(folded));
	pattern_fold(writer_result(&w), &f);
	return slice_dup(writer_result(&f));
}

static void sort_by_one(
    const struct chosen_column *chosen, bool reverse, struct json_object *records)
{
	size_t count = field_length(records);
	struct sorted *sorted = calloc(count + 1, sizeof(*sorted));

	if (!sorted)
		return;
	for (size_t i = 0; i < count; i++) {
		struct json_object *record = field_entry(records, i);
		sorted[i] =
		    (struct sorted){json_object_get(record), key_of(chosen, record), i, reverse};
	}
	qsort(sorted, count, sizeof(*sorted), compare);
	for (size_t i = 0; i < count; i++) {
		json_object_array_put_idx(records, i, sorted[i].record);
		free(sorted[i].key);
	}
	free(sorted);
}

void sort_records(const struct column_set *set, const char *by, struct json_object *records)
{
	struct chosen_column chosen[SORT_COLUMNS_MAX];
	bool reverse[SORT_COLUMNS_MAX];
	struct slice rest = slice_of(by), name;
	size_t count = 0;

	while (count < SORT_COLUMNS_MAX && next_column(&rest, &name, &reverse[count]))
		count += column_set_find(set, name, &chosen[count]);
	while (count-- > 0) /* each sort is stable */
		sort_by_one(&chosen[count], reverse[count], records);
}

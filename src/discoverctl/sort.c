/* SPDX-License-Identifier: ISC
 * sort: see sort.h. */
#include "discoverctl/sort.h"
#include "base/ascii.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/field.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_MAX = 1024 };

struct sorted {
	struct json_object *record; /* owned while it is out of the array */
	char *key;
	size_t place; /* where it stood */
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

static struct slice column_of(const char *by)
{
	return slice_of(*by == '-' ? by + 1 : by);
}

int sort_check(const struct column_set *set, const char *by)
{
	struct chosen_column chosen;
	if (!by || column_find(set, column_of(by), &chosen))
		return STATUS_DONE;
	fprintf(stderr, "discoverctl: there is no column \"%s\" to sort by\n", by);
	return STATUS_USAGE;
}

static char *key_of(const struct chosen_column *chosen, struct json_object *record)
{
	char text[KEY_MAX];
	struct column_view view = {.brief = false};
	struct writer w;
	writer_init(&w, text, sizeof(text));
	column_write(chosen, record, &view, &w);
	return slice_dup(writer_result(&w));
}

void sort_records(const struct column_set *set, const char *by, struct json_object *records)
{
	size_t count = field_length(records);
	struct sorted *sorted = calloc(count ? count : 1, sizeof(*sorted));
	struct chosen_column chosen;

	if (!sorted || !column_find(set, column_of(by), &chosen)) {
		free(sorted);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct json_object *record = field_entry(records, i);
		sorted[i] = (struct sorted){
		    json_object_get(record), key_of(&chosen, record), i, *by == '-'};
	}
	qsort(sorted, count, sizeof(*sorted), compare);
	for (size_t i = 0; i < count; i++) {
		json_object_array_put_idx(records, i, sorted[i].record);
		free(sorted[i].key);
	}
	free(sorted);
}

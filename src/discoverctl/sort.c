/* SPDX-License-Identifier: ISC
 * sort: see sort.h. */
#include "discoverctl/sort.h"
#include "client/field.h"
#include "client/natural_order.h"
#include "client/pattern.h"
#include "discoverctl/exit_status.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Those without a value come last, also in reverse. */
static int compare_key(struct slice a, struct slice b, bool reverse)
{
	if (!a.len || !b.len)
		return !a.len - !b.len;
	return reverse ? natural_order(b, a) : natural_order(a, b);
}

int sort_compare_keys(const struct sort_order *order, const char *a, const char *b)
{
	int result = 0;

	for (size_t i = 0; i < order->count && !result; i++) {
		struct slice x = slice_of(a), y = slice_of(b);
		result = compare_key(x, y, order->reverse[i]);
		a += x.len + 1;
		b += y.len + 1;
	}
	return result;
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

struct sort_order sort_order_of(const struct column_set *set, const char *by)
{
	struct sort_order order = {.count = 0};
	struct slice rest = slice_of(by), name;

	while (order.count < SORT_COLUMNS_MAX &&
	       next_column(&rest, &name, &order.reverse[order.count]))
		order.count += column_set_find(set, name, &order.columns[order.count]);
	return order;
}

/* Folded: case is ignored. */
struct slice sort_keys(
    const struct sort_order *order, struct json_object *record, char buffer[SORT_KEYS_MAX])
{
	struct column_view view = {.brief = false};
	struct writer keys;

	writer_init(&keys, buffer, SORT_KEYS_MAX);
	for (size_t i = 0; i < order->count; i++) {
		char text[SORT_KEY_MAX];
		struct writer w;
		writer_init(&w, text, sizeof(text));
		column_write(&order->columns[i], record, &view, &w);
		pattern_fold(writer_result(&w), &keys);
		writer_char(&keys, '\0');
	}
	return writer_result(&keys);
}

/* A record that is being sorted, owned while it is out of the array. */
struct sorted {
	const struct sort_order *order;
	struct json_object *record;
	char *keys;
	size_t place; /* its former index */
};

static int compare(const void *left, const void *right)
{
	const struct sorted *a = left, *b = right;
	int result = a->keys && b->keys ? sort_compare_keys(a->order, a->keys, b->keys) : 0;

	return result ? result : (a->place > b->place) - (a->place < b->place);
}

void sort_records(const struct column_set *set, const char *by, struct json_object *records)
{
	const struct sort_order order = sort_order_of(set, by);
	size_t count = field_length(records);
	struct sorted *sorted = calloc(count + 1, sizeof(*sorted));
	char buffer[SORT_KEYS_MAX];

	if (!sorted)
		return;
	for (size_t i = 0; i < count; i++) {
		struct json_object *record = field_entry(records, i);
		sorted[i] = (struct sorted){&order, json_object_get(record),
		    slice_dup(sort_keys(&order, record, buffer)), i};
	}
	qsort(sorted, count, sizeof(*sorted), compare);
	for (size_t i = 0; i < count; i++) {
		json_object_array_put_idx(records, i, sorted[i].record);
		free(sorted[i].keys);
	}
	free(sorted);
}

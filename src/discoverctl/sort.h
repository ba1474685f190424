/* SPDX-License-Identifier: ISC
 * sort: records by their columns. */
#ifndef DISCOVERCTL_SORT_H
#define DISCOVERCTL_SORT_H

#include "discoverctl/column_set.h"
#include "discoverctl/command_options.h"

/* What a key is made of: a longer text is sorted by its head; folding doubles it at most. */
enum {
	SORT_COLUMNS_MAX = 8,
	SORT_KEY_MAX = 1024,
	SORT_KEYS_MAX = SORT_COLUMNS_MAX * (2 * SORT_KEY_MAX + 1)
};

/* Columns, the first of which decides unless it is alike. */
struct sort_order {
	struct chosen_column columns[SORT_COLUMNS_MAX];
	bool reverse[SORT_COLUMNS_MAX];
	size_t count;
};

/* Checks --sort, "COLUMN[,COLUMN]…", at most eight of them. STATUS_USAGE after a line on stderr
 * for a column that the set does not have. */
int sort_check(const struct column_set *set, const struct command_options *options);
/* Of what sort_check() accepts. */
struct sort_order sort_order_of(const struct column_set *set, const char *by);
/* What a record is sorted by: a text for each column, ended by a NUL. In the buffer. */
struct slice sort_keys(
    const struct sort_order *order, struct json_object *record, char buffer[SORT_KEYS_MAX]);
/* Records that are alike are 0, those without a value come last. */
int sort_compare_keys(const struct sort_order *order, const char *a, const char *b);
/* Sorts an array in place by the first column, then where it is alike by the next. "-COLUMN" sorts
 * in reverse. Records that are alike keep their order, those without a value come last. */
void sort_records(const struct column_set *set, const char *by, struct json_object *records);

#endif

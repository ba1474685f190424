/* SPDX-License-Identifier: ISC
 * rows: texts that are printed when all of them are there: of each only what is printed is kept,
 * and what it is sorted by. */
#ifndef DISCOVERCTL_ROWS_H
#define DISCOVERCTL_ROWS_H

#include "discoverctl/sort.h"

/* One block of memory: the keys, then the text. */
struct row {
	char *bytes;
	uint32_t keys_len, len; /* of the keys, of the whole */
	size_t place;           /* in the order in which they came */
};

/* All zero is empty. */
struct rows {
	struct row *rows;
	size_t count, capacity;
	char *made; /* the row that is being made */
	size_t made_len, made_capacity, keys_len;
	size_t next_place;
	bool failed; /* out of memory: it is left out */
};

void rows_fini(struct rows *rows);
/* Makes a row of its keys and of texts that are put one behind the other. */
void rows_begin(struct rows *rows, struct slice keys);
void rows_put(struct rows *rows, struct slice text);
void rows_end(struct rows *rows);
struct slice row_text(const struct row *row);
/* Those that are alike stay in the order in which they came. */
void rows_sort(struct rows *rows, const struct sort_order *order);
/* Drops the rows for which `keep` is false. */
typedef bool rows_keep_fn(const void *context, const struct row *row);
void rows_select(struct rows *rows, rows_keep_fn *keep, const void *context);

#endif

/* SPDX-License-Identifier: ISC
 * sort: records by one of their columns. */
#ifndef DISCOVERCTL_SORT_H
#define DISCOVERCTL_SORT_H

#include "discoverctl/columns.h"

/* STATUS_USAGE after a word on stderr for a column that the set does not have; "-name" is "name"
 * the other way round, NULL is fine. */
int sort_check(const struct column_set *set, const char *by);
/* Sorts an array in place; records that are alike keep their order, those without a value come
 * last. */
void sort_records(const struct column_set *set, const char *by, struct json_object *records);
/* Texts as people order them: without regard to case, and numbers in them by their value ("eth9"
 * before "eth10"). */
int sort_compare(struct slice a, struct slice b);

#endif

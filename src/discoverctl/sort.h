/* SPDX-License-Identifier: ISC
 * sort: records by their columns. */
#ifndef DISCOVERCTL_SORT_H
#define DISCOVERCTL_SORT_H

#include "discoverctl/column_set.h"
#include "discoverctl/command_options.h"

/* Checks --sort, "COLUMN[,COLUMN]…", at most eight of them. STATUS_USAGE after a line on stderr
 * for a column that the set does not have. */
int sort_check(const struct column_set *set, const struct command_options *options);
/* Sorts an array in place by the first column, then where it is alike by the next. "-COLUMN" sorts
 * in reverse. Records that are alike keep their order, those without a value come last. */
void sort_records(const struct column_set *set, const char *by, struct json_object *records);
/* Texts as people order them: without regard to case, and numbers in them by their value ("eth9"
 * before "eth10"). */
int sort_compare(struct slice a, struct slice b);

#endif

/* SPDX-License-Identifier: ISC
 * table_check: what must hold in a table after every call, whatever happened before. */
#ifndef TESTS_TABLE_TABLE_CHECK_H
#define TESTS_TABLE_TABLE_CHECK_H

#include "model/table.h"

/* The first thing that is wrong; empty while nothing is. */
struct report {
	char text[512];
};

/* Keeps the first one; always false. */
bool report_fail(struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Charges, counts, lists, heaps and hash tables agree with what hangs in the devices. */
bool table_check(const struct table *table, struct report *report);
/* Nothing is left to be reported. */
bool table_is_quiet(const struct table *table);

#endif

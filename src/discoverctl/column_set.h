/* SPDX-License-Identifier: ISC
 * column_set: the columns that records of one kind have: which are chosen, and what they hold. */
#ifndef DISCOVERCTL_COLUMN_SET_H
#define DISCOVERCTL_COLUMN_SET_H

#include "discoverctl/column.h"
#include <stdio.h>

struct column_set {
	const struct column *columns; /* ended by one without a name */
	/* The columns of a table by default; with "?" only where the terminal has room. */
	const char *standard;
	const char *standard_all;   /* the same with --all; NULL: no difference */
	const char *standard_fleet; /* the same with --broker */
	const char *standard_new;   /* the same with --new */
	const char *noun, *nouns;   /* "device", "devices" */
	const char *spread; /* an array of the record with a row for each of its entries, or NULL */
	const char *dated;  /* a moment: a line with the date precedes the first row of a new day */
	const struct column_set
	    *nested;            /* whose columns it has too, of the object in the member … */
	const char *nested_key; /* … of this name */
};

/* A column of a set, and whether it is one of the nested set. */
struct chosen_column {
	const struct column *column;
	const char *nested_key; /* NULL: of the record itself */
	bool optional;          /* in a table only where the terminal has room for all of it */
};
enum { CHOSEN_MAX = 32, PREPENDED_MAX = 2, HEADING_MAX = 32 };

/* The name in capitals. */
struct slice column_heading(const struct column *column, char buffer[HEADING_MAX]);
/* False where neither the set nor its nested set has a column of this name. */
bool column_set_find(const struct column_set *set, struct slice name, struct chosen_column *chosen);
/* Reads "name,addresses,model?"; NULL or "all" for every column. The number of columns; or -EINVAL
 * with what was not understood (or the first beyond CHOSEN_MAX) in *offending. */
int column_set_choose(const struct column_set *set, const char *names,
    struct chosen_column chosen[CHOSEN_MAX], struct slice *offending);
/* Prints on stderr that the set has no column of this name, a similar name and all names;
 * `option` is what it was given to, or NULL. STATUS_USAGE. */
int column_set_refuse(const struct column_set *set, const char *option, struct slice name);
/* Prints "name, addresses, …" and a line end. */
void column_set_print_names(FILE *stream, const struct column_set *set);
/* Writes a value, not yet escaped; nothing where it is not known. */
void column_write(const struct chosen_column *chosen, struct json_object *record,
    const struct column_view *view, struct writer *w);

#endif

/* SPDX-License-Identifier: ISC
 * column: the row of one column of a table of records. */
#ifndef DISCOVERCTL_COLUMN_H
#define DISCOVERCTL_COLUMN_H

#include "base/writer.h"
#include <json-c/json.h>

/* How a value is written: brief for a table, or whole for programs. */
struct column_view {
	bool brief;
	int64_t now;  /* seconds since 1970 */
	size_t entry; /* of the array that the set is spread over */
};

struct column {
	const char *name; /* the JSON key; in capitals it is the heading */
	unsigned width;   /* in a table that is printed row by row */
	unsigned weight;  /* its share of a narrow terminal; 0: it is never cut */
	unsigned least;   /* width that it is not cut below */
	bool right;       /* a number */
	/* Writes the text, not yet escaped; nothing where it is not known. */
	void (*write)(struct json_object *record, const struct column *column,
	    const struct column_view *view, struct writer *w);
	/* An SGR sequence for a text, or NULL; may be NULL itself. */
	const char *(*paint)(struct slice text);
};

#endif

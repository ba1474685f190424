/* SPDX-License-Identifier: ISC
 * columns: what can be printed of a device, an event, a probe, an interface or a group of devices,
 * one row per column. */
#ifndef DISCOVERCTL_COLUMNS_H
#define DISCOVERCTL_COLUMNS_H

#include "base/writer.h"
#include <json-c/json.h>
#include <stdio.h>

/* How a value is wanted: for a person at this moment, or whole, for a program. */
struct column_view {
	bool brief;
	int64_t now;  /* seconds since 1970 */
	size_t entry; /* of the array that the set is spread over */
};

struct column {
	const char *name;   /* as --columns takes it and csv heads it */
	const char *header; /* of a table */
	unsigned width;     /* in a table that is printed row by row */
	bool shrinks;       /* is cut first when the terminal is narrow */
	bool right;         /* a number */
	/* Writes the text, not yet escaped; nothing where it is not known. */
	void (*write)(struct json_object *record, const struct column *column,
	    const struct column_view *view, struct writer *w);
	const char *key; /* of the record, for `write` */
	/* An SGR sequence for a text, or NULL; may be NULL itself. */
	const char *(*paint)(struct slice text);
};

struct column_set {
	const struct column *columns; /* ended by one without a name */
	const char *standard;         /* those of a table by default */
	const char *noun, *nouns;     /* "device", "devices" */
	const char *spread; /* an array of the record with a row for each of its entries, or NULL */
	const struct column_set *nested; /* whose columns are had too, of the object under … */
	const char *nested_key;          /* … this key */
};

extern const struct column_set DEVICE_COLUMNS, EVENT_COLUMNS, INTERFACE_COLUMNS, PROBE_COLUMNS;
/* Of what devices are grouped by: a host with its "addresses"; an "interface" with its "networks".
 */
extern const struct column_set HOST_GROUP_COLUMNS, INTERFACE_GROUP_COLUMNS;

/* A column of a set, and whether it is one of the nested set. */
struct chosen_column {
	const struct column *column;
	const char *nested_key; /* NULL: of the record itself */
};
enum { CHOSEN_MAX = 32, PREPENDED_MAX = 3 };

/* False when the set has no such column. */
bool column_find(const struct column_set *set, struct slice name, struct chosen_column *chosen);
/* Reads "name,address"; NULL or "all" for every column. The number of columns; or -EINVAL with what
 * was not understood (or what was one too much) in *offending. */
int columns_choose(const struct column_set *set, const char *names,
    struct chosen_column chosen[CHOSEN_MAX], struct slice *offending);
/* "name, address, …" and a line end. */
void columns_print_names(FILE *stream, const struct column_set *set);
void column_write(const struct chosen_column *chosen, struct json_object *record,
    const struct column_view *view, struct writer *w);

#endif

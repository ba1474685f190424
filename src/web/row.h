/* SPDX-License-Identifier: ISC
 * row: what the list of the page shows of a device: the texts of one row. */
#ifndef WEB_ROW_H
#define WEB_ROW_H

#include "base/slice.h"

struct html;
struct json_object;
struct json_writer;

/* Their names in JSON, and as classes of the cells, are those of TEXTS in row.c. */
enum row_text {
	ROW_ID,
	ROW_KIND,
	ROW_NAME,
	ROW_URL,   /* of a page for people, http or https; else empty */
	ROW_NOTES, /* "not reachable", "duplicate uuid" */
	ROW_TYPE,
	ROW_MAKER,   /* manufacturer and model */
	ROW_ADDRESS, /* the one to show */
	ROW_OTHERS,  /* further addresses */
	ROW_HOSTS,   /* host names */
	ROW_MAC,
	ROW_VENDOR, /* of the network card */
	ROW_PLACE,  /* interface, or bridge and port */
	ROW_VIA,    /* protocols */
	ROW_TEXTS
};

/* discoverd's ids are shorter (DEVICE_ID_MAX). */
enum { ROW_ID_MAX = 300 };

struct row {
	struct slice texts[ROW_TEXTS]; /* in `bytes`; empty where nothing is known */
	char bytes[];
};

/* Whether a row, and the URL of a page, can have this id. */
bool row_takes_id(const char *id);
/* Of a Device of io.discoverd. NULL: out of memory. */
struct row *row_new(struct json_object *device);
/* NULL is allowed. */
void row_free(struct row *row);
bool row_equal(const struct row *a, const struct row *b);
/* NUL-terminated. */
const char *row_id(const struct row *row);
/* A row of a table; `row` NULL: one with empty texts, which the script copies. `hidden`: not to be
 * shown. */
void row_html(const struct row *row, bool hidden, struct html *html);
/* An object with a member for each text. */
void row_json(const struct row *row, struct json_writer *w);
/* Whether the row has each word of the search, without regard to case. */
bool row_matches(const struct row *row, struct slice search);
bool row_is_neighbour(const struct row *row);
/* The natural order of a text, then that of the names and ids. Those without the text come last. */
int row_compare(const struct row *a, const struct row *b, enum row_text by);
/* The name of a text: "name", "address". */
const char *row_text_name(enum row_text text);

#endif

/* SPDX-License-Identifier: ISC
 * output: prints records in the chosen format. */
#ifndef DISCOVERCTL_OUTPUT_H
#define DISCOVERCTL_OUTPUT_H

#include "discoverctl/rows.h"
#include <stdio.h>

struct output;

/* The row of a format. Functions that are NULL print nothing; `one` prints a single object, and is
 * not NULL. */
struct format {
	const char *name;
	void (*begin)(struct output *output);
	/* What stands between records. */
	void (*separate)(struct output *output);
	void (*record)(struct output *output, struct json_object *record);
	void (*end)(struct output *output);
	void (*one)(struct output *output, struct json_object *object);
	bool is_table; /* for people: values are brief */
	bool is_json;  /* records are printed as they are, without columns */
};

/* A title above a row. */
struct output_title {
	size_t row;
	char *text;
};

struct output {
	FILE *stream;
	const struct format *format;
	const struct column_set *set; /* NULL: objects without columns */
	struct chosen_column chosen[PREPENDED_MAX + CHOSEN_MAX];
	int chosen_count;
	bool columns_given;
	struct column_view view;
	bool legend, color;
	bool ascii;        /* maps are drawn in ASCII */
	bool streamed;     /* each record is printed at once */
	unsigned terminal; /* width; 0: no terminal, nothing is cut */
	size_t records;
	const char *summary; /* of a table: what follows their number in the last line, or NULL */
	struct rows rows;    /* that are not printed yet; of a table: its cells, each with a NUL */
	struct slice keys;   /* of the next row */
	FILE *kept;          /* what is printed here becomes a part of the next row; or NULL */
	struct output_title *titles; /* of a table with groups */
	size_t title_count;
	bool hidden[PREPENDED_MAX + CHOSEN_MAX]; /* optional columns without room */
	size_t groups; /* of interfaces, which the last line counts; 0: none */
	size_t widths[PREPENDED_MAX + CHOSEN_MAX]; /* of a streamed table, for the whole run */
	int64_t day; /* of the last row of a dated set, counted from 1970 in local time; 0: none */
};

/* For a stream that may be a terminal; output_options_apply() chooses the format. `now` is in
 * seconds since 1970. */
void output_init(struct output *output, FILE *stream, const struct column_set *set, int64_t now);
void output_fini(struct output *output);
bool output_is_table(const struct output *output);
bool output_is_json(const struct output *output); /* json or jsonl */
/* A run of records. With `streamed`, each is printed at once. */
void output_begin(struct output *output, bool streamed);
void output_record(struct output *output, struct json_object *record);
void output_end(struct output *output);
/* A record that is printed later: of a set that is not spread, and before output_begin(). */
void output_keep(struct output *output, const struct sort_order *order, struct json_object *record);
/* Prints those that were kept, in their order, as output_record() does. */
void output_release(struct output *output, const struct sort_order *order);
/* Puts at most PREPENDED_MAX columns in front of the chosen ones. Before output_begin(). */
void output_prepend(struct output *output, const struct column_set *set);
/* A title above the records that follow, which are indented; for a table that is not streamed. The
 * text is escaped already. */
void output_group(struct output *output, struct slice title);
/* A single object; `layout` prints it as a table would. */
void output_one(struct output *output, struct json_object *object,
    void (*layout)(struct output *, struct json_object *));
/* Flushes the stream: 0, STATUS_UNREAD, or STATUS_FAILED after a line on stderr. */
int output_flush(struct output *output);

/* For formats and layouts. A row for each entry of what the set is spread over, and one where there
 * is none. */
void output_spread(struct output *output, struct json_object *record,
    void (*row)(struct output *, struct json_object *));
/* The escaped text of a column; cut where it is longer than the buffer. */
enum { OUTPUT_CELL_MAX = 8192 };
struct slice output_cell(const struct output *output, const struct chosen_column *chosen,
    struct json_object *record, char buffer[OUTPUT_CELL_MAX]);
/* SGR sequences, empty without colour. */
const char *output_bold(const struct output *output);
const char *output_plain(const struct output *output);

#endif

/* SPDX-License-Identifier: ISC
 * output: prints records in the format that was asked for. */
#ifndef DISCOVERCTL_OUTPUT_H
#define DISCOVERCTL_OUTPUT_H

#include "discoverctl/columns.h"
#include "discoverctl/command_options.h"
#include <stdio.h>

struct output;

/* One format, one row. `one` prints a single object, where a table has a layout of the command's
 * own. */
struct format {
	const char *name;
	void (*begin)(struct output *output);
	void (*record)(struct output *output, struct json_object *record);
	void (*end)(struct output *output);
	void (*one)(struct output *output, struct json_object *object);
};

/* A line of its own above the rows from a cell on. */
struct output_title {
	size_t cell;
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
	bool ascii;        /* nothing is drawn but in ASCII */
	bool streamed;     /* each record is printed when it comes */
	unsigned terminal; /* width; 0: no terminal, nothing is cut */
	size_t records;
	const char *summary; /* of a table: what follows their number in the last line, or NULL */
	char **cells;        /* of a table that is not streamed yet: chosen_count per row */
	size_t cell_count, cell_capacity;
	struct output_title *titles; /* of a table with groups */
	size_t title_count;
	size_t groups;          /* how many of them the last line tells of, … */
	const char *group_noun; /* … as what; NULL: of none */
};

/* By the options, for a stream that may be a terminal. 0, or STATUS_USAGE after a word on stderr.
 */
int output_init(struct output *output, FILE *stream, const struct command_options *options,
    const struct column_set *set, int64_t now);
void output_fini(struct output *output);
bool output_is_table(const struct output *output);
/* A run of records. `streamed` ones show as they come. */
void output_begin(struct output *output, bool streamed);
void output_record(struct output *output, struct json_object *record);
void output_end(struct output *output);
/* Puts at most PREPENDED_MAX columns, of the object under a key of the record or of the record
 * itself, in front of the chosen ones. Before output_begin(). */
void output_prepend(struct output *output, const struct column_set *set, const char *key);
/* A line above the records that follow, which stand indented; for a table that is not streamed. The
 * text is escaped already. */
void output_group(struct output *output, struct slice title);
/* A single object; `layout` prints it as a table would. */
void output_one(struct output *output, struct json_object *object,
    void (*layout)(struct output *, struct json_object *));
/* Hands on what was printed: 0, STATUS_UNREAD, or STATUS_FAILED after a word on stderr. */
int output_flush(struct output *output);

/* For formats and layouts. A row for each entry of what the set is spread over, and one where there
 * is none. */
void output_spread(struct output *output, struct json_object *record,
    void (*row)(struct output *, struct json_object *));
/* The escaped text of a column; cut where it is longer than the buffer. */
enum { OUTPUT_CELL_MAX = 8192 };
struct slice output_cell(const struct output *output, const struct chosen_column *chosen,
    struct json_object *record, char buffer[OUTPUT_CELL_MAX]);
void output_escaped(FILE *stream, struct slice text);
/* SGR sequences, empty without colour. */
const char *output_bold(const struct output *output);
const char *output_plain(const struct output *output);

#endif

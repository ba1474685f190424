/* SPDX-License-Identifier: ISC
 * cell: text for a terminal: measured, filled up, cut, and escaped. */
#ifndef DISCOVERCTL_CELL_H
#define DISCOVERCTL_CELL_H

#include "base/slice.h"
#include <stdio.h>

/* Terminal columns that printable UTF-8 takes: two for wide characters, none for combining ones. */
size_t cell_width(struct slice text);
/* The first part that is at most `width` wide. */
struct slice cell_head(struct slice text, size_t width);

struct cell_style {
	size_t width;      /* to fill up to */
	bool cut;          /* what is wider ends in "…" at that width */
	bool right;        /* blanks go to the left */
	const char *paint; /* an SGR sequence around the text, or NULL */
};
void cell_print(FILE *stream, struct slice text, const struct cell_style *style);
/* Any text, of any length, escaped as text_escape() does. */
void cell_print_escaped(FILE *stream, struct slice text);

#endif

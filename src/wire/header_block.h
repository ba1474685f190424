/* SPDX-License-Identifier: ISC
 * header_block: the lines "Name: value" that SSDP, the extended broadcast form and HTTP share. */
#ifndef WIRE_HEADER_BLOCK_H
#define WIRE_HEADER_BLOCK_H

#include "base/slice.h"

/* Limits of one block (fixed). */
enum { HEADER_COUNT_MAX = 32, HEADER_LINE_MAX = 512 };

struct header {
	struct slice name;
	struct slice value; /* without blanks at both ends */
};

/* Walks a block without copying; the slices point into the input. */
struct header_cursor {
	struct slice rest;
	unsigned lines; /* seen so far */
	int error;      /* 0, -E2BIG (too many headers), -EMSGSIZE (a line is too long), -EILSEQ (a NUL byte) */
};

/* One line, ended by LF, CRLF or the end of the input; false when nothing is left. */
bool header_line(struct slice *rest, struct slice *line);
void header_cursor_init(struct header_cursor *cursor, struct slice block);
/* The next header; skips lines without a colon; false at the empty line, at the end, or on an error. A folded line
 * (RFC 7230 3.2.4, a blank at its start) adds to nothing: it is passed over. */
bool header_next(struct header_cursor *cursor, struct header *header);
/* max-age of a CACHE-CONTROL value (RFC 7234 5.2): seconds, blanks around "=" and quotes allowed, other directives
 * passed over. -ENOENT when there is none, -EINVAL when it is broken. */
int cache_control_max_age(struct slice value, uint32_t *seconds);

#endif

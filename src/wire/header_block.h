/* SPDX-License-Identifier: ISC
 * header_block: the lines "Name: value" that messages in the form of HTTP share. */
#ifndef WIRE_HEADER_BLOCK_H
#define WIRE_HEADER_BLOCK_H

#include "base/writer.h"

/* Limits (fixed). A request of HTTP is refused over them; of a datagram only the surplus is lost
 * (header_fields_read). A line is counted without its end. */
enum { HEADER_COUNT_MAX = 32, HEADER_LINE_MAX = 512 };

struct header {
	struct slice name;
	struct slice value; /* without blanks at both ends; empty, never absent */
};

/* Walks a block without copying; the slices point into the input. */
struct header_cursor {
	struct slice rest;
	const char *nul;    /* the first NUL in the block, or its end */
	size_t line_max;    /* HEADER_LINE_MAX unless changed after the init */
	unsigned count_max; /* likewise HEADER_COUNT_MAX */
	unsigned headers;   /* seen so far */
	int error; /* 0, -E2BIG (too many headers), -EMSGSIZE (a long line), -EBADMSG (a NUL) */
};

/* One line, ended by LF, CRLF or the end of the input; false when nothing is left. */
bool header_line(struct slice *rest, struct slice *line);
void header_cursor_init(struct header_cursor *cursor, struct slice block);
/* Without limits: the block is part of a datagram, which bounds it. */
void header_cursor_init_unlimited(struct header_cursor *cursor, struct slice block);
/* The next header; skips lines without a colon; false at the empty line, at the end, or on an
 * error. A folded line (RFC 7230 3.2.4, a blank at its start) is the value of a header that has
 * none on its own line; otherwise it is passed over, for a borrowed value cannot be joined. */
bool header_next(struct header_cursor *cursor, struct header *header);
/* The value of the first header with this name in a datagram's block, or SLICE_NONE. 0 or -EBADMSG
 * (a NUL before it). */
int header_find(struct slice block, struct slice name, struct slice *value);

/* Without blanks at both ends, and without what header_write_value makes blanks of. */
struct slice header_trim(struct slice text);
/* The datagram without the NUL bytes that C programs send after their text. */
struct slice header_without_final_nuls(struct slice datagram);

/* max-age of a CACHE-CONTROL value (RFC 7234 5.2) in seconds; what does not fit is UINT32_MAX.
 * Other directives are passed over. Senders write more than the RFC knows: ";" besides "," between
 * directives, ":" or a blank for "=", blanks and quotes anywhere around. -ENOENT when there is
 * none, -EINVAL when it is broken; both leave *seconds as it is. */
int cache_control_max_age(struct slice value, uint32_t *seconds);

/* "NAME: value" CRLF, "NAME:" for an empty value, and nothing for an absent one. */
void header_write(struct writer *w, struct slice name, struct slice value);
/* The value alone; what would end its line becomes a blank, so no value can add a header. */
void header_write_value(struct writer *w, struct slice value);

#endif

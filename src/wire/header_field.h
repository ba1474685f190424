/* SPDX-License-Identifier: ISC
 * header_field: a kind of message as a table of rows, one per header: where its value is kept, how
 * it is read and how it is written. */
#ifndef WIRE_HEADER_FIELD_H
#define WIRE_HEADER_FIELD_H

#include "wire/header_block.h"

/* One row. The order of the rows is the order in which they are written. At most 32 rows. */
struct header_field {
	struct slice name;
	/* HEADER_KIND() of every message that has it: in others it is not read. With HEADER_CUT the
	 * head of a value over HEADER_LINE_MAX is read: it is a text for people. With HEADER_OTHER
	 * it is read and counts among those that are not. */
	unsigned kinds;
	size_t offset; /* of the member in the message; what the functions get is its address */
	void (*read)(struct slice value, void *member); /* NULL: only written */
	void (*write)(struct slice name, const void *member, struct writer *w);
};

#define HEADER_KIND(kind) (1u << (kind))
#define HEADER_CUT        (1u << 31)
#define HEADER_OTHER      (1u << 30)

/* A member that is a struct slice. */
void header_field_read_text(struct slice value, void *member);
void header_field_write_text(struct slice name, const void *member, struct writer *w);

/* Reads the block of a datagram into a message that holds its defaults; the first of duplicate
 * headers counts, also when it is broken. A limit loses the surplus alone, and adds it to *surplus:
 * a value over HEADER_LINE_MAX is left out (or cut), and of headers that this kind does not
 * read more than HEADER_COUNT_MAX; the others are read wherever they stand. 0 or -EBADMSG (a NUL).
 */
int header_fields_read(const struct header_field *fields, size_t count, unsigned kind,
    struct slice block, void *message, unsigned *surplus);
/* Writes the headers of this kind, and the empty line. */
void header_fields_write(const struct header_field *fields, size_t count, unsigned kind,
    const void *message, struct writer *w);

#endif

/* SPDX-License-Identifier: ISC
 * table_cursor: walks the devices of a table while it changes. */
#ifndef MODEL_TABLE_CURSOR_H
#define MODEL_TABLE_CURSOR_H

struct device;
struct table;

/* Walks the devices in the order in which they were added, across any mutation: a device that is
 * removed is skipped, one that is added comes last. Embedded in its user, which closes it. */
struct table_cursor {
	struct table *table;
	const struct device *at; /* the next one to hand out */
	struct table_cursor *next;
};
void table_cursor_open(struct table_cursor *cursor, struct table *table);
const struct device *table_cursor_next(struct table_cursor *cursor);
void table_cursor_close(struct table_cursor *cursor);

#endif

/* SPDX-License-Identifier: ISC
 * row_table: what the page shows of each device, in the order in which it changed, so that a reader
 * gets the newest of each and no step between. */
#ifndef WEB_ROW_TABLE_H
#define WEB_ROW_TABLE_H

#include "base/hashmap.h"

#include <stdbool.h>
#include <sys/queue.h>

struct row;
struct row_table_entry;
TAILQ_HEAD(row_table_entries, row_table_entry);

struct row_table {
	struct hashmap map;
	struct row_table_entries changed; /* the latest last; those that went, too */
	struct row_table_entries gone;    /* the latest last */
	LIST_HEAD(, row_table_reader) readers;
	uint64_t instance; /* differs between two starts of the program */
	uint64_t change;   /* number of the latest */
	uint64_t covered;  /* all changes after this one are known */
	size_t count, gone_count;
};

/* A place in the order of changes. Its members are those of row_table.c. */
struct row_table_reader {
	LIST_ENTRY(row_table_reader) entry;
	struct row_table_entry *next; /* NULL: it has read all */
	uint64_t nothing_before;      /* what went before this change it never had */
};

enum { ROW_TABLE_TOKEN_MAX = 48, ROW_TABLE_GONE_MAX = 1024 };

/* 0 or -ENOMEM. `instance` is random. */
int row_table_init(struct row_table *rows, const struct siphash_key *key, uint64_t instance);
void row_table_fini(struct row_table *rows);
/* Takes the row over. 1: it is new or another one than before; 0: it is the same; -ENOMEM. */
int row_table_put(struct row_table *rows, struct row *row);
/* False where there was none. */
bool row_table_remove(struct row_table *rows, const char *id);
/* NULL: none has this id. */
const struct row *row_table_find(const struct row_table *rows, const char *id);
/* All, borrowed until the next change, in no useful order: `max` at most. */
size_t row_table_all(const struct row_table *rows, const struct row **all, size_t max);

/* "INSTANCE-CHANGE", for a reader to go on from here later. */
void row_table_token(
    const struct row_table *rows, uint64_t change, char token[ROW_TABLE_TOKEN_MAX]);
/* Begins behind the change of this token. False: what is newer is not known any more, or the token
 * is none; then it begins with all rows. Until row_table_leave(). */
bool row_table_read(struct row_table *rows, struct row_table_reader *reader, struct slice token);
void row_table_leave(struct row_table_reader *reader);
bool row_table_has_next(const struct row_table_reader *reader);
/* The next one: its row, or NULL with the id of one that went; the change is its number. False: it
 * has read all. */
bool row_table_next(
    struct row_table_reader *reader, const struct row **row, const char **id, uint64_t *change);

#endif

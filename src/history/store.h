/* SPDX-License-Identifier: ISC
 * store: the file of the history. What is written waits in one transaction, and is remembered until
 * that is on the disk, so that it is not lost when the disk is full. */
#ifndef HISTORY_STORE_H
#define HISTORY_STORE_H

#include "history/statements.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

/* A parameter of a statement; without text it is a number, unless it is null. */
struct store_value {
	const char *text;
	int64_t number;
	bool is_null;
};
#define STORE_NUMBER(n) ((struct store_value){.number = (n)})
/* NULL is null. */
#define STORE_TEXT(t) ((struct store_value){.text = (t), .is_null = !(t)})
enum { STORE_VALUES_MAX = 9 };

struct store_options {
	const char *directory; /* borrowed */
	uint32_t max_bytes;    /* of the file */
};

/* What went by; counted from the start. */
struct store_counts {
	unsigned commits, failures, dropped, replaced;
};

/* Opens DIRECTORY/history.db, or makes it. A file that is corrupt is renamed. Where the directory
 * cannot be written, the history is kept in memory until store_retry() succeeds; that is logged.
 * 0, -ENOMEM, -EWOULDBLOCK (another process has it), or -EPROTO (made by a newer version). */
int store_open(const struct store_options *options, struct store **store);
/* Commits. NULL is allowed. */
void store_close(struct store *store);
/* Runs a statement that writes, and remembers it until it is committed. 0; -ENOBUFS: too much waits
 * for the disk, it is dropped; -EIO: it waits for another attempt; -ESTALE: the file was corrupt
 * and is replaced, which store_take_replaced() says too. */
int store_write(
    struct store *store, enum statement statement, const struct store_value *values, size_t count);
/* The same with the values behind the statement. */
#define STORE_WRITE(store, statement, ...)                                                         \
	store_write(store, statement, (const struct store_value[]){__VA_ARGS__},                   \
	    sizeof((const struct store_value[]){__VA_ARGS__}) / sizeof(struct store_value))
/* Begins a question: store_next() until it is false, or as often as is wanted, then store_done().
 * NULL on failure, which is logged; the following take that. */
sqlite3_stmt *store_ask(
    struct store *store, enum statement statement, const struct store_value *values, size_t count);
/* Whether there is another row, whose columns can then be read. */
bool store_next(sqlite3_stmt *answer);
void store_done(struct store *store, sqlite3_stmt *answer);
/* The first number of the first row of the answer; `otherwise` where there is none. */
int64_t store_ask_number(struct store *store, enum statement statement,
    const struct store_value *values, size_t count, int64_t otherwise);
/* Writes what waits to the disk. 0, or a negative errno: it still waits. */
int store_commit(struct store *store);
/* Whether so much waits that it is to be written soon. */
bool store_is_crowded(const struct store *store);
/* Whether anything waits. */
bool store_is_dirty(const struct store *store);
/* Whether the last commit failed or the history is in memory: try again soon. */
bool store_is_failing(const struct store *store);
/* Tries to have it in a file again, where it is in memory only. */
void store_retry(struct store *store);
/* True once after the tables were replaced by others, or something was dropped: devices that are
 * here are to be entered again. */
bool store_take_replaced(struct store *store);
/* Whether the history of earlier starts is there. */
bool store_is_kept(const struct store *store);
struct store_counts store_counts(const struct store *store);

#endif

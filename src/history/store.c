/* SPDX-License-Identifier: ISC
 * store: the file of the history. What is written waits in one transaction, and is remembered until
 * that is on the disk, so that it is not lost when the disk is full. */
#include "history/store.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "net/state_file.h"

/* What waits at most; then it is written, or where that fails, what comes is dropped. */
enum { WAITING_MAX = 4096, WAITING_BYTES_MAX = 1024 * 1024 };
enum { PAGE_SIZE = 4096, PAGES_IN_MEMORY = 1024, BUSY_MS = 1000 };
#define FILE_NAME "history.db"

/* A statement that is not on the disk yet. */
struct waiting {
	STAILQ_ENTRY(waiting) entry;
	enum statement statement;
	size_t count, size;
	struct store_value values[STORE_VALUES_MAX];
	char texts[];
};

struct store {
	const char *directory;
	char path[PATH_MAX];
	uint32_t max_bytes;
	int lock;    /* -1: the directory cannot be locked */
	sqlite3 *db; /* NULL: out of memory, until the next attempt */
	sqlite3_stmt *prepared[STATEMENT_COUNT];
	STAILQ_HEAD(, waiting) waiting;
	size_t waiting_count, waiting_bytes;
	bool begun;     /* a transaction is open, and has all that waits */
	bool in_memory; /* the tables are lost with the process */
	bool failing;   /* the last commit failed, which was logged */
	bool stuck;     /* what waits could not be applied: not tried before the next commit */
	bool corrupt;   /* a question has found it: to be replaced */
	bool replaced;
	struct store_counts counts;
};

static int primary(int code)
{
	return code & 0xff;
}

static bool is_corrupt(int code)
{
	return primary(code) == SQLITE_CORRUPT || primary(code) == SQLITE_NOTADB;
}

static void finalize_all(struct store *store)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++) {
		sqlite3_finalize(store->prepared[i]);
		store->prepared[i] = NULL;
	}
}

static void close_tables(struct store *store)
{
	finalize_all(store);
	sqlite3_close(store->db);
	store->db = NULL;
	store->begun = false;
}

static void forget_waiting(struct store *store)
{
	struct waiting *waiting;

	while ((waiting = STAILQ_FIRST(&store->waiting))) {
		STAILQ_REMOVE_HEAD(&store->waiting, entry);
		free(waiting);
	}
	store->waiting_count = store->waiting_bytes = 0;
}

static int execute(struct store *store, const char *sql)
{
	return sqlite3_exec(store->db, sql, NULL, NULL, NULL);
}

/* The first column of the first row. */
static int ask_int(struct store *store, const char *sql, int *number)
{
	sqlite3_stmt *answer = NULL;
	int code = sqlite3_prepare_v2(store->db, sql, -1, &answer, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(answer);
	if (code == SQLITE_ROW)
		*number = sqlite3_column_int(answer, 0);
	sqlite3_finalize(answer);
	return code == SQLITE_ROW ? SQLITE_OK : code;
}

/* What a power cut in the middle of a write, or a bad block, has left. */
static int check_file(struct store *store)
{
	sqlite3_stmt *answer = NULL;
	int code = sqlite3_prepare_v2(store->db, "PRAGMA quick_check(1)", -1, &answer, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(answer);
	if (code == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(answer, 0);
		code = text && !strcmp(text, "ok") ? SQLITE_OK : SQLITE_CORRUPT;
	}
	sqlite3_finalize(answer);
	return code;
}

/* A file that another program has made lacks our tables, or has others of this name. */
static int check_tables(struct store *store)
{
	int code = SQLITE_OK;

	for (size_t i = 0; i < STATEMENT_COUNT && code == SQLITE_OK; i++) {
		sqlite3_stmt *statement = NULL;
		code = sqlite3_prepare_v2(store->db, STATEMENTS[i], -1, &statement, NULL);
		sqlite3_finalize(statement);
	}
	return code == SQLITE_ERROR ? SQLITE_NOTADB : code;
}

/* SQLITE_NOTADB: it is a file of another program. */
static int ask_version(struct store *store, int *version)
{
	int tables = 0, code = ask_int(store, "PRAGMA user_version", version);

	if (code == SQLITE_OK)
		code = ask_int(store, "SELECT count(*) FROM sqlite_master", &tables);
	if (code == SQLITE_OK && (*version < 0 || (*version == 0 && tables)))
		code = SQLITE_NOTADB;
	return code;
}

/* -EPROTO, or a code of SQLite. */
static int upgrade(struct store *store)
{
	char text[64];
	int version = 0, code = ask_version(store, &version);

	if (code == SQLITE_OK && version > UPGRADE_COUNT) {
		log_error("%s is of version %d, and this program knows up to %d: install the newer "
			  "one again, or move the file away",
		    store->path, version, UPGRADE_COUNT);
		return -EPROTO;
	}
	if (code != SQLITE_OK || version == UPGRADE_COUNT)
		return code == SQLITE_OK ? check_tables(store) : code;
	code = execute(store, "BEGIN IMMEDIATE");
	for (; code == SQLITE_OK && version < UPGRADE_COUNT; version++)
		code = execute(store, UPGRADES[version]);
	snprintf(text, sizeof(text), "PRAGMA user_version = %d", UPGRADE_COUNT);
	if (code == SQLITE_OK)
		code = execute(store, text);
	return code == SQLITE_OK ? execute(store, "COMMIT") : code;
}

static int open_tables(struct store *store, const char *path, unsigned pages)
{
	char limit[64];
	int code = sqlite3_open_v2(path, &store->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);

	snprintf(limit, sizeof(limit), "PRAGMA max_page_count = %u", pages);
	if (code == SQLITE_OK)
		code = sqlite3_busy_timeout(store->db, BUSY_MS);
	/* What is written stays in memory until the commit, and the log of the transactions small:
	 * it is written back to the file when it has 64 pages. */
	if (code == SQLITE_OK)
		code = execute(store, "PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL;"
				      "PRAGMA cache_size = -512; PRAGMA cache_spill = OFF;"
				      "PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;"
				      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
				      "PRAGMA wal_autocheckpoint = 64;"
				      "PRAGMA journal_size_limit = 524288;");
	if (code == SQLITE_OK)
		code = execute(store, limit);
	if (code == SQLITE_OK)
		code = check_file(store);
	return code == SQLITE_OK ? upgrade(store) : code;
}

static void rename_with(const struct store *store, const char *ending, const char *addition)
{
	char from[PATH_MAX + 16], to[PATH_MAX + 64];

	snprintf(from, sizeof(from), "%s%s", store->path, ending);
	snprintf(to, sizeof(to), "%s%s%s", store->path, addition, ending);
	if (rename(from, to) && errno != ENOENT)
		log_warning("cannot rename %s to %s: %s", from, to, strerror(errno));
}

static void set_aside(struct store *store)
{
	char addition[48] = ".corrupt";
	time_t now = time(NULL);
	struct tm date;

	close_tables(store);
	if (gmtime_r(&now, &date))
		strftime(addition, sizeof(addition), ".corrupt-%Y%m%dT%H%M%SZ", &date);
	log_error("%s is corrupt; it is kept as %s%s, and a new history begins", store->path,
	    store->path, addition);
	rename_with(store, "", addition);
	rename_with(store, "-wal", addition);
	rename_with(store, "-shm", addition);
}

/* The file, or where that cannot be had, memory. 0, -ENOMEM or -EPROTO. */
static int open_any(struct store *store)
{
	int code = open_tables(store, store->path, store->max_bytes / PAGE_SIZE);

	if (is_corrupt(code)) {
		set_aside(store);
		store->counts.replaced++;
		code = open_tables(store, store->path, store->max_bytes / PAGE_SIZE);
	}
	if (code == -EPROTO)
		return code;
	store->in_memory = code != SQLITE_OK;
	if (!store->in_memory)
		return 0;
	if (!store->failing)
		log_warning("cannot write %s: %s; the history is kept in memory meanwhile",
		    store->path, store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(code));
	store->failing = true;
	close_tables(store);
	code = open_tables(store, ":memory:", PAGES_IN_MEMORY);
	if (code != SQLITE_OK)
		close_tables(store);
	return code == SQLITE_OK ? 0 : -ENOMEM;
}

int store_open(const struct store_options *options, struct store **opened)
{
	struct store *store = calloc(1, sizeof(*store));
	int error;

	if (!store)
		return -ENOMEM;
	store->directory = options->directory;
	store->max_bytes = options->max_bytes;
	STAILQ_INIT(&store->waiting);
	snprintf(store->path, sizeof(store->path), "%s/" FILE_NAME, options->directory);
	store->lock = state_lock(options->directory);
	if (store->lock == -EWOULDBLOCK) {
		log_error("another discoverd-history has %s; -d gives another directory",
		    options->directory);
		free(store);
		return -EWOULDBLOCK;
	}
	error = open_any(store);
	if (error) {
		store_close(store);
		return error;
	}
	*opened = store;
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	if (store->db)
		store_commit(store);
	forget_waiting(store);
	close_tables(store);
	if (store->lock >= 0)
		close(store->lock);
	free(store);
}

/* Other tables are there, without what waits. */
static void replace(struct store *store)
{
	forget_waiting(store);
	finalize_all(store);
	store->begun = false;
	store->replaced = true;
}

/* Where no statement is running. */
static int replace_corrupt(struct store *store)
{
	set_aside(store);
	store->counts.replaced++;
	store->corrupt = false;
	replace(store);
	open_any(store);
	return -ESTALE;
}

/* The answer to a question lacks something; other statements may be running. */
static void note_failure(struct store *store, int code)
{
	store->corrupt |= is_corrupt(code) && !store->in_memory;
	store->counts.failures++;
	log_debug("%s: %s", store->path, sqlite3_errstr(code));
}

/* Nothing of the transaction is on the disk: all of it waits. A negative errno. */
static int fail(struct store *store, int code)
{
	if (is_corrupt(code) && !store->in_memory)
		return replace_corrupt(store);
	if (!store->failing)
		log_warning("cannot write %s: %s; what is to be written waits in memory",
		    store->path, sqlite3_errmsg(store->db));
	store->failing = true;
	store->counts.failures++;
	finalize_all(store);
	if (!sqlite3_get_autocommit(store->db))
		execute(store, "ROLLBACK");
	store->begun = false;
	return -EIO;
}

/* The same, before the end of the transaction: another program may have locked the file for long,
 * and each attempt waits for it. */
static int fail_to_apply(struct store *store, int code)
{
	store->stuck = true;
	return fail(store, code);
}

static int bind(sqlite3_stmt *statement, const struct store_value *values, size_t count)
{
	int code = SQLITE_OK;

	for (size_t i = 0; i < count && code == SQLITE_OK; i++) {
		int place = (int)i + 1;
		if (values[i].is_null)
			code = sqlite3_bind_null(statement, place);
		else if (values[i].text)
			code = sqlite3_bind_text(
			    statement, place, values[i].text, -1, SQLITE_TRANSIENT);
		else
			code = sqlite3_bind_int64(statement, place, values[i].number);
	}
	return code;
}

/* With its parameters, before the first step. */
static int prepare(struct store *store, enum statement which, const struct store_value *values,
    size_t count, sqlite3_stmt **statement)
{
	int code = SQLITE_OK;

	if (!store->prepared[which])
		code = sqlite3_prepare_v2(
		    store->db, STATEMENTS[which], -1, &store->prepared[which], NULL);
	*statement = store->prepared[which];
	return code == SQLITE_OK ? bind(*statement, values, count) : code;
}

static int apply(struct store *store, const struct waiting *waiting)
{
	sqlite3_stmt *statement = NULL;
	int code = prepare(store, waiting->statement, waiting->values, waiting->count, &statement);

	while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW)
		code = SQLITE_OK;
	sqlite3_reset(statement);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Begins a transaction with all that waits. 0 or a negative errno. */
static int begin(struct store *store)
{
	const struct waiting *waiting;
	int code;

	if (!store->db)
		return -ENOMEM;
	if (store->stuck)
		return -EIO;
	if (store->begun)
		return 0;
	code = execute(store, "BEGIN IMMEDIATE");
	STAILQ_FOREACH(waiting, &store->waiting, entry)
	{
		if (code == SQLITE_OK)
			code = apply(store, waiting);
	}
	if (code != SQLITE_OK)
		return fail_to_apply(store, code);
	store->begun = true;
	return 0;
}

static struct waiting *copy(
    enum statement statement, const struct store_value *values, size_t count)
{
	struct waiting *waiting;
	size_t len = 0;

	for (size_t i = 0; i < count; i++)
		len += values[i].text ? strlen(values[i].text) + 1 : 0;
	waiting = calloc(1, sizeof(*waiting) + len);
	if (!waiting)
		return NULL;
	waiting->statement = statement;
	waiting->count = count;
	waiting->size = sizeof(*waiting) + len;
	char *at = waiting->texts;
	for (size_t i = 0; i < count; i++) {
		waiting->values[i] = values[i];
		if (!values[i].text)
			continue;
		waiting->values[i].text = at;
		at = stpcpy(at, values[i].text) + 1;
	}
	return waiting;
}

static bool is_full(const struct store *store)
{
	return store->waiting_count >= WAITING_MAX || store->waiting_bytes >= WAITING_BYTES_MAX;
}

/* A transaction is open, and there is room in it. 0 or a negative errno. */
static int make_ready(struct store *store)
{
	int error = store->corrupt ? replace_corrupt(store) : begin(store);

	if (!error && is_full(store)) {
		error = store_commit(store);
		error = error ? error : begin(store);
	}
	return error;
}

int store_write(
    struct store *store, enum statement statement, const struct store_value *values, size_t count)
{
	struct waiting *waiting = NULL;
	int error = make_ready(store), code;

	if (error == -ESTALE)
		return error;
	if (!is_full(store))
		waiting = copy(statement, values, count);
	if (!waiting) {
		store->counts.dropped++;
		store->replaced = true;
		return -ENOBUFS;
	}
	STAILQ_INSERT_TAIL(&store->waiting, waiting, entry);
	store->waiting_count++;
	store->waiting_bytes += waiting->size;
	if (error)
		return error;
	code = apply(store, waiting);
	return code == SQLITE_OK ? 0 : fail_to_apply(store, code);
}

sqlite3_stmt *store_ask(
    struct store *store, enum statement statement, const struct store_value *values, size_t count)
{
	sqlite3_stmt *answer = NULL;
	int code;

	/* The answer lacks what waits, where that cannot be applied. */
	if (store->waiting_count)
		begin(store);
	if (!store->db)
		return NULL;
	code = prepare(store, statement, values, count, &answer);
	if (code == SQLITE_OK)
		return answer;
	note_failure(store, code);
	return NULL;
}

bool store_next(sqlite3_stmt *answer)
{
	return answer && sqlite3_step(answer) == SQLITE_ROW;
}

void store_done(struct store *store, sqlite3_stmt *answer)
{
	int code = sqlite3_reset(answer); /* SQLITE_OK for NULL */

	if (code != SQLITE_OK)
		note_failure(store, code);
}

int64_t store_ask_number(struct store *store, enum statement statement,
    const struct store_value *values, size_t count, int64_t otherwise)
{
	sqlite3_stmt *answer = store_ask(store, statement, values, count);

	if (store_next(answer) && sqlite3_column_type(answer, 0) == SQLITE_INTEGER)
		otherwise = sqlite3_column_int64(answer, 0);
	store_done(store, answer);
	return otherwise;
}

int store_commit(struct store *store)
{
	int error, code;

	store->stuck = false;
	if (store->corrupt)
		return replace_corrupt(store);
	error = store->waiting_count ? begin(store) : 0;
	if (error)
		return error;
	if (!store->begun)
		return 0;
	finalize_all(store);
	code = execute(store, "COMMIT");
	if (code != SQLITE_OK)
		return fail(store, code);
	store->begun = false;
	store->counts.commits++;
	forget_waiting(store);
	if (store->failing && !store->in_memory) {
		log_notice("%s is written again", store->path);
		store->failing = false;
	}
	return 0;
}

/* By a sixteenth of its size, what is written may need more pages than are left: see retention. */
bool store_is_crowded(const struct store *store)
{
	return store->waiting_count >= WAITING_MAX / 2 ||
	       store->waiting_bytes >= WAITING_BYTES_MAX / 2 ||
	       store->waiting_bytes >= store->max_bytes / 32;
}

bool store_is_dirty(const struct store *store)
{
	return store->waiting_count > 0;
}

bool store_is_failing(const struct store *store)
{
	return store->failing;
}

void store_retry(struct store *store)
{
	if (!store->in_memory && store->db)
		return;
	sqlite3 *former = store->db;
	sqlite3_stmt *prepared[STATEMENT_COUNT];

	memcpy(prepared, store->prepared, sizeof(prepared));
	memset(store->prepared, 0, sizeof(store->prepared));
	int code = open_tables(store, store->path, store->max_bytes / PAGE_SIZE);
	if (code != SQLITE_OK) {
		sqlite3_close(store->db);
		store->db = former;
		memcpy(store->prepared, prepared, sizeof(prepared));
		return;
	}
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(prepared[i]);
	sqlite3_close(former);
	store->in_memory = store->failing = false;
	log_notice("%s is written again", store->path);
	replace(store);
}

bool store_take_replaced(struct store *store)
{
	bool replaced = store->replaced && !store->failing;

	if (replaced)
		store->replaced = false;
	return replaced;
}

bool store_is_kept(const struct store *store)
{
	return !store->in_memory;
}

struct store_counts store_counts(const struct store *store)
{
	return store->counts;
}

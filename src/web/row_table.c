/* SPDX-License-Identifier: ISC
 * row_table: what the page shows of each device, in the order in which it changed, so that a reader
 * gets the newest of each and no step between. */
#include "web/row_table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/row.h"

struct row_table_entry {
	struct hashmap_node node;
	TAILQ_ENTRY(row_table_entry) by_change, by_going;
	uint64_t change;
	struct row *row; /* NULL: it went */
	char id[];
};

int row_table_init(struct row_table *rows, const struct siphash_key *key, uint64_t instance)
{
	*rows = (struct row_table){.instance = instance};
	TAILQ_INIT(&rows->changed);
	TAILQ_INIT(&rows->gone);
	LIST_INIT(&rows->readers);
	return hashmap_init(&rows->map, key);
}

static void free_node(struct hashmap_node *node)
{
	struct row_table_entry *entry = CONTAINER_OF(node, struct row_table_entry, node);

	row_free(entry->row);
	free(entry);
}

void row_table_fini(struct row_table *rows)
{
	hashmap_empty(&rows->map, free_node);
	hashmap_fini(&rows->map);
}

static struct row_table_entry *find(const struct row_table *rows, const char *id)
{
	struct hashmap_node *node =
	    hashmap_first(&rows->map, hashmap_hash(&rows->map, slice_of(id)));

	for (; node; node = hashmap_next(node)) {
		struct row_table_entry *entry = CONTAINER_OF(node, struct row_table_entry, node);
		if (strcmp(entry->id, id) == 0)
			return entry;
	}
	return NULL;
}

const struct row *row_table_find(const struct row_table *rows, const char *id)
{
	const struct row_table_entry *entry = find(rows, id);

	return entry ? entry->row : NULL;
}

/* Out of the order of changes: readers go on behind it. */
static void take_out(struct row_table *rows, struct row_table_entry *entry)
{
	struct row_table_reader *reader;

	LIST_FOREACH(reader, &rows->readers, entry)
	if (reader->next == entry)
		reader->next = TAILQ_NEXT(entry, by_change);
	TAILQ_REMOVE(&rows->changed, entry, by_change);
}

static void put_last(struct row_table *rows, struct row_table_entry *entry)
{
	struct row_table_reader *reader;

	entry->change = ++rows->change;
	TAILQ_INSERT_TAIL(&rows->changed, entry, by_change);
	LIST_FOREACH(reader, &rows->readers, entry)
	if (!reader->next)
		reader->next = entry;
}

static struct row_table_entry *add(struct row_table *rows, const char *id)
{
	size_t len = strlen(id) + 1;
	struct row_table_entry *entry = calloc(1, sizeof(*entry) + len);

	if (!entry)
		return NULL;
	memcpy(entry->id, id, len);
	hashmap_insert(&rows->map, &entry->node, hashmap_hash(&rows->map, slice_of(id)));
	rows->count++;
	put_last(rows, entry);
	return entry;
}

static void come_back(struct row_table *rows, struct row_table_entry *entry)
{
	TAILQ_REMOVE(&rows->gone, entry, by_going);
	rows->gone_count--;
	rows->count++;
}

int row_table_put(struct row_table *rows, struct row *row)
{
	struct row_table_entry *entry = find(rows, row_id(row));

	if (entry && entry->row && row_equal(entry->row, row)) {
		row_free(row);
		return 0;
	}
	if (!entry) {
		entry = add(rows, row_id(row));
		if (!entry) {
			row_free(row);
			return -ENOMEM;
		}
	} else {
		if (!entry->row)
			come_back(rows, entry);
		take_out(rows, entry);
		put_last(rows, entry);
	}
	row_free(entry->row);
	entry->row = row;
	return 1;
}

static void forget(struct row_table *rows, struct row_table_entry *entry)
{
	rows->covered = entry->change;
	TAILQ_REMOVE(&rows->gone, entry, by_going);
	rows->gone_count--;
	take_out(rows, entry);
	hashmap_remove(&rows->map, &entry->node);
	free(entry);
}

bool row_table_remove(struct row_table *rows, const char *id)
{
	struct row_table_entry *entry = find(rows, id);

	if (!entry || !entry->row)
		return false;
	row_free(entry->row);
	entry->row = NULL;
	take_out(rows, entry);
	put_last(rows, entry);
	TAILQ_INSERT_TAIL(&rows->gone, entry, by_going);
	rows->count--;
	if (++rows->gone_count > ROW_TABLE_GONE_MAX)
		forget(rows, TAILQ_FIRST(&rows->gone));
	return true;
}

size_t row_table_all(const struct row_table *rows, const struct row **all, size_t max)
{
	const struct row_table_entry *entry;
	size_t count = 0;

	TAILQ_FOREACH(entry, &rows->changed, by_change)
	if (entry->row && count < max)
		all[count++] = entry->row;
	return count;
}

void row_table_token(const struct row_table *rows, uint64_t change, char token[ROW_TABLE_TOKEN_MAX])
{
	snprintf(token, ROW_TABLE_TOKEN_MAX, "%016" PRIx64 "-%" PRIu64, rows->instance, change);
}

/* True where all that is newer than the token is known. */
static bool read_token(const struct row_table *rows, struct slice token, uint64_t *change)
{
	char own[ROW_TABLE_TOKEN_MAX];
	struct slice instance;

	row_table_token(rows, 0, own);
	return slice_cut(&token, '-', &instance) &&
	       slice_equal(instance, slice_head(slice_of(own), 16)) &&
	       slice_to_u64(token, rows->change, change) == 0 && *change >= rows->covered;
}

bool row_table_read(struct row_table *rows, struct row_table_reader *reader, struct slice token)
{
	struct row_table_entry *entry = TAILQ_LAST(&rows->changed, row_table_entries);
	uint64_t change = 0;
	bool known = read_token(rows, token, &change);

	*reader = (struct row_table_reader){.nothing_before = known ? 0 : rows->change + 1};
	if (!known) {
		reader->next = TAILQ_FIRST(&rows->changed);
	} else {
		for (; entry && entry->change > change;
		     entry = TAILQ_PREV(entry, row_table_entries, by_change))
			reader->next = entry;
	}
	LIST_INSERT_HEAD(&rows->readers, reader, entry);
	return known;
}

void row_table_leave(struct row_table_reader *reader)
{
	LIST_REMOVE(reader, entry);
}

bool row_table_has_next(const struct row_table_reader *reader)
{
	return reader->next;
}

bool row_table_next(
    struct row_table_reader *reader, const struct row **row, const char **id, uint64_t *change)
{
	while (reader->next) {
		const struct row_table_entry *entry = reader->next;
		reader->next = TAILQ_NEXT(entry, by_change);
		if (!entry->row && entry->change < reader->nothing_before)
			continue;
		*row = entry->row;
		*id = entry->id;
		*change = entry->change;
		return true;
	}
	return false;
}

/* SPDX-License-Identifier: ISC
 * shelf: see shelf.h. */
#include "mqtt/shelf.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static struct shelf_item *item_of(struct hashmap_node *node)
{
	return CONTAINER_OF(node, struct shelf_item, node);
}

int shelf_init(struct shelf *shelf, const struct siphash_key *key, uint64_t seed)
{
	*shelf = (struct shelf){0};
	heap_init(&shelf->due);
	rng_init(&shelf->rng, seed);
	return hashmap_init(&shelf->items, key);
}

static void free_item(struct hashmap_node *node)
{
	free(item_of(node)->text);
	free(item_of(node));
}

void shelf_fini(struct shelf *shelf)
{
	hashmap_empty(&shelf->items, free_item);
	hashmap_fini(&shelf->items);
	heap_fini(&shelf->due);
}

static struct shelf_item *find(const struct shelf *shelf, const char *id, uint64_t hash)
{
	for (struct hashmap_node *node = hashmap_first(&shelf->items, hash); node;
	     node = hashmap_next(node))
		if (!strcmp(item_of(node)->id, id))
			return item_of(node);
	return NULL;
}

struct shelf_item *shelf_find(const struct shelf *shelf, const char *id)
{
	return find(shelf, id, hashmap_hash(&shelf->items, slice_of(id)));
}

static struct shelf_item *find_or_add(struct shelf *shelf, const char *id)
{
	uint64_t hash = hashmap_hash(&shelf->items, slice_of(id));
	struct shelf_item *item = find(shelf, id, hash);
	size_t size = strlen(id) + 1;

	if (item)
		return item;
	item = calloc(1, sizeof(*item) + size);
	if (!item)
		return NULL;
	memcpy(item->id, id, size);
	heap_node_init(&item->due);
	item->gone = true;
	item->said_at = (struct instant){INT64_MIN};
	hashmap_insert(&shelf->items, &item->node, hash);
	return item;
}

static void drop(struct shelf *shelf, struct shelf_item *item)
{
	heap_remove(&shelf->due, &item->due);
	hashmap_remove(&shelf->items, &item->node);
	free_item(&item->node);
}

static int schedule(struct shelf *shelf, struct shelf_item *item, struct instant when)
{
	if (!heap_contains(&item->due))
		return heap_insert(&shelf->due, &item->due, when.us);
	heap_update(&shelf->due, &item->due, when.us);
	return 0;
}

/* 0 or -ENOMEM. */
static int mark(struct shelf *shelf, struct shelf_item *item, struct instant now)
{
	if (item->changed && heap_contains(&item->due))
		return 0;
	item->changed = true;
	item->stage = 0;
	return schedule(shelf, item, instant_later(now, instant_add(item->said_at, SHELF_PACE)));
}

int shelf_put(struct shelf *shelf, const char *id, char *text, size_t len, struct instant now)
{
	struct shelf_item *item = find_or_add(shelf, id);

	if (!item) {
		free(text);
		return -ENOMEM;
	}
	bool same = !item->gone && item->len == len && memcmp(item->text, text, len) == 0;
	if (same) {
		free(text);
		return 0;
	}
	shelf->count += item->gone;
	free(item->text);
	item->text = text;
	item->len = len;
	item->gone = false;
	item->gone_since = 0;
	item->stage = 0;
	if (mark(shelf, item, now) == 0)
		return 1;
	shelf->count--;
	drop(shelf, item);
	return -ENOMEM;
}

static void remove_item(struct shelf *shelf, struct shelf_item *item, struct instant now)
{
	shelf->count -= !item->gone;
	item->gone = true;
	item->stage = 0;
	if (!item->published || mark(shelf, item, now))
		drop(shelf, item);
}

void shelf_remove(struct shelf *shelf, const char *id, struct instant now)
{
	struct shelf_item *item = shelf_find(shelf, id);

	if (item && !item->gone)
		remove_item(shelf, item, now);
}

int shelf_expect(struct shelf *shelf, const char *id, bool tracked, int64_t gone_since)
{
	struct shelf_item *item = find_or_add(shelf, id);

	if (!item)
		return -ENOMEM;
	item->published = true;
	item->tracked = tracked;
	if (item->gone)
		item->gone_since = gone_since;
	return 0;
}

struct sweep {
	struct shelf *shelf;
	struct instant now;
};

static void mark_expected(void *context, struct hashmap_node *node)
{
	struct sweep *sweep = context;

	if (!heap_contains(&item_of(node)->due))
		mark(sweep->shelf, item_of(node), sweep->now);
}

void shelf_remove_expected(struct shelf *shelf, struct instant now)
{
	struct sweep sweep = {shelf, now};

	hashmap_each(&shelf->items, mark_expected, &sweep);
}

static void mark_again(void *context, struct hashmap_node *node)
{
	struct sweep *sweep = context;
	struct shelf_item *item = item_of(node);

	item->stage = 0;
	memset(item->marks, 0, sizeof(item->marks));
	if (heap_contains(&item->due))
		mark(sweep->shelf, item, sweep->now);
}

void shelf_publish_all(struct shelf *shelf, struct instant now)
{
	struct sweep sweep = {shelf, now};

	hashmap_each(&shelf->items, mark_again, &sweep);
}

struct instant shelf_deadline(const struct shelf *shelf)
{
	const struct heap_node *top = heap_top(&shelf->due);

	return top ? (struct instant){top->key} : INSTANT_NEVER;
}

struct shelf_item *shelf_next(const struct shelf *shelf, struct instant now)
{
	struct heap_node *top = heap_top(&shelf->due);

	if (!top || !instant_due((struct instant){top->key}, now))
		return NULL;
	return CONTAINER_OF(top, struct shelf_item, due);
}

void shelf_done(struct shelf *shelf, struct shelf_item *item, struct instant now, int64_t keep)
{
	item->said_at = now;
	item->changed = false;
	item->stage = 0;
	item->published = true;
	if (item->gone && keep <= 0)
		drop(shelf, item);
	else if (item->gone)
		schedule(shelf, item, instant_add(now, keep));
	else
		schedule(shelf, item,
		    instant_add(now, rng_between(&shelf->rng, SHELF_REPEAT_MIN, SHELF_REPEAT_MAX)));
}

struct visit {
	void (*fn)(void *context, struct shelf_item *item);
	void *context;
};

static void visit_item(void *context, struct hashmap_node *node)
{
	const struct visit *visit = context;

	visit->fn(visit->context, item_of(node));
}

void shelf_each(
    const struct shelf *shelf, void (*fn)(void *context, struct shelf_item *item), void *context)
{
	struct visit visit = {fn, context};

	hashmap_each(&shelf->items, visit_item, &visit);
}

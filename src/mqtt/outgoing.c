/* SPDX-License-Identifier: ISC
 * outgoing: see outgoing.h. */
#include "mqtt/outgoing.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static struct outgoing_item *item_of(struct hashmap_node *node)
{
	return CONTAINER_OF(node, struct outgoing_item, node);
}

int outgoing_init(struct outgoing *outgoing, const struct siphash_key *key, uint64_t seed)
{
	*outgoing = (struct outgoing){0};
	heap_init(&outgoing->due);
	rng_init(&outgoing->rng, seed);
	return hashmap_init(&outgoing->items, key);
}

static void free_item(struct hashmap_node *node)
{
	free(item_of(node)->text);
	free(item_of(node));
}

void outgoing_fini(struct outgoing *outgoing)
{
	hashmap_empty(&outgoing->items, free_item);
	hashmap_fini(&outgoing->items);
	heap_fini(&outgoing->due);
}

static struct outgoing_item *find(const struct outgoing *outgoing, const char *id, uint64_t hash)
{
	for (struct hashmap_node *node = hashmap_first(&outgoing->items, hash); node;
	     node = hashmap_next(node))
		if (!strcmp(item_of(node)->id, id))
			return item_of(node);
	return NULL;
}

struct outgoing_item *outgoing_find(const struct outgoing *outgoing, const char *id)
{
	return find(outgoing, id, hashmap_hash(&outgoing->items, slice_of(id)));
}

static struct outgoing_item *find_or_add(struct outgoing *outgoing, const char *id)
{
	uint64_t hash = hashmap_hash(&outgoing->items, slice_of(id));
	struct outgoing_item *item = find(outgoing, id, hash);
	size_t size = strlen(id) + 1;

	if (item)
		return item;
	item = calloc(1, sizeof(*item) + size);
	if (!item)
		return NULL;
	memcpy(item->id, id, size);
	heap_node_init(&item->due);
	item->gone = true;
	item->published_at = (struct instant){INT64_MIN};
	hashmap_insert(&outgoing->items, &item->node, hash);
	return item;
}

static void drop(struct outgoing *outgoing, struct outgoing_item *item)
{
	heap_remove(&outgoing->due, &item->due);
	hashmap_remove(&outgoing->items, &item->node);
	free_item(&item->node);
}

static int schedule(struct outgoing *outgoing, struct outgoing_item *item, struct instant when)
{
	if (!heap_contains(&item->due))
		return heap_insert(&outgoing->due, &item->due, when.us);
	heap_update(&outgoing->due, &item->due, when.us);
	return 0;
}

/* 0 or -ENOMEM. */
static int mark(struct outgoing *outgoing, struct outgoing_item *item, struct instant now)
{
	if (item->changed && heap_contains(&item->due))
		return 0;
	item->changed = true;
	item->stage = 0;
	return schedule(
	    outgoing, item, instant_later(now, instant_add(item->published_at, OUTGOING_PACE)));
}

int outgoing_put(
    struct outgoing *outgoing, const char *id, char *text, size_t len, struct instant now)
{
	struct outgoing_item *item = find_or_add(outgoing, id);

	if (!item) {
		free(text);
		return -ENOMEM;
	}
	bool same = !item->gone && item->len == len && memcmp(item->text, text, len) == 0;
	if (same) {
		free(text);
		return 0;
	}
	outgoing->count += item->gone;
	free(item->text);
	item->text = text;
	item->len = len;
	item->gone = false;
	item->gone_since = 0;
	item->stage = 0;
	if (mark(outgoing, item, now) == 0)
		return 1;
	outgoing->count--;
	drop(outgoing, item);
	return -ENOMEM;
}

static void remove_item(struct outgoing *outgoing, struct outgoing_item *item, struct instant now)
{
	outgoing->count -= !item->gone;
	item->gone = true;
	item->stage = 0;
	if (!item->published || mark(outgoing, item, now))
		drop(outgoing, item);
}

void outgoing_remove(struct outgoing *outgoing, const char *id, struct instant now)
{
	struct outgoing_item *item = outgoing_find(outgoing, id);

	if (item && !item->gone)
		remove_item(outgoing, item, now);
}

int outgoing_expect(struct outgoing *outgoing, const char *id, bool tracked, int64_t gone_since)
{
	struct outgoing_item *item = find_or_add(outgoing, id);

	if (!item)
		return -ENOMEM;
	item->published = true;
	item->tracked = tracked;
	if (item->gone)
		item->gone_since = gone_since;
	return 0;
}

struct sweep {
	struct outgoing *outgoing;
	struct instant now;
};

static void mark_expected(void *context, struct hashmap_node *node)
{
	struct sweep *sweep = context;

	if (!heap_contains(&item_of(node)->due))
		mark(sweep->outgoing, item_of(node), sweep->now);
}

void outgoing_remove_expected(struct outgoing *outgoing, struct instant now)
{
	struct sweep sweep = {outgoing, now};

	hashmap_each(&outgoing->items, mark_expected, &sweep);
}

static void mark_again(void *context, struct hashmap_node *node)
{
	struct sweep *sweep = context;
	struct outgoing_item *item = item_of(node);

	item->stage = 0;
	memset(item->marks, 0, sizeof(item->marks));
	if (heap_contains(&item->due))
		mark(sweep->outgoing, item, sweep->now);
}

void outgoing_publish_all(struct outgoing *outgoing, struct instant now)
{
	struct sweep sweep = {outgoing, now};

	hashmap_each(&outgoing->items, mark_again, &sweep);
}

struct instant outgoing_deadline(const struct outgoing *outgoing)
{
	const struct heap_node *top = heap_top(&outgoing->due);

	return top ? (struct instant){top->key} : INSTANT_NEVER;
}

struct outgoing_item *outgoing_next(const struct outgoing *outgoing, struct instant now)
{
	struct heap_node *top = heap_top(&outgoing->due);

	if (!top || !instant_due((struct instant){top->key}, now))
		return NULL;
	return CONTAINER_OF(top, struct outgoing_item, due);
}

void outgoing_done(
    struct outgoing *outgoing, struct outgoing_item *item, struct instant now, int64_t keep)
{
	item->published_at = now;
	item->changed = false;
	item->stage = 0;
	item->published = true;
	if (item->gone && keep <= 0)
		drop(outgoing, item);
	else if (item->gone)
		schedule(outgoing, item, instant_add(now, keep));
	else
		schedule(outgoing, item,
		    instant_add(now,
			rng_between(&outgoing->rng, OUTGOING_REPEAT_MIN, OUTGOING_REPEAT_MAX)));
}

struct visit {
	void (*fn)(void *context, struct outgoing_item *item);
	void *context;
};

static void visit_item(void *context, struct hashmap_node *node)
{
	const struct visit *visit = context;

	visit->fn(visit->context, item_of(node));
}

void outgoing_each(const struct outgoing *outgoing,
    void (*fn)(void *context, struct outgoing_item *item), void *context)
{
	struct visit visit = {fn, context};

	hashmap_each(&outgoing->items, visit_item, &visit);
}

/* SPDX-License-Identifier: ISC
 * minissdpd_news: tells the changes of a device entry by entry, so that a watcher hears of each
 * entry once and not of the whole device whenever one more service becomes known. */
#include "control/minissdpd_news.h"
#include "control/minissdpd_entries.h"
#include <stdlib.h>
#include <string.h>

struct told_entry {
	uint64_t name; /* hash of ST and USN */
	uint64_t location;
};

/* A device; its id is known by its hash alone. */
struct told {
	struct hashmap_node node;
	size_t count;
	struct told_entry entries[];
};

struct minissdpd_news {
	struct hashmap devices;
};

struct minissdpd_news *minissdpd_news_new(const struct siphash_key *key)
{
	struct minissdpd_news *news = calloc(1, sizeof(*news));

	if (news && hashmap_init(&news->devices, key) < 0) {
		free(news);
		return NULL;
	}
	return news;
}

static void free_told(struct hashmap_node *node)
{
	free(CONTAINER_OF(node, struct told, node));
}

void minissdpd_news_free(struct minissdpd_news *news)
{
	if (!news)
		return;
	hashmap_empty(&news->devices, free_told);
	hashmap_fini(&news->devices);
	free(news);
}

static void forget(struct minissdpd_news *news, struct told *told)
{
	if (!told)
		return;
	hashmap_remove(&news->devices, &told->node);
	free(told);
}

static const struct told_entry *find(const struct told *told, uint64_t name)
{
	for (size_t i = 0; told && i < told->count; i++)
		if (told->entries[i].name == name)
			return &told->entries[i];
	return NULL;
}

static struct told_entry hash_entry(
    const struct minissdpd_news *news, const struct minissdpd_entry *entry)
{
	return (struct told_entry){
	    .name = hashmap_hash(&news->devices, entry->st) * 31 +
		    hashmap_hash(&news->devices, entry->usn),
	    .location = hashmap_hash(&news->devices, entry->location),
	};
}

static void tell_all(
    const struct device *device, enum minissdpd_kind kind, minissdpd_news_fn *fn, void *context)
{
	struct minissdpd_entries entries;
	struct minissdpd_entry entry;

	minissdpd_entries_begin(&entries, device);
	while (minissdpd_entries_next(&entries, &entry))
		fn(context, kind, &entry);
}

/* Tells what differs from `former`, and notes what is so now. `otherwise` is the kind of what
 * nothing is known about. */
static void tell_changes(struct minissdpd_news *news, const struct device *device,
    const struct told *former, struct told *now, enum minissdpd_kind otherwise,
    minissdpd_news_fn *fn, void *context)
{
	struct minissdpd_entries entries;
	struct minissdpd_entry entry;

	minissdpd_entries_begin(&entries, device);
	while (minissdpd_entries_next(&entries, &entry)) {
		struct told_entry fresh = hash_entry(news, &entry);
		const struct told_entry *old = find(former, fresh.name);

		now->entries[now->count++] = fresh;
		if (!old)
			fn(context, otherwise, &entry);
		else if (old->location != fresh.location)
			fn(context, MINISSDPD_UPDATE, &entry);
	}
}

/* Like the former record, but empty and with room for all that the device has now. */
static struct told *replacement(const struct device *device, bool listed)
{
	size_t room = listed ? 3 + (size_t)device->service_count : 0;
	struct told *told = malloc(sizeof(*told) + room * sizeof(told->entries[0]));

	if (told)
		told->count = 0;
	return told;
}

void minissdpd_news_changed(struct minissdpd_news *news, enum table_event event,
    const struct device *device, minissdpd_news_fn *fn, void *context)
{
	uint64_t id = hashmap_hash(&news->devices, slice_of(device->id));
	struct hashmap_node *node = hashmap_first(&news->devices, id);
	struct told *former = node ? CONTAINER_OF(node, struct told, node) : NULL, *now;
	bool listed = minissdpd_lists(device);

	if (event == TABLE_REMOVED) {
		if (listed)
			tell_all(device, MINISSDPD_REMOVE, fn, context);
		forget(news, former);
		return;
	}
	now = replacement(device, listed);
	if (!now)
		return;
	if (listed)
		tell_changes(news, device, former, now,
		    former || event == TABLE_ADDED ? MINISSDPD_NEW : MINISSDPD_UPDATE, fn, context);
	else if (former && former->count)
		tell_all(device, MINISSDPD_REMOVE, fn, context);
	forget(news, former);
	hashmap_insert(&news->devices, &now->node, id);
}

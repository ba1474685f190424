/* SPDX-License-Identifier: ISC
 * minissdpd_news: reports the changes of a device entry by entry, so that a watcher hears of each
 * entry once and not of the whole device whenever one more service becomes known. */
#include "control/minissdpd_news.h"
#include "control/minissdpd_entries.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

/* What was reported, as texts behind the struct. */
struct reported_entry {
	STAILQ_ENTRY(reported_entry) next;
	struct minissdpd_entry entry;
};

STAILQ_HEAD(reported_list, reported_entry);

/* A device; its id is known by its hash alone. */
struct reported {
	struct hashmap_node node;
	struct reported_list entries;
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

static void clear(struct reported_list *list)
{
	for (struct reported_entry *entry; (entry = STAILQ_FIRST(list));) {
		STAILQ_REMOVE_HEAD(list, next);
		free(entry);
	}
}

static void free_reported(struct hashmap_node *node)
{
	struct reported *reported = CONTAINER_OF(node, struct reported, node);

	clear(&reported->entries);
	free(reported);
}

void minissdpd_news_free(struct minissdpd_news *news)
{
	if (!news)
		return;
	hashmap_empty(&news->devices, free_reported);
	hashmap_fini(&news->devices);
	free(news);
}

static void forget(struct minissdpd_news *news, struct reported *reported)
{
	hashmap_remove(&news->devices, &reported->node);
	free_reported(&reported->node);
}

static struct slice copy_text(char **to, struct slice text)
{
	struct slice copy = {*to, text.len};

	memcpy(*to, text.bytes, text.len);
	*to += text.len;
	return copy;
}

/* 0 or -ENOMEM. */
static int keep(struct reported_list *list, const struct minissdpd_entry *entry)
{
	struct reported_entry *kept =
	    malloc(sizeof(*kept) + entry->location.len + entry->st.len + entry->usn.len);

	if (!kept)
		return -ENOMEM;
	char *texts = (char *)(kept + 1);
	kept->entry.location = copy_text(&texts, entry->location);
	kept->entry.st = copy_text(&texts, entry->st);
	kept->entry.usn = copy_text(&texts, entry->usn);
	STAILQ_INSERT_TAIL(list, kept, next);
	return 0;
}

static int keep_all(struct reported_list *list, const struct device *device)
{
	struct minissdpd_entries entries;
	struct minissdpd_entry entry;
	int result = 0;

	STAILQ_INIT(list);
	minissdpd_entries_begin(&entries, device);
	while (!result && minissdpd_entries_next(&entries, &entry))
		result = keep(list, &entry);
	if (result)
		clear(list);
	return result;
}

static const struct minissdpd_entry *find(
    const struct reported_list *list, const struct minissdpd_entry *entry)
{
	const struct reported_entry *kept;

	STAILQ_FOREACH(kept, list, next)
	if (slice_equal(kept->entry.st, entry->st) && slice_equal(kept->entry.usn, entry->usn))
		return &kept->entry;
	return NULL;
}

/* Reports what differs from `former`. `otherwise` is the kind of an entry that is not in there. */
static void report_changes(const struct device *device, const struct reported_list *former,
    const struct reported_list *present, enum minissdpd_kind otherwise, minissdpd_news_fn *fn,
    void *context)
{
	const struct reported_entry *kept;
	struct minissdpd_entries entries;
	struct minissdpd_entry entry;

	STAILQ_FOREACH(kept, former, next)
	if (!find(present, &kept->entry))
		fn(context, MINISSDPD_REMOVE, &kept->entry);
	minissdpd_entries_begin(&entries, device);
	while (minissdpd_entries_next(&entries, &entry)) {
		const struct minissdpd_entry *old = find(former, &entry);
		if (!old)
			fn(context, otherwise, &entry);
		else if (!slice_equal(old->location, entry.location))
			fn(context, MINISSDPD_UPDATE, &entry);
	}
}

/* The entries that were reported, or else all that the device had. */
static void report_removed(const struct device *device, const struct reported *reported,
    minissdpd_news_fn *fn, void *context)
{
	const struct reported_entry *kept;
	struct minissdpd_entries entries;
	struct minissdpd_entry entry;

	if (reported) {
		STAILQ_FOREACH(kept, &reported->entries, next)
		fn(context, MINISSDPD_REMOVE, &kept->entry);
		return;
	}
	minissdpd_entries_begin(&entries, device);
	while (minissdpd_entries_next(&entries, &entry))
		fn(context, MINISSDPD_REMOVE, &entry);
}

static struct reported *find_device(const struct minissdpd_news *news, uint64_t hash)
{
	struct hashmap_node *node = hashmap_first(&news->devices, hash);

	return node ? CONTAINER_OF(node, struct reported, node) : NULL;
}

void minissdpd_news_changed(struct minissdpd_news *news, const struct table_change *change,
    minissdpd_news_fn *fn, void *context)
{
	char text[KEY_UUID_TEXT_MAX];
	const char *id = device_id(change->device, text);
	uint64_t hash = hashmap_hash(&news->devices, slice_of(id));
	struct reported *reported = find_device(news, hash);
	struct reported_list present;
	bool was_there = !reported && change->event == TABLE_UPDATED;

	if (change->event == TABLE_REMOVED) {
		report_removed(change->device, reported, fn, context);
		if (reported)
			forget(news, reported);
		return;
	}
	if (keep_all(&present, change->device) < 0)
		return;
	if (!reported) {
		reported = calloc(1, sizeof(*reported));
		if (!reported) {
			clear(&present);
			return;
		}
		STAILQ_INIT(&reported->entries);
		hashmap_insert(&news->devices, &reported->node, hash);
	}
	report_changes(change->device, &reported->entries, &present,
	    was_there ? MINISSDPD_UPDATE : MINISSDPD_NEW, fn, context);
	clear(&reported->entries);
	STAILQ_CONCAT(&reported->entries, &present);
}

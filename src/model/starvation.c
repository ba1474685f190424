/* SPDX-License-Identifier: ISC
 * starvation: see starvation.h. */
#include "model/starvation.h"

#include <stdlib.h>

void starvation_fini(struct starvation *starvation)
{
	free(starvation->entries);
	*starvation = (struct starvation){0};
}

bool starvation_concerns(const struct address *group)
{
	bool is_local = group->bytes[0] == 224 && group->bytes[1] == 0 && group->bytes[2] == 0;

	return group->family == ADDRESS_IPV4 && address_is_multicast(group) && !is_local;
}

static struct starving_link *find(const struct starvation *starvation, uint32_t link)
{
	for (size_t i = 0; i < starvation->count; i++)
		if (starvation->entries[i].link == link)
			return &starvation->entries[i];
	return NULL;
}

static struct starving_link *add(struct starvation *starvation, uint32_t link)
{
	struct starving_link *grown =
	    reallocarray(starvation->entries, starvation->count + 1, sizeof(*starvation->entries));

	if (!grown)
		return NULL;
	starvation->entries = grown;
	grown[starvation->count] = (struct starving_link){.link = link};
	return &grown[starvation->count++];
}

static bool take_group(struct starving_link *entry)
{
	bool was_starving = entry->starving;

	*entry = (struct starving_link){.link = entry->link, .spoken = true};
	return was_starving;
}

static bool take_broadcast(struct starving_link *entry, struct instant now, int64_t limit)
{
	bool was_starving = entry->starving;

	if (entry->last.us == 0 || instant_since(now, entry->last) >= limit)
		entry->since = now;
	entry->last = now;
	entry->starving = entry->spoken && instant_since(now, entry->since) >= limit;
	return entry->starving != was_starving;
}

bool starvation_note(struct starvation *starvation, struct instant now, uint32_t link,
    enum arrival arrival, int64_t limit)
{
	struct starving_link *entry = find(starvation, link);

	if (arrival == ARRIVAL_OTHER)
		return false;
	if (!entry)
		entry = add(starvation, link);
	if (!entry)
		return false;
	if (arrival == ARRIVAL_GROUP)
		return take_group(entry);
	if (arrival == ARRIVAL_BROADCAST)
		return take_broadcast(entry, now, limit);
	entry->spoken = true;
	return false;
}

static struct instant end_of(const struct starving_link *entry, int64_t limit)
{
	return entry->starving ? instant_add(entry->last, limit) : INSTANT_NEVER;
}

bool starvation_advance(struct starvation *starvation, struct instant now, int64_t limit)
{
	bool changed = false;

	for (size_t i = 0; i < starvation->count; i++)
		if (instant_due(end_of(&starvation->entries[i], limit), now)) {
			starvation->entries[i].starving = false;
			changed = true;
		}
	return changed;
}

struct instant starvation_deadline(const struct starvation *starvation, int64_t limit)
{
	struct instant deadline = INSTANT_NEVER;

	for (size_t i = 0; i < starvation->count; i++)
		deadline = instant_earlier(deadline, end_of(&starvation->entries[i], limit));
	return deadline;
}

bool starvation_has(const struct starvation *starvation, uint32_t link)
{
	const struct starving_link *entry = find(starvation, link);

	return entry && entry->starving;
}

void starvation_forget(struct starvation *starvation, uint32_t link)
{
	struct starving_link *entry = find(starvation, link);

	if (entry)
		*entry = starvation->entries[--starvation->count];
}

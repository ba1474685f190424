/* SPDX-License-Identifier: ISC
 * ssdp_sender: which of our addresses send, and how they follow the links. */
#include "base/array.h"
#include "engine/ssdp_internal.h"
#include <stdlib.h>
#include <string.h>

/* Between one change of the sender addresses and the next. */
#define PAUSE_MIN SECONDS(1)
#define PAUSE_MAX SECONDS(16)

/* One address per network of a link sends. Hosts of each network need a LOCATION that they can
 * reach; a second address in the same network would announce everything twice, with two LOCATIONs
 * for one device. Temporary addresses (RFC 8981) are not announced, nor those of a family without a
 * socket. */
static bool may_send(
    const struct ssdp *ssdp, const struct link *link, const struct link_address *address)
{
	const struct address *source = &address->prefix.address;

	if (!(link->multicast || link->loopback) || !address->usable || address->temporary ||
	    !ssdp->engine.ports[family_of(source)])
		return false;
	for (const struct link_address *earlier = link->addresses; earlier < address; earlier++)
		if (earlier->usable && !earlier->temporary &&
		    prefix_contains(&earlier->prefix, source))
			return false;
	return true;
}

static bool is_still_there(const struct ssdp *ssdp, const struct ssdp_sender *sender)
{
	const struct link *link = link_set_find(ssdp->context->links, sender->link);
	if (!link || link->generation != sender->generation)
		return false;
	for (size_t i = 0; i < link->address_count; i++)
		if (address_equal(&link->addresses[i].prefix.address, &sender->source))
			return may_send(ssdp, link, &link->addresses[i]);
	return false;
}

static bool has_sender(
    const struct ssdp *ssdp, const struct link *link, const struct address *source)
{
	for (size_t i = 0; i < ssdp->sender_count; i++)
		if (ssdp->senders[i].link == link->index &&
		    address_equal(&ssdp->senders[i].source, source))
			return true;
	return false;
}

static bool add(
    struct ssdp *ssdp, struct instant now, const struct link *link, const struct address *source)
{
	struct ssdp_sender *senders =
	    reallocarray(ssdp->senders, ssdp->sender_count + 1, sizeof(*senders));
	if (!senders)
		return false;
	ssdp->senders = senders;
	struct ssdp_sender *sender = senders + ssdp->sender_count;
	while (sender > senders && sender[-1].link > link->index)
		sender--;
	memmove(
	    sender + 1, sender, (size_t)(senders + ssdp->sender_count - sender) * sizeof(*sender));
	ssdp->sender_count++;
	*sender = (struct ssdp_sender){
	    .link = link->index,
	    .generation = link->generation,
	    .source = *source,
	    .next_burst = now,
	    .search_due = INSTANT_NEVER,
	};
	ssdp_announce_follow_offers(ssdp, sender, now);
	return true;
}

void ssdp_sender_fini(struct ssdp_sender *sender)
{
	free(sender->schedules);
}

/* Drops the senders that are not there any more; true when there were any. */
static bool drop_former(struct ssdp *ssdp)
{
	size_t kept = 0, before = ssdp->sender_count;

	for (size_t i = 0; i < before; i++) {
		if (is_still_there(ssdp, &ssdp->senders[i]))
			ssdp->senders[kept++] = ssdp->senders[i];
		else
			ssdp_sender_fini(&ssdp->senders[i]);
	}
	ssdp->sender_count = kept;
	return kept < before;
}

static bool is_known_somewhere(const struct ssdp *ssdp)
{
	for (size_t i = 0; i < ssdp->sender_count; i++)
		for (size_t k = 0; k < ssdp->senders[i].schedule_count; k++)
			if (ssdp->senders[i].schedules[k].announced)
				return true;
	return false;
}

/* True when any is new. */
static bool add_new(struct ssdp *ssdp, struct instant now)
{
	const struct link_set *links = ssdp->context->links;
	bool added = false;

	for (const struct link *link = links->links; link < links->links + links->count; link++) {
		for (size_t i = 0; i < link->address_count; i++) {
			const struct link_address *address = &link->addresses[i];
			if (may_send(ssdp, link, address) &&
			    !has_sender(ssdp, link, &address->prefix.address))
				added |= add(ssdp, now, link, &address->prefix.address);
		}
	}
	return added;
}

/* How long a change waits after the one before. While no host knows of us no update is needed and
 * nothing waits, unless our only address comes and goes. */
static int64_t pause_between(const struct ssdp_link_changes *link_changes, bool known)
{
	return known ? link_changes->pause : link_changes->lost ? PAUSE_MIN : 0;
}

/* The next change waits longer when this one came soon after the one before. */
static void note_change(struct ssdp_link_changes *link_changes, struct instant now)
{
	bool soon = instant_since(now, link_changes->last) < 4 * link_changes->pause;
	int64_t longer = link_changes->pause * 2 < PAUSE_MAX ? link_changes->pause * 2 : PAUSE_MAX;

	link_changes->pause = soon ? longer : PAUSE_MIN;
	link_changes->last = now;
}

bool ssdp_sender_follow_links(struct ssdp *ssdp, struct instant now)
{
	struct ssdp_link_changes *link_changes = &ssdp->link_changes;

	link_changes->lost |= drop_former(ssdp);
	if (ssdp_schedule_has_pending_update(ssdp))
		link_changes->last = now;
	bool known = is_known_somewhere(ssdp);
	link_changes->due = instant_add(link_changes->last, pause_between(link_changes, known));
	if (!instant_due(link_changes->due, now))
		return false;
	bool changed = add_new(ssdp, now) || link_changes->lost;
	if (changed)
		note_change(link_changes, now);
	link_changes->lost = false;
	link_changes->due = INSTANT_NEVER;
	return changed && known;
}

/* SPDX-License-Identifier: ISC
 * link_change: the differences between two sets of links, one after the other. */
#include "model/link_change.h"
#include <string.h>

static bool is_same_link(const struct link *a, const struct link *b)
{
	return a->generation == b->generation && strcmp(a->name, b->name) == 0;
}

static bool has_same_address(const struct link *link, const struct link_address *address)
{
	const struct link_address *there = link_find_address(link, &address->prefix);
	return there && there->usable == address->usable &&
	       address_equal(&there->broadcast, &address->broadcast) &&
	       address_equal(&there->peer, &address->peer);
}

/* Reports what `set` has and `other` has not. */
static void tell_surplus(const struct link_set *set, const struct link_set *other,
    enum link_event link_event, enum link_event address_event, link_change_fn *fn, void *context)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct link *link = &set->links[i];
		const struct link *same = link_set_find(other, link->index);
		if (!same || !is_same_link(link, same)) {
			fn(context, &(struct link_change){link_event, link, NULL});
			continue;
		}
		for (size_t j = 0; j < link->address_count; j++)
			if (!has_same_address(same, &link->addresses[j]))
				fn(context, &(struct link_change){
						address_event, link, &link->addresses[j]});
	}
}

void link_set_compare(
    const struct link_set *before, const struct link_set *after, link_change_fn *fn, void *context)
{
	tell_surplus(before, after, LINK_GONE, LINK_ADDRESS_GONE, fn, context);
	tell_surplus(after, before, LINK_CAME, LINK_ADDRESS_CAME, fn, context);
}

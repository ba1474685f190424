/* SPDX-License-Identifier: ISC
 * page_walk: finds the devices that only pages name. */
#include "control/page_walk.h"

/* The index of the embedded device with this key in the endpoint's page; 0 where there is none. */
static unsigned find_embedded(
    const struct endpoint *endpoint, const struct key *key, unsigned before)
{
	for (unsigned i = 1; i < before; i++) {
		struct key other = key_of_id(slice_of(endpoint->page->devices[i].udn));
		if (key_equal(&other, key))
			return i;
	}
	return 0;
}

static unsigned device_count(const struct endpoint *endpoint)
{
	return endpoint->page ? (unsigned)endpoint->page->device_count : 0;
}

/* True when an endpoint of its own has this key, or an earlier page, or this one, named it. */
static bool is_shown_already(const struct page_walk *walk, const struct key *key)
{
	const struct endpoint *endpoint;
	bool earlier = true;

	TAILQ_FOREACH(endpoint, &walk->device->endpoints, of_device)
	{
		if (endpoint == walk->endpoint)
			earlier = false;
		if (endpoint->protocol != walk->endpoint->protocol)
			continue;
		if (key_equal(&endpoint->key, key))
			return true;
		if (earlier && find_embedded(endpoint, key, device_count(endpoint)))
			return true;
	}
	return find_embedded(walk->endpoint, key, walk->index);
}

bool page_walk_next(struct page_walk *walk)
{
	if (!walk->endpoint)
		walk->endpoint = TAILQ_FIRST(&walk->device->endpoints);
	while (walk->endpoint) {
		while (++walk->index < device_count(walk->endpoint)) {
			const struct page_device *found =
			    &walk->endpoint->page->devices[walk->index];
			struct key key = key_of_id(slice_of(found->udn));
			if (found->udn && !is_shown_already(walk, &key))
				return true;
		}
		walk->endpoint = TAILQ_NEXT(walk->endpoint, of_device);
		walk->index = 0;
	}
	return false;
}

bool page_parent_key(const struct endpoint *endpoint, char out[KEY_TEXT_MAX])
{
	const struct endpoint *other;

	TAILQ_FOREACH(other, &endpoint->device->endpoints, of_device)
	{
		if (other == endpoint || other->protocol != endpoint->protocol)
			continue;
		unsigned at = find_embedded(other, &endpoint->key, device_count(other));
		unsigned parent = at ? other->page->devices[at].parent : 0;
		struct key key =
		    parent ? key_of_id(slice_of(other->page->devices[parent].udn)) : other->key;
		if (!at)
			continue;
		key_format(&key, out);
		return true;
	}
	return false;
}

/* SPDX-License-Identifier: ISC
 * link: the network interfaces of this host and their addresses, as one set that can be compared
 * with the next. */
#include "model/link.h"
#include "base/array.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 4 };

/* An address of ours, and where its link stands in the set. */
struct link_place {
	struct address address;
	uint32_t at;
};

static void forget_places(struct link_set *set)
{
	free(set->places);
	set->places = NULL;
	set->place_count = 0;
}

void link_set_init(struct link_set *set)
{
	*set = (struct link_set){0};
}

void link_set_fini(struct link_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->links[i].addresses);
	free(set->links);
	forget_places(set);
	link_set_init(set);
}

/* Where the link with this index stands, or would stand. */
static size_t position(const struct link_set *set, uint32_t index)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (set->links[middle].index < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct link *link_set_find(const struct link_set *set, uint32_t index)
{
	size_t at = position(set, index);
	return at < set->count && set->links[at].index == index ? &set->links[at] : NULL;
}

struct link *link_set_find_name(const struct link_set *set, struct slice name)
{
	for (size_t i = 0; i < set->count; i++)
		if (slice_equal(slice_of(set->links[i].name), name))
			return &set->links[i];
	return NULL;
}

static int grow(struct link_set *set)
{
	size_t capacity = set->capacity ? 2 * set->capacity : FIRST_CAPACITY;
	struct link *links = reallocarray(set->links, capacity, sizeof(*links));

	if (!links)
		return -ENOMEM;
	set->links = links;
	set->capacity = capacity;
	return 0;
}

struct link *link_set_add(struct link_set *set, uint32_t index)
{
	struct link *link = link_set_find(set, index);

	if (link)
		return link;
	if (set->count == set->capacity && grow(set) < 0)
		return NULL;
	forget_places(set);
	size_t at = position(set, index);
	link = &set->links[at];
	memmove(link + 1, link, (set->count - at) * sizeof(*link));
	set->count++;
	*link = (struct link){.index = index, .generation = ++set->generation, .peer_netns = -1};
	return link;
}

void link_set_remove(struct link_set *set, uint32_t index)
{
	struct link *link = link_set_find(set, index);

	if (!link)
		return;
	forget_places(set);
	free(link->addresses);
	size_t after = set->count - (size_t)(link - set->links) - 1;
	memmove(link, link + 1, after * sizeof(*link));
	set->count--;
}

struct prefix link_address_network(const struct link_address *address)
{
	if (address_is_none(&address->peer))
		return address->prefix;
	return (struct prefix){address->peer, address->prefix.len};
}

static bool network_contains(const struct link_address *ours, const struct address *address)
{
	struct prefix network = link_address_network(ours);
	return prefix_contains(&network, address);
}

static struct link_address *find_address(const struct link *link, const struct prefix *prefix)
{
	for (size_t i = 0; i < link->address_count; i++) {
		struct link_address *address = &link->addresses[i];
		if (address->prefix.len == prefix->len &&
		    address_equal(&address->prefix.address, &prefix->address))
			return address;
	}
	return NULL;
}

const struct link_address *link_find_address(const struct link *link, const struct prefix *prefix)
{
	return find_address(link, prefix);
}

int link_add_address(struct link *link, const struct link_address *address)
{
	struct link_address *place = find_address(link, &address->prefix);

	if (!place) {
		struct link_address *grown =
		    reallocarray(link->addresses, link->address_count + 1, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		link->addresses = grown;
		place = &grown[link->address_count++];
	}
	*place = *address;
	return 0;
}

void link_remove_address(struct link *link, const struct prefix *prefix)
{
	struct link_address *address = find_address(link, prefix);

	if (!address)
		return;
	size_t after = link->address_count - (size_t)(address - link->addresses) - 1;
	memmove(address, address + 1, after * sizeof(*address));
	link->address_count--;
}

int link_set_append(struct link_set *set, const struct link *link, bool only_usable)
{
	struct link *copy = link_set_add(set, link->index);

	if (!copy)
		return -ENOMEM;
	*copy = *link;
	copy->addresses = NULL;
	copy->address_count = 0;
	for (size_t i = 0; i < link->address_count; i++) {
		if (only_usable && !link->addresses[i].usable)
			continue;
		int error = link_add_address(copy, &link->addresses[i]);
		if (error < 0)
			return error;
	}
	return 0;
}

int link_set_copy(const struct link_set *set, struct link_set *copy)
{
	link_set_init(copy);
	for (size_t i = 0; i < set->count; i++) {
		int error = link_set_append(copy, &set->links[i], false);
		if (error < 0) {
			link_set_fini(copy);
			return error;
		}
	}
	copy->generation = set->generation;
	int error = link_set_index(copy);
	if (error < 0)
		link_set_fini(copy);
	return error;
}

const struct link_address *link_source(
    const struct link *link, uint8_t family, const struct address *like)
{
	const struct link_address *first = NULL;

	for (size_t i = 0; i < link->address_count; i++) {
		const struct link_address *address = &link->addresses[i];
		if (!address->usable || address->prefix.address.family != family)
			continue;
		if (!like || network_contains(address, like))
			return address;
		if (!first)
			first = address;
	}
	return first;
}

bool link_is_on_link(const struct link *link, const struct address *address)
{
	if (address->family == ADDRESS_IPV6 && address_is_link_local(address))
		return true;
	for (size_t i = 0; i < link->address_count; i++)
		if (network_contains(&link->addresses[i], address))
			return true;
	return false;
}

uint8_t link_network_len(const struct link *link, const struct address *address)
{
	const struct link_address *ours = link_source(link, address->family, address);
	return ours && network_contains(ours, address) ? ours->prefix.len : 0;
}

static bool is_broadcast_of(const struct link_address *ours, const struct address *address)
{
	struct prefix network = link_address_network(ours);
	struct address broadcast = prefix_broadcast(&network);
	return address_equal(&broadcast, address) || address_equal(&ours->broadcast, address);
}

bool link_has_neighbour(const struct link *link, const struct address *address)
{
	if (!address_is_unicast(address) || !link_is_on_link(link, address))
		return false;
	for (size_t i = 0; i < link->address_count; i++)
		if (is_broadcast_of(&link->addresses[i], address))
			return false;
	return true;
}

static int compare_addresses(const struct address *a, const struct address *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static int compare_places(const void *left, const void *right)
{
	const struct link_place *a = left, *b = right;
	int order = compare_addresses(&a->address, &b->address);

	return order ? order : (a->at > b->at) - (a->at < b->at);
}

int link_set_index(struct link_set *set)
{
	size_t count = 0;

	forget_places(set);
	for (size_t i = 0; i < set->count; i++)
		count += set->links[i].address_count;
	set->places = calloc(count + 1, sizeof(*set->places));
	if (!set->places)
		return -ENOMEM;
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->links[i].address_count; j++)
			set->places[set->place_count++] = (struct link_place){
			    set->links[i].addresses[j].prefix.address, (uint32_t)i};
	qsort(set->places, count, sizeof(*set->places), compare_places);
	return 0;
}

static const struct link *search_links(const struct link_set *set, const struct address *address)
{
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->links[i].address_count; j++)
			if (address_equal(&set->links[i].addresses[j].prefix.address, address))
				return &set->links[i];
	return NULL;
}

const struct link *link_set_find_address(const struct link_set *set, const struct address *address)
{
	size_t low = 0, high = set->place_count;

	if (!set->places)
		return search_links(set, address);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_addresses(&set->places[middle].address, address) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < set->place_count && address_equal(&set->places[low].address, address)
		   ? &set->links[set->places[low].at]
		   : NULL;
}

bool link_set_has_address(const struct link_set *set, const struct address *address)
{
	return link_set_find_address(set, address) != NULL;
}

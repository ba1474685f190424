/* SPDX-License-Identifier: ISC
 * neighbours: which MAC address is behind an address on a link, as the kernel has learned it. */
#include "model/neighbours.h"
#include <stdlib.h>
#include <string.h>

struct neighbour {
	struct fair_node node;
	uint32_t link;
	struct address address;
	struct mac mac;
};

static struct neighbour *neighbour_of(struct fair_node *node)
{
	return CONTAINER_OF(node, struct neighbour, node);
}

static void free_neighbour(struct fair_node *node)
{
	free(neighbour_of(node));
}

int neighbours_init(struct neighbours *neighbours, const struct siphash_key *key, size_t max)
{
	return fair_set_init(&neighbours->set, key, max);
}

void neighbours_fini(struct neighbours *neighbours)
{
	fair_set_fini(&neighbours->set, free_neighbour);
}

static uint64_t hash_of(
    const struct neighbours *neighbours, uint32_t link, const struct address *address)
{
	char key[sizeof(link) + 1 + sizeof(address->bytes)];

	memcpy(key, &link, sizeof(link));
	key[sizeof(link)] = (char)address->family;
	memcpy(key + sizeof(link) + 1, address->bytes, sizeof(address->bytes));
	return hashmap_hash(&neighbours->set.nodes, (struct slice){key, sizeof(key)});
}

static struct neighbour *find(const struct neighbours *neighbours, uint64_t hash, uint32_t link,
    const struct address *address)
{
	struct hashmap_node *at = hashmap_first(&neighbours->set.nodes, hash);

	for (; at; at = hashmap_next(at)) {
		struct neighbour *neighbour =
		    neighbour_of(CONTAINER_OF(at, struct fair_node, by_key));
		if (neighbour->link == link && address_equal(&neighbour->address, address))
			return neighbour;
	}
	return NULL;
}

static void forget(struct neighbours *neighbours, struct neighbour *neighbour)
{
	fair_set_remove(&neighbours->set, &neighbour->node);
	free(neighbour);
}

bool neighbours_put(struct neighbours *neighbours, uint32_t link, const struct address *address,
    const struct mac *mac)
{
	uint64_t hash = hash_of(neighbours, link, address);
	struct neighbour *neighbour = find(neighbours, hash, link, address);

	if (neighbour) {
		bool news = !mac_equal(&neighbour->mac, mac);
		neighbour->mac = *mac;
		fair_set_touch(&neighbours->set, &neighbour->node);
		return news;
	}
	struct fair_node *victim = fair_set_victim(&neighbours->set, link);
	if (victim)
		forget(neighbours, neighbour_of(victim));
	neighbour = calloc(1, sizeof(*neighbour));
	if (!neighbour)
		return false;
	neighbour->link = link;
	neighbour->address = *address;
	neighbour->mac = *mac;
	if (fair_set_insert(&neighbours->set, &neighbour->node, hash, link) < 0) {
		free(neighbour);
		return false;
	}
	return true;
}

void neighbours_remove(struct neighbours *neighbours, uint32_t link, const struct address *address)
{
	uint64_t hash = hash_of(neighbours, link, address);
	struct neighbour *neighbour = find(neighbours, hash, link, address);

	if (neighbour)
		forget(neighbours, neighbour);
}

struct mac neighbours_find(
    const struct neighbours *neighbours, uint32_t link, const struct address *address)
{
	const struct neighbour *neighbour =
	    find(neighbours, hash_of(neighbours, link, address), link, address);
	return neighbour ? neighbour->mac : (struct mac){0};
}

size_t neighbours_count(const struct neighbours *neighbours)
{
	return neighbours->set.nodes.count;
}

void neighbours_begin(struct neighbours *neighbours)
{
	fair_set_begin(&neighbours->set);
}

void neighbours_sweep(struct neighbours *neighbours)
{
	fair_set_sweep(&neighbours->set, free_neighbour);
}

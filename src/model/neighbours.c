/* SPDX-License-Identifier: ISC
 * neighbours: which MAC address is behind an address on a link, as the kernel has learned it. */
#include "model/neighbours.h"
#include "base/mac.h"
#include <stdlib.h>

struct neighbour {
	struct fair_node node;
	uint32_t link;
	struct address address;
	struct mac mac;
	uint8_t state;                 /* enum neighbour_state */
	bool is_learned, is_reachable; /* news; while it is any, it is on the list */
	LIST_ENTRY(neighbour) of_news;
};

static struct neighbour *neighbour_of(struct fair_node *node)
{
	return CONTAINER_OF(node, struct neighbour, node);
}

static void clear_news(struct neighbour *neighbour)
{
	if (neighbour->is_learned || neighbour->is_reachable)
		LIST_REMOVE(neighbour, of_news);
	neighbour->is_learned = neighbour->is_reachable = false;
}

static void set_news(
    struct neighbours *neighbours, struct neighbour *neighbour, bool is_learned, bool is_reachable)
{
	clear_news(neighbour);
	neighbour->is_learned = is_learned;
	neighbour->is_reachable = is_reachable;
	if (is_learned || is_reachable)
		LIST_INSERT_HEAD(&neighbours->news, neighbour, of_news);
}

static void free_neighbour(struct fair_node *node)
{
	clear_news(neighbour_of(node));
	free(neighbour_of(node));
}

int neighbours_init(struct neighbours *neighbours, const struct siphash_key *key, size_t max)
{
	LIST_INIT(&neighbours->news);
	neighbours->changes = 1;
	return fair_set_init(&neighbours->set, key, max);
}

void neighbours_fini(struct neighbours *neighbours)
{
	fair_set_fini(&neighbours->set, free_neighbour);
}

static uint64_t hash_of(
    const struct neighbours *neighbours, uint32_t link, const struct address *address)
{
	uint64_t place = (uint64_t)link << 8 | address->family;
	struct slice bytes = {(const char *)address->bytes, sizeof(address->bytes)};

	return hashmap_hash_behind(&neighbours->set.nodes, place, bytes);
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
	neighbours->changes++;
	fair_set_remove(&neighbours->set, &neighbour->node);
	free_neighbour(&neighbour->node);
}

/* NULL when out of memory. */
static struct neighbour *add(
    struct neighbours *neighbours, uint64_t hash, uint32_t link, const struct address *address)
{
	struct fair_node *victim = fair_set_victim(&neighbours->set, link);

	if (victim)
		forget(neighbours, neighbour_of(victim));
	struct neighbour *neighbour = calloc(1, sizeof(*neighbour));
	if (!neighbour)
		return NULL;
	neighbour->link = link;
	neighbour->address = *address;
	if (fair_set_insert(&neighbours->set, &neighbour->node, hash, link) < 0) {
		free(neighbour);
		return NULL;
	}
	return neighbour;
}

bool neighbours_put(struct neighbours *neighbours, uint32_t link, const struct address *address,
    const struct mac *mac, enum neighbour_state state)
{
	uint64_t hash = hash_of(neighbours, link, address);
	struct neighbour *neighbour = find(neighbours, hash, link, address);

	if (neighbour)
		fair_set_touch(&neighbours->set, &neighbour->node);
	else
		neighbour = add(neighbours, hash, link, address);
	if (!neighbour)
		return false;
	bool news = !neighbour->mac.known || !mac_equal(&neighbour->mac, mac) ||
		    (neighbour->state == NEIGHBOUR_UNCONFIRMED && state != NEIGHBOUR_UNCONFIRMED);
	neighbours->changes +=
	    news || (neighbour->state == NEIGHBOUR_UNCONFIRMED) != (state == NEIGHBOUR_UNCONFIRMED);
	neighbour->mac = *mac;
	neighbour->state = (uint8_t)state;
	set_news(
	    neighbours, neighbour, neighbour->is_learned || news, state == NEIGHBOUR_REACHABLE);
	return news;
}

void neighbours_remove(struct neighbours *neighbours, uint32_t link, const struct address *address)
{
	uint64_t hash = hash_of(neighbours, link, address);
	struct neighbour *neighbour = find(neighbours, hash, link, address);

	if (neighbour)
		forget(neighbours, neighbour);
}

struct mac neighbours_find(const struct neighbours *neighbours, uint32_t link,
    const struct address *address, bool *confirmed)
{
	const struct neighbour *neighbour =
	    find(neighbours, hash_of(neighbours, link, address), link, address);

	if (confirmed)
		*confirmed = neighbour && neighbour->state != NEIGHBOUR_UNCONFIRMED;
	return neighbour ? neighbour->mac : (struct mac){0};
}

bool neighbours_next_news(struct neighbours *neighbours, struct neighbour_news *news)
{
	struct neighbour *neighbour = LIST_FIRST(&neighbours->news);

	if (!neighbour)
		return false;
	*news = (struct neighbour_news){
	    .link = neighbour->link,
	    .address = neighbour->address,
	    .mac = neighbour->mac,
	    .learned = neighbour->is_learned,
	    .reachable = neighbour->is_reachable,
	};
	clear_news(neighbour);
	return true;
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
	neighbours->changes += fair_set_sweep(&neighbours->set, free_neighbour) > 0;
}

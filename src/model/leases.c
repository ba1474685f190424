/* SPDX-License-Identifier: ISC
 * leases: the host names that DHCP servers know, by MAC. */
#include "model/leases.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct leased_name {
	struct hashmap_node node;
	struct mac mac;
	struct address address;
	int64_t expires;
	unsigned source;
	char name[]; /* ended by NUL */
};

static struct leased_name *name_of(struct hashmap_node *node)
{
	return CONTAINER_OF(node, struct leased_name, node);
}

static void free_name(struct hashmap_node *node)
{
	free(name_of(node));
}

int leases_init(struct leases *leases, const struct siphash_key *key)
{
	return hashmap_init(&leases->names, key);
}

void leases_empty(struct leases *leases)
{
	hashmap_empty(&leases->names, free_name);
}

void leases_fini(struct leases *leases)
{
	leases_empty(leases);
	hashmap_fini(&leases->names);
}

static uint64_t hash_of(const struct leases *leases, const struct mac *mac)
{
	struct slice bytes = {(const char *)mac->bytes, sizeof(mac->bytes)};

	return hashmap_hash(&leases->names, bytes);
}

static struct leased_name *find(const struct leases *leases, const struct mac *mac)
{
	struct hashmap_node *node = hashmap_first(&leases->names, hash_of(leases, mac));

	while (node && !mac_equal(&name_of(node)->mac, mac))
		node = hashmap_next(node);
	return node ? name_of(node) : NULL;
}

static void forget(struct leases *leases, struct leased_name *name)
{
	hashmap_remove(&leases->names, &name->node);
	free(name);
}

static int add(struct leases *leases, unsigned source, const struct lease *lease)
{
	struct leased_name *name;

	if (leases->names.count == LEASES_MAX)
		return -ENOSPC;
	name = calloc(1, sizeof(*name) + lease->name.len + 1);
	if (!name)
		return -ENOMEM;
	name->mac = lease->mac;
	name->address = lease->address;
	name->expires = lease->expires;
	name->source = source;
	memcpy(name->name, lease->name.bytes, lease->name.len);
	hashmap_insert(&leases->names, &name->node, hash_of(leases, &lease->mac));
	return 0;
}

int leases_put(struct leases *leases, unsigned source, const struct lease *lease, int64_t now)
{
	bool names = lease->name.len > 0 && lease->expires > now;
	struct leased_name *known = find(leases, &lease->mac);

	if (known && known->source < source && known->expires > now)
		return 0;
	if (known && (names || address_equal(&known->address, &lease->address)))
		forget(leases, known);
	return names ? add(leases, source, lease) : 0;
}

const char *leases_find(const struct leases *leases, const struct mac *mac, int64_t now)
{
	const struct leased_name *name = find(leases, mac);

	return name && name->expires > now ? name->name : NULL;
}

size_t leases_count(const struct leases *leases)
{
	return leases->names.count;
}

struct next_end {
	int64_t now, end;
};

static void note_end(void *context, struct hashmap_node *node)
{
	struct next_end *next = context;
	int64_t expires = name_of(node)->expires;

	if (expires > next->now && expires < next->end)
		next->end = expires;
}

int64_t leases_next_end(const struct leases *leases, int64_t now)
{
	struct next_end next = {now, INT64_MAX};

	hashmap_each(&leases->names, note_end, &next);
	return next.end;
}

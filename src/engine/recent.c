/* SPDX-License-Identifier: ISC
 * recent: the hosts in a keyed hash, and in a list from the newest to the longest unheard. */
#include "engine/recent.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int recent_init(
    struct recent *recent, size_t limit, size_t host_size, const struct siphash_key *key)
{
	*recent = (struct recent){.limit = limit, .host_size = host_size};
	return hashmap_init(&recent->map, key);
}

void recent_fini(struct recent *recent)
{
	while (recent->newest) {
		struct recent_host *host = recent->newest;
		recent->newest = host->older;
		free(host);
	}
	recent->oldest = NULL;
	hashmap_fini(&recent->map);
}

static uint64_t hash_of(const struct recent *recent, const struct address *address, uint32_t link)
{
	char key[1 + sizeof(address->bytes) + sizeof(link)];
	key[0] = (char)address->family;
	memcpy(key + 1, address->bytes, sizeof(address->bytes));
	memcpy(key + 1 + sizeof(address->bytes), &link, sizeof(link));
	return hashmap_hash(&recent->map, (struct slice){key, sizeof(key)});
}

static struct recent_host *find(
    const struct recent *recent, const struct address *address, uint32_t link, uint64_t hash)
{
	struct hashmap_node *node = hashmap_first(&recent->map, hash);
	for (; node; node = hashmap_next(node)) {
		struct recent_host *host = CONTAINER_OF(node, struct recent_host, node);
		if (host->link == link && address_equal(&host->address, address))
			return host;
	}
	return NULL;
}

static void unlink_host(struct recent *recent, struct recent_host *host)
{
	*(host->newer ? &host->newer->older : &recent->newest) = host->older;
	*(host->older ? &host->older->newer : &recent->oldest) = host->newer;
}

static void push_newest(struct recent *recent, struct recent_host *host)
{
	host->newer = NULL;
	host->older = recent->newest;
	*(host->older ? &host->older->newer : &recent->oldest) = host;
	recent->newest = host;
}

/* Memory for one more host: new as long as there may be more, else (or without memory) the
 * oldest's. */
static struct recent_host *make_room(struct recent *recent)
{
	struct recent_host *host = NULL;
	if (recent->map.count < recent->limit)
		host = malloc(recent->host_size);
	if (host || !recent->oldest)
		return host;
	host = recent->oldest;
	unlink_host(recent, host);
	hashmap_remove(&recent->map, &host->node);
	return host;
}

void *recent_find(const struct recent *recent, const struct address *address, uint32_t link)
{
	return find(recent, address, link, hash_of(recent, address, link));
}

void *recent_touch(struct recent *recent, const struct address *address, uint32_t link)
{
	uint64_t hash = hash_of(recent, address, link);
	struct recent_host *host = find(recent, address, link, hash);
	if (host) {
		unlink_host(recent, host);
	} else {
		host = make_room(recent);
		if (!host)
			return NULL;
		memset(host, 0, recent->host_size);
		host->address = *address;
		host->link = link;
		hashmap_insert(&recent->map, &host->node, hash);
	}
	push_newest(recent, host);
	return host;
}

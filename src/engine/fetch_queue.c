/* SPDX-License-Identifier: ISC
 * fetch_queue: the hosts in a heap by when they may be fetched from, and the pages of each in a
 * heap of its own by when they are due. */
#include "engine/fetch_queue.h"
#include "base/mac.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Lives while it has pages, and after that until its bucket is full again. */
struct fetch_host {
	struct hashmap_node by_address;
	struct heap_node by_ready; /* always inside; INSTANT_NEVER: running, held or idle pages */
	struct fetch_host *next_held; /* of those whose MAC has 8 fetches running */
	bool is_held;
	unsigned running;
	bool answered;            /* ever, since it was made */
	uint32_t link;            /* scope of a link-local address, else 0 */
	uint32_t heard_on;        /* the last link */
	struct instant full_from; /* when its bucket is full again */
	struct instant ended;     /* the last fetch from it; 0: none has */
	struct heap pages;
	struct address address;
};

int fetch_queue_init(struct fetch_queue *queue, const struct siphash_key *key)
{
	*queue = (struct fetch_queue){0};
	heap_init(&queue->ready);
	return hashmap_init(&queue->hosts, key);
}

static void host_free(struct fetch_queue *queue, struct fetch_host *host)
{
	struct fetch_host **at = &queue->held;

	while (host->is_held && *at != host)
		at = &(*at)->next_held;
	if (host->is_held)
		*at = host->next_held;
	hashmap_remove(&queue->hosts, &host->by_address);
	heap_remove(&queue->ready, &host->by_ready);
	heap_fini(&host->pages);
	free(host);
}

void fetch_queue_fini(struct fetch_queue *queue)
{
	for (struct heap_node *node; (node = heap_top(&queue->ready));)
		host_free(queue, CONTAINER_OF(node, struct fetch_host, by_ready));
	heap_fini(&queue->ready);
	hashmap_fini(&queue->hosts);
}

static uint64_t hash_of(
    const struct fetch_queue *queue, const struct address *address, uint32_t link)
{
	char key[sizeof(address->bytes) + sizeof(link)];
	memcpy(key, address->bytes, sizeof(address->bytes));
	memcpy(key + sizeof(address->bytes), &link, sizeof(link));
	return hashmap_hash(&queue->hosts, (struct slice){key, sizeof(key)});
}

static struct fetch_host *host_find(
    const struct fetch_queue *queue, const struct address *address, uint32_t link)
{
	struct hashmap_node *node = hashmap_first(&queue->hosts, hash_of(queue, address, link));
	for (; node; node = hashmap_next(node)) {
		struct fetch_host *host = CONTAINER_OF(node, struct fetch_host, by_address);
		if (host->link == link && address_equal(&host->address, address))
			return host;
	}
	return NULL;
}

/* NULL when out of memory. */
static struct fetch_host *host_new(
    struct fetch_queue *queue, const struct address *address, uint32_t link)
{
	struct fetch_host *host = malloc(sizeof(*host));
	if (!host)
		return NULL;
	*host = (struct fetch_host){.address = *address, .link = link, .heard_on = link};
	heap_init(&host->pages);
	heap_node_init(&host->by_ready);
	if (heap_insert(&queue->ready, &host->by_ready, INSTANT_NEVER.us) < 0) {
		free(host);
		return NULL;
	}
	hashmap_insert(&queue->hosts, &host->by_address, hash_of(queue, address, link));
	return host;
}

/* A bucket that is full again takes BURST pages at once; each costs one REFILL. */
static struct instant bucket_allows_from(const struct fetch_host *host)
{
	return instant_add(
	    host->full_from, -(FETCH_QUEUE_HOST_BURST - 1) * FETCH_QUEUE_HOST_REFILL);
}

/* When there is something to do about the host: fetch from it or, without pages, forget it. */
static struct instant ready_from(const struct fetch_host *host, struct instant now)
{
	const struct heap_node *page = heap_top(&host->pages);
	struct instant allowed = bucket_allows_from(host);
	if (!page)
		return host->full_from;
	if (host->running >= FETCH_QUEUE_HOST_ACTIVE_MAX || host->is_held)
		return INSTANT_NEVER;
	/* Hosts that were never fetched from come first, the newest page before others. */
	if (instant_due(allowed, now) && host->ended.us == 0)
		return (struct instant){page->key};
	allowed = instant_later(allowed, host->ended);
	return instant_later(allowed, (struct instant){page->key});
}

static void host_update(struct fetch_queue *queue, struct fetch_host *host, struct instant now)
{
	heap_update(&queue->ready, &host->by_ready, ready_from(host, now).us);
}

int fetch_queue_join(struct fetch_queue *queue, struct fetch_ticket *ticket,
    const struct address *address, uint32_t link, size_t hosts_max)
{
	struct fetch_host *host = host_find(queue, address, link);
	bool fresh = host == NULL;
	if (fresh && queue->hosts.count >= hosts_max + FETCH_QUEUE_HOSTS_MAX)
		return -ENOSPC;
	if (fresh)
		host = host_new(queue, address, link);
	*ticket = (struct fetch_ticket){.host = host};
	heap_node_init(&ticket->by_due);
	if (!host || heap_insert(&host->pages, &ticket->by_due, INSTANT_NEVER.us) < 0) {
		if (host && fresh)
			host_free(queue, host);
		return -ENOMEM;
	}
	return 0;
}

void fetch_queue_leave(struct fetch_queue *queue, struct fetch_ticket *ticket)
{
	struct fetch_host *host = ticket->host;
	heap_remove(&host->pages, &ticket->by_due);
	/* As if the bucket were full: fetch_queue_next looks once more. */
	host_update(queue, host, host->full_from);
}

void fetch_queue_heard(struct fetch_ticket *ticket, uint32_t link)
{
	ticket->host->heard_on = link;
}

const struct address *fetch_queue_address(const struct fetch_ticket *ticket)
{
	return &ticket->host->address;
}

void fetch_queue_want(
    struct fetch_queue *queue, struct fetch_ticket *ticket, struct instant due, struct instant now)
{
	ticket->due = due;
	if (ticket->number)
		return;
	heap_update(&ticket->host->pages, &ticket->by_due, due.us);
	host_update(queue, ticket->host, now);
}

static struct mac mac_of(const struct fetch_queue *queue, const struct fetch_host *host)
{
	if (!queue->find_mac)
		return (struct mac){0};
	return queue->find_mac(queue->mac_context, host->heard_on, &host->address);
}

/* True when as many fetches run as may to hosts behind this one's MAC that never answered. The
 * kernel learns a MAC by the fetch, so that of a running one is looked up until it is known. */
static bool has_its_fill(struct fetch_queue *queue, const struct fetch_host *host)
{
	struct mac mac = mac_of(queue, host);
	size_t count = 0;
	for (size_t i = 0; mac.known && i < FETCH_QUEUE_ACTIVE_MAX; i++) {
		struct fetch_place *place = &queue->places[i];
		if (!place->ticket || !place->unanswered)
			continue;
		if (!place->mac.known)
			place->mac = mac_of(queue, place->ticket->host);
		count += mac_equal(&place->mac, &mac);
	}
	return count >= FETCH_QUEUE_UNANSWERED_MAX;
}

static void hold(struct fetch_queue *queue, struct fetch_host *host)
{
	host->is_held = true;
	host->next_held = queue->held;
	queue->held = host;
	heap_update(&queue->ready, &host->by_ready, INSTANT_NEVER.us);
}

static void release_held(struct fetch_queue *queue, struct instant now)
{
	while (queue->held) {
		struct fetch_host *host = queue->held;
		queue->held = host->next_held;
		host->is_held = false;
		host_update(queue, host, now);
	}
}

static struct fetch_ticket *begin(
    struct fetch_queue *queue, struct fetch_host *host, struct instant now)
{
	struct fetch_place *place = queue->places;
	while (place->ticket)
		place++;
	struct fetch_ticket *ticket =
	    CONTAINER_OF(heap_top(&host->pages), struct fetch_ticket, by_due);
	*place = (struct fetch_place){.ticket = ticket, .unanswered = !host->answered};
	queue->active++;
	host->running++;
	host->full_from = instant_add(instant_later(host->full_from, now), FETCH_QUEUE_HOST_REFILL);
	fetch_queue_want(queue, ticket, INSTANT_NEVER, now);
	ticket->number = ++queue->last_number;
	return ticket;
}

struct fetch_ticket *fetch_queue_next(struct fetch_queue *queue, struct instant now)
{
	while (instant_due(fetch_queue_deadline(queue), now)) {
		struct fetch_host *host =
		    CONTAINER_OF(heap_top(&queue->ready), struct fetch_host, by_ready);
		struct instant from = ready_from(host, now);
		if (!instant_due(from, now))
			heap_update(&queue->ready, &host->by_ready, from.us);
		else if (!heap_top(&host->pages))
			host_free(queue, host);
		else if (!host->answered && has_its_fill(queue, host))
			hold(queue, host);
		else
			return begin(queue, host, now);
	}
	return NULL;
}

struct fetch_ticket *fetch_queue_find(const struct fetch_queue *queue, uint64_t number)
{
	for (size_t i = 0; i < FETCH_QUEUE_ACTIVE_MAX; i++) {
		struct fetch_ticket *ticket = queue->places[i].ticket;
		if (ticket && ticket->number == number)
			return ticket;
	}
	return NULL;
}

void fetch_queue_end(
    struct fetch_queue *queue, struct fetch_ticket *ticket, bool answered, struct instant now)
{
	struct fetch_host *host = ticket->host;
	for (size_t i = 0; i < FETCH_QUEUE_ACTIVE_MAX; i++)
		if (queue->places[i].ticket == ticket)
			queue->places[i] = (struct fetch_place){0};
	queue->active--;
	ticket->number = 0;
	host->running--;
	host->ended = now;
	host->answered |= answered;
	fetch_queue_want(queue, ticket, ticket->due, now);
	release_held(queue, now);
}

struct instant fetch_queue_deadline(const struct fetch_queue *queue)
{
	const struct heap_node *node = heap_top(&queue->ready);
	bool may_begin = queue->active < FETCH_QUEUE_ACTIVE_MAX;
	return node && may_begin ? (struct instant){node->key} : INSTANT_NEVER;
}

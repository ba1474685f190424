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
	/* Always inside; INSTANT_NEVER: running, held or idle pages, or it is in the other one. */
	struct heap_node by_ready, by_unresolved;
	struct fetch_host *next_held; /* of those whose MAC has 8 fetches running */
	TAILQ_ENTRY(fetch_host) of_waiting;
	struct instant postponed; /* when it was last */
	struct instant again;     /* when it may be tried again while it is not resolved */
	struct instant full_from; /* when its bucket is full again */
	struct instant ended;     /* the last fetch from it; 0: none has */
	struct heap pages;
	unsigned running;
	uint32_t link;     /* scope of a link-local address, else 0 */
	uint32_t heard_on; /* the last link */
	bool is_held, is_waiting;
	bool answered; /* ever, since it was made */
	bool resolved; /* as of the last look */
	struct address address;
};

int fetch_queue_init(struct fetch_queue *queue, const struct siphash_key *key)
{
	*queue = (struct fetch_queue){0};
	heap_init(&queue->ready);
	heap_init(&queue->unresolved);
	TAILQ_INIT(&queue->waiting);
	return hashmap_init(&queue->hosts, key);
}

static void set_waiting(struct fetch_queue *queue, struct fetch_host *host, bool waits)
{
	if (waits == host->is_waiting)
		return;
	host->is_waiting = waits;
	if (waits) {
		TAILQ_INSERT_TAIL(&queue->waiting, host, of_waiting);
		queue->waiting_count++;
	} else {
		TAILQ_REMOVE(&queue->waiting, host, of_waiting);
		queue->waiting_count--;
	}
}

static void host_free(struct fetch_queue *queue, struct fetch_host *host)
{
	struct fetch_host **at = &queue->held;

	while (host->is_held && *at != host)
		at = &(*at)->next_held;
	if (host->is_held)
		*at = host->next_held;
	set_waiting(queue, host, false);
	hashmap_remove(&queue->hosts, &host->by_address);
	heap_remove(&queue->ready, &host->by_ready);
	heap_remove(&queue->unresolved, &host->by_unresolved);
	heap_fini(&host->pages);
	free(host);
}

void fetch_queue_fini(struct fetch_queue *queue)
{
	for (struct heap_node *node; (node = heap_top(&queue->ready));)
		host_free(queue, CONTAINER_OF(node, struct fetch_host, by_ready));
	heap_fini(&queue->ready);
	heap_fini(&queue->unresolved);
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
	heap_node_init(&host->by_unresolved);
	if (heap_insert(&queue->ready, &host->by_ready, INSTANT_NEVER.us) < 0)
		goto failed;
	if (heap_insert(&queue->unresolved, &host->by_unresolved, INSTANT_NEVER.us) < 0) {
		heap_remove(&queue->ready, &host->by_ready);
		goto failed;
	}
	hashmap_insert(&queue->hosts, &host->by_address, hash_of(queue, address, link));
	return host;
failed:
	free(host);
	return NULL;
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
	if (host->running >= (host->resolved ? FETCH_QUEUE_HOST_ACTIVE_MAX : 1) || host->is_held)
		return INSTANT_NEVER;
	if (!host->resolved)
		allowed = instant_later(allowed, host->again);
	/* Hosts that were never fetched from come first, the newest page before others. */
	if (instant_due(allowed, now) && host->ended.us == 0)
		return (struct instant){page->key};
	allowed = instant_later(allowed, host->ended);
	return instant_later(allowed, (struct instant){page->key});
}

/* A host without pages waits among the resolved ones until it is forgotten. */
static void host_update(struct fetch_queue *queue, struct fetch_host *host, struct instant now)
{
	const struct heap_node *page = heap_top(&host->pages);
	bool is_ready = host->resolved || !page, is_wanted = page && page->key != INSTANT_NEVER.us;
	set_waiting(queue, host, !is_ready && is_wanted && !host->running && !host->answered);
	int64_t from = ready_from(host, now).us;
	heap_update(&queue->ready, &host->by_ready, is_ready ? from : INSTANT_NEVER.us);
	heap_update(&queue->unresolved, &host->by_unresolved, is_ready ? INSTANT_NEVER.us : from);
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

static bool is_resolved(
    const struct fetch_queue *queue, const struct fetch_host *host, struct mac *mac)
{
	*mac = (struct mac){0};
	return !queue->find_mac ||
	       queue->find_mac(queue->mac_context, host->heard_on, &host->address, mac);
}

void fetch_queue_want(
    struct fetch_queue *queue, struct fetch_ticket *ticket, struct instant due, struct instant now)
{
	struct fetch_host *host = ticket->host;
	ticket->due = due;
	if (due.us < 0 && host->is_waiting)
		set_waiting(queue, host, false); /* to be the last one */
	if (due.us < 0)
		host->again = instant_earlier(
		    host->again, instant_add(host->postponed, FETCH_QUEUE_POSTPONED_GAP));
	if (ticket->number)
		return;
	struct mac mac;
	host->resolved = host->resolved || is_resolved(queue, host, &mac);
	heap_update(&host->pages, &ticket->by_due, due.us);
	host_update(queue, host, now);
}

static void resolve(struct fetch_queue *queue, struct fetch_place *place, struct instant now)
{
	queue->unresolved_active -= place->unresolved;
	place->unresolved = false;
	place->ticket->host->resolved = true;
	host_update(queue, place->ticket->host, now);
}

/* The kernel learns a MAC by the fetch, so that of a running one is looked up until it is known. */
static void look_up_places(struct fetch_queue *queue, struct instant now)
{
	for (size_t i = 0; i < FETCH_QUEUE_ACTIVE_MAX; i++) {
		struct fetch_place *place = &queue->places[i];
		if (place->ticket && !place->mac.known &&
		    is_resolved(queue, place->ticket->host, &place->mac) && place->unresolved)
			resolve(queue, place, now);
	}
}

/* True when as many fetches run as may to hosts behind this MAC that never answered. */
static bool has_its_fill(const struct fetch_queue *queue, const struct mac *mac)
{
	size_t count = 0;
	for (size_t i = 0; mac->known && i < FETCH_QUEUE_ACTIVE_MAX; i++) {
		const struct fetch_place *place = &queue->places[i];
		count += place->ticket && place->unanswered && mac_equal(&place->mac, mac);
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

static struct fetch_place *place_of(struct fetch_queue *queue, const struct fetch_ticket *ticket)
{
	struct fetch_place *place = queue->places;
	while (place->ticket != ticket)
		place++;
	return place;
}

static struct fetch_ticket *begin(
    struct fetch_queue *queue, struct fetch_host *host, const struct mac *mac, struct instant now)
{
	struct fetch_place *place = place_of(queue, NULL);
	struct fetch_ticket *ticket =
	    CONTAINER_OF(heap_top(&host->pages), struct fetch_ticket, by_due);
	*place = (struct fetch_place){
	    .ticket = ticket,
	    .begun = now,
	    .wanted = ticket->due,
	    .mac = *mac,
	    .unanswered = !host->answered,
	    .unresolved = !host->resolved,
	};
	queue->active++;
	if (place->unresolved) {
		queue->unresolved_active++;
		queue->unresolved_full = instant_add(
		    instant_later(queue->unresolved_full, now), FETCH_QUEUE_UNRESOLVED_REFILL);
	}
	host->running++;
	host->full_from = instant_add(instant_later(host->full_from, now), FETCH_QUEUE_HOST_REFILL);
	fetch_queue_want(queue, ticket, INSTANT_NEVER, now);
	ticket->number = ++queue->last_number;
	return ticket;
}

/* When another fetch from a host that is not resolved may begin; a bucket as that of a host. */
static struct instant unresolved_allowed_from(const struct fetch_queue *queue)
{
	if (queue->unresolved_active >= FETCH_QUEUE_UNRESOLVED_MAX ||
	    queue->active >= FETCH_QUEUE_ACTIVE_MAX)
		return INSTANT_NEVER;
	return instant_add(queue->unresolved_full,
	    -(FETCH_QUEUE_UNRESOLVED_MAX - 1) * FETCH_QUEUE_UNRESOLVED_REFILL);
}

static struct instant resolved_from(const struct fetch_queue *queue)
{
	const struct heap_node *node = heap_top(&queue->ready);
	bool may_begin = queue->active - queue->unresolved_active < FETCH_QUEUE_RESOLVED_MAX &&
			 queue->active < FETCH_QUEUE_ACTIVE_MAX;
	return node && may_begin ? (struct instant){node->key} : INSTANT_NEVER;
}

static struct instant unresolved_from(const struct fetch_queue *queue)
{
	const struct heap_node *node = heap_top(&queue->unresolved);
	return node ? instant_later((struct instant){node->key}, unresolved_allowed_from(queue))
		    : INSTANT_NEVER;
}

/* The host to be looked at next, or NULL. */
static struct fetch_host *first_host(const struct fetch_queue *queue, struct instant now)
{
	if (instant_due(resolved_from(queue), now))
		return CONTAINER_OF(heap_top(&queue->ready), struct fetch_host, by_ready);
	if (instant_due(unresolved_from(queue), now))
		return CONTAINER_OF(heap_top(&queue->unresolved), struct fetch_host, by_unresolved);
	return NULL;
}

struct fetch_ticket *fetch_queue_next(struct fetch_queue *queue, struct instant now)
{
	struct fetch_host *host;
	struct mac mac;
	look_up_places(queue, now);
	while ((host = first_host(queue, now))) {
		bool was_resolved = host->resolved;
		host->resolved = is_resolved(queue, host, &mac);
		if (host->resolved != was_resolved || !instant_due(ready_from(host, now), now))
			host_update(queue, host, now);
		else if (!heap_top(&host->pages))
			host_free(queue, host);
		else if (!host->answered && has_its_fill(queue, &mac))
			hold(queue, host);
		else
			return begin(queue, host, &mac, now);
	}
	return NULL;
}

struct fetch_ticket *fetch_queue_surplus(const struct fetch_queue *queue)
{
	const struct fetch_host *host = TAILQ_FIRST(&queue->waiting);
	if (queue->waiting_count <= FETCH_QUEUE_WAITING_MAX)
		return NULL;
	return CONTAINER_OF(heap_top(&host->pages), struct fetch_ticket, by_due);
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

static void leave_place(struct fetch_queue *queue, struct fetch_ticket *ticket)
{
	struct fetch_place *place = place_of(queue, ticket);
	queue->unresolved_active -= place->unresolved;
	queue->active--;
	ticket->number = 0;
	ticket->host->running--;
	*place = (struct fetch_place){0};
}

void fetch_queue_end(
    struct fetch_queue *queue, struct fetch_ticket *ticket, bool answered, struct instant now)
{
	struct fetch_host *host = ticket->host;
	leave_place(queue, ticket);
	host->ended = now;
	host->answered |= answered;
	fetch_queue_want(queue, ticket, ticket->due, now);
	release_held(queue, now);
}

static struct instant late_from(const struct fetch_place *place)
{
	return place->unresolved ? instant_add(place->begun, FETCH_QUEUE_RESOLVE_TIME)
				 : INSTANT_NEVER;
}

struct fetch_ticket *fetch_queue_late(struct fetch_queue *queue, struct instant now)
{
	look_up_places(queue, now);
	for (size_t i = 0; i < FETCH_QUEUE_ACTIVE_MAX; i++)
		if (instant_due(late_from(&queue->places[i]), now))
			return queue->places[i].ticket;
	return NULL;
}

void fetch_queue_connected(struct fetch_queue *queue, struct fetch_ticket *ticket)
{
	struct fetch_place *place = place_of(queue, ticket);
	queue->unresolved_active -= place->unresolved;
	place->unresolved = false;
}

void fetch_queue_postpone(
    struct fetch_queue *queue, struct fetch_ticket *ticket, struct instant now)
{
	struct fetch_host *host = ticket->host;
	struct instant wanted = place_of(queue, ticket)->wanted;
	leave_place(queue, ticket);
	host->full_from = instant_add(host->full_from, -FETCH_QUEUE_HOST_REFILL);
	bool announced = ticket->due.us < 0;
	fetch_queue_want(queue, ticket, instant_earlier(ticket->due, wanted), now);
	host->postponed = now;
	host->again =
	    instant_add(now, announced ? FETCH_QUEUE_POSTPONED_GAP : FETCH_QUEUE_POSTPONED);
	host_update(queue, host, now);
	release_held(queue, now);
}

void fetch_queue_learn_mac(
    struct fetch_queue *queue, struct instant now, uint32_t link, const struct address *address)
{
	uint32_t scope = address_is_link_local(address) ? link : 0;
	struct fetch_host *host = host_find(queue, address, scope);
	struct mac mac;

	if (host && heap_top(&host->pages) && !host->resolved && is_resolved(queue, host, &mac)) {
		host->resolved = true;
		host_update(queue, host, now);
	}
	look_up_places(queue, now);
}

struct instant fetch_queue_deadline(const struct fetch_queue *queue)
{
	struct instant deadline = instant_earlier(resolved_from(queue), unresolved_from(queue));
	for (size_t i = 0; queue->unresolved_active > 0 && i < FETCH_QUEUE_ACTIVE_MAX; i++)
		deadline = instant_earlier(deadline, late_from(&queue->places[i]));
	return deadline;
}

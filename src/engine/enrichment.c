/* SPDX-License-Identifier: ISC
 * enrichment: subjects by id, the pages that they announced by LOCATION, and the pages in a heap by
 * when they are due. */
#include "engine/enrichment.h"
#include "base/hashmap.h"
#include "base/heap.h"
#include "engine/recent.h"
#include "wire/url.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PORT_MEMORY SECONDS(3600)
#define RETRY_FIRST SECONDS(30)
#define RETRY_LAST  SECONDS(3600)

enum { COUNT_FETCHES, COUNT_READ, COUNT_FAILED, COUNT_REFUSED, COUNT_FULL, COUNTERS };
static const char *const COUNTER_NAMES[COUNTERS] = {
    [COUNT_FETCHES] = "fetches",
    [COUNT_READ] = "read",
    [COUNT_FAILED] = "failed",
    [COUNT_REFUSED] = "refused",
    [COUNT_FULL] = "full",
};

/* BOOTID and CONFIGID as far as they are known. */
struct version {
	bool has_boot_id, has_config_id;
	uint32_t boot_id, config_id;
};

struct subject {
	struct hashmap_node by_id;
	struct subject *next; /* of the same page */
	struct page *page;
	struct version version; /* last considered */
	bool told;              /* was with its page when that was read */
	char id[];
};

/* One LOCATION; lives as long as it has subjects or is being fetched. */
struct page {
	struct hashmap_node by_location;
	struct heap_node by_due; /* always inside; INSTANT_NEVER when nothing is wanted */
	struct subject *subjects;
	struct endpoint to;
	uint32_t link;          /* scope of a link-local address, else 0 */
	struct version version; /* that is to be read, or was */
	uint64_t number;        /* of the running fetch, else 0 */
	bool read;
	unsigned failures;
	const char *path; /* behind the LOCATION */
	char location[];
};

struct used_port {
	uint16_t port;
	struct instant until; /* remembered; zero: free */
};

struct destination {
	struct recent_host host;
	struct instant rested; /* when it may be fetched from again */
	struct used_port ports[ENRICHMENT_PORTS_MAX];
};

struct enrichment {
	struct hashmap subjects, pages;
	struct heap due;
	struct recent destinations;
	struct page *running[ENRICHMENT_ACTIVE_MAX];
	size_t active;
	uint64_t last_number;
	size_t capacity;
	struct rng *rng;
	struct counter counters[COUNTERS];
};

struct enrichment *enrichment_new(size_t capacity, const struct siphash_key *key, struct rng *rng)
{
	struct enrichment *e = malloc(sizeof(*e));
	if (!e)
		return NULL;
	*e = (struct enrichment){.capacity = capacity, .rng = rng};
	counters_init(e->counters, COUNTER_NAMES, COUNTERS);
	heap_init(&e->due);
	int subjects = hashmap_init(&e->subjects, key);
	int pages = hashmap_init(&e->pages, key);
	int destinations = recent_init(
	    &e->destinations, ENRICHMENT_DESTINATIONS_MAX, sizeof(struct destination), key);
	if (subjects < 0 || pages < 0 || destinations < 0) {
		enrichment_free(e);
		return NULL;
	}
	return e;
}

static void page_free(struct enrichment *e, struct page *page)
{
	hashmap_remove(&e->pages, &page->by_location);
	heap_remove(&e->due, &page->by_due);
	free(page);
}

/* The page stays while it is being fetched: somebody may come back to it. */
static void subject_leave_page(struct enrichment *e, struct subject *subject)
{
	struct page *page = subject->page;
	struct subject **at = &page->subjects;
	while (*at != subject)
		at = &(*at)->next;
	*at = subject->next;
	if (!page->subjects && !page->number)
		page_free(e, page);
}

static void subject_join_page(struct subject *subject, struct page *page)
{
	subject->page = page;
	subject->told = false;
	subject->next = page->subjects;
	page->subjects = subject;
}

static void subject_free(struct enrichment *e, struct subject *subject)
{
	subject_leave_page(e, subject);
	hashmap_remove(&e->subjects, &subject->by_id);
	free(subject);
}

void enrichment_free(struct enrichment *e)
{
	if (!e)
		return;
	for (struct heap_node *node; (node = heap_top(&e->due));) {
		struct page *page = CONTAINER_OF(node, struct page, by_due);
		for (struct subject *subject; (subject = page->subjects);) {
			page->subjects = subject->next;
			free(subject);
		}
		page_free(e, page);
	}
	heap_fini(&e->due);
	hashmap_fini(&e->subjects);
	hashmap_fini(&e->pages);
	recent_fini(&e->destinations);
	free(e);
}

void enrichment_set_capacity(struct enrichment *e, size_t capacity)
{
	e->capacity = capacity;
}

static struct subject *subject_find(const struct enrichment *e, struct slice id)
{
	uint64_t hash = hashmap_hash(&e->subjects, id);
	struct hashmap_node *node = hashmap_first(&e->subjects, hash);
	for (; node; node = hashmap_next(node)) {
		struct subject *subject = CONTAINER_OF(node, struct subject, by_id);
		if (slice_equal(slice_of(subject->id), id))
			return subject;
	}
	return NULL;
}

static struct page *page_find(const struct enrichment *e, struct slice location, uint32_t link)
{
	uint64_t hash = hashmap_hash(&e->pages, location);
	struct hashmap_node *node = hashmap_first(&e->pages, hash);
	for (; node; node = hashmap_next(node)) {
		struct page *page = CONTAINER_OF(node, struct page, by_location);
		if (page->link == link && slice_equal(slice_of(page->location), location))
			return page;
	}
	return NULL;
}

/* What a LOCATION came down to. */
struct target {
	struct endpoint to;
	uint32_t link;
	struct slice location, path;
};

/* NULL when out of memory. Nobody waits for it yet. */
static struct page *page_new(struct enrichment *e, const struct target *target)
{
	size_t location_len = target->location.len, path_len = target->path.len;
	struct page *page = malloc(sizeof(*page) + location_len + 1 + path_len + 1);
	if (!page)
		return NULL;
	*page = (struct page){.to = target->to, .link = target->link};
	char *path = page->location + location_len + 1;
	memcpy(page->location, target->location.bytes, location_len);
	page->location[location_len] = '\0';
	memcpy(path, target->path.bytes, path_len);
	path[path_len] = '\0';
	page->path = path;
	heap_node_init(&page->by_due);
	if (heap_insert(&e->due, &page->by_due, INSTANT_NEVER.us) < 0) {
		free(page);
		return NULL;
	}
	hashmap_insert(&e->pages, &page->by_location, hashmap_hash(&e->pages, target->location));
	return page;
}

/* NULL when out of memory. It has no page yet. */
static struct subject *subject_new(struct enrichment *e, struct slice id)
{
	struct subject *subject = malloc(sizeof(*subject) + id.len + 1);
	if (!subject)
		return NULL;
	*subject = (struct subject){0};
	memcpy(subject->id, id.bytes, id.len);
	subject->id[id.len] = '\0';
	hashmap_insert(&e->subjects, &subject->by_id, hashmap_hash(&e->subjects, id));
	return subject;
}

static bool version_changed(const struct version *known, const struct version *seen)
{
	return (known->has_boot_id && seen->has_boot_id && known->boot_id != seen->boot_id) ||
	       (known->has_config_id && seen->has_config_id && known->config_id != seen->config_id);
}

/* Takes over what was not known. */
static void version_learn(struct version *known, const struct version *seen)
{
	if (seen->has_boot_id && !known->has_boot_id) {
		known->has_boot_id = true;
		known->boot_id = seen->boot_id;
	}
	if (seen->has_config_id && !known->has_config_id) {
		known->has_config_id = true;
		known->config_id = seen->config_id;
	}
}

/* The rules of enrichment_consider for a LOCATION. */
static int check_location(const struct enrichment_subject *subject, const struct link_set *own,
    uint16_t own_port, struct target *target)
{
	struct url url;
	struct address host;
	if (subject->id.len == 0 || subject->id.len > ENRICHMENT_ID_MAX ||
	    subject->location.len > ENRICHMENT_URL_MAX || url_parse(subject->location, &url) < 0 ||
	    !slice_equal_nocase(url.scheme, SLICE("http")) || address_parse(url.host, &host) < 0)
		return -EINVAL;
	if (!address_equal(&host, &subject->from) || !address_is_unicast(&host) ||
	    address_is_loopback(&host))
		return -EPERM;
	if (link_set_has_address(own, &host) &&
	    (host.family != ADDRESS_IPV4 || url.port == own_port))
		return -EPERM;
	*target = (struct target){
	    .to = {host, url.port},
	    .link = address_is_link_local(&host) ? subject->link : 0,
	    .location = subject->location,
	    .path = url.path,
	};
	return 0;
}

/* The newest first: whoever comes after a flood of forged LOCATIONs need not wait until each of
 * them has failed. */
static void page_want(struct enrichment *e, struct page *page, struct instant now)
{
	page->read = false;
	page->failures = 0;
	heap_update(&e->due, &page->by_due, -now.us);
}

/* Ties the subject to its page, which is wanted if it or its version is new. */
static int settle(struct enrichment *e, struct instant now, struct slice id,
    const struct target *target, const struct version *version)
{
	struct subject *subject = subject_find(e, id);
	if (!subject && e->subjects.count >= e->capacity) {
		e->counters[COUNT_FULL].value++;
		return -ENOSPC;
	}
	struct page *page = page_find(e, target->location, target->link);
	bool fresh = page == NULL;
	if (fresh)
		page = page_new(e, target);
	if (page && !subject)
		subject = subject_new(e, id);
	if (!page || !subject) {
		if (page && fresh)
			page_free(e, page);
		return -ENOMEM;
	}
	if (subject->page != page) {
		if (subject->page)
			subject_leave_page(e, subject);
		subject_join_page(subject, page);
	}
	subject->version = *version;
	/* Whoever comes to a page after it was read has not heard what it says of him. */
	if (fresh || version_changed(&page->version, version) || (page->read && !subject->told)) {
		page->version = *version;
		page_want(e, page, now);
	}
	version_learn(&page->version, version);
	return 0;
}

int enrichment_consider(struct enrichment *e, struct instant now,
    const struct enrichment_subject *seen, const struct link_set *own, uint16_t own_port)
{
	struct version version = {
	    seen->has_boot_id, seen->has_config_id, seen->boot_id, seen->config_id};
	struct subject *subject = subject_find(e, seen->id);
	if (subject && slice_equal(slice_of(subject->page->location), seen->location) &&
	    !version_changed(&subject->version, &version)) {
		/* A device that is heard by two links of one network must not be read in turns. */
		struct page *page = subject->page;
		version_learn(&subject->version, &version);
		version_learn(&page->version, &version);
		if (page->read || page->link == 0 || page->link == seen->link)
			return 0;
	}
	struct target target;
	int error = check_location(seen, own, own_port, &target);
	if (error < 0) {
		e->counters[COUNT_REFUSED].value++;
		return error;
	}
	return settle(e, now, seen->id, &target, &version);
}

void enrichment_forget(struct enrichment *e, struct slice id)
{
	struct subject *subject = subject_find(e, id);
	if (subject)
		subject_free(e, subject);
}

/* A slot of e->running; NULL when there is none. `number` 0 gives one that is free. */
static struct page **running_slot(struct enrichment *e, uint64_t number)
{
	for (size_t i = 0; i < ENRICHMENT_ACTIVE_MAX; i++)
		if ((e->running[i] ? e->running[i]->number : 0) == number)
			return &e->running[i];
	return NULL;
}

static struct page *page_in_fetch(const struct enrichment *e, uint64_t number)
{
	for (size_t i = 0; i < ENRICHMENT_ACTIVE_MAX; i++)
		if (number && e->running[i] && e->running[i]->number == number)
			return e->running[i];
	return NULL;
}

static bool is_being_read(const struct enrichment *e, const struct page *page)
{
	for (size_t i = 0; i < ENRICHMENT_ACTIVE_MAX; i++) {
		const struct page *other = e->running[i];
		if (other && other->link == page->link &&
		    address_equal(&other->to.address, &page->to.address))
			return true;
	}
	return false;
}

/* The slot that remembers this port or, without one, the slot whose memory ends first. */
static struct used_port *port_slot(struct destination *destination, uint16_t port)
{
	struct used_port *best = &destination->ports[0];
	for (size_t i = 0; i < ENRICHMENT_PORTS_MAX; i++) {
		struct used_port *slot = &destination->ports[i];
		if (slot->port == port)
			return slot;
		if (instant_before(slot->until, best->until))
			best = slot;
	}
	return best;
}

/* When the destination's limits let this page be fetched. */
static struct instant allowed_from(
    struct enrichment *e, const struct page *page, struct instant now)
{
	if (is_being_read(e, page))
		return instant_add(now, ENRICHMENT_PAUSE);
	struct destination *destination =
	    recent_find(&e->destinations, &page->to.address, page->link);
	if (!destination) {
		const struct destination *leaves = recent_next_to_go(&e->destinations);
		return leaves ? leaves->rested : now;
	}
	const struct used_port *slot = port_slot(destination, page->to.port);
	if (slot->port == page->to.port)
		return destination->rested;
	return instant_later(destination->rested, slot->until);
}

/* False when out of memory. */
static bool begin(struct enrichment *e, struct instant now, struct page *page, struct page **slot)
{
	struct destination *destination =
	    recent_touch(&e->destinations, &page->to.address, page->link);
	if (!destination)
		return false;
	destination->rested = instant_add(now, ENRICHMENT_PAUSE);
	*port_slot(destination, page->to.port) =
	    (struct used_port){page->to.port, instant_add(now, PORT_MEMORY)};
	page->number = ++e->last_number;
	heap_update(&e->due, &page->by_due, INSTANT_NEVER.us);
	*slot = page;
	e->active++;
	e->counters[COUNT_FETCHES].value++;
	return true;
}

bool enrichment_next(struct enrichment *e, struct instant now, struct enrichment_fetch *fetch)
{
	struct page **slot = running_slot(e, 0);
	struct heap_node *node;
	while (
	    slot && (node = heap_top(&e->due)) && instant_due((struct instant){node->key}, now)) {
		struct page *page = CONTAINER_OF(node, struct page, by_due);
		struct instant from = allowed_from(e, page, now);
		if (instant_due(from, now)) {
			if (begin(e, now, page, slot)) {
				*fetch = (struct enrichment_fetch){
				    .number = page->number,
				    .id = page->subjects->id,
				    .location = page->location,
				    .to = page->to,
				    .link = page->link,
				    .path = page->path,
				};
				return true;
			}
			from = instant_add(now, ENRICHMENT_PAUSE);
		}
		heap_update(&e->due, node, from.us);
	}
	return false;
}

bool enrichment_vouches(const struct enrichment *e, uint64_t number, struct slice id)
{
	struct page *page = page_in_fetch(e, number);
	const struct subject *subject = page ? page->subjects : NULL;
	while (subject && !slice_equal_nocase(slice_of(subject->id), id))
		subject = subject->next;
	return subject != NULL;
}

void enrichment_config_id(struct enrichment *e, uint64_t number, uint32_t config_id)
{
	const struct version read = {.has_config_id = true, .config_id = config_id};
	struct page *page = page_in_fetch(e, number);
	if (!page)
		return;
	version_learn(&page->version, &read);
	for (struct subject *subject = page->subjects; subject; subject = subject->next)
		version_learn(&subject->version, &read);
}

static struct instant next_try(struct enrichment *e, struct page *page, struct instant now)
{
	int64_t pause = RETRY_FIRST;
	for (unsigned i = 0; i < page->failures && pause < RETRY_LAST; i++)
		pause *= 2;
	if (pause < RETRY_LAST)
		page->failures++;
	else
		pause = RETRY_LAST;
	return instant_add(now, rng_around(e->rng, pause));
}

bool enrichment_done(struct enrichment *e, struct instant now, uint64_t number, bool success)
{
	struct page *page = page_in_fetch(e, number);
	if (!page)
		return false;
	*running_slot(e, number) = NULL;
	e->active--;
	page->number = 0;
	e->counters[success ? COUNT_READ : COUNT_FAILED].value++;
	if (!page->subjects) {
		page_free(e, page);
		return false;
	}
	if (success) {
		page->read = true;
		page->failures = 0;
		for (struct subject *subject = page->subjects; subject; subject = subject->next)
			subject->told = true;
	} else {
		heap_update(&e->due, &page->by_due, next_try(e, page, now).us);
	}
	return true;
}

struct instant enrichment_deadline(const struct enrichment *e)
{
	const struct heap_node *node = heap_top(&e->due);
	bool may_begin = e->active < ENRICHMENT_ACTIVE_MAX;
	return node && may_begin ? (struct instant){node->key} : INSTANT_NEVER;
}

struct counter_group enrichment_counters(const struct enrichment *e)
{
	return (struct counter_group){"enrichment", e->counters, COUNTERS};
}

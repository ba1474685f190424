/* SPDX-License-Identifier: ISC
 * enrichment: subjects by number, and the pages that they announced by URL, which wait in a
 * fetch_queue. */
#include "engine/enrichment.h"
#include "engine/page_target.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_LAST SECONDS(3600)

enum {
	COUNT_FETCHES,
	COUNT_POSTPONED,
	COUNT_FORGOTTEN,
	COUNT_READ,
	COUNT_CUT,
	COUNT_FAILED,
	COUNT_UNANSWERED,
	COUNT_REFUSED,
	COUNT_FULL,
	COUNT_OUT_OF_MEMORY,
	COUNTERS
};
static const char *const COUNTER_NAMES[COUNTERS] = {
    [COUNT_FETCHES] = "fetches",
    [COUNT_POSTPONED] = "postponed",
    [COUNT_FORGOTTEN] = "forgotten",
    [COUNT_READ] = "read",
    [COUNT_CUT] = "cut",
    [COUNT_FAILED] = "failed",
    [COUNT_UNANSWERED] = "unanswered",
    [COUNT_REFUSED] = "refused",
    [COUNT_FULL] = "full",
    [COUNT_OUT_OF_MEMORY] = "out-of-memory",
};

/* Epoch and revision as far as they are known. */
struct version {
	bool has_epoch, has_revision;
	uint32_t epoch, revision;
};

/* That a subject announces a page, or did before the present one. */
struct claim {
	struct subject *subject;
	struct page *page;  /* NULL: none */
	struct claim *next; /* of the same page */
	bool is_current;
	bool has_facts; /* got those of the present version of the page */
};

struct subject {
	struct hashmap_node by_number;
	struct claim claims[2]; /* the former one only at the same host */
	struct claim *current;
	struct version version; /* last considered */
	uint64_t number;
};

/* One URL; lives as long as it has claims or is being fetched. */
struct page {
	struct hashmap_node by_url;
	struct fetch_ticket ticket;
	struct claim *claims;
	uint16_t port;
	uint32_t link;          /* scope of a link-local address, else 0 */
	struct version version; /* that is to be read, or was */
	bool read;
	unsigned failures;
	struct instant ended; /* the last failure */
	const struct page_form *form;
	const char *path; /* behind the URL */
	char url[];
};

struct enrichment {
	struct hashmap subjects, pages;
	struct fetch_queue queue;
	size_t capacity;
	bool is_crowded; /* pages were forgotten since enrichment_was_crowded */
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
	int subjects = hashmap_init(&e->subjects, key);
	int pages = hashmap_init(&e->pages, key);
	int queue = fetch_queue_init(&e->queue, key);
	if (subjects < 0 || pages < 0 || queue < 0) {
		enrichment_free(e);
		return NULL;
	}
	return e;
}

static void node_free_subject(struct hashmap_node *node)
{
	free(CONTAINER_OF(node, struct subject, by_number));
}

static void node_free_page(struct hashmap_node *node)
{
	free(CONTAINER_OF(node, struct page, by_url));
}

void enrichment_free(struct enrichment *e)
{
	if (!e)
		return;
	fetch_queue_fini(&e->queue);
	hashmap_empty(&e->subjects, node_free_subject);
	hashmap_empty(&e->pages, node_free_page);
	hashmap_fini(&e->subjects);
	hashmap_fini(&e->pages);
	free(e);
}

void enrichment_set_mac_finder(struct enrichment *e, fetch_queue_mac_fn *find_mac, void *context)
{
	e->queue.find_mac = find_mac;
	e->queue.mac_context = context;
}

static void page_free(struct enrichment *e, struct page *page)
{
	hashmap_remove(&e->pages, &page->by_url);
	fetch_queue_leave(&e->queue, &page->ticket);
	free(page);
}

/* The page stays while it is being fetched: a subject may come back to it. */
static void claim_drop(struct enrichment *e, struct claim *claim)
{
	struct page *page = claim->page;
	if (!page)
		return;
	struct claim **at = &page->claims;
	while (*at != claim)
		at = &(*at)->next;
	*at = claim->next;
	claim->page = NULL;
	if (!page->claims && !page->ticket.number)
		page_free(e, page);
}

static void subject_free(struct enrichment *e, struct subject *subject)
{
	claim_drop(e, &subject->claims[0]);
	claim_drop(e, &subject->claims[1]);
	hashmap_remove(&e->subjects, &subject->by_number);
	free(subject);
}

void enrichment_set_capacity(struct enrichment *e, size_t capacity)
{
	e->capacity = capacity;
}

static struct subject *subject_find(const struct enrichment *e, uint64_t number)
{
	struct hashmap_node *node = hashmap_first(&e->subjects, number);
	return node ? CONTAINER_OF(node, struct subject, by_number) : NULL;
}

static struct page *page_find(
    const struct enrichment *e, struct slice url, uint32_t link, const struct page_form *form)
{
	uint64_t hash = hashmap_hash(&e->pages, url);
	struct hashmap_node *node = hashmap_first(&e->pages, hash);
	for (; node; node = hashmap_next(node)) {
		struct page *page = CONTAINER_OF(node, struct page, by_url);
		if (page->link == link && page->form == form &&
		    slice_equal(slice_of(page->url), url))
			return page;
	}
	return NULL;
}

/* 0, -ENOSPC, -ENOMEM. It has no claim yet. */
static int page_new(struct enrichment *e, const struct page_target *target, struct page **out)
{
	size_t url_len = target->url.len, path_len = target->path.len;
	struct page *page = malloc(sizeof(*page) + url_len + 1 + path_len + 1);
	if (!page)
		return -ENOMEM;
	*page = (struct page){.port = target->to.port, .link = target->link, .form = target->form};
	char *path = page->url + url_len + 1;
	memcpy(page->url, target->url.bytes, url_len);
	page->url[url_len] = '\0';
	memcpy(path, target->path.bytes, path_len);
	path[path_len] = '\0';
	page->path = path;
	int error = fetch_queue_join(
	    &e->queue, &page->ticket, &target->to.address, target->link, e->capacity);
	if (error < 0) {
		free(page);
		return error;
	}
	hashmap_insert(&e->pages, &page->by_url, hashmap_hash(&e->pages, target->url));
	*out = page;
	return 0;
}

/* NULL when out of memory. It has no page yet. */
static struct subject *subject_new(struct enrichment *e, uint64_t number)
{
	struct subject *subject = malloc(sizeof(*subject));
	if (!subject)
		return NULL;
	*subject = (struct subject){.current = subject->claims, .number = number};
	subject->claims[0].subject = subject->claims[1].subject = subject;
	hashmap_insert(&e->subjects, &subject->by_number, number);
	return subject;
}

static bool version_changed(const struct version *known, const struct version *seen)
{
	return (known->has_epoch && seen->has_epoch && known->epoch != seen->epoch) ||
	       (known->has_revision && seen->has_revision && known->revision != seen->revision);
}

/* Takes over what was not known. */
static void version_learn(struct version *known, const struct version *seen)
{
	if (seen->has_epoch && !known->has_epoch) {
		known->has_epoch = true;
		known->epoch = seen->epoch;
	}
	if (seen->has_revision && !known->has_revision) {
		known->has_revision = true;
		known->revision = seen->revision;
	}
}

/* The newest first: a device that comes after a flood of forged URLs need not wait until each
 * of them has failed. */
static void page_want(struct enrichment *e, struct page *page, struct instant now)
{
	page->read = false;
	page->failures = 0;
	fetch_queue_want(&e->queue, &page->ticket, (struct instant){-now.us}, now);
}

/* The page has another version: what its subjects know of it is out of date. */
static void page_changed(
    struct enrichment *e, struct page *page, const struct version *version, struct instant now)
{
	page->version = *version;
	for (struct claim *claim = page->claims; claim; claim = claim->next)
		claim->has_facts = false;
	page_want(e, page, now);
}

/* Before the next try of a page that failed this often; not varied. */
static int64_t retry_pause(unsigned failures)
{
	static const int64_t FIRST[] = {SECONDS(1), SECONDS(3), SECONDS(10)};
	int64_t pause = SECONDS(30);
	if (failures <= 3)
		return FIRST[failures ? failures - 1 : 0];
	while (--failures > 3 && pause < RETRY_LAST)
		pause *= 2;
	return pause < RETRY_LAST ? pause : RETRY_LAST;
}

/* The page is announced again. One that does not answer announcements for an hour is not asked
 * after each of them. */
static void page_hasten(struct enrichment *e, struct page *page, struct instant now)
{
	int64_t gap = retry_pause(page->failures) / 10;
	if (page->read || page->ticket.number)
		return;
	if (!page->failures) {
		page_want(e, page, now);
		return;
	}
	struct instant due =
	    instant_add(page->ended, gap > ENRICHMENT_RETRY_GAP ? gap : ENRICHMENT_RETRY_GAP);
	if (instant_before(due, (struct instant){page->ticket.by_due.key}))
		fetch_queue_want(&e->queue, &page->ticket, due, now);
}

static bool is_claimed(const struct page *page)
{
	const struct claim *claim = page->claims;
	while (claim && !claim->is_current)
		claim = claim->next;
	return claim != NULL;
}

/* Makes this page the current one of the subject. The one before is kept when it is of the same
 * host, so that a device that announces two in turn has neither read each time. */
static void subject_turn(
    struct enrichment *e, struct subject *subject, struct page *page, struct instant now)
{
	struct claim *before = subject->current, *claim = &subject->claims[0];
	struct page *left = before->page;
	before->is_current = false;
	claim += claim == before;
	if (claim->page != page) {
		claim_drop(e, claim);
		*claim = (struct claim){.subject = subject, .page = page, .next = page->claims};
		page->claims = claim;
	}
	claim->is_current = true;
	subject->current = claim;
	if (left && left->ticket.host != page->ticket.host)
		claim_drop(e, before);
	else if (left && !is_claimed(left))
		fetch_queue_want(&e->queue, &left->ticket, INSTANT_NEVER, now);
}

/* Ties the subject to its page, which is wanted if it or its version is new. */
static int settle(struct enrichment *e, struct instant now, const struct enrichment_subject *seen,
    const struct page_target *target, const struct version *version)
{
	struct subject *subject = subject_find(e, seen->number);
	if (!subject && e->subjects.count >= e->capacity)
		return -ENOSPC;
	struct page *page = page_find(e, target->url, target->link, target->form);
	bool fresh = page == NULL;
	if (fresh) {
		int error = page_new(e, target, &page);
		if (error < 0)
			return error;
	}
	if (!subject)
		subject = subject_new(e, seen->number);
	if (!subject) {
		if (fresh)
			page_free(e, page);
		return -ENOMEM;
	}
	if (subject->current->page != page)
		subject_turn(e, subject, page, now);
	subject->version = *version;
	fetch_queue_heard(&page->ticket, seen->link);
	/* A subject that comes to a page after it was read has none of its facts. */
	if (fresh || version_changed(&page->version, version))
		page_changed(e, page, version, now);
	else if (page->read && !subject->current->has_facts)
		page_want(e, page, now);
	else
		page_hasten(e, page, now);
	version_learn(&page->version, version);
	return 0;
}

/* A page is gone with the last subject that announces it. */
static void forget_surplus(struct enrichment *e)
{
	struct fetch_ticket *ticket;
	while ((ticket = fetch_queue_surplus(&e->queue))) {
		const struct page *page = CONTAINER_OF(ticket, struct page, ticket);
		subject_free(e, page->claims->subject);
		e->counters[COUNT_FORGOTTEN].value++;
		e->is_crowded = true;
	}
}

int enrichment_consider(struct enrichment *e, struct instant now,
    const struct enrichment_subject *seen, const struct link_set *own, uint16_t own_port)
{
	struct version version = {seen->has_epoch, seen->has_revision, seen->epoch, seen->revision};
	struct subject *subject = subject_find(e, seen->number);
	if (subject && slice_equal(slice_of(subject->current->page->url), seen->url) &&
	    !version_changed(&subject->version, &version)) {
		/* A device that is heard by two links of one network must not be read in turns. */
		struct page *page = subject->current->page;
		version_learn(&subject->version, &version);
		version_learn(&page->version, &version);
		if (page->read)
			return 0;
		if (page->link == 0 || page->link == seen->link) {
			fetch_queue_heard(&page->ticket, seen->link);
			if (address_equal(&seen->from, fetch_queue_address(&page->ticket)))
				page_hasten(e, page, now);
			return 0;
		}
	}
	struct page_target target;
	int error = page_target_read(&target, seen->url, &seen->from, seen->link, own, own_port);
	target.form = seen->form;
	if (error < 0) {
		e->counters[COUNT_REFUSED].value++;
		return error;
	}
	error = settle(e, now, seen, &target, &version);
	forget_surplus(e);
	if (error == -ENOSPC)
		e->counters[COUNT_FULL].value++;
	if (error == -ENOMEM)
		e->counters[COUNT_OUT_OF_MEMORY].value++;
	return error;
}

void enrichment_forget(struct enrichment *e, uint64_t number)
{
	struct subject *subject = subject_find(e, number);
	if (subject)
		subject_free(e, subject);
}

static struct page *page_in_fetch(const struct enrichment *e, uint64_t number)
{
	struct fetch_ticket *ticket = fetch_queue_find(&e->queue, number);
	return ticket ? CONTAINER_OF(ticket, struct page, ticket) : NULL;
}

static struct enrichment_fetch fetch_of(const struct page *page)
{
	return (struct enrichment_fetch){
	    .number = page->ticket.number,
	    .url = page->url,
	    .to = {*fetch_queue_address(&page->ticket), page->port},
	    .link = page->link,
	    .path = page->path,
	    .form = page->form,
	};
}

bool enrichment_next(struct enrichment *e, struct instant now, struct enrichment_fetch *fetch)
{
	struct fetch_ticket *ticket = fetch_queue_next(&e->queue, now);
	if (!ticket)
		return false;
	e->counters[COUNT_FETCHES].value++;
	*fetch = fetch_of(CONTAINER_OF(ticket, struct page, ticket));
	return true;
}

bool enrichment_late(struct enrichment *e, struct instant now, uint64_t *number)
{
	struct fetch_ticket *ticket = fetch_queue_late(&e->queue, now);
	if (ticket)
		*number = ticket->number;
	return ticket != NULL;
}

void enrichment_connected(struct enrichment *e, uint64_t number)
{
	struct fetch_ticket *ticket = fetch_queue_find(&e->queue, number);
	if (ticket)
		fetch_queue_connected(&e->queue, ticket);
}

void enrichment_postponed(struct enrichment *e, struct instant now, uint64_t number)
{
	struct page *page = page_in_fetch(e, number);
	if (!page)
		return;
	e->counters[COUNT_POSTPONED].value++;
	fetch_queue_postpone(&e->queue, &page->ticket, now);
	if (!page->claims)
		page_free(e, page);
}

void enrichment_learn_mac(
    struct enrichment *e, struct instant now, uint32_t link, const struct address *address)
{
	fetch_queue_learn_mac(&e->queue, now, link, address);
}

bool enrichment_is_crowded(const struct enrichment *e)
{
	return e->is_crowded;
}

bool enrichment_was_crowded(struct enrichment *e)
{
	bool was_crowded = e->is_crowded;
	e->is_crowded = false;
	return was_crowded;
}

bool enrichment_running(const struct enrichment *e, uint64_t number, struct enrichment_fetch *fetch)
{
	struct page *page = page_in_fetch(e, number);
	if (page)
		*fetch = fetch_of(page);
	return page != NULL;
}

bool enrichment_takes(const struct enrichment *e, uint64_t number, uint64_t subject, bool whole)
{
	const struct page *page = page_in_fetch(e, number);
	const struct claim *claim = page ? page->claims : NULL;
	while (claim && claim->subject->number != subject)
		claim = claim->next;
	return claim && (whole || !claim->has_facts);
}

void enrichment_each(
    const struct enrichment *e, uint64_t number, enrichment_subject_fn *fn, void *context)
{
	const struct page *page = page_in_fetch(e, number);
	for (const struct claim *claim = page ? page->claims : NULL; claim; claim = claim->next)
		fn(context, claim->subject->number, claim->is_current);
}

void enrichment_read_again(
    struct enrichment *e, struct instant now, struct instant due, uint64_t subject)
{
	struct subject *found = subject_find(e, subject);
	if (!found || !found->current->page->read)
		return;
	page_want(e, found->current->page, now);
	if (instant_before(now, due))
		fetch_queue_want(&e->queue, &found->current->page->ticket, due, now);
}

void enrichment_know(struct enrichment *e, struct instant now, uint64_t subject)
{
	struct subject *found = subject_find(e, subject);
	if (!found)
		return;
	struct page *page = found->current->page;
	found->current->has_facts = true;
	page->read = true;
	if (!page->ticket.number)
		fetch_queue_want(&e->queue, &page->ticket, INSTANT_NEVER, now);
}

void enrichment_revision(struct enrichment *e, uint64_t number, uint32_t revision)
{
	const struct version read = {.has_revision = true, .revision = revision};
	struct page *page = page_in_fetch(e, number);
	if (!page)
		return;
	version_learn(&page->version, &read);
	for (struct claim *claim = page->claims; claim; claim = claim->next)
		version_learn(&claim->subject->version, &read);
}

static void page_failed(struct enrichment *e, struct page *page, struct instant now)
{
	page->failures++;
	page->ended = now;
	/* Where it changed during the fetch, it is wanted already. */
	if (page->ticket.by_due.key == INSTANT_NEVER.us && is_claimed(page))
		fetch_queue_want(&e->queue, &page->ticket,
		    instant_add(now, rng_around(e->rng, retry_pause(page->failures))), now);
}

bool enrichment_done(struct enrichment *e, struct instant now, uint64_t number,
    enum enrichment_outcome outcome, bool answered)
{
	static const size_t COUNT_OF_OUTCOME[] = {
	    [ENRICHMENT_READ] = COUNT_READ,
	    [ENRICHMENT_CUT] = COUNT_CUT,
	    [ENRICHMENT_FAILED] = COUNT_FAILED,
	};
	struct page *page = page_in_fetch(e, number);
	if (!page)
		return false;
	fetch_queue_end(&e->queue, &page->ticket, answered, now);
	e->counters[COUNT_OF_OUTCOME[outcome]].value++;
	e->counters[COUNT_UNANSWERED].value += !answered;
	if (!page->claims) {
		page_free(e, page);
		return false;
	}
	if (outcome != ENRICHMENT_READ) {
		page_failed(e, page, now);
		return true;
	}
	page->failures = 0;
	/* Where it changed during the fetch, it is read once more. */
	page->read = page->ticket.by_due.key == INSTANT_NEVER.us;
	for (struct claim *claim = page->claims; claim; claim = claim->next)
		claim->has_facts = page->read;
	return true;
}

struct instant enrichment_deadline(const struct enrichment *e)
{
	return fetch_queue_deadline(&e->queue);
}

struct counter_group enrichment_counters(const struct enrichment *e)
{
	return (struct counter_group){"enrichment", e->counters, COUNTERS};
}

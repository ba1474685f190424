/* SPDX-License-Identifier: ISC
 * mdns_probe: whether a name is ours: probes, simultaneous ones of others, and conflicts (RFC 6762,
 * 8.1, 8.2 and 9). */
#include "engine/mdns_publisher_internal.h"
#include <stdlib.h>
#include <string.h>

#define PROBE_START MILLISECONDS(250) /* at random up to this */
#define PROBE_PAUSE MILLISECONDS(250)
/* RFC 6762, 8.2: for the host that has lost, before it probes again. */
#define LOSER_PAUSE SECONDS(1)
/* RFC 6762, 8.1: after MDNS_CONFLICTS in such a span. */
#define CONFLICT_SPAN  SECONDS(10)
#define CONFLICT_PAUSE SECONDS(5)
/* Records of one name that are compared, and bytes of each; more have no effect. */
enum { PROPOSED_MAX = 16, PROPOSED_DATA_MAX = 2048 };

struct mdns_publication *mdns_link_find(
    const struct mdns_link *link, const struct mdns_claim *claim)
{
	struct mdns_publication *publication;

	TAILQ_FOREACH(publication, &link->publications, entry)
	if (publication->claim == claim)
		return publication;
	return NULL;
}

void mdns_link_refresh(struct mdns_link *link)
{
	const struct mdns_publication *publication;

	link->due = INSTANT_NEVER;
	TAILQ_FOREACH(publication, &link->publications, entry)
	{
		link->due = instant_earlier(link->due, publication->due);
		for (size_t i = 0; i < mdns_claim_sets(publication->claim); i++)
			link->due = instant_earlier(link->due, publication->sets[i].due);
	}
}

void mdns_probe_forget(struct mdns_publication *publication)
{
	if (!publication->known)
		return;
	publication->known = false;
	/* The name of a type stays: other hosts may have services of it. */
	for (size_t i = 0; i < mdns_claim_sets(publication->claim); i++)
		if (i != MDNS_NSEC && (i != MDNS_TYPE || mdns_claim_is_host(publication->claim)))
			publication->sets[i].marks |= MDNS_MARK_ANSWER;
}

static bool has_many_conflicts(const struct mdns_publisher *publisher, struct instant now)
{
	return instant_since(now, publisher->conflicts[publisher->conflict]) < CONFLICT_SPAN;
}

static void note_conflict(struct mdns_publisher *publisher, struct instant now)
{
	publisher->conflicts[publisher->conflict] = now;
	publisher->conflict = (publisher->conflict + 1) % MDNS_CONFLICTS;
	mdns_counted(publisher->mdns, MDNS_CONFLICTS_SEEN);
}

struct instant mdns_probe_start(
    const struct mdns_publisher *publisher, const struct mdns_link *link, struct instant now)
{
	const struct mdns_publication *publication;

	if (has_many_conflicts(publisher, now))
		return instant_add(now, CONFLICT_PAUSE);
	TAILQ_FOREACH(publication, &link->publications, entry)
	if (publication->phase == MDNS_PROBING && publication->round == 0 &&
	    instant_since(publication->due, now) < PROBE_START)
		return instant_later(publication->due, now);
	return instant_add(now, rng_between(publisher->mdns->context->rng, 0, PROBE_START));
}

void mdns_probe_restart(struct mdns_publication *publication, struct instant due)
{
	publication->phase = MDNS_PROBING;
	publication->round = 0;
	publication->due = due;
	for (size_t i = 0; i < mdns_claim_sets(publication->claim); i++)
		publication->sets[i] = (struct mdns_timing){
		    .sent = MDNS_LONG_AGO, .due = INSTANT_NEVER, .earliest = INSTANT_NEVER};
}

/* Another host has the name of a claim: it gets the next one, on every link. Where the name was
 * ours alone, it is taken back. */
static void rename(struct mdns_publisher *publisher, struct mdns_claim *claim, struct instant now,
    struct outbox *outbox)
{
	struct kept_names *names = publisher->mdns->context->names;
	struct mdns_publication *publication;
	struct mdns_link *link;

	TAILQ_FOREACH(link, &publisher->links, entry)
	{
		publication = mdns_link_find(link, claim);
		if (!publication || !mdns_is_claimed(publication))
			continue;
		mdns_probe_forget(publication);
		mdns_answer_write(publisher, link,
		    link_set_find(publisher->mdns->context->links, link->index),
		    &(struct mdns_form){.goodbye = true}, now, outbox);
	}
	mdns_records_rename(&publisher->records, claim);
	if (names && !mdns_claim_is_host(claim))
		kept_names_note(
		    names, mdns_claim_type(claim), slice_of(claim->wanted), claim->number);
	TAILQ_FOREACH(link, &publisher->links, entry)
	{
		publication = mdns_link_find(link, claim);
		if (!publication)
			continue;
		publication->known = false;
		mdns_probe_restart(publication, mdns_probe_start(publisher, link, now));
		mdns_link_refresh(link);
	}
	mdns_counted(publisher->mdns, MDNS_RENAMES);
}

/* Of the addresses of this host, those of other links are ours, too: two links may be one network.
 */
static bool is_own_address(const struct mdns_publisher *publisher, const struct dns_record *record)
{
	return (record->type == DNS_A || record->type == DNS_AAAA) &&
	       link_set_has_address(publisher->mdns->context->links, &record->address);
}

/* RFC 6762, 8.1 and 9: true for a record of another host that has the name. While it is probed any
 * record of the name counts, later only one of a set of ours. Before the first probe none does: of
 * two hosts that have lost a name to each other, a probe decides. */
static bool conflicts(const struct mdns_publisher *publisher,
    const struct mdns_publication *publication, const struct link *link,
    const struct dns_record *record)
{
	bool of_set = false;

	if (!mdns_is_claimed(publication) && publication->round == 0)
		return false;
	if (record->ttl == 0 || record->class != DNS_IN || record->type == DNS_NSEC ||
	    !dns_name_equal(&record->name, &publication->claim->name) ||
	    is_own_address(publisher, record))
		return false;
	for (size_t set = 0; set < MDNS_NSEC; set++) {
		if (mdns_set_type(publication->claim, set) != record->type)
			continue;
		of_set = true;
		if (mdns_set_has(&publisher->records, publication->claim, set, link, record))
			return false;
	}
	return of_set || !mdns_is_claimed(publication);
}

/* RFC 6762, 9: a name that was ours is probed again; one that is being probed is given up. */
static void give_way(struct mdns_publisher *publisher, struct mdns_link *link,
    struct mdns_publication *publication, struct instant now, struct outbox *outbox)
{
	note_conflict(publisher, now);
	if (mdns_is_claimed(publication))
		mdns_probe_restart(publication, mdns_probe_start(publisher, link, now));
	else
		rename(publisher, publication->claim, now, outbox);
	mdns_link_refresh(link);
}

bool mdns_probe_hear_record(struct mdns_publisher *publisher, struct mdns_link *link,
    const struct link *net, const struct dns_record *record, struct instant now,
    struct outbox *outbox)
{
	struct mdns_publication *publication;

	TAILQ_FOREACH(publication, &link->publications, entry)
	if (conflicts(publisher, publication, net, record)) {
		give_way(publisher, link, publication, now, outbox);
		return true;
	}
	return false;
}

/* The data of a record as it is compared (RFC 6762, 8.2.1): names in it uncompressed. Returns its
 * length. */
static size_t write_data(const struct dns_record *record, uint8_t data[PROPOSED_DATA_MAX])
{
	struct writer w;

	writer_init(&w, (char *)data, PROPOSED_DATA_MAX);
	switch (record->type) {
	case DNS_SRV:
		writer_bytes(&w,
		    (const uint8_t[]){(uint8_t)(record->priority >> 8), (uint8_t)record->priority,
			(uint8_t)(record->weight >> 8), (uint8_t)record->weight,
			(uint8_t)(record->port >> 8), (uint8_t)record->port},
		    6);
		writer_bytes(&w, record->target.bytes, record->target.len);
		writer_char(&w, '\0');
		break;
	case DNS_A:
		writer_bytes(&w, record->address.bytes, 4);
		break;
	case DNS_AAAA:
		writer_bytes(&w, record->address.bytes, 16);
		break;
	default:
		writer_slice(&w, slice_head(record->rdata, PROPOSED_DATA_MAX));
	}
	return w.len;
}

/* What a probe proposes for a name: the data of its records, in the order of RFC 6762, 8.2.1. */
struct proposal {
	struct dns_record records[PROPOSED_MAX];
	size_t count;
};

/* By type, then by data; names in it uncompressed and as they are written. */
static int compare_records(const void *a, const void *b)
{
	const struct dns_record *first = a, *second = b;
	uint8_t data[2][PROPOSED_DATA_MAX];
	size_t len[2] = {write_data(first, data[0]), write_data(second, data[1])};
	int order = first->type - second->type;

	if (!order)
		order = memcmp(data[0], data[1], len[0] < len[1] ? len[0] : len[1]);
	return order ? order : (int)len[0] - (int)len[1];
}

static int compare_proposals(struct proposal *a, struct proposal *b)
{
	int order = 0;

	qsort(a->records, a->count, sizeof(a->records[0]), compare_records);
	qsort(b->records, b->count, sizeof(b->records[0]), compare_records);
	for (size_t i = 0; i < a->count && i < b->count && !order; i++)
		order = compare_records(&a->records[i], &b->records[i]);
	return order ? order : (int)a->count - (int)b->count;
}

/* RFC 6762, 8.2: of two hosts that probe for a name, the one with the lesser data waits. The answer
 * of a host that has the name decides then. */
static void hear_probe(struct mdns_publisher *publisher, struct mdns_publication *publication,
    const struct link *net, const struct dns_message *message, struct instant now)
{
	struct proposal ours = {.count = 0}, theirs = {.count = 0};
	struct dns_cursor cursor = {0};
	struct dns_record record;

	while (theirs.count < PROPOSED_MAX && dns_message_next(message, &cursor, &record))
		if (record.section == DNS_AUTHORITY &&
		    dns_name_equal(&record.name, &publication->claim->name))
			theirs.records[theirs.count++] = record;
	for (size_t set = 0; set < MDNS_NSEC; set++)
		for (size_t n = 0; ours.count < PROPOSED_MAX &&
				   mdns_set_record(&publisher->records, publication->claim, set,
				       net, n, &ours.records[ours.count]);
		     n++)
			ours.count++;
	if (theirs.count == 0 || compare_proposals(&ours, &theirs) >= 0)
		return;
	mdns_counted(publisher->mdns, MDNS_PROBES_LOST);
	mdns_probe_restart(publication, instant_add(now, LOSER_PAUSE));
}

void mdns_probe_hear_query(struct mdns_publisher *publisher, struct mdns_link *link,
    const struct link *net, const struct dns_message *message, struct instant now)
{
	struct mdns_publication *publication;

	if (message->counts[DNS_AUTHORITY] > 0)
		TAILQ_FOREACH(publication, &link->publications, entry)
	if (!mdns_is_claimed(publication) && publication->round > 0)
		hear_probe(publisher, publication, net, message, now);
}

/* The publications of a link whose probe is due, from one on. */
static struct mdns_publication *next_probe(struct mdns_publication *publication, struct instant now)
{
	while (publication && (mdns_is_claimed(publication) || !instant_due(publication->due, now)))
		publication = TAILQ_NEXT(publication, entry);
	return publication;
}

static bool write_proposal(const struct mdns_publisher *publisher,
    const struct mdns_publication *publication, const struct link *net, struct dns_writer *w)
{
	struct dns_record record;

	for (size_t set = 0; set < MDNS_NSEC; set++)
		for (size_t n = 0;
		     mdns_set_record(&publisher->records, publication->claim, set, net, n, &record);
		     n++) {
			record.section = DNS_AUTHORITY;
			record.flag = false;
			if (!dns_writer_record(w, &record))
				return false;
		}
	return true;
}

/* RFC 6762, 8.1: the questions for `count` names, then what is proposed for each. The answer is
 * wanted by multicast: our socket takes no unicast. False when that does not fit. */
static bool write_probe(const struct mdns_publisher *publisher, struct mdns_publication *first,
    size_t count, const struct link *net, struct instant now, struct dns_writer *w)
{
	struct mdns_publication *publication = first;

	for (size_t i = 0; publication && i < count; i++) {
		if (!dns_writer_question(w, &publication->claim->name, DNS_ANY, DNS_IN, false))
			return false;
		publication = next_probe(TAILQ_NEXT(publication, entry), now);
	}
	publication = first;
	for (size_t i = 0; publication && i < count; i++) {
		if (!write_proposal(publisher, publication, net, w))
			return false;
		publication = next_probe(TAILQ_NEXT(publication, entry), now);
	}
	return true;
}

/* The next probe of a publication has been sent. */
static void end_probe(struct mdns_publication *publication, struct instant now)
{
	publication->round++;
	publication->due = instant_add(now, PROBE_PAUSE);
}

/* As many names in one message as fit; one alone may take a larger one. */
void mdns_probe_send(struct mdns_publisher *publisher, struct mdns_link *link,
    const struct link *net, struct instant now, struct outbox *outbox)
{
	struct mdns_publication *first = next_probe(TAILQ_FIRST(&link->publications), now), *next;
	uint8_t bytes[MDNS_PACKET_MAX];
	struct dns_writer w;

	while (first) {
		size_t count = 0;
		for (next = first; next; next = next_probe(TAILQ_NEXT(next, entry), now))
			count++;
		bool fits = false;
		for (; !fits && count > 0; count = fits ? count : count / 2) {
			dns_writer_init(
			    &w, bytes, count == 1 ? sizeof(bytes) : mdns_packet_size(net), 0, 0);
			fits = write_probe(publisher, first, count, net, now, &w);
		}
		if (fits)
			mdns_send(publisher->mdns, net, dns_writer_result(&w), outbox);
		mdns_counted(publisher->mdns, MDNS_PROBES);
		for (count = count ? count : 1; count > 0; count--) {
			next = next_probe(TAILQ_NEXT(first, entry), now);
			end_probe(first, now);
			first = next;
		}
	}
}

/* SPDX-License-Identifier: ISC
 * mdns_answer: answers questions about our records by mDNS, and writes what is to be sent of them
 * (RFC 6762, 5.4, 6 and 7; RFC 6763, 12). */
#include "engine/mdns_publisher_internal.h"
#include <stdlib.h>

/* RFC 6762, 6: shared records, and those of several questions, wait for others to answer. */
#define SHARED_DELAY_MIN MILLISECONDS(20)
#define SHARED_DELAY_MAX MILLISECONDS(120)
/* RFC 6762, 6: from one multicast of a record to the next, where a name is defended. */
#define DEFENCE_PAUSE MILLISECONDS(250)
enum {
	GOODBYES = 2,
	LEGACY_TTL = 10,          /* seconds at most (6.7) */
	LEGACY_PACKET_GOOD = 512, /* bytes, within which additional records are added */
};

static const struct answer_limits LIMITS = {
    .source_burst = 128,
    .source_rate = 16,
    .total_burst = 512,
    .total_rate = 256,
    .random_leak = 4,
};

/* A query, and the link that it came in by. */
struct query {
	struct mdns_publisher *publisher;
	struct mdns_link *link;
	const struct link *net;
	const struct mdns_query *heard;
	unsigned questions;
	bool defence; /* another host probes for names */
	struct instant now;
};

/* From a resolver that knows no multicast (RFC 6762, 6.7). */
static bool is_legacy(const struct query *query)
{
	return query->heard->from.port != MDNS_PORT;
}

struct answer_buckets *mdns_answer_buckets(const struct engine_context *context)
{
	return answer_buckets_new(&LIMITS, &context->key, context->rng);
}

/* Of several services of one type, the first one names it (RFC 6763, 9). */
static bool names_type(const struct mdns_link *link, const struct mdns_publication *publication)
{
	const struct mdns_publication *earlier;

	TAILQ_FOREACH(earlier, &link->publications, entry)
	{
		if (earlier == publication)
			return true;
		if (mdns_is_claimed(earlier) &&
		    dns_name_equal(&earlier->claim->type, &publication->claim->type))
			return false;
	}
	return true;
}

static size_t count_records(
    const struct query *query, const struct mdns_publication *publication, size_t set)
{
	struct dns_record record;
	size_t count = 0;

	if (set == MDNS_TYPE && !names_type(query->link, publication))
		return 0;
	while (mdns_set_record(
	    &query->publisher->records, publication->claim, set, query->net, count, &record))
		count++;
	return count;
}

/* RFC 6762, 5.4: by unicast where that is asked for, unless it is long since others heard it. */
static void want(const struct query *query, struct mdns_publication *publication, size_t set,
    const struct dns_record *question)
{
	struct mdns_timing *timing = &publication->sets[set];
	int64_t quarter = SECONDS(mdns_set_ttl(publication->claim, set)) / 4;
	bool unicast = question->flag && instant_since(query->now, timing->sent) < quarter;

	timing->marks |= is_legacy(query) || unicast ? MDNS_WANTED_UNICAST : MDNS_WANTED;
}

/* Marks the sets of one publication that answer a question. */
static void want_sets(const struct query *query, struct mdns_publication *publication,
    const struct dns_record *question)
{
	const struct mdns_records *records = &query->publisher->records;
	const struct mdns_claim *claim = publication->claim;
	bool any = false;

	for (size_t set = 0; set < mdns_claim_sets(claim); set++) {
		if (question->type == DNS_ANY ? set == MDNS_NSEC
					      : question->type != mdns_set_type(claim, set))
			continue;
		if (!dns_name_equal(&question->name, mdns_set_name(records, claim, set)) ||
		    count_records(query, publication, set) == 0)
			continue;
		want(query, publication, set, question);
		any = true;
	}
	/* RFC 6762, 6.1: a name of ours has no record of this type. Legacy resolvers do not expect
	 * that. */
	if (!any && !is_legacy(query) && dns_name_equal(&question->name, &claim->name))
		want(query, publication, MDNS_NSEC, question);
}

/* RFC 6762, 7.1: counts a record of ours that the sender knows with at least half its lifetime. */
static void note_known(
    const struct query *query, struct mdns_publication *publication, const struct dns_record *known)
{
	for (size_t set = 0; set < mdns_claim_sets(publication->claim); set++) {
		struct mdns_timing *timing = &publication->sets[set];
		if ((timing->marks & (MDNS_WANTED | MDNS_WANTED_UNICAST)) &&
		    timing->known < UINT8_MAX &&
		    mdns_set_has(
			&query->publisher->records, publication->claim, set, query->net, known) &&
		    known->ttl >= mdns_set_ttl(publication->claim, set) / 2)
			timing->known++;
	}
}

/* Calls `fn` for each publication that is ours, with each record of this section that concerns one.
 * False: there is none. */
typedef void record_fn(const struct query *query, struct mdns_publication *publication,
    const struct dns_record *record);

static bool each_record(struct query *query, enum dns_section section, record_fn *fn)
{
	struct mdns_publication *publication;
	struct dns_record record;
	struct dns_entry entry;
	bool any = false;

	for (size_t i = 0; i < query->heard->message_count; i++) {
		struct dns_cursor cursor = {0};
		while (dns_message_find(&query->heard->messages[i], &cursor, &entry)) {
			if (entry.section != section ||
			    (entry.class != DNS_IN && entry.class != DNS_CLASS_ANY))
				continue;
			query->questions += section == DNS_QUESTION;
			if (!mdns_records_concern(&query->publisher->records, &entry))
				continue;
			dns_entry_read(&entry, &record);
			any = true;
			TAILQ_FOREACH(publication, &query->link->publications, entry)
			if (mdns_is_claimed(publication))
				fn(query, publication, &record);
		}
	}
	return any;
}

/* Puts off a set until then, or until it may be multicast again. */
static void schedule(struct mdns_timing *timing, struct instant now, int64_t earliest_in,
    int64_t due_in, int64_t pause)
{
	struct instant free = mdns_free_at(timing, now, pause);
	struct instant earliest = instant_later(instant_add(now, earliest_in), free);
	struct instant due = instant_later(instant_add(now, due_in), free);

	timing->due = instant_earlier(timing->due, due);
	timing->earliest = instant_earlier(timing->earliest, earliest);
}

/* RFC 6762, 6 and 6.3: when a set is multicast. */
static void schedule_answer(
    const struct query *query, struct mdns_timing *timing, bool unique, int64_t delay)
{
	struct instant now = query->now;

	if (query->defence)
		schedule(timing, now, 0, 0, DEFENCE_PAUSE);
	else if (query->heard->has_waited || (unique && query->questions == 1))
		schedule(timing, now, 0, 0, MDNS_SET_PAUSE);
	else
		schedule(timing, now, SHARED_DELAY_MIN, delay, MDNS_SET_PAUSE);
}

/* Removes what the sender knows from what is wanted; true when something is left. */
static bool drop_known(struct query *query)
{
	struct mdns_publication *publication;
	bool any = false;

	TAILQ_FOREACH(publication, &query->link->publications, entry)
	for (size_t set = 0; set < mdns_claim_sets(publication->claim); set++) {
		struct mdns_timing *timing = &publication->sets[set];
		if (timing->known && timing->known >= count_records(query, publication, set)) {
			timing->marks = 0;
			mdns_counted(query->publisher->mdns, MDNS_KNOWN);
		}
		timing->known = 0;
		any |= timing->marks != 0;
	}
	return any;
}

/* Turns what is wanted into answers: those by unicast are marked and returned true, the others are
 * scheduled. `refused`: into nothing. */
static bool take_wanted(struct query *query, bool refused)
{
	int64_t delay =
	    rng_between(query->publisher->mdns->context->rng, SHARED_DELAY_MIN, SHARED_DELAY_MAX);
	struct mdns_publication *publication;
	bool unicast = false;

	TAILQ_FOREACH(publication, &query->link->publications, entry)
	for (size_t set = 0; set < mdns_claim_sets(publication->claim); set++) {
		struct mdns_timing *timing = &publication->sets[set];
		unsigned marks = refused ? 0 : timing->marks;
		timing->marks = 0;
		if (marks & MDNS_WANTED)
			schedule_answer(query, timing, set < MDNS_SHARED, delay);
		if (!(marks & MDNS_WANTED_UNICAST))
			continue;
		timing->marks = MDNS_MARK_ANSWER;
		unicast = true;
	}
	return unicast;
}

/* Answers to a host that probes for a name of ours are not limited: it would take the name. */
static bool is_over_limit(const struct query *query)
{
	if (query->defence || answer_buckets_take(query->publisher->buckets, query->now,
				  &query->heard->from.address, 1))
		return false;
	mdns_counted(query->publisher->mdns, MDNS_LIMITED);
	return true;
}

static void answer(struct query *query, struct outbox *outbox)
{
	struct mdns_form form = {
	    .to = &query->heard->from,
	    .query = &query->heard->messages[0],
	    .legacy = is_legacy(query),
	};

	for (size_t i = 0; i < query->heard->message_count; i++)
		query->defence |= query->heard->messages[i].counts[DNS_AUTHORITY] > 0;
	if (!each_record(query, DNS_QUESTION, want_sets))
		return;
	if (!form.legacy)
		each_record(query, DNS_ANSWER, note_known);
	if (drop_known(query) && take_wanted(query, is_over_limit(query)))
		mdns_answer_write(
		    query->publisher, query->link, query->net, &form, query->now, outbox);
}

void mdns_answer_query(struct mdns_publisher *publisher, struct mdns_link *link,
    const struct link *net, const struct mdns_query *heard, struct instant now,
    struct outbox *outbox)
{
	struct query query = {
	    .publisher = publisher,
	    .link = link,
	    .net = net,
	    .heard = heard,
	    .now = now,
	};

	answer(&query, outbox);
}

void mdns_answer_hear(struct mdns_publisher *publisher, struct mdns_link *link,
    const struct link *net, const struct dns_record *record, struct instant now)
{
	int64_t delay =
	    rng_between(publisher->mdns->context->rng, SHARED_DELAY_MIN, SHARED_DELAY_MAX);
	struct query query = {.publisher = publisher, .link = link, .net = net};
	struct mdns_publication *publication;

	TAILQ_FOREACH(publication, &link->publications, entry)
	for (size_t set = 0;
	     mdns_is_claimed(publication) && set < mdns_claim_sets(publication->claim); set++) {
		struct mdns_timing *timing = &publication->sets[set];
		uint32_t ttl = mdns_set_ttl(publication->claim, set);
		if (record->type != mdns_set_type(publication->claim, set) ||
		    !mdns_set_has(&publisher->records, publication->claim, set, net, record))
			continue;
		if (record->ttl < ttl / 2) { /* 6.6: others would forget it too soon */
			schedule(timing, now, 0, delay, MDNS_SET_PAUSE);
		} else if (!instant_is_never(timing->due) && record->ttl >= ttl &&
			   count_records(&query, publication, set) == 1) { /* 7.4 */
			timing->due = timing->earliest = INSTANT_NEVER;
			mdns_counted(publisher->mdns, MDNS_DUPLICATES);
		}
	}
}

/* True when an answer of this link is due. */
static bool is_due(const struct mdns_link *link, struct instant now)
{
	const struct mdns_publication *publication;

	TAILQ_FOREACH(publication, &link->publications, entry)
	for (size_t set = 0; set < mdns_claim_sets(publication->claim); set++)
		if (instant_due(publication->sets[set].due, now))
			return true;
	return false;
}

/* RFC 6762, 6.4: with an answer that is due go those that may be sent by now. */
void mdns_answer_due(struct mdns_link *link, struct instant now)
{
	struct mdns_publication *publication;

	if (!is_due(link, now))
		return;
	TAILQ_FOREACH(publication, &link->publications, entry)
	for (size_t set = 0; set < mdns_claim_sets(publication->claim); set++)
		if (instant_due(publication->sets[set].earliest, now))
			publication->sets[set].marks |= MDNS_MARK_ANSWER;
}

/* A set that is added, unless it is an answer already or was multicast a moment ago. */
static void add_set(
    struct mdns_publication *publication, size_t set, struct instant now, bool multicast)
{
	struct mdns_timing *timing = &publication->sets[set];

	if (multicast && instant_since(now, timing->sent) < MDNS_SET_PAUSE)
		return;
	if (!(timing->marks & MDNS_MARK_ANSWER))
		timing->marks |= MDNS_MARK_ADDITIONAL;
}

/* RFC 6763, 12: with a pointer go the records of its service, with those the addresses, with an
 * address the others (RFC 6762, 6.2). */
static void mark_additional(struct mdns_link *link, struct instant now, bool multicast)
{
	struct mdns_publication *publication, *host = TAILQ_FIRST(&link->publications);
	bool addresses = false;

	TAILQ_FOREACH(publication, &link->publications, entry)
	{
		bool pointer = false;
		if (mdns_claim_is_host(publication->claim)) {
			addresses |= (publication->sets[MDNS_IPV4].marks |
					 publication->sets[MDNS_IPV6].marks) != 0;
			continue;
		}
		for (size_t set = MDNS_PTR; set < mdns_claim_sets(publication->claim); set++)
			pointer |= set != MDNS_TYPE && publication->sets[set].marks;
		if (pointer) {
			add_set(publication, MDNS_SRV, now, multicast);
			add_set(publication, MDNS_TXT, now, multicast);
		}
		addresses |= publication->sets[MDNS_SRV].marks != 0;
	}
	if (addresses && mdns_claim_is_host(host->claim) && mdns_is_claimed(host))
		for (size_t set = 0; set < MDNS_HOST_SETS; set++)
			add_set(host, set, now, multicast);
}

/* A message that is being written, and where it goes. */
struct writing {
	struct mdns_publisher *publisher;
	struct mdns_link *link;
	const struct link *net;
	const struct mdns_form *form;
	struct instant now;
	struct outbox *outbox;
	struct dns_writer w;
	unsigned records;
	uint8_t bytes[MDNS_PACKET_MAX];
};

/* RFC 6762, 6.7: the id and the questions of a legacy query are repeated. */
static void begin_message(struct writing *writing, size_t capacity)
{
	const struct mdns_form *form = writing->form;
	struct dns_cursor cursor = {0};
	struct dns_record question;

	dns_writer_init(&writing->w, writing->bytes, capacity, form->legacy ? form->query->id : 0,
	    DNS_RESPONSE | DNS_AUTHORITATIVE);
	writing->w.whole_targets = form->legacy;
	writing->records = 0;
	while (form->legacy && dns_message_next(form->query, &cursor, &question) &&
	       question.section == DNS_QUESTION)
		dns_writer_question(
		    &writing->w, &question.name, question.type, question.class, false);
}

static void end_message(struct writing *writing)
{
	const struct mdns_form *form = writing->form;
	struct slice bytes = dns_writer_result(&writing->w);

	if (writing->records == 0)
		return;
	/* A lost goodbye leaves a service listed for 75 minutes, and cannot be repeated later. */
	for (unsigned times = form->to ? 0 : form->goodbye ? GOODBYES : 1; times > 0; times--) {
		mdns_send(writing->publisher->mdns, writing->net, bytes, writing->outbox);
		mdns_counted(writing->publisher->mdns, MDNS_MULTICASTS);
	}
	if (!form->to)
		return;
	const struct link_address *source =
	    link_source(writing->net, form->to->address.family, &form->to->address);
	if (!source)
		return;
	outbox_send(writing->outbox, &(struct outbox_send){
					 .channel = CHANNEL_SHARED,
					 .link = writing->net->index,
					 .source = source->prefix.address,
					 .to = *form->to,
					 .bytes = bytes,
				     });
	mdns_counted(writing->publisher->mdns, MDNS_UNICASTS);
}

/* Adds a record; an answer that does not fit begins the next message, which may be larger for one
 * record alone (RFC 6762, 17). False: it is left out. */
static bool write_record(struct writing *writing, const struct dns_record *record)
{
	size_t capacity = mdns_packet_size(writing->net);

	if (dns_writer_record(&writing->w, record)) {
		writing->records++;
		return true;
	}
	if (record->section != DNS_ANSWER)
		return false;
	if (writing->form->legacy && writing->records > 0) {
		dns_writer_flags(&writing->w, DNS_RESPONSE | DNS_AUTHORITATIVE | DNS_TRUNCATED);
		return false;
	}
	end_message(writing);
	begin_message(writing, capacity);
	if (!dns_writer_record(&writing->w, record)) {
		begin_message(writing, sizeof(writing->bytes));
		if (!dns_writer_record(&writing->w, record))
			return false;
	}
	writing->records++;
	return true;
}

static void write_set(struct writing *writing, struct mdns_publication *publication, size_t set,
    enum dns_section section)
{
	const struct mdns_form *form = writing->form;
	struct mdns_timing *timing = &publication->sets[set];
	struct dns_record record;
	bool all = true;

	if (set == MDNS_TYPE && !names_type(writing->link, publication))
		return;
	for (size_t n = 0; mdns_set_record(
		 &writing->publisher->records, publication->claim, set, writing->net, n, &record);
	     n++) {
		record.section = section;
		record.flag = set < MDNS_SHARED && !form->legacy;
		if (form->goodbye)
			record.ttl = 0;
		else if (form->legacy && record.ttl > LEGACY_TTL)
			record.ttl = LEGACY_TTL;
		all &= write_record(writing, &record);
	}
	if (form->to || form->goodbye)
		return;
	if (all)
		timing->sent = writing->now;
	if (all || section == DNS_ANSWER)
		timing->due = timing->earliest = INSTANT_NEVER;
}

static void write_marked(struct writing *writing, unsigned mark, enum dns_section section)
{
	struct mdns_publication *publication;

	TAILQ_FOREACH(publication, &writing->link->publications, entry)
	for (size_t set = 0; set < mdns_claim_sets(publication->claim); set++) {
		if (!(publication->sets[set].marks & mark))
			continue;
		publication->sets[set].marks &= (uint8_t)~mark;
		write_set(writing, publication, set, section);
	}
}

void mdns_answer_write(struct mdns_publisher *publisher, struct mdns_link *link,
    const struct link *net, const struct mdns_form *form, struct instant now, struct outbox *outbox)
{
	struct writing writing = {
	    .publisher = publisher,
	    .link = link,
	    .net = net,
	    .form = form,
	    .now = now,
	    .outbox = outbox,
	};

	if (!form->goodbye)
		mark_additional(link, now, !form->to);
	begin_message(&writing, mdns_packet_size(net));
	write_marked(&writing, MDNS_MARK_ANSWER, DNS_ANSWER);
	if (form->legacy && writing.w.capacity > LEGACY_PACKET_GOOD)
		writing.w.capacity = LEGACY_PACKET_GOOD;
	write_marked(&writing, MDNS_MARK_ADDITIONAL, DNS_ADDITIONAL);
	end_message(&writing);
}

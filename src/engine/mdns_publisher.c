/* SPDX-License-Identifier: ISC
 * mdns_publisher: which of our names are announced on which link, and goodbyes (RFC 6762, 8.3, 8.4
 * and 10). */
#include "engine/mdns_publisher_internal.h"
#include "model/link_change.h"
#include <stdlib.h>

/* RFC 6762, 8.1 and 8.3. */
enum { PROBES = 3, ANNOUNCEMENTS = 2 };
#define ANNOUNCE_PAUSE SECONDS(1)

static const struct engine_context *context_of(const struct mdns_publisher *publisher)
{
	return publisher->mdns->context;
}

/* NULL where it is not used any more. */
static const struct link *net_of(
    const struct mdns_publisher *publisher, const struct mdns_link *link)
{
	return link_set_find(context_of(publisher)->links, link->index);
}

static void publish(struct mdns_publisher *publisher, struct mdns_link *link,
    struct mdns_claim *claim, struct instant now)
{
	struct mdns_publication *publication =
	    calloc(1, sizeof(*publication) + mdns_claim_sets(claim) * sizeof(publication->sets[0]));

	if (!publication)
		return;
	publication->claim = claim;
	mdns_probe_restart(publication, mdns_probe_start(publisher, link, now));
	TAILQ_INSERT_TAIL(&link->publications, publication, entry);
}

static void unpublish(struct mdns_link *link, struct mdns_publication *publication)
{
	TAILQ_REMOVE(&link->publications, publication, entry);
	free(publication);
}

/* This host is claimed only for its services. */
static bool has_services(const struct mdns_publisher *publisher)
{
	const struct mdns_claim *claim = mdns_records_host(&publisher->records);

	while ((claim = TAILQ_NEXT(claim, entry)))
		if (!claim->withdrawn)
			return true;
	return false;
}

static bool is_wanted(const struct mdns_publisher *publisher, const struct mdns_claim *claim)
{
	return mdns_claim_is_host(claim) ? has_services(publisher) : !claim->withdrawn;
}

/* RFC 6762, 8.4: tells others what differs, or what they may have missed. */
static void announce_again(struct mdns_publication *publication, struct instant now)
{
	if (!mdns_is_claimed(publication))
		return;
	publication->phase = MDNS_ANNOUNCING;
	publication->round = 0;
	publication->due = now;
}

/* Of what is wanted no more; `everything`: of all. */
static void send_goodbyes(struct mdns_publisher *publisher, struct mdns_link *link,
    const struct link *net, bool everything, struct instant now, struct outbox *outbox)
{
	struct mdns_publication *publication;

	TAILQ_FOREACH(publication, &link->publications, entry)
	if (everything || !is_wanted(publisher, publication->claim))
		mdns_probe_forget(publication);
	mdns_answer_write(publisher, link, net, &(struct mdns_form){.goodbye = true}, now, outbox);
}

/* Makes the publications of a link those of the claims. */
static void follow_claims(struct mdns_publisher *publisher, struct mdns_link *link,
    struct instant now, struct outbox *outbox)
{
	struct mdns_publication *publication, *next;
	struct mdns_claim *claim;

	send_goodbyes(publisher, link, net_of(publisher, link), false, now, outbox);
	for (publication = TAILQ_FIRST(&link->publications); publication; publication = next) {
		next = TAILQ_NEXT(publication, entry);
		if (!is_wanted(publisher, publication->claim))
			unpublish(link, publication);
		else if (publication->claim->changed)
			announce_again(publication, now);
	}
	TAILQ_FOREACH(claim, &publisher->records.claims, entry)
	if (is_wanted(publisher, claim) && !mdns_link_find(link, claim))
		publish(publisher, link, claim, now);
	mdns_link_refresh(link);
}

static void drop_withdrawn(struct mdns_records *records)
{
	struct mdns_claim *claim, *next;

	for (claim = TAILQ_FIRST(&records->claims); claim; claim = next) {
		next = TAILQ_NEXT(claim, entry);
		claim->changed = false;
		if (claim->withdrawn)
			mdns_records_drop(records, claim);
	}
}

/* The offers or the configuration have changed. */
static void renew(struct mdns_publisher *publisher, struct instant now, struct outbox *outbox)
{
	struct mdns_link *link;

	publisher->renew = INSTANT_NEVER;
	mdns_records_follow(
	    &publisher->records, publisher->active ? context_of(publisher)->offers : NULL);
	TAILQ_FOREACH(link, &publisher->links, entry)
	follow_claims(publisher, link, now, outbox);
	drop_withdrawn(&publisher->records);
}

static struct mdns_link *find_link(const struct mdns_publisher *publisher, uint32_t index)
{
	struct mdns_link *link;

	TAILQ_FOREACH(link, &publisher->links, entry)
	if (link->index == index)
		return link;
	return NULL;
}

static bool may_announce(const struct mdns_publisher *publisher, const struct link *link)
{
	return link && (link->multicast || link->loopback) &&
	       mdns_records_fit(&publisher->records, link);
}

static struct mdns_link *add_link(struct mdns_publisher *publisher, const struct link *like)
{
	struct mdns_link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->index = like->index;
	link->generation = like->generation;
	link->due = INSTANT_NEVER;
	TAILQ_INIT(&link->publications);
	TAILQ_INSERT_TAIL(&publisher->links, link, entry);
	return link;
}

static void drop_link(struct mdns_publisher *publisher, struct mdns_link *link)
{
	struct mdns_publication *publication;

	while ((publication = TAILQ_FIRST(&link->publications)))
		unpublish(link, publication); /* NOLINT(*unix.Malloc): unlinked before free */
	TAILQ_REMOVE(&publisher->links, link, entry);
	free(link);
}

/* RFC 6762, 10.3: the addresses that there are now, in the place of former ones. */
static void announce_addresses(struct mdns_link *link, struct instant now)
{
	struct mdns_publication *publication = TAILQ_FIRST(&link->publications);

	if (publication && mdns_claim_is_host(publication->claim))
		announce_again(publication, now);
}

static void announce_all(struct mdns_link *link, struct instant now)
{
	struct mdns_publication *publication;

	TAILQ_FOREACH(publication, &link->publications, entry)
	announce_again(publication, now);
}

/* The only address of its family: hosts of that family may have heard nothing of us. */
static bool is_first_of_family(const struct link *link, const struct link_address *address)
{
	unsigned count = 0;

	for (size_t i = 0; i < link->address_count; i++)
		count += link->addresses[i].usable &&
			 link->addresses[i].prefix.address.family == address->prefix.address.family;
	return count <= 1;
}

/* RFC 6762, 10.1, of an address that is gone. */
static void send_lost_address(
    struct mdns_publisher *publisher, const struct link_change *change, struct outbox *outbox)
{
	const struct address *address = &change->address->prefix.address;
	struct dns_record record = {
	    .section = DNS_ANSWER,
	    .name = mdns_records_host(&publisher->records)->name,
	    .type = address->family == ADDRESS_IPV6 ? DNS_AAAA : DNS_A,
	    .class = DNS_IN,
	    .flag = true,
	    .address = *address,
	};
	uint8_t bytes[MDNS_PACKET_MAX];
	struct dns_writer w;

	if (change->address->temporary || !change->address->usable)
		return;
	dns_writer_init(&w, bytes, sizeof(bytes), 0, DNS_RESPONSE | DNS_AUTHORITATIVE);
	dns_writer_record(&w, &record);
	mdns_send(publisher->mdns, change->link, dns_writer_result(&w), outbox);
}

/* Hosts of the network that the changed link is in have heard its addresses by others, too. */
static void announce_on_others(
    const struct mdns_publisher *publisher, const struct link *changed, struct instant now)
{
	struct mdns_link *link;

	TAILQ_FOREACH(link, &publisher->links, entry)
	{
		const struct link *net = net_of(publisher, link);
		if (!net || net->index == changed->index || !mdns_share_network(net, changed))
			continue;
		announce_addresses(link, now);
		mdns_link_refresh(link);
	}
}

/* A link that goes may still carry goodbyes, for example one that was denied. */
void mdns_publisher_link_changed(struct mdns_publisher *publisher, struct instant now,
    const struct link_change *change, struct outbox *outbox)
{
	struct mdns_link *link = find_link(publisher, change->link->index);
	const struct link *present =
	    link_set_find(context_of(publisher)->links, change->link->index);

	announce_on_others(publisher, change->link, now);
	if (link && change->event == LINK_ADDRESS_GONE)
		send_lost_address(publisher, change, outbox);
	if (link && (change->event == LINK_GONE || !may_announce(publisher, present))) {
		if (change->event == LINK_GONE)
			send_goodbyes(publisher, link, change->link, true, now, outbox);
		drop_link(publisher, link);
		return;
	}
	if (!link && may_announce(publisher, present) && (link = add_link(publisher, present))) {
		follow_claims(publisher, link, now, outbox);
		return;
	}
	if (!link)
		return;
	if (change->event == LINK_ADDRESS_CAME && is_first_of_family(present, change->address))
		announce_all(link, now);
	else
		announce_addresses(link, now);
	mdns_link_refresh(link);
}

/* Names that no host has claimed in three probes are ours. */
static void end_probing(struct mdns_link *link, struct instant now)
{
	struct mdns_publication *publication;

	TAILQ_FOREACH(publication, &link->publications, entry)
	{
		if (mdns_is_claimed(publication) || publication->round < PROBES ||
		    !instant_due(publication->due, now))
			continue;
		publication->phase = MDNS_ANNOUNCING;
		publication->round = 0;
		/* another name of this host is the target of its services */
		if (mdns_claim_is_host(publication->claim))
			announce_all(link, now);
	}
}

/* RFC 6762, 8.3. A set that was sent a moment ago waits for its second. */
static void mark_announcement(struct mdns_publication *publication, struct instant now)
{
	for (size_t i = 0; i < mdns_claim_sets(publication->claim); i++) {
		struct mdns_timing *timing = &publication->sets[i];
		struct instant earliest = mdns_free_at(timing, now, MDNS_SET_PAUSE);
		if (i == MDNS_NSEC)
			continue;
		if (instant_due(earliest, now))
			timing->marks |= MDNS_MARK_ANSWER;
		else
			timing->due = timing->earliest = earliest;
	}
}

static void announce(struct mdns_link *link, struct instant now)
{
	struct mdns_publication *publication;

	TAILQ_FOREACH(publication, &link->publications, entry)
	{
		if (publication->phase != MDNS_ANNOUNCING || !instant_due(publication->due, now))
			continue;
		mark_announcement(publication, now);
		publication->known = true;
		publication->due = instant_add(now, ANNOUNCE_PAUSE);
		if (++publication->round < ANNOUNCEMENTS)
			continue;
		publication->phase = MDNS_PUBLISHED;
		publication->due = INSTANT_NEVER;
	}
}

void mdns_publisher_response(struct mdns_publisher *publisher, struct instant now,
    const struct mdns_response *response, struct outbox *outbox)
{
	struct mdns_link *link = find_link(publisher, response->datagram->link);
	const struct link *net = link ? net_of(publisher, link) : NULL;
	struct dns_record record;
	bool concerned = false;

	for (size_t i = 0; net && i < response->count; i++) {
		if (!mdns_records_concern(&publisher->records, &response->records[i]))
			continue;
		dns_entry_read(&response->records[i], &record);
		concerned = true;
		if (!mdns_probe_hear_record(publisher, link, net, &record, now, outbox))
			mdns_answer_hear(publisher, link, net, &record, now);
	}
	if (concerned)
		mdns_link_refresh(link);
}

void mdns_publisher_query(struct mdns_publisher *publisher, struct instant now,
    const struct mdns_query *query, struct outbox *outbox)
{
	struct mdns_link *link = find_link(publisher, query->link);
	const struct link *net = link ? net_of(publisher, link) : NULL;

	if (!net)
		return;
	mdns_probe_hear_query(publisher, link, net, &query->messages[0], now);
	mdns_answer_query(publisher, link, net, query, now, outbox);
	mdns_link_refresh(link);
}

static void advance_link(struct mdns_publisher *publisher, struct mdns_link *link,
    struct instant now, struct outbox *outbox)
{
	const struct link *net = net_of(publisher, link);

	if (!net || !instant_due(link->due, now))
		return;
	end_probing(link, now);
	mdns_probe_send(publisher, link, net, now, outbox);
	announce(link, now);
	mdns_answer_due(link, now);
	mdns_answer_write(publisher, link, net, &(struct mdns_form){0}, now, outbox);
	mdns_link_refresh(link);
}

void mdns_publisher_advance(
    struct mdns_publisher *publisher, struct instant now, struct outbox *outbox)
{
	struct mdns_link *link;

	if (instant_due(publisher->renew, now))
		renew(publisher, now, outbox);
	TAILQ_FOREACH(link, &publisher->links, entry)
	advance_link(publisher, link, now, outbox);
}

struct instant mdns_publisher_deadline(const struct mdns_publisher *publisher)
{
	struct instant deadline = publisher->renew;
	const struct mdns_link *link;

	TAILQ_FOREACH(link, &publisher->links, entry)
	deadline = instant_earlier(deadline, link->due);
	return deadline;
}

struct mdns_publisher *mdns_publisher_new(struct mdns *mdns)
{
	struct mdns_publisher *publisher = calloc(1, sizeof(*publisher));

	if (!publisher)
		return NULL;
	publisher->mdns = mdns;
	publisher->renew = INSTANT_NEVER;
	TAILQ_INIT(&publisher->links);
	TAILQ_INIT(&publisher->records.claims);
	for (size_t i = 0; i < MDNS_CONFLICTS; i++)
		publisher->conflicts[i] = MDNS_LONG_AGO;
	publisher->buckets = mdns_answer_buckets(mdns->context);
	if (!publisher->buckets) {
		free(publisher);
		return NULL;
	}
	return publisher;
}

void mdns_publisher_free(struct mdns_publisher *publisher)
{
	struct mdns_link *link;

	if (!publisher)
		return;
	while ((link = TAILQ_FIRST(&publisher->links)))
		drop_link(publisher, link); /* NOLINT(*unix.Malloc): unlinked before free */
	mdns_records_fini(&publisher->records);
	answer_buckets_free(publisher->buckets);
	free(publisher);
}

void mdns_publisher_start(
    struct mdns_publisher *publisher, struct instant now, const bool families[FAMILIES])
{
	const struct engine_context *context = context_of(publisher);
	const struct offer *own = offers_own(context->offers);

	if (!own || mdns_records_init(&publisher->records, slice_of(own->devices[0].udn), families))
		return;
	publisher->records.names = context->names;
	publisher->records.links = context->links;
	for (size_t i = 0; i < context->links->count; i++)
		if (may_announce(publisher, &context->links->links[i]))
			add_link(publisher, &context->links->links[i]);
	publisher->renew = now;
}

void mdns_publisher_offer_changed(struct mdns_publisher *publisher, struct instant now)
{
	publisher->renew = now;
}

void mdns_publisher_set_active(struct mdns_publisher *publisher, struct instant now, bool active)
{
	if (active != publisher->active)
		publisher->renew = now;
	publisher->active = active;
}

void mdns_publisher_stop(
    struct mdns_publisher *publisher, struct instant now, struct outbox *outbox)
{
	struct mdns_link *link;

	TAILQ_FOREACH(link, &publisher->links, entry)
	send_goodbyes(publisher, link, net_of(publisher, link), true, now, outbox);
}

bool mdns_publisher_announced(
    const struct mdns_publisher *publisher, size_t index, struct announced_name *announced)
{
	const struct mdns_claim *claim = mdns_records_host(&publisher->records);
	const struct mdns_publication *publication;
	const struct mdns_link *link;

	while (claim && (claim = TAILQ_NEXT(claim, entry)) && index > 0)
		index--;
	if (!claim)
		return false;
	*announced = (struct announced_name){
	    .offer = claim->offer,
	    .type = mdns_claim_type(claim),
	    .name = mdns_claim_label(claim),
	    .port = claim->port,
	    .claimed = !TAILQ_EMPTY(&publisher->links),
	};
	TAILQ_FOREACH(link, &publisher->links, entry)
	{
		publication = mdns_link_find(link, claim);
		announced->claimed &= publication && mdns_is_claimed(publication);
	}
	return true;
}

/* SPDX-License-Identifier: ISC
 * mdns_publisher_internal: what the files share that announce our records by mDNS. */
#ifndef ENGINE_MDNS_PUBLISHER_INTERNAL_H
#define ENGINE_MDNS_PUBLISHER_INTERNAL_H

#include "engine/answer_bucket.h"
#include "engine/instance_name.h"
#include "engine/mdns_internal.h"
#include "model/offers.h"
#include "wire/dns_writer.h"
#include <sys/queue.h>

/* mdns_records.c: names that this host claims, and the records of each. */

/* The sets of records of a claim, each of one name and type. Those before MDNS_SHARED are unique
 * (RFC 6762, 2): no other host may have one of this name. */
enum mdns_set {
	MDNS_IPV4 = 0, /* of this host: A */
	MDNS_IPV6 = 1, /* AAAA */
	MDNS_SRV = 0,  /* of a service */
	MDNS_TXT = 1,
	MDNS_NSEC = 2, /* of both: the name has no other types (6.1) */
	MDNS_HOST_SETS = 3,
	MDNS_SHARED = 3,
	MDNS_PTR = 3,     /* type to instance (RFC 6763, 4.1) */
	MDNS_TYPE = 4,    /* "_services._dns-sd._udp" to type (9) */
	MDNS_SUBTYPE = 5, /* subtype to instance (7.1), one set for each */
};

/* A name that is ours while no other host on a link has it: that of a service, or of this host. */
struct mdns_claim {
	TAILQ_ENTRY(mdns_claim) entry;
	uint64_t offer;                  /* its number; 0: this host */
	char wanted[INSTANCE_NAME_SIZE]; /* the name, without a number */
	uint32_t number;                 /* 2: "NAME (2)" */
	struct dns_name name;            /* "NAME._http._tcp.local" */
	struct dns_name type;            /* "_http._tcp.local" */
	char *type_text;                 /* "_http._tcp,_subtype", as it is offered */
	struct dns_name *subtypes;       /* "_subtype._sub._http._tcp.local" */
	size_t subtype_count;
	char *txt; /* never empty */
	size_t txt_len;
	uint16_t port;
	bool found;     /* in the offers, while they are compared */
	bool changed;   /* to be announced again, by its user, who resets this */
	bool withdrawn; /* to be dropped, by its user */
};

/* Owns its claims. The first one is that of this host, all others are services of offers. */
struct mdns_records {
	TAILQ_HEAD(, mdns_claim) claims;
	struct dns_name enumeration;    /* "_services._dns-sd._udp.local" (RFC 6763, 9) */
	bool families[FAMILIES];        /* whose addresses are announced */
	const struct kept_names *names; /* that they got at former starts; or NULL */
	const struct link_set *links;   /* of this host, borrowed */
};

/* With the claim of this host, "discoverd-" and the end of its UDN: its host name is left to the
 * responder that has it. 0 or -ENOMEM. */
int mdns_records_init(
    struct mdns_records *records, struct slice udn, const bool families[FAMILIES]);
void mdns_records_fini(struct mdns_records *records);
/* Makes the claims those of the offers: new ones are added at the end, others `changed` or
 * `withdrawn`. Without memory one is missing until the next call. */
void mdns_records_follow(struct mdns_records *records, const struct offers *offers);
void mdns_records_drop(struct mdns_records *records, struct mdns_claim *claim);
/* Gives it the next name that no other claim has. */
void mdns_records_rename(struct mdns_records *records, struct mdns_claim *claim);

static inline bool mdns_claim_is_host(const struct mdns_claim *claim)
{
	return claim->offer == 0;
}

static inline size_t mdns_claim_sets(const struct mdns_claim *claim)
{
	return mdns_claim_is_host(claim) ? MDNS_HOST_SETS : MDNS_SUBTYPE + claim->subtype_count;
}

/* The chosen name as text: the first label. */
struct slice mdns_claim_label(const struct mdns_claim *claim);
/* The claim of this host. */
struct mdns_claim *mdns_records_host(const struct mdns_records *records);
/* The name of a set, and its type. */
const struct dns_name *mdns_set_name(
    const struct mdns_records *records, const struct mdns_claim *claim, size_t set);
uint16_t mdns_set_type(const struct mdns_claim *claim, size_t set);
/* The n-th record of a set, as it is on this link; false at the end. The record borrows from both.
 */
bool mdns_set_record(const struct mdns_records *records, const struct mdns_claim *claim, size_t set,
    const struct link *link, size_t n, struct dns_record *record);
/* True when two links of this host are in one network: other hosts hear what it sends by both. */
bool mdns_share_network(const struct link *link, const struct link *other);
/* True when a link has addresses to be announced. */
bool mdns_records_fit(const struct mdns_records *records, const struct link *link);
/* Seconds (RFC 6762, 10). */
uint32_t mdns_set_ttl(const struct mdns_claim *claim, size_t set);
/* True when a set has this record on the link, whatever its lifetime. */
bool mdns_set_has(const struct mdns_records *records, const struct mdns_claim *claim, size_t set,
    const struct link *link, const struct dns_record *record);
/* False for a question that has no name of ours, and for a record that has none and is not ours. */
bool mdns_records_concern(const struct mdns_records *records, const struct dns_entry *entry);
/* "_http._tcp" */
struct slice mdns_claim_type(const struct mdns_claim *claim);

/* Claims on links. */

enum {
	MDNS_MARK_ANSWER = 1, /* to be written as an answer */
	MDNS_MARK_ADDITIONAL = 2,
	MDNS_WANTED = 4, /* by the query that is being read */
	MDNS_WANTED_UNICAST = 8,
};

/* A set of records on a link. */
struct mdns_timing {
	struct instant sent;     /* by multicast; MDNS_LONG_AGO: not yet */
	struct instant due;      /* an answer, by multicast; INSTANT_NEVER: none */
	struct instant earliest; /* when it may go with others that are due */
	uint8_t marks;           /* none, between calls */
	uint8_t known;           /* how many of it the sender of a query has */
};

enum mdns_phase {
	MDNS_PROBING,    /* other hosts are asked whether they have the name */
	MDNS_ANNOUNCING, /* it is ours */
	MDNS_PUBLISHED,  /* and has been announced */
};

/* A claim on one link. */
struct mdns_publication {
	TAILQ_ENTRY(mdns_publication) entry;
	struct mdns_claim *claim;
	enum mdns_phase phase;
	unsigned round;     /* probes or announcements of this phase that were sent */
	bool known;         /* other hosts may have heard of it: a goodbye has to be sent */
	struct instant due; /* of the next probe or announcement */
	struct mdns_timing sets[];
};

/* A link on which we announce. */
struct mdns_link {
	TAILQ_ENTRY(mdns_link) entry;
	uint32_t index, generation;
	TAILQ_HEAD(, mdns_publication) publications;
	struct instant due; /* when the first of them has something to send */
};

/* RFC 6762, 8.1: so many conflicts in 10 s, and each further probe waits for 5 s. */
enum { MDNS_CONFLICTS = 15 };

struct mdns_publisher {
	struct mdns *mdns;
	struct mdns_records records;
	TAILQ_HEAD(, mdns_link) links;
	bool active;          /* as configured */
	struct instant renew; /* the offers have changed: when to look at them */
	struct instant conflicts[MDNS_CONFLICTS];
	unsigned conflict; /* the oldest of them */
	struct answer_buckets *buckets;
};

static inline bool mdns_is_claimed(const struct mdns_publication *publication)
{
	return publication->phase != MDNS_PROBING;
}

/* When a set may be multicast again, so long after the last time (RFC 6762, 6). */
static inline struct instant mdns_free_at(
    const struct mdns_timing *timing, struct instant now, int64_t pause)
{
	int64_t since = instant_since(now, timing->sent);

	return since < pause ? instant_add(now, pause - since) : now;
}

/* mdns_answer.c: answers, and all messages with answers. */

/* How marked sets are written. */
struct mdns_form {
	bool goodbye;                    /* with a lifetime of 0 (RFC 6762, 10.1) */
	const struct address_port *to;   /* by unicast; NULL: to the group */
	const struct dns_message *query; /* that is answered by unicast */
	bool legacy;                     /* as a resolver that knows no multicast wants it (6.7) */
};

/* NULL when out of memory. */
struct answer_buckets *mdns_answer_buckets(const struct engine_context *context);
/* Answers a query, now by unicast or later by multicast. */
void mdns_answer_query(struct mdns_publisher *publisher, struct mdns_link *link,
    const struct link *net, const struct mdns_query *heard, struct instant now,
    struct outbox *outbox);
/* Another host has multicast a record, which may be one of ours. */
void mdns_answer_hear(struct mdns_publisher *publisher, struct mdns_link *link,
    const struct link *net, const struct dns_record *record, struct instant now);
/* Marks the answers of a link that are due. */
void mdns_answer_due(struct mdns_link *link, struct instant now);
/* Sends what is marked, with additional records. */
void mdns_answer_write(struct mdns_publisher *publisher, struct mdns_link *link,
    const struct link *net, const struct mdns_form *form, struct instant now,
    struct outbox *outbox);

/* mdns_probe.c: probes and conflicts (RFC 6762, 8.1, 8.2 and 9). */

/* NULL where the link has none of this claim. */
struct mdns_publication *mdns_link_find(
    const struct mdns_link *link, const struct mdns_claim *claim);
/* Computes its deadline: to be called after each change. */
void mdns_link_refresh(struct mdns_link *link);
/* When a name is probed: together with others of the link that wait for their first probe. */
struct instant mdns_probe_start(
    const struct mdns_publisher *publisher, const struct mdns_link *link, struct instant now);
/* It is probed anew, under the present name of its claim. */
void mdns_probe_restart(struct mdns_publication *publication, struct instant due);
/* Marks what other hosts know of it, for a goodbye. */
void mdns_probe_forget(struct mdns_publication *publication);
void mdns_probe_send(struct mdns_publisher *publisher, struct mdns_link *link,
    const struct link *net, struct instant now, struct outbox *outbox);
/* A probe of another host. */
void mdns_probe_hear_query(struct mdns_publisher *publisher, struct mdns_link *link,
    const struct link *net, const struct dns_message *message, struct instant now);
/* A record that another host announces: true when a name of ours is not ours any more, or another
 * one. */
bool mdns_probe_hear_record(struct mdns_publisher *publisher, struct mdns_link *link,
    const struct link *net, const struct dns_record *record, struct instant now,
    struct outbox *outbox);

/* mdns_publisher.c: which names are announced where, and goodbyes; called by the engine. */

/* NULL when out of memory. */
struct mdns_publisher *mdns_publisher_new(struct mdns *mdns);
void mdns_publisher_free(struct mdns_publisher *publisher);
/* `families`: those that have sockets. */
void mdns_publisher_start(
    struct mdns_publisher *publisher, struct instant now, const bool families[FAMILIES]);
/* Whether anything is announced; before the start, and when the configuration has changed. */
void mdns_publisher_set_active(struct mdns_publisher *publisher, struct instant now, bool active);
void mdns_publisher_offer_changed(struct mdns_publisher *publisher, struct instant now);
void mdns_publisher_link_changed(struct mdns_publisher *publisher, struct instant now,
    const struct link_change *change, struct outbox *outbox);
/* An answer of another host on the link, or of another program here. */
void mdns_publisher_response(struct mdns_publisher *publisher, struct instant now,
    const struct mdns_response *response, struct outbox *outbox);
void mdns_publisher_query(struct mdns_publisher *publisher, struct instant now,
    const struct mdns_query *query, struct outbox *outbox);
void mdns_publisher_advance(
    struct mdns_publisher *publisher, struct instant now, struct outbox *outbox);
struct instant mdns_publisher_deadline(const struct mdns_publisher *publisher);
/* Says goodbye. */
void mdns_publisher_stop(
    struct mdns_publisher *publisher, struct instant now, struct outbox *outbox);
/* See engine_type.announced. */
bool mdns_publisher_announced(
    const struct mdns_publisher *publisher, size_t index, struct announced_name *announced);

#endif

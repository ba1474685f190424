/* SPDX-License-Identifier: ISC
 * mdns_browser_internal: what the files share that browse for the services of other hosts.
 *
 * Records are kept by the machine that sent them: what another one says of the same name changes
 * nothing of them. From the lowest file:
 *
 *   mdns_send      questions to single hosts, and for hosts by name
 *   mdns_type      types of services
 *   mdns_cache     machines, their hosts and instances
 *   mdns_host      hosts as endpoints, with their instances as services
 *   mdns_machine   which machine sends a message
 *   mdns_question  what is asked, and when
 *   mdns_overheard questions of other hosts
 *   mdns_browser   records that come in, time and links */
#ifndef ENGINE_MDNS_BROWSER_INTERNAL_H
#define ENGINE_MDNS_BROWSER_INTERNAL_H

#include "base/hashmap.h"
#include "base/heap.h"
#include "engine/mdns_internal.h"
#include "engine/reconfirm_queue.h"
#include "engine/record_life.h"
#include "wire/dns_writer.h"
#include <sys/queue.h>

enum {
	MDNS_RECORDS_MAX = 8192, /* all that are kept */
	MDNS_RECORDS_OF_PEER_MAX = 256,
	MDNS_TYPES_MAX = 256,
	MDNS_SENDERS_MAX = 8,   /* addresses of one machine that send */
	MDNS_ADDRESSES_MAX = 8, /* of a host, as its records say */
	MDNS_WANTED_MAX = 32,   /* hosts that are asked for by name at a time */
};

/* A type of service, on all links. */
struct mdns_type {
	TAILQ_ENTRY(mdns_type) entry;
	unsigned users; /* instances and questions */
	unsigned instances;
	bool builtin;
	struct dns_name name;               /* "_ipp._tcp.local" */
	char text[2 * (DNS_LABEL_MAX + 1)]; /* "_ipp._tcp" */
};

/* An instance of a service; the struct is followed by its label. */
struct mdns_instance {
	struct hashmap_node by_name;
	SLIST_ENTRY(mdns_instance) entry;
	struct mdns_peer *peer;
	struct mdns_type *type;
	struct mdns_host *host; /* the target of its SRV; NULL: not known */
	/* Data of its TXT, kept as long as it is needed, then only its hash. */
	union {
		char *data;
		uint64_t hash;
	} txt;
	struct record_life ptr, srv, txt_life;
	uint16_t txt_len, port;
	uint8_t label_len;
	bool hashed : 1;  /* of the TXT only the hash is kept */
	bool changed : 1; /* to be reported */
	bool heard : 1;   /* likewise: it says what it said before */
	bool shown : 1;   /* the table holds it */
	bool known : 1;   /* by the sender of the query that is being read */
	uint8_t place;    /* among the services of the endpoint, with `changes` of the host */
	char label[];
};

struct mdns_host_address {
	struct record_life life;
	struct address address;
};

/* A name with addresses: the target of SRV records. The struct is followed by the labels of the
 * name. */
struct mdns_host {
	struct hashmap_node by_name;
	SLIST_ENTRY(mdns_host) entry;
	struct mdns_peer *peer;
	struct mdns_host_address *addresses;
	struct instant ask; /* by unicast, to verify it; INSTANT_NEVER: it is not asked */
	uint64_t endpoint;  /* that its sightings go to; 0: not known */
	uint32_t changes;   /* of that */
	uint8_t address_count;
	uint8_t asked; /* how often it was */
	bool changed : 1;
	bool heard : 1;
	bool shown : 1;     /* the table holds it */
	bool reflected : 1; /* it is not at an address of its own */
	uint8_t name_len;
	uint8_t name[];
};

/* An address that sends, found by itself and its link. */
struct mdns_sender {
	struct hashmap_node by_address;
	struct mdns_peer *peer;
	struct address address;
	struct instant expires; /* as the table knows it; INSTANT_NEVER: not reported */
	uint16_t id;            /* of questions that are sent to it alone */
	uint8_t guesses;        /* answers with another id */
};

/* A machine on a link. */
struct mdns_peer {
	TAILQ_ENTRY(mdns_peer) entry;
	struct heap_node by_due;
	SLIST_HEAD(, mdns_instance) instances;
	SLIST_HEAD(, mdns_host) hosts;
	struct mdns_sender *senders[MDNS_SENDERS_MAX]; /* at least one; the first is shown */
	size_t sender_count;
	uint32_t link;
	unsigned records;
	unsigned tries;        /* how often missing records were asked for */
	struct instant retry;  /* when they are asked for again */
	struct instant missed; /* when `missed` was set in one of its records */
	bool named;            /* another one says that an address of it is its own */
};

/* A question for instances of a type on a link. */
struct mdns_question {
	struct mdns_type *type;
	struct instant due;
	int64_t interval; /* until it is due again */
	struct instant
	    listed_until;         /* a host names the type (RFC 6763, 9), or it is searched for */
	uint32_t listed_ttl;      /* 0: no host names it */
	struct instant overheard; /* another host asked for it, and it was looked what it misses */
};

/* A link that is browsed. */
struct mdns_browsed {
	TAILQ_ENTRY(mdns_browsed) entry;
	uint32_t index;
	struct mdns_question *questions; /* the first asks for types */
	size_t question_count, question_capacity;
	bool hurried; /* it is asked by unicast, too, with the next question */
};

/* A host whose addresses are wanted, whether it offers a service or not. */
struct mdns_wanted {
	struct dns_name name;
	struct instant until; /* its answers are reported; then the place is free */
	struct instant due;   /* it is asked for again */
	int64_t interval;     /* until then; 0: it is not asked for again */
};

struct mdns_browser {
	struct mdns *mdns;
	TAILQ_HEAD(, mdns_type) types;
	TAILQ_HEAD(, mdns_browsed) links;
	TAILQ_HEAD(mdns_peers, mdns_peer) peers;
	struct hashmap senders, hosts, instances;
	struct heap by_due; /* peers */
	size_t type_count;
	unsigned records;
	struct instant search_until; /* answers are those to a search */
	struct reconfirm_queue reconfirms;
	struct mdns_wanted wanted[MDNS_WANTED_MAX];
	struct instant wanted_until;
	struct instant asks_full; /* when as many hosts as ever may be asked at once again */
	uint16_t id;              /* of questions from the ephemeral port to all */
	bool watched;
};

static inline const struct engine_context *mdns_browser_context(const struct mdns_browser *browser)
{
	return browser->mdns->context;
}

/* mdns_send.c: questions to single hosts, and for hosts by name. */

/* Asks hosts of the peer that are to be verified, by unicast. */
void mdns_send_verify(struct mdns_browser *browser, struct mdns_peer *peer, struct instant now,
    struct outbox *outbox);
/* Asks hosts that are to be asked whether they are there, likewise. */
void mdns_send_reconfirm(struct mdns_browser *browser, struct instant now, struct outbox *outbox);
/* See engine_type.resolve. */
void mdns_send_resolve(struct mdns_browser *browser, struct instant now,
    const struct dns_name *name, unsigned seconds, struct outbox *outbox);
/* Asks again for what is not answered. */
void mdns_send_resolve_again(
    struct mdns_browser *browser, struct instant now, struct outbox *outbox);
struct instant mdns_send_resolve_deadline(const struct mdns_browser *browser);
/* Reports the addresses in an answer that are wanted. Of another program on this host, too. */
void mdns_send_resolved(struct mdns_browser *browser, struct instant now,
    const struct mdns_response *response, struct outbox *outbox);

/* mdns_type.c: types of services. */

/* The type of this name, which is "_ipp._tcp.local" or like it; NULL where it is none, there are
 * too many, or when out of memory. */
struct mdns_type *mdns_type_get(struct mdns_browser *browser, const struct dns_name_ref *name);
struct mdns_type *mdns_type_find(
    const struct mdns_browser *browser, const struct dns_name_ref *name);
/* A question or an instance of the type goes. */
void mdns_type_release(struct mdns_browser *browser, struct mdns_type *type);
/* Frees a type that nothing is asked or known of. */
void mdns_type_drop_unused(struct mdns_browser *browser, struct mdns_type *type);
/* Adds those that are always asked for: first the one of which the instances are types (RFC 6763,
 * 9). False when out of memory. */
bool mdns_types_add(struct mdns_browser *browser);
/* "_ipp._tcp" or "_ipp._tcp.local"; false for another text. */
bool mdns_type_parse(struct slice text, struct dns_name *name);

/* mdns_cache.c: machines, their hosts and instances. */

/* 0 or -ENOMEM. */
int mdns_cache_init(struct mdns_browser *browser);
void mdns_cache_fini(struct mdns_browser *browser);
struct mdns_sender *mdns_sender_find(
    const struct mdns_browser *browser, uint32_t link, const struct address *address);
/* Of a machine that has not sent yet; NULL when out of memory. */
struct mdns_peer *mdns_peer_new(
    struct mdns_browser *browser, uint32_t link, const struct address *address);
/* Another address of the machine. False when it has too many, or when out of memory. */
bool mdns_peer_add_sender(
    struct mdns_browser *browser, struct mdns_peer *peer, const struct address *address);
void mdns_peer_drop_sender(struct mdns_browser *browser, struct mdns_peer *peer, size_t at);
void mdns_peer_free(struct mdns_browser *browser, struct mdns_peer *peer);
/* To be called after its records have changed. */
void mdns_peer_settle(struct mdns_browser *browser, struct mdns_peer *peer);
/* Of a name in the maps of hosts and instances. */
uint64_t mdns_name_hash(const struct mdns_browser *browser, const struct dns_name_ref *ref);
struct mdns_host *mdns_host_find(const struct mdns_peer *peer, const struct dns_name_ref *name);
/* NULL when out of memory. */
struct mdns_host *mdns_host_get(
    struct mdns_browser *browser, struct mdns_peer *peer, const struct dns_name_ref *name);
struct dns_name_ref mdns_host_name(const struct mdns_host *host);
void mdns_host_free(struct mdns_browser *browser, struct mdns_peer *peer, struct mdns_host *host);
struct mdns_host_address *mdns_host_find_address(
    struct mdns_host *host, const struct address *address);
/* NULL when there are too many, or when out of memory. */
struct mdns_host_address *mdns_host_add_address(struct mdns_browser *browser,
    struct mdns_peer *peer, struct mdns_host *host, const struct address *address);
void mdns_host_drop_address(
    struct mdns_browser *browser, struct mdns_peer *peer, struct mdns_host *host, size_t at);
/* `name`: "Laser._ipp._tcp.local". */
bool mdns_instance_has_name(const struct mdns_instance *instance, const struct dns_name_ref *name);
struct mdns_instance *mdns_instance_find(
    const struct mdns_peer *peer, const struct dns_name_ref *name);
/* One that the peer does not have yet. NULL when out of memory, or for a label that is none. */
struct mdns_instance *mdns_instance_add(struct mdns_browser *browser, struct mdns_peer *peer,
    struct mdns_type *type, struct slice label);
void mdns_instance_name(const struct mdns_instance *instance, struct dns_name *name);
/* Its TXT, SLICE_NONE where that is not kept. */
struct slice mdns_instance_txt(const struct mdns_instance *instance);
/* Keeps the data of its TXT. False when that is what it was, or when out of memory. */
bool mdns_instance_take_txt(
    struct mdns_browser *browser, struct mdns_instance *instance, struct slice txt);
/* The table has it: only as much is kept as to know it again. */
void mdns_instance_drop_txt(struct mdns_browser *browser, struct mdns_instance *instance);
/* The table has it no more: where it is not kept here, it is to be asked for. */
void mdns_instance_forget_txt(struct mdns_instance *instance);
void mdns_instance_free(
    struct mdns_browser *browser, struct mdns_peer *peer, struct mdns_instance *instance);
/* One that has to give way to `count` more records of this peer, and whose it is; NULL: none has
 * to. */
struct mdns_instance *mdns_cache_victim(
    struct mdns_browser *browser, struct mdns_peer *peer, unsigned count, struct mdns_peer **of);

/* Records that are short-lived are kept while a program watches: whether one does may have changed.
 */
void mdns_cache_follow_watchers(struct mdns_browser *browser);

/* Of its PTR: kept while the table has the instance. */
enum record_care mdns_pointer_care(const struct mdns_instance *instance);
/* Of its SRV and TXT: likewise, while a program watches or the PTR runs out. */
enum record_care mdns_instance_care(
    const struct mdns_browser *browser, const struct mdns_instance *instance);
/* Of its addresses: as of the records of its instances. */
enum record_care mdns_host_care(
    const struct mdns_browser *browser, const struct mdns_peer *peer, const struct mdns_host *host);

/* mdns_host.c: endpoints. */

/* How the last message of a peer came. */
struct mdns_heard {
	struct address from;
	bool answers_us; /* see struct sighting */
	bool verified;   /* it answers what was sent to this address alone */
};

/* Reports what has changed in the records of a peer. */
void mdns_host_report(struct mdns_browser *browser, struct mdns_peer *peer,
    const struct mdns_heard *heard, struct instant now, struct outbox *outbox);
/* An instance goes, and is freed. */
void mdns_host_lose_instance(struct mdns_browser *browser, struct mdns_peer *peer,
    struct mdns_instance *instance, struct outbox *outbox);
/* Its SRV names another host now. */
void mdns_host_move_instance(const struct mdns_browser *browser, const struct mdns_peer *peer,
    struct mdns_instance *instance, struct outbox *outbox);
/* A host goes with its instances, and is freed. */
void mdns_host_leave(struct mdns_browser *browser, struct mdns_peer *peer, struct mdns_host *host,
    struct outbox *outbox);
/* Drops what has run out; the peer is freed with its last record. */
void mdns_host_expire(struct mdns_browser *browser, struct mdns_peer *peer, struct instant now,
    struct outbox *outbox);
/* See engine_type. */
void mdns_host_observed(
    struct mdns_browser *browser, const struct sighting *sighting, const struct endpoint *endpoint);
void mdns_host_unrenewed(struct mdns_browser *browser, struct instant now,
    const struct renewal *renewal, struct outbox *outbox);
void mdns_host_forgotten(struct mdns_browser *browser, const struct endpoint *endpoint);
/* True when one of the addresses that send is among its own. */
bool mdns_host_is_sender(const struct mdns_peer *peer, const struct mdns_host *host);

/* mdns_machine.c: which machine sends a message. */

/* A response that is being read. */
struct mdns_reading {
	struct mdns_browser *browser;
	struct mdns_browsed *link;
	struct mdns_peer *peer; /* NULL while its sender has none */
	const struct address *from;
	const struct mdns_response *response;
	bool legacy;   /* an answer by unicast */
	bool verified; /* to what was sent to this address alone */
	bool located;  /* it names an address of a host that was not known */
	/* One for all, so that they are asked for again together (RFC 6762, 5.2). */
	uint8_t jitter;
	struct instant now;
	struct outbox *outbox;
};

static inline bool mdns_is_address(const struct dns_entry *record)
{
	return record->type == DNS_A || record->type == DNS_AAAA;
}

/* Finds it by its address, or by those that it and others say are its own. */
void mdns_machine_find(struct mdns_reading *reading);
/* After a host has got an address: another machine that sends from there may be the same one. */
void mdns_machine_note_address(struct mdns_reading *reading, const struct address *address);
/* Makes it one with another machine that is the same, when all records are taken. */
void mdns_machine_unite(struct mdns_reading *reading);

/* mdns_question.c: questions. */

bool mdns_browsed_suits(const struct link *link);
struct mdns_browsed *mdns_browsed_find(const struct mdns_browser *browser, uint32_t index);
struct mdns_browsed *mdns_browsed_add(
    struct mdns_browser *browser, uint32_t index, struct instant now);
void mdns_browsed_free(struct mdns_browser *browser, struct mdns_browsed *link);
/* A link came or went, or has another address. */
void mdns_browsed_follow(
    struct mdns_browser *browser, struct instant now, const struct link_change *change);
/* NULL where it is not asked for there. */
struct mdns_question *mdns_question_find(
    const struct mdns_browsed *link, const struct mdns_type *type);
/* Asks for a type from now on. NULL when out of memory. */
struct mdns_question *mdns_question_add(struct mdns_browser *browser, struct mdns_browsed *link,
    struct mdns_type *type, struct instant now);
/* Begins anew with all questions, or that of one type. */
void mdns_question_restart(struct mdns_browser *browser, struct mdns_browsed *link,
    const struct mdns_type *type, struct instant now);
/* Asks what is due on a link. */
void mdns_question_advance(struct mdns_browser *browser, struct mdns_browsed *link,
    struct instant now, struct outbox *outbox);
struct instant mdns_question_deadline(const struct mdns_browsed *link);
/* RFC 6762, 7.1: with at least half of its lifetime left. */
bool mdns_is_known(struct instant expires, uint32_t ttl, struct instant now);
bool mdns_instance_is_known(const struct mdns_instance *instance, struct instant now);

/* mdns_overheard.c: questions of other hosts. */

/* Another host asks: that need not be asked (RFC 6762, 7.3), and what is not answered twice is
 * checked (10.5). */
void mdns_overheard_query(
    struct mdns_browser *browser, const struct mdns_query *query, struct instant now);

/* mdns_browser.c: called by the engine. */

/* NULL when out of memory. */
struct mdns_browser *mdns_browser_new(struct mdns *mdns);
void mdns_browser_free(struct mdns_browser *browser);
void mdns_browser_start(struct mdns_browser *browser, struct instant now);
/* An answer of another host on the link, or of another program here. */
void mdns_browser_response(struct mdns_browser *browser, struct instant now,
    const struct mdns_response *response, struct outbox *outbox);
void mdns_browser_advance(struct mdns_browser *browser, struct instant now, struct outbox *outbox);
struct instant mdns_browser_deadline(const struct mdns_browser *browser);
/* Asks for everything, or for one type: see engine_type.search. */
void mdns_browser_search(
    struct mdns_browser *browser, struct instant now, struct slice target, unsigned seconds);
void mdns_browser_reconfirm(
    struct mdns_browser *browser, struct instant now, const struct engine_reconfirm *reconfirm);

#endif

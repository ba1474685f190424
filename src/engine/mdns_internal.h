/* SPDX-License-Identifier: ISC
 * mdns_internal: what both halves of the mDNS engine share: mdns_publisher announces our records,
 * mdns_browser asks for those of other hosts. */
#ifndef ENGINE_MDNS_INTERNAL_H
#define ENGINE_MDNS_INTERNAL_H

#include "engine/engine.h"
#include "engine/query_parts.h"
#include "wire/dns_message.h"

/* A packet is at most that long, with its headers (RFC 6762, 17). */
enum { MDNS_PORT = 5353, MDNS_PACKET_MAX = 9000 };
/* How many messages that were sent last are known again. */
enum { MDNS_SENT_MAX = 64 };
/* Earlier than every other moment. */
#define MDNS_LONG_AGO ((struct instant){INT64_MIN / 4})
/* The same records are multicast again after this at the earliest (RFC 6762, 6). */
#define MDNS_SET_PAUSE SECONDS(1)

enum mdns_counter {
	MDNS_RECEIVED,
	MDNS_OVERSIZED,
	MDNS_MALFORMED,
	MDNS_OWN,
	MDNS_OFF_LINK,
	MDNS_INVALID,
	/* of mdns_browser */
	MDNS_QUERIES,
	MDNS_QUERIES_UNICAST,
	MDNS_QUERIES_SUPPRESSED,
	MDNS_RECONFIRMS,
	MDNS_UNVERIFIED,
	MDNS_UNASKED,
	MDNS_TYPES_REFUSED,
	MDNS_RECORDS_REFUSED,
	MDNS_RECORDS_EVICTED,
	/* of mdns_publisher */
	MDNS_PROBES,
	MDNS_PROBES_LOST,
	MDNS_CONFLICTS_SEEN,
	MDNS_RENAMES,
	MDNS_MULTICASTS,
	MDNS_UNICASTS,
	MDNS_KNOWN,
	MDNS_DUPLICATES,
	MDNS_LIMITED,
	MDNS_PARTS_DROPPED,
	MDNS_COUNTERS
};

struct mdns_config {
	bool enabled, announce;
};

/* A query, in however many datagrams it came. */
struct mdns_query {
	uint32_t link;
	struct address_port from;
	const struct dns_message *messages;
	size_t message_count;
	bool has_waited; /* for the rest of it */
};

/* An answer of another host, or of another program on this one. */
struct mdns_response {
	const struct datagram *datagram;
	const struct dns_message *message;
	size_t count;
	struct dns_entry records[DNS_RECORDS_MAX]; /* answers and additional ones of class IN */
};

struct mdns_browser;
struct mdns_publisher;

struct mdns {
	struct engine engine;
	const struct engine_context *context;
	struct mdns_publisher *publisher;
	struct mdns_browser *browser;
	struct query_parts parts;
	uint64_t sent[MDNS_SENT_MAX]; /* hashes of multicasts, a ring */
	size_t sent_next;
	struct counter counters[MDNS_COUNTERS];
};

static inline void mdns_counted(struct mdns *mdns, enum mdns_counter counter)
{
	mdns->counters[counter].value++;
}

const struct mdns_config *mdns_config(const struct config *config);
/* Finds the records in it. */
void mdns_response_read(struct mdns_response *response, const struct datagram *datagram,
    const struct dns_message *message);

/* mdns_send.c */

/* Multicasts a message on this link by both families, from port 5353. */
void mdns_send(
    struct mdns *mdns, const struct link *link, struct slice bytes, struct outbox *outbox);
/* Multicasts a question from the ephemeral port: hosts answer it at once and to us alone (RFC 6762,
 * 6.7). */
void mdns_send_ephemeral(
    struct mdns *mdns, const struct link *link, struct slice bytes, struct outbox *outbox);
/* True for a message of ours that comes back, once for each time that it was sent. Other programs
 * of this host send from the same address and port, and other hosts ask the same questions. */
bool mdns_take_own(struct mdns *mdns, const struct datagram *datagram);
/* Largest message that needs no fragments on this link. */
size_t mdns_packet_size(const struct link *link);

#endif

/* SPDX-License-Identifier: ISC
 * endpoint: one thing on a device that speaks one protocol, what it said, where it is and what it
 * offers. */
#ifndef MODEL_ENDPOINT_H
#define MODEL_ENDPOINT_H

#include "base/hashmap.h"
#include "base/heap.h"
#include "base/instant.h"
#include "base/mac.h"
#include "model/protocol_id.h"
#include "model/sighting.h"
#include <sys/queue.h>

/* Bytes include the final NUL; what is longer is cut at a character. */
enum { ENDPOINT_TEXT_MAX = 257, ENDPOINT_URL_MAX = DEVICE_PAGE_TEXT_MAX, ENDPOINT_TXT_MAX = 1300 };
enum { ENDPOINT_PRESENCES_MAX = 16, ENDPOINT_SERVICES_MAX = 128 };

/* An address of an endpoint: one message was heard from there, and that it is there holds until
 * `expires`. Owned by the endpoint. */
struct presence {
	struct hashmap_node by_address;
	STAILQ_ENTRY(presence) next;
	struct endpoint *endpoint;
	const char *url;         /* of the description; last said here, NULL where none was */
	struct repeats *repeats; /* of table_repeats.c; NULL: none */
	struct instant expires;
	/* `expires` as it was said, before it is being asked or while it is not verified in a
	 * crowd. */
	struct instant promised;
	/* When it may be asked again whether it is there; INSTANT_NEVER: it is being asked, and
	 * expires soon if it is silent. */
	struct instant reconfirmable;
	struct address address;
	uint8_t network;    /* length of our IPv4 prefix that it is in; 0: not known */
	uint16_t port;      /* where it takes a unicast question; 0: the protocol's own port */
	struct mac mac;     /* as the kernel last said */
	bool departing : 1; /* it is asked, or goes, because of a goodbye of its own */
	bool unsure : 1; /* the kernel has not confirmed that MAC since it was first heard there */
	bool taken : 1;  /* likewise, and has confirmed another one, so it is being asked */
	bool cut_short : 1; /* `expires` is earlier than what was promised because of a crowd */
	uint32_t macs;      /* see table_refresh_holds_still() */
};

/* All strings are held by the table's pool, NULL where unknown. */
struct service {
	const char *type;
	const char *key, *name, *url;
	char *txt;              /* length-prefixed pairs, owned */
	struct instant expires; /* INSTANT_NEVER: known from the description, goes with it */
	uint16_t txt_len, port;
	bool described; /* its description names it */
};

/* Identified by protocol, key, link and MAC, or address while the MAC is not known. Owned by its
 * device. */
struct endpoint {
	struct hashmap_node by_key, by_number; /* see endpoint_number() */
	struct heap_node by_expiry;            /* the earliest of its presences and services */
	TAILQ_ENTRY(endpoint) of_device;       /* in the order they came */
	union {
		TAILQ_ENTRY(endpoint) of_source; /* likewise, with `source` */
		struct hashmap_node alone;       /* of the table, without one */
	};
	TAILQ_ENTRY(endpoint) of_unverified; /* of the table, while not verified */
	STAILQ_ENTRY(endpoint) of_evicted;   /* of the table, while `evicted` */
	struct device *device;
	struct table_source *source; /* NULL: no other one has the same */
	const struct protocol_id *protocol;
	STAILQ_HEAD(, presence) presences; /* at least one, in the order they came */
	struct service *services;
	struct device_page *page; /* what its description says beyond the facts; or NULL */
	/* What it says of itself, by enum endpoint_fact: of most there are two of the eleven. See
	 * endpoint_fact. Held by the table's pool, clean UTF-8. */
	const char **fact_texts;
	const char *url;            /* the description that counts */
	const char *next_url;       /* said instead; counts when `url` does not answer any more */
	struct instant url_expires; /* `url` was announced for so long */
	struct instant first_seen, last_seen, epoch_since;
	/* It was first seen before this boot: microseconds since 1970, to be shown; 0: it was not.
	 */
	int64_t first_seen_wall;
	struct key key; /* its text, if it says more than the key, stands behind the struct */
	uint32_t link;
	uint32_t epoch, revision;
	uint32_t charge; /* bytes that count for its source and the table */
	/* Counts changes of what it says: with the same number, services have the same places. */
	uint32_t changes;
	uint16_t fact_set; /* bits 1 << enum endpoint_fact: which there are */
	uint8_t presence_count, service_count;
	uint8_t dialect; /* of its protocol that it spoke last */
	uint8_t claim;   /* endpoints of one key and one claim are one machine */
	/* The low bits of the epoch that an announcement replaced: messages that were under way
	 * still have it. With `renumbered`. */
	uint16_t former_epoch;
	bool has_epoch : 1, has_revision : 1;
	bool guest : 1; /* its key is a verified one's elsewhere, and it has answered nothing: it
			 * ties by that key alone */
	bool renumbered : 1;   /* its epoch was announced before it began: no restart */
	bool type_settled : 1; /* its type was said since it was last restarted */
	bool is_device : 1;    /* more than a control point */
	bool primary : 1;
	bool described : 1; /* a description was read and is in force */
	bool verified : 1;  /* it answered what was sent to it */
	bool answers : 1;   /* … by its own protocol */
	bool by_page : 1;   /* it was asked, and its page alone has answered */
	bool busy : 1;      /* its description is being fetched: it is not evicted */
	bool by_mac : 1;    /* its source is a MAC */
	bool evicted : 1;   /* it has to give way before the call ends */
	bool reflected : 1; /* another host repeats it: the address is that of the other */
	bool restored : 1;  /* from a former start, and not heard since */
	bool reached : 1;   /* it hangs together with what keeps the device that is split */
};

/* Never given twice in a table: the greater one came later. */
static inline uint64_t endpoint_number(const struct endpoint *endpoint)
{
	return endpoint->by_number.hash;
}
/* NULL where it is not known. */
const char *endpoint_fact(const struct endpoint *endpoint, enum endpoint_fact fact);
/* When it is dropped without another message: the latest of its presences. */
struct instant endpoint_expires(const struct endpoint *endpoint);
struct presence *endpoint_find_presence(
    const struct endpoint *endpoint, const struct address *address);
/* True when one of its presences has this MAC. */
bool endpoint_has_mac(const struct endpoint *endpoint, const struct mac *mac);
struct service *endpoint_find_service(
    const struct endpoint *endpoint, struct slice type, struct slice key);
/* The text of its key as its protocol wrote it; for KEY_ADDRESS that of its first address. */
const char *endpoint_key_text(const struct endpoint *endpoint, char buffer[KEY_TEXT_MAX]);

#endif

/* SPDX-License-Identifier: ISC
 * device: one row of the table: who was seen, where, by which protocols, and until when. */
#ifndef MODEL_DEVICE_H
#define MODEL_DEVICE_H

#include "base/address.h"
#include "base/hashmap.h"
#include "base/heap.h"
#include "base/instant.h"
#include "model/device_page.h"

/* Bytes include the final NUL; what is longer is cut at a character. */
enum { DEVICE_ID_MAX = 256, DEVICE_TEXT_MAX = 256, DEVICE_URL_MAX = 513, DEVICE_USN_MAX = 257 };
enum { DEVICE_PRESENCES_MAX = 16, DEVICE_SERVICES_MAX = 64 };

enum device_kind { DEVICE_KIND_DEVICE, DEVICE_KIND_CONTROL_POINT };
enum device_reachable { DEVICE_REACHABLE_UNKNOWN, DEVICE_REACHABLE_YES, DEVICE_REACHABLE_NO };

/* Where and how it was seen: one per protocol, address and link. */
struct device_presence {
	const char *protocol; /* static */
	struct address address;
	uint8_t network;      /* length of our IPv4 prefix that it is in; 0: not known */
	uint16_t search_port; /* where it takes a unicast question; 0: the protocol's own port */
	uint32_t link;
	struct instant expires;
	/* When it may be doubted (again); INSTANT_NEVER while it is in doubt: somewhere else it was
	 * said that it left, so it is asked, and expires soon if it is silent. */
	struct instant doubtable;
	/* Hash of the LOCATION last said here, 0 where none was: it ties trees to places. */
	uint64_t location;
	struct mac
	    mac; /* who has the address, as last told; a kernel that forgets changes nothing */
};

/* Goes with the last presence of its protocol, or earlier when nobody vouches for it any more. Both
 * strings stand in one block, which begins with the USN where there is one. */
struct device_service {
	const char *protocol; /* static: the one that told */
	char *type;
	char *usn; /* NULL where unknown */
	struct instant expires;
};

/* Facts, all owned by the table, valid clean UTF-8, NULL where unknown. */
enum device_fact {
	DEVICE_BROADCAST_NAME, /* what it calls itself by broadcast */
	DEVICE_FRIENDLY_NAME,  /* from its description */
	DEVICE_TYPE,
	DEVICE_MANUFACTURER,
	DEVICE_MODEL,
	DEVICE_SERIAL,
	DEVICE_PRESENTATION_URL,
	DEVICE_SERVER,
	DEVICE_LOCATION,
	DEVICE_NEXT_LOCATION, /* said elsewhere while another stands; takes over from that */
	DEVICE_FACTS
};

/* Owned by the table; others hold const pointers until its next mutation. There may be thousands on
 * a small board, so its members are packed. */
struct device {
	struct hashmap_node by_id;
	struct heap_node by_expiry;
	struct device *next, *previous;               /* all devices, in the order they came */
	struct device *source_next, *source_previous; /* those of one source */
	struct table_source *source;
	char *id; /* "uuid:…" as first seen, or "host:ADDRESS%INDEX"; stands behind the struct */
	char *facts[DEVICE_FACTS];
	struct device_page *page;          /* as last read; NULL where none was */
	struct device_presence *presences; /* in the order they came */
	struct device_service *services;
	struct instant first_seen, last_seen;
	const char *numbered_by; /* static: the protocol whose numbers count, NULL: any */
	uint32_t boot_id, config_id;
	uint32_t former_boot_id;     /* before the last ssdp:update */
	struct instant former_until; /* messages with it may still be under way */
	bool has_boot_id, has_config_id;
	/* The address that a device without a name is shown by; it stays while the device leaves.
	 */
	struct address shown_as;
	bool described;    /* its type was learned from its description */
	bool typed;        /* its type was heard in a message since it booted */
	bool root;         /* announced as upnp:rootdevice */
	uint8_t kind;      /* enum device_kind */
	uint8_t reachable; /* enum device_reachable */
	uint8_t presence_count;
	uint8_t service_count;
	bool counted_by_mac; /* its source is a MAC */
};

/* friendlyName, else the broadcast name, the model or the manufacturer; never empty. NULL where
 * none is known (then `shown_as` is its name). */
const char *device_name(const struct device *device);
/* The presence to be shown first: of IPv4 where there is one, and at `shown_as` where it can be.
 * NULL without any. */
const struct device_presence *device_main_presence(const struct device *device);
/* When it is dropped without another sign of life: the latest of its presences. */
struct instant device_expires(const struct device *device);
/* True when one of its presences has this protocol. */
bool device_has_protocol(const struct device *device, const char *protocol);
/* True when one of its presences has this address on this link. */
bool device_has_address(const struct device *device, const struct address *address, uint32_t link);
/* Who has this address of it on this link. */
struct mac device_mac(const struct device *device, const struct address *address, uint32_t link);

#endif

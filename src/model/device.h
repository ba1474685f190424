/* SPDX-License-Identifier: ISC
 * device: one machine on the network, as far as can be told: its endpoints, and what is shown of
 * them. */
#ifndef MODEL_DEVICE_H
#define MODEL_DEVICE_H

#include "base/mac.h"
#include "model/endpoint.h"

enum { DEVICE_ID_MAX = KEY_TEXT_MAX };

enum device_kind { DEVICE_KIND_DEVICE, DEVICE_KIND_CONTROL_POINT, DEVICE_KIND_NEIGHBOUR };
enum device_reachable { DEVICE_REACHABLE_UNKNOWN, DEVICE_REACHABLE_YES, DEVICE_REACHABLE_NO };

/* Bits of struct device.flags. */
enum device_flag {
	DEVICE_DUPLICATE_UUID = 1 << 0, /* another machine has a uuid of this one */
	DEVICE_REFLECTED = 1 << 1,      /* another address speaks for it */
	DEVICE_RESTORED = 1 << 2,       /* from a former start, not yet heard again */
};

/* What changes are reported of; DEVICE_FIELD_NAMES are the JSON keys. */
enum device_field {
	FIELD_NAME,
	FIELD_TYPE,
	FIELD_MANUFACTURER,
	FIELD_MODEL,
	FIELD_MODEL_NUMBER,
	FIELD_SERIAL,
	FIELD_PRESENTATION_URL,
	FIELD_ICON_URL,
	FIELD_KIND,
	FIELD_PROTOCOLS,
	FIELD_ADDRESSES,
	FIELD_HOST_NAMES,
	FIELD_REACHABLE,
	FIELD_FLAGS,
	FIELD_ENDPOINTS,
	DEVICE_FIELDS
};
extern const char *const DEVICE_FIELD_NAMES[DEVICE_FIELDS];

TAILQ_HEAD(endpoint_list, endpoint);

/* Owned by the table; others hold const pointers until its next mutation. */
struct device {
	struct hashmap_node by_id;
	struct heap_node by_report;     /* when its next event is due; INSTANT_NEVER: none is */
	TAILQ_ENTRY(device) of_table;   /* in the order they came */
	struct endpoint_list endpoints; /* at least one, in the order they came */
	struct device *other; /* it may have moved there, or `held` come from there; or NULL */
	struct instant first_seen, last_seen;
	int64_t first_seen_wall;    /* as that of an endpoint */
	struct instant quiet_until; /* it may be moving: nothing is reported before */
	/* The id does not change once it was reported. Most are UUIDs. See device_id(). */
	union {
		uint8_t id_uuid[16];
		char *id_text; /* owned */
	};
	uint32_t shown[DEVICE_FIELDS]; /* hash of each field as it was last reported */
	uint32_t round;                /* of table_ties.c: it hangs together since then */
	unsigned endpoint_count : 22;
	unsigned reachable : 2;     /* enum device_reachable */
	unsigned flags : 3;         /* enum device_flag */
	unsigned reported_kind : 2; /* enum device_kind */
	bool id_is_uuid : 1;
	bool reported : 1; /* watchers know of it */
	bool held : 1;     /* it may be the new place of `other` */
};

/* The text of its id: "uuid:" with lower-case digits for a UUID, in the buffer; else its own. */
const char *device_id(const struct device *device, char buffer[KEY_UUID_TEXT_MAX]);
/* Its id is what key_format() makes of this key. */
bool device_id_is(const struct device *device, const struct key *key);
/* The value to show: of the endpoints that have one, that of the protocol that ranks first; among
 * those the root of a description, then one that answered, then the oldest. NULL where none has
 * one. `fact` is not FACT_SERVER. */
const char *device_fact(const struct device *device, enum endpoint_fact fact);
/* The name to show, never empty: what the endpoints call it, else its host name, model, maker, or
 * first address. `buffer` is used for the address alone. */
const char *device_name(const struct device *device, char buffer[ADDRESS_TEXT_MAX]);
/* The address to show: that of the endpoint that is shown first, IPv4 before IPv6. */
const struct presence *device_main_presence(const struct device *device);
enum device_kind device_kind(const struct device *device);
const char *device_kind_name(enum device_kind kind);
/* The longest of its endpoints that are more than a neighbour. */
struct instant device_expires(const struct device *device);
bool device_has_address(const struct device *device, const struct address *address, uint32_t link);
/* The MAC of this address of it on this link; not known where the kernel has not said. */
struct mac device_mac(const struct device *device, const struct address *address, uint32_t link);
/* True when one of its endpoints has this key. */
bool device_has_key(const struct device *device, const struct key *key);
/* Hashes each field as it is shown. */
void device_hash_fields(
    const struct device *device, const struct siphash_key *key, uint32_t hashes[DEVICE_FIELDS]);

/* Walks the endpoints by which a device is shown: begin with NULL, NULL at the end. The kernel's
 * word is no news of a device that speaks for itself: it is passed over unless nothing else is
 * known. */
const struct endpoint *device_next_endpoint(
    const struct device *device, const struct endpoint *after);
/* Walks the different places (address and link) of a device: begin with NULL, NULL at the end. */
const struct presence *device_next_place(const struct device *device, const struct presence *after);

#endif

/* SPDX-License-Identifier: ISC
 * sighting: what one message says about one endpoint; the only input of the table from an engine.
 */
#ifndef MODEL_SIGHTING_H
#define MODEL_SIGHTING_H

#include "base/address.h"
#include "base/mac.h"
#include "model/device_page.h"
#include "model/key.h"
#include "model/protocol_id.h"

/* What an endpoint may say of itself. */
enum endpoint_fact {
	FACT_NAME,
	FACT_TYPE,
	FACT_MANUFACTURER,
	FACT_MODEL,
	FACT_MODEL_NUMBER,
	FACT_MODEL_DESCRIPTION,
	FACT_SERIAL,
	FACT_PRESENTATION_URL,
	FACT_ICON_URL,
	FACT_HOST_NAME,
	FACT_SERVER,
	FACTS
};

enum sighting_event {
	SIGHTING_ALIVE,     /* is there, for `lifetime` */
	SIGHTING_RENUMBERS, /* goes on under `next_epoch`; gives no lifetime */
	SIGHTING_LEFT,      /* leaves, as far as `scope` says */
	SIGHTING_ASKED,     /* asked a question: a control point */
	SIGHTING_DESCRIBED, /* its description was read; gives no lifetime */
};

/* What leaves. */
enum sighting_scope {
	SCOPE_ENDPOINT, /* this endpoint at this address */
	SCOPE_GROUP,    /* likewise with all that announce its description there */
	SCOPE_SERVICE,  /* the services named in the sighting */
};

struct sighting_number {
	bool known;
	uint32_t value;
};

/* A service of the endpoint. Services of one endpoint differ in type, or in key where they have
 * one. */
struct sighted_service {
	struct slice key;  /* names it among those of its type: an instance, a service id */
	struct slice type; /* as its protocol writes it: a URN, "_ipp._tcp" */
	struct slice name; /* for people */
	struct slice url;  /* or its path */
	struct slice
	    txt;       /* "key=value" pairs, each behind one byte with its length (RFC 6763, 6.1) */
	uint16_t port; /* 0: none of its own */
};

/* Slices are borrowed: from the outbox until it is reset, or from the caller. Absent and empty ones
 * change nothing, except that a description takes back what an earlier one said, and so do facts
 * that are whole. Text needs no
 * cleaning by the engine: the table cleans what it keeps. */
struct sighting {
	enum sighting_event event;
	enum sighting_scope scope;
	const struct protocol_id *protocol;
	struct key key;
	struct address from;
	/* Where it was heard before, when its messages say that both are its addresses; or
	 * ADDRESS_NONE. */
	struct address also;
	uint32_t link;    /* index of the link it came in by */
	uint8_t network;  /* length of our prefix on it that holds `from`; 0: not known */
	uint8_t dialect;  /* of its protocol that it speaks, as the engine numbers them */
	uint16_t port;    /* where it takes unicast questions; 0: the protocol's own port */
	struct mac mac;   /* of the sender, as the kernel knows it */
	bool mac_unsure;  /* the kernel has not verified that lately (STALE) */
	bool mac_awaited; /* the kernel has none, and may have one in a moment */
	int64_t lifetime; /* microseconds, as said: the table clamps it */
	bool short_lived; /* a lifetime below the table's minimum is meant */
	struct slice url; /* of a description to fetch, which it may share with others */
	struct slice facts[FACTS];
	const struct sighted_service *services;
	size_t service_count;
	const struct device_page *page;    /* with SIGHTING_DESCRIBED; lent, or NULL */
	struct sighting_number epoch;      /* another one: it was restarted */
	struct sighting_number next_epoch; /* with SIGHTING_RENUMBERS */
	struct sighting_number revision;   /* another one: its description is to be read again */
	bool primary;                      /* the root of what it shares a description with */
	bool partial;                      /* with SIGHTING_DESCRIBED: the description was cut */
	bool whole;                        /* it says no other facts than these any more */
	bool answers_us;                   /* an answer to a question of ours */
	bool verified;                     /* it repeats what was sent to `from` alone */
	bool reflected;                    /* `from` is no address of it: another host repeats it */
	bool is_ourselves_elsewhere;       /* carries a uuid of ours but is not us */
};

#endif

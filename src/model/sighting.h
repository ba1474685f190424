/* SPDX-License-Identifier: ISC
 * sighting: what one message told us about somebody; all that an engine may tell the table. */
#ifndef MODEL_SIGHTING_H
#define MODEL_SIGHTING_H

#include "base/address.h"
#include "model/device_page.h"

enum sighting_event {
	SIGHTING_ALIVE,    /* is there, for `lifetime` */
	SIGHTING_UPDATE,   /* goes on under next_boot_id (ssdp:update); gives no lifetime */
	SIGHTING_BYE,      /* leaves this link, by this protocol, with its whole tree */
	SIGHTING_SEARCHED, /* asked a question: a control point */
	SIGHTING_FACTS,    /* its description was read; gives no lifetime, needs no address */
};

struct sighting_number {
	bool known;
	uint32_t value;
};

/* Slices are borrowed: from the outbox until it is reset, or from the caller. Absent and empty ones
 * change nothing. Text needs no cleaning by the engine: the table cleans what it keeps. */
struct sighting {
	enum sighting_event event;
	const char *protocol; /* static: the engine's name, "ssdp", "broadcast" */
	struct slice id; /* "uuid:…"; anything else or none: known by address and link only */
	struct address from;
	uint32_t link;        /* index of the link it came in by */
	uint8_t network;      /* length of our prefix on it that holds `from`; 0: not known */
	uint16_t search_port; /* where it takes unicast questions; 0: the protocol's own port */
	struct mac mac;       /* of the sender where known */
	int64_t lifetime;     /* microseconds, as said: the table clamps it */
	struct slice name;    /* as broadcast, or friendlyName when event is SIGHTING_FACTS */
	struct slice type;    /* device type */
	struct slice service; /* a service type this message vouches for */
	struct slice usn;     /* of that service */
	struct slice location;
	struct slice server;
	struct slice manufacturer, model, serial, presentation_url; /* with SIGHTING_FACTS */
	const struct device_page *page;                             /* likewise; lent, or NULL */
	struct sighting_number boot_id, next_boot_id, config_id;
	bool root;       /* announced as upnp:rootdevice */
	bool answers_us; /* an answer to a question of ours */
	/* Its numbers count only while no other protocol says any: what announces a change of them
	 * goes by that protocol, and may be read later. */
	bool secondary_numbers;
	bool is_ourselves_elsewhere; /* carries our own uuid but is not us */
};

#endif

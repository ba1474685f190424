/* SPDX-License-Identifier: ISC
 * fleet_document: a retained document of a device: its text, and what identifies the device. */
#ifndef MQTT_FLEET_DOCUMENT_H
#define MQTT_FLEET_DOCUMENT_H

#include "base/slice.h"

/* One statement of a document about the identity of its device, borrowed from it. */
struct fleet_claim {
	enum {
		FLEET_CLAIM_UUID = 'u', /* `value` is the canonical text, "uuid:…" */
		FLEET_CLAIM_MAC = 'm',  /* `value` is at `address` on the board's `interface` */
	} kind;
	struct slice value, interface, address;
};

/* Longer documents are none of discoverd-mqtt. */
enum { FLEET_DOCUMENT_MAX = 256 * 1024 };

/* Owned: one block, the text first. */
struct fleet_document {
	char *bytes;
	size_t len, claims_len;
	struct slice id, first_seen; /* of the device, as its board gives them */
	bool id_is_uuid;
	bool duplicate; /* flagged "duplicate-uuid": its UUIDs tell nothing */
};

/* Copies what is needed. 0; -EBADMSG: no JSON object with an id and a name, or too long; -ENOMEM.
 * After a failure the document is all zero. */
int fleet_document_read(struct fleet_document *document, struct slice payload);
void fleet_document_fini(struct fleet_document *document);
struct slice fleet_document_text(const struct fleet_document *document);
/* The next claim; *at is 0 at first. False at the end. */
bool fleet_document_next_claim(
    const struct fleet_document *document, size_t *at, struct fleet_claim *claim);

/* The order of texts by their bytes, as of memcmp(). */
int fleet_compare(struct slice a, struct slice b);

#endif

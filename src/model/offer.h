/* SPDX-License-Identifier: ISC
 * offer: what this host announces: its own device, and what files and programs offer. Every engine
 * renders an offer in its own protocol. */
#ifndef MODEL_OFFER_H
#define MODEL_OFFER_H

#include "model/offered_service.h"

/* What a device is announced as, besides its services: a root device by all three, an embedded one
 * by the last two (UDA 2.0, 1.2.2). What a program submits piece by piece has one of them. */
enum offered_part {
	OFFERED_AS_ROOT = 1,
	OFFERED_BY_UUID = 2,
	OFFERED_BY_TYPE = 4,
	OFFERED_EMBEDDED = OFFERED_BY_UUID | OFFERED_BY_TYPE,
	OFFERED_ROOT = OFFERED_AS_ROOT | OFFERED_EMBEDDED,
};

/* A device of ours. Its tree owns the strings: valid UTF-8, NULL where there is none. */
struct offered_device {
	char *udn;  /* "uuid:…" */
	char *type; /* "urn:…:device:…:1" */
	char *name; /* friendlyName and the NAME of the broadcast form, 1 … 64 bytes */
	char *manufacturer, *manufacturer_url;
	char *model, *model_number, *model_description, *model_url;
	char *serial, *presentation_url;
	struct offered_service *services;
	size_t service_count;
	size_t parent;  /* index of the device it is embedded in; its own for the root */
	unsigned parts; /* of enum offered_part */
};

/* A root device and what is embedded in it, under one URL: what comes and goes as one. Nothing but
 * its epoch changes while it is in the registry. */
struct offer {
	uint64_t number; /* names it among all that were ever in its registry; 0: in none yet */
	struct offered_device *devices; /* the first one is the root */
	size_t device_count;
	/* URL of the description, in which the host "*" stands for the address of ours that
	 * speaks; NULL: none, and then it is not announced by protocols that need one. */
	char *url;
	char *server;       /* of the program that it belongs to; NULL: ours */
	const char *source; /* where it comes from: a literal ("device", "control", …) or NULL */
	uint32_t epoch;     /* 31 bits, greater at each start of the announcement */
	uint32_t revision;  /* 0 … 16777215, follows the description's content */
};

/* All zero but for the number of devices; NULL when out of memory. */
struct offer *offer_new(void);
void offer_free(struct offer *tree);
/* Appends a device and returns it (all zero but for its parent and parts), or NULL when out of
 * memory. The first one is the root, all others are embedded. Earlier pointers become invalid. */
struct offered_device *offer_add_device(struct offer *tree, size_t parent);
/* 0 or -ENOMEM; copies both strings, an id may be NULL. */
int offered_device_add_service(struct offered_device *device, const char *type, const char *id);
/* Likewise of all that is said of a service. */
int offered_device_copy_service(
    struct offered_device *device, const struct offered_service *service);
/* False for what a program submitted piece by piece: one of several trees of one device. */
bool offer_is_whole(const struct offer *tree);
/* True when one of its devices has this UDN, regardless of the case of letters. */
bool offer_has_udn(const struct offer *tree, struct slice udn);

/* True when nothing that others are told differs: the number, epoch and revision are not compared.
 */
bool offer_says_the_same(const struct offer *a, const struct offer *b);

#endif

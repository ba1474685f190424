/* SPDX-License-Identifier: ISC
 * offered_service: a service that this host announces. */
#ifndef MODEL_OFFERED_SERVICE_H
#define MODEL_OFFERED_SERVICE_H

#include "base/writer.h"

/* Bytes. A TXT record stays within one packet (RFC 6763, 6.2); a pair has one byte for its length
 * (6.1); a name is one label of the domain name system (4.1.1). */
enum { OFFERED_TXT_MAX = 1300, OFFERED_PAIR_MAX = 255, OFFERED_NAME_MAX = 63 };

/* What it is in a protocol that does not know UPnP's types. Both are owned. */
struct offered_type {
	char *protocol; /* its name, as in struct protocol_id */
	char *type;     /* "_http._tcp", with subtypes behind commas (RFC 6763, 7.1) */
};

/* Owns everything. Texts are valid UTF-8, NULL where there is none. */
struct offered_service {
	char *type; /* "urn:…:service:…:1" */
	char *id;   /* "urn:…:serviceId:…" */
	char *name; /* of this instance, for people */
	char *path; /* on its port; begins with "/" */
	char *txt;  /* "key=value" pairs, each behind one byte with its length (RFC 6763, 6.1) */
	struct offered_type *types; /* one per protocol */
	size_t txt_len, type_count;
	uint16_t port; /* 0: none of its own */
};

/* Frees what it owns; it is then all zero. */
void offered_service_fini(struct offered_service *service);
/* A deep copy. 0, or -ENOMEM and *copy is all zero. */
int offered_service_copy(const struct offered_service *service, struct offered_service *copy);
/* True when nothing that is announced of them differs. */
bool offered_service_equal(const struct offered_service *a, const struct offered_service *b);
/* Appends a pair; `value` may hold any bytes, SLICE_NONE is a key without "=" (RFC 6763, 6.4). 0;
 * -EINVAL: the key is empty, has a "=" or anything but printable ASCII, or is there already, or the
 * pair is too long; -ENOSPC: all together are too long; -ENOMEM. */
int offered_service_add_pair(struct offered_service *service, struct slice key, struct slice value);
/* Sets the type of a protocol. 0; -EINVAL: the protocol is not known, or this is no type of it
 * (RFC 6763, 7: "_http._tcp", "_ipp._tcp,_universal"); -ENOMEM. */
int offered_service_set_type(
    struct offered_service *service, struct slice protocol, struct slice type);
/* NULL where it has none. */
const char *offered_service_type(const struct offered_service *service, const char *protocol);
/* Writes the id that a service of this type gets that has none (UDA 2.0, 2.3):
 * "urn:DOMAIN:serviceId:NAME", of standard types with upnp-org as its domain, and with a number
 * behind it where one of the `count` earlier services has it. Errors are the writer's. */
void offered_service_make_id(
    const struct offered_service *earlier, size_t count, struct slice type, struct writer *w);
/* True when one of them has this id; those that have none yet do not. */
bool offered_services_have_id(
    const struct offered_service *services, size_t count, struct slice id);

#endif

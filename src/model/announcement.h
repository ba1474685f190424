/* SPDX-License-Identifier: ISC
 * announcement: who we are and what this host offers; every engine renders it in its own words. */
#ifndef MODEL_ANNOUNCEMENT_H
#define MODEL_ANNOUNCEMENT_H

#include "base/writer.h"

enum { INSTANCE_TEXT_MAX = 17 }; /* 16 hexadecimal digits and a NUL */

struct announced_service {
	char *type; /* "urn:…:service:…:1" */
	char *id;   /* "urn:…:serviceId:…" */
};

/* What a device is announced as, besides its services: a root device by all three, an embedded one
 * by the last two (UDA 2.0, 1.2.2). What a program submits piece by piece has one of them. */
enum announced_part {
	ANNOUNCED_AS_ROOT = 1,
	ANNOUNCED_BY_UUID = 2,
	ANNOUNCED_BY_TYPE = 4,
	ANNOUNCED_EMBEDDED = ANNOUNCED_BY_UUID | ANNOUNCED_BY_TYPE,
	ANNOUNCED_ROOT = ANNOUNCED_AS_ROOT | ANNOUNCED_EMBEDDED,
};

/* A device of ours. Its tree owns the strings: valid UTF-8, NULL where there is none. */
struct announced_device {
	char *udn;  /* "uuid:…" */
	char *type; /* "urn:…:device:…:1" */
	char *name; /* friendlyName and the NAME of the broadcast form, 1 … 64 bytes */
	char *manufacturer, *manufacturer_url;
	char *model, *model_number, *model_description, *model_url;
	char *serial, *presentation_url;
	struct announced_service *services;
	size_t service_count;
	size_t parent;  /* index of the device it is embedded in; its own for the root */
	unsigned parts; /* of enum announced_part */
};

/* A root device and what is embedded in it, under one LOCATION: what comes and goes as one. Nothing
 * but its BOOTID changes while it is in an announcement. Numbers as UDA 2.0 1.2.2 says. */
struct announced_tree {
	uint64_t number; /* names it among all that were ever in its announcement; 0: in none yet */
	struct announced_device *devices; /* the first one is the root */
	size_t device_count;
	/* URL of the description, in which the host "*" stands for the address of ours that
	 * speaks; NULL: none, and then nobody can be told of the tree by SSDP. */
	char *location;
	char *server; /* of the program that it belongs to; NULL: ours */
	const char
	    *source; /* who wants it, for people: a literal ("device", "control", …) or NULL */
	uint32_t boot_id;   /* 31 bits, greater at each start */
	uint32_t config_id; /* 0 … 16777215, follows the description's content */
};

/* All zero but for the number of devices; NULL when out of memory. */
struct announced_tree *announced_tree_new(void);
void announced_tree_free(struct announced_tree *tree);
/* Appends a device and returns it (all zero but for its parent and parts), or NULL when out of
 * memory. The first one is the root, all others are embedded. Earlier pointers become invalid. */
struct announced_device *announced_tree_add_device(struct announced_tree *tree, size_t parent);
/* Writes the id that a service of this type gets who has none of his own (UDA 2.0, 2.3):
 * "urn:DOMAIN:serviceId:NAME", of standard types with upnp-org as its domain, and with a number
 * behind it where one of the `count` earlier services has it. Errors are the writer's. */
void announced_service_make_id(
    const struct announced_service *earlier, size_t count, struct slice type, struct writer *w);
/* True when one of them has this id; those that have none yet do not. */
bool announced_services_have_id(
    const struct announced_service *services, size_t count, struct slice id);
/* 0 or -ENOMEM; copies both strings, an id may be NULL. */
int announced_device_add_service(struct announced_device *device, const char *type, const char *id);
/* False for what a program submitted piece by piece: one of several trees of one device. */
bool announced_tree_is_whole(const struct announced_tree *tree);
/* True when one of its devices has this UDN, regardless of the case of letters. */
bool announced_tree_has_udn(const struct announced_tree *tree, struct slice udn);

/* True when nothing that others are told differs: the number, BOOTID and CONFIGID are not compared.
 */
bool announced_tree_says_the_same(const struct announced_tree *a, const struct announced_tree *b);

/* Owns its trees. The first one is this host's own root device and always there once the start is
 * over; the others belong to programs. */
struct announcement {
	struct announced_tree **trees;
	size_t tree_count;
	uint64_t last_number;
	char *server; /* "Linux/6.1 UPnP/2.0 discoverd/0.1" */
	/* A random number of this start, by which we know our own messages. */
	char instance[INSTANCE_TEXT_MAX];
	uint16_t http_port; /* where descriptions are served; 0: nowhere */
};

/* All zero: no tree yet. */
void announcement_init(struct announcement *announcement);
void announcement_fini(struct announcement *announcement);
/* Takes the tree over and numbers it. 0 or -ENOMEM. */
int announcement_add(struct announcement *announcement, struct announced_tree *tree);
/* Likewise in the place of the first tree, which is then the caller's (NULL: there was none). */
int announcement_replace_own(
    struct announcement *announcement, struct announced_tree *tree, struct announced_tree **former);
/* Takes a tree out for the caller to free; NULL where it is not in. Never the first one. */
struct announced_tree *announcement_take(struct announcement *announcement, uint64_t number);
const struct announced_tree *announcement_find(
    const struct announcement *announcement, uint64_t number);
/* Our own tree; NULL before there is one. */
const struct announced_tree *announcement_own(const struct announcement *announcement);
/* The tree with a device of this UDN, or NULL. */
const struct announced_tree *announcement_find_udn(
    const struct announcement *announcement, struct slice udn);

enum announcement_event {
	ANNOUNCEMENT_GONE,       /* the tree, which is not in the announcement any more */
	ANNOUNCEMENT_CAME,       /* the tree */
	ANNOUNCEMENT_RENUMBERED, /* every tree has another BOOTID (UDA 2.0, 1.2.4) */
	ANNOUNCEMENT_RETIMED,    /* lifetimes, intervals or targets are configured otherwise */
};
struct announcement_change {
	enum announcement_event event;
	const struct announced_tree *tree; /* of GONE and CAME, valid during the call */
};

/* The path of our own description below http://ADDRESS:PORT. */
#define ANNOUNCEMENT_PATH "/description.xml"

#endif

/* SPDX-License-Identifier: ISC
 * announcement: who we are and what this host offers; every engine renders it in its own words. */
#ifndef MODEL_ANNOUNCEMENT_H
#define MODEL_ANNOUNCEMENT_H

#include "base/slice.h"

enum { INSTANCE_TEXT_MAX = 17 }; /* 16 hexadecimal digits and a NUL */

struct announced_service {
	char *type; /* "urn:…:service:…:1" */
	char *id;   /* "urn:…:serviceId:…" */
};

/* A device of ours. The announcement owns its strings: valid UTF-8, NULL where there is none. */
struct announced_device {
	char *udn;  /* "uuid:…" */
	char *type; /* "urn:…:device:…:1" */
	char *name; /* friendlyName and the NAME of the broadcast form, 1 … 64 bytes */
	char *manufacturer, *manufacturer_url;
	char *model, *model_number, *model_description, *model_url;
	char *serial, *presentation_url;
	struct announced_service *services;
	size_t service_count;
	size_t parent; /* index of the device it is embedded in; its own for the root */
};

/* Index 0 is the root device. Numbers as UDA 2.0 1.2.2 says. */
struct announcement {
	struct announced_device *devices;
	size_t device_count;
	char *server; /* "Linux/6.1 UPnP/2.0 discoverd/0.1" */
	/* A random number of this start, by which we know our own messages. */
	char instance[INSTANCE_TEXT_MAX];
	uint32_t boot_id;   /* 31 bits, greater at each start */
	uint32_t config_id; /* 0 … 16777215, follows the description's content */
	uint16_t http_port; /* where the description is served; 0: nowhere, no LOCATION then */
};

/* All zero: no device yet. */
void announcement_init(struct announcement *announcement);
void announcement_fini(struct announcement *announcement);
/* Appends a device and returns it (all zero but for its parent), or NULL when out of memory.
 * Earlier pointers become invalid. */
struct announced_device *announcement_add_device(struct announcement *announcement, size_t parent);
/* 0 or -ENOMEM; copies both strings. */
int announced_device_add_service(struct announced_device *device, const char *type, const char *id);
/* True when one of the devices has this UDN, regardless of the case of letters. */
bool announcement_has_udn(const struct announcement *announcement, struct slice udn);
/* The path of the description below http://ADDRESS:PORT. */
#define ANNOUNCEMENT_PATH "/description.xml"

#endif

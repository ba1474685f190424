/* SPDX-License-Identifier: ISC
 * description: the UPnP device description (UDA 2.0, 2.3), read as a stream with bounds and
 * written; the only user of libxml2. */
#ifndef WIRE_DESCRIPTION_H
#define WIRE_DESCRIPTION_H

#include "base/writer.h"

enum {
	DESCRIPTION_BODY_MAX = 16 * 1024, /* default of description_reader_new's limit */
	DESCRIPTION_DEPTH_MAX = 16,
	DESCRIPTION_ELEMENTS_MAX = 512,
	DESCRIPTION_ATTRIBUTES_MAX = 16,
	DESCRIPTION_TEXT_MAX = 32 * 1024,
	DESCRIPTION_FIELD_MAX = 256, /* bytes kept of one field, cut at a character */
	DESCRIPTION_DEVICES_MAX = 16,
	DESCRIPTION_SERVICES_MAX = 64,
	DESCRIPTION_CONFIG_ID_MAX = 16777215, /* UDA 2.0, 1.2.2 */
};

struct described_service {
	char *type;
	char *id;
	unsigned device; /* index of its device */
};

/* One device of the tree; absent fields are NULL. Index 0 is the root, parents come before
 * children. */
struct described_device {
	char *udn;
	char *type;
	char *friendly_name;
	char *manufacturer;
	char *manufacturer_url;
	char *model_name;
	char *model_number;
	char *model_description;
	char *model_url;
	char *serial_number;
	char *presentation_url; /* as written; resolve it against url_base or LOCATION */
	char *icon_url;         /* of the first icon */
	unsigned parent;        /* index; its own for the root */
};

struct description {
	char *url_base; /* URLBase of UDA 1.0, or NULL */
	bool has_config_id;
	uint32_t config_id;
	struct described_device devices[DESCRIPTION_DEVICES_MAX];
	size_t device_count;
	struct described_service services[DESCRIPTION_SERVICES_MAX];
	size_t service_count;
	size_t ignored; /* devices and services beyond the caps, and fields that were cut */
	const char
	    *path;  /* only written: where it is served, which its services' URLs are made of */
	bool whole; /* the root element was closed: nothing is missing behind */
};

/* A push reader: feed what arrives, finish at the end. Owned by the caller. NULL when out of
 * memory. */
struct description_reader;
struct description_reader *description_reader_new(size_t body_max);
void description_reader_free(struct description_reader *reader);
/* 0, or for good: -EMSGSIZE (body or text over its bound), -E2BIG (depth, elements, attributes),
 * -EPERM (a DOCTYPE or an entity declaration), -EBADMSG (not well-formed), -ENOMEM. */
int description_reader_feed(struct description_reader *reader, struct slice bytes);
/* True once the root element was closed: what follows is not looked at. */
bool description_reader_complete(const struct description_reader *reader);
/* The error as above, -EBADMSG for a document without a root device; on 0 *out is the caller's, for
 * description_free. */
int description_reader_finish(struct description_reader *reader, struct description **out);
void description_free(struct description *description);

/* Writes the whole document: root, devices nested, services, every text escaped. */
void description_format(const struct description *description, struct writer *w);

#endif

/* SPDX-License-Identifier: ISC
 * description: the UPnP device description (UDA 2.0, 2.3), read as a stream with bounds and
 * written. */
#ifndef WIRE_DESCRIPTION_H
#define WIRE_DESCRIPTION_H

#include "base/writer.h"

enum {
	DESCRIPTION_BODY_MAX = 64 * 1024,     /* default of description_reader_new's limit */
	DESCRIPTION_READ_BY_MOST = 16 * 1024, /* others read no more, often */
	DESCRIPTION_DEPTH_MAX = 16,
	DESCRIPTION_TEXT_MAX = 32 * 1024, /* bytes of all fields together */
	DESCRIPTION_FIELD_MAX = 256,      /* bytes kept of one field, cut at a character */
	DESCRIPTION_DEVICES_MAX = 16,
	DESCRIPTION_SERVICES_MAX = 64,        /* of a description of ours */
	DESCRIPTION_SERVICES_READ_MAX = 128,  /* kept of one that is read */
	DESCRIPTION_ICONS_MAX = 8,            /* of one device */
	DESCRIPTION_CONFIG_ID_MAX = 16777215, /* UDA 2.0, 1.2.2 */
};

/* URLs are as written; resolve them against url_base or LOCATION. */
struct described_service {
	char *type;
	char *id;
	unsigned device; /* index of its device */
	char *scpd_url, *control_url, *event_url;
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
	char *presentation_url;
	struct {
		char *mimetype, *width, *height, *depth, *url;
	} icons[DESCRIPTION_ICONS_MAX];
	size_t icon_count;
	unsigned parent; /* index; its own for the root */
};

struct description {
	char *url_base; /* URLBase of UDA 1.0, or NULL */
	bool has_config_id;
	uint32_t config_id;
	struct described_device devices[DESCRIPTION_DEVICES_MAX];
	size_t device_count;
	struct described_service services[DESCRIPTION_SERVICES_READ_MAX];
	size_t service_count;
	size_t ignored; /* what lies beyond a bound above or below: devices, services, icons,
			   levels, attributes, fields that were cut or dropped */
	const char
	    *path;  /* only written: where it is served, which its services' URLs are made of */
	bool whole; /* the root element was closed: nothing is missing behind */
};

/* A push reader: feed what arrives, finish at the end. Owned by the caller. NULL when out of
 * memory. It reads what real devices send: what is broken costs no more than itself, what was read
 * before the end or before a bound counts, and surplus is ignored. Not closed fields count as
 * absent. */
struct description_reader;
struct description_reader *description_reader_new(size_t body_max);
void description_reader_free(struct description_reader *reader);
/* 0, or for good: -EMSGSIZE (more than body_max bytes; the surplus is ignored), -EPERM (a DOCTYPE
 * or an entity declaration), -ENOMEM. After -EMSGSIZE it may still be finished. */
int description_reader_feed(struct description_reader *reader, struct slice bytes);
/* True once the root element was closed: what follows is not looked at. */
bool description_reader_complete(const struct description_reader *reader);
/* 0, -EPERM or -ENOMEM as above, or -EBADMSG: no root device, or cut before any field of one. On 0
 * *out is the caller's, for description_free. It gives its result once. */
int description_reader_finish(struct description_reader *reader, struct description **out);
void description_free(struct description *description);

/* Writes the absolute URL that a reference in the description means (presentationURL, an icon's, a
 * service's): relative to URLBase where that is a URL by http or https, else to LOCATION (UDA 2.0,
 * 2.3), and escaped. 0, -ENOSPC, -EMSGSIZE (over URL_MAX), -EINVAL: no reference, no URL by http or
 * https, or one of this very host ("localhost", loopback, unspecified) in a description that
 * another host gave. */
int description_resolve(const struct description *description, struct slice location,
    const char *reference, struct writer *w);

/* Writes the whole document: root, devices nested, services, every text escaped. */
void description_format(const struct description *description, struct writer *w);

#endif

/* SPDX-License-Identifier: ISC
 * device_page: what the page of a device (its description) says beyond the facts of its endpoint.
 */
#ifndef MODEL_DEVICE_PAGE_H
#define MODEL_DEVICE_PAGE_H

#include "base/slice.h"

/* Bytes of a page that is kept, with all its texts; a real one needs 1 to 6 KiB. */
enum { DEVICE_PAGE_MAX = 16 * 1024 };
/* Bytes of one of its texts, with the NUL. */
enum { DEVICE_PAGE_TEXT_MAX = 513 };

/* Absent texts are NULL; URLs are absolute. */
struct page_service {
	const char *type, *id, *scpd_url, *control_url, *event_url;
	unsigned device; /* index of its device */
};

/* Index 0 is the device of the endpoint, what follows is embedded in it; parents come before
 * children.
 */
struct page_device {
	const char *udn, *type, *name, *manufacturer, *model, *serial, *presentation_url;
	const char *model_number, *model_description;
	unsigned parent; /* index; its own for the first */
};

struct device_page {
	struct page_device *devices;
	struct page_service *services;
	struct page_icon {
		const char *url, *mimetype;
		uint16_t width, height, depth; /* pixels, bits; 0: not known */
		unsigned device;
	} * icons;
	size_t device_count, service_count, icon_count;
	size_t ignored; /* of these three, what did not fit */
	size_t size;    /* bytes of the block, 0 for what is no copy */
};

/* A copy in one block, for free(), of DEVICE_PAGE_MAX bytes at most: of devices, icons and
 * services, in this order, those come first that fit. Texts are cleaned. NULL when out of memory.
 */
struct device_page *device_page_copy(const struct device_page *page);

#endif

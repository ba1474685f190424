/* SPDX-License-Identifier: ISC
 * page_walk: the devices that only pages of a device's endpoints name: those embedded in another
 * one that have not been heard themselves. */
#ifndef CONTROL_PAGE_WALK_H
#define CONTROL_PAGE_WALK_H

#include "model/device.h"

/* Begins all zero but for the device. Valid until the table changes. */
struct page_walk {
	const struct device *device;
	const struct endpoint *endpoint; /* whose page has it */
	unsigned index;                  /* of the page's device */
};

/* The next device of a page that is no endpoint, each key once per protocol. False at the end. */
bool page_walk_next(struct page_walk *walk);
/* Writes the canonical key of what this endpoint is embedded in. False where no page says so. */
bool page_parent_key(const struct endpoint *endpoint, char out[KEY_TEXT_MAX]);

#endif

/* SPDX-License-Identifier: ISC
 * description_page: a UPnP description as the page of a device of the table. */
#ifndef ENGINE_DESCRIPTION_PAGE_H
#define ENGINE_DESCRIPTION_PAGE_H

#include "model/device_page.h"
#include "wire/description.h"

/* What the description says of one of its devices, and of what is embedded in that: with absolute
 * URLs (see description_resolve). Its texts are lent by the description and die with it; for
 * free(). NULL when out of memory. */
struct device_page *description_page_new(
    const struct description *description, size_t device, struct slice location);

#endif

/* SPDX-License-Identifier: ISC
 * page_reader: what reads a page that describes a device, whatever its format. */
#ifndef WIRE_PAGE_READER_H
#define WIRE_PAGE_READER_H

#include "wire/description.h"

/* The functions do what those of description_reader do, on a reader of their own. */
struct page_reader_type {
	void *(*create)(size_t body_max);
	void (*destroy)(void *reader);
	int (*feed)(void *reader, struct slice bytes);
	bool (*complete)(const void *reader);
	int (*finish)(void *reader, struct description **out);
};

/* Descriptions of UPnP. */
extern const struct page_reader_type DESCRIPTION_PAGE_READER;

#endif

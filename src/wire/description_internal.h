/* SPDX-License-Identifier: ISC
 * description_internal: the elements of a device description, for its reader and its writer alone.
 */
#ifndef WIRE_DESCRIPTION_INTERNAL_H
#define WIRE_DESCRIPTION_INTERNAL_H

#include "wire/description.h"

/* The elements that mean something, by what they do. */
enum element {
	ELEMENT_UNKNOWN,
	ELEMENT_DOCUMENT, /* what encloses the root element */
	ELEMENT_ROOT,
	ELEMENT_DEVICE,
	ELEMENT_ICON_LIST,
	ELEMENT_ICON,
	ELEMENT_SERVICE_LIST,
	ELEMENT_SERVICE,
	ELEMENT_DEVICE_LIST,
	ELEMENT_ROOT_TEXT, /* a text of struct description */
	ELEMENT_DEVICE_TEXT,
	ELEMENT_ICON_TEXT,
	ELEMENT_SERVICE_TEXT,
};

/* Which element of which parent is what, and where its text goes. Namespaces are not looked at:
 * real devices differ. Rows of one parent stand in the order in which UDA 2.0 2.3 wants them
 * written. */
struct element_row {
	enum element parent;
	const char *name;
	enum element self;
	size_t offset; /* of a text in its struct */
	bool required; /* written even when it is empty */
	bool whole;    /* a part of it is worth nothing: one that is too long is dropped */
};
extern const struct element_row DESCRIPTION_ROWS[];
extern const struct element_row *const DESCRIPTION_ROWS_END;

#endif

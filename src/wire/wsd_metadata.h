/* SPDX-License-Identifier: ISC
 * wsd_metadata: what a device says of itself by the Devices Profile for Web Services: asked for by
 * WS-Transfer Get. */
#ifndef WIRE_WSD_METADATA_H
#define WIRE_WSD_METADATA_H

#include "wire/page_reader.h"

#define WSD_METADATA_TYPE "application/soap+xml"

/* A Get for the endpoint `to`, in the addressing of August 2004, which all devices read. `id` is
 * another one for each. */
void wsd_get_format(struct slice to, struct slice id, struct writer *w);

/* Reads the answer: a description of one device. The name of a computer, "NAME/Workgroup:X", is its
 * friendly name. */
extern const struct page_reader_type WSD_METADATA_READER;

#endif

/* SPDX-License-Identifier: ISC
 * wsd_metadata: what a device says of itself by the Devices Profile for Web Services: asked for by
 * WS-Transfer Get. */
#ifndef WIRE_WSD_METADATA_H
#define WIRE_WSD_METADATA_H

#include "wire/page_reader.h"
#include "wire/wsd_message.h"

#define WSD_METADATA_TYPE "application/soap+xml"

/* A Get for the endpoint `to`, in the addressing that belongs to the dialect that it speaks: a
 * device of DPWS 1.1 may refuse the other one. `id` is another one for each. */
void wsd_get_format(enum wsd_dialect dialect, struct slice to, struct slice id, struct writer *w);

/* Reads the answer: a description of one device. The name of a computer, "NAME/Workgroup:X", is its
 * friendly name. */
extern const struct page_reader_type WSD_METADATA_READER;

#endif

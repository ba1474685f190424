/* SPDX-License-Identifier: ISC
 * xml_loader: libxml2, loaded when it is needed or linked; one file for each. */
#ifndef DISCOVERD_XML_LOADER_H
#define DISCOVERD_XML_LOADER_H

#include "wire/xml_parser.h"

/* NULL, or why it failed. */
const char *xml_loader_load(struct xml_library *library);

#endif

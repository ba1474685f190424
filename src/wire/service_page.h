/* SPDX-License-Identifier: ISC
 * service_page: what stands behind the three URLs of a service that we describe (UDA 2.0, 2.5, 3.2
 * and 4.1): a description without actions, a control URL that knows none, and no events. */
#ifndef WIRE_SERVICE_PAGE_H
#define WIRE_SERVICE_PAGE_H

#include "base/writer.h"

enum service_page { SERVICE_PAGE_DESCRIPTION, SERVICE_PAGE_CONTROL, SERVICE_PAGE_EVENTS };

/* Writes the path of a page of the service with this index in the device description that is served
 * at `document`: "/description/service/0.xml" of "/description.xml"; …/0/control, …/0/events. */
void service_page_path(
    struct slice document, size_t index, enum service_page page, struct writer *w);
/* The inverse: true when `path` is a page of one of the first `count` services there. */
bool service_page_find(
    struct slice path, struct slice document, size_t count, enum service_page *page);

/* The description of every service (SCPD; UDA 2.0, 2.5): what it does is specified by its type, so
 * no action is listed, and the one variable that the schema asks for is not evented. */
extern const char SERVICE_PAGE_SCPD[];
/* The response to every action: SOAP fault 401, Invalid Action (UDA 2.0, 3.2.5). */
extern const char SERVICE_PAGE_FAULT[];

#endif

/* SPDX-License-Identifier: ISC
 * html_device: the page of one device, with all that is known of it. */
#ifndef WEB_HTML_DEVICE_H
#define WEB_HTML_DEVICE_H

#include "web/html_page.h"

struct json_object;

/* The whole page, of a Device of io.discoverd; its title and id are those of the device. */
void html_device(const struct html_page *page, struct json_object *device, struct html *html);

#endif

/* SPDX-License-Identifier: ISC
 * html_map: the map: this host, its interfaces, bridges and their ports, and the devices there, as
 * a picture. */
#ifndef WEB_HTML_MAP_H
#define WEB_HTML_MAP_H

#include "web/html_page.h"

struct json_object;

/* The whole page: one picture for wide windows, one for narrow ones; the style sheet hides one.
 * Borrows the reply of Status, and the arrays of Interfaces and List of io.discoverd. */
void html_map(const struct html_page *page, struct json_object *status,
    struct json_object *interfaces, struct json_object *devices, struct html *html);
/* The wide one as a document of its own, SVG. */
void html_map_svg(struct json_object *status, struct json_object *interfaces,
    struct json_object *devices, struct html *html);

#endif

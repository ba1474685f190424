/* SPDX-License-Identifier: ISC
 * html_page: what all pages have around their content. */
#ifndef WEB_HTML_PAGE_H
#define WEB_HTML_PAGE_H

#include "web/html.h"

/* Everything is borrowed. */
struct html_page {
	struct slice title;
	struct slice host;     /* name of this host */
	const char *path;      /* "/", "/map": where the navigation is; NULL: elsewhere */
	struct slice id;       /* of the only device that is shown; SLICE_NONE */
	struct slice revision; /* whose changes follow by /events; SLICE_NONE: all are wanted */
	bool connected;        /* to discoverd */
};

/* The content comes between. */
void html_page_begin(const struct html_page *page, struct html *html);
void html_page_end(struct html *html);
/* A whole page that only says something: of an error. */
void html_page_message(const struct html_page *page, const char *text, struct html *html);

#endif
